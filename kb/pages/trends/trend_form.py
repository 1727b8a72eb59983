"""The form of trends: the parameters of the URL and their defaults, the choices, and the filters as chips."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from flask import request, url_for

from kb.pages.chips import DIMENSIONS, chips_of
from kb.pages.formats import SEVERITIES
from kb.pages.language import interface_language, text_languages
from kb.pages.messages import _l
from kb.pages.typed_dates import typed_date
from kb.pages.words.trend_words import INTERVALS, METRIC_NAMES
from kb.services.taxonomy.listing import get_namespace
from kb.web.current_actor import current_actor

if TYPE_CHECKING:
    from kb.pages.parameters import Pairs

_DEFAULTS = {"group_by": "category", "interval": "year", "top": "8"}
"""The defaults of parameters that the URL omits."""

_METRICS = ("count", "severity_mean", "minutes_to_remove_median", "minutes_to_acknowledge_median")
_GROUPS = ("category", "platform", "industry", "theme", "failure_mode", "severity")
DATES = ("from", "to")
DATE_ADVICE = _l("Write a year, a month or a day, such as 2018, May 2018, 5/2018 or 2018-05-16.")
_FILTERS = ("category", "platform", "industry", "theme")


def unsaid() -> dict[str, str]:
    """Return the defaults of parameters that the URL omits; an empty `group_by=` means no groups."""
    defaults = {**_DEFAULTS, **({"group_by": ""} if request.args.get("category") else {})}
    return {name: value for name, value in defaults.items() if name not in request.args}


def trend_parameters(*, with_view: bool = False) -> Pairs:
    """Return the parameters that select the figures, without the language, and with the view only on
    request."""
    left_out = ("lang",) if with_view else ("view", "lang")
    return [
        (name, typed_date(value) if name in DATES else value)
        for name, value in request.args.items(multi=True)
        if name not in left_out and (value.strip() or name == "group_by")
    ]


def trends_address(pairs: Pairs) -> str:
    """Return the URL of this page with the given parameters."""
    if request.args.get("lang"):
        pairs = [*pairs, ("lang", interface_language())]
    return f"{url_for('pages.trends_page', lang=None)}{'?' if pairs else ''}{urlencode(pairs)}"


def trend_form(parameters: Pairs) -> dict[str, Any]:
    """Return the choices of the form, the chosen values, and the filters as chips."""
    typed = {name: request.args.get(name, "") for name in DATES}
    said = {"metric": "count", **unsaid(), **dict(parameters), **typed}
    own = ("metric", "group_by", "interval", "from", "to")
    actor, languages = current_actor(), text_languages()
    terms = {name: get_namespace(actor, name, languages)["terms"] for name in _FILTERS}
    return {
        "said": said,
        "metrics": {name: METRIC_NAMES[name] for name in METRIC_NAMES if name in (*_METRICS, said["metric"])},
        "dimensions": {
            name: heading for name, heading in DIMENSIONS.items() if name in (*_GROUPS, said["group_by"])
        },
        "intervals": INTERVALS,
        "severities": SEVERITIES,
        "kept": [pair for pair in parameters if pair[0] not in own],
        "chips": chips_of(parameters, trends_address),
        "filters": [
            (name, DIMENSIONS[name], [(term["key"], term["label"]) for term in terms[name] if term["count"]])
            for name in _FILTERS
        ],
    }
