from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from berth.difference import base_at, compared
from berth.errors import ConfigError, ProgramError
from berth.plan import Secret
from berth.record import record_plan
from policy.rules.registry import RULES

from .conftest import Repository, toy


def test_the_program_of_the_revision_runs_with_its_own_modules(repository: Repository) -> None:
    # This process has modules of the same names already; neither they nor the working tree's may be used.
    import components.settings

    assert components.settings.__file__
    (bucket,) = base_at("dev", repository.root, "first").plan.resources
    assert bucket.inputs["tags"] == {"settings": "first", "room": "first"}
    assert bucket.source == "components/room.py:4"


def test_nothing_is_left_behind(repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    monkeypatch.setattr("tempfile.tempdir", None)
    before = repository.git("status", "--porcelain"), sorted(path.name for path in (repository.root / ".git").iterdir())
    base_at("dev", repository.root, "first")
    after = repository.git("status", "--porcelain"), sorted(path.name for path in (repository.root / ".git").iterdir())
    assert before == after
    assert list(temporary.iterdir()) == []


def test_a_project_below_the_repository_s_top_and_a_hook_s_environment(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository.write({f"sub/dir/{name}": text for name, text in toy("below").items()})
    repository.commit("third")
    monkeypatch.setenv("GIT_DIR", os.devnull)
    monkeypatch.setenv("GIT_INDEX_FILE", os.devnull)
    base = base_at("dev", repository.root / "sub" / "dir", "third")
    assert base.plan.resources[0].inputs["tags"]["room"] == "below"
    absent = base_at("dev", repository.root / "sub" / "dir", "second")
    assert not absent.plan.resources and absent.notices


def test_a_module_that_only_this_checkout_has_is_missing(repository: Repository) -> None:
    repository.write(toy("third", "import policy\n"))
    repository.commit("third")
    with pytest.raises(ProgramError, match=r"third .*\n.*\n.*No module named 'policy'"):
        base_at("dev", repository.root, "third")


def test_secrets_arrive_sealed_and_comparable(repository: Repository) -> None:
    code = (
        "import pulumi\nimport pulumi_aws as aws\n"
        "aws.ssm.Parameter('p', type='String', value=pulumi.Output.secret({!r}))\n"
    )
    for tag, value in (("one", "hunter2"), ("two", "other")):
        repository.write(toy("x", code.format(value)))
        repository.commit(tag)
    base = base_at("dev", repository.root, "one")
    assert "hunter2" not in repr(base.plan)
    (parameter,) = base.plan.of_type("aws:ssm/parameter:Parameter")
    assert isinstance(parameter.inputs["value"], Secret)
    assert re.fullmatch("[0-9a-f]{64}", parameter.inputs["value"].value)
    assert base.salt.hex() not in repr(base)
    for value, changed in (("hunter2", []), ("other", ["p"])):
        # Not the toy's components again: this process holds the project's.
        directory = repository.root.parent / value
        directory.mkdir()
        for name in ("Pulumi.yaml", "Pulumi.dev.yaml"):
            (directory / name).write_text((repository.root / name).read_text())
        (directory / "__main__.py").write_text(code.format(value))
        found = compared(base, record_plan("dev", directory), ()).difference
        assert [item.resource.name for item in found.of_kind("update")] == changed


def test_a_stack_that_is_new(repository: Repository) -> None:
    repository.write({"Pulumi.new.yaml": "config:\n  aws:region: eu-west-1\n"})
    repository.commit("third")
    base = base_at("new", repository.root, "second")
    assert not base.plan.resources
    assert "no Pulumi.new.yaml: everything is new" in base.notices[0]
    found = compared(base, base_at("dev", repository.root, "second").plan, ())
    assert [item.kind for item in found.difference.resources] == ["create"]
    assert found.notices == base.notices


def test_what_is_encrypted_anew_is_named(repository: Repository) -> None:
    for tag in ("one", "two"):
        repository.write(
            {
                "Pulumi.dev.yaml": "config:\n  aws:region: eu-west-1\n  toy:service:\n    tokens:\n"
                f"      - secure: {tag}\n    same: {{secure: same}}\n"
            }
        )
        repository.commit(tag)
    (notice,) = base_at("dev", repository.root, "one").notices
    assert notice.endswith("not seen here: toy:service.tokens.0.")
    assert not base_at("dev", repository.root, "two").notices


def test_violations_of_the_base_are_found(repository: Repository) -> None:
    base = base_at("dev", repository.root, "first")
    assert any("logs" in item.resource for item in base.violations)
    for item in base.violations:
        rule = RULES[item.policy]
        assert (item.severity, item.remediation, item.frameworks) == (
            rule.severity.value,
            rule.remediation,
            rule.frameworks,
        )


@pytest.mark.parametrize(
    ("more", "kind", "said"),
    [
        ("raise RuntimeError('broken')\n", ProgramError, "broken"),
        ("import os\nos._exit(7)\n", ProgramError, "exit code 7"),
        ("import pulumi\npulumi.Config().require('gone')\n", ConfigError, "toy:gone"),
    ],
)
def test_a_program_that_fails(repository: Repository, more: str, kind: type[Exception], said: str) -> None:
    repository.write(toy("third", more))
    repository.commit("third")
    with pytest.raises(kind, match="third") as caught:
        base_at("dev", repository.root, "third")
    assert said in str(caught.value)
    assert getattr(caught.value, "exit_code", None) == 2


def test_what_a_program_prints_past_python_is_no_answer(repository: Repository) -> None:
    repository.write(toy("third", "import os\nos.write(1, b'{}')\nos.system('echo noise')\n"))
    repository.commit("third")
    assert len(base_at("dev", repository.root, "third").plan.resources) == 1


def test_no_such_revision(repository: Repository) -> None:
    with pytest.raises(ConfigError, match="no commit 'nowhere'"):
        base_at("dev", repository.root, "nowhere")
    with pytest.raises(ConfigError, match="no commit '--all'"):
        base_at("dev", repository.root, "--all")


def test_a_shallow_clone_says_what_to_fetch(repository: Repository, tmp_path: Path) -> None:
    repository.git("clone", "--quiet", "--depth=1", f"file://{repository.root}", str(tmp_path / "shallow"))
    with pytest.raises(ConfigError, match="shallow"):
        base_at("dev", tmp_path / "shallow", "first")


def test_no_checkout(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="not in a git checkout"):
        base_at("dev", tmp_path, "main")
