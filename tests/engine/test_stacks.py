"""Every stack lives its whole life under the real engine, judged by the policy pack from the first preview on."""

import json
from dataclasses import dataclass

import pytest

from components.berths.registry import BERTHS

from . import findings
from .cli import PROJECT, Checkout, Run
from .standin.invokes import REGISTRY_PASSWORD
from .standin.wire import UNKNOWN

PROFILE = "deployer"
STACKS = sorted(path.name.removeprefix("Pulumi.").removesuffix(".yaml") for path in PROJECT.glob("Pulumi.*.yaml"))

pytestmark = pytest.mark.engine


@dataclass(frozen=True)
class Life:
    """What every command of a stack's life gave."""

    stack: str
    checkout: Checkout
    first: Run
    up: Run
    outputs: Run
    state: Run
    passwords: set[str]
    analysis: Run
    again: Run
    rebound: Run
    destroy: Run
    second: Run
    end: Run


@pytest.fixture(scope="module", params=STACKS)
def life(request: pytest.FixtureRequest, providers: str, tmp_path_factory: pytest.TempPathFactory) -> Life:
    """Live a stack's life from its first preview to its end."""
    checkout = Checkout(tmp_path_factory.mktemp(request.param), providers)
    checkout.pulumi("stack", "init", request.param)
    checkout.pulumi("config", "set", "aws:profile", PROFILE)
    first = checkout.preview()
    up = checkout.pulumi("up", "--yes", "--policy-pack", "policy", logged=True)
    state = checkout.pulumi("stack", "export")
    (checkout.root / "state.json").write_text(state.output)
    outputs = checkout.pulumi("stack", "output", "--json")
    passwords = findings.passwords(checkout)
    analysis = checkout.pulumi("policy", "analyze", "--file", "state.json", "--policy-pack", "policy")
    again = checkout.preview("--expect-no-changes")
    checkout.edit("components/rooms/database/database.py", "PASSWORD_LENGTH = 40", "PASSWORD_LENGTH = 41")
    rebound = checkout.pulumi("up", "--yes", "--policy-pack", "policy", logged=True)
    passwords |= findings.passwords(checkout)
    return Life(
        stack=request.param,
        checkout=checkout,
        first=first,
        up=up,
        outputs=outputs,
        state=state,
        passwords=passwords,
        analysis=analysis,
        again=again,
        rebound=rebound,
        destroy=checkout.pulumi("destroy", "--yes"),
        second=checkout.pulumi("up", "--yes", logged=True),
        end=checkout.pulumi("destroy", "--yes"),
    )


def test_every_backend_has_a_stack() -> None:
    """The stack files that the README names are there."""
    assert {"beanstalk-dev", "dev", "ec2-dev", "ecs-ec2-dev", "ecs-fargate-dev", "eks-dev", "lambda-dev"} <= set(STACKS)


def test_first_preview_passes(life: Life) -> None:
    """A preview before anything exists goes through, and so does every mandatory rule."""
    assert life.first.code == 0, life.first.output
    assert [verdict for verdict in life.first.verdicts if verdict.level == "mandatory"] == []


def test_first_preview_leaves_no_rule_undecided(life: Life) -> None:
    """No rule is put off until `up`, which is when a root container would run already."""
    undecided = ("can't be known during preview", "can't run policy")
    messages = [verdict.message for verdict in life.first.verdicts]
    assert [message for message in messages if any(words in message for words in undecided)] == []
    assert not any(words in life.first.output for words in undecided)


def test_first_preview_shows_and_judges_the_containers(life: Life) -> None:
    """The containers are there with everything a policy reads, and the non-root rule has passed each of them."""
    shown = findings.containers(life.first)
    assert shown, f"no container in the first preview of {life.stack}:\n{life.first.output}"
    for urn, containers in shown.items():
        assert UNKNOWN not in json.dumps(containers)
        assert any("non-root" in rule for rule in life.first.passed[urn]), urn


