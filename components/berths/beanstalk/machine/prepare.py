#!/usr/bin/python3
"""Elastic Beanstalk runs this on a machine as root, before the containers of a version are started.

It closes the machine's metadata to them, writes the secrets and files that ``docker-compose.yml`` names into memory,
logs in to ECR, and starts what gives the containers the credentials of the service's own role. A value is never an
argument of a program, nor printed. AWS ships Python 3.9 and its own command line with the platform.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any

RUN = Path("/run/berth")
METADATA = "http://169.254.169.254/latest/"
SERVICE = Path("/etc/systemd/system/berth-credentials.service")
PROGRAM = Path("/usr/local/lib/berth/credentials.py")
ECR = re.compile(r"\d{12}\.dkr\.ecr(?:-fips)?\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?")


def read(path: Path) -> Any:
    """Return the Compose file's content, as Compose itself takes it: two dollars are one."""
    return json.loads(path.read_text(), object_pairs_hook=_single)


def _single(pairs: Any) -> dict[str, Any]:
    def once(value: Any) -> Any:
        if isinstance(value, list):
            return [once(one) for one in value]
        return value.replace("$$", "$") if isinstance(value, str) else value

    return {key: once(value) for key, value in pairs}


def aws(region: str, *words: str) -> Any:
    """Return what a command of AWS answers."""
    command = ["aws", "--region", region, "--output", "json", *words]
    return json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True).stdout)


class Values:
    """The values of parameters and secrets, each asked for once."""

    def __init__(self, region: str) -> None:
        self._region = region
        self._secrets: dict[str, str] = {}

    def value(self, place: str) -> str:
        """Return the value at a parameter's name, or a secret's ARN with or without ``:KEY::``.

        Raises:
            SystemExit: the secret is binary, or has no such key; the text has nothing of a value.
        """
        if ":secretsmanager:" not in place:
            found = aws(self._region, "ssm", "get-parameters", "--with-decryption", "--names", place)
            if not found["Parameters"]:
                sys.exit(f"there is no parameter {place}")
            return str(found["Parameters"][0]["Value"])
        words = place.split(":")
        # An ARN of six parts and the name; a key of the secret's JSON follows, with two empty parts.
        arn, key = (":".join(words[:7]), words[7]) if len(words) > 7 else (place, None)
        if arn not in self._secrets:
            # A name takes the place of an ARN without the six characters at its end, which only ECS completes.
            name = arn if re.search("-[A-Za-z0-9]{6}$", arn) else words[6]
            found = aws(words[3], "secretsmanager", "get-secret-value", "--secret-id", name)
            if "SecretString" not in found:
                sys.exit(f"{arn} holds bytes and no text")
            self._secrets[arn] = found["SecretString"]
        text = self._secrets[arn]
        if key is None:
            return text
        try:
            value = json.loads(text)[key]
        except (ValueError, KeyError, TypeError):
            sys.exit(f"{arn} is no JSON with the key {key}")
        return value if isinstance(value, str) else json.dumps(value)


def line(name: str, value: str) -> str:
    r"""Return a line of an env file: in single quotes nothing is replaced, and ``\'`` is a quote.

    Raises:
        SystemExit: Compose's reader has no way to write the value.
    """
    if re.search(r"\\('|$)", value) or "\0" in value:
        sys.exit(f"the value of {name} has a backslash at its end or before a quote, which no env file can hold")
    return "{}='{}'\n".format(name, value.replace("'", "\\'"))


def write(path: Path, text: str, mode: int, group: int = 0) -> None:
    """Write a file that nobody else could have read meanwhile."""
    new = path.with_name(path.name + ".new")
    new.unlink() if new.exists() else None
    with os.fdopen(os.open(str(new), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as stream:
        stream.write(text)
    if group:
        os.chown(str(new), 0, group)
    new.chmod(mode)
    new.replace(path)


def write_secrets(document: Any, run: Path, values: Values) -> None:
    """Write the env file of each container that has secrets, and the files of the service."""
    run.mkdir(mode=0o755, parents=True, exist_ok=True)
    for name, container in document["services"].items():
        secrets = container.get("x-secrets", {})
        if secrets:
            lines = [line(variable, values.value(place)) for variable, place in sorted(secrets.items())]
            write(run / f"{name}.env", "".join(lines), 0o400)
    groups = [int(one["user"].partition(":")[2]) for one in document["services"].values()]
    for file in document["x-berth"]["files"]:
        at = run / Path(file["at"]).relative_to(RUN)
        at.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
        # The service's group reads it, and nobody else does.
        write(at, values.value(file["secret"]) if "secret" in file else file["content"], 0o440, groups[0])


def log_in(document: Any) -> None:
    """Log in to each ECR registry that an image comes from, by the machine's own role."""
    for image in sorted({one["image"].partition("/")[0] for one in document["services"].values()}):
        match = ECR.fullmatch(image)
        if match:
            command = ["aws", "--region", match.group(1), "ecr", "get-login-password"]
            password = subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout
            command = ["docker", "login", "--username", "AWS", "--password-stdin", image]
            subprocess.run(command, input=password, stdout=subprocess.DEVNULL, check=True)


def close_metadata(region: str) -> None:
    """Let an answer of the machine's metadata travel one hop: not to a container behind a bridge."""
    header = {"X-aws-ec2-metadata-token-ttl-seconds": "60"}
    asked = urllib.request.Request(METADATA + "api/token", headers=header, method="PUT")
    with urllib.request.urlopen(asked, timeout=5) as answer:
        header = {"X-aws-ec2-metadata-token": answer.read().decode()}
    asked = urllib.request.Request(METADATA + "meta-data/instance-id", headers=header)
    with urllib.request.urlopen(asked, timeout=5) as answer:
        instance = answer.read().decode()
    options = ["--http-tokens", "required", "--http-put-response-hop-limit", "1", "--http-endpoint", "enabled"]
    aws(region, "ec2", "modify-instance-metadata-options", "--instance-id", instance, *options)


def hand_over(role: str | None, region: str, program: Path) -> None:
    """Start what gives the containers the credentials of a role, or end it where there is none."""
    if role is None:
        if SERVICE.exists():
            subprocess.run(["systemctl", "disable", "--now", SERVICE.name], check=True)
        return
    PROGRAM.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    shutil.copy(str(program), str(PROGRAM))
    SERVICE.write_text(
        "[Unit]\nDescription=Credentials of the service's role, for its containers\nAfter=network-online.target\n"
        f"[Service]\nEnvironment=BERTH_ROLE={role} AWS_REGION={region}\nExecStart=/usr/bin/python3 {PROGRAM}\n"
        "Restart=always\n[Install]\nWantedBy=multi-user.target\n"
    )
    subprocess.run(["systemctl", "daemon-reload"], check=True)
    subprocess.run(["systemctl", "enable", SERVICE.name], check=True)
    subprocess.run(["systemctl", "restart", SERVICE.name], check=True)


def main() -> None:
    """Prepare the machine for what lies in the current folder."""
    document = read(Path("docker-compose.yml"))
    region = document["x-berth"]["region"]
    close_metadata(region)
    write_secrets(document, RUN, Values(region))
    log_in(document)
    hand_over(document["x-berth"].get("role"), region, Path(".berth/credentials.py"))


if __name__ == "__main__":
    main()
