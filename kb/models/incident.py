"""Incidents, their texts by language, and their classification."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, attribute_keyed_dict, mapped_column, relationship, validates

from kb.domain.dates import DatePrecision
from kb.domain.incident import Confidence, Kind, Status, Visibility
from kb.domain.text import title_key
from kb.models.base import EnumText, Model, UTCDateTime, utc_now
from kb.models.collection import Collection
from kb.models.taxonomy import Term
from kb.models.team import Team

if TYPE_CHECKING:
    from kb.models.impact import Impact
    from kb.models.lesson import Lesson
    from kb.models.response import Response
    from kb.models.source import Source


class Incident(Model):
    """A failure or near miss of an organization, with its texts, terms, lessons and history.

    An unknown value is None, so an unrated severity differs from a low one. `occurred_on` and
    `occurred_until` are the first and the last day that its date may mean; they span all days if the date is
    unknown. `version` counts its writes. `organization_key` is the organization's name as a slug, so that
    different spellings compare equal. `category_id` is the primary category. Ids are never reused, not even
    on SQLite. `duplicate_of_id` is the incident that a withdrawn duplicate was merged into. `published_at` is
    None until it is published, and again if it becomes a draft. `passed_check_id` is the check that passed
    its post, `collection_id` its collection, and `extra` the data of its import file that has no field of its
    own.
    """

    __tablename__ = "incident"
    __table_args__ = (
        UniqueConstraint("team_id", "external_id"),
        UniqueConstraint("team_id", "slug"),
        CheckConstraint("severity BETWEEN 1 AND 5", name="severity_range"),
        CheckConstraint("occurred_on <= occurred_until", name="occurred_order"),
        Index("ix_incident_occurred_on_id", "occurred_on", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(120))
    external_id: Mapped[str | None] = mapped_column(String(200))
    extra: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    kind: Mapped[Kind] = mapped_column(EnumText(Kind))
    status: Mapped[Status] = mapped_column(EnumText(Status), index=True)
    visibility: Mapped[Visibility] = mapped_column(EnumText(Visibility))
    language: Mapped[str] = mapped_column(String(35))
    organization: Mapped[str] = mapped_column(String(200))
    organization_key: Mapped[str] = mapped_column(String(200), index=True)
    occurred_on: Mapped[date]
    occurred_until: Mapped[date]
    occurred_precision: Mapped[DatePrecision] = mapped_column(EnumText(DatePrecision))
    posted_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    acknowledged_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    removed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    severity: Mapped[int | None]
    confidence: Mapped[Confidence | None] = mapped_column(EnumText(Confidence))
    category_id: Mapped[int] = mapped_column(ForeignKey("term.id"))
    team_id: Mapped[int] = mapped_column(ForeignKey("team.id"), index=True)
    author: Mapped[str] = mapped_column(String(200))
    duplicate_of_id: Mapped[int | None] = mapped_column(ForeignKey("incident.id"), index=True)
    passed_check_id: Mapped[int | None] = mapped_column(ForeignKey("draft_check.id"), index=True)
    collection_id: Mapped[int | None] = mapped_column(ForeignKey("collection.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=utc_now)
    updated_at: Mapped[datetime] = mapped_column(UTCDateTime, default=utc_now)
    published_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    version: Mapped[int] = mapped_column()

    team: Mapped[Team] = relationship()
    collection: Mapped[Collection | None] = relationship()
    texts: Mapped[dict[str, IncidentText]] = relationship(
        collection_class=attribute_keyed_dict("language"), cascade="all, delete-orphan"
    )
    term_links: Mapped[list[IncidentTerm]] = relationship(
        cascade="all, delete-orphan", order_by="IncidentTerm.position"
    )
    tag_links: Mapped[list[IncidentTag]] = relationship(
        cascade="all, delete-orphan", order_by="IncidentTag.tag"
    )
    lessons: Mapped[list[Lesson]] = relationship(cascade="all, delete-orphan", order_by="Lesson.position")
    sources: Mapped[list[Source]] = relationship(cascade="all, delete-orphan", order_by="Source.position")
    responses: Mapped[list[Response]] = relationship(
        cascade="all, delete-orphan", order_by="Response.position"
    )
    impacts: Mapped[list[Impact]] = relationship(cascade="all, delete-orphan", order_by="Impact.position")

    __mapper_args__ = {"version_id_col": version}

    @property
    def original(self) -> IncidentText:
        """The text in the original language; the others are translations of it."""
        return self.texts[self.language]

    @property
    def languages(self) -> list[str]:
        """The languages of its texts, the original one first."""
        return [self.language, *sorted(tag for tag in self.texts if tag != self.language)]

    @property
    def tags(self) -> list[str]:
        return [link.tag for link in self.tag_links]

    def terms(self, namespace: str) -> list[str]:
        """The keys of its terms in a namespace; the primary category comes first."""
        return [link.term.key for link in self.term_links if link.term.namespace == namespace]


class IncidentText(Model):
    """The texts of an incident in one language.

    `version` is the version of the incident in which they were last written. A translation with a lower
    version than the original text is outdated. `title_key` is the sort key of the title, compared character
    by character on every database.
    """

    __tablename__ = "incident_text"

    incident_id: Mapped[int] = mapped_column(ForeignKey("incident.id"), primary_key=True)
    language: Mapped[str] = mapped_column(String(35), primary_key=True)
    version: Mapped[int] = mapped_column()
    title: Mapped[str] = mapped_column(Text)
    title_key: Mapped[str] = mapped_column(
        String(100).with_variant(String(100, collation="C"), "postgresql"), server_default=""
    )
    summary: Mapped[str] = mapped_column(Text)
    why_failure: Mapped[str] = mapped_column(Text)
    cause: Mapped[str] = mapped_column(Text)
    outcome: Mapped[str] = mapped_column(Text)
    alternative: Mapped[str] = mapped_column(Text)
    severity_evidence: Mapped[str] = mapped_column(Text)
    audience: Mapped[str] = mapped_column(Text)

    @validates("title")
    def _set_title_key(self, _name: str, title: str) -> str:
        self.title_key = title_key(title)
        return title


class IncidentTerm(Model):
    """A term that classifies an incident. The primary category is one too, in the first position."""

    __tablename__ = "incident_term"
    __table_args__ = (Index("ix_incident_term_term_id", "term_id", "incident_id"),)

    incident_id: Mapped[int] = mapped_column(ForeignKey("incident.id"), primary_key=True)
    term_id: Mapped[int] = mapped_column(ForeignKey("term.id"), primary_key=True)
    position: Mapped[int]

    term: Mapped[Term] = relationship(lazy="joined")


class IncidentTag(Model):
    """A free-text tag on an incident. `key` is the same for all variants of its spelling."""

    __tablename__ = "incident_tag"
    __table_args__ = (Index("ix_incident_tag_key", "key", "incident_id"),)

    incident_id: Mapped[int] = mapped_column(ForeignKey("incident.id"), primary_key=True)
    key: Mapped[str] = mapped_column(String(200), primary_key=True)
    tag: Mapped[str] = mapped_column(String(80))
