"""`kb user`: manage users."""

from __future__ import annotations

import sys
import warnings
from getpass import GetPassWarning
from typing import TYPE_CHECKING, Any

import click

from kb.cli.common import format_option, print_rows, with_app, with_app_for_writing
from kb.cli.language import failure, localized, read_language, say
from kb.cli.parameters import reporting_parameters
from kb.messages import Message

if TYPE_CHECKING:
    from collections.abc import Mapping

    from marshmallow import Schema

_password_option = click.option(
    "--password-stdin",
    is_flag=True,
    help="Read the password from standard input instead of prompting for it.",
)


@click.group()
def user() -> None:
    """Manage users, who sign in with an email address and a password."""


@user.command()
@click.argument("email")
@click.option("--name", required=True, help="Display name, shown as author.")
@click.option("--site-admin", is_flag=True, help="Allow everything, for every team.")
@click.option("--language", callback=read_language, help="Default language of responses, such as he.")
@click.option("--time-zone", "--tz", "time_zone", help="IANA name, such as Asia/Jerusalem.  [default: UTC]")
@click.option(
    "--no-password",
    is_flag=True,
    help="Create without a password. The user cannot sign in until kb user password sets one.",
)
@_password_option
@with_app_for_writing
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
    """Create a user who signs in with EMAIL. Prompts for the password."""
    from kb.schemas.accounts import UserInputSchema
    from kb.services.accounts import users
    from kb.services.core.system_actors import OPERATOR

    fields = {"email": email, "name": name, "site_admin": site_admin, "language": language}
    if time_zone is not None:
        fields["time_zone"] = time_zone
    if not no_password:
        fields["password"] = _read_password(password_stdin)
    created = users.create_user(OPERATOR, _load(UserInputSchema(), fields))
    message = Message("Created user {id}, {name}. Add the user to a team with kb team add.")
    say(message.format(id=created["id"], name=created["name"]))


@user.command(name="list")
@format_option
@with_app
def list_command(output_format: str) -> None:
    """List all users."""
    from kb.services.accounts import users
    from kb.services.core.system_actors import OPERATOR

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
@with_app_for_writing
def password(email: str, password_stdin: bool) -> None:
    """Set a new password for the user with EMAIL. This ends their sessions."""
    _change(email, {"password": _read_password(password_stdin)})
    say(Message("The password has been changed."))


@user.command()
@click.argument("email")
@with_app_for_writing
def disable(email: str) -> None:
    """Disable the user with EMAIL. Their tokens stop working at once; what they wrote stays."""
    _change(email, {"disabled": True})
    say(Message("Disabled {email}. Undo it with kb user enable.", email=email))


@user.command()
@click.argument("email")
@with_app_for_writing
def enable(email: str) -> None:
    """Enable the user with EMAIL again."""
    _change(email, {"disabled": False})
    say(Message("Enabled {email}.", email=email))


def _change(email: str, fields: Mapping[str, Any]) -> None:
    from kb.schemas.accounts import UserPatchSchema
    from kb.services.accounts import users
    from kb.services.core.authorization import ANY
    from kb.services.core.system_actors import OPERATOR

    users.update_user(OPERATOR, users.find_user(email).id, ANY, _load(UserPatchSchema(), fields))


def _load(schema: Schema, fields: Mapping[str, Any]) -> dict[str, Any]:
    """Validate options with a schema of the API. Raises UsageError."""
    with reporting_parameters():
        loaded: dict[str, Any] = schema.load(fields)
    return loaded


def _read_password(from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", GetPassWarning)
            password: str = click.prompt(
                localized(Message("Password")),
                hide_input=True,
                confirmation_prompt=localized(Message("Repeat the password")),
                err=True,
            )
    except GetPassWarning:
        raise failure(Message("There is no terminal to type a password in. Use --password-stdin.")) from None
    return password
