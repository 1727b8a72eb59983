"""Endpoints for sessions, the caller's own account, users, tokens and the audit log."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kb.api.etags import if_match_versions, version_etag
from kb.api.idempotent import idempotent
from kb.api.responses import (
    ETAG_HEADER,
    LINK_HEADER,
    LOCATION_HEADER,
    created_responder,
    page_response,
    versioned_response,
)
from kb.api.smorest import Blueprint
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
from kb.services.accounts import sessions, tokens, users
from kb.services.accounts.token_revocation import end_other_sessions, revoke_managed_token
from kb.services.core import audit
from kb.web.current_actor import current_actor

if TYPE_CHECKING:
    from collections.abc import Mapping

blueprint = Blueprint(
    "accounts", __name__, url_prefix=API_ROOT, description="Sessions, users, tokens and the audit log."
)

_NO_STORE = {"Cache-Control": "no-store"}


@blueprint.route("/sessions", methods=["POST"])
@blueprint.arguments(SignInSchema)
@blueprint.alt_response(401, response="Unauthorized")
@blueprint.alt_response(429, response="TooManyRequests")
@blueprint.alt_response(503, response="ServiceUnavailable")
@blueprint.response(201, SessionSchema)
def create_session(data: Mapping[str, Any]) -> Any:
    """Sign in with an email address and a password.

    Returns a token that is valid for twelve hours. `Idempotency-Key` is not supported here, because responses
    with a token are never stored.
    """
    return sessions.sign_in(data["email"], data["password"]), 201, _NO_STORE


@blueprint.route("/sessions/current", methods=["DELETE"])
@blueprint.alt_response(404, response="NotFound")
@blueprint.response(204)
def delete_session() -> Any:
    """Sign out. The session's token stops working at once."""
    sessions.sign_out(current_actor())
    return ""


@blueprint.route("/sessions/others", methods=["DELETE"])
@blueprint.response(204)
def delete_other_sessions() -> Any:
    """Sign out everywhere else. Ends all your sessions except the current one; tokens stay valid."""
    end_other_sessions(current_actor())
    return ""


@blueprint.route("/me", methods=["GET"])
@blueprint.response(200, MeSchema, headers=ETAG_HEADER)
def get_me() -> Any:
    """Show the caller's account, teams and token scopes."""
    return _me_response(users.get_me(current_actor()))


@blueprint.route("/me", methods=["PATCH"])
@blueprint.arguments(MePatchSchema)
@blueprint.arguments(ConditionSchema, location="headers")
@blueprint.response(200, MeSchema, headers=ETAG_HEADER)
def update_me(data: Mapping[str, Any], condition: Mapping[str, str | None]) -> Any:
    """Change your own language, time zone or password. A new password ends all other sessions."""
    return _me_response(users.update_me(current_actor(), if_match_versions(condition), data))


@blueprint.route("/users", methods=["GET"])
@blueprint.arguments(PageQuerySchema, location="query")
@blueprint.response(200, UserListSchema, headers=LINK_HEADER)
def list_users(query: Mapping[str, Any]) -> Any:
    """List all users."""
    return page_response(users.list_users(current_actor(), limit=query["limit"], cursor=query.get("cursor")))


@blueprint.route("/users", methods=["POST"])
@blueprint.arguments(UserInputSchema)
@blueprint.response(201, UserSchema, headers={**ETAG_HEADER, **LOCATION_HEADER})
@idempotent(blueprint, created_responder(lambda user: f"/users/{user['id']}"))
def create_user(data: Mapping[str, Any]) -> Any:
    """Create a user."""
    return users.create_user(current_actor(), data)


@blueprint.route("/users/<int:user_id>", methods=["GET"])
@blueprint.response(200, UserSchema, headers=ETAG_HEADER)
def get_user(user_id: int) -> Any:
    """Show one user."""
    return versioned_response(users.get_user(current_actor(), user_id))


@blueprint.route("/users/<int:user_id>", methods=["PATCH"])
@blueprint.arguments(UserPatchSchema)
@blueprint.arguments(ConditionSchema, location="headers")
@blueprint.response(200, UserSchema, headers=ETAG_HEADER)
def update_user(data: Mapping[str, Any], condition: Mapping[str, str | None], user_id: int) -> Any:
    """Change or disable a user. The tokens of a disabled user stop working at once."""
    return versioned_response(users.update_user(current_actor(), user_id, if_match_versions(condition), data))


@blueprint.route("/tokens", methods=["GET"])
@blueprint.arguments(PageQuerySchema, location="query")
@blueprint.response(200, TokenListSchema, headers=LINK_HEADER)
def list_tokens(query: Mapping[str, Any]) -> Any:
    """List your own tokens and those of the teams you administer."""
    return page_response(
        tokens.list_managed_tokens(current_actor(), limit=query["limit"], cursor=query.get("cursor"))
    )


@blueprint.route("/tokens", methods=["POST"])
@blueprint.arguments(TokenInputSchema)
@blueprint.alt_response(404, response="NotFound")
@blueprint.response(201, NewTokenSchema)
@idempotent(blueprint, lambda token: (token, 201, _NO_STORE))
def create_token(data: Mapping[str, Any]) -> Any:
    """Create a token. Its secret is shown only in this response; it is null when the response is replayed."""
    return tokens.create_managed_token(current_actor(), data)


@blueprint.route("/tokens/<int:token_id>", methods=["DELETE"])
@blueprint.response(204)
def revoke_token(token_id: int) -> Any:
    """Revoke a token. It stops working at once."""
    revoke_managed_token(current_actor(), token_id)
    return ""


@blueprint.route("/audit", methods=["GET"])
@blueprint.arguments(AuditQuerySchema, location="query")
@blueprint.response(200, AuditListSchema, headers=LINK_HEADER)
def list_audit(query: Mapping[str, Any]) -> Any:
    """List entries of the audit log. Those of the teams that you administer, or all entries for site
    administrators.
    """
    return page_response(
        audit.list_audit(
            current_actor(),
            events=query.get("event", ()),
            since=query.get("since"),
            limit=query["limit"],
            cursor=query.get("cursor"),
        )
    )


def _me_response(me: Mapping[str, Any]) -> Any:
    return me, 200, version_etag(me["user"]) if me["user"] else {}
