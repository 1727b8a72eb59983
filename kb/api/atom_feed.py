"""The change feed as Atom (RFC 4287), for feed readers."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

from flask import Response

from kb.api.negotiation import ATOM
from kb.config import API_ROOT
from kb.schemas.links import incident_url

if TYPE_CHECKING:
    from collections.abc import Mapping

_NAMESPACE = "http://www.w3.org/2005/Atom"
_ID = "urn:brand-postmortems:changes"
_EPOCH = datetime.fromtimestamp(0, UTC).isoformat().replace("+00:00", "Z")


def atom_response(changes: Mapping[str, Any]) -> Response:
    """Return a page of the change feed as Atom. Each change is an entry that links to its incident.

    Links are relative and ids are URNs, so that neither depends on the Host header.
    """
    url = f"{API_ROOT}/changes"
    feed = ET.Element("feed", xmlns=_NAMESPACE)
    _add(feed, "id", _ID)
    _add(feed, "title", "Brand Postmortems: changes")
    _add(feed, "updated", max((item["at"] for item in changes["items"]), default=_EPOCH))
    ET.SubElement(ET.SubElement(feed, "author"), "name").text = "Brand Postmortems"
    ET.SubElement(feed, "link", rel="self", href=f"{url}?format=atom")
    ET.SubElement(feed, "link", rel="next", href=f"{url}?format=atom&since={changes['since']}")
    for change in changes["items"]:
        entry = ET.SubElement(feed, "entry")
        _add(entry, "id", f"{_ID}:{change['seq']}")
        _add(entry, "title", f"Incident {change['incident']} {change['operation']}")
        _add(entry, "updated", change["at"])
        ET.SubElement(entry, "link", href=incident_url(change["incident"]))
    body = ET.tostring(feed, encoding="utf-8", xml_declaration=True)
    return Response(body, mimetype=ATOM.mimetype)


def _add(parent: ET.Element, tag: str, text: str) -> None:
    ET.SubElement(parent, tag).text = text
