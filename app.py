"""The WSGI application, for any WSGI server: `gunicorn app:app`, `flask run` and so on."""

from flask_migrate import Migrate

from kb.factory import create_app
from kb.models import db
from kb.services.operations.bootstrap import MIGRATIONS

app = create_app()

# For `flask db`, which drafts migrations; the service migrates its database without it.
Migrate(app, db, directory=str(MIGRATIONS))
