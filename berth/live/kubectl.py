"""A cluster of EKS as the daily commands ask it: by ``kubectl``, logged in for one command only."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from berth.live.aws import absence, log_in, refusal
from berth.live.commands import answer, on_terminal, require
from berth.live.errors import AbsentError, LiveError, UnreachedError
from berth.live.place import Access

_AWS_ERROR = re.compile(r"An error occurred \((\w+)\) when calling the (\w+) operation[^:]*: (.*)")


@dataclass(frozen=True)
class Kubectl:
    """One cluster, logged in to by a kubeconfig of its own: the user's own is neither read nor changed."""

    access: Access
    cluster: str
    config: Path

    def get(self, namespace: str, kinds: str, *options: str) -> list[Any]:
        """Return the objects of some kinds (``deployments,pods``), as the API writes them.

        Raises:
            LiveError: The cluster is not reached, or refuses.
        """
        document = json.loads(self.say(namespace, "get", kinds, *options, "--output=json"))
        items: list[Any] = document["items"] if document.get("kind", "").endswith("List") else [document]
        return items

    def say(self, namespace: str, *arguments: str) -> str:
        """Run a command and return its output.

        Raises:
            AbsentError: What it is about does not exist.
            LiveError: The cluster is not reached, or refuses.
        """
        done = answer(self.command(namespace, "--request-timeout=20s", *arguments), self.access)
        if done.returncode:
            raise explanation(done.stderr, self.access, self.cluster)
        return done.stdout

    def attempt(self, namespace: str, *arguments: str) -> tuple[int, str]:
        """Run a command that may fail, and return its exit code and what it complains of."""
        done = answer(self.command(namespace, *arguments), self.access)
        return done.returncode, done.stderr.strip()

    def interact(self, namespace: str, *arguments: str) -> int:
        """Run a command on the terminal and return its exit code."""
        return on_terminal(self.command(namespace, *arguments), self.access)[0]

    def command(self, namespace: str, *arguments: str) -> list[str]:
        """Return a command's words."""
        return ["kubectl", f"--kubeconfig={self.config}", f"--namespace={namespace}", *arguments]


@contextmanager
def logged_in(access: Access, cluster: str) -> Iterator[Kubectl]:
    """Log in to a cluster of EKS for as long as the context lasts.

    Raises:
        AbsentError: There is no such cluster.
        LiveError: A command is missing, or AWS refuses.
    """
    require("aws", "kubectl")
    with TemporaryDirectory(prefix="berth-") as folder:
        config = Path(folder) / "kubeconfig"
        update = ["aws", "eks", "update-kubeconfig", "--name", cluster, *access.options, "--kubeconfig", str(config)]
        done = answer(update, access)
        if done.returncode:
            raise explanation(done.stderr, access, cluster)
        yield Kubectl(access, cluster, config)


def explanation(complaint: str, access: Access, cluster: str) -> LiveError:
    """Say what a complaint of ``aws`` or ``kubectl`` means to who asked. Pure."""
    text = complaint.strip()
    last = text.splitlines()[-1] if text else "no reason was given"
    if found := _AWS_ERROR.search(text):
        return refusal(found[1], found[3], found[2], access)
    if "config profile" in text and "could not be found" in text:
        return LiveError(f"There is no AWS profile {access.profile} on this machine, which aws:profile names.")
    if any(one in text for one in ("Unable to locate credentials", "SSO", "Token has expired")):
        return LiveError(f"There are no usable AWS credentials: {last}\n{log_in(access)}")
    if any(one in text for one in ("Unauthorized", "You must be logged in", "provide credentials")):
        return LiveError(
            f"The cluster {cluster} does not know who asks: {last}\n"
            "Name the IAM role of these credentials in berth:eks.adminPrincipalArns and run `pulumi up`."
        )
    if "orbidden" in text:
        return LiveError(
            f"The cluster {cluster} does not allow it: {last}\n"
            "berth:eks.adminPrincipalArns names who administers it; another access entry must allow this."
        )
    if re.search(r'" not found', text):
        return AbsentError(absence(access, last))
    if any(one in text for one in ("Unable to connect", "timeout", "timed out", "no such host", "refused")):
        return UnreachedError(
            f"The API of the cluster {cluster} is not reached from here: {last}\n"
            "It is private unless berth:eks.publicAccessCidrs names your address: add it and run `pulumi up`, or work"
            " inside the VPC."
        )
    return LiveError(f"The cluster {cluster} cannot be asked: {last}")


def condition(item: Any, kind: str) -> Any:
    """Return an object's condition of a kind, ``{}`` where it has none."""
    conditions: Sequence[Any] = item.get("status", {}).get("conditions") or ()
    return next((one for one in conditions if one["type"] == kind), {})
