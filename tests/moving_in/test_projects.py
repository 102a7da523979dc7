"""What is found out of small projects, and the Dockerfiles that are written for them."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from berth.errors import ConfigError
from berth.moving_in.answers import Given, answered, keys
from berth.moving_in.lacks import lacks
from berth.moving_in.survey import Survey, survey
from policy.judge import judge
from tests.moving_in.projects import EXPRESS, FASTAPI, FLASK, GO, PROJECTS, RUBY, SPRING, write
from tests.policy.support import Planned

WRITTEN = {name: files for name, files in PROJECTS.items() if files is not RUBY}


def surveyed(files: dict[str, str], root: Path) -> Survey:
    """Look through a project at services/shop."""
    write(files, root / "services/shop")
    return survey(root, Path("services/shop"), None)


def said(found: Survey, given: Given | None = None) -> dict[str, object]:
    """Return the keys of a service of which nothing is asked."""
    return keys(answered(found, given or Given(), lambda question, default: default, {}, "shop"), found)


@pytest.mark.parametrize(
    ("files", "language", "framework", "expected"),
    [
        (FASTAPI, "Python", "FastAPI", {"healthPath": "/health/live", "readyPath": "/health/ready"}),
        # gunicorn listens on PORT, and so on 5000 as well as on any other.
        (FLASK, "Python", "Flask", {"port": 5000, "healthPath": "/ping", "readyPath": "/ping"}),
        (EXPRESS, "Node", "Express", {"healthPath": "/status", "readyPath": "/status"}),
        (GO, "Go", "", {"port": 9000, "healthPath": "/livez", "readyPath": "/livez"}),
        (
            SPRING,
            "Java",
            "Spring Boot",
            {"healthPath": "/actuator/health", "readyPath": "/actuator/health", "cpu": 512, "memory": 1024},
        ),
        (
            RUBY,
            "Ruby",
            "",
            {"dockerfile": "docker/Dockerfile", "port": 4567, "healthPath": "/up", "readyPath": "/up"},
        ),
    ],
    ids=list(PROJECTS),
)
def test_a_project_is_understood(
    files: dict[str, str], language: str, framework: str, expected: dict[str, object], tmp_path: Path
) -> None:
    found = surveyed(files, tmp_path)
    assert found.project
    assert (found.project.language, found.project.framework) == (language, framework)
    assert said(found) == {"context": "services/shop", **expected}


@pytest.mark.parametrize("name", WRITTEN)
def test_a_dockerfile_that_is_written_is_let_in_and_lacks_nothing(name: str, tmp_path: Path) -> None:
    found = surveyed(WRITTEN[name], tmp_path)
    text = found.new["Dockerfile"]
    (tmp_path / "services/shop/Dockerfile").write_text(text)
    build = {"context": "services/shop", "dockerfile": "services/shop/Dockerfile"}
    planned = Planned("docker:index/image:Image", {"imageName": "example/shop:1", "build": build})
    assert judge([planned], root=tmp_path) == []
    # And the pack has looked: the same file without its user is refused.
    (tmp_path / "services/shop/Dockerfile").write_text(text.replace("USER 10001:10001\n", ""))
    assert judge([planned], root=tmp_path)

    assert [one.what for one in lacks(found, 8080, True)] == []

    assert text.count("\nFROM ") == 1, "two stages"
    assert not re.findall(r"^FROM (?!scratch)(?!\S+:\d)", text, re.MULTILINE), "pinned"
    last = text.split("\nFROM ")[-1].splitlines()
    assert last.index("VOLUME /tmp") < last.index("USER 10001:10001")
    (command,) = [json.loads(line.removeprefix("CMD ")) for line in last if line.startswith("CMD ")]
    assert command[:2] != ["sh", "-c"] or command[2].startswith("exec "), "no shell keeps SIGTERM to itself"
    # What it depends on is a layer of its own, before the source.
    if name != "go":
        copies = re.findall(r"^COPY (?!--from)(.*)$", text, re.MULTILINE)
        assert copies[-1] == ". ." and len(copies) > 1


@pytest.mark.parametrize(
    ("files", "lines"),
    [
        # The variable PORT, where the program does not read it by itself.
        (FASTAPI, ["exec uvicorn shop.main:app --host 0.0.0.0 --port ${PORT:-8080}"]),
        (SPRING, ["maven:3.9-eclipse-temurin-17", "--server.port=${PORT:-8080}"]),
        (FLASK, ["uv pip install -r pyproject.toml", 'uv pip install "gunicorn>=23"', '"app:app"']),
        (EXPRESS, ["npm install --omit=dev", 'CMD ["node", "server.js", "--verbose"]']),
        (GO, ["golang:1.24-bookworm", "-o /rootfs/service ./cmd/shop", "FROM scratch", "mkdir -m 1777 /rootfs/tmp"]),
        ({**EXPRESS, "package-lock.json": "{}"}, ["COPY package.json package-lock.json ./", "npm ci --omit=dev"]),
        ({**EXPRESS, "pnpm-lock.yaml": ""}, ["pnpm install --frozen-lockfile --prod"]),
        ({**EXPRESS, ".nvmrc": "v20\n"}, ["node:20-bookworm-slim"]),
        (
            {**EXPRESS, "package.json": '{"scripts": {"build": "tsc", "start": "next start"}}'},
            ["RUN npm install\n", "npm run build && npm prune --omit=dev", 'CMD ["node_modules/.bin/next", "start"]'],
        ),
        (
            {**FLASK, "uv.lock": ""},
            ["COPY pyproject.toml uv.lock ./", "uv sync --frozen --no-dev --no-install-project"],
        ),
        ({**FASTAPI, ".python-version": "3.12\n"}, ["python:3.12-slim-bookworm"]),
        (
            {**FASTAPI, "Procfile": "web: hypercorn shop.main:app -b 0.0.0.0:$PORT\n"},
            ['["sh", "-c", "exec hypercorn shop.main:app -b 0.0.0.0:$PORT"]'],
        ),
        (
            {"requirements.txt": "django", "manage.py": "", "shop/wsgi.py": "application = get_wsgi_application()"},
            ['"shop.wsgi"'],
        ),
        ({"main.py": "import os\nprint(os.environ['PORT'])"}, ['CMD ["python", "main.py"]']),
        (
            {"build.gradle.kts": "JavaLanguageVersion.of(21)", "gradlew": "", "settings.gradle.kts": ""},
            ["eclipse-temurin:21-jdk AS build", "./gradlew --no-daemon assemble", "build/libs"],
        ),
    ],
)
def test_a_dockerfile_is_written_for(files: dict[str, str], lines: list[str], tmp_path: Path) -> None:
    text = surveyed(files, tmp_path).new["Dockerfile"]
    assert [line for line in lines if line not in text] == []


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ({"README.md": ""}, "Known are Python"),
        ({"Cargo.toml": ""}, "For Rust no Dockerfile is written"),
        ({"requirements.txt": "celery"}, "web: python -m shop"),
        ({"pyproject.toml": "", "poetry.lock": "", "main.py": ""}, "poetry export"),
        ({"package.json": "{}"}, '"start": "node server.js"'),
        ({"package.json": "["}, "no JSON object"),
        ({"go.mod": "", "cmd/a/m.go": "package main", "cmd/b/m.go": "package main"}, "cmd/a, cmd/b"),
    ],
)
def test_where_no_dockerfile_can_be_written_it_is_said_why(files: dict[str, str], told: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as error:
        surveyed(files, tmp_path)
    assert told in str(error.value)


@pytest.mark.parametrize(
    ("files", "kind", "known"),
    [
        ({"Procfile": "worker: celery -A shop worker\n", "requirements.txt": "celery"}, "worker", True),
        ({"Dockerfile": 'FROM ruby:3.3\nCMD ["bundle", "exec", "sidekiq"]'}, "worker", True),
        ({"Dockerfile": 'FROM ruby:3.3\nEXPOSE 3000\nCMD ["bundle", "exec", "sidekiq"]'}, "web", True),
        ({"Dockerfile": 'FROM ruby:3.3\nCMD ["ruby", "clean.rb"]'}, "web", False),
        ({"Dockerfile": "FROM ruby:3.3\nHEALTHCHECK CMD curl localhost:3000/up"}, "web", True),
    ],
)
def test_the_kind_is_found_where_something_says_it(
    files: dict[str, str], kind: str, known: bool, tmp_path: Path
) -> None:
    findings = surveyed(files, tmp_path).findings
    assert (findings.kind.value, findings.kind_is_known) == (kind, known)


@pytest.mark.parametrize(
    ("copy", "looks_at_page"),
    [
        ("COPY src ./src", False),
        ("COPY src/app.py ./", False),
        ("COPY . .", True),
        ("ADD ./ /app/", True),
        ("COPY *.py src ./", True),
        ("RUN --mount=type=bind,target=. pip install .", True),
        ("RUN true", True),
    ],
)
def test_source_that_the_image_is_not_given_says_nothing(copy: str, looks_at_page: bool, tmp_path: Path) -> None:
    files = {"src/app.py": 'get("/healthz")\nos.environ["PORT"]', "page/serve.py": 'run(host="127.0.0.1")'}
    found = surveyed({**files, "Dockerfile": f"FROM python:3.13\n{copy}\nUSER 10001:10001\nVOLUME /tmp"}, tmp_path)
    assert found.findings.health
    assert ("it listens on 127.0.0.1" in [one.what for one in lacks(found, 8080, True)]) == looks_at_page


def test_a_program_that_listens_nowhere_is_likely_a_worker(tmp_path: Path) -> None:
    found = surveyed({"main.py": "while True: work()"}, tmp_path)
    assert said(found) == {"kind": "worker", "context": "services/shop"}
    answers = answered(found, Given(), lambda question, default: "job", {}, "shop")
    assert keys(answers, found)["kind"] == "job"


def test_what_is_not_found_is_asked(tmp_path: Path) -> None:
    asked = []

    def ask(question: str, default: str) -> str:
        asked.append(question.split()[0])
        return {"What": "web", "Where": "7000", "Which": "/alive"}.get(question.split()[0], default)

    found = surveyed({"Dockerfile": "FROM ruby:3.3\nUSER 10001"}, tmp_path)
    answers = answered(found, Given(), ask, {"other": {}}, "shop")
    assert asked == ["What", "Where", "Which", "Beginning"]
    assert keys(answers, found) == {
        "context": "services/shop",
        "port": 7000,
        "healthPath": "/alive",
        "readyPath": "/alive",
        "path": "/shop",
    }


def test_a_service_has_all_paths_unless_another_one_has(tmp_path: Path) -> None:
    found = surveyed(EXPRESS, tmp_path)
    for other, path in (
        ({}, "/shop"),
        ({"path": "/a"}, None),
        ({"host": "a.example.com"}, None),
        ({"kind": "worker"}, None),
    ):
        answers = answered(found, Given(), lambda question, default: default, {"other": other}, "shop")
        assert answers.path == path


def test_what_is_given_counts_before_what_is_found(tmp_path: Path) -> None:
    given = Given(port=9999, health_path="/a", ready_path="/b", database=True, path="/shop", internal=True)
    assert said(surveyed(EXPRESS, tmp_path), given) == {
        "context": "services/shop",
        "port": 9999,
        "healthPath": "/a",
        "readyPath": "/b",
        "uses": ["database"],
        "exposure": "internal",
        "path": "/shop",
    }
    assert said(surveyed(EXPRESS, tmp_path), Given(kind="worker")) == {"kind": "worker", "context": "services/shop"}


def test_a_driver_of_postgresql_asks_for_a_database(tmp_path: Path) -> None:
    found = surveyed({**FASTAPI, "requirements.txt": "fastapi\nuvicorn\npsycopg[binary]==3.2\n"}, tmp_path)
    assert said(found)["uses"] == ["database"]
    assert "uses" not in said(found, Given(database=False))
