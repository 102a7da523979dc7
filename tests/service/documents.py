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
LONG = ["id", "recvSeq", "sendSeq"]
REQUIRED = ["tsStart", "tsStop", "userId"]
KEYS = sorted([*TEXT, *DOUBLE, *INTEGER, *LONG, *REQUIRED])
"""All keys in the document's order, which is the alphabet's."""

long = st.integers(-(2**63), 2**63 - 1)
text = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=255)
double = st.floats(allow_nan=False, allow_infinity=False)


def records() -> st.SearchStrategy[dict[str, Any]]:
    """Records with any valid value or null behind every key; some keys are absent."""
    optional: dict[str, st.SearchStrategy[Any]] = {}
    for names, values in ((TEXT, text), (DOUBLE, double), (INTEGER, st.integers(-(2**31), 2**31 - 1)), (LONG, long)):
        optional |= {name: st.none() | values for name in names}
    return st.fixed_dictionaries({name: long for name in REQUIRED}, optional=optional)
