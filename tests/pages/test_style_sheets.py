"""What the style sheets of the pages say."""

import re
from pathlib import Path

import kb.pages

_SHEETS = sorted((Path(kb.pages.__file__).parent / "static" / "look").glob("*.css"))
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
_COLOR = re.compile(r"(?<![-\w])(?:color|background|background-color|background-image|opacity|--[\w-]+)\s*:")


def test_no_rule_for_a_language_or_a_direction_sets_a_color() -> None:
    """So that contrast, which takes a browser long to tell, is told in one language for both."""
    rules = [
        (selector.strip(), declarations)
        for sheet in _SHEETS
        for selector, declarations in _RULE.findall(_COMMENT.sub("", sheet.read_text("utf-8")))
        if re.search(r":lang\(|\[lang|\[dir|:dir\(", selector)
    ]
    assert len(rules) > 5
    assert [selector for selector, declarations in rules if _COLOR.search(declarations)] == []
