"""The columns of the views for reports have types, and `v_trends_monthly` reads the tables.

The views are created anew whenever a migration runs (`kb/models/report_views.py`): nothing else changes.
"""

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
