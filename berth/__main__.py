"""``python -m berth``."""

from berth.cli import app

app(prog_name="berth")
