"""Tables of the store; the same on SQLite and PostgreSQL.

Nothing is ever updated: a sitting is added once, a result is added as the next version. Names and
identity numbers stand in one table and are joined only to print a roll, a slip or a certificate.
"""

from sqlalchemy import (
    Column,
    Date,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
)

metadata = MetaData()

sitting = Table(
    "sitting",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("programme_id", String(64), nullable=False, index=True),
    Column("paper_id", String(64), nullable=False),
    Column("title", Text, nullable=False),
    Column("on_date", Date, nullable=False, index=True),
    Column("programme_json", Text, nullable=False),
    Column("bank_hash", String(64), nullable=False),
    Column("draw", LargeBinary),
    Column("content_hash", String(64), nullable=False),
)

item_revision = Table(
    "item_revision",
    metadata,
    Column("item_id", String(32), primary_key=True),
    Column("revision", String(16), primary_key=True),
    Column("content_json", Text, nullable=False),
)

candidate = Table(
    "candidate",
    metadata,
    Column("sitting_id", String(64), ForeignKey("sitting.id"), primary_key=True),
    Column("code", String(64), primary_key=True),
    Column("unit", Text, nullable=False),
    Column("groups_json", Text, nullable=False),
    Column("exempt", Text, nullable=False),
    Column("room", String(32)),
    Column("seat", Integer),
)

person = Table(
    "person",
    metadata,
    Column("sitting_id", String(64), primary_key=True),
    Column("code", String(64), primary_key=True),
    Column("name", Text, nullable=False),
    Column("identity_number", Text, nullable=False),
    ForeignKeyConstraint(["sitting_id", "code"], ["candidate.sitting_id", "candidate.code"]),
)

result = Table(
    "result",
    metadata,
    Column("sitting_id", String(64), ForeignKey("sitting.id"), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("reason", Text, nullable=False),
    Column("full_marks", String(16), nullable=False),
    Column("cut", String(16), nullable=False),
    Column("basis", String(16), nullable=False),
    Column("changes_json", Text, nullable=False),
    Column("items_json", Text, nullable=False),
    Column("calibration", Text, nullable=False),
    Column("content_hash", String(64), nullable=False),
)

attempt = Table(
    "attempt",
    metadata,
    Column("sitting_id", String(64), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("code", String(64), primary_key=True),
    Column("attempt", Integer, nullable=False),
    Column("attendance", String(8), nullable=False),
    Column("total", String(16)),
    Column("equated", String(16)),
    Column("ability", Float),
    Column("standard_error", Float),
    Column("outcome", String(8), nullable=False),
    Column("grade", String(8)),
    Column("sureness", Float),
    Column("reason", Text, nullable=False),
    Column("answers", LargeBinary, nullable=False),
    ForeignKeyConstraint(["sitting_id", "version"], ["result.sitting_id", "result.version"]),
    ForeignKeyConstraint(["sitting_id", "code"], ["candidate.sitting_id", "candidate.code"]),
)

audit = Table(
    "audit",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("what", String(32), nullable=False),
    Column("detail_json", Text, nullable=False),
    Column("hash", String(64), nullable=False),
)
