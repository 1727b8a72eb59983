"""Filing, changing, translating and withdrawing incidents."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import select

from kb.domain.incident import TEXT_FIELDS, Operation, Status
from kb.domain.permissions import Action, Actor, has_role_for, is_public
from kb.domain.text import MAX_SLUG, slugify
from kb.domain.workflow import next_status
from kb.errors import Conflict, FieldError, InvalidInput
from kb.models import Incident, db
from kb.services import idempotency, index_sync
from kb.services.access import Versions, find_for_change, require
from kb.services.incident_content import fill, translate_lessons, write_lessons, write_texts
from kb.services.terms import Terms
from kb.services.unit_of_work import UnitOfWork, unit_of_work
from kb.services.views import flat, snapshot

if TYPE_CHECKING:
    from collections.abc import Container, Mapping

    from kb.services.idempotency import Claim

_VOLATILE = frozenset({"version", "updated_at"})


class Written(NamedTuple):
    """What a write left behind: the incident in the language that was written, whether it is new, and
    whether a search finds it already."""

    incident: dict[str, Any]
    created: bool
    searchable: bool


def create_incident(actor: Actor, data: Mapping[str, Any], *, claim: Claim | None = None) -> Written:
    """File an incident for the actor's team; a claim on an idempotency key is settled with it."""
    require(actor, Action.CREATE)
    with unit_of_work() as work:
        incident = add_incident(work, actor, data, Terms())
        view = flat(incident)
        if claim is not None:
            idempotency.settle(claim, view)
    return Written(view, created=True, searchable=index_sync.catch_up(work.seq))


def update_incident(
    actor: Actor, incident_id: int, versions: Versions | None, data: Mapping[str, Any]
) -> Written:
    """Change what is given. The texts are those of `data["language"]`, or of the original without it."""
    require(actor, Action.EDIT)
    with unit_of_work() as work:
        incident = find_for_change(actor, Action.EDIT, incident_id, versions)
        language = data.get("language", incident.language)
        _change(work, actor, incident, data, Terms())
        view = flat(incident, [language])
    return Written(view, created=False, searchable=index_sync.catch_up(work.seq))


def translate_incident(
    actor: Actor, incident_id: int, versions: Versions | None, language: str, data: Mapping[str, Any]
) -> Written:
    """Write all texts in a language other than the original's."""
    require(actor, Action.TRANSLATE)
    with unit_of_work() as work:
        incident = find_for_change(actor, Action.TRANSLATE, incident_id, versions)
        if language == incident.language:
            raise Conflict(f"{language} is the original's language: change it with PATCH.")
        created = language not in incident.texts
        before = _content(incident)
        write_translation(incident, language, data, incident.version + 1)
        # A translation that is sent again unchanged has been checked against the original.
        if before != _content(incident) or incident.texts[language].version < incident.original.version:
            incident.texts[language].version = incident.version + 1
            _record_update(work, actor, incident, data.get("comment"))
        view = flat(incident, [language])
    return Written(view, created=created, searchable=index_sync.catch_up(work.seq))


def withdraw_incident(actor: Actor, incident_id: int, versions: Versions | None) -> Written:
    """Take an incident out of its readers' sight. Its team keeps it, with all its history."""
    require(actor, Action.DISCARD)
    with unit_of_work() as work:
        incident = find_for_change(actor, Action.WITHDRAW, incident_id, versions)
        status = next_status(incident.status, Operation.WITHDRAWN)
        if status is not None:
            was_public = is_public(incident.status, incident.visibility)
            incident.status = status
            work.record(incident, Operation.WITHDRAWN, actor, was_public=was_public)
        view = flat(incident)
    return Written(view, created=False, searchable=index_sync.catch_up(work.seq))


def add_incident(work: UnitOfWork, actor: Actor, data: Mapping[str, Any], terms: Terms) -> Incident:
    """Add a new incident within a transaction, for the team of the actor."""
    assert actor.team_id is not None, "whoever may file acts for a team"
    publish = data["status"] == Status.PUBLISHED and has_role_for(actor, Action.PUBLISH)
    incident = Incident(
        slug=_new_slug(data),
        external_id=data.get("external_id"),
        status=Status.PUBLISHED if publish else Status.DRAFT,
        language=data["language"],
        team_id=actor.team_id,
        author=actor.name,
        created_at=work.at,
        published_at=work.at if publish else None,
    )
    with db.session.no_autoflush:
        fill(incident, data, terms)
        write_texts(incident, incident.language, data, version=1)
        write_lessons(incident, incident.language, data["lessons"], version=1)
        for language, translation in data.get("translations", {}).items():
            write_translation(incident, language, translation, version=1)
    db.session.add(incident)
    work.record(incident, Operation.CREATED, actor, comment=data.get("comment"))
    return incident


def merge_incident(
    work: UnitOfWork, actor: Actor, incident: Incident, data: Mapping[str, Any], terms: Terms
) -> bool:
    """Bring an imported incident up to date within a transaction; False when it already was.

    An import publishes a draft when it says so; it neither takes back what is published nor brings back what
    was withdrawn.
    """
    if data["language"] != incident.language:
        raise InvalidInput([FieldError("/language", f"The original is in {incident.language}.")])
    if incident.status is not Status.DRAFT or data["status"] == Status.DRAFT:
        data = {name: value for name, value in data.items() if name != "status"}
    return _change(work, actor, incident, data, terms)


