"""Browsing the taxonomy: the terms that classify incidents, and the number of incidents of each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from flask import render_template

from kb.pages.language import interface_language, text_languages
from kb.schemas.links import namespace_url
from kb.services.taxonomy.listing import get_namespace, list_namespaces
from kb.web.current_actor import current_actor
from kb.web.endpoints import with_permission_check

if TYPE_CHECKING:
    from flask import Blueprint


def add_views(blueprint: Blueprint) -> None:
    """Add the views of this module."""
    blueprint.add_url_rule("/topics", view_func=topics_page)
    blueprint.add_url_rule("/topics/<namespace>", view_func=topic_page)


@with_permission_check
def topics_page() -> str:
    """List the namespaces of the taxonomy, with all terms and the number of incidents under each."""
    actor, languages = current_actor(), text_languages()
    namespaces = [get_namespace(actor, row["key"], languages) for row in list_namespaces(actor, languages)]
    return render_template("topics.html", namespaces=[_with_current(row) for row in namespaces])


@with_permission_check
def topic_page(namespace: str) -> str:
    """Explain the terms of a namespace: meaning, aliases, and the incidents filed under each."""
    found = get_namespace(current_actor(), namespace, text_languages())
    labels = {term["key"]: term["label"] for term in found["terms"]}
    return render_template(
        "topic.html",
        namespace=found,
        labels=labels,
        csv_url=f"{namespace_url(found['key'])}.csv?{urlencode({'lang': interface_language()})}",
    )


def _with_current(namespace: dict[str, Any]) -> dict[str, Any]:
    """Return a namespace without retired terms."""
    return {**namespace, "terms": [term for term in namespace["terms"] if not term["retired"]]}
