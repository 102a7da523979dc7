"""The account's ECR registry: it outlives every update, and both the AWS and the Docker provider see it."""

from .wire import Properties

REPOSITORY = "aws:ecr/repository:Repository"
IMAGE = "docker:index/image:Image"

_tags: dict[str, set[str]] = {}
"""Repository, by its name, to the tags that were pushed into it."""


class RefusedError(Exception):
    """What the registry answers to a push that it does not take."""


def made(token: str, inputs: Properties) -> None:
    """Take notice of a resource that was created or updated.

    Raises:
        RefusedError: the registry does not take the image; in ECR's words.
    """
    if token == REPOSITORY:
        _tags.setdefault(str(inputs["name"]), set())
    elif token == IMAGE:
        _push(inputs)


def deleted(token: str, inputs: Properties) -> None:
    """Take notice of a resource that was deleted: a repository goes with what it holds, an image stays."""
    if token == REPOSITORY:
        _tags.pop(str(inputs["name"]), None)


def repositories() -> list[str]:
    """Return the names of all repositories."""
    return sorted(_tags)


def tags(repository: str) -> list[str]:
    """Return the tags of a repository.

    Raises:
        RefusedError: there is no such repository.
    """
    if repository not in _tags:
        raise RefusedError(f"RepositoryNotFoundException: The repository with name '{repository}' does not exist")
    return sorted(_tags[repository])


def _push(image: Properties) -> None:
    """Push as the Docker provider does whenever it creates or updates an image."""
    registry, _, name = str(image["imageName"]).partition("/")
    if image.get("skipPush") or ".dkr.ecr." not in registry:
        return
    repository, _, tag = name.rpartition(":")
    if tag in tags(repository):
        raise RefusedError(
            f"tag invalid: The image tag '{tag}' already exists in the '{repository}' repository and cannot be "
            "overwritten because the tag is immutable."
        )
    _tags[repository].add(tag)
