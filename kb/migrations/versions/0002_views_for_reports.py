"""From here on there are views for reports.

They belong to no migration: each upgrade drops them before it begins and makes them anew at its end
(`kb/models/views.py`), so that a migration may change the tables under them.
"""

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
