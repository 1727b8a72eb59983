"""Teams and their members."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, validate

from kb.domain.permissions import TEAM_ROLES, Role
from kb.schemas.base import InputSchema, OutputSchema
from kb.schemas.fields import Text, describe
from kb.schemas.language_fields import Language

_LANGUAGE = "Language of a new incident where it is neither given nor certain from its texts. Null: English."


def role_field(roles: tuple[Role, ...], **kwargs: Any) -> fields.String:
    """A field that accepts the keys of these roles."""
    return fields.String(validate=validate.OneOf([role.key for role in roles]), **kwargs)


class TeamInputSchema(InputSchema):
    """A new team."""

    key = Text(80, required=True, metadata=describe("A slug, such as social-media."))
    name = Text(200, min_length=1)
    language = Language(allow_none=True, metadata=describe(_LANGUAGE))


class TeamPatchSchema(InputSchema):
    """A change to a team."""

    name = Text(200, min_length=1)
    language = Language(allow_none=True, metadata=describe(_LANGUAGE))


class TeamSchema(OutputSchema):
    """A team. `role` is the caller's role in it."""

    key = fields.String()
    name = fields.String()
    language = fields.String(allow_none=True)
    role = fields.String(allow_none=True)
    created_at = fields.String(metadata={"format": "date-time"})
    version = fields.Integer()


class TeamListSchema(OutputSchema):
    """The caller's teams."""

    items = fields.List(fields.Nested(TeamSchema))


class MemberInputSchema(InputSchema):
    """The role of a member."""

    role = role_field(TEAM_ROLES, required=True)


class MemberSchema(OutputSchema):
    """A member of a team. `email` is null unless the caller administers the team."""

    user = fields.Integer()
    name = fields.String()
    email = fields.String(allow_none=True)
    role = fields.String()
    since = fields.String(metadata={"format": "date-time"})
    disabled = fields.Boolean()
    version = fields.Integer()


class MemberListSchema(OutputSchema):
    """A page of the members of a team, sorted by name."""

    items = fields.List(fields.Nested(MemberSchema))
    next = fields.String(allow_none=True)
