"""Database views for reports: a stable interface for other programs while the tables may change.

docs/dashboards.md describes their columns. They show all incidents, because anyone who may read the database
may read everything in it. They are recreated by each migration run, so a change here needs a migration, which
may be empty.

Every computed column is CAST to a type. Without one, SQLite never considers a number equal to a text, and
tools such as Datasette send `is_public=1` as text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy.exc import DBAPIError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

VIEWS = ("v_incidents", "v_incident_terms", "v_trends_monthly", "v_checks")
"""In order of dependency."""

_PUBLIC = "i.status = 'published' AND i.visibility = 'organization'"
"""The condition for incidents that everybody may read."""

Grant = tuple[str, str]
"""A view, and a database role that may read it."""


def drop_views(connection: Connection) -> list[Grant]:
    """Drop the existing views, and return the grants of SELECT on them, which only PostgreSQL has."""
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


def create_views(connection: Connection, grants: Sequence[Grant]) -> None:
    """Create the views, in the dialect of the database, and restore grants of SELECT on them."""
    sqlite = connection.dialect.name == "sqlite"
    for define in (_incidents, _terms, _monthly, _checks):
        connection.exec_driver_sql(define(sqlite))
    quote = connection.dialect.identifier_preparer.quote
    for name, grantee in grants:
        role = "PUBLIC" if grantee == "PUBLIC" else quote(grantee)
        connection.exec_driver_sql(f"GRANT SELECT ON {name} TO {role}")


def _incidents(sqlite: bool) -> str:
    def minutes(moment: str) -> str:
        if sqlite:
            # Drop fractions of seconds, because strftime would round them up.
            ends = (f"strftime('%s', substr(i.{name}, 1, 19))" for name in (moment, "posted_at"))
            return f"CAST(({' - '.join(ends)}) / 60.0 AS REAL)"
        seconds = f"floor(extract(epoch FROM i.{moment})) - floor(extract(epoch FROM i.posted_at))"
        return f"CAST(({seconds}) / 60.0 AS DOUBLE PRECISION)"

    # `d` rather than CASE, because on SQLite only a column keeps the declared type DATE.
    return f"""
        CREATE VIEW v_incidents AS
        SELECT i.id, i.slug, i.kind, i.status, i.visibility,
               CAST(CASE WHEN {_PUBLIC} THEN 1 ELSE 0 END AS INTEGER) AS is_public,
               team.key AS team, i.organization,
               CAST(coalesce(a.organization_key, i.organization_key) AS VARCHAR(200)) AS organization_key,
               i.language, x.title, x.summary,
               c.key AS category, d.occurred_on, d.occurred_until, d.occurred_precision,
               i.severity, i.confidence, i.posted_at, i.acknowledged_at, i.removed_at,
               {minutes("acknowledged_at")} AS minutes_to_acknowledge,
               {minutes("removed_at")} AS minutes_to_remove,
               i.published_at, i.created_at, i.updated_at, i.version
        FROM incident i
        LEFT JOIN incident d ON d.id = i.id AND d.occurred_precision <> 'unknown'
        JOIN team ON team.id = i.team_id
        JOIN term c ON c.id = i.category_id
        JOIN incident_text x ON x.incident_id = i.id AND x.language = i.language
        LEFT JOIN organization_alias a ON a.key = i.organization_key
    """  # noqa: S608 (all of it is written here)


def _labels(sqlite: bool) -> str:
    """The labels of the term `t`."""

    def label(language: str) -> str:
        if sqlite:
            return f"CAST(json_extract(t.labels, '$.{language}') AS TEXT) AS label_{language}"
        return f"t.labels ->> '{language}' AS label_{language}"

    return f"{label('en')}, {label('he')}"


def _terms(sqlite: bool) -> str:
    return f"""
        CREATE VIEW v_incident_terms AS
        SELECT l.incident_id, t.namespace, t.key, {_labels(sqlite)},
               CAST(CASE WHEN t.id = i.category_id THEN 1 ELSE 0 END AS INTEGER) AS is_primary
        FROM incident_term l
        JOIN incident i ON i.id = l.incident_id
        JOIN term t ON t.id = l.term_id
        UNION ALL
        SELECT r.incident_id, t.namespace, t.key, {_labels(sqlite)}, CAST(0 AS INTEGER)
        FROM (SELECT DISTINCT incident_id, term_id FROM response) r
        JOIN term t ON t.id = r.term_id
    """  # noqa: S608


def _monthly(sqlite: bool) -> str:
    """Read the tables and group by id. Based on the other views, it would take four times as long."""
    first, day, real = "date_trunc('month', i.occurred_on)", "DATE", "DOUBLE PRECISION"
    if sqlite:
        first, day, real = "substr(i.occurred_on, 1, 8) || '01'", "TEXT", "REAL"
    return f"""
        CREATE VIEW v_trends_monthly AS
        SELECT g.month, t.key AS category, {_labels(sqlite)}, g.incidents, g.severity_mean, g.severity_known
        FROM (
            SELECT CAST(
                       CASE WHEN i.occurred_precision IN ('day', 'month') THEN {first} END AS {day}
                   ) AS month,
                   l.term_id, CAST(count(*) AS INTEGER) AS incidents,
                   CAST(avg(i.severity) AS {real}) AS severity_mean,
                   CAST(count(i.severity) AS INTEGER) AS severity_known
            FROM incident i
            JOIN incident_term l ON l.incident_id = i.id
            WHERE {_PUBLIC} AND l.term_id IN (SELECT id FROM term WHERE namespace = 'category')
            GROUP BY 1, 2
        ) g
        JOIN term t ON t.id = g.term_id
    """  # noqa: S608


def _checks(_sqlite: bool) -> str:
    """Receipts of checks, without the checked drafts."""
    return """
        CREATE VIEW v_checks AS
        SELECT c.id, c.created_at, team.key AS team, c.author, c.platform, c.account_key AS account,
               c.verdict,
               CAST(json_array_length(c.findings) AS INTEGER) AS findings,
               CAST(CASE WHEN EXISTS (SELECT 1 FROM check_override o WHERE o.check_id = c.id)
                    THEN 1 ELSE 0 END AS INTEGER) AS is_overridden,
               c.rerun_of_id AS rerun_of
        FROM draft_check c
        LEFT JOIN team ON team.id = c.team_id
    """
