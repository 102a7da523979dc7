"""What the Pulumi CLI runs: it serves the rules over the analyzer protocol and never returns."""

import sys

try:
    from rules.servicer import serve
except ModuleNotFoundError as error:
    sys.exit(
        f"The policy pack's environment lacks the Python module {error.name}; policy/README.md lists what it needs."
    )

serve("berth")
