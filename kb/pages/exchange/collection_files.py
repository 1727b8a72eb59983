"""A user's own collection, as a file: validated, previewed, and added after confirmation."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

from flask import render_template, request

from kb.errors import FieldError, InvalidInput, MalformedInput
from kb.messages import Message, message_of
from kb.pages.exchange.collections import done, report_words
from kb.pages.handed_back_file import packed, unpacked
from kb.pages.language import in_interface_language, text_languages
from kb.services.core.collection_titles import language_of
from kb.services.exchange.collections.changes import add_checked, check_sent
from kb.services.infrastructure.runtime import settings
from kb.web.current_actor import current_actor
from kb.web.endpoints import with_permission_check

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flask import Blueprint
    from flask.typing import ResponseReturnValue

    from kb.services.exchange.collections.checking import CheckedCollection, EntryError

_MAX_SHOWN = 50
"""The most problems of a file that a page shows."""


_TOO_LARGE = Message("The file is too large for this page. Add it with the command: kb collection add FILE")


class SentFile(NamedTuple):
    """A file and its name, which determines its format."""

    name: str
    content: bytes


def add_views(blueprint: Blueprint) -> None:
    """Add the views of this module."""
    blueprint.add_url_rule("/collections/file/new", view_func=collection_file_page)
    blueprint.add_url_rule("/collections/file/new", view_func=collection_file_try, methods=["POST"])
    blueprint.add_url_rule("/collections/file/new/add", view_func=collection_file_add, methods=["POST"])


@with_permission_check
def collection_file_page() -> ResponseReturnValue:
    """Ask for the file of a collection."""
    return _form()


@with_permission_check
def collection_file_try() -> ResponseReturnValue:
    """Validate a file, and show its problems or what adding it would change."""
    try:
        file = _sent_file()
        checked = _checked(file)
    except (InvalidInput, MalformedInput) as error:
        return _form(error), 422
    if checked.errors:
        return _problems(file, checked.errors)
    if not (content := packed(file.content, settings().max_collection_bytes)):
        return _form(InvalidInput([FieldError("file", _TOO_LARGE)])), 422
    report = add_checked(current_actor(), checked, dry_run=True)
    titles = checked.head["title"]
    language = language_of(titles, text_languages())
    return render_template(
        "collection_file_add.html",
        head=checked.head,
        title=titles[language],
        language=language,
        file_name=file.name,
        content=content,
        is_new=report.is_new,
        **report_words(report),
    )


@with_permission_check
def collection_file_add() -> ResponseReturnValue:
    """Add or update the collection of a previewed file."""
    try:
        file = _handed_back_file()
        checked = _checked(file)
    except (InvalidInput, MalformedInput) as error:
        return _form(error), 422
    if checked.errors:  # the data that it refers to has changed meanwhile
        return _problems(file, checked.errors)
    return done(add_checked(current_actor(), checked))


def _checked(file: SentFile) -> CheckedCollection:
    return check_sent(current_actor(), file.name, file.content)


def _sent_file() -> SentFile:
    """Return the uploaded file. Raises InvalidInput if there is none."""
    file = request.files.get("file")
    if file is None or not (content := file.read()):
        raise InvalidInput([FieldError("file", Message("Choose the file of a collection."))])
    return SentFile(_name(file.filename), content)


def _handed_back_file() -> SentFile:
    """Return the file that the preview page has sent back. Raises InvalidInput."""
    content = unpacked(request.form.get("content", ""), settings().max_collection_bytes)
    return SentFile(_name(request.form.get("name")), content)


def _name(name: str | None) -> str:
    """Return a file name without folders, cut short for use in messages."""
    return (name or "").replace("\\", "/").rpartition("/")[2][-100:] or "collection"


def _problems(file: SentFile, errors: Sequence[EntryError]) -> ResponseReturnValue:
    """Render the form with the problems of a file, each with its location."""
    by_place: dict[str, list[tuple[str, str]]] = {}
    for error in islice(errors, _MAX_SHOWN):
        place = in_interface_language(error.location)
        by_place.setdefault(place, []).append((error.pointer, in_interface_language(error.detail)))
    variables = {"file_name": file.name, "problems": by_place, "number": len(errors)}
    return _form(None, **variables, more=max(0, len(errors) - _MAX_SHOWN)), 422


def _form(error: InvalidInput | MalformedInput | None = None, **variables: Any) -> str:
    errors = {}
    if error is not None:
        fields = getattr(error, "errors", ())
        errors["file"] = in_interface_language(fields[0].detail if fields else message_of(error))
    return render_template(
        "collection_file.html",
        errors=errors,
        max_megabytes=max(settings().max_collection_bytes, settings().max_body_bytes) // 1_000_000,
        **variables,
    )
