"""When a running workload has to start anew although nothing in it changed: its bindings did.

A task definition names parameters and a pod names a ConfigMap and a Secret; neither holds a value, so neither
changes with one. What a container reads at its start it reads never again.
"""

from __future__ import annotations

from collections.abc import Sequence

import pulumi
import pulumi_random as random

from components.offer import Binding


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
