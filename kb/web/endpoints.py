"""The action that each endpoint performs, and the permission check before a request body is read."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any

from kb.domain.permissions import Action
from kb.services.core.authorization import require
from kb.web.body_limits import admit_large_body
from kb.web.current_actor import current_actor

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask

ENDPOINTS: dict[str, Action] = {
    "get_live": Action.PUBLIC,
    "get_ready": Action.PUBLIC,
    "openapi_yaml": Action.PUBLIC,
    "openapi_json": Action.PUBLIC,
    "docs_page": Action.PUBLIC,
    "docs_static": Action.PUBLIC,
    "root": Action.PUBLIC,
    "create_session": Action.PUBLIC,
    "static_file": Action.PUBLIC,
    "front_page": Action.READ,
    "search_page": Action.READ,
    "incident_page": Action.READ,
    "incident_slug_page": Action.READ,
    "history_page": Action.READ_HISTORY,
    "diff_page": Action.READ_HISTORY,
    "incident_new_page": Action.CREATE,
    "incident_file": Action.CREATE,
    "incident_edit_page": Action.EDIT,
    "incident_part_page": Action.EDIT,
    "incident_part_save": Action.EDIT,
    "incident_order_page": Action.EDIT,
    "incident_order_save": Action.EDIT,
    "incident_translation_page": Action.TRANSLATE,
    "incident_translate": Action.TRANSLATE,
    "waiting_page": Action.READ_HISTORY,
    "proposal_page": Action.READ_HISTORY,
    "proposal_decide": Action.TRANSITION,
    "incident_review_page": Action.READ_HISTORY,
    "incident_review_decide": Action.TRANSITION,
    "incident_withdraw_page": Action.DISCARD,
    "incident_withdraw": Action.DISCARD,
    "incident_reopen": Action.DISCARD,
    "topics_page": Action.READ,
    "after_failure_page": Action.READ,
    "topic_page": Action.READ,
    "search_results_csv": Action.READ,
    "search_suggestions": Action.READ,
    "check_page": Action.READ,
    "check_pasted_draft": Action.READ,
    "checks_page": Action.READ_CHECKS,
    "check_receipt_page": Action.READ_CHECKS,
    "check_harmless_page": Action.ANSWER_CHECK,
    "check_near_miss_page": Action.CREATE,
    "check_go_ahead": Action.ANSWER_CHECK,
    "check_rerun": Action.READ_CHECKS,
    "check_call_harmless": Action.ANSWER_CHECK,
    "check_file_near_miss": Action.CREATE,
    "guards_page": Action.READ,
    "guard_page": Action.READ,
    "guard_try": Action.READ,
    "guard_backtest_page": Action.READ_CHECKS,
    "guard_new_page": Action.READ_CHECKS,
    "guard_test": Action.READ_CHECKS,
    "guard_attach": Action.EDIT,
    "guard_offers_page": Action.READ_TEAM,
    "guard_offer_decide": Action.EDIT,
    "sign_in_page": Action.PUBLIC,
    "sign_in": Action.PUBLIC,
    "sign_out": Action.PUBLIC,
    "account_page": Action.USE_ACCOUNT,
    "update_account": Action.MANAGE_ACCOUNT,
    "change_password": Action.MANAGE_ACCOUNT,
    "end_token": Action.MANAGE_ACCOUNT,
    "sign_out_elsewhere": Action.MANAGE_ACCOUNT,
    "users_page": Action.MANAGE_SITE,
    "user_add": Action.MANAGE_SITE,
    "user_change": Action.MANAGE_SITE,
    "team_page": Action.READ_TEAM,
    "team_update": Action.MANAGE_TEAM,
    "team_member_add": Action.MANAGE_TEAM,
    "team_member_change": Action.MANAGE_TEAM,
    "token_new_page": Action.MANAGE_ACCOUNT,
    "token_create": Action.MANAGE_ACCOUNT,
    "incident_list_page": Action.READ,
    "incident_list_csv": Action.READ,
    "trends_page": Action.READ,
    "trends_csv": Action.READ,
    "categories_page": Action.READ,
    "category_page": Action.READ,
    "calendar_page": Action.READ,
    "check_calendar_page": Action.READ,
    "check_calendar_file": Action.READ,
    "check_calendar_example": Action.READ,
    "check_calendar_kept_page": Action.READ_CHECKS,
    "check_calendar_row_page": Action.READ_CHECKS,
    "check_calendar_csv": Action.READ_CHECKS,
    "check_calendar_delete": Action.READ_CHECKS,
    "search": Action.READ,
    "search_csv": Action.READ,
    "suggest": Action.READ,
    "get_trends": Action.READ,
    "get_trends_csv": Action.READ,
    "get_calendar": Action.READ,
    "get_calendar_ics": Action.READ,
    "list_namespaces": Action.READ,
    "get_namespace": Action.READ,
    "get_namespace_csv": Action.READ,
    "list_changes": Action.READ,
    "list_changes_atom": Action.READ,
    "get_template": Action.READ,
    "get_template_markdown": Action.READ,
    "list_incidents": Action.READ,
    "list_incidents_csv": Action.READ,
    "export_incidents": Action.READ,
    "export_incidents_csv": Action.READ,
    "export_incidents_markdown": Action.READ,
    "export_incidents_aiid": Action.READ,
    "export_incidents_veris": Action.READ,
    "export_views": Action.MANAGE_SITE,
    "get_incident": Action.READ,
    "get_incident_by_slug": Action.READ,
    "list_similar": Action.READ,
    "list_duplicates": Action.READ,
    "get_completeness": Action.READ,
    "list_comments": Action.READ,
    "get_comment": Action.READ,
    "create_comment": Action.COMMENT,
    "update_comment": Action.COMMENT,
    "list_revisions": Action.READ_HISTORY,
    "get_revision": Action.READ_HISTORY,
    "get_diff": Action.READ_HISTORY,
    "list_events": Action.READ_HISTORY,
    "list_proposals": Action.READ_HISTORY,
    "list_incident_proposals": Action.READ_HISTORY,
    "get_proposal": Action.READ_HISTORY,
    "list_actions": Action.READ_TEAM,
    "list_incident_actions": Action.READ_TEAM,
    "get_action": Action.READ_TEAM,
    "get_effectiveness": Action.READ_TEAM,
    "create_check": Action.READ,
    "list_guards": Action.READ,
    "backtest_guards": Action.READ_CHECKS,
    "check_batch": Action.READ,
    "check_batch_csv": Action.READ,
    "list_checks": Action.READ_CHECKS,
    "list_checks_csv": Action.READ_CHECKS,
    "get_check_counts": Action.READ_CHECKS,
    "get_check": Action.READ_CHECKS,
    "override_check": Action.ANSWER_CHECK,
    "rerun_check": Action.READ_CHECKS,
    "call_harmless": Action.ANSWER_CHECK,
    "get_guard_suggestion": Action.READ_TEAM,
    "list_offers": Action.READ_TEAM,
    "list_offers_yaml": Action.READ_TEAM,
    "decide_offer": Action.EDIT,
    "create_near_miss": Action.CREATE,
    "create_incident": Action.CREATE,
    "update_incident": Action.EDIT,
    "put_translation": Action.TRANSLATE,
    "restore_revision": Action.EDIT,
    "create_event": Action.TRANSITION,
    "update_proposal": Action.EDIT,
    "create_proposal_event": Action.TRANSITION,
    "withdraw_incident": Action.DISCARD,
    "mark_duplicate": Action.DISCARD,
    "mark_distinct": Action.EDIT,
    "unmark_distinct": Action.EDIT,
    "create_action": Action.FOLLOW_UP,
    "update_action": Action.FOLLOW_UP,
    "collections_page": Action.READ,
    "collection_page": Action.READ,
    "collection_add_try": Action.MANAGE_SITE,
    "collection_add": Action.MANAGE_SITE,
    "collection_remove_try": Action.MANAGE_SITE,
    "collection_remove": Action.MANAGE_SITE,
    "collection_file_page": Action.MANAGE_SITE,
    "collection_file_try": Action.MANAGE_SITE,
    "collection_file_add": Action.MANAGE_SITE,
    "imports_page": Action.OVERRIDE,
    "import_file": Action.OVERRIDE,
    "import_page": Action.OVERRIDE,
    "import_confirm": Action.OVERRIDE,
    "import_reread": Action.OVERRIDE,
    "import_cancel": Action.OVERRIDE,
    "import_restart": Action.OVERRIDE,
    "list_imports": Action.OVERRIDE,
    "create_import": Action.OVERRIDE,
    "get_import": Action.OVERRIDE,
    "cancel_import": Action.OVERRIDE,
    "restart_import": Action.OVERRIDE,
    "list_collections": Action.READ,
    "get_collection": Action.READ,
    "add_collection": Action.MANAGE_SITE,
    "put_collection": Action.MANAGE_SITE,
    "remove_collection": Action.MANAGE_SITE,
    "organization_aliases_page": Action.MANAGE_SITE,
    "organization_alias_add": Action.MANAGE_SITE,
    "organization_alias_remove": Action.MANAGE_SITE,
    "list_organization_aliases": Action.MANAGE_SITE,
    "create_organization_alias": Action.MANAGE_SITE,
    "get_organization_alias": Action.MANAGE_SITE,
    "update_organization_alias": Action.MANAGE_SITE,
    "remove_organization_alias": Action.MANAGE_SITE,
    "list_audit": Action.READ_AUDIT,
    "get_metrics": Action.READ_METRICS,
    "get_me": Action.USE_ACCOUNT,
    "update_me": Action.MANAGE_ACCOUNT,
    "delete_session": Action.USE_ACCOUNT,
    "delete_other_sessions": Action.MANAGE_ACCOUNT,
    "list_tokens": Action.MANAGE_ACCOUNT,
    "create_token": Action.MANAGE_ACCOUNT,
    "revoke_token": Action.MANAGE_ACCOUNT,
    "list_teams": Action.USE_ACCOUNT,
    "get_team": Action.READ_TEAM,
    "create_team": Action.MANAGE_SITE,
    "update_team": Action.MANAGE_TEAM,
    "list_members": Action.READ_TEAM,
    "put_member": Action.MANAGE_TEAM,
    "remove_member": Action.MANAGE_TEAM,
    "list_users": Action.MANAGE_SITE,
    "create_user": Action.MANAGE_SITE,
    "get_user": Action.MANAGE_SITE,
    "update_user": Action.MANAGE_SITE,
}
"""The minimum permission of each view, by function name. The application does not start if one is missing.

Services check permissions that depend on data again, such as withdrawing a published incident.
"""

_ALIASES = {
    "root_live": "get_live",
    "root_ready": "get_ready",
    "root_metrics": "get_metrics",
    "docs.static": "docs_static",
}
"""Endpoints that reuse another endpoint's view, or whose names come from Flask."""


def with_permission_check(view: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap a view in its permission check, which runs before the request body is read.

    Raises LookupError at import time if ENDPOINTS does not name the view.
    """
    action = _action_of(view.__name__)

    @wraps(view)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        if action is not Action.PUBLIC:
            require(current_actor(), action)
        admit_large_body(view.__name__)
        return view(*args, **kwargs)

    return wrapped


def check_endpoints(app: Flask) -> None:
    """Raise LookupError if ENDPOINTS does not name every view of the application."""
    for endpoint in app.view_functions:
        _action_of(_ALIASES.get(endpoint, endpoint.rpartition(".")[2]))


def _action_of(name: str) -> Action:
    if name not in ENDPOINTS:
        raise LookupError(f"Add the endpoint {name} to ENDPOINTS in kb/web/endpoints.py.")
    return ENDPOINTS[name]
