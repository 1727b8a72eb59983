"""The endpoint for postmortem templates."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Response

from kb.api.negotiation import MARKDOWN, alternative_format
from kb.api.smorest import Blueprint
from kb.config import API_ROOT
from kb.domain.incident import Kind
from kb.errors import NotFound
from kb.messages import Message
from kb.schemas.templates import TemplateQuerySchema, TemplateSchema
from kb.services.review import templates
from kb.web.languages import reader_languages

if TYPE_CHECKING:
    from collections.abc import Mapping

blueprint = Blueprint(
    "forms", __name__, url_prefix=API_ROOT, description="Templates for writing a postmortem."
)


@blueprint.route("/templates/<kind>", methods=["GET"])
@blueprint.arguments(TemplateQuerySchema, location="query")
@blueprint.response(200, TemplateSchema)
@alternative_format(MARKDOWN, lambda form: Response(form["markdown"], mimetype=MARKDOWN.mimetype))
def get_template(query: Mapping[str, Any], kind: str) -> Any:
    """Get the template of a postmortem. For an `incident` or a `near_miss`: Markdown to fill in, JSON Schema,
    and examples.
    """
    if kind not in list(Kind):
        raise NotFound(
            Message(
                "There is no template {kind!r}. Choose one of: {choices}.",
                kind=kind[:100],
                choices=", ".join(Kind),
            )
        )
    return templates.get_template(Kind(kind), reader_languages(query))
