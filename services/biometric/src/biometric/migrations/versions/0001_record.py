"""Make the table of records."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table and the index behind "latest"."""
    op.create_table(
        "record",
        sa.Column(
            "arrival",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            sa.Identity(always=True),
            primary_key=True,
        ),
        sa.Column("accelerometer_x", sa.String(255)),
        sa.Column("accelerometer_y", sa.String(255)),
        sa.Column("accelerometer_z", sa.String(255)),
        sa.Column("accuracy", sa.Double()),
        sa.Column("altitude", sa.Double()),
        sa.Column("bearing", sa.Integer()),
        sa.Column("geohash", sa.String(255)),
        sa.Column("gravity_x", sa.String(255)),
        sa.Column("gravity_y", sa.String(255)),
        sa.Column("gravity_z", sa.String(255)),
        sa.Column("gyroscope_x", sa.String(255)),
        sa.Column("gyroscope_y", sa.String(255)),
        sa.Column("gyroscope_z", sa.String(255)),
        sa.Column("heart_rate1", sa.Integer()),
        sa.Column("heart_rate2", sa.Integer()),
        sa.Column("heart_rate_device1", sa.String(255)),
        sa.Column("heart_rate_device2", sa.String(255)),
        sa.Column("humidity", sa.String(255)),
        sa.Column("id", sa.BigInteger()),
        sa.Column("lattitude", sa.Double()),
        sa.Column("light", sa.String(255)),
        sa.Column("linear_acceleration_x", sa.String(255)),
        sa.Column("linear_acceleration_y", sa.String(255)),
        sa.Column("linear_acceleration_z", sa.String(255)),
        sa.Column("longitude", sa.Double()),
        sa.Column("pressure", sa.Double()),
        sa.Column("provider", sa.String(255)),
        sa.Column("proximity", sa.String(255)),
        sa.Column("recv_seq", sa.BigInteger()),
        sa.Column("rotation_vector_x", sa.String(255)),
        sa.Column("rotation_vector_y", sa.String(255)),
        sa.Column("rotation_vector_z", sa.String(255)),
        sa.Column("send_seq", sa.BigInteger()),
        sa.Column("speed", sa.Double()),
        sa.Column("temp", sa.Double()),
        sa.Column("tesla_x", sa.String(255)),
        sa.Column("tesla_y", sa.String(255)),
        sa.Column("tesla_z", sa.String(255)),
        sa.Column("ts_start", sa.BigInteger(), nullable=False),
        sa.Column("ts_stop", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer()),
    )
    op.create_index("record_latest", "record", ["user_id", "ts_stop", "arrival"])


def downgrade() -> None:
    """Drop the table and all its records."""
    op.drop_table("record")
