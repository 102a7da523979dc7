"""What the Pulumi CLI runs: it serves the rules over the analyzer protocol and never returns."""

from rules.servicer import serve

serve("berth")
