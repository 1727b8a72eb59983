"""The lessons of an incident."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, attribute_keyed_dict, mapped_column, relationship

from kb.models.base import Model

_HAS_GUARD = text("guard IS NOT NULL")


class Lesson(Model):
    """A lesson of an incident. It keeps its id when it is moved or reworded.

    `guard` is the definition of its guard, as `kb.guards.definition.to_guard` reads it; None for most.
    """

    __tablename__ = "lesson"
    __table_args__ = (
        # Few lessons have a guard, but each check reads all that do.
        Index("ix_lesson_guarded", "incident_id", sqlite_where=_HAS_GUARD, postgresql_where=_HAS_GUARD),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incident.id"), index=True)
    position: Mapped[int]
    guard: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))

    texts: Mapped[dict[str, LessonText]] = relationship(
        collection_class=attribute_keyed_dict("language"), cascade="all, delete-orphan", lazy="selectin"
    )


class LessonText(Model):
    """The text of a lesson in one language."""

    __tablename__ = "lesson_text"

    lesson_id: Mapped[int] = mapped_column(ForeignKey("lesson.id"), primary_key=True)
    language: Mapped[str] = mapped_column(String(35), primary_key=True)
    text: Mapped[str] = mapped_column(Text)
