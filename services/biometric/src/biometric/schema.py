"""The documents that clients send and get, with the types of the published record."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter, ValidationInfo, field_validator
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError, to_json

TEXT_LENGTH = 255
"""Characters in a String."""
LONG_MAX = 2**63 - 1
LATEST_TIME = 253_402_300_799_999
"""The last millisecond of the year 9999, which is the last that ISO 8601 and most clients can write."""
BATCH_RECORDS = 1000
"""Records in one batch."""
PAGE_RECORDS = 1000
"""Records or users in one page."""


def _without_nul(value: str) -> str:
    """Refuse U+0000, which JSON and SQLite accept and PostgreSQL's text cannot hold."""
    if "\x00" in value:
        raise PydanticCustomError("nul_character", "String should not contain the character U+0000")
    return value


Integer = Annotated[int, Field(ge=-(2**31), le=2**31 - 1)]
Long = Annotated[int, Field(ge=-(2**63), le=LONG_MAX)]
Identifier = Annotated[int, Field(ge=1, le=LONG_MAX)]
Milliseconds = Annotated[int, Field(ge=0, le=LATEST_TIME)]
"""Since 1970-01-01T00:00Z."""
Double = Annotated[float, Field(allow_inf_nan=False)]
Text = Annotated[
    str,
    Field(max_length=TEXT_LENGTH, json_schema_extra={"pattern": r"^[^\u0000]*$"}),
    AfterValidator(_without_nul),
]


class Document(BaseModel):
    """What all documents share: camelCase keys, no others, nothing converted."""

    model_config = ConfigDict(
        strict=True, extra="forbid", frozen=True, alias_generator=to_camel, use_attribute_docstrings=True
    )


class Record(Document):
    """What a phone and the sensors around it measured between two moments.

    The keys stand in the document's order. An Integer or Double is a JSON number and a String is quoted even where
    it holds digits: nothing is converted. Only the three required keys may not be null; an absent key is null.
    """

    accelerometer_x: Text | None = None
    accelerometer_y: Text | None = None
    accelerometer_z: Text | None = None
    accuracy: Double | None = None
    altitude: Double | None = None
    bearing: Integer | None = None
    geohash: Text | None = None
    gravity_x: Text | None = None
    gravity_y: Text | None = None
    gravity_z: Text | None = None
    gyroscope_x: Text | None = None
    gyroscope_y: Text | None = None
    gyroscope_z: Text | None = None
    heart_rate1: Integer | None = None
    heart_rate2: Integer | None = None
    heart_rate_device1: Text | None = None
    heart_rate_device2: Text | None = None
    humidity: Text | None = None
    id: Identifier | None = None
    """The client's own number; the service neither sets nor uses it."""
    lattitude: Double | None = None
    """Spelt as the published document spells it."""
    light: Text | None = None
    linear_acceleration_x: Text | None = None
    linear_acceleration_y: Text | None = None
    linear_acceleration_z: Text | None = None
    longitude: Double | None = None
    pressure: Double | None = None
    provider: Text | None = None
    proximity: Text | None = None
    recv_seq: Long | None = None
    rotation_vector_x: Text | None = None
    rotation_vector_y: Text | None = None
    rotation_vector_z: Text | None = None
    send_seq: Long | None = None
    speed: Double | None = None
    temp: Double | None = None
    tesla_x: Text | None = None
    tesla_y: Text | None = None
    tesla_z: Text | None = None
    ts_start: Milliseconds
    """Milliseconds since 1970-01-01T00:00Z."""
    ts_stop: Milliseconds
    """Milliseconds since 1970-01-01T00:00Z, not before tsStart; a user's latest record is the one that stopped last."""
    user_id: Identifier
    version: Integer | None = None

    @field_validator("ts_stop")
    @classmethod
    def _not_before_start(cls, value: int, info: ValidationInfo) -> int:
        """Refuse a record that stopped before it started; a wrong tsStart is a problem of its own."""
        if value < info.data.get("ts_start", value):
            raise PydanticCustomError("before_start", "Input should not be less than tsStart")
        return value

    def to_json(self) -> bytes:
        """Return the document as UTF-8 JSON: every key, in order, nulls included."""
        return self.model_dump_json(by_alias=True).encode()


KEYS = tuple(to_camel(name) for name in Record.model_fields)
"""The record's keys, in the document's order."""
COLUMNS = tuple(Record.model_fields)
"""The same as the table's columns."""


def document(values: Iterable[object]) -> bytes:
    """Return a record as UTF-8 JSON, letter by letter as ``Record.to_json`` writes it.

    Args:
        values: What stands in ``COLUMNS``, in that order.
    """
    return to_json(dict(zip(KEYS, values, strict=True)))


RECORD_LIST = TypeAdapter(Annotated[list[Record], Field(min_length=1, max_length=BATCH_RECORDS)])
"""Several records in one request."""


class Stored(Document):
    """What a batch was answered with."""

    stored: int
    """Records in the batch, all of which are stored."""


class RecordPage(Document):
    """Some of a user's records, in the order that was asked for."""

    records: list[Record]
    next: str | None
    """Cursor of the next page; null on the last one."""


class UserSummary(Document):
    """A user, by the latest record."""

    user_id: Identifier
    ts_stop: Milliseconds
    lattitude: Double | None
    longitude: Double | None
    heart_rate1: Integer | None
    heart_rate2: Integer | None
    speed: Double | None


class UserPage(Document):
    """Some of the users, by userId."""

    users: list[UserSummary]
    next: str | None
    """Cursor of the next page; null on the last one."""


class FieldProblem(BaseModel):
    """One thing that is wrong with a request."""

    field: str
    """The document's key, the parameter or the header; ``body`` where the JSON itself is broken."""
    message: str


class Problem(BaseModel):
    """Why a request was not fulfilled, as RFC 9457 has it."""

    type: Literal["about:blank"] = "about:blank"
    """The title says all that the status does."""
    title: str
    status: int
    detail: str
    request_id: str | None = Field(default=None, serialization_alias="requestId")
    """Under which the service's log has it."""
    errors: list[FieldProblem] = []
