"""What to do after a failure: what to preserve, what a postmortem asks, and how to file it."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from flask import render_template

from kb.config import API_ROOT
from kb.domain.incident import Kind
from kb.pages.language import interface_language
from kb.services.review.templates import get_template
from kb.web.endpoints import with_permission_check

if TYPE_CHECKING:
    from flask import Blueprint

_ASKED = ("title", "summary", "why_failure", "cause", "outcome", "alternative", "lessons", "sources")
"""The fields of a postmortem that need thought. The form has more."""


def add_views(blueprint: Blueprint) -> None:
    """Add the views of this module."""
    blueprint.add_url_rule("/after-a-failure", view_func=after_failure_page)


@with_permission_check
def after_failure_page() -> str:
    """Show what to preserve after a failure, what a postmortem asks, and how to file it."""
    template = get_template(Kind.INCIDENT, [interface_language()])
    fields = {field["name"]: field for field in template["fields"]}
    return render_template(
        "after_failure.html",
        fields=[fields[name] for name in _ASKED],
        form_url=f"{API_ROOT}/templates/incident.md?{urlencode({'lang': interface_language()})}",
    )
