"""Words that are longer than the screen is wide, in titles of both scripts."""

from pathlib import Path

import pytest

from tests.browser.conftest import OpenTab
from tests.browser.test_every_page import too_wide
from tests.support.cli import run_kb, write_jsonl
from tests.support.every_page import in_language, sign_in
from tests.support.incidents import incident
from tests.support.server import Server

pytestmark = pytest.mark.slow

LATIN = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"
HEBREW = "והתפוצצויותיהםוכשבהשתלשלויותיהםמהמתקפותיהםהבלתימתוכננותשלהםבאמצעהיום"


@pytest.mark.parametrize("language", ["en", "he"])
def test_a_long_word_is_broken_rather_than_pushed_off_the_side(
    open_tab: OpenTab, site: Server, member: str, tmp_path: Path, language: str
) -> None:
    words = f"{LATIN} “{HEBREW}” #{LATIN}"
    filed = incident(
        external_id=f"long-{language}", status="in_review", severity=2, tags=[LATIN[:60]],
        title=words, organization=HEBREW, summary=words, cause=words, outcome=words,
        lessons=[{"text": words}], sources=[{"title": words, "url": f"https://example.org/{'a' * 180}"}],
    )  # fmt: skip
    assert run_kb("import", write_jsonl(tmp_path, [filed]), data_dir=site.data_dir).exit_code == 0
    tab = open_tab(language=language, width=320)
    sign_in(tab.open("/sign-in"), member)
    page = tab.open(in_language("/waiting", language))
    review = page.locator(".rows a", has_text=HEBREW).first.get_attribute("href") or ""
    article = review.removesuffix("/review")
    wide: dict[str, int | None] = {}
    for path in ("/waiting", review, article, f"{article}/history", "/incidents?status=in_review"):
        tab.open(in_language(path, language))
        wide[path] = too_wide(page, 320)
    assert wide == dict.fromkeys(wide)
