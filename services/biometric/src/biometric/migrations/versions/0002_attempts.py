"""Remember Idempotency-Keys, and find what arrived after an event.

On a table that is already large, make the second index beforehand, so that no write waits for it:
``CREATE INDEX CONCURRENTLY record_arrival ON record (user_id, arrival)``.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from alembic.util import CommandError

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table of attempts and the index behind streams."""
    op.create_table(
        "attempt",
        sa.Column("key", sa.String(512), primary_key=True),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
    )
    op.create_index("attempt_created", "attempt", ["created_at"])
    op.create_index("record_arrival", "record", ["user_id", "arrival"], if_not_exists=True)
    if op.get_bind().dialect.name == "postgresql":
        query = sa.text("SELECT indisvalid FROM pg_index WHERE indexrelid = 'record_arrival'::regclass")
        if not op.get_bind().scalar(query):
            raise CommandError("the index record_arrival is there and not valid: drop it, and make it anew")


def downgrade() -> None:
    """Forget the keys, and drop the index."""
    op.drop_index("record_arrival", "record")
    op.drop_table("attempt")
