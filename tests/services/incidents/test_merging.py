"""Merging an incident into the one that it duplicates."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from flask import Flask

from tests.support.api import Api

REPORT = "https://www.example.com/news/acme-joke/?utm_source=mail#top"


SAME_REPORT = "http://example.com/news/acme-joke"


def test_a_merged_incident_redirects_everyone_who_could_see_it(
    any_role: Callable[..., Api],
) -> None:
    api, reader = any_role("reviewer"), any_role()
    gone, stays = (api.file(status="published", title=f"Zebra {n}")["id"] for n in "ab")
    merged = api.post(f"/incidents/{gone}/duplicate-of/{stays}", {"comment": "Twice."}, If_Match='"1"')
    assert (merged.status_code, merged.get_json()["id"]) == (200, stays)
    for caller in (api, reader):
        led = caller.get(f"/incidents/{gone}")
        assert (led.status_code, led.headers["Location"]) == (308, f"/api/v1/incidents/{stays}")
        assert caller.get(f"/incidents/{gone}", follow_redirects=True) is not None
    assert reader.get("/search", q="zebra").get_json()["total"] == 1
    history = api.get(f"/incidents/{gone}/revisions").get_json()["items"]
    assert (history[0]["operation"], history[0]["snapshot"]["duplicate_of"]) == ("merged", stays)
    assert history[1]["snapshot"]["title"] == "Zebra a"
    assert [item["operation"] for item in reader.get("/changes", since=8).get_json()["items"]] == ["merged"]
    assert api.step(f"/incidents/{gone}", "reopen").status_code == 409
    assert api.patch(f"/incidents/{gone}", {"severity": 1}, If_Match="*").status_code == 409


def test_chains_are_resolved(as_role: Callable[..., Api]) -> None:
    api = as_role("reviewer")
    first, second, third, fourth = (api.file(status="published")["id"] for _ in range(4))
    assert api.post(f"/incidents/{first}/duplicate-of/{second}", {}, If_Match="*").status_code == 200
    assert api.post(f"/incidents/{second}/duplicate-of/{third}", {}, If_Match="*").status_code == 200
    # A duplicate as the target is replaced by the incident that it duplicates.
    merged = api.post(f"/incidents/{fourth}/duplicate-of/{first}", {}, If_Match="*")
    assert merged.get_json()["id"] == third
    for gone in (first, second, fourth):
        assert api.get(f"/incidents/{gone}").headers["Location"].endswith(f"/{third}")
    for back in (first, second, fourth, third):
        assert api.post(f"/incidents/{third}/duplicate-of/{back}", {}, If_Match="*").status_code == 409


def test_only_new_lessons_and_sources_are_taken_over(as_role: Callable[..., Api]) -> None:
    api = as_role("reviewer")
    report, blog = (
        {"title": "A report", "url": REPORT},
        {"title": "A blog", "url": "https://example.org/"},
    )
    stays = api.file(sources=[{"title": "Known", "url": SAME_REPORT}], lessons=[{"text": "Known."}])
    gone = api.file(sources=[report, blog], lessons=[{"text": "Known."}, {"text": "New."}])
    taken = api.post(
        f"/incidents/{gone['id']}/duplicate-of/{stays['id']}",
        {"take_over": ["lessons", "sources"]},
        If_Match="*",
    ).get_json()
    assert [lesson["text"] for lesson in taken["lessons"]] == ["Known.", "New."]
    assert [source["title"] for source in taken["sources"]] == ["Known", "A blog"]
    assert taken["lessons"][0]["id"] == stays["lessons"][0]["id"]
    (revision, _) = api.get(f"/incidents/{stays['id']}/revisions").get_json()["items"]
    assert revision["comment"] == f"Took over from its duplicate {gone['id']}: lessons, sources."
    assert api.get("/search", q="title:blog").status_code == 200


def test_lessons_in_another_language_need_a_translation_first(contributor: Api) -> None:
    stays = contributor.file()["id"]
    hebrew = {"title": "כותרת", "summary": "תקציר", "language": "he", "lessons": [{"text": "לקח."}]}
    gone = f"/incidents/{contributor.file(**hebrew)['id']}"
    body = {"take_over": ["lessons"]}
    refused = contributor.post(f"{gone}/duplicate-of/{stays}", body, If_Match="*")
    assert (refused.status_code, "Translate" in refused.text) == (409, True)
    english = {
        "title": "T",
        "summary": "S",
        "cause": "C",
        "outcome": "O",
        "lessons": [{"text": "Lesson."}],
    }
    contributor.put(f"{gone}/translations/en", english, If_Match="*")
    taken = contributor.post(f"{gone}/duplicate-of/{stays}", body, If_Match="*").get_json()
    assert [lesson["text"] for lesson in taken["lessons"]][-1] == "Lesson."


def test_a_merge_cannot_hide_content_from_readers(as_role: Callable[..., Api]) -> None:
    api = as_role("reviewer")
    public = f"/incidents/{api.file(status='published')['id']}"
    draft = api.file()["id"]
    inside = api.file(status="published", visibility="team")["id"]
    withdrawn = api.file()["id"]
    api.delete(f"/incidents/{withdrawn}", If_Match="*")
    for other in (draft, inside, withdrawn):
        assert api.post(f"{public}/duplicate-of/{other}", {}, If_Match="*").status_code == 409
    assert api.post(f"{public}/duplicate-of/999", {}, If_Match="*").status_code == 404
    assert api.post(f"{public}/duplicate-of/1", {}).status_code == 428
    assert api.post(f"{public}/duplicate-of/1", {"take_over": ["all"]}, If_Match="*").status_code == 422
    assert api.get(public).get_json()["version"] == 1


def test_a_merge_is_one_version_and_leaves_no_gap_in_the_history(any_role: Callable[..., Api]) -> None:
    api = any_role("reviewer")
    first, second, third = (api.file(status="published")["id"] for _ in range(3))
    api.post(f"/incidents/{first}/duplicate-of/{second}", {"take_over": ["lessons"]}, If_Match="*")
    api.post(f"/incidents/{second}/duplicate-of/{third}", {"take_over": ["sources"]}, If_Match="*")
    for number in (first, second, third):
        history = api.get(f"/incidents/{number}/revisions").get_json()["items"]
        assert [item["number"] for item in history] == [*range(len(history), 0, -1)]
        assert api.get(f"/incidents/{number}/diff").status_code == 200


def test_a_redirect_keeps_the_language_even_from_a_withdrawn_or_reopened_incident(
    as_role: Callable[..., Api],
) -> None:
    api, reader = as_role("reviewer"), as_role()
    for step in ("withdraw", "reopen"):
        gone = f"/incidents/{api.file(status='published')['id']}"
        assert api.step(gone, step).status_code == 200
        assert reader.get(gone).status_code == 404
        assert api.post(f"{gone}/duplicate-of/1", None, If_Match="*").status_code == 200
        assert reader.get(gone, lang="he").headers["Location"] == "/api/v1/incidents/1?lang=he"


def test_open_actions_move_along_and_a_duplicate_accepts_nothing_new(any_role: Callable[..., Api]) -> None:
    contributor = any_role("contributor")
    stays, gone = contributor.file()["id"], contributor.file()["id"]
    for title, status in (("open", "open"), ("done", "done")):
        contributor.post(f"/incidents/{gone}/actions", {"title": title, "status": status})
    contributor.post(f"/incidents/{gone}/duplicate-of/{stays}", {"take_over": ["actions"]}, If_Match="*")
    moved = contributor.get(f"/incidents/{stays}/actions").get_json()["items"]
    assert [item["title"] for item in moved] == ["open"]
    for path in ("actions", "comments"):
        body = {"title": "x"} if path == "actions" else {"text": "x"}
        assert contributor.post(f"/incidents/{gone}/{path}", body).status_code == 409


def test_a_chain_of_invisible_duplicates_reveals_nothing(
    as_role: Callable[..., Api], person: Callable[..., Api]
) -> None:
    owner, stranger = as_role("reviewer"), person("Eve", south="contributor")
    hidden, end, to_public = (owner.file()["id"] for _ in range(3))
    assert owner.post(f"/incidents/{hidden}/duplicate-of/{end}", {}, If_Match="*").status_code == 200
    assert owner.post(f"/incidents/{to_public}/duplicate-of/1", {}, If_Match="*").status_code == 200
    mine = stranger.file()["id"]
    for asked in (hidden, to_public, end):
        refused = stranger.post(f"/incidents/{mine}/duplicate-of/{asked}", {}, If_Match="*")
        assert (refused.status_code, f"incident {asked}." in refused.text) == (404, True)


def test_a_merge_cannot_break_a_redirect_of_another_team(
    as_role: Callable[..., Api], person: Callable[..., Api]
) -> None:
    north, south = as_role("reviewer"), person("Sol", south="reviewer")
    public, draft = south.file(status="published")["id"], south.file()["id"]
    gone = north.file(status="published")["id"]
    assert north.post(f"/incidents/{gone}/duplicate-of/{public}", {}, If_Match="*").status_code == 200
    south.step(f"/incidents/{public}", "reopen")
    assert south.post(f"/incidents/{public}/duplicate-of/{draft}", {}, If_Match="*").status_code == 409
    # While the target is not public, the own team sees the merged incident itself.
    assert north.get(f"/incidents/{gone}").get_json()["duplicate_of"] is None


def test_concurrent_merges_in_opposite_directions_do_not_both_succeed(
    any_app: Flask, any_role: Callable[..., Api]
) -> None:
    admin = any_role("site_admin")
    for _ in range(3):
        pair = [admin.file()["id"] for _ in range(2)]

        def merge(ids: tuple[int, int]) -> int:
            api = Api(any_app.test_client(), admin.contract, admin.token)
            return api.post(f"/incidents/{ids[0]}/duplicate-of/{ids[1]}", {}, If_Match="*").status_code

        with ThreadPoolExecutor(2) as pool:
            statuses = sorted(pool.map(merge, [(pair[0], pair[1]), (pair[1], pair[0])]))
        assert statuses == [200, 409]
    for _ in range(3):
        three = [admin.file()["id"] for _ in range(3)]
        with ThreadPoolExecutor(3) as pool:
            circle = zip(three, [*three[1:], three[0]], strict=True)
            assert set(pool.map(merge, circle)) <= {200, 409}


def test_a_merge_respects_the_limits_of_an_incident(contributor: Api) -> None:
    many = [{"text": f"Lesson {n}."} for n in range(30)]
    stays = contributor.file(lessons=many)["id"]
    gone = contributor.file(lessons=[{"text": f"Other {lesson['text']}"} for lesson in many])["id"]
    path = f"/incidents/{gone}/duplicate-of/{stays}"
    refused = contributor.post(path, {"take_over": ["lessons"]}, If_Match="*")
    assert (refused.status_code, refused.get_json()["errors"][0]["pointer"]) == (409, "/take_over")


def test_merging_requires_the_right_to_withdraw(
    as_role: Callable[..., Api], person: Callable[..., Api]
) -> None:
    contributor, reviewer = as_role("contributor"), as_role("reviewer")
    published = f"/incidents/{reviewer.file(status='published')['id']}"
    draft = f"/incidents/{contributor.file()['id']}"
    assert contributor.post(f"{published}/duplicate-of/1", {}, If_Match="*").status_code == 403
    assert contributor.post(f"{draft}/duplicate-of/1", {}, If_Match="*").status_code == 200
    # An incident of another team can be the target, but nothing can be taken over into it.
    stranger = person("Eve", south="reviewer")
    mine = f"/incidents/{stranger.file()['id']}"
    taken = stranger.post(f"{mine}/duplicate-of/1", {"take_over": ["sources"]}, If_Match="*")
    assert taken.status_code == 403
    assert stranger.post(f"{mine}/duplicate-of/1", {}, If_Match="*").status_code == 200
