"""What newcomers ask finds the public cases that went wrong in the same way."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import select

from bench.public_cases.cases import read_plans
from bench.wild.evaluation import ask
from kb.config import Settings
from kb.models import Incident, db
from kb.services.accounts.authentication import anonymous
from kb.services.core.system_actors import OPERATOR
from kb.services.exchange.collections.changes import add_shipped
from kb.services.exchange.collections.reading import incident_files
from kb.services.exchange.collections.shipped import shipped_folder
from kb.services.operations import bootstrap
from kb.services.search import sync
from kb.services.search.similar import find_similar
from tests.support.api import running
from tests.support.waiting import PATIENCE

pytestmark = pytest.mark.slow  # adds 137 incidents

PRECEDENTS = {"yad-vashem-forum-films", "kfc-germany-kristallnacht-push", "tiger-energy-warsaw-uprising"}


@pytest.fixture(scope="module")
def cases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """The application with the public cases."""
    for app in running(Settings(data_dir=tmp_path_factory.mktemp("cases"))):
        with app.app_context():
            bootstrap.prepare()
            add_shipped(OPERATOR, "public-cases")
            sync.ensure_current(timeout=PATIENCE)
            yield app


@pytest.mark.parametrize(
    "plan",
    [
        "we want to post a funny tweet on Holocaust remembrance day",
        "is it ok to joke on Holocaust Memorial Day",
        "אנחנו רוצים להעלות ציוץ מצחיק ביום השואה",
        "מותר לצחוק ביום הזיכרון לשואה",
    ],
)
@pytest.mark.usefixtures("cases")
def test_a_joke_on_a_day_of_mourning_leads_to_those_that_were_made(plan: str) -> None:
    answer = ask(plan)
    assert set(answer.hits[:4]) >= PRECEDENTS
    assert answer.hits[0] in PRECEDENTS


@pytest.mark.usefixtures("cases")
def test_plans_in_ones_own_words_find_what_went_wrong_alike() -> None:
    plans = read_plans({path.stem for path in incident_files(shipped_folder("public-cases"))})
    ranks = {plan.ask: ask(plan.ask).rank(plan.expect) for plan in plans}
    assert len(ranks) >= 12
    assert [text for text, rank in ranks.items() if rank is None or rank > 3] == []
    assert sum(rank == 1 for rank in ranks.values()) * 5 >= len(ranks) * 4


@pytest.mark.usefixtures("cases")
def test_the_holocaust_is_no_comparison_and_no_loan() -> None:
    assert ask("שואה").hits == ("yad-vashem-forum-films",)


@pytest.mark.parametrize("typed", ["zzqqxx", "asdf jkl", "mmmm nnnn", "שדגכ יחךל"])
@pytest.mark.usefixtures("cases")
def test_keys_hit_at_random_are_no_words_of_the_other_layout(typed: str) -> None:
    assert ask(typed).hits == ()


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("ayrtux xknubkv", "strauss-salmonella-recall"),
        ("נורעקר לןמע לןאביקמ", "burger-king-uk-womens-day"),
        ("גםצןמםד", "dominos-kitchen-prank-video"),
    ],
)
@pytest.mark.usefixtures("cases")
def test_words_of_the_other_layout_are_read_where_they_meet(typed: str, found: str) -> None:
    answer = ask(typed)
    assert (answer.hits[0], answer.corrected) == (found, True)


@pytest.mark.parametrize(
    ("slug", "like", "unlike"),
    [
        ("kfc-germany-kristallnacht-push", "tiger-energy-warsaw-uprising", "kfc-uk-fck-apology"),
        ("better-com-zoom-layoffs", "p-and-o-ferries-video-dismissal", "lemonade-nonverbal-cues-thread"),
        ("burger-king-uk-womens-day", "bic-think-like-a-man", "burger-king-account-hacked"),
    ],
)
@pytest.mark.usefixtures("cases")
def test_the_subject_and_how_it_failed_make_incidents_alike_rather_than_the_brand(
    slug: str, like: str, unlike: str
) -> None:
    incident_id = db.session.scalars(select(Incident.id).where(Incident.slug == slug)).one()
    found = find_similar(anonymous(), incident_id, ["en"], limit=4)["items"]
    slugs = [item["incident"]["slug"] for item in found]
    assert like in slugs
    assert unlike not in slugs
