"""``berth rehearse``: the workload that a stack's Plan declares, run for real on this machine.

What is planned is what is run: the very container definitions or the rendered pod, by podman, beside a real PostgreSQL.
A record is posted and read back, and the running processes are looked at from outside. ``run`` is the whole of it,
``clean`` removes what ``run(keep=True)`` left up.
"""

from __future__ import annotations

from berth.rehearse.errors import RehearsalError, RehearsalFailed, RehearsalInterrupted
from berth.rehearse.moving.move import Move
from berth.rehearse.options import Options
from berth.rehearse.rehearsal import clean, run
from berth.rehearse.summary import Rehearsal

__all__ = ["Move", "Options", "Rehearsal", "RehearsalError", "RehearsalFailed", "RehearsalInterrupted", "clean", "run"]
