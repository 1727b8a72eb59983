"""Links that readers cannot open: staging hosts, previews, private networks, documents being edited."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kb.guards.links import RESERVED_ENDINGS, is_private_address, subdomains

if TYPE_CHECKING:
    from urllib.parse import SplitResult

_STAGE = re.compile(
    r"(?:.*-)?(?:staging|stage|stg|dev|develop|development|qa|uat|test|testing|preview|preprod|pre-prod|sandbox)"
    r"[0-9]*(?:-.*)?"
)
_PUBLIC = frozenset(
    "dev.azure.com dev.mysql.com dev.twitch.tv dev.epicgames.com preview.redd.it sandbox.google.com "
    "test.salesforce.com external-preview.redd.it".split()
)
_TUNNELS = re.compile(
    r"(?:.*\.)?(?:ngrok(?:-free)?\.(?:io|app|dev)|ngrok\.com|loca\.lt|trycloudflare\.com|wpcomstaging\.com|"
    r"wpengine\.com|kinsta\.cloud|webflow\.io|gitpod\.io|github\.dev|shopifypreview\.com|serveo\.net|"
    r"atlassian\.net|app\.asana\.com|app\.slack\.com|adsmanager\.facebook\.com)"
    r"|.+--.+\.netlify\.app|.+-git-.+\.vercel\.app|[0-9a-f]{8}\..+\.pages\.dev"
)
"""Tunnels to a developer's machine, preview hosts, and team workspaces."""

_EDITED = re.compile(
    r"(?:docs\.google\.com/(?:document|spreadsheets|presentation|forms)/.*/edit"
    r"|docs\.google\.com/(?:document|spreadsheets|presentation)/d/(?!e/)[^/]+/?$"
    r"|(?:www\.)?figma\.com/(?:file|design|proto|board|slides)/|(?:www\.)?canva\.com/design/.*/edit"
    r"|miro\.com/app/|trello\.com/c/|[\w-]+\.slack\.com/archives/"
    r"|[^/]+/wp-admin(?:/|$)|[^/]+/admin(?:/|$))"
)
_PREVIEW_QUERY = re.compile(r"(?:^|&)(?:preview=true|preview_id=|preview_theme_id=|draft=(?:true|1)\b)")


def is_staging(parts: SplitResult, hosts: tuple[str, ...], allowed: tuple[str, ...]) -> bool:
    """Whether a URL leads to one of a team's internal `hosts`, or to one that looks internal."""
    host = (parts.hostname or "").rstrip(".")
    if parts.scheme == "file":
        return True
    if parts.scheme not in ("", "http", "https") or not host or _is_below(host, parts.port, allowed):
        return False
    if _is_below(host, parts.port, hosts):
        return True
    return _is_unreachable(host, parts.port) or _is_preview(host, parts.path, parts.query)


def _is_below(host: str, port: int | None, hosts: tuple[str, ...]) -> bool:
    """Whether a host is one of `hosts`, or a subdomain of one."""
    for other in hosts:
        name, colon, number = other.partition(":")
        if (host == name or host.endswith(f".{name}")) and (not colon or number == str(port)):
            return True
    return False


def _is_unreachable(host: str, port: int | None) -> bool:
    is_reserved = host.rpartition(".")[2] in RESERVED_ENDINGS
    return is_reserved or is_private_address(host) or port not in (None, 80, 443)


def _is_preview(host: str, path: str, query: str) -> bool:
    if host in _PUBLIC:
        return False
    return (
        any(_STAGE.fullmatch(label) for label in subdomains(host))
        or _TUNNELS.fullmatch(host) is not None
        or _EDITED.match(host + path) is not None
        or _PREVIEW_QUERY.search(query) is not None
    )
