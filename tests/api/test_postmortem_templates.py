"""GET /templates: the form for a new incident."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from jsonschema_rs import Draft202012Validator, meta

from kb.services.review.templates import form_markdown
from tests.support.api import Api

forms = pytest.mark.parametrize(
    ("kind", "language"), [(kind, tag) for kind in ("incident", "near_miss") for tag in ("en", "he")]
)


@forms
def test_the_example_of_a_form_is_accepted_as_a_new_incident(
    as_role: Callable[..., Api], kind: str, language: str
) -> None:
    reviewer = as_role("reviewer")
    form = reviewer.get(f"/templates/{kind}", lang=language).get_json()
    assert (form["kind"], form["language"]) == (kind, language)
    schema = form["json_schema"]
    meta.validate(schema)
    Draft202012Validator(schema).validate(form["example"])
    assert all(
        schema["properties"][field["name"]]["examples"] == [field["example"]] for field in form["fields"]
    )
    other = {**form["example"], "kind": "nothing"}
    assert not Draft202012Validator(schema).is_valid(other)
    filed = reviewer.post("/incidents", {**form["example"], "status": "published"})
    assert (filed.status_code, filed.get_json()["notes"]) == (201, [])
    assert filed.get_json()["status"] == "published"


def test_a_form_is_available_as_markdown(reader: Api) -> None:
    for query in ({"format": "markdown"}, {"headers": {"Accept": "text/markdown"}}):
        form = reader.get("/templates/near_miss", lang="he", **query)
        assert form.mimetype == "text/markdown"
        assert form.text == form_markdown("near_miss", "he")
    assert reader.get("/templates/nothing").status_code == 404
