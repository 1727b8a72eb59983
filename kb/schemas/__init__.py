"""What comes in and what goes out, as marshmallow schemas. No I/O."""
