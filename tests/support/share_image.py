"""Draw the picture that other sites show beside a link to a page: the icon and the wordmark.

python -m tests.support.share_image
"""

from __future__ import annotations

from base64 import b64encode
from pathlib import Path

from tests.support.chromium import chromium

STATIC = Path(__file__).parents[2] / "kb" / "pages" / "static"
FILE = STATIC / "share.png"
WIDTH, HEIGHT = 1200, 630
"""What most sites ask for; some show the square in the middle alone, so that all of it stands there."""

_PAGE = """<!doctype html><style>
@font-face {{ font-family: Wordmark; font-weight: 700; src: url(data:font/woff2;base64,{font}); }}
body {{ margin: 0; block-size: {height}px; background: #fcfbf8; color: #1d1c1a; font: 700 62px Wordmark;
  display: flex; flex-direction: column; align-items: center; justify-content: center; gap: 28px; }}
svg {{ inline-size: 220px; block-size: 220px; }}
</style><body>{icon}<span>Brand Postmortems</span>"""


def main() -> None:
    """Write the picture where the pages serve it from."""
    font = b64encode((STATIC / "fonts" / "frank-ruhl-libre-latin-700-normal.woff2").read_bytes()).decode()
    icon = (STATIC / "icon.svg").read_text("utf-8")
    with chromium() as browser:
        page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})
        page.set_content(_PAGE.format(font=font, icon=icon, height=HEIGHT))
        page.evaluate("document.fonts.ready")
        page.screenshot(path=FILE)


if __name__ == "__main__":
    main()
