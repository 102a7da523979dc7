"""Valid records, as hypothesis strategies, written down apart from the service's own model."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

# fmt: off
TEXT = [
    "accelerometerX", "accelerometerY", "accelerometerZ", "geohash", "gravityX", "gravityY",
    "gravityZ", "gyroscopeX", "gyroscopeY", "gyroscopeZ", "heartRateDevice1", "heartRateDevice2",
    "humidity", "light", "linearAccelerationX", "linearAccelerationY", "linearAccelerationZ", "provider",
    "proximity", "rotationVectorX", "rotationVectorY", "rotationVectorZ", "teslaX", "teslaY",
    "teslaZ",
]
# fmt: on
DOUBLE = ["accuracy", "altitude", "lattitude", "longitude", "pressure", "speed", "temp"]
INTEGER = ["bearing", "heartRate1", "heartRate2", "version"]
LONG = ["recvSeq", "sendSeq"]
REQUIRED = ["tsStart", "tsStop", "userId"]
KEYS = sorted([*TEXT, *DOUBLE, *INTEGER, *LONG, "id", *REQUIRED])
"""All keys in the document's order, which is the alphabet's."""

long = st.integers(-(2**63), 2**63 - 1)
identifier = st.integers(1, 2**63 - 1)
text = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=255)
double = st.floats(allow_nan=False, allow_infinity=False)
LATEST_TIME = 253_402_300_799_999
times = st.tuples(st.integers(0, LATEST_TIME), st.integers(0, LATEST_TIME)).map(sorted)


def records() -> st.SearchStrategy[dict[str, Any]]:
    """Records with any valid value or null behind every key, in any order; some keys are absent."""
    optional: dict[str, st.SearchStrategy[Any]] = {"id": st.none() | identifier}
    for names, values in ((TEXT, text), (DOUBLE, double), (INTEGER, st.integers(-(2**31), 2**31 - 1)), (LONG, long)):
        optional |= {name: st.none() | values for name in names}

    def whole(parts: tuple[dict[str, Any], list[int], int]) -> dict[str, Any]:
        rest, (start, stop), user = parts
        return {**rest, "tsStop": stop, "tsStart": start, "userId": user}

    return st.tuples(st.fixed_dictionaries({}, optional=optional), times, identifier).map(whole)
