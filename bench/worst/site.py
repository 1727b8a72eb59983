"""An installation with incidents, and what endpoints need beside them: the largest incident, a check ..."""

from __future__ import annotations

import gc
import json
import random
import re
import shutil
import time
from contextlib import contextmanager
from io import BytesIO
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import func, select
from werkzeug.datastructures import Headers
from werkzeug.test import Client, EnvironBuilder

from bench.application import make_app
from bench.report import log
from bench.worst import crowd, nasty
from bench.worst.large import TITLES, large_incident, large_texts, large_translation
from kb import pauses
from kb.config import API_ROOT, seeds_dir
from kb.domain.permissions import Role
from kb.domain.publication import Concern
from kb.models import CalendarUpload, db
from kb.pages.session import SESSION_COOKIE
from kb.search.lexicon import LexiconFiles
from kb.services.accounts import memberships, tokens, users
from kb.services.accounts.teams import MAIN_TEAM
from kb.services.check import rulesets
from kb.services.core.authorization import ANY
from kb.services.core.system_actors import OPERATOR
from kb.services.incidents.filing import language_model
from kb.services.infrastructure import runtime
from kb.services.search.read_ahead import read_index_ahead
from kb.web.parent_application import WORKER_YOUNG_OBJECTS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


_FORM_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')

_STYLESHEET = re.compile(r'<link rel="stylesheet" href="([^"]+)"')

_DRAFT = "Black Friday **** Need copy and link****"

PASSWORD = "a password of the benchmark"  # noqa: S105 (of an account that lives as long as the benchmark)


class Call(NamedTuple):
    """A request, and what is nasty about it. `path` has its query."""

    label: str
    method: str
    path: str
    body: bytes | None = None
    headers: dict[str, str] = {}  # noqa: RUF012 (nobody changes it)
    content_type: str = "application/json"
    as_nobody: bool = False


class Outcome(NamedTuple):
    """The status of an answer, its size in bytes, and the seconds of CPU that it took.

    Of an answer that is streamed or made with pauses, those of its dearest piece: others are served between
    two pieces.
    """

    status: int
    size: int
    seconds: float


class _Pieces:
    """The CPU time of the dearest piece of a request so far."""

    def __init__(self) -> None:
        self.dearest, self._started = 0.0, time.thread_time()

    def end(self) -> None:
        """End a piece, and begin the next one."""
        self.dearest = max(self.dearest, time.thread_time() - self._started)
        self._started = time.thread_time()


@contextmanager
def _measured_pieces() -> Iterator[_Pieces]:
    """Measure the pieces between the pauses of this thread, which is the only one that works."""
    pieces, rest = _Pieces(), pauses.rest

    def rest_and_measure(*_progress: int) -> None:
        pieces.end()
        rest()

    pauses.rest = rest_and_measure
    try:
        yield pieces
    finally:
        pauses.rest = rest
        pieces.end()


