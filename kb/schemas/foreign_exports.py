"""Incidents in the form of other databases: the AI Incident Database (AIID) and VERIS (docs/formats.md)."""

from __future__ import annotations

from marshmallow import fields

from kb.schemas.base import OutputSchema
from kb.schemas.fields import describe

_OPTIONAL = {"optional": True}


class AiidReportSchema(OutputSchema):
    """A report on an incident, in AIID: a source that has a URL."""

    report_number = fields.Integer()
    title = fields.String()
    url = fields.String()
    source_domain = fields.String()
    date_published = fields.String(metadata=describe("`YYYY-MM-DD`, or empty if it is unknown."))
    epoch_date_published = fields.Integer(metadata=_OPTIONAL)


class AiidAttributeSchema(OutputSchema):
    """A field of this knowledge base that AIID lacks, and its value as JSON."""

    short_name = fields.String()
    value_json = fields.String()


class AiidClassificationSchema(OutputSchema):
    """The classification of an incident by a taxonomy, in AIID."""

    namespace = fields.String()
    attributes = fields.List(fields.Nested(AiidAttributeSchema))


class AiidIncidentSchema(OutputSchema):
    """An incident in the form of the AI Incident Database, with its reports and classifications."""

    incident_id = fields.Integer(metadata=describe("The id in this knowledge base."))
    title = fields.String()
    description = fields.String(metadata=_OPTIONAL)
    date = fields.String(
        metadata=describe("To its known precision: `2018-05-16`, `2018-05`, `2018` or empty.")
    )
    editor_notes = fields.String()
    epoch_date_modified = fields.Integer()
    deployers = fields.List(
        fields.String(), data_key="Alleged deployer of AI system", metadata={"optional": True}
    )
    reports = fields.List(fields.Nested(AiidReportSchema))
    classifications = fields.List(fields.Nested(AiidClassificationSchema))


class VerisIncidentSchema(OutputSchema):
    """An incident in the community schema of VERIS 1.4.1, which its tools call joined JSON."""

    schema_version = fields.String()
    incident_id = fields.String()
    source_id = fields.String(metadata=describe("The key of the team."))
    security_incident = fields.String()
    summary = fields.String()
    reference = fields.String(metadata=_OPTIONAL)
    confidence = fields.String(metadata=_OPTIONAL)
    timeline = fields.Dict(keys=fields.String())
    victim = fields.Dict(keys=fields.String())
    actor = fields.Dict(keys=fields.String())
    action = fields.Dict(keys=fields.String())
    asset = fields.Dict(keys=fields.String())
    attribute = fields.Dict(keys=fields.String(), metadata=_OPTIONAL)
    discovery_method = fields.Dict(keys=fields.String())
    impact = fields.Dict(keys=fields.String(), metadata=_OPTIONAL)
    control_failure = fields.String(metadata=_OPTIONAL)
    corrective_action = fields.String(metadata=_OPTIONAL)
    plus = fields.Dict(
        keys=fields.String(),
        metadata=describe("Fields that VERIS lacks, under the names of this knowledge base."),
    )
