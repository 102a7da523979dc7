"""What reading a secret that exists already takes, whoever reads it: an ECS agent, a machine, a function. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from components.iam import statement
from components.service.sources import looks_whole
from components.service.spec import Source
from components.site import Site


def rights(site: Site, sources: Iterable[Source]) -> list[dict[str, Any]]:
    """Return what the reader's role needs: these secrets and parameters, and the keys that they are encrypted with.

    Which key it is only AWS knows. So any of the account's may decrypt, but only for these very secrets and parameters:
    both services say in the encryption context which one it is.
    """
    secrets = {secret_arn(site, source) for source in sources if source.secret}
    parameters = {site.arn("ssm", f"parameter/{one.parameter.lstrip('/')}") for one in sources if one.parameter}
    found = []
    if secrets:
        arns = [arn if looks_whole(arn) else f"{arn}-??????" for arn in secrets]
        found += [statement(["secretsmanager:GetSecretValue"], arns), _decrypting(arns, "SecretARN")]
    if parameters:
        arns = list(parameters)
        found += [statement(["ssm:GetParameters"], arns), _decrypting(arns, "PARAMETER_ARN")]
    return found


def secret_arn(site: Site, source: Source) -> str:
    """Return a secret's ARN; of one that is known by its name, without the six characters at the end."""
    name = source.secret or ""
    return name if name.startswith("arn:") else site.arn("secretsmanager", f"secret:{name}")


def _decrypting(arns: Iterable[str], context: str) -> dict[str, Any]:
    """Return the right to decrypt by the keys of what is at the ARNs, for nothing else."""
    keys = {":".join([*arn.split(":")[:2], "kms", *arn.split(":")[3:5], "key/*"]) for arn in arns}
    return statement(
        ["kms:Decrypt"], list(keys), Condition={"StringLike": {f"kms:EncryptionContext:{context}": sorted(arns)}}
    )
