"""What waits for a second person in the teams of the visitor."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import render_template

from kb.domain.permissions import Action, has_role_for
from kb.pages.language import text_languages
from kb.services.check.guard_writing.offers import count_open_offers
from kb.services.incidents.waiting import list_returned, list_waiting
from kb.web.current_actor import current_actor
from kb.web.endpoints import with_permission_check

if TYPE_CHECKING:
    from flask import Blueprint


def add_views(blueprint: Blueprint) -> None:
    """Add the views of this module."""
    blueprint.add_url_rule("/waiting", view_func=waiting_page)


@with_permission_check
def waiting_page() -> str:
    """List the incidents in review and the proposed changes of the visitor's teams, the newest last, and what
    was handed back."""
    found = list_waiting(current_actor(), text_languages())
    returned = list_returned(current_actor(), text_languages())
    may_decide = has_role_for(current_actor(), Action.EDIT)
    return render_template(
        "waiting.html",
        waiting=found.items,
        are_all=found.are_all,
        returned=returned,
        offers=count_open_offers(current_actor()) if may_decide else 0,
    )
