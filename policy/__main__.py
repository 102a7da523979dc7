"""What the Pulumi CLI runs: it serves the rules over the analyzer protocol and never returns."""

from pulumi_policy import PolicyPack
from rules.crossguard import policies

PolicyPack(name="berth", policies=policies())
