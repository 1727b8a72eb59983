"""Convert marshmallow schemas to JSON Schema (2020-12), alone or within an OpenAPI document.

Generated clients need a schema that differs from marshmallow's fields:

- A request body has no `default`: clients would send it, and a change would overwrite fields that nobody
  touched (docs/decisions/0028). Defaults that matter are part of the description.
- A parameter is left out rather than null.
- A pattern follows ECMA-262.
- A choice that may be null is a choice or null, so that it becomes one type of a client, not three.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from apispec.ext.marshmallow.openapi import OpenAPIConverter

from kb.schemas.language_fields import LanguageTexts
from kb.schemas.query_fields import CommaSeparated

if TYPE_CHECKING:
    from marshmallow import Schema
    from marshmallow.fields import Field


class SchemaConverter(OpenAPIConverter):
    """Converts fields to properties of a body, or to parameters."""

    def field2default(self, field: Field[Any], **_: Any) -> dict[str, Any]:  # noqa: ARG002
        return {}

    def field2pattern(self, field: Field[Any], **options: Any) -> dict[str, Any]:
        attributes: dict[str, Any] = super().field2pattern(field, **options)
        if "pattern" in attributes:
            attributes["pattern"] = ecma_pattern(attributes["pattern"])
        return attributes

    def field2property(self, field: Field[Any]) -> dict[str, Any]:
        prop = _separate_null(super().field2property(field))
        return {**prop, "type": ["object", "string"]} if isinstance(field, LanguageTexts) else prop

    def fields2jsonschema(self, fields: Any, *, partial: Any = None) -> dict[str, Any]:
        schema: dict[str, Any] = super().fields2jsonschema(fields, partial=partial)  # type: ignore[no-untyped-call]
        if not partial:
            for name, field in fields.items():
                _mention_default(field, schema["properties"][field.data_key or name])
        return schema

    def schema2parameters(self, schema: Any, **options: Any) -> list[dict[str, Any]]:
        hidden = {
            field.data_key or name
            for name, field in schema.fields.items()
            if field.metadata.get("undocumented", False)
        }
        parameters = super().schema2parameters(schema, **options)
        return [parameter for parameter in parameters if parameter["name"] not in hidden]

    def _field2parameter(self, field: Field[Any], *, name: str, location: str) -> dict[str, Any]:
        nullable, field.allow_none = field.allow_none, False
        try:
            parameter: dict[str, Any] = super()._field2parameter(field, name=name, location=location)
        finally:
            field.allow_none = nullable
        default = super().field2default(field).get("default")
        if default is not None:
            parameter["schema"]["default"] = default
        if field.metadata.get("documented_as_required", False):
            parameter["required"] = True
        if isinstance(field, CommaSeparated):
            parameter.update(explode=False, style="form")
        return parameter


class SchemaPlugin(MarshmallowPlugin):
    """apispec's marshmallow plugin with this converter."""

    Converter = SchemaConverter


def json_schema(schema: type[Schema]) -> dict[str, Any]:
    """The JSON Schema of a schema, as far as it can be expressed. Nested schemas are in `$defs`."""
    spec = APISpec(title="", version="", openapi_version="3.1.0", plugins=[SchemaPlugin()])
    spec.components.schema("Root", schema=schema)
    text = json.dumps(spec.to_dict()["components"]["schemas"]).replace("#/components/schemas/", "#/$defs/")
    definitions: dict[str, Any] = json.loads(text)
    root = definitions.pop("Root")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **root, "$defs": definitions}


def ecma_pattern(pattern: str) -> str:
    """Convert a pattern of `re.match` to ECMA-262.

    Raises ValueError for syntax without a counterpart there, such as an inline flag or a possessive
    quantifier.
    """
    if unknown := re.search(r"\(\?(?![:=!<])|\(\?P|\(\?<(?![=!])|[*+?}]\+|\\[AGQEz]", pattern):
        raise ValueError(f"ECMA-262 has no {unknown[0]!r}: {pattern}")
    anchored = pattern if pattern.startswith("^") else f"^{pattern}"
    return re.sub(r"\\Z$", "$", anchored)


def _mention_default(field: Field[Any], prop: dict[str, Any]) -> None:
    """Add the default of a field to its description, unless an omitted field simply stays empty."""
    default, description = field.load_default, prop.get("description", "")
    if isinstance(default, (str, int)) and default not in ("", False) and "Default:" not in description:
        prop["description"] = f"{description} Default: `{default}`.".lstrip()


def _separate_null(prop: dict[str, Any]) -> dict[str, Any]:
    """A nullable enumeration as `anyOf` the enumeration or null; any other property as it is."""
    if None not in prop.get("enum", ()):
        return prop
    choices = {"type": "string", "enum": [value for value in prop["enum"] if value is not None]}
    rest = {name: value for name, value in prop.items() if name not in ("enum", "type")}
    return {"anyOf": [choices, {"type": "null"}], **rest}
