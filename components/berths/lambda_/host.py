"""Lambda: no machines, no cluster; the services share nothing."""

from __future__ import annotations

from components.berths.host import Host
from components.berths.lambda_.settings import LambdaSettings
from components.berths.lambda_.workload import Workload
from components.mooring import Mooring


class Lambda(Host[LambdaSettings]):
    """A function for each service."""

    shape = "lambda"

    def build(self) -> None:
        """Need nothing but the ground."""

    def run(self, mooring: Mooring) -> str:
        """Create the service's functions."""
        work = Workload(self.ground, mooring, self.settings)
        return f"aws logs tail {work.log_group} --follow {self.ground.site.cli_options}"
