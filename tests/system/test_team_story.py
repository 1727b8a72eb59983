"""A team's postmortem over the API, from the first line to its withdrawal, without losing a word."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import pytest

from kb.config import Settings
from tests.support.api import Api, callers, people, running

pytestmark = pytest.mark.no_cover  # calls what other tests call one by one


@dataclass
class Story:
    """The people, and their words in one language."""

    words: dict[str, str]
    dana: Api
    gal: Api
    noa: Api
    reader: Api
    path: str = ""

    def draft(self) -> None:
        """Dana files a thin draft, is asked for what is missing, and adds it."""
        words, dana = self.words, self.dana
        assert dana.get("/templates/incident", lang=words["language"]).get_json()["example"]["title"]
        thin = {"organization": "Acme", "title": words["title"], "category": "wrong-account"}
        filed = dana.post("/incidents", thin)
        assert (filed.status_code, filed.get_json()["language"]) == (201, words["language"])
        self.path = f"/incidents/{filed.get_json()['id']}"
        assert self.reader.get(self.path).status_code == 404
        asked = dana.get(f"{self.path}/completeness").get_json()
        assert [field["pointer"] for field in asked["missing"]][:2] == ["/occurred_on", "/summary"]
        # A name slips in: it gets a hint, but is not rejected.
        answered = dana.patch(self.path, self.answers(words["blame"]), If_Match=filed.headers["ETag"])
        assert {note["kind"] for note in answered.get_json()["notes"]} == {"blame", "person"}
        blameless = dana.patch(self.path, {"cause": words["cause"]}, If_Match=answered.headers["ETag"])
        assert blameless.get_json()["notes"] == []

    def answers(self, cause: str) -> dict[str, Any]:
        words = self.words
        return {
            "occurred_on": "2023-05",
            "summary": words["summary"],
            "cause": cause,
            "outcome": words["outcome"],
            "lessons": [{"text": words["lesson"]}],
            "sources": [{"title": words["source"], "url": "https://example.com/report"}],
            "comment": words["why"],
        }

    def discuss(self) -> None:
        """Noa requests changes. Two people edit at once, and the second learns what changed."""
        words, dana, gal, noa, path = self.words, self.dana, self.gal, self.noa, self.path
        assert dana.step(path, "submit", comment=words["why"]).status_code == 200
        comment = noa.post(f"{path}/comments", {"text": words["question"], "about": "outcome"})
        returned = noa.step(path, "request_changes", comment=words["question"])
        assert returned.get_json()["status"] == "draft"
        read = noa.get(path).headers["ETag"]
        assert dana.patch(path, {"outcome": words["more"]}, If_Match=read).status_code == 200
        hers = {"outcome": words["gal"], "severity": 3}
        late = gal.patch(path, hers, If_Match=read)
        assert late.status_code == 412
        assert [error["pointer"] for error in late.get_json()["errors"]] == ["/outcome"]
        # She reads the current text and adds her own.
        assert (
            gal.patch(path, {**hers, "outcome": f"{words['more']} {words['gal']}"}, If_Match="*").status_code
            == 200
        )
        diff = noa.get(f"{path}/diff", **{"from": 5, "to": 7}).get_json()["fields"]
        assert {field["pointer"] for field in diff} >= {"/outcome", "/severity"}
        said = comment.headers["Location"].removeprefix("/api/v1")
        assert dana.patch(said, {"resolved": True}, If_Match=comment.headers["ETag"]).status_code == 200

    def publish(self) -> None:
        """Dana and Gal are the authors, so Noa must approve, and once more after another edit."""
        words, dana, gal, noa, path = self.words, self.dana, self.gal, self.noa, self.path
        assert dana.step(path, "submit").status_code == 200
        assert gal.step(path, "publish").status_code == 409
        assert noa.step(path, "approve").status_code == 200
        assert dana.patch(path, {"alternative": words["lesson"]}, If_Match="*").status_code == 200
        assert gal.step(path, "publish").status_code == 409
        version = noa.get(path).headers["ETag"]
        assert noa.step(path, "approve", if_match=version, comment=words["why"]).status_code == 200
        key = {"Idempotency_Key": "publish once", "If_Match": version}
        published = gal.post(f"{path}/events", {"step": "publish"}, **key)
        assert published.get_json()["status"] == "published"
        again = gal.post(f"{path}/events", {"step": "publish"}, **key)
        assert again.get_json() == published.get_json()
        assert self.found()[0] == int(path[11:])

    def merge(self) -> str:
        """A published duplicate is merged into the first incident, with its lessons and sources."""
        words, gal, noa, path = self.words, self.gal, self.noa, self.path
        other = {**self.answers(words["cause"]), "organization": "Acme", "category": "wrong-account"}
        other |= {
            "summary": words["twin"],
            "lessons": [{"text": words["twin lesson"]}],
            "comment": words["twin why"],
        }
        other["sources"] = [{"title": words["other"], "url": "https://example.com/other"}]
        twin = gal.post("/incidents", {**other, "title": words["title"], "status": "in_review"}).get_json()
        assert twin["likely_duplicates"][0]["incident"]["id"] == int(path[11:])
        gone = f"/incidents/{twin['id']}"
        assert noa.step(gone, "publish").status_code == 200
        assert self.reader.get(gone).get_json()["summary"] == words["twin"]
        # Published content does not change under its readers: what is taken over waits for a review.
        taken = {"take_over": ["lessons", "sources"]}
        assert gal.post(f"{gone}/duplicate-of/{path[11:]}", taken, If_Match="*").status_code == 200
        assert len(self.reader.get(path).get_json()["lessons"]) == 1
        proposal = f"/proposals/{noa.get('/proposals', status='open').get_json()['items'][0]['id']}"
        assert gal.step(proposal, "approve").status_code == 403  # merging makes Gal an author
        assert noa.step(proposal, "publish").status_code == 200
        merged = self.reader.get(path).get_json()
        assert [source["title"] for source in merged["sources"]] == [words["source"], words["other"]]
        assert [lesson["text"] for lesson in merged["lessons"]] == [words["lesson"], words["twin lesson"]]
        return gone

    def withdraw(self, gone: str) -> None:
        """The incident passes review again, gets a follow-up action, and is finally withdrawn."""
        dana, noa, path = self.dana, self.noa, self.path
        action = {"title": self.words["lesson"], "owner": "Dana Levi", "due_on": "2024-01-01"}
        number = noa.post(f"{path}/actions", action).get_json()["id"]
        overdue = dana.get("/actions", owner="me", overdue="true").get_json()["items"]
        assert [item["id"] for item in overdue] == [number]
        assert noa.step(path, "reopen").status_code == 200
        assert dana.step(path, "submit").status_code == 200
        assert noa.step(path, "publish").status_code == 200
        led = self.reader.get(gone)
        assert (led.status_code, led.headers["Location"]) == (308, f"/api/v1{path}")
        assert noa.delete(path, If_Match="*").status_code == 204
        assert self.reader.get(path).status_code == 404
        assert int(path[11:]) not in self.found()

    def found(self) -> list[int]:
        hits = self.reader.get("/search", q=self.words["found_by"]).get_json()["items"]
        return [hit["incident"]["id"] for hit in hits]


@pytest.mark.parametrize(
    ("any_new_settings", "language"),
    [
        ("sqlite", "en"),
        ("postgresql", "he"),
        # The language does not depend on the database.
        pytest.param("sqlite", "he", marks=pytest.mark.slow),
        pytest.param("postgresql", "en", marks=pytest.mark.slow),
    ],
    indirect=["any_new_settings"],
)
def test_a_team_takes_an_incident_from_draft_to_withdrawal(any_settings: Settings, language: str) -> None:
    for app in running(replace(any_settings, four_eyes=True, resolved_comments=True)):
        person = people(app)
        dana, gal = person("Dana Levi", north="contributor"), person("Gal Mizrahi", north="reviewer")
        story = Story(
            WORDS[language], dana, gal, noa=person("Noa Cohen", north="reviewer"), reader=callers(app)()
        )
        story.draft()
        story.discuss()
        story.publish()
        gone = story.merge()
        story.withdraw(gone)
        # Every word ever written is still there for the team.
        path, words = story.path, story.words
        for where, names in (
            (f"{path}/revisions", "title summary blame cause outcome more gal lesson source other why"),
            (f"{gone}/revisions", "title twin cause outcome other"),
            (f"{path}/events", "why question"),
            (f"{path}/comments", "question"),
        ):
            told = str(_all(dana, where))
            assert [name for name in names.split() if words[name] not in told] == [], where
        assert words["twin lesson"] in str(_all(dana, f"{path}/revisions"))
        assert words["twin why"] in str(_all(dana, f"{gone}/revisions"))
        assert [event["step"] for event in _all(dana, f"{path}/events")][::-1] == [
            "submit", "request_changes", "submit", "approve", "approve", "publish",
            "publish", "reopen", "submit", "publish", "withdraw",
        ]  # fmt: skip
        restored = dana.post(f"{path}/revisions/2/restore", {}, If_Match="*").get_json()
        assert (restored["cause"], restored["status"]) == (story.words["blame"], "withdrawn")


def _all(api: Api, path: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = api.get(path, limit=100).get_json()["items"]
    return found


WORDS = {
    "en": {
        "language": "en",
        "title": "A private joke went out on the brand's account",
        "summary": "A joke that was meant for friends stood on the official account for ten minutes.",
        "blame": "Sarah Miller was careless.",
        "cause": "Two accounts were open in one scheduling tool.",
        "outcome": "It was deleted.",
        "more": "It was deleted after ten minutes, and an apology followed.",
        "lesson": "Keep personal and official accounts in different tools.",
        "source": "A report of the trade press",
        "other": "A thread with screenshots",
        "gal": "Two customers asked about it by mail.",
        "twin": "A line that only friends should have read was on the brand's page for a while.",
        "twin lesson": "Log out of the brand's account at the end of a shift.",
        "twin why": "Filed by the night shift.",
        "why": "The facts as of Monday.",
        "question": "How long did it stand there?",
        "found_by": "private joke brand account",
    },
    "he": {
        "language": "he",
        "title": "בדיחה פרטית עלתה בחשבון של המותג",
        "summary": "בדיחה שנועדה לחברים עמדה עשר דקות בחשבון הרשמי.",
        "blame": "יוסי כהן נהג ברשלנות.",
        "cause": "שני חשבונות היו פתוחים באותו כלי תזמון.",
        "outcome": "הציוץ נמחק.",
        "more": "הציוץ נמחק אחרי עשר דקות, ובאה התנצלות.",
        "lesson": "להחזיק חשבונות אישיים ורשמיים בכלים שונים.",
        "source": "כתבה בעיתונות המקצועית",
        "other": "שרשור עם צילומי מסך",
        "gal": "שתי לקוחות שאלו על זה במייל.",
        "twin": "שורה שרק חברים היו אמורים לקרוא הופיעה לזמן מה בעמוד המותג.",
        "twin lesson": "להתנתק מחשבון המותג בסוף המשמרת.",
        "twin why": "נרשם על ידי משמרת הלילה.",
        "why": "העובדות נכון ליום שני.",
        "question": "כמה זמן זה עמד שם?",
        "found_by": "בדיחה פרטית בחשבון המותג",
    },
}
