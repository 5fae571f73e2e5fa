"""The first tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "sitting",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("programme_id", sa.String(64), nullable=False),
        sa.Column("paper_id", sa.String(64), nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("on_date", sa.Date, nullable=False),
        sa.Column("programme_json", sa.Text, nullable=False),
        sa.Column("bank_hash", sa.String(64), nullable=False),
        sa.Column("draw", sa.LargeBinary),
        sa.Column("content_hash", sa.String(64), nullable=False),
    )
    # Columns with index=True would be indexed in the order of a set, another one in each process.
    op.create_index("ix_sitting_programme_id", "sitting", ["programme_id"])
    op.create_index("ix_sitting_on_date", "sitting", ["on_date"])
    op.create_table(
        "item_revision",
        sa.Column("item_id", sa.String(32), primary_key=True),
        sa.Column("revision", sa.String(16), primary_key=True),
        sa.Column("content_json", sa.Text, nullable=False),
    )
    op.create_table(
        "candidate",
        sa.Column("sitting_id", sa.String(64), sa.ForeignKey("sitting.id"), primary_key=True),
        sa.Column("code", sa.String(64), primary_key=True),
        sa.Column("unit", sa.Text, nullable=False),
        sa.Column("groups_json", sa.Text, nullable=False),
        sa.Column("exempt", sa.Text, nullable=False),
        sa.Column("room", sa.String(32)),
        sa.Column("seat", sa.Integer),
    )
    op.create_table(
        "person",
        sa.Column("sitting_id", sa.String(64), primary_key=True),
        sa.Column("code", sa.String(64), primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("identity_number", sa.Text, nullable=False),
        sa.ForeignKeyConstraint(["sitting_id", "code"], ["candidate.sitting_id", "candidate.code"]),
    )
    op.create_table(
        "result",
        sa.Column("sitting_id", sa.String(64), sa.ForeignKey("sitting.id"), primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("full_marks", sa.String(16), nullable=False),
        sa.Column("cut", sa.String(16), nullable=False),
        sa.Column("basis", sa.String(16), nullable=False),
        sa.Column("changes_json", sa.Text, nullable=False),
        sa.Column("items_json", sa.Text, nullable=False),
        sa.Column("calibration", sa.Text, nullable=False),
        sa.Column("content_hash", sa.String(64), nullable=False),
    )
    op.create_table(
        "attempt",
        sa.Column("sitting_id", sa.String(64), primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True),
        sa.Column("code", sa.String(64), primary_key=True),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("attendance", sa.String(8), nullable=False),
        sa.Column("total", sa.String(16)),
        sa.Column("equated", sa.String(16)),
        sa.Column("ability", sa.Float),
        sa.Column("standard_error", sa.Float),
        sa.Column("outcome", sa.String(8), nullable=False),
        sa.Column("grade", sa.String(8)),
        sa.Column("sureness", sa.Float),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("answers", sa.LargeBinary, nullable=False),
        sa.ForeignKeyConstraint(["sitting_id", "version"], ["result.sitting_id", "result.version"]),
        sa.ForeignKeyConstraint(["sitting_id", "code"], ["candidate.sitting_id", "candidate.code"]),
    )
    op.create_table(
        "audit",
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("what", sa.String(32), nullable=False),
        sa.Column("detail_json", sa.Text, nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
    )


def downgrade() -> None:
    for name in ("audit", "attempt", "result", "person", "candidate", "item_revision", "sitting"):
        op.drop_table(name)
