"""YAML that all readers read alike.

Of a key that stands twice, and of one that a merge (`<<`) brings in beside another of its name, each library keeps
another value: PyYAML the written one, go-yaml v2, which Helm reads with, whichever stands behind.
"""

from __future__ import annotations

from functools import cache
from typing import Any


@cache
def loader(*, merges: bool) -> Any:
    """Return a loader class that refuses such keys, and unless ``merges`` says otherwise any merge."""
    # Needed by few, and not there for all.
    import yaml

    class Loader(yaml.SafeLoader):
        def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
            if not merges and any(key.tag == "tag:yaml.org,2002:merge" for key, _ in node.value):
                raise yaml.constructor.ConstructorError(None, None, "a merge", node.start_mark)
            self.flatten_mapping(node)
            keys = [self.construct_object(key, deep=True) for key, _ in node.value]
            if any(isinstance(key, list | dict) for key in keys) or len(set(keys)) < len(keys):
                raise yaml.constructor.ConstructorError(None, None, "a key twice", node.start_mark)
            return super().construct_mapping(node, deep=deep)

    return Loader
