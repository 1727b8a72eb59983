"""Teams and their members."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, validate

from kb.domain.permissions import TEAM_ROLES, Role
from kb.schemas.fields import (
    InputSchema,
    OutputSchema,
    Text,
    describe,
)


def role_field(roles: tuple[Role, ...], **kwargs: Any) -> fields.String:
    """A field that takes one of some roles, by key."""
    return fields.String(validate=validate.OneOf([role.key for role in roles]), **kwargs)


class TeamInputSchema(InputSchema):
    """A new team."""

    key = Text(80, required=True, metadata=describe("A slug, such as social-media."))
    name = Text(200, shortest=1)


class TeamPatchSchema(InputSchema):
    """A change to a team."""

    name = Text(200, required=True)


class TeamSchema(OutputSchema):
    """A team; `role` is the caller's own in it."""

    key = fields.String()
    name = fields.String()
    role = fields.String(allow_none=True)
    created_at = fields.String(metadata={"format": "date-time"})
    version = fields.Integer()


class TeamListSchema(OutputSchema):
    """The caller's teams."""

    items = fields.List(fields.Nested(TeamSchema))


class MemberInputSchema(InputSchema):
    """What somebody is to be in a team."""

    role = role_field(TEAM_ROLES, required=True)


class MemberSchema(OutputSchema):
    """A member of a team; `email` is null for those who do not administer it."""

    user = fields.Integer()
    name = fields.String()
    email = fields.String(allow_none=True)
    role = fields.String()
    since = fields.String(metadata={"format": "date-time"})
    disabled = fields.Boolean()
    version = fields.Integer()


class MemberListSchema(OutputSchema):
    """The members of a team, by name."""

    items = fields.List(fields.Nested(MemberSchema))
