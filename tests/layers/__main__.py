"""Write `docs/layers.md`."""

from .document import FILE, document

FILE.write_text(document())
