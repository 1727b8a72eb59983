"""The lessons of an incident."""

from __future__ import annotations

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, attribute_keyed_dict, mapped_column, relationship

from kb.models.base import Model


class Lesson(Model):
    """A lesson of an incident. It keeps its id when it is moved or reworded."""

    __tablename__ = "lesson"
    __table_args__ = {"sqlite_autoincrement": True}  # noqa: RUF012 (SQLAlchemy reads it off the class)

    id: Mapped[int] = mapped_column(primary_key=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incident.id"), index=True)
    position: Mapped[int]

    texts: Mapped[dict[str, LessonText]] = relationship(
        collection_class=attribute_keyed_dict("language"), cascade="all, delete-orphan"
    )


class LessonText(Model):
    """The text of a lesson in one language."""

    __tablename__ = "lesson_text"

    lesson_id: Mapped[int] = mapped_column(ForeignKey("lesson.id"), primary_key=True)
    language: Mapped[str] = mapped_column(String(35), primary_key=True)
    text: Mapped[str] = mapped_column(Text)
