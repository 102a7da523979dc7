"""Units of Quadlet beside podman's own generator: what is rehearsed and judged is what systemd would run."""

from __future__ import annotations

import base64
import json
import re
import subprocess
from pathlib import Path

import pytest

from berth.plan import Plan
from berth.rehearse.drivers.ec2.units import extract
from components.berths.ec2.units import Place, secret_names, units
from components.service.spec import ContainerSecurity, File, Sidecar, Source
from policy.judge import judge
from tests.components.specs import service
from tests.policy.cases.machines import config, machine, unit
from tests.rehearse.plans import resource

from .build import UNITS

pytestmark = pytest.mark.oracle

ODD = ("a b", "100%", "%h", "$HOME", "${A}", 'q"q', "it's", "back\\slash", "x\ny\tz", "größe 😀", "-x")
AGENT = Sidecar("agent", "registry.example/agent:2", cpu=32, memory=64, command=ODD, health_command=("check", *ODD))
SPEC = service(
    environment={f"V{number}": word for number, word in enumerate(ODD)},
    command=("serve", *ODD),
    entrypoint=("/bin/sh", *ODD),
    secrets={"TOKEN": Source(parameter="/shop/token")},
    files=(File("/etc/shop/app.yaml", "a: 1\n"), File("/etc/shop/key", Source("shop/tls"))),
    sidecars=(AGENT,),
)
# What the generator adds for systemd's sake, or the rehearsal says in another way; each with its value.
LEFT_OUT = re.compile(
    r"--(name|log-driver|cgroups|pod|network|publish|sdnotify|health-\S+|secret|infra-\S+)(=[\s\S]*)?|--(replace|rm)|-d"
)
SHORT = {"-v": "--volume"}
SWITCHES = {"--read-only", "--replace", "--rm", "-d"}


def generated(folder: Path, given: dict[str, str]) -> dict[str, list[str]]:
    """Return the words of the command that each unit's service starts, as systemd reads them."""
    for name, text in given.items():
        (folder / name).write_text(text)
    environment = {"QUADLET_UNIT_DIRS": str(folder), "PATH": "/usr/bin:/bin"}
    done = subprocess.run([UNITS.binary(), "-dryrun"], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    parts = re.split(r"^---(\S+)---$", done.stdout, flags=re.MULTILINE)[1:]
    found = {}
    for name, text in zip(parts[::2], parts[1::2], strict=True):
        line = re.search(r"^ExecStart=(.*)$", text, re.MULTILINE)
        assert line
        found[name] = [_read(word) for word in re.findall(r'"((?:\\.|[^"\\])*)"|(\S+)', line[1])]
    return found


def _read(word: tuple[str, str]) -> str:
    """Return a word as systemd does: C's escapes, then specifiers and variables that were doubled (systemd.service)."""
    text = word[0] or word[1]
    plain = {"n": "\n", "t": "\t", '"': '"', "\\": "\\"}
    text = re.sub(r"\\(x..|.)", lambda one: chr(int(one[1][1:], 16)) if one[1][0] == "x" else plain[one[1]], text)
    return text.replace("%%", "%").replace("$$", "$")


def options(words: list[str]) -> list[str]:
    """Return the options of a ``podman run`` as ``--option=value``, without what only systemd needs."""
    found, rest = [], list(words)
    while rest:
        word = rest.pop(0)
        if "=" not in word and word not in SWITCHES:
            word = f"{SHORT.get(word, word)}={rest.pop(0)}"
        if not LEFT_OUT.fullmatch(word):
            found.append(word)
    return sorted(found)


def test_what_is_rehearsed_is_what_podman_generates(tmp_path: Path) -> None:
    parameters = {"DATABASE_HOST": "/berth/x/host", "DATABASE_PASSWORD": "/berth/x/password"}
    given = units(SPEC, Place(secret_names(SPEC, parameters), parameters, "eu-central-1"))
    commands = generated(tmp_path, given)
    written = [{"path": f"/etc/containers/systemd/{name}", "content": text} for name, text in given.items()]
    text = "#cloud-config\n" + json.dumps({"write_files": written}, ensure_ascii=False)
    template = resource(
        "aws:ec2/launchTemplate:LaunchTemplate", "x", {"userData": base64.b64encode(text.encode()).decode()}
    )
    entries = extract(Plan("x", [template], {}), template, ContainerSecurity(), "biometric").entries
    assert len(entries) == 3
    for entry in entries:
        words = commands[f"berth-{entry.container.name}.service"]
        assert words[:2] == ["/usr/bin/podman", "run"]
        at = words.index(entry.container.image)
        assert words[at + 1 :] == list(entry.command)
        ours = sorted(one for one in entry.options if one != "--no-healthcheck")
        assert options(words[2:at]) == ours, entry.container.name
        for probe in entry.container.probes:
            [asked] = [words[index + 1] for index, word in enumerate(words) if word == "--health-cmd"]
            assert json.loads(asked) == list(probe.command)


@pytest.mark.parametrize(
    ("more", "word"),
    [
        ((), None),
        (("User=0",), "--user=0"),
        (("DropCapability=",), None),
        (("Network=host",), "--network=host"),
        (("PodmanArgs=--privileged",), "--privileged"),
        (("AddCapability=SYS_ADMIN",), "--cap-add=sys_admin"),
    ],
    ids=str,
)
def test_a_unit_is_judged_by_what_podman_generates(tmp_path: Path, more: tuple[str, ...], word: str | None) -> None:
    text = unit(*more).replace("[Service]\n", "")
    [words] = generated(tmp_path, {"shop.container": text}).values()
    run = " ".join(words)
    good = bool(re.search(r"--user 10001(:10001)?", run)) and "--cap-drop all" in run and "no-new-privileges" in run
    good = good and not re.search(r"--privileged|--cap-add|--network host", run)
    broken = [one for one in judge([machine(config(text))]) if one.policy.startswith("machine-")]
    assert (not broken) == good
    assert good == (not more)
    if word:
        assert word.replace("=", " ") in run or word in run
