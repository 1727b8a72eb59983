"""Convert a marshmallow schema to JSON Schema (2020-12)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin

if TYPE_CHECKING:
    from marshmallow import Schema


def json_schema(schema: type[Schema]) -> dict[str, Any]:
    """The rules of a schema, as far as JSON Schema can express them. Nested schemas are in `$defs`."""
    spec = APISpec(title="", version="", openapi_version="3.1.0", plugins=[MarshmallowPlugin()])
    spec.components.schema("Root", schema=schema)
    text = json.dumps(spec.to_dict()["components"]["schemas"]).replace("#/components/schemas/", "#/$defs/")
    definitions: dict[str, Any] = json.loads(text)
    root = definitions.pop("Root")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **root, "$defs": definitions}
