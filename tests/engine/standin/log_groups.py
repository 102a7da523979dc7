"""What else outlives a stack in the account: the log groups."""

# Where AWS's services make the group themselves, and write to it once more after it was deleted.
_WRITTEN_AGAIN = ("/aws/ecs/containerinsights/", "/aws/eks/", "/aws/rds/")


class LogGroups:
    """The log groups of one account, by name."""

    def __init__(self) -> None:
        """Begin with none."""
        self._names: set[str] = set()

    def create(self, name: str) -> str:
        """Make a group, and return why it is refused, if it is."""
        if name in self._names:
            return f"ResourceAlreadyExistsException: The specified log group already exists: {name}"
        self._names.add(name)
        return ""

    def delete(self, name: str) -> None:
        """Delete a group; a service's own is there again at once."""
        if not name.startswith(_WRITTEN_AGAIN):
            self._names.discard(name)

    def __contains__(self, name: str) -> bool:
        """Tell whether there is such a group."""
        return name in self._names

    def beginning_with(self, prefix: str) -> list[str]:
        """Return the names with this beginning."""
        return sorted(name for name in self._names if name.startswith(prefix))
