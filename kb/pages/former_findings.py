"""What the check before found, in a field of a form, to be compared with what the next one finds."""

from __future__ import annotations

import binascii
import json
import zlib
from base64 import b64decode, b64encode
from typing import TYPE_CHECKING, Any, NamedTuple

from kb.domain.guard import Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_SEVERITIES = {severity.value for severity in Severity}
_MAX_FORMER = 100
_LENGTHS = (4, 5)
"""How many fields a finding has: forms that were opened before an upgrade have one fewer."""
_MAX_BYTES = 400_000
"""How long a field may be when it is unpacked: as long as that many findings can be."""


class Former(NamedTuple):
    """A finding of the check before: its guard, its severity, the text that it found, its message, and a mark
    if it was folded into another one, so that readers did not count it."""

    guard: str
    severity: str
    text: str
    message: str
    folded: str = ""


def former_finding(finding: Mapping[str, Any]) -> Former:
    """A finding as a later check compares it with its own."""
    found = (finding["span"] or {}).get("text") or ""
    message = finding["message"] or ""
    folded = "" if finding.get("folded_into") is None else "folded"
    return Former(finding["guard"], str(finding["severity"]), found[:200], message[:700], folded)


def pack_former(findings: Iterable[Mapping[str, Any]]) -> str:
    """Findings as the value of one hidden field. It is compressed: messages of one guard are much alike."""
    former = [*map(former_finding, findings)][:_MAX_FORMER]
    return (
        b64encode(zlib.compress(json.dumps(former, ensure_ascii=False).encode())).decode() if former else ""
    )


def read_former(sent: str) -> list[Former]:
    """The findings of a hidden field; what cannot be read is left out."""
    try:
        rows = json.loads(zlib.decompressobj().decompress(b64decode(sent), _MAX_BYTES))
    except (ValueError, RecursionError, zlib.error, binascii.Error):
        return []
    rows = rows[:_MAX_FORMER] if isinstance(rows, list) else []
    return [Former(*row) for row in rows if _is_former(row)]


def _is_former(row: Any) -> bool:
    is_readable = isinstance(row, list) and all(isinstance(part, str) for part in row)
    return is_readable and len(row) in _LENGTHS and row[1] in _SEVERITIES
