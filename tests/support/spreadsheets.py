"""Tables of incidents as teams keep them: an agency's in English, a Hebrew one, and an export of tickets."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from io import BytesIO
from typing import Any

from openpyxl import Workbook

AGENCY = """\
Crisis log 2018,,,,,,,,,,
Brand,Date,What happened?,Root cause,Type of incident,Channel,Severity,Lesson 1,Lesson 2,Link,Account manager
Acme,05/25/2018,"A joke about a flood went out on the main account.
It was deleted after two hours.",No second reader.,Bad language,Instagram; Facebook,High,Read posts twice.,\
Check the news first.,https://example.org/a,Dana
Globex,11/24/2017,A scheduled post went out from the account of the CEO.,Shared login.,Wrong account,Twitter,\
Low,Separate logins.,,"https://example.org/b, https://example.org/c",Noa
Initech,June 2018,A typo stood in the name of a campaign.,,Quarterly zzz,TikTok,P3,,,,Noa
"""

HEBREW = """\
מותג;תאריך;מה קרה;סיבה;סוג התקלה;ערוץ;חומרה;לקחים
שטראוס;03/04/2019;פורסם סטורי עם קישור פנימי;אין בקרה;חוסר רגישות;אינסטגרם;גבוהה;"1. לבדוק קישורים
2. לבקש אישור"
תנובה;12/11/2020;ציוץ של עובד יצא מהחשבון;חשבון משותף;חשבון לא נכון;\u200fטוויטר\u200f;נמוכה;להפריד חשבונות
"""

TICKETS = """\
Issue key\tSummary\tDescription\tStatus\tPriority\tCreated\tLabels
SOC-12\tWrong coupon in a story\tThe story of Friday showed an expired coupon. It was replaced.\tClosed\t\
Highest\t2019-03-04 10:22\tstory, coupon
SOC-13\tReply from the private account\tAn answer to a customer came from a private account.\tOpen\tMinor\t\
2019-04-01 08:00\treply
"""


def workbook(rows: Iterable[Sequence[Any]], *, merged: Sequence[str] = ()) -> bytes:
    """An XLSX file with a sheet of some rows, of which some ranges of cells are merged."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append([*row])
    for cells in merged:
        sheet.merge_cells(cells)
    content = BytesIO()
    book.save(content)
    return content.getvalue()


AGENCY_SHEET = (
    ("Crisis log", None, None, None),
    ("Organization", "Occurred on", "Summary", "Category"),
    ("Acme", datetime(2018, 5, 25), "A joke about a flood.", "tone-deaf"),  # noqa: DTZ001 (as cells are)
    (None, 43063, "A placeholder.", "internal-communication"),
    (None, date(2018, 1, 2), 3.0, "offensive"),
)
"""Rows with dates in two forms; the organization stands in a cell that is merged over three rows."""
