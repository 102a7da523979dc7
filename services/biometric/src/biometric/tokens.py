"""A second look at tokens, in depth behind the gateway's own: OpenID Connect's issuer, its keys, audience and time."""

from __future__ import annotations

import asyncio
import json
import logging
import urllib.request
from http import HTTPStatus
from typing import Any

import jwt
from jwt import PyJWKClient
from starlette.types import ASGIApp, Receive, Scope, Send

from biometric.problems import Refused, Unavailable
from biometric.settings import Jwt

OPEN = frozenset(("/healthz", "/readyz"))
"""Paths that load balancers and orchestrators ask without a token."""
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
"""Signatures by a key pair: with a shared secret, an issuer's public key could be passed off as one."""
LEEWAY_SECONDS = 30
FETCH_SECONDS = 3
KEYS_SECONDS = 3600
"""How long an issuer's keys are kept; one that is not among them is asked for at once."""

log = logging.getLogger(__name__)


class TokenCheck:
    """Lets through only requests with a token that the issuer signed for this audience."""

    def __init__(self, app: ASGIApp, settings: Jwt) -> None:
        """Keep what it works with; the issuer's keys are fetched with the first token.

        Args:
            app: Answers the requests.
            settings: Whose tokens are accepted.
        """
        self._app, self._settings = app, settings
        self._keys: PyJWKClient | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let one request through, or refuse it."""
        if scope["path"] not in OPEN:
            claims = await self._claims(_token(scope))
            scope["subject"] = str(claims.get("sub", ""))
        await self._app(scope, receive, send)

    async def _claims(self, token: str) -> dict[str, Any]:
        """Return what a token says, once it is sure that the issuer said it.

        Raises:
            Refused: It is none that is accepted; the client is not told which check failed.
            Unavailable: The issuer's keys cannot be had.
        """
        try:
            # In a thread: the library fetches keys without asyncio, and an RSA signature takes its time.
            return await asyncio.to_thread(self._verified, token)
        except jwt.PyJWKClientConnectionError:
            log.error("the issuer's keys cannot be had")
        except jwt.PyJWTError as error:
            log.info("token refused", extra={"cause": type(error).__name__})
            raise _unauthorized("the token is not accepted") from None
        raise Unavailable("tokens cannot be checked now")

    def _verified(self, token: str) -> dict[str, Any]:
        settings = self._settings
        if self._keys is None:
            url = settings.jwks_url or _discover(settings.issuer)
            self._keys = PyJWKClient(url, timeout=FETCH_SECONDS, lifespan=KEYS_SECONDS)
        key = self._keys.get_signing_key_from_jwt(token)
        claims: dict[str, Any] = jwt.decode(
            token,
            key,
            algorithms=list(ALGORITHMS),
            issuer=settings.issuer,
            leeway=LEEWAY_SECONDS,
            options={"require": ["exp", "iss"], "verify_aud": False},
        )
        named = claims.get("aud", claims.get("client_id"))  # Cognito's access tokens name the client instead
        audiences = named if isinstance(named, list) else [named]
        if not set(map(str, audiences)) & set(settings.audience):
            raise jwt.InvalidAudienceError("another audience")
        return claims


def _token(scope: Scope) -> str:
    """Return the bearer token of a request.

    Raises:
        Refused: There is none.
    """
    for name, value in scope["headers"]:
        if name == b"authorization":
            scheme, _, token = value.decode("latin-1").partition(" ")
            if scheme.lower() == "bearer" and token.strip():
                return str(token.strip())
    raise _unauthorized("a bearer token is asked for")


def _discover(issuer: str) -> str:
    """Return where an issuer's keys are, as OpenID Connect Discovery 1.0 has it.

    Raises:
        jwt.PyJWKClientConnectionError: Its document cannot be had.
    """
    try:
        with urllib.request.urlopen(
            f"{issuer.rstrip('/')}/.well-known/openid-configuration", timeout=FETCH_SECONDS
        ) as answer:
            return str(json.load(answer)["jwks_uri"])
    except (OSError, ValueError, KeyError) as error:
        raise jwt.PyJWKClientConnectionError(f"no discovery document: {type(error).__name__}") from None


def _unauthorized(detail: str) -> Refused:
    return Refused(HTTPStatus.UNAUTHORIZED, detail, headers={"www-authenticate": "Bearer"})
