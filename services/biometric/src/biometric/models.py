"""The tables, as SQLAlchemy's ORM maps them; ``migrations`` makes them."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, Column, DateTime, Double, Identity, Index, Integer, LargeBinary, String, Table, func
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeEngine

from biometric import schema
from biometric.schema import Record

SCHEMA_REVISION = "0002"
"""The migration this code needs. Revisions are numbered, so that a later one is known to be later."""

ATTEMPT_KEY_LENGTH = 512
"""Characters: who sent it, and the Idempotency-Key."""

NULLABLE: tuple[tuple[Any, TypeEngine[Any]], ...] = (
    (schema.Text | None, String(schema.TEXT_LENGTH)),
    (schema.Double | None, Double()),
    (schema.Integer | None, Integer()),
)
"""The columns' types, by annotation; every other one is 64 bits."""


class Base(DeclarativeBase):
    """What the tables share."""


class RecordRow(Base):
    """A stored record: the order of arrival as the key, and the document's fields as columns, in their order."""

    __table__ = Table(
        "record",
        Base.metadata,
        # The document's own id may be null and may repeat, so it cannot be the key. SQLite counts only an INTEGER key.
        Column("arrival", BigInteger().with_variant(Integer(), "sqlite"), Identity(always=True), primary_key=True),
        *(
            Column(
                name,
                next((kind for annotation, kind in NULLABLE if annotation == field.annotation), BigInteger()),
                nullable=not field.is_required(),
            )
            for name, field in Record.model_fields.items()
        ),
        # Read backwards it answers "latest of a user" with its first entry; forwards, a user's pages.
        Index("record_latest", "user_id", "ts_stop", "arrival"),
        # What came after an event that a client has seen.
        Index("record_arrival", "user_id", "arrival"),
    )
    if TYPE_CHECKING:
        arrival: Mapped[int]
        ts_stop: Mapped[int]
        user_id: Mapped[int]


class AttemptRow(Base):
    """An Idempotency-Key that stored something; another request with it stores nothing."""

    __tablename__ = "attempt"

    key: Mapped[str] = mapped_column(String(ATTEMPT_KEY_LENGTH), primary_key=True)
    fingerprint: Mapped[bytes] = mapped_column(LargeBinary())
    """Of what was stored: a key that comes back with something else is a client's mistake."""
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())

    # Read from its old end to forget keys. A block range index would be cheaper to write, and useless once the space of
    # forgotten keys is used again.
    __table_args__ = (Index("attempt_created", "created_at"),)
