"""Make the table of records."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TEXTS = """
accelerometer_x accelerometer_y accelerometer_z geohash gravity_x gravity_y gravity_z gyroscope_x gyroscope_y
gyroscope_z heart_rate_device1 heart_rate_device2 humidity light linear_acceleration_x linear_acceleration_y
linear_acceleration_z provider proximity rotation_vector_x rotation_vector_y rotation_vector_z tesla_x tesla_y
tesla_z
"""
DOUBLES = "accuracy altitude lattitude longitude pressure speed temp"
INTEGERS = "bearing heart_rate1 heart_rate2 version"


def upgrade() -> None:
    """Make the table and the index behind "latest"."""
    op.create_table(
        "record",
        sa.Column(
            "arrival", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), sa.Identity(always=True), primary_key=True
        ),
        *(sa.Column(name, sa.String(255)) for name in TEXTS.split()),
        *(sa.Column(name, sa.Double()) for name in DOUBLES.split()),
        *(sa.Column(name, sa.Integer()) for name in INTEGERS.split()),
        *(sa.Column(name, sa.BigInteger()) for name in ("id", "recv_seq", "send_seq")),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in ("ts_start", "ts_stop", "user_id")),
    )
    op.create_index("record_latest", "record", ["user_id", "ts_stop", "arrival"])


def downgrade() -> None:
    """Drop the table and all its records."""
    op.drop_table("record")
