"""The endpoint of the forms in which postmortems are written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Response

from kb.api.negotiation import requests_format
from kb.api.spec import Blueprint
from kb.config import API_ROOT
from kb.domain.incident import Kind
from kb.errors import NotFound
from kb.schemas.templates import TemplateQuerySchema, TemplateSchema
from kb.services.review.templates import get_template as template
from kb.web.languages import reader_languages

if TYPE_CHECKING:
    from collections.abc import Mapping

MARKDOWN_TYPE = "text/markdown"

blueprint = Blueprint("forms", __name__, url_prefix=API_ROOT, description="How to write a postmortem.")


@blueprint.route("/templates/<kind>", methods=["GET"])
@blueprint.arguments(TemplateQuerySchema, location="query")
@blueprint.response(200, TemplateSchema)
@blueprint.alt_response(
    200, schema={"type": "string"}, content_type=MARKDOWN_TYPE, description="OK", success=True
)
def get_template(query: Mapping[str, Any], kind: str) -> Any:
    """The form of an `incident` or a `near_miss`: as Markdown to fill in, as JSON Schema, with examples."""
    if kind not in list(Kind):
        raise NotFound(f"There is no template {kind[:100]!r}. There is: {', '.join(Kind)}.")
    found = template(Kind(kind), reader_languages(query))
    if requests_format(query, "markdown", MARKDOWN_TYPE):
        return Response(found["markdown"], mimetype=MARKDOWN_TYPE)
    return found
