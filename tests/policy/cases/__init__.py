"""Per rule: resources that keep its promise, break it, or are none of its business.

The tables are read by several tests: that each verdict is right, that each rule has cases of every kind, and that no
unknown value turns a breach into a pass.
"""

from __future__ import annotations

from ..table import Cases
from .compose import COMPOSE
from .data import BUCKETS, DATABASES
from .docker import DOCKER
from .ecs import ECS
from .edge import EDGE, REGISTRY
from .functions import FUNCTIONS
from .kubernetes import KUBERNETES
from .machines import QUADLETS
from .network import NETWORK
from .rights import CLUSTERS, IDENTITIES, MACHINES
from .workloads import WORKLOADS

AWS: dict[str, Cases] = NETWORK | REGISTRY | EDGE | DATABASES | BUCKETS | IDENTITIES | CLUSTERS | MACHINES
CASES: dict[str, Cases] = AWS | FUNCTIONS | WORKLOADS | KUBERNETES | ECS | DOCKER | COMPOSE | QUADLETS
