"""A second look at tokens, in depth behind the gateway's own: OpenID Connect's issuer, its keys, audience and time."""

from __future__ import annotations

import asyncio
import json
import logging
import time
import urllib.request
from http import HTTPStatus
from typing import Any

import jwt
from jwt.exceptions import InvalidSubjectError
from starlette.types import ASGIApp, Receive, Scope, Send

from biometric.paths import HEALTH
from biometric.problems import Refused, Unavailable
from biometric.settings import Jwt

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
"""Signatures by a key pair: with a shared secret, an issuer's public key could be passed off as one."""
LEEWAY_SECONDS = 30
TOKEN_LENGTH = 16 * 1024
"""Characters; an HTTP API takes 10 KB of headers in all."""
SUBJECT_LENGTH = 255
"""Characters, as OpenID Connect has it; an Idempotency-Key is kept under it."""

FETCH_SECONDS = 3
WAIT_SECONDS = 7.0
"""How long a request waits for keys, which take two fetches."""
FRESH_SECONDS = 600.0
"""After this time the issuer is asked again, and no request waits for it."""
KEYS_SECONDS = 7200.0
"""How long keys are good while the issuer does not answer."""
AGAIN_SECONDS = 10.0
"""Between two fetches: tokens that name keys at will would otherwise send this service to the issuer each time."""
FAILED_SECONDS = 1.0
"""The same after a fetch that failed: what Retry-After tells the clients."""
DOCUMENT_BYTES = 1024 * 1024

log = logging.getLogger(__name__)


