"""What the service keeps, and what it answers: the interface of every store behind it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Protocol

from biometric.problems import Refused, Unavailable
from biometric.schema import Record


@dataclass(frozen=True)
class Attempt:
    """One try of a request that may be tried again; the next one with the same key stores nothing."""

    key: str
    fingerprint: bytes
    """Of the documents, not of the bytes that came: order and blanks are free."""

    @classmethod
    def of(cls, key: str, *documents: bytes) -> Attempt:
        """Return an attempt at storing some documents under a key."""
        digest = hashlib.blake2b(digest_size=16)
        for document in documents:
            digest.update(document)
            digest.update(b"\n")
        return cls(key, digest.digest())

    def check(self, known: bytes | None) -> None:
        """Make sure that the key, which was taken before, belongs to the same documents.

        Args:
            known: The fingerprint that stands beside the key; None if it has just been forgotten.

        Raises:
            KeyReused: It belongs to something else.
            Unavailable: It is free again.
        """
        if known is None:
            raise Unavailable("the Idempotency-Key was forgotten this very moment")
        if known != self.fingerprint:
            raise KeyReused


class KeyReused(Refused):
    """An Idempotency-Key came back with something else than it came with first."""

    def __init__(self) -> None:
        """Say so as the draft of the header's standard asks: 422."""
        super().__init__(
            HTTPStatus.UNPROCESSABLE_ENTITY,
            "Idempotency-Key: this key was used for another request; take a new one for each record or batch",
        )


class NotMigrated(Exception):
    """The database answers, but its schema is missing or older than this code needs."""


class LatestRecords(Protocol):
    """The two things that nearly every request is about: keep a record, and answer a user's latest."""

    async def add(self, record: Record, attempt: Attempt | None = None) -> int | None:
        """Store a record, durably; return its number in the order of arrival, None if the attempt had stored it before.

        Raises:
            KeyReused: The attempt's key belongs to something else.
            Unavailable: The store cannot be reached; without an attempt, the record may or may not be stored.
        """

    async def latest(self, user_id: int) -> bytes | None:
        """Return, as UTF-8 JSON, the user's record that stopped last; of several, the one that arrived last.

        Raises:
            Unavailable: The store cannot be reached.
        """

    async def refresh(self, users: Iterable[int]) -> None:
        """See to it that ``latest`` knows what users' records were stored by another way, where it looks elsewhere.

        Raises:
            Unavailable: The store cannot be reached.
        """

    async def close(self) -> None:
        """Close the connections."""