def find_imported(team_id: int, external_id: str | None) -> Incident | None:
    """The incident that a team imported under an external id."""
    if external_id is None:
        return None
    statement = select(Incident).where(Incident.team_id == team_id, Incident.external_id == external_id)
    return db.session.scalar(statement)


def write_translation(incident: Incident, language: str, data: Mapping[str, Any], version: int) -> None:
    """Write all texts in one more language, within a transaction."""
    write_texts(incident, language, {**dict.fromkeys(TEXT_FIELDS, ""), **data}, version)
    translate_lessons(incident, language, data.get("lessons", ()))


def _change(
    work: UnitOfWork, actor: Actor, incident: Incident, data: Mapping[str, Any], terms: Terms
) -> bool:
    """Apply the input and record it, unless it changes nothing."""
    language = data.get("language", incident.language)
    if language not in incident.texts:
        detail = f"There is no text in {language} yet. PUT it to translations/{language} first."
        raise InvalidInput([FieldError("/language", detail)])
    was_public = is_public(incident.status, incident.visibility)
    before, version = _content(incident), incident.version + 1
    text_version = incident.texts[language].version
    was_outdated = text_version < incident.original.version
    with db.session.no_autoflush:
        fill(incident, data, terms)
        write_texts(incident, language, data, version)
        if "lessons" in data and language == incident.language:
            write_lessons(incident, language, data["lessons"], version)
        elif "lessons" in data:
            translate_lessons(incident, language, data["lessons"])
            incident.texts[language].version = version
        if was_outdated:
            # A part of a translation says nothing of the rest: it is up to date once all of it is written.
            incident.texts[language].version = text_version
        for tag, translation in data.get("translations", {}).items():
            write_translation(incident, tag, translation, version)
            if incident.original.version == version:
                incident.texts[tag].version = version
        operation = _change_status(work, actor, incident, data.get("status"))
        _require_for_audience(actor, was_public, is_public(incident.status, incident.visibility))
        if before == _content(incident):
            for row in (*incident.texts.values(), incident):
                db.session.expire(row)
            return False
    work.record(incident, operation, actor, comment=data.get("comment"), was_public=was_public)
    return True


def _require_for_audience(actor: Actor, was_public: bool, is_public_now: bool) -> None:
    """To open an incident to all is to publish it; to close it to others is to withdraw it from them."""
    if is_public_now and not was_public:
        require(actor, Action.PUBLISH)
    if was_public and not is_public_now:
        require(actor, Action.WITHDRAW)


def _record_update(work: UnitOfWork, actor: Actor, incident: Incident, comment: str | None) -> None:
    public = is_public(incident.status, incident.visibility)
    work.record(incident, Operation.UPDATED, actor, comment=comment, was_public=public)


def _change_status(work: UnitOfWork, actor: Actor, incident: Incident, wanted: str | None) -> Operation:
    if wanted is None or wanted == incident.status:
        return Operation.UPDATED
    status = next_status(incident.status, Operation.PUBLISHED) if wanted == Status.PUBLISHED else None
    if status is None:
        detail = f"An incident that is {incident.status} cannot become {wanted}."
        raise Conflict(detail, [FieldError("/status", detail)])
    require(actor, Action.PUBLISH)
    incident.status, incident.published_at = status, work.at
    return Operation.PUBLISHED


def _content(incident: Incident) -> dict[str, Any]:
    """What a change can change, to be compared before and after."""
    state = snapshot(incident)
    state["translations"] = {
        language: {name: value for name, value in text.items() if name != "version"}
        for language, text in state["translations"].items()
    }
    return {name: value for name, value in state.items() if name not in _VOLATILE}


def _new_slug(data: Mapping[str, Any]) -> str:
    """The slug that was asked for, or the first free one made of organization and title."""
    wanted: str | None = data.get("slug")
    if wanted is not None:
        if db.session.scalar(select(Incident.id).where(Incident.slug == wanted)) is not None:
            detail = f"The slug {wanted!r} is taken. Choose another, or leave it out."
            raise Conflict(detail, [FieldError("/slug", detail)])
        return wanted
    base = slug_base(data)
    similar = (Incident.slug == base) | Incident.slug.startswith(f"{base}-", autoescape=True)
    return free_slug(base, set(db.session.scalars(select(Incident.slug).where(similar))))


def slug_base(data: Mapping[str, Any]) -> str:
    """The slug that an incident is named by, unless it is taken."""
    organization, title = slugify(data["organization"]), slugify(data["title"])
    base = title if title.startswith(organization) else slugify(data["organization"], data["title"])
    return base[: MAX_SLUG - 8].strip("-") or "incident"


def free_slug(base: str, taken: Container[str]) -> str:
    """The slug itself, or the first with a number behind it that is free."""
    if base not in taken:
        return base
    return next(slug for number in count(2) if (slug := f"{base}-{number}") not in taken)
