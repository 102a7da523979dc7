"""Whatever a stack file holds, the answer is settings or a report: never a traceback, never silence about a slip."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as profile
from hypothesis import strategies as st

from berth.config import load
from berth.errors import ConfigError
from components.config.reading import all_paths
from components.settings import SETTINGS, SettingsError, parse

ROOT = Path(__file__).parents[2]
START = b"config:\n  aws:region: us-east-1\n  berth:backend: ecs-fargate\n"


@pytest.fixture(scope="module")
def root(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with this one's Pulumi.yaml, and a sample to build."""
    folder = tmp_path_factory.mktemp("files")
    shutil.copytree(project, folder, dirs_exist_ok=True)
    shutil.copy(ROOT / "Pulumi.yaml", folder)
    return folder


def said(root: Path, content: bytes) -> str:
    """Return what is said of a stack file; nothing if it can be used."""
    (root / "Pulumi.dev.yaml").write_bytes(content)
    try:
        config = load(root, "dev")
        parse("dev", config.values, root, config.secret_keys)
        return "\n".join(config.notices)
    except ConfigError as error:
        return str(error)
    except SettingsError as error:
        text = str(error)
        for label in ("given", "problem", "allowed", "example"):
            assert text.count(f"\n   {label:<8} ") >= len(error.problems)
        return text


def readable(text: str) -> bool:
    """Say whether a terminal can show a text, and a reader will read it."""
    return all(one.isprintable() or one == "\n" for one in text) and len(text) < 50_000


ODD = {
    "nothing at all": (b"", "aws:region\n"),
    "a comment": (b"# nothing yet\n", "aws:region\n"),
    "a list": (b"- config\n", "is a list, and must be an object"),
    "text": (b"config\n", "is a single value, and must be an object"),
    "config is a list": (b"config: [a]\n", "`config` must be a mapping"),
    "a tab": (b"config:\n\taws:region: a\n", "line 2, column 1: .* this line begins with a tab"),
    "not UTF-8": (START + b"  berth:x: caf\xe9\n", "line 4 holds a byte that is not allowed"),
    "a control character": (START + b"  berth:x: \x1b[31m\n", "line 4 holds a byte that is not allowed"),
    "binary": (bytes(range(256)), "holds a byte that is not allowed"),
    "two documents": (START + b"---\nconfig: {}\n", "a second document"),
    "a key twice": (START + b"  aws:region: eu-west-1\n", "aws:region\n   given    in line 2 and again in line 4"),
    "a section twice": (START + b"config: {}\n", "config\n   given    in line 1 and again in line 4"),
    "a key twice, deep": (START + b"  berth:service: {environment: {A: x, A: y}}\n", "berth:service.environment.A\n"),
    "a key twice, as JSON": (START + b'  berth:service: \'{"cpu": 1, "cpu": 2}\'\n', '"cpu" stands there 2 times'),
    "an alias of nothing": (START + b"  berth:service: *x\n", "There is no such anchor"),
    "an alias of itself": (START + b"  berth:service: &x {environment: *x}\n", "There is no such anchor"),
    "aliases of aliases": (
        START
        + b"  x: &a [1,1,1,1,1,1,1,1,1]\n"
        + b"".join(b"  x%c: &%c [%s]\n" % (n, n, b",".join([b"*%c" % (n - 1)] * 9)) for n in range(98, 110)),
        "more than 100000 values, its aliases written out",
    ),
    "a tag": (START + b"  berth:service: !!python/object:os.system {}\n", "Tags have no use"),
    "a key that is a list": (START + b"  ? [a]\n  : b\n", "A key must be text"),
    "no end of lists": (START + b"  berth:service: " + b"[" * 100_000, "more than 50 levels deep"),
    "no end of objects": (b"{a: " * 10_000, "more than 50 levels deep"),
    "no end of JSON": (START + b"  berth:service: '" + b'{"a":' * 5_000 + b"'\n", "This is not an object"),
    "no number": (START + b"  berth:service: {cpu: .nan}\n", "It is no number"),
    "endless": (START + b"  berth:service: {cpu: -.inf}\n", "It is no number"),
    "a huge number": (START + b"  berth:service: {cpu: " + b"9" * 5000 + b"}\n", "This is not a whole number"),
    "a large number": (START + b"  berth:service: {cpu: 1e20}\n", "is too large"),
    "an old octal": (START + b"  berth:service: {port: 017777}\n", "A leading 0 makes it octal: the engine reads 8191"),
    "a new octal": (START + b"  berth:service: {port: 0o17}\n", "15 is too small"),
    "base 60": (START + b"  berth:service: {port: 1:30}\n", "This is not a whole number"),
    "a yes": (START + b"  berth:service: {port: yes}\n", "This is not a whole number"),
    "a date": (START + b"  berth:service: {name: 2024-01-01}\n", "cannot be part of a DNS name"),
    "a very long key": (START + b"  berth:" + b"k" * 900 + b": 1\n", "There is no such key"),
    "a hidden key": (START + b'  "berth:serv\\u200bice": {}\n', "berth:serv\\\\u200bice"),
    "a key for the terminal": (START + b'  "berth:\\e[31mred": {}\n', "There is no such key"),
    "half a character": (START + b'  berth:service: \'{"name": "\\ud800"}\'\n', "It holds half a character"),
    "a key without name": (START + b'  "berth:": 1\n', "does not take this for a key"),
    "too many colons": (START + b"  berth:service:cpu: 1\n", "does not take this for a key"),
    "a merge of nothing": (START + b"  berth:service: {<<: 5}\n", "Only objects can be merged"),
}


