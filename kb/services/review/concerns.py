"""Concerns to acknowledge before publishing: open comments, private names, contact data.

The audit log records who acknowledged which concerns, but not the names, since entries are never deleted.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Any, NamedTuple

from kb.caches import LruCache
from kb.domain.audit import AuditEvent
from kb.domain.incident import TEXT_FIELDS
from kb.domain.publication import CONCERN_OF_HINT, Concern
from kb.errors import Conflict, FieldError
from kb.messages import Message
from kb.services.core import audit
from kb.services.core.presenters import snapshot
from kb.services.core.system_actors import is_operator
from kb.services.infrastructure.runtime import settings
from kb.services.review.blameless_rules import current_rules, hints_of
from kb.services.review.obstacles import count_open_comments

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from kb.domain.blameless import BlamelessRules
    from kb.domain.permissions import Actor
    from kb.models import Incident, Proposal
    from kb.services.core.unit_of_work import UnitOfWork


_MAX_REASONS = 50
"""How many reasons a refusal lists."""

MAX_BYTES = 1_000_000
"""The size of the cache of passages found in recent texts, some 3,000."""

_Passages = tuple[tuple[Concern, str], ...]

_passages: LruCache[_Passages] = LruCache(MAX_BYTES)


class Reason(NamedTuple):
    """An instance of a concern: a passage at `pointer`, or the number of open comments."""

    concern: Concern
    pointer: str
    passage: str


def text_concerns(state: Mapping[str, Any], published: Mapping[str, Any] | None = None) -> list[Reason]:
    """The private names and contact data in the texts and lessons of a snapshot, in all its languages.

    With `published`, only passages that are not already published. Texts are scanned once (`scan`), so this
    takes no time for texts that were scanned before.
    """
    known = set() if published is None else {(each.concern, each.passage) for each in scan(published)}
    return [reason for reason in scan(state) if (reason.concern, reason.passage) not in known]


def scan(state: Mapping[str, Any]) -> list[Reason]:
    """All private names and contact data in the texts and lessons of a snapshot.

    Call it once outside a transaction: 20,000 characters take some 3 ms, and are then cached.
    """
    rules = current_rules()
    return [
        Reason(concern, pointer, passage)
        for pointer, text in _texts(state)
        for concern, passage in _private_passages(rules, text, state["organization"])
    ]


def _private_passages(rules: BlamelessRules, text: str, organization: str) -> _Passages:
    # Use the digest, not the text: a thousand texts would take 20 MB.
    key = (rules, sha256(text.encode("utf-8", "surrogatepass")).digest(), organization)
    return _passages.get_or_create(key, lambda: _find_passages(rules, text, organization), _size)


def _size(passages: _Passages) -> int:
    return sum(200 + 4 * len(passage) for _, passage in passages)


def _find_passages(rules: BlamelessRules, text: str, organization: str) -> _Passages:
    return tuple(
        (CONCERN_OF_HINT[hint.kind], hint.passage)
        for hint in hints_of(rules, text, organization)
        if hint.kind in CONCERN_OF_HINT
    )


def comment_concerns(incident: Incident, proposal: Proposal | None = None) -> list[Reason]:
    """The concern of open comments, unless a rule requires resolving them."""
    count = 0 if settings().resolved_comments else count_open_comments(incident, proposal)
    return [Reason(Concern.OPEN_COMMENTS, "/acknowledge", str(count))] if count else []


def publication_concerns(incident: Incident) -> list[Reason]:
    """The concerns to acknowledge to publish an incident."""
    return [*comment_concerns(incident), *text_concerns(snapshot(incident))]


def require_concerns_acknowledged(
    work: UnitOfWork, actor: Actor, incident: Incident, acknowledged: Collection[str]
) -> None:
    """Raise Conflict for an unacknowledged concern of an incident that is about to be published.

    The operator is exempt, so their texts are not scanned.
    """
    if not is_operator(actor):
        require_acknowledged(work, actor, incident, publication_concerns(incident), acknowledged)


def require_acknowledged(
    work: UnitOfWork,
    actor: Actor,
    incident: Incident,
    reasons: Collection[Reason],
    acknowledged: Collection[str],
) -> None:
    """Raise Conflict for an unacknowledged concern; log acknowledged ones in the audit log.

    The operator is exempt: imports and seeds contain texts that were chosen for publication elsewhere.
    """
    if not reasons or is_operator(actor):
        return
    missing = [reason for reason in reasons if reason.concern not in acknowledged]
    if missing:
        names = ", ".join(f'"{name}"' for name in dict.fromkeys(reason.concern for reason in reasons))
        shown = missing[:_MAX_REASONS]
        raise Conflict(
            Message(
                "Readers would see this, or it is still open. "
                'To publish anyway, send "acknowledge": [{names}].',
                names=names,
            ),
            [FieldError(reason.pointer, _message(reason)) for reason in shown],
        )
    audit.log_event(
        work,
        actor,
        AuditEvent.ACKNOWLEDGMENT,
        incident=incident,
        concerns=[*dict.fromkeys(reason.concern for reason in reasons)],
        at=[*dict.fromkeys(reason.pointer for reason in reasons if reason.pointer != "/acknowledge")] or None,
    )


_MESSAGES = {
    Concern.OPEN_COMMENTS: Message("Open comments: {passage}."),
    Concern.PRIVATE_NAMES: Message("This may name a private person: {passage!r}. Name the role instead."),
    Concern.CONTACT_DATA: Message("These look like contact details: {passage!r}. Remove them."),
}


def present_concerns(reasons: Iterable[Reason]) -> list[dict[str, Any]]:
    """Reasons in JSON form, each with a `detail` to translate."""
    return [
        {"key": reason.concern, "pointer": reason.pointer, "detail": _message(reason)} for reason in reasons
    ]


def concern_of(error: FieldError) -> Concern | None:
    """The concern that an error of a refused write is about, if any."""
    return next((key for key, text in _MESSAGES.items() if text.template == error.detail.template), None)


def _message(reason: Reason) -> Message:
    return _MESSAGES[reason.concern].format(passage=_passage(reason))


def _passage(reason: Reason) -> str:
    return reason.passage if reason.concern is Concern.OPEN_COMMENTS else reason.passage[:100]


def _texts(state: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The texts of a snapshot in all languages, by JSON pointer."""
    for prefix, texts in [
        ("", state),
        *((f"/translations/{tag}", texts) for tag, texts in state["translations"].items()),
    ]:
        for field in TEXT_FIELDS:
            if texts[field]:
                yield f"{prefix}/{field}", texts[field]
        for position, lesson in enumerate(texts["lessons"]):
            yield f"{prefix}/lessons/{position}/text", lesson["text"]
