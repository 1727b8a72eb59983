"""Database views for reports: a stable interface for other programs while the tables may change.

docs/dashboards.md describes their columns. They show all incidents, since whoever may read the database may
read everything in it. They are created whenever a migration runs: a change here needs a migration, which may
be empty.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy.exc import DBAPIError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

VIEWS = ("v_incidents", "v_incident_terms", "v_trends_monthly")
"""In the order in which they depend on each other."""

Grant = tuple[str, str]
"""A view, and a database role that may read it."""


def drop_views(connection: Connection) -> list[Grant]:
    """Drop the views that exist, and return who was granted SELECT on them, which only PostgreSQL knows."""
    grants: list[Grant] = []
    if connection.dialect.name == "postgresql":
        grants = [
            (name, grantee)
            for name, grantee in connection.exec_driver_sql(
                "SELECT table_name, grantee FROM information_schema.role_table_grants "
                "WHERE privilege_type = 'SELECT' AND grantee <> current_user "
                "AND table_schema = current_schema()"
            )
            if name in VIEWS
        ]
    try:
        for name in reversed(VIEWS):
            connection.exec_driver_sql(f"DROP VIEW IF EXISTS {name}")
    except DBAPIError as error:
        raise RuntimeError(
            f"Another view depends on {name}. Drop that view, upgrade, and create it again. ({error.orig})"
        ) from error
    return grants


def create_views(connection: Connection, grants: Sequence[Grant] = ()) -> None:
    """Create the views, in the dialect of the database, and grant SELECT on them again."""
    sqlite = connection.dialect.name == "sqlite"
    for define in (_incidents, _terms, _monthly):
        connection.exec_driver_sql(define(sqlite))
    quote = connection.dialect.identifier_preparer.quote
    for name, grantee in grants:
        role = "PUBLIC" if grantee == "PUBLIC" else quote(grantee)
        connection.exec_driver_sql(f"GRANT SELECT ON {name} TO {role}")


def _incidents(sqlite: bool) -> str:
    def minutes(moment: str) -> str:
        if sqlite:
            # Without the fraction of the second, which strftime would round up.
            ends = (f"strftime('%s', substr(i.{name}, 1, 19))" for name in (moment, "posted_at"))
            return f"({' - '.join(ends)}) / 60.0"
        return f"(floor(extract(epoch FROM i.{moment})) - floor(extract(epoch FROM i.posted_at))) / 60.0"

    def dated(column: str) -> str:
        return f"CASE WHEN i.occurred_precision <> 'unknown' THEN {column} END"

    return f"""
        CREATE VIEW v_incidents AS
        SELECT i.id, i.slug, i.kind, i.status, i.visibility,
               CASE WHEN i.status = 'published' AND i.visibility = 'organization'
                    THEN 1 ELSE 0 END AS is_public,
               team.key AS team, i.organization, i.organization_key, i.language, x.title, x.summary,
               c.key AS category,
               {dated("i.occurred_on")} AS occurred_on, {dated("i.occurred_until")} AS occurred_until,
               {dated("i.occurred_precision")} AS occurred_precision,
               i.severity, i.confidence, i.posted_at, i.acknowledged_at, i.removed_at,
               {minutes("acknowledged_at")} AS minutes_to_acknowledge,
               {minutes("removed_at")} AS minutes_to_remove,
               i.published_at, i.created_at, i.updated_at, i.version
        FROM incident i
        JOIN team ON team.id = i.team_id
        JOIN term c ON c.id = i.category_id
        JOIN incident_text x ON x.incident_id = i.id AND x.language = i.language
    """  # noqa: S608 (all of it is written here)


def _terms(sqlite: bool) -> str:
    def label(language: str) -> str:
        return f"json_extract(t.labels, '$.{language}')" if sqlite else f"t.labels ->> '{language}'"

    return f"""
        CREATE VIEW v_incident_terms AS
        SELECT l.incident_id, t.namespace, t.key, {label("en")} AS label_en, {label("he")} AS label_he,
               CASE WHEN t.id = i.category_id THEN 1 ELSE 0 END AS is_primary
        FROM incident_term l
        JOIN incident i ON i.id = l.incident_id
        JOIN term t ON t.id = l.term_id
        UNION
        SELECT r.incident_id, t.namespace, t.key, {label("en")}, {label("he")}, 0
        FROM response r
        JOIN term t ON t.id = r.term_id
    """  # noqa: S608


def _monthly(sqlite: bool) -> str:
    month = "strftime('%Y-%m-01', v.occurred_on)"
    if not sqlite:
        month = "CAST(date_trunc('month', v.occurred_on) AS DATE)"
    return f"""
        CREATE VIEW v_trends_monthly AS
        SELECT CASE WHEN v.occurred_precision = 'year' THEN NULL ELSE {month} END AS month,
               t.key AS category, t.label_en, t.label_he, count(*) AS incidents,
               avg(v.severity) AS severity_mean, count(v.severity) AS severity_known
        FROM v_incidents v
        JOIN v_incident_terms t ON t.incident_id = v.id AND t.namespace = 'category'
        WHERE v.is_public = 1
        GROUP BY 1, 2, 3, 4
    """  # noqa: S608
