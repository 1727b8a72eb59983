"""`kb check` at a running service."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema_rs import Draft202012Validator

from tests.support.cli import Kb
from tests.support.sarif import SARIF
from tests.support.wsgi_server import served


def test_a_running_service_gives_the_same_results_as_the_data_folder(
    kb: Kb, folder: Path, server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = ("draft.txt", "posts.csv", "--format", "json")
    local, remote = (kb("check", *files, *more) for more in ((), ("--server", f"{server}/")))
    assert remote.exit_code == local.exit_code == 2
    assert json.loads(remote.stdout) == json.loads(local.stdout)
    monkeypatch.setenv("KB_TOKEN", "kb_wrong")
    refused = kb("check", "draft.txt", "--server", server)
    assert refused.exit_code == 69
    assert len(refused.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    "answer", [b"", b"<html>Sign in</html>", b'{"verdict": "cl'], ids=["nothing", "a page", "half of it"]
)
def test_an_answer_that_is_no_result_is_no_verdict(kb: Kb, folder: Path, answer: bytes) -> None:
    def other_service(_environ: Any, start_response: Any) -> list[bytes]:
        start_response("200 OK", [("Content-Type", "text/html"), ("Content-Length", "80")])
        return [answer]

    with served(other_service) as address:
        for file in ("draft.txt", "posts.csv"):
            result = kb("check", file, "--server", address)
            assert (result.exit_code, len(result.stderr.splitlines())) == (69, 1)


@pytest.mark.parametrize("url", ["http://[", "http://", "http://kb:port", "http://kb example"])
def test_a_url_that_is_no_address_is_a_wrong_option(kb: Kb, folder: Path, url: str) -> None:
    assert kb("check", "draft.txt", "--server", url).exit_code == 64


@pytest.mark.parametrize("token", ["מפתח".encode(), b"kb_one\nkb_two", b"\xff\xfe"])
def test_a_file_that_holds_no_token_is_no_verdict(kb: Kb, folder: Path, server: str, token: bytes) -> None:
    (folder / "token").write_bytes(token)
    result = kb("check", "draft.txt", "--server", server, "--token-file", "token")
    assert (result.exit_code, len(result.stderr.splitlines())) == (69, 1)


@pytest.mark.parametrize("end", ["\r", "\r\n"], ids=["carriage returns", "both"])
def test_a_file_with_other_line_ends_has_its_findings_at_the_same_places(
    kb: Kb, folder: Path, server: str, end: str
) -> None:
    (folder / "posts.csv").write_text('Copy,Note\n"Hello,\nwalrus special",a\nWalrus special,b\n', "utf-8")

    def regions(*more: str) -> list[dict[str, Any]]:
        log = json.loads(kb("check", "posts.csv", "draft.txt", "--format", "sarif", *more).stdout)
        Draft202012Validator(SARIF).validate(log)
        [run] = log["runs"]
        assert end in run["newlineSequences"]
        places = [result["locations"][0]["physicalLocation"]["region"] for result in run["results"]]
        return [{name: place[name] for name in ("startLine", "startColumn", "endLine")} for place in places]

    expected = regions()
    assert [place["startLine"] for place in expected] == [3, 4, 2]
    for name in ("posts.csv", "draft.txt"):
        content = (folder / name).read_bytes().replace(b"\n", end.encode())
        (folder / name).write_bytes(content)
    assert regions() == regions("--server", server) == expected
