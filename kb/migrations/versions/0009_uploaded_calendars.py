"""Content calendars that are kept for a day, so that their results have pages."""

import sqlalchemy as sa
from alembic import op

revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('calendar_upload',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('principal', sa.String(length=80), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('content', sa.LargeBinary(), nullable=False),
    sa.Column('form', sa.JSON(), nullable=False),
    sa.Column('results', sa.JSON(none_as_null=True), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_calendar_upload')),
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('calendar_upload', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_calendar_upload_created_at'), ['created_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_calendar_upload_principal'), ['principal'], unique=False)


def downgrade() -> None:
    op.drop_table('calendar_upload')