@pytest.mark.parametrize(("content", "expected"), ODD.values(), ids=ODD)
def test_an_odd_file_is_explained(root: Path, content: bytes, expected: str) -> None:
    text = said(root, content)
    assert re.search(expected, text), text
    assert readable(text)


@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbf" + START,
        START.replace(b"\n", b"\r\n"),
        START.decode().encode("utf-16"),
        START + b"  berth:service: {port: 08080}\n",
        b"%YAML 1.1\n---\n" + START,
        b"environment: []\nencryptionsalt: v1:x\n" + START,
        START + b"  aws:config:profile: me\n",
        START.replace(b"berth:backend", b"backend"),
    ],
)
def test_what_the_engine_takes_is_taken(root: Path, content: bytes) -> None:
    assert said(root, content) == ""


SCALARS = (
    *("0o17", "08080", "0644", "017", "1:30", "1_000", ".nan", ".inf", "1e400", "0x1F", "-1", "0.5", "1e3"),
    *("yes", "no", "true", "null", "~", "2024-01-01", "''", "[]", "{}", "[[]]", "[null]", "[1]", "{a: 1}", "{a: }"),
    *("[a, a]", "é", r'"\e"', r'"\0"', r'"\uD7FF"', r"'[\"\ud800\"]'", "!!binary", "!x", "*a", "<<: a", "|", ">", "-"),
    *("?", "@", "%", "&", "#", ",", "]", "}", ":", "9" * 30, "9" * 5000, "x" * 5000),
)


@pytest.mark.parametrize("path", [path for path in all_paths(SETTINGS) if path != "region"])
def test_odd_values_of_every_key(root: Path, path: str) -> None:
    """What is refused is explained under the key, or under what it lies in."""
    first, *others = path.split(".")
    for scalar in SCALARS:
        text = scalar
        for name in reversed(others):
            text = f"{{{name}: {text}}}"
        start = START if first != "backend" else START.rpartition(b"  berth")[0]
        answer = said(root, start + f"  berth:{first}: {text}\n".encode())
        assert readable(answer)
        assert not answer or f"berth:{first}" in answer or "is not YAML" in answer, (scalar, answer)


@profile(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    content=st.binary(max_size=80)
    | st.text("ab:-{}[]&*!|>'\"%@`#,?~<=\\\t\n\r 01.\ufeff\x85\u2028é", max_size=80).map(str.encode)
    | st.tuples(st.integers(0, 200), st.integers(0, 12), st.binary(max_size=8)).map(
        lambda cut: (START * 2)[: cut[0]] + cut[2] + (START * 2)[cut[0] + cut[1] :]
    )
)
def test_no_file_ends_in_a_traceback(root: Path, content: bytes) -> None:
    assert readable(said(root, content))
    assert readable(said(root, START + b"  berth:service: " + content))


@pytest.mark.parametrize(
    ("name", "stack", "expected"),
    [
        ("Pulumi.dev.yaml", "dev", "aws:region\n   given    in line 2 and again in line 4"),
        ("Pulumi.dev.yaml", "../dev", "is no name of a stack"),
        ("Other.yaml", "dev", "There is no Pulumi.yaml"),
    ],
)
def test_the_command_explains_too(tmp_path: Path, name: str, stack: str, expected: str) -> None:
    if name != "Other.yaml":
        (tmp_path / "Pulumi.yaml").write_text("name: shop\nruntime: python\n")
    (tmp_path / name).write_bytes(START + b"  aws:region: eu-west-1\n")
    command = [sys.executable, "-m", "berth", "preview", stack, "-C", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 2, done.stderr
    assert expected in done.stderr
    assert "Traceback" not in done.stderr and "--debug" not in done.stderr
