"""Asking upstream: any number of questions, one process."""

from __future__ import annotations

import json
import subprocess
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self


@dataclass(frozen=True)
class Question:
    """One pod, and the standard to judge it by."""

    level: str
    """``baseline`` or ``restricted``."""
    version: str
    """``latest`` or such as ``v1.34``."""
    pod: dict[str, Any]
    """With ``metadata`` and ``spec``; anything else of it is not looked at."""

    def line(self) -> str:
        """Return the question as the oracle reads it."""
        asked = {
            "level": self.level,
            "version": self.version,
            "podMetadata": self.pod.get("metadata"),
            "podSpec": self.pod["spec"],
        }
        return json.dumps(asked) + "\n"


@dataclass(frozen=True)
class Answer:
    """Upstream's verdict."""

    allowed: bool
    reasons: tuple[str, ...]
    """Why not, in upstream's words; one of them a check."""
    details: tuple[str, ...]
    """What each reason is about."""


class Program:
    """A running oracle: it answers each line of JSON by one, in their order."""

    def __init__(self, program: Path) -> None:
        """Start it."""
        self._process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        # Closes the pipes, and leaves no zombie.
        self._process.communicate()

    def exchange(self, lines: list[str]) -> list[dict[str, Any]]:
        """Ask many questions at once."""
        # Answers are read while questions are still written: else both pipes fill up and both sides wait.
        writer = threading.Thread(target=self._write, args=[lines])
        writer.start()
        answers = [self._read() for _ in lines]
        writer.join()
        return answers

    def _write(self, lines: list[str]) -> None:
        assert self._process.stdin is not None
        self._process.stdin.writelines(lines)
        self._process.stdin.flush()

    def _read(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, "the oracle has ended"
        answer: dict[str, Any] = json.loads(line)
        return answer


class Oracle(Program):
    """Kubernetes' evaluator."""

    def ask(self, question: Question) -> Answer:
        """Ask one question."""
        (answer,) = self.ask_all([question])
        return answer

    def ask_all(self, questions: Iterable[Question]) -> list[Answer]:
        """Ask many questions; the answers come in their order."""
        answers = self.exchange([question.line() for question in questions])
        for answer in answers:
            assert not answer.get("error"), f"the oracle could not read the pod: {answer['error']}"
        return [Answer(one["allowed"], tuple(one.get("reasons", ())), tuple(one.get("details", ()))) for one in answers]
