"""Terms by what people type."""

from __future__ import annotations

from flask import Flask
from sqlalchemy import update

from kb.models import Term, db
from kb.services.operations import bootstrap
from kb.services.taxonomy.lookup import TermLookup


def test_a_term_that_was_edited_is_found_by_its_new_name_at_once(app: Flask) -> None:
    with app.app_context():
        bootstrap.prepare_if_needed()
        assert TermLookup().get("category", "bad timing") is None
        renamed = update(Term).where(Term.key == "tone-deaf").values(labels={"en": "Bad timing"})
        db.session.execute(renamed)
        db.session.commit()
        found = TermLookup().get("category", "bad timing")
        assert found is not None
        assert found.key == "tone-deaf"


def test_a_term_that_is_like_no_other_is_answered_with_all_of_them(app: Flask) -> None:
    with app.app_context():
        bootstrap.prepare_if_needed()
        db.session.execute(update(Term).where(Term.key == "reddit").values(retired=True))
        db.session.commit()
        lookup = TermLookup()
        assert lookup.find("platform", "qqq", "/platforms/0") is None
        (error,) = lookup.errors
    assert str(error.detail).startswith("There is no platform 'qqq'. There are: twitter, facebook,")
    assert "reddit" not in str(error.detail)
