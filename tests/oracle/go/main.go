// The command oracle judges pods with the very code of Kubernetes' Pod Security admission, one a line.
package main

import (
	"berth/lines"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/pod-security-admission/api"
	"k8s.io/pod-security-admission/policy"
	kjson "sigs.k8s.io/json"
)

// question is one pod, and the standard to judge it by.
type question struct {
	Level       string            `json:"level"`
	Version     string            `json:"version"`
	PodMetadata metav1.ObjectMeta `json:"podMetadata"`
	PodSpec     corev1.PodSpec    `json:"podSpec"`
}

// answer is the verdict on one question. Reasons and Details belong together by their places, as in upstream's own
// result; Error says that the question cannot be read as a pod, which an API server would not accept either.
type answer struct {
	Allowed bool     `json:"allowed"`
	Reasons []string `json:"reasons,omitempty"`
	Details []string `json:"details,omitempty"`
	Error   string   `json:"error,omitempty"`
}

func main() {
	// No emulated version: every version that the module knows can be asked for.
	evaluator, err := policy.NewEvaluator(policy.DefaultChecks(), nil)
	if err != nil {
		lines.Fail(err)
	}
	lines.Serve(func(line []byte) any { return judge(evaluator, line) })
}

func judge(evaluator policy.Evaluator, line []byte) answer {
	var asked question
	// As the API server reads: a key in another case than Kubernetes' own is another key.
	if err := kjson.UnmarshalCaseSensitivePreserveInts(line, &asked); err != nil {
		return answer{Error: err.Error()}
	}
	level, err := api.ParseLevel(asked.Level)
	if err != nil {
		return answer{Error: err.Error()}
	}
	version, err := api.ParseVersion(asked.Version)
	if err != nil {
		return answer{Error: err.Error()}
	}
	setVolumeDefaults(&asked.PodSpec)
	standard := api.LevelVersion{Level: level, Version: version}
	result := policy.AggregateCheckResults(evaluator.EvaluatePod(standard, &asked.PodMetadata, &asked.PodSpec))
	return answer{Allowed: result.Allowed, Reasons: result.ForbiddenReasons, Details: result.ForbiddenDetails}
}

// setVolumeDefaults does what the API server has done before its admission controller sees a pod: a volume without any
// source is an emptyDir. The evaluator alone calls such a volume one of an unknown type. No other default of the API
// server changes a verdict: the fields that the checks read have none, or one that the checks take for the same.
func setVolumeDefaults(pod *corev1.PodSpec) {
	for i := range pod.Volumes {
		if pod.Volumes[i].VolumeSource == (corev1.VolumeSource{}) {
			pod.Volumes[i].EmptyDir = &corev1.EmptyDirVolumeSource{}
		}
	}
}
