"""SARIF, the format of findings that editors and code hosts show."""

from __future__ import annotations

SARIF = {
    "type": "object",
    "required": ["$schema", "version", "runs"],
    "properties": {
        "version": {"const": "2.1.0"},
        "runs": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["tool", "results", "columnKind"],
                "properties": {
                    "columnKind": {"const": "unicodeCodePoints"},
                    "tool": {
                        "type": "object",
                        "required": ["driver"],
                        "properties": {
                            "driver": {
                                "type": "object",
                                "required": ["name", "rules"],
                                "properties": {
                                    "rules": {"items": {"$ref": "#/$defs/rule"}},
                                },
                            }
                        },
                    },
                    "results": {
                        "items": {
                            "type": "object",
                            "required": ["ruleId", "level", "message", "locations"],
                            "properties": {
                                "level": {"enum": ["none", "note", "warning", "error"]},
                                "message": {"type": "object", "required": ["text"]},
                                "locations": {"items": {"$ref": "#/$defs/location"}, "minItems": 1},
                                "suppressions": {"items": {"properties": {"kind": {"const": "external"}}}},
                                "partialFingerprints": {"additionalProperties": {"type": "string"}},
                            },
                        }
                    },
                },
            },
        },
    },
    "$defs": {
        "rule": {
            "type": "object",
            "required": ["id", "shortDescription", "fullDescription", "help"],
            "properties": {
                name: {
                    "type": "object",
                    "required": ["text"],
                    "properties": {"text": {"type": "string", "minLength": 1}},
                }
                for name in ("shortDescription", "fullDescription", "help")
            },
        },
        "location": {
            "properties": {
                "physicalLocation": {
                    "required": ["artifactLocation", "region"],
                    "properties": {
                        "artifactLocation": {"properties": {"uri": {"pattern": "^[^ \\\\]+$"}}},
                        "region": {
                            "required": ["startLine"],
                            "properties": {
                                name: {"type": "integer", "minimum": 1}
                                for name in ("startLine", "startColumn", "endLine", "endColumn")
                            }
                            | {
                                name: {"type": "integer", "minimum": 0}
                                for name in ("charOffset", "charLength")
                            },
                            "additionalProperties": False,
                        },
                    },
                }
            },
            "required": ["physicalLocation"],
        },
    },
}
"""What SARIF 2.1.0 asks of the parts that a log of ours has, and code scanning of GitHub of its rules."""
