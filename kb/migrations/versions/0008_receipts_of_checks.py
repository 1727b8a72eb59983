"""Receipts of checks, overrides and answers to findings; an incident may name the check that passed its post."""

import sqlalchemy as sa
from alembic import op

revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('draft_check',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('author', sa.String(length=200), nullable=False),
    sa.Column('principal', sa.String(length=80), nullable=False),
    sa.Column('team_id', sa.Integer(), nullable=True),
    sa.Column('text_sha256', sa.String(length=64), nullable=False),
    sa.Column('text', sa.JSON(none_as_null=True), nullable=True),
    sa.Column('platform', sa.String(length=100), nullable=True),
    sa.Column('account_key', sa.String(length=200), nullable=True),
    sa.Column('draft', sa.JSON(), nullable=False),
    sa.Column('link_sha256', sa.JSON(), nullable=False),
    sa.Column('ruleset', sa.String(length=64), nullable=False),
    sa.Column('seq', sa.Integer(), nullable=False),
    sa.Column('verdict', sa.String(length=40), nullable=False),
    sa.Column('findings', sa.JSON(), nullable=False),
    sa.Column('concepts', sa.JSON(), nullable=False),
    sa.Column('precedents', sa.JSON(), nullable=False),
    sa.Column('suppressions', sa.JSON(), nullable=False),
    sa.Column('rerun_of_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['rerun_of_id'], ['draft_check.id'], name=op.f('fk_draft_check_rerun_of_id'),
                            ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['team_id'], ['team.id'], name=op.f('fk_draft_check_team_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_draft_check')),
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('draft_check', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_draft_check_created_at'), ['created_at'], unique=False)
        batch_op.create_index('ix_draft_check_principal_id', ['principal', 'id'], unique=False)
        batch_op.create_index(batch_op.f('ix_draft_check_rerun_of_id'), ['rerun_of_id'], unique=False)
        batch_op.create_index('ix_draft_check_team_id_id', ['team_id', 'id'], unique=False)

    op.create_table('check_override',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('check_id', sa.Integer(), nullable=False),
    sa.Column('author', sa.String(length=200), nullable=False),
    sa.Column('principal', sa.String(length=80), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['check_id'], ['draft_check.id'], name=op.f('fk_check_override_check_id'),
                            ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_check_override'))
    )
    with op.batch_alter_table('check_override', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_check_override_check_id'), ['check_id'], unique=False)

    op.create_table('check_feedback',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('check_id', sa.Integer(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('guard', sa.String(length=120), nullable=False),
    sa.Column('example', sa.JSON(), nullable=False),
    sa.Column('author', sa.String(length=200), nullable=False),
    sa.Column('principal', sa.String(length=80), nullable=False),
    sa.Column('reason', sa.Text(), nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('status', sa.String(length=40), nullable=False),
    sa.Column('decided_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('decided_by', sa.String(length=200), nullable=True),
    sa.ForeignKeyConstraint(['check_id'], ['draft_check.id'], name=op.f('fk_check_feedback_check_id'),
                            ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_check_feedback')),
    sa.UniqueConstraint('check_id', 'number', name=op.f('uq_check_feedback_check_id_number'))
    )
    with op.batch_alter_table('check_feedback', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_check_feedback_guard'), ['guard'], unique=False)

    with op.batch_alter_table('incident', table_kwargs={'sqlite_autoincrement': True}) as batch_op:
        batch_op.add_column(sa.Column('passed_check_id', sa.Integer(), nullable=True))
        batch_op.create_index(batch_op.f('ix_incident_passed_check_id'), ['passed_check_id'], unique=False)
        batch_op.create_foreign_key(
            batch_op.f('fk_incident_passed_check_id'), 'draft_check', ['passed_check_id'], ['id']
        )


def downgrade() -> None:
    with op.batch_alter_table('incident', table_kwargs={'sqlite_autoincrement': True}) as batch_op:
        batch_op.drop_constraint(batch_op.f('fk_incident_passed_check_id'), type_='foreignkey')
        batch_op.drop_index(batch_op.f('ix_incident_passed_check_id'))
        batch_op.drop_column('passed_check_id')
    op.drop_table('check_feedback')
    op.drop_table('check_override')
    op.drop_table('draft_check')
