"""Endpoints of users: signing in, oneself, and all of them for administrators."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kb.api.etags import if_match_versions, version_etag
from kb.api.idempotent import idempotent
from kb.api.responses import ETAG, LOCATION, created_at, page, versioned
from kb.api.spec import Blueprint
from kb.config import API_ROOT
from kb.schemas.accounts import (
    MePatchSchema,
    MeSchema,
    NewTokenSchema,
    SessionSchema,
    SignInSchema,
    TokenInputSchema,
    TokenListSchema,
    UserInputSchema,
    UserListSchema,
    UserPatchSchema,
    UserSchema,
)
from kb.schemas.audit import AuditListSchema, AuditQuerySchema
from kb.schemas.headers import ConditionSchema
from kb.schemas.pagination import PageQuerySchema
from kb.services.accounts import sessions, token_revocation, tokens, users
from kb.services.core.audit import list_audit as audit
from kb.web.current_actor import current_actor

if TYPE_CHECKING:
    from collections.abc import Mapping

blueprint = Blueprint("accounts", __name__, url_prefix=API_ROOT, description="Who asks, and with what.")

_SECRET = {"Cache-Control": "no-store"}


@blueprint.route("/sessions", methods=["POST"])
@blueprint.arguments(SignInSchema)
@blueprint.response(201, SessionSchema)
def create_session(data: Mapping[str, Any]) -> Any:
    """Sign in with an address and a password; the answer has a token for twelve hours.

    It takes no Idempotency-Key: an answer with a token in it is not kept.
    """
    return sessions.sign_in(data["email"], data["password"]), 201, _SECRET


@blueprint.route("/sessions/current", methods=["DELETE"])
@blueprint.response(204)
def delete_session() -> Any:
    """Sign out: the session's token is worthless from now on."""
    sessions.sign_out(current_actor())
    return ""


@blueprint.route("/me", methods=["GET"])
@blueprint.response(200, MeSchema)
def get_me() -> Any:
    """Who is asking, in which teams, and what the token is for."""
    return _me(users.get_me(current_actor()))


@blueprint.route("/me", methods=["PATCH"])
@blueprint.arguments(MePatchSchema)
@blueprint.arguments(ConditionSchema, location="headers")
@blueprint.response(200, MeSchema, headers=ETAG)
def update_me(data: Mapping[str, Any], condition: Mapping[str, str | None]) -> Any:
    """Change one's own language, time zone or password. A new password ends all other sessions."""
    return _me(users.update_me(current_actor(), if_match_versions(condition), data))


@blueprint.route("/users", methods=["GET"])
@blueprint.arguments(PageQuerySchema, location="query")
@blueprint.response(200, UserListSchema)
def list_users(query: Mapping[str, Any]) -> Any:
    """All users, for administrators of the site."""
    return page(users.list_users(current_actor(), limit=query["limit"], cursor=query.get("cursor")))


@blueprint.route("/users", methods=["POST"])
@blueprint.arguments(UserInputSchema)
@blueprint.response(201, UserSchema, headers={**ETAG, **LOCATION})
@idempotent(blueprint, created_at(lambda user: f"/users/{user['id']}"))
def create_user(data: Mapping[str, Any]) -> Any:
    """Add a user."""
    return users.create_user(current_actor(), data)


@blueprint.route("/users/<int:user_id>", methods=["GET"])
@blueprint.response(200, UserSchema, headers=ETAG)
def get_user(user_id: int) -> Any:
    """One user."""
    return versioned(users.get_user(current_actor(), user_id))


@blueprint.route("/users/<int:user_id>", methods=["PATCH"])
@blueprint.arguments(UserPatchSchema)
@blueprint.arguments(ConditionSchema, location="headers")
@blueprint.response(200, UserSchema, headers=ETAG)
def update_user(data: Mapping[str, Any], condition: Mapping[str, str | None], user_id: int) -> Any:
    """Change a user, or disable one: no token of theirs opens anything any more."""
    return versioned(users.update_user(current_actor(), user_id, if_match_versions(condition), data))


@blueprint.route("/tokens", methods=["GET"])
@blueprint.arguments(PageQuerySchema, location="query")
@blueprint.response(200, TokenListSchema)
def list_tokens(query: Mapping[str, Any]) -> Any:
    """The caller's own tokens, and those of the teams that the caller administers."""
    return page(tokens.list_managed_tokens(current_actor(), limit=query["limit"], cursor=query.get("cursor")))


@blueprint.route("/tokens", methods=["POST"])
@blueprint.arguments(TokenInputSchema)
@blueprint.response(201, NewTokenSchema)
@idempotent(blueprint, lambda token: (token, 201, _SECRET))
def create_token(data: Mapping[str, Any]) -> Any:
    """Make a token. Its secret is in this answer only, and null where the answer is given again."""
    return tokens.issue_token(current_actor(), data)


@blueprint.route("/tokens/<int:token_id>", methods=["DELETE"])
@blueprint.response(204)
def revoke_token(token_id: int) -> Any:
    """Revoke a token, at once and everywhere."""
    token_revocation.revoke_managed_token(current_actor(), token_id)
    return ""


@blueprint.route("/audit", methods=["GET"])
@blueprint.arguments(AuditQuerySchema, location="query")
@blueprint.response(200, AuditListSchema)
def list_audit(query: Mapping[str, Any]) -> Any:
    """The audit log, for administrators: of their teams, or of everything."""
    return page(
        audit(
            current_actor(),
            events=query.get("event", ()),
            since=query.get("since"),
            limit=query["limit"],
            cursor=query.get("cursor"),
        )
    )


def _me(me: Mapping[str, Any]) -> Any:
    return me, 200, version_etag(me["user"]) if me["user"] else {}
