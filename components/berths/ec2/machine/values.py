"""Gives podman the newest values of a service's secrets, and the keys to its registries; the machine's root runs it.

Its argument is a file of JSON: ``region``, ``secrets`` by podman's names, each to where it lies, and ``registries``.
Python 3.9 is what Amazon Linux 2023 has.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any


def aws(region: str, *words: str) -> Any:
    """Return what AWS's command answers; it says itself what is wrong, and never a value."""
    command = ["aws", "--region", region, "--output", "json", *words]
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)


def value(region: str, source: dict[str, str]) -> str:
    """Return what lies at a place: a parameter, a secret, or one key of a secret's JSON."""
    if "parameter" in source:
        found = aws(region, "ssm", "get-parameters", "--with-decryption", "--names", source["parameter"])
        if not found["Parameters"]:
            sys.exit(f"there is no parameter {source['parameter']}")
        return str(found["Parameters"][0]["Value"])
    where = source["secret"].split(":")[3] if source["secret"].startswith("arn:") else region
    text = str(aws(where, "secretsmanager", "get-secret-value", "--secret-id", source["secret"])["SecretString"])
    if "field" not in source:
        return text
    field = json.loads(text)[source["field"]]
    return field if isinstance(field, str) else json.dumps(field)


def podman(*words: str, given: str) -> None:
    """Run podman with what it reads, which stands on no command line."""
    subprocess.run(["podman", *words], check=True, input=given, encoding="utf-8", stdout=subprocess.DEVNULL)


def main(needs: dict[str, Any]) -> None:
    """Replace all secrets, and log in."""
    for name, source in needs["secrets"].items():
        podman("secret", "create", "--replace", name, "-", given=value(needs["region"], source))
    for registry in needs["registries"]:
        command = ["aws", "--region", registry.split(".")[3], "ecr", "get-login-password"]
        password = subprocess.run(command, check=True, stdout=subprocess.PIPE, encoding="utf-8").stdout
        podman("login", "--username=AWS", "--password-stdin", registry, given=password)


if __name__ == "__main__":
    try:
        main(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")))
    except subprocess.CalledProcessError as error:
        sys.exit(f"{' '.join(error.cmd[:4])} ended with {error.returncode}")
