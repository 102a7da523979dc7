"""The tables, as SQLAlchemy's ORM maps them; ``migrations`` makes them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from sqlalchemy import BigInteger, DateTime, Double, Identity, Index, Integer, LargeBinary, String, func
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from biometric.schema import TEXT_LENGTH

SCHEMA_REVISION = "0002"
"""The migration this code needs. Revisions are numbered, so that a later one is known to be later."""

ATTEMPT_KEY_LENGTH = 512
"""Characters: who sent it, and the Idempotency-Key."""

Int32 = Annotated[int, "32 bits"]
Int64 = Annotated[int, "64 bits"]


class Base(DeclarativeBase):
    """What the tables share: the columns' types, by annotation."""

    type_annotation_map = {  # noqa: RUF012, the name and form that SQLAlchemy reads
        Int32: Integer(),
        Int64: BigInteger(),
        float: Double(),
        str: String(TEXT_LENGTH),
    }


class RecordRow(Base):
    """A stored record: the document's keys as columns, and the order of arrival as the key."""

    __tablename__ = "record"

    # The document's own id may be null and may repeat, so it cannot be the key. SQLite counts only an INTEGER key.
    arrival: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer(), "sqlite"), Identity(always=True), primary_key=True
    )

    accelerometer_x: Mapped[str | None]
    accelerometer_y: Mapped[str | None]
    accelerometer_z: Mapped[str | None]
    accuracy: Mapped[float | None]
    altitude: Mapped[float | None]
    bearing: Mapped[Int32 | None]
    geohash: Mapped[str | None]
    gravity_x: Mapped[str | None]
    gravity_y: Mapped[str | None]
    gravity_z: Mapped[str | None]
    gyroscope_x: Mapped[str | None]
    gyroscope_y: Mapped[str | None]
    gyroscope_z: Mapped[str | None]
    heart_rate1: Mapped[Int32 | None]
    heart_rate2: Mapped[Int32 | None]
    heart_rate_device1: Mapped[str | None]
    heart_rate_device2: Mapped[str | None]
    humidity: Mapped[str | None]
    id: Mapped[Int64 | None]
    lattitude: Mapped[float | None]
    light: Mapped[str | None]
    linear_acceleration_x: Mapped[str | None]
    linear_acceleration_y: Mapped[str | None]
    linear_acceleration_z: Mapped[str | None]
    longitude: Mapped[float | None]
    pressure: Mapped[float | None]
    provider: Mapped[str | None]
    proximity: Mapped[str | None]
    recv_seq: Mapped[Int64 | None]
    rotation_vector_x: Mapped[str | None]
    rotation_vector_y: Mapped[str | None]
    rotation_vector_z: Mapped[str | None]
    send_seq: Mapped[Int64 | None]
    speed: Mapped[float | None]
    temp: Mapped[float | None]
    tesla_x: Mapped[str | None]
    tesla_y: Mapped[str | None]
    tesla_z: Mapped[str | None]
    ts_start: Mapped[Int64]
    ts_stop: Mapped[Int64]
    user_id: Mapped[Int64]
    version: Mapped[Int32 | None]

    __table_args__ = (
        # Read backwards it answers "latest of a user" with its first entry; forwards, a user's pages.
        Index("record_latest", "user_id", "ts_stop", "arrival"),
        # What came after an event that a client has seen.
        Index("record_arrival", "user_id", "arrival"),
    )


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
