"""A lesson may carry a guard."""

import sqlalchemy as sa
from alembic import op

revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None

HAS_GUARD = sa.text('guard IS NOT NULL')


def upgrade() -> None:
    with op.batch_alter_table('lesson') as batch_op:
        batch_op.add_column(sa.Column('guard', sa.JSON(none_as_null=True), nullable=True))
        batch_op.create_index('ix_lesson_guarded', ['incident_id'], unique=False,
                              sqlite_where=HAS_GUARD, postgresql_where=HAS_GUARD)


def downgrade() -> None:
    op.drop_index('ix_lesson_guarded', table_name='lesson')
    # Not in a batch, which copies the table on SQLite and forgets the highest id: ids are never reused.
    op.drop_column('lesson', 'guard')
