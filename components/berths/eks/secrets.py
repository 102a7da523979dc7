"""Secrets that exist already, read by the program itself: docs/decisions/0018-secrets-on-eks.md says why so."""

from __future__ import annotations

import json

import pulumi
import pulumi_aws as aws

from components.service.spec import Source


def read(source: Source, opts: pulumi.InvokeOutputOptions) -> pulumi.Output[str]:
    """Return the newest value of a secret, always as one; it is not known in a preview without AWS.

    Args:
        source: where it lies.
        opts: options of the lookup.

    Raises:
        ValueError: in the output, where the secret is not the JSON that ``field`` is a key of.
    """
    if source.parameter is not None:
        found = aws.ssm.get_parameter_output(name=source.parameter, with_decryption=True, opts=opts)
        return pulumi.Output.secret(found.value)
    secret, key = source.secret or "", source.field
    version = aws.secretsmanager.get_secret_version_output(secret_id=secret, opts=opts)
    text: pulumi.Output[str] = pulumi.Output.secret(version.secret_string)
    return text if key is None else text.apply(lambda known: field_of(known, key, secret))


def field_of(text: str, key: str, secret: str) -> str:
    """Return one value of a secret's JSON; what is no string there is written as JSON.

    Raises:
        ValueError: it is no JSON object, or has no such key. The message has nothing of the value.
    """
    try:
        values = json.loads(text)
    except ValueError:
        values = None  # whose message would quote the secret
    if not isinstance(values, dict):
        raise ValueError(f"The secret {secret} is no JSON object, so it has no field {key}: leave the field out.")
    if key not in values:
        raise ValueError(f"The secret {secret} has no field {key}; it has: {', '.join(sorted(values)) or 'none'}.")
    value = values[key]
    return value if isinstance(value, str) else json.dumps(value)
