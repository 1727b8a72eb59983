"""URL rules build the addresses that Werkzeug's build, and cost nothing before."""

from __future__ import annotations

from typing import Any

import pytest
from werkzeug.routing import Map, MapAdapter, Rule

from kb.web.url_rules import LazyRule

RULES: list[dict[str, Any]] = [
    {"string": "/incidents", "endpoint": "list"},
    {"string": "/incidents/<int:number>", "endpoint": "one"},
    {"string": "/incidents/page/<int:page>", "endpoint": "page"},
    {"string": "/incidents/page/", "endpoint": "page", "defaults": {"page": 1}},
    {"string": "/static/<fingerprint>/<path:name>", "endpoint": "static"},
]


def _addresses(rule: type[Rule]) -> MapAdapter:
    return Map([rule(**options) for options in RULES]).bind("kb.example")


@pytest.mark.parametrize(
    ("endpoint", "values"),
    [
        ("list", {}),
        ("list", {"q": "a b", "lang": "he"}),
        ("one", {"number": 7, "lang": "he"}),
        ("page", {"page": 1}),
        ("page", {"page": 2}),
        ("static", {"fingerprint": "0a", "name": "look/עיצוב.css"}),
    ],
)
def test_addresses_are_those_of_the_rules_of_werkzeug(endpoint: str, values: dict[str, Any]) -> None:
    addresses, expected = _addresses(LazyRule), _addresses(Rule).build(endpoint, values)
    assert addresses.build(endpoint, values) == expected
    assert addresses.build(endpoint, values) == expected  # compiled by then


def test_only_rules_whose_addresses_are_built_are_compiled(monkeypatch: pytest.MonkeyPatch) -> None:
    class NewRule(LazyRule):
        """Rules that no other test has compiled: what is compiled is shared by class."""

    compiled: list[str] = []
    compile_builder = Rule._compile_builder

    def counted(rule: Rule, append_unknown: bool = True) -> Any:
        compiled.append(rule.rule)
        return compile_builder(rule, append_unknown)

    monkeypatch.setattr(Rule, "_compile_builder", counted)
    addresses = _addresses(NewRule)
    assert addresses.match("/incidents/7") == ("one", {"number": 7})
    assert compiled == []
    assert [addresses.build("one", {"number": number}) for number in (7, 8)] == [
        "/incidents/7",
        "/incidents/8",
    ]
    assert compiled == ["/incidents/<int:number>"]
