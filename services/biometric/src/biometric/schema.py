"""The documents that clients send and get, with the types of the published record."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

TEXT_LENGTH = 255
"""Characters in a String."""


def _without_nul(value: str) -> str:
    """Refuse U+0000, which JSON and SQLite accept and PostgreSQL's text cannot hold."""
    if "\x00" in value:
        raise PydanticCustomError("nul_character", "String should not contain the character U+0000")
    return value


Integer = Annotated[int, Field(ge=-(2**31), le=2**31 - 1)]
Long = Annotated[int, Field(ge=-(2**63), le=2**63 - 1)]
Double = Annotated[float, Field(allow_inf_nan=False)]
Text = Annotated[
    str,
    Field(max_length=TEXT_LENGTH, json_schema_extra={"pattern": r"^[^\u0000]*$"}),
    AfterValidator(_without_nul),
]


class Record(BaseModel):
    """What a phone and the sensors around it measured between two moments.

    The keys stand in the document's order. An Integer or Double is a JSON number and a String is quoted even where
    it holds digits: nothing is converted. Only the three required keys may not be null; an absent key is null.
    """

    model_config = ConfigDict(
        strict=True, extra="forbid", frozen=True, alias_generator=to_camel, use_attribute_docstrings=True
    )

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
    id: Long | None = None
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
    ts_start: Long
    """Milliseconds since 1970-01-01T00:00Z."""
    ts_stop: Long
    """Milliseconds since 1970-01-01T00:00Z; the latest record of a user is the one that stopped last."""
    user_id: Long
    version: Integer | None = None

    def to_json(self) -> bytes:
        """Return the document as UTF-8 JSON: every key, in order, nulls included."""
        return self.model_dump_json(by_alias=True).encode()


class FieldProblem(BaseModel):
    """One thing that is wrong with a request."""

    field: str
    """The document's key or the path's parameter; ``body`` where the JSON itself is broken."""
    message: str


class Problem(BaseModel):
    """Why a request was not fulfilled, as RFC 9457 has it."""

    title: str
    status: int
    detail: str
    errors: list[FieldProblem] = []
