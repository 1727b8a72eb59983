"""Content calendars as files, sent to the page that checks them."""

from io import BytesIO

from tests.support.pages import Browser, Page

ADDRESS = "/check/calendar"
BUTTON = "Check the calendar"
CALENDAR = """Date,Time,Channel,Copy,Country
2027-05-06,12:00,Instagram,New colors are here. Which one is yours?,IL
2027-11-26,12:00,Twitter,Black Friday **** Need copy and link****,US
someday,12:00,Twitter,Hello,US
"""


def upload(browser: Browser, text: str | bytes, button: str = BUTTON, **values: str) -> Page:
    """The page that answers when a calendar is sent in the form, as a file of CSV."""
    content = text.encode() if isinstance(text, str) else text
    return browser.send(browser.open(ADDRESS), button, file=(BytesIO(content), "plan.csv"), **values)