def test_first_preview_finds_the_build_context(life: Life) -> None:
    """The Docker provider reads the Dockerfile at preview, relative to the program's folder."""
    images = findings.of_type(life.first, "docker:index/image:Image")
    assert len(images) == (2 if life.stack == "lambda-dev" else 1)  # a function has an image of its own
    for image in images:
        assert (life.checkout.root / image["build"]["context"]).is_dir()
        assert (life.checkout.root / image["build"]["dockerfile"]).is_file()


def test_goes_up(life: Life) -> None:
    """Everything that the preview promised can be made, and what runs is what was judged."""
    assert life.up.code == 0, life.up.output
    assert set(findings.containers(life.up)) == set(findings.containers(life.first))


def test_outputs_tell_how_to_use_it(life: Life) -> None:
    """The outputs are all known: where it is, what runs there and on what, and how to get in."""
    outputs = json.loads(life.outputs.output)
    assert outputs["url"].startswith("https://")
    assert ".dkr.ecr." in outputs["images"]["biometric"]
    [(berth, access)] = outputs["access"]["biometric"].items()
    assert berth in BERTHS and access.startswith("aws ")


def test_no_secret_in_the_clear(life: Life) -> None:
    """The database's and the registry's password stand in the state encrypted, and nowhere else."""
    assert life.passwords
    seen = [life.first, life.up, life.outputs, life.state, life.again, life.analysis, life.rebound]
    for secret in {*life.passwords, REGISTRY_PASSWORD}:
        for run in seen:
            assert secret not in run.output
            assert secret not in json.dumps(run.events)


def test_second_preview_shows_no_changes(life: Life) -> None:
    """The program says the same twice."""
    assert life.again.code == 0, life.again.output


def test_state_passes_the_pack(life: Life) -> None:
    """What was made is judged as well as what was planned."""
    if "unknown command" in life.analysis.output:
        pytest.skip("this pulumi CLI cannot analyze a state file")
    assert life.analysis.code == 0, life.analysis.output


def test_a_changed_password_starts_the_workload_anew(life: Life) -> None:
    """It reaches a container at its start only, and nothing that describes the container holds it."""
    assert life.rebound.code == 0, life.rebound.output
    changed = findings.changed_types(life.rebound)
    workloads = {"aws:ecs/service:Service", "kubernetes:apps/v1:Deployment", "aws:autoscaling/group:Group"}
    workloads |= {"aws:elasticbeanstalk/environment:Environment", "aws:lambda/function:Function"}
    assert [changed[token] for token in workloads & changed.keys()] == [{"update"}]
    assert "aws:ecs/taskDefinition:TaskDefinition" not in changed
    assert findings.containers(life.rebound) == findings.containers(life.up)


def test_the_cluster_is_reached_with_the_stacks_profile(life: Life) -> None:
    """The component's kubeconfig leaves the profile out."""
    resources = json.loads(life.state.output)["deployment"]["resources"]
    own = [one for one in resources if one["type"] == "pulumi:providers:kubernetes" and "eks-k8s" not in one["urn"]]
    assert len(own) == (life.stack == "eks-dev")
    for provider in own:
        [user] = json.loads(provider["inputs"]["kubeconfig"])["users"]
        assert user["user"]["exec"]["args"][-2:] == ["--profile", PROFILE]


def test_is_destroyed(life: Life) -> None:
    """Nothing is left that would stop the end."""
    assert life.destroy.code == 0, life.destroy.output


def test_goes_up_again_beside_the_log_groups_that_were_left(life: Life) -> None:
    """AWS's services write theirs again after the end; they are adopted, and expire like new ones."""
    assert life.second.code == 0, life.second.output
    assert life.end.code == 0, life.end.output
    groups = findings.of_type(life.second, "aws:cloudwatch/logGroup:LogGroup")
    assert all(group["retentionInDays"] for group in groups)
    adopted = {urn.rpartition("-")[2] for urn, steps in life.second.steps.items() if {"import", "update"} <= steps}
    own = {"eks-dev": ["plane"], "ec2-dev": [], "beanstalk-dev": [], "lambda-dev": []}.get(life.stack, ["insights"])
    assert adopted == {"postgresql", "upgrade", *own}
