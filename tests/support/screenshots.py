"""`python -m tests.support.screenshots FOLDER`: pictures of all pages, as they look to a reader.

They are made in both languages and themes and at three widths, or in those that options name. The site is
one of its own, with the six cases and the 120 incidents of `bench.wild`.

`python -m tests.support.screenshots FILE.webp` takes one picture, of the front page or another address, on a
site with the six cases alone: as a new installation looks before one scrolls.
"""

from __future__ import annotations

import argparse
import base64
import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Browser, Page

from bench.wild.cases import read_incidents
from kb.config import Settings
from kb.factory import create_app
from kb.models import db
from kb.services.operations import bootstrap
from tests.support.accounts import ADMIN_EMAIL, PASSWORD
from tests.support.api import people
from tests.support.chromium import chromium, opened_tab
from tests.support.cli import run_kb, write_jsonl
from tests.support.every_page import ADDRESSES, SENT, Address, Form, in_language, sign_in
from tests.support.server import running_server

WIDTHS = (390, 768, 1280)
LANGUAGES = ("en", "he")
THEMES = ("light", "dark")
EMAIL = "dana@example.com"
FORMATS = (".webp", ".png", ".jpeg")
FOLD = 800
"""The height of the part of a page that is seen without scrolling, in one picture."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the picture, or the pictures into a folder. Interrupted, it leaves those that are whole."""
    options = _read(arguments)
    try:
        if options.target.suffix in FORMATS:
            with _site(more_cases=False) as address, chromium() as browser:
                _take_one(browser, address, options)
            return 0
        options.target.mkdir(parents=True, exist_ok=True)
        with _site(more_cases=True) as address, chromium() as browser:
            for language, theme, width in product(options.language, options.theme, options.width):
                _take(browser, address, options, language=language, theme=theme, width=width)
    except KeyboardInterrupt:
        _say("Interrupted: the pictures so far are whole.")
        return 130
    return 0


def add_people(data_dir: Path) -> None:
    """Add two users to a site's data folder: Dana Levi, who reviews for the team that owns the six cases, and
    Noa Gal, who administers the site."""
    create = ("user", "create", EMAIL, "--name", "Dana Levi", "--password-stdin")
    run_kb(*create, data_dir=data_dir, typed=f"{PASSWORD}\n")
    run_kb("team", "add", "main", EMAIL, "--role", "reviewer", data_dir=data_dir)
    administer = ("user", "create", ADMIN_EMAIL, "--name", "Noa Gal", "--site-admin", "--password-stdin")
    run_kb(*administer, data_dir=data_dir, typed=f"{PASSWORD}\n")


def add_waiting(data_dir: Path) -> None:
    """Add what waits for a review to a site's data folder, each with a comment: an incident that Tal Mor, a
    contributor, handed in, and a change that he proposes for one of the six cases."""
    app = create_app(Settings(data_dir=data_dir))
    tal = people(app)("Tal Mor", main="contributor")
    handed_in = tal.file(status="in_review", severity=2)["id"]
    first, *others = tal.get("/incidents/3").get_json()["lessons"]
    changes = {
        "cause": "A placeholder was scheduled, and nobody proofread the post.",
        "lessons": [
            {"id": first["id"], "text": "Have somebody else read each post before it is scheduled."},
            *({"id": lesson["id"], "text": lesson["text"]} for lesson in others),
        ],
    }
    answer = tal.patch("/incidents/3", changes, If_Match="*")
    assert answer.status_code == 202, answer.text
    said = {"text": "The first report names another tool.\n\nWho can confirm it?", "about": "cause"}
    for incident, more in ((handed_in, {}), (3, {"proposal": answer.get_json()["id"]})):
        assert tal.post(f"/incidents/{incident}/comments", {**said, **more}).status_code == 201
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def _read(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.support.screenshots", description=__doc__)
    names = [address.name for address in (*ADDRESSES, *SENT)]
    parser.add_argument(
        "target", type=Path, metavar="FOLDER|FILE", help=f"a file ends in {', '.join(FORMATS)}"
    )
    parser.add_argument(
        "--address", default="/", help="what the one picture shows, such as /check?text=Hello"
    )
    parser.add_argument("--page", action="append", choices=names, metavar="NAME", help=", ".join(names))
    parser.add_argument("--language", action="append", choices=LANGUAGES)
    parser.add_argument("--theme", action="append", choices=THEMES)
    parser.add_argument("--width", action="append", type=int, metavar="PIXELS")
    parser.add_argument("--fold", action="store_true", help="only what is seen without scrolling")
    options = parser.parse_args(arguments)
    options.page = options.page or names
    options.language = options.language or LANGUAGES
    options.theme = options.theme or THEMES
    options.width = options.width or WIDTHS
    return options


@contextmanager
def _site(*, more_cases: bool) -> Iterator[str]:
    """The address of a site of its own, which is gone afterwards: with the six cases, or with 120 more."""
    with TemporaryDirectory() as temporary:
        data_dir = Path(temporary) / "kb-data"
        _say("Filing the incidents ...")
        with create_app(Settings(data_dir=data_dir)).app_context():
            bootstrap.prepare()
            db.session.remove()
            db.engine.dispose()
        if more_cases:
            lines = write_jsonl(Path(temporary), [json.dumps(row) for row in read_incidents().values()])
            run_kb("import", lines, data_dir=data_dir)
        add_people(data_dir)
        add_waiting(data_dir)
        _say("Starting the site ...")
        with running_server(data_dir) as server:
            yield f"http://127.0.0.1:{server.port}"


def _take_one(browser: Browser, address: str, options: argparse.Namespace) -> None:
    """Take one picture, in the first language and theme and at the last width."""
    language, width = options.language[0], options.width[-1]
    with opened_tab(
        browser, address, language=language, theme=options.theme[0], width=width, height=FOLD
    ) as tab:
        page = tab.open(in_language(options.address, language))
        page.evaluate("document.fonts.ready.then(() => true)")
        # Playwright itself writes no WebP, which is half as large.
        form = {"format": options.target.suffix.removeprefix("."), "quality": 80}
        shot = page.context.new_cdp_session(page).send("Page.captureScreenshot", form)
        options.target.write_bytes(base64.b64decode(shot["data"]))


def _take(
    browser: Browser, address: str, options: argparse.Namespace, *, language: str, theme: str, width: int
) -> None:
    """Take the pictures of one language, theme and width: as a visitor, as a member, as an administrator."""
    with opened_tab(browser, address, language=language, theme=theme, width=width) as tab:

        def picture(name: str) -> None:
            _save(tab.page, options, f"{name}-{language}-{theme}-{width}")

        for email in ("", EMAIL, ADMIN_EMAIL):
            chosen = [each for each in ADDRESSES if _viewer(each) == email and each.name in options.page]
            sent = [each for each in SENT if _viewer(each) == email and each.name in options.page]
            if email and (chosen or sent):
                tab.page.context.clear_cookies()
                sign_in(tab.open("/sign-in"), email)
            for each in chosen:
                tab.open(in_language(each.path, language))
                picture(each.name)
            for form in sent:
                form.send(tab, language)
                picture(form.name)


def _viewer(page: Address | Form) -> str:
    """The email address of whoever opens a page; empty for a visitor."""
    return ADMIN_EMAIL if page.for_admins else EMAIL if page.for_members else ""


def _save(page: Page, options: argparse.Namespace, name: str) -> None:
    page.evaluate("document.fonts.ready")
    file = options.target / f"{name}.png"
    page.screenshot(path=file, full_page=not options.fold, animations="disabled")
    _say(str(file))


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main())
