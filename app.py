"""The WSGI application, for any WSGI server: `gunicorn app:app`, `flask run` and so on."""

from kb.factory import create_app

app = create_app()
