"""Bindings as parameters of Systems Manager: what is known after creation only has a name that is known now."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi
import pulumi_aws as aws

from components.mooring import Mooring
from components.offer import Binding


def parameter_names(mooring: Mooring) -> dict[str, str]:
    """Return for each binding of a mooring's service, by its variable, the name of the parameter with its value."""
    return {binding.variable: f"/berth/{mooring.name}/{binding.slug}" for binding in mooring.spec.bindings}


def parameters(mooring: Mooring, bindings: Sequence[Binding] | None = None) -> list[pulumi.Resource]:
    """Create the parameters of these bindings, by default of all, as children of the mooring."""
    names = parameter_names(mooring)
    return [
        aws.ssm.Parameter(
            f"{mooring.name}-{binding.slug}",
            name=names[binding.variable],
            type="SecureString" if binding.secret else "String",
            value=binding.value,
            opts=mooring.child,
        )
        for binding in (mooring.spec.bindings if bindings is None else bindings)
    ]
