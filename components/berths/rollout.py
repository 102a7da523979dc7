"""When a running workload has to start anew although nothing in it changed: its bindings or secrets did.

A task definition names parameters and secrets and a pod names a ConfigMap and a Secret; none holds a value, so none
changes with one. What a container reads at its start it reads never again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pulumi
import pulumi_aws as aws
import pulumi_random as random

from components.offer import Binding
from components.service.spec import Source


def bindings_revision(name: str, bindings: Sequence[Binding], opts: pulumi.ResourceOptions) -> pulumi.Output[str]:
    """Return a word that is another one whenever a binding has another value, and tells nothing of it.

    A hash of the values would do as well, but would let a short password be guessed by whoever may read it.

    Args:
        name: prefix of the resource's name.
        bindings: what the workload is bound to.
        opts: resource options.
    """
    return random.RandomId(
        f"{name}-bindings",
        byte_length=8,
        keepers={
            binding.variable: pulumi.Output.secret(binding.value) if binding.secret else binding.value
            for binding in bindings
        },
        opts=opts,
    ).hex


def secrets_revision(sources: Iterable[Source], opts: pulumi.InvokeOutputOptions) -> pulumi.Output[str]:
    """Return the versions that secrets have now, by which a rotation is seen; it is not known in a preview without AWS.

    Of a secret only its versions are listed, and a parameter's value is not decrypted; that of one that is no secret, a
    ``String``, is in the answer, of which the number alone is kept. A secret or parameter that is not there is an error
    now rather than a task that does not start.

    Args:
        sources: where the secrets lie.
        opts: options of the lookups.
    """
    return pulumi.Output.all(*(_version(source, opts) for source in sources)).apply(" ".join)


def _version(source: Source, opts: pulumi.InvokeOutputOptions) -> pulumi.Output[str]:
    if source.parameter is not None:
        parameter = aws.ssm.get_parameter_output(name=source.parameter, with_decryption=False, opts=opts)
        return pulumi.Output.unsecret(parameter.version).apply(str)
    found = aws.secretsmanager.get_secret_versions_output(secret_id=source.secret, opts=opts)
    return found.versions.apply(
        lambda versions: next((one.version_id for one in versions if "AWSCURRENT" in one.version_stages), "")
    )