class Site:
    """An application with incidents, and a member who may do everything."""

    checks: list[int]
    in_review: list[int]
    proposals: list[int]

    def __init__(self, folder: Path, incidents: int, *, languages: int = 1) -> None:
        self.app = make_app(folder / "kb", incidents)
        self._client = Client(self.app, use_cookies=False)
        prepared = folder / "kb" / "worst.json"
        if prepared.exists():
            vars(self).update(json.loads(prepared.read_text()))
        else:
            before = set(vars(self))
            self._prepare(incidents)
            prepared.write_text(
                json.dumps({name: value for name, value in vars(self).items() if name not in before})
            )
        self.stylesheet = self._find_stylesheet()
        self._file_languages(languages - 1)
        self._read_ahead()

    def _file_languages(self, number: int) -> None:
        """File an incident in each of some languages beside English: a search reads its words as in all."""
        for language, title in islice(TITLES.items(), number):
            texts = dict.fromkeys(("title", "summary", "cause", "outcome"), title)
            facts = {"organization": "Acme", "category": "offensive", "occurred_on": "2020-05-05"}
            published = {"status": "published", "acknowledge": [*Concern], "lessons": [{"text": title}]}
            self.post("/incidents", {**texts, **facts, **published, "language": language})

    def _read_ahead(self) -> None:
        """Read what a worker of `kb serve` reads first, and keep it from the collector of garbage, which runs
        as in a worker."""
        language_model.reserve()
        language_model.read_ahead()
        with self.app.app_context():
            LexiconFiles(seeds_dir(), runtime.settings().data_dir).read_ahead()
            rulesets.read_ahead()
        gc.collect()
        gc.freeze()
        gc.set_threshold(WORKER_YOUNG_OBJECTS, *gc.get_threshold()[1:])
        with self.app.app_context():
            read_index_ahead(OPERATOR)

    def close(self) -> None:
        """Close the connections to the database."""
        with self.app.app_context():
            db.engine.dispose()

    def send(self, call: Call) -> Outcome:
        """Send a request, and receive all of its answer."""
        condition = {} if call.method == "GET" else {"If-Match": "*"}
        headers = {**condition, "Accept-Language": "en", **call.headers}
        if not call.as_nobody:
            self._identify(call, headers)
        builder = EnvironBuilder(
            path=call.path.partition("?")[0],
            query_string=call.path.partition("?")[2],
            method=call.method,
            headers=Headers(headers),
            data=call.body,
            content_type=None if call.body is None else call.content_type,
        )
        environ = builder.get_environ()
        with _measured_pieces() as pieces:
            response = self._client.open(environ)
            streamed, size = response.is_streamed, 0
            for piece in response.iter_encoded():
                size += len(piece)
                if streamed:
                    pieces.end()
            response.close()
        return Outcome(response.status_code, size, pieces.dearest)

    def _identify(self, call: Call, headers: dict[str, str]) -> None:
        """Add the token of the member: for pages in the cookie of a session, with that of its forms."""
        if call.path.startswith(API_ROOT):
            headers.setdefault("Authorization", f"Bearer {self.token}")
        else:
            headers.setdefault("Cookie", f"{SESSION_COOKIE}={self.token}; {self.form_cookie}")
            headers.setdefault("Accept", "text/html")

    def post(self, path: str, data: Any, method: str = "POST") -> Any:
        """What the API answers to data that it must take."""
        response = self._client.open(
            f"{API_ROOT}{path}",
            method=method,
            json=data,
            headers={"Authorization": f"Bearer {self.token}", "If-Match": "*"},
        )
        if response.status_code >= 300:
            raise RuntimeError(f"{method} {path}: {response.status_code} {response.text[:2_000]}")
        return response.json

    def new_token(self) -> str:
        """The secret of a token that a request may end."""
        with self.app.app_context():
            secret = tokens.create_user_token(self.user, "to end").secret
            db.session.remove()
        return secret

    def _prepare(self, incidents: int) -> None:
        rng = random.Random(7)  # noqa: S311 (nothing secret)
        email = f"worst{time.time_ns()}@example.com"
        with self.app.app_context():
            data = {"email": email, "name": email, "site_admin": True, "password": PASSWORD}
            self.user = users.create_user(OPERATOR, data)["id"]
            memberships.set_member(OPERATOR, MAIN_TEAM, str(self.user), ANY, Role.ADMIN)
            self.token = tokens.create_user_token(self.user, "worst").secret
            db.session.remove()
        self.email = email
        self._open_form()
        log("Filing what the requests are about")
        filed = self.post("/incidents", large_incident(rng))
        self.large, self.large_slug = filed["id"], filed["slug"]
        self.post(f"/incidents/{self.large}/translations/he", large_translation(rng, 18), "PUT")
        changed = {**large_texts(rng), "language": "en", "acknowledge": [*Concern]}
        self.post(f"/incidents/{self.large}", changed, "PATCH")
        draft = {**large_incident(rng), "status": "draft"}
        del draft["acknowledge"]
        self.large_draft = self.post("/incidents", draft)["id"]
        small = {"title": "A draft", "organization": "Acme", "category": "offensive", "language": "en"}
        self.draft = self.post("/incidents", small)["id"]
        self.lesson = self.post("/incidents", {**small, "lessons": [{"text": "Ask first."}]})["lessons"][0][
            "id"
        ]
        self.action = self.post(f"/incidents/{self.large}/actions", {"title": "Write a checklist"})["id"]
        self.comment = self.post(f"/incidents/{self.large}/comments", {"text": "Is this so?"})["id"]
        text = nasty.TEXTS["'**** ' repeated"](rng, 50_000)
        self.check = self.post("/checks", {"text": text, "keep_text": True, "platform": "twitter"})["id"]
        self.stopped = self.post("/checks", {"text": _DRAFT, "keep_text": True})["id"]
        offer = self.post(f"/checks/{self.stopped}/findings/1/not-a-problem", {})
        self.offer, self.offer_guard = offer["id"], offer["guard"]
        self.proposal = self._propose(rng)
        self.calendar = self.keep_calendar()
        self.imported = self._try_import()
        log("Filing what else an installation has")
        with self.app.app_context():
            vars(self).update(crowd.gather(self, incidents))
            db.session.remove()

    def _propose(self, rng: random.Random) -> int:
        """A change to the largest incident by somebody who may not publish it."""
        with self.app.app_context():
            secret = tokens.create_team_token(f"contributor {time.time_ns()}", Role.CONTRIBUTOR).secret
            db.session.remove()
        response = self._client.open(
            f"{API_ROOT}/incidents/{self.large}",
            method="PATCH",
            json={**large_texts(rng), "language": "en"},
            headers={"Authorization": f"Bearer {secret}", "If-Match": "*"},
        )
        if response.status_code != 202:
            raise RuntimeError(f"{response.status_code} {response.text[:2_000]}")
        return int(json.loads(response.text)["id"])

    def pick(self, rng: random.Random) -> dict[str, Any]:
        """What the site has by its name, with one of the ids of what it has many of."""
        return {
            name: rng.choice(value) if isinstance(value, list) else value
            for name, value in vars(self).items()
        }

    def _try_import(self) -> int:
        """An import that has ended, whose report lists as many errors as it may."""
        rows = "title,organization,category,severity\n" + "A draft,Acme,nothing of the kind,9\n" * 5_000
        response = self._client.open(
            f"{API_ROOT}/import?team=main&dry_run=true",
            method="POST",
            data=rows.encode(),
            content_type="text/csv",
            headers={"Authorization": f"Bearer {self.token}"},
        )
        if response.status_code != 202:
            raise RuntimeError(f"{response.status_code} {response.text[:2_000]}")
        number = int(json.loads(response.text)["id"])
        while self.get(f"/import/{number}")["ended_at"] is None:
            time.sleep(0.2)
        return number

    def get(self, path: str) -> Any:
        """What the API has at a path."""
        return self.post(path, None, "GET")

    def keep_calendar(self) -> int:
        """A calendar that is kept for its sender."""
        rows = "Date,Time,Channel,Copy\n" + "2027-09-11,09:00,Facebook,Half price today\n" * 2_000
        fields = {
            "csrf_token": self.form_token,
            "keep": "1",
            "file": (BytesIO(rows.encode()), "calendar.csv"),
        }
        cookie = f"{SESSION_COOKIE}={self.token}; {self.form_cookie}"
        response = self._client.post(
            "/check/calendar", data=fields, headers={"Cookie": cookie}, buffered=True
        )
        if response.status_code != 200:
            raise RuntimeError(f"{response.status_code} {response.text[:2_000]}")
        with self.app.app_context():
            number = db.session.scalars(select(func.max(CalendarUpload.id))).one()
            db.session.remove()
        return int(number)

    def _find_stylesheet(self) -> str:
        match = _STYLESHEET.search(self._client.get("/sign-in").text)
        assert match is not None
        return match[1]

    def _open_form(self) -> None:
        response = self._client.get("/check", headers={"Cookie": f"{SESSION_COOKIE}={self.token}"})
        match = _FORM_TOKEN.search(response.text)
        assert match is not None
        self.form_token = match[1]
        self.form_cookie = response.headers["Set-Cookie"].partition(";")[0]


def copy_of(folder: Path, target: Path) -> None:
    """Copy a data folder, so that the requests leave it as it is."""
    shutil.copytree(folder, target)
