"""Input and output of the API as marshmallow schemas. No I/O."""

from kb.schemas.default_messages import install_default_messages

install_default_messages()
