"""The findings of the previous check, in a form field, for comparison with those of the next one."""

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
"""The valid numbers of fields of a finding: forms opened before an upgrade have one fewer."""
_MAX_BYTES = 400_000
"""The size limit of a decompressed field, enough for `_MAX_FORMER` findings."""


class Former(NamedTuple):
    """A finding of the previous check: its guard, severity, matched text and message, and a mark if it was
    folded into another one, so that readers did not count it."""

    guard: str
    severity: str
    text: str
    message: str
    folded: str = ""


def former_finding(finding: Mapping[str, Any]) -> Former:
    """Convert a finding to the form in which a later check compares it."""
    found = (finding["span"] or {}).get("text") or ""
    message = finding["message"] or ""
    folded = "" if finding.get("folded_into") is None else "folded"
    return Former(finding["guard"], str(finding["severity"]), found[:200], message[:700], folded)


def pack_former(findings: Iterable[Mapping[str, Any]]) -> str:
    """Encode findings as the value of one hidden field, compressed, since messages of a guard are similar."""
    former = [*map(former_finding, findings)][:_MAX_FORMER]
    return (
        b64encode(zlib.compress(json.dumps(former, ensure_ascii=False).encode())).decode() if former else ""
    )


def read_former(sent: str) -> list[Former]:
    """Decode the findings of a hidden field; invalid ones are skipped."""
    try:
        rows = json.loads(zlib.decompressobj().decompress(b64decode(sent), _MAX_BYTES))
    except (ValueError, RecursionError, zlib.error, binascii.Error):
        return []
    rows = rows[:_MAX_FORMER] if isinstance(rows, list) else []
    return [Former(*row) for row in rows if _is_former(row)]


def _is_former(row: Any) -> bool:
    is_readable = isinstance(row, list) and all(isinstance(part, str) for part in row)
    return is_readable and len(row) in _LENGTHS and row[1] in _SEVERITIES
