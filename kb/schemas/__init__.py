"""Input and output of the API as marshmallow schemas. No I/O."""
