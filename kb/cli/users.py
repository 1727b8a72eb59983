"""`kb user`: the people who sign in."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click
from marshmallow import ValidationError

from kb.cli.common import format_option, print_rows, read_language, say, with_app
from kb.schemas.accounts import UserInputSchema, UserPatchSchema
from kb.schemas.pointers import field_errors
from kb.services.accounts import users
from kb.services.accounts.memberships import find_user
from kb.services.core.authorization import ANY_VERSION
from kb.services.core.system_actors import OPERATOR

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_ANY = frozenset({ANY_VERSION})

_password_option = click.option(
    "--password-stdin", is_flag=True, help="Read the password from standard input, rather than ask for it."
)


@click.group()
def user() -> None:
    """Users, the people who sign in."""


@user.command()
@click.argument("email")
@click.option("--name", required=True, help="What others see; it is the author of what they file.")
@click.option("--site-admin", is_flag=True, help="May do everything, for every team.")
@click.option("--language", callback=read_language, help="In which answers come, such as he.")
@click.option("--time-zone", help="Such as Asia/Jerusalem.  [default: UTC]")
@click.option("--no-password", is_flag=True, help="Cannot sign in until kb user password gives one.")
@_password_option
@with_app
def create(
    *,
    email: str,
    name: str,
    site_admin: bool,
    language: str | None,
    time_zone: str | None,
    no_password: bool,
    password_stdin: bool,
) -> None:
    """Add a user, who signs in with EMAIL and a password; asks for the password."""
    given = {"email": email, "name": name, "site_admin": site_admin, "language": language}
    if time_zone is not None:
        given["time_zone"] = time_zone
    if not no_password:
        given["password"] = _read_password(password_stdin)
    made = users.create_user(OPERATOR, _loaded(UserInputSchema().load, given))
    say(f"User {made['id']}, {made['name']}, is there. kb team add makes a member of a team.")


@user.command(name="list")
@format_option
@with_app
def list_command(output_format: str) -> None:
    """List all users."""
    rows, cursor = [], None
    while True:
        page = users.list_users(OPERATOR, limit=100, cursor=cursor)
        rows += page.items
        cursor = page.next
        if cursor is None:
            break
    print_rows(rows, output_format)


@user.command()
@click.argument("email")
@_password_option
@with_app
def password(email: str, password_stdin: bool) -> None:
    """Give the user with EMAIL a new password, which ends their sessions."""
    _change(email, {"password": _read_password(password_stdin)})
    say("The password is changed.")


@user.command()
@click.argument("email")
@with_app
def disable(email: str) -> None:
    """Let no token of the user with EMAIL open anything, at once; what they wrote stays."""
    _change(email, {"disabled": True})
    say(f"{email} is disabled. kb user enable undoes it.")


@user.command()
@click.argument("email")
@with_app
def enable(email: str) -> None:
    """Undo kb user disable."""
    _change(email, {"disabled": False})
    say(f"{email} is enabled.")


def _change(email: str, given: Mapping[str, Any]) -> None:
    users.update_user(OPERATOR, find_user(email).id, _ANY, _loaded(UserPatchSchema().load, given))


def _loaded(load: Callable[[Mapping[str, Any]], Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """Options, checked by the schema of the API."""
    try:
        found: dict[str, Any] = load(given)
    except ValidationError as error:
        raise click.BadParameter(
            "; ".join(f"{each.pointer.strip('/')}: {each.detail}" for each in field_errors(error.messages))
        ) from error
    return found


def _read_password(from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    found: str = click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    return found
