"""The Plans that the pictures are drawn of, too."""

from tests.diagrams.conftest import plans, rich

__all__ = ["plans", "rich"]
