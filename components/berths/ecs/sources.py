"""Secrets that exist already: how a container definition names them. Pure."""

from __future__ import annotations

from components.secret_rights import secret_arn
from components.service.spec import Source
from components.site import Site


def value_from(site: Site, source: Source) -> str:
    """Return what ``valueFrom`` says: a parameter's name, or a secret's ARN, with the key of its JSON if there is one.

    A secret that is known by its name is named by an ARN without the six characters at its end, which ECS completes.
    The newest version is read (``AWSCURRENT``), at the start of each container.
    """
    if source.parameter is not None:
        return source.parameter
    arn = secret_arn(site, source)
    return f"{arn}:{source.field}::" if source.field else arn
