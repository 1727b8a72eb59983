"""Add new incidents within a transaction, for the API, the import and the seeds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from kb.domain.dates import UNKNOWN_DATE
from kb.domain.incident import Status
from kb.domain.text import tag_key
from kb.domain.workflow import OPERATIONS, Step
from kb.models import Incident, db
from kb.services.incidents.content.facts import write_facts
from kb.services.incidents.content.lessons import write_lessons
from kb.services.incidents.content.passed_check import check_id_in
from kb.services.incidents.content.slugs import new_slug
from kb.services.incidents.content.tags import first_spellings
from kb.services.incidents.content.texts import require_size, write_texts, write_translation
from kb.services.review.completeness import require_complete
from kb.services.review.concerns import require_concerns_acknowledged
from kb.services.review.four_eyes import may_publish_directly
from kb.services.review.steps import record_step, take_step

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kb.domain.permissions import Actor
    from kb.services.core.unit_of_work import UnitOfWork
    from kb.services.taxonomy.lookup import TermLookup


def add_incident(
    work: UnitOfWork, actor: Actor, data: Mapping[str, Any], terms: TermLookup, team_id: int
) -> Incident:
    """Add a new incident to a team.

    It is published if `data["status"]` says so and the actor may publish without a review; else it becomes a
    draft, which `in_review` submits. Raises InvalidInput, Conflict for a taken slug, or Forbidden.
    """
    batch = NewIncidents(work, actor, team_id, [data])
    incident = batch.add(data, terms)
    batch.record()
    return incident


class NewIncidents:
    """New incidents of a team that are written together, in few statements.

    Call `record` once after the last `add`; only then do they have ids.
    """

    def __init__(
        self, work: UnitOfWork, actor: Actor, team_id: int, inputs: Sequence[Mapping[str, Any]]
    ) -> None:
        """Look up everything that the inputs refer to."""
        self._work = work
        self._actor = actor
        self._team_id = team_id
        slugs = {data["slug"] for data in inputs if data.get("slug") is not None}
        self._taken_slugs = _taken_slugs(team_id, slugs)
        self._spellings = first_spellings(
            team_id, {tag_key(tag) for data in inputs for tag in data.get("tags", ())}
        )
        self._added: list[tuple[Incident, Mapping[str, Any], bool]] = []

    def add(self, data: Mapping[str, Any], terms: TermLookup) -> Incident:
        """Add one incident from one of the inputs, as `add_incident` does. Raises the same errors."""
        incident = Incident(
            slug=new_slug(data, self._team_id, self._taken_slugs),
            external_id=data.get("external_id"),
            status=Status.DRAFT,
            language=data["language"],
            team_id=self._team_id,
            author=self._actor.name,
            passed_check_id=check_id_in(self._actor, data),
            created_at=self._work.at,
            updated_at=self._work.at,
            occurred_on=UNKNOWN_DATE.first,
            occurred_until=UNKNOWN_DATE.last,
            occurred_precision=UNKNOWN_DATE.precision,
            # Known to be empty, so that nothing is loaded.
            sources=[],
            responses=[],
            impacts=[],
            tag_links=[],
        )
        with db.session.no_autoflush:
            write_facts(incident, data, terms, spellings=self._spellings)
            write_texts(incident, incident.language, data, version=1)
            write_lessons(incident, incident.language, data["lessons"], version=1)
            for language, translation in data.get("translations", {}).items():
                write_translation(incident, language, translation, version=1)
            require_size(incident)
        publish = data["status"] == Status.PUBLISHED and may_publish_directly(self._actor, self._team_id)
        if publish:
            require_complete(incident)
            # Set directly, so that the first revision is the published one: take_step works on stored
            # incidents.
            incident.status, incident.published_at = Status.PUBLISHED, self._work.at
        db.session.add(incident)
        self._taken_slugs.add(incident.slug)
        self._added.append((incident, data, publish))
        return incident

    def record(self) -> None:
        """Insert them with their first revisions, and take the steps that the inputs request."""
        self._work.record_new(
            [(incident, data.get("comment")) for incident, data, _ in self._added], self._actor
        )
        for incident, data, publish in self._added:
            comment, acknowledged = data.get("comment"), data.get("acknowledge", ())
            if publish:
                require_concerns_acknowledged(self._work, self._actor, incident, acknowledged)
                record_step(
                    self._work, self._actor, incident, Step.PUBLISH, before=Status.DRAFT, comment=comment
                )
            if data["status"] == Status.IN_REVIEW:
                take_step(self._work, self._actor, incident, Step.SUBMIT, comment)
                self._work.record(incident, OPERATIONS[Step.SUBMIT], self._actor, comment=comment)


def _taken_slugs(team_id: int, slugs: set[str]) -> set[str]:
    """The given slugs that incidents of a team have."""
    if not slugs:
        return set()
    statement = select(Incident.slug).where(Incident.team_id == team_id, Incident.slug.in_(slugs))
    return set(db.session.scalars(statement))
