"""Users, sessions and tokens."""

from __future__ import annotations

from typing import Any
from zoneinfo import available_timezones

from marshmallow import ValidationError, fields, validate

from kb.domain.permissions import TOKEN_ROLES, Scope
from kb.schemas.fields import (
    Flag,
    InputSchema,
    Integer,
    Items,
    Language,
    OutputSchema,
    Text,
    describe,
    one_of,
)
from kb.schemas.teams import role_field

MAX_DAYS = 3_650


class Email(fields.Email):
    """An address of at most 254 characters, in lower case."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(validate=validate.Length(max=254), **kwargs)

    def _deserialize(self, value: object, *args: Any, **kwargs: Any) -> str:
        if not isinstance(value, str) or not value.isascii():
            raise ValidationError("Write an address such as name@example.com.")
        return super()._deserialize(value.strip().lower(), *args, **kwargs) or ""


class Password(fields.String):
    """A password: taken as it is."""

    def __init__(self, description: str, **kwargs: Any) -> None:
        metadata = {"format": "password", "description": description}
        super().__init__(load_only=True, metadata=metadata, **kwargs)


class TimeZone(fields.String):
    """A time zone by its IANA name."""

    def _deserialize(self, value: object, *args: Any, **kwargs: Any) -> str:
        name = super()._deserialize(value, *args, **kwargs) or ""
        if name not in available_timezones():
            raise ValidationError("This is no time zone. Write one such as Asia/Jerusalem.")
        return name


class SignInSchema(InputSchema):
    """Who signs in."""

    email = Text(254, required=True)
    password = Password("As it is.", required=True, validate=validate.Length(max=1_000))


class SessionSchema(OutputSchema):
    """A session: `token` is sent as a bearer token, and is shown only now."""

    token = fields.String()
    expires_at = fields.String(metadata={"format": "date-time"})
    user = fields.String()
    language = fields.String(allow_none=True)
    time_zone = fields.String()


class UserInputSchema(InputSchema):
    """A new user."""

    email = Email(required=True)
    name = Text(200, required=True, metadata=describe("What others see; nobody else may have it."))
    password = Password("12 characters at least. Left out: cannot sign in until there is one.")
    language = Language(allow_none=True)
    time_zone = TimeZone()
    site_admin = Flag()


class UserPatchSchema(UserInputSchema):
    """A change to a user."""

    disabled = Flag(metadata=describe("Who is disabled can use no token; what they wrote stays."))

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"partial": True, **kwargs})


class UserSchema(OutputSchema):
    """A user, as administrators and the user see it."""

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
    """A page of users, the latest first."""

    items = fields.List(fields.Nested(UserSchema))
    next = fields.String(allow_none=True)


class MePatchSchema(InputSchema):
    """A change to oneself."""

    language = Language(allow_none=True, metadata=describe("In which answers come, unless asked otherwise."))
    time_zone = TimeZone(metadata=describe("In which a day ends for what is overdue."))
    password = Password("12 characters at least.")
    current_password = Password("Needed with a new password.")


class MyTeamSchema(OutputSchema):
    """What one is in a team."""

    team = fields.String()
    role = fields.String()


class MeSchema(OutputSchema):
    """Who is asking; `user` is null for a team's token."""

    name = fields.String()
    site_admin = fields.Boolean()
    teams = fields.List(fields.Nested(MyTeamSchema))
    scopes = fields.List(fields.String())
    user = fields.Nested(UserSchema, allow_none=True)


class TokenInputSchema(InputSchema):
    """A new token: of the caller, or of a team, with a role."""

    name = Text(
        200, required=True, metadata=describe("What it is for; a team's is the author of what it files.")
    )
    team = Text(80, shortest=1)
    role = role_field(TOKEN_ROLES)
    scopes = Items(
        fields.String(validate=one_of(Scope)),
        most=len(Scope),
        metadata=describe("What it is for, at the most. Default: all that the caller's own token has."),
    )
    days = Integer(
        allow_none=True,
        load_default=90,
        validate=validate.Range(1, MAX_DAYS),
        metadata=describe("Until it expires; null for never."),
    )


class TokenSchema(OutputSchema):
    """A token, without its secret, which nobody knows."""

    id = fields.Integer()
    name = fields.String()
    role = fields.String(allow_none=True)
    team = fields.String(allow_none=True)
    user = fields.String(allow_none=True)
    scopes = fields.List(fields.String())
    session = fields.Boolean()
    created_by = fields.String(allow_none=True, metadata=describe("The principal: `user:3`, `token:5`."))
    created_at = fields.String(metadata={"format": "date-time"})
    expires_at = fields.String(allow_none=True, metadata={"format": "date-time"})
    valid = fields.Boolean()


class NewTokenSchema(TokenSchema):
    """A token that was just made. `secret` is shown only now: null when the answer is given again."""

    secret = fields.String(allow_none=True)


class TokenListSchema(OutputSchema):
    """A page of tokens, the latest first."""

    items = fields.List(fields.Nested(TokenSchema))
    next = fields.String(allow_none=True)