class TokenCheck:
    """Lets through only requests with a token that the issuer signed for this audience."""

    def __init__(self, app: ASGIApp, settings: Jwt) -> None:
        self._app, self._settings = app, settings
        self._keys = Keys(settings)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let one request through, or refuse it."""
        if scope["path"] not in HEALTH:  # load balancers and orchestrators have no token
            scope["subject"] = await self._subject(_token(scope))
        await self._app(scope, receive, send)

    async def _subject(self, token: str) -> str:
        """Return whom a token is about, once it is sure that the issuer said it.

        Raises:
            Refused: It is none that is accepted; the client is not told which check failed.
            Unavailable: The issuer's keys cannot be had.
        """
        try:
            key = await self._keys.named(_key_name(token))
            # In a thread: a signature takes its time, the more the longer the issuer's keys are.
            return await asyncio.to_thread(self._verified, token, key)
        except jwt.PyJWTError as error:
            # The class only: messages quote the token.
            log.info("token refused", extra={"cause": type(error).__name__})
            raise _unauthorized("the token is not accepted", 'Bearer error="invalid_token"') from None

    def _verified(self, token: str, key: jwt.PyJWK) -> str:
        """Return a token's subject, empty if it has none.

        Raises:
            jwt.PyJWTError: A check failed.
        """
        claims: dict[str, Any] = jwt.decode(
            token,
            key,
            algorithms=list(ALGORITHMS),
            issuer=self._settings.issuer,
            leeway=LEEWAY_SECONDS,
            options={"require": ["exp", "iss"], "verify_aud": False, "enforce_minimum_key_length": True},
        )
        named = claims.get("aud", claims.get("client_id"))  # Cognito's access tokens name the client instead
        audiences = named if isinstance(named, list) else [named]
        if not any(audience in self._settings.audience for audience in audiences):
            raise jwt.InvalidAudienceError("another audience")
        subject = str(claims.get("sub", ""))
        if len(subject) > SUBJECT_LENGTH or not subject.isprintable():
            raise InvalidSubjectError("a subject that cannot be kept")
        return subject


class Keys:
    """An issuer's public keys: fetched when there is need, by one request for all, and not at every caller's wish."""

    def __init__(self, settings: Jwt) -> None:
        self._settings = settings
        self._keys: dict[str, jwt.PyJWK] = {}
        self._had = self._tried = float("-inf")
        self._failed = False
        self._renewal: asyncio.Future[None] | None = None

    async def named(self, name: str) -> jwt.PyJWK:
        """Return a key by its name, its ``kid``.

        Raises:
            jwt.InvalidKeyError: The issuer has none of this name.
            Unavailable: The issuer cannot be asked.
        """
        now = time.monotonic()
        if now - self._had > KEYS_SECONDS:
            self._keys = {}
        wanted = name not in self._keys or now - self._had > FRESH_SECONDS
        rested = now - self._tried >= (FAILED_SECONDS if self._failed else AGAIN_SECONDS)
        if wanted and rested and self._renewal is None:
            self._renewal = asyncio.ensure_future(self._renew())
        if name not in self._keys and self._renewal is not None:
            # Not cancelled with one request: others wait for it as well.
            await asyncio.wait((self._renewal,), timeout=WAIT_SECONDS)
        if name in self._keys:
            return self._keys[name]
        if self._failed or self._renewal is not None:
            raise Unavailable("tokens cannot be checked now")
        raise jwt.InvalidKeyError("no key of this name")

    async def _renew(self) -> None:
        try:
            # In a thread: the standard library fetches without asyncio.
            self._keys = await asyncio.to_thread(_fetched, self._settings)
            self._failed, self._had = False, time.monotonic()
        except Exception as error:  # whatever it was that the issuer answered
            self._failed = True
            log.error("the issuer's keys cannot be had", extra={"cause": type(error).__name__})
        self._tried, self._renewal = time.monotonic(), None


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
    raise _unauthorized("a bearer token is asked for", "Bearer")


def _key_name(token: str) -> str:
    """Return which key a token says it is signed with; refuse what needs no key to be refused.

    Raises:
        jwt.PyJWTError: It is no token, or not of a kind that is accepted.
    """
    if len(token) > TOKEN_LENGTH:
        raise jwt.DecodeError("too long")
    header = jwt.get_unverified_header(token)
    if header.get("alg") not in ALGORITHMS:
        raise jwt.InvalidAlgorithmError("another kind of signature")
    name = header.get("kid")
    if not isinstance(name, str):
        raise jwt.InvalidKeyError("no key is named")
    return name


def _fetched(settings: Jwt) -> dict[str, jwt.PyJWK]:
    """Return the keys that the issuer signs with, by name."""
    keys = jwt.PyJWKSet.from_dict(_document(settings.jwks_url or _discovered(settings.issuer))).keys
    named = {key.key_id: key for key in keys if key.key_id and key.public_key_use in ("sig", None)}
    if not named:
        raise ValueError("no keys for signatures")
    return named


def _discovered(issuer: str) -> str:
    """Return where an issuer's keys are, as OpenID Connect Discovery 1.0 has it."""
    found = _document(f"{issuer.rstrip('/')}/.well-known/openid-configuration")
    if found["issuer"] != issuer:
        raise ValueError("the document is another issuer's")
    url = str(found["jwks_uri"])
    # As safe as the issuer itself, and no file.
    if not url.startswith(("https://", "http://") if issuer.startswith("http://") else "https://"):
        raise ValueError("keys of another scheme")
    return url


class _Stay(urllib.request.HTTPRedirectHandler):
    """Follows nobody elsewhere: neither document is anywhere but where the issuer says."""

    def redirect_request(self, *_: Any) -> None:
        """Return no request."""


def _document(url: str) -> Any:
    """Return a JSON document of the issuer's."""
    with urllib.request.build_opener(_Stay()).open(url, timeout=FETCH_SECONDS) as answer:
        content = answer.read(DOCUMENT_BYTES + 1)
    if len(content) > DOCUMENT_BYTES:
        raise ValueError("too large")
    return json.loads(content)


def _unauthorized(detail: str, challenge: str) -> Refused:
    return Refused(HTTPStatus.UNAUTHORIZED, detail, headers={"www-authenticate": challenge})
