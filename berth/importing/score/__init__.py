"""Score: ``score.yaml``, one workload; the keys are those of https://github.com/score-spec/spec, score-v1b1.json."""
