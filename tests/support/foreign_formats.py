"""What the AI Incident Database and VERIS require of an incident: the keys and enumerations that we write.

Those of VERIS are of its schema 1.4.1; those of AIID are the fields that its incidents and reports always
have, as far as they are known here.
"""

from __future__ import annotations

from typing import Any

from jsonschema_rs import Draft202012Validator

_TEXT: dict[str, Any] = {"type": "string"}
_FILLED: dict[str, Any] = {"type": "string", "minLength": 1}
_NUMBER: dict[str, Any] = {"type": "number"}


def _closed(required: str, **properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "required": required.split(),
        "properties": properties,
        "additionalProperties": False,
    }


def _one(*values: Any) -> dict[str, Any]:
    return {"enum": [*values]}


def _list(items: dict[str, Any], at_least: int = 0) -> dict[str, Any]:
    return {"type": "array", "items": items, "minItems": at_least, "uniqueItems": True}


_SOMEBODY = _closed(
    "variety motive", variety=_list(_one("Unknown"), 1), motive=_list(_one("NA", "Unknown"), 1)
)
_ANYHOW = _closed("variety vector", variety=_list(_one("Unknown"), 1), vector=_list(_one("Unknown"), 1))

VERIS = Draft202012Validator(
    _closed(
        "schema_version incident_id security_incident summary timeline actor action asset discovery_method",
        schema_version=_one("1.4.1"),
        incident_id=_FILLED,
        source_id=_FILLED,
        reference=_FILLED,
        security_incident=_one("Confirmed", "Suspected", "Near miss", "False positive"),
        confidence=_one("High", "Medium", "Low", "None"),
        summary=_FILLED,
        timeline=_closed(
            "incident",
            incident=_closed(
                "year",
                year={"type": "integer", "minimum": 1950, "maximum": 2050},
                month={"type": "integer", "minimum": 1, "maximum": 12},
                day={"type": "integer", "minimum": 1, "maximum": 31},
            ),
        ),
        victim=_closed(
            "country employee_count industry government",
            victim_id=_FILLED,
            country=_list(_one("Unknown"), 1),
            employee_count=_one("Unknown"),
            industry={
                "type": "string",
                "pattern": r"^(00|11|2[1-3]|3[1-3]|4[24589]|5[1-6]|6[1-2]|7[12]|81|92)\d{0,4}$",
            },
            government=_list(_one("Unknown", "NA"), 1),
        ),
        actor={
            **_closed("", external=_SOMEBODY, internal=_SOMEBODY, unknown=_closed("")),
            "minProperties": 1,
        },
        action={
            **_closed(
                "",
                error=_closed(
                    "variety vector",
                    variety=_list(
                        _one(
                            "Publishing error", "Misdelivery", "Misinformation", "Gaffe", "Other", "Unknown"
                        ),
                        1,
                    ),
                    vector=_list(_one("Inadequate processes", "Unknown"), 1),
                ),
                hacking=_ANYHOW,
                misuse=_ANYHOW,
                unknown=_closed(""),
            ),
            "minProperties": 1,
        },
        asset=_closed(
            "assets cloud",
            assets=_list(_closed("variety", variety=_one("Unknown")), 1),
            cloud=_list(_one("Unknown"), 1),
        ),
        attribute=_closed(
            "", confidentiality=_closed("data_disclosure", data_disclosure=_one("Yes", "No", "Unknown"))
        ),
        discovery_method=_closed("unknown", unknown={"const": True}),
        impact=_closed(
            "overall_rating",
            overall_rating=_one("Unknown"),
            iso_currency_code=_one("USD", "ILS", "EUR", "GBP"),
            loss={
                "type": "array",
                "minItems": 1,
                "items": _closed(
                    "variety", variety=_one("Brand damage", "Legal and regulatory", "Other"), amount=_NUMBER
                ),
            },
        ),
        control_failure=_FILLED,
        corrective_action=_FILLED,
        plus={"type": "object"},
    )
)
"""What an incident in VERIS is."""

AIID = Draft202012Validator(
    _closed(
        "incident_id title date editor_notes reports classifications",
        incident_id={"type": "integer"},
        title=_FILLED,
        description=_FILLED,
        date={"type": "string", "pattern": r"^(\d{4}(-\d{2}(-\d{2})?)?)?$"},
        editor_notes=_TEXT,
        epoch_date_modified={"type": "integer"},
        **{"Alleged deployer of AI system": _list(_FILLED, 1)},
        reports=_list(
            _closed(
                "report_number title url source_domain date_published",
                report_number={"type": "integer"},
                title=_FILLED,
                url=_FILLED,
                source_domain={"type": "string", "minLength": 1},
                date_published={"type": "string", "pattern": r"^(\d{4}-\d{2}-\d{2})?$"},
                epoch_date_published={"type": "integer"},
            )
        ),
        classifications=_list(
            _closed(
                "namespace attributes",
                namespace=_FILLED,
                attributes=_list(_closed("short_name value_json", short_name=_FILLED, value_json=_FILLED)),
            ),
            1,
        ),
    )
)
"""What an incident in the style of AIID is."""
