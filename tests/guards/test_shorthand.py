"""The shorthand in which people may write a guard in a YAML file."""

from __future__ import annotations

from typing import Any

import pytest

from kb.guards.definition import expand_shorthand


def test_a_text_stands_for_a_draft_and_for_a_message_in_the_language_of_its_script() -> None:
    written = {
        "type": "phrase",
        "message": "זו הערה, לא פוסט",
        "suggestion": "Finish the post.",
        "examples": {"bad": ["need copy", {"text": "copy", "platform": "twitter"}], "good": ["Fine."]},
    }
    assert expand_shorthand(written) == {
        "type": "phrase",
        "message": {"he": "זו הערה, לא פוסט"},
        "suggestion": {"en": "Finish the post."},
        "examples": {
            "bad": [{"text": "need copy"}, {"text": "copy", "platform": "twitter"}],
            "good": [{"text": "Fine."}],
        },
    }
    assert written["message"] == "זו הערה, לא פוסט"


@pytest.mark.parametrize(
    "data",
    [None, "text", [], {}, {"examples": "one"}, {"examples": {"bad": "one"}}, {"message": {"en": "a"}}],
)
def test_what_is_no_shorthand_is_left_to_the_schema(data: Any) -> None:
    assert expand_shorthand(data) == data
