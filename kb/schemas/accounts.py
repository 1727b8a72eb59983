"""Users, sessions and tokens."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError, fields, validate

from kb.domain.permissions import TOKEN_ROLES, Scope
from kb.domain.time_zones import find_time_zone, unknown_zone
from kb.messages import Message
from kb.schemas.base import InputSchema, OutputSchema
from kb.schemas.fields import LimitedList, StrictBoolean, StrictInteger, Text, describe, one_of
from kb.schemas.language_fields import Language
from kb.schemas.teams import role_field

MAX_LIFETIME_DAYS = 3_650


class Email(fields.Email):
    """An ASCII email address of at most 254 characters, lowercased."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(validate=validate.Length(max=254), **kwargs)

    def _deserialize(self, value: object, *args: Any, **kwargs: Any) -> str:
        if not isinstance(value, str) or not value.isascii():
            raise ValidationError(Message("Write an email address such as name@example.com."))
        return super()._deserialize(value.strip().lower(), *args, **kwargs) or ""


class Password(fields.String):
    """A password, neither stripped nor normalized."""

    def __init__(self, description: str, **kwargs: Any) -> None:
        metadata = {"format": "password", "description": description}
        super().__init__(load_only=True, metadata=metadata, **kwargs)


class TimeZoneName(fields.String):
    """The IANA name of a time zone."""

    def _deserialize(self, value: object, *args: Any, **kwargs: Any) -> str:
        name = super()._deserialize(value, *args, **kwargs) or ""
        if find_time_zone(name) is None:
            raise ValidationError(unknown_zone(name))
        return name


class SignInSchema(InputSchema):
    """Credentials."""

    email = Text(254, required=True)
    password = Password("Compared exactly as sent.", required=True, validate=validate.Length(max=1_000))


class SessionSchema(OutputSchema):
    """A new session. `token` is a bearer token, shown only in this response."""

    token = fields.String()
    expires_at = fields.String(metadata={"format": "date-time"})
    user = fields.String()
    language = fields.String(allow_none=True)
    time_zone = fields.String()


class UserInputSchema(InputSchema):
    """A new user."""

    email = Email(required=True)
    name = Text(200, required=True, metadata=describe("Display name; must be unique."))
    password = Password("At least 12 characters, not easy to guess. Without one, the user cannot sign in.")
    language = Language(allow_none=True)
    time_zone = TimeZoneName()
    site_admin = StrictBoolean()


class UserPatchSchema(UserInputSchema):
    """A change to a user."""

    disabled = StrictBoolean(
        metadata=describe("Disabling stops the user's tokens. What the user wrote stays.")
    )

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"partial": True, **kwargs})


class UserSchema(OutputSchema):
    """A user, as shown to administrators and to the user."""

    id = fields.Integer()
    email = fields.String()
    name = fields.String()
    site_admin = fields.Boolean()
    disabled = fields.Boolean()
    language = fields.String(allow_none=True)
    time_zone = fields.String()
    can_sign_in = fields.Boolean()
    created_at = fields.String(metadata={"format": "date-time"})
    version = fields.Integer()


class UserListSchema(OutputSchema):
    """A page of users, newest first."""

    items = fields.List(fields.Nested(UserSchema))
    next = fields.String(allow_none=True)


class MePatchSchema(InputSchema):
    """A change to the caller's own account."""

    language = Language(allow_none=True, metadata=describe("The default language of responses."))
    time_zone = TimeZoneName(metadata=describe("Decides when a day ends and an action becomes overdue."))
    password = Password("At least 12 characters, not easy to guess.")
    current_password = Password("Required to set a new password.")


class MyTeamSchema(OutputSchema):
    """The caller's role in a team."""

    team = fields.String()
    role = fields.String()


class MeSchema(OutputSchema):
    """The caller. `user` is null for a team's token."""

    name = fields.String()
    site_admin = fields.Boolean()
    teams = fields.List(fields.Nested(MyTeamSchema))
    scopes = fields.List(fields.String())
    user = fields.Nested(UserSchema, allow_none=True)


class TokenInputSchema(InputSchema):
    """A new token: for the caller, or for a team with a role."""

    name = Text(
        200,
        required=True,
        metadata=describe("What it is for. A team's token appears as author by this name."),
    )
    team = Text(80, min_length=1)
    role = role_field(TOKEN_ROLES)
    scopes = LimitedList(
        fields.String(validate=one_of(Scope)),
        max_length=len(Scope),
        metadata=describe("Limits what the token can do. Default: all scopes of the caller's token."),
    )
    days = StrictInteger(
        allow_none=True,
        load_default=90,
        validate=validate.Range(1, MAX_LIFETIME_DAYS),
        metadata=describe("Days until it expires; null for never."),
    )


class TokenSchema(OutputSchema):
    """A token, without its secret, which is not stored."""

    id = fields.Integer()
    name = fields.String()
    role = fields.String(allow_none=True)
    team = fields.String(allow_none=True)
    user = fields.String(allow_none=True)
    scopes = fields.List(fields.String())
    session = fields.Boolean()
    created_by = fields.String(allow_none=True, metadata=describe("The principal who created it: `user:3`."))
    created_at = fields.String(metadata={"format": "date-time"})
    expires_at = fields.String(allow_none=True, metadata={"format": "date-time"})
    valid = fields.Boolean()


class NewTokenSchema(TokenSchema):
    """A new token. `secret` is shown only in this response; it is null when the response is replayed."""

    secret = fields.String(allow_none=True)


class TokenListSchema(OutputSchema):
    """A page of tokens, newest first."""

    items = fields.List(fields.Nested(TokenSchema))
    next = fields.String(allow_none=True)
