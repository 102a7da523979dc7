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
        ValueError: in the output, where the secret is no text, or not the JSON that ``field`` is a key of.
    """
    if source.parameter is not None:
        found = aws.ssm.get_parameter_output(name=source.parameter, with_decryption=True, opts=opts)
        return pulumi.Output.secret(found.value)
    secret = source.secret or ""
    version = aws.secretsmanager.get_secret_version_output(secret_id=secret, opts=opts)
    text: pulumi.Output[str] = pulumi.Output.secret(version.secret_string)
    return text.apply(lambda known: value_of(known, source.field, secret))


def value_of(text: str, key: str | None, secret: str) -> str:
    """Return a secret, or one value of its JSON; what is no string there is written as JSON.

    Raises:
        ValueError: it is empty, as one of bytes is, or is no JSON object, or has no such key. The message has nothing
            of the value.
    """
    if not text:
        raise ValueError(f"The secret {secret} holds bytes, and a variable or a file takes text: store it as text.")
    if key is None:
        return text
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
