"""This service with incidents, which can be kept for the next time, and guards; served by one worker."""

from __future__ import annotations

import time
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, NamedTuple

import yaml

from bench import corpus
from bench.check.rules import make_rules
from bench.folders import temporary_folder
from bench.report import log
from bench.servers import Server, free_port
from bench.stacks import Service
from kb.config import Settings
from kb.domain.permissions import Role
from kb.factory import create_app
from kb.models import db
from kb.services.accounts import tokens
from kb.services.accounts.authentication import anonymous
from kb.services.check.guard_files import FILE_NAME
from kb.services.check.rulesets import current_ruleset
from kb.services.infrastructure.runtime import concepts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path
    from typing import Any

_COMPLETE = "complete"
"""The name of an empty file in a folder that has all incidents."""


class Additions(NamedTuple):
    """What was added to the data folder: the rows of `guards.yaml`, and a token of a contributor."""

    rules: list[dict[str, Any]]
    token: str


class CheckService(Service):
    """This service with one worker, so that its memory and its time are those of one process."""

    def __init__(self, folder: Path) -> None:
        """Take a folder, which may have the incidents of an earlier benchmark. Raises RuntimeError."""
        if not folder.exists():
            super().__init__(folder)
        elif (folder / _COMPLETE).exists():
            self.folder, self.notes = folder, {}
        else:
            raise RuntimeError(f"{folder} has not all incidents: the import was interrupted. Delete it.")

    def build(self, incidents: Iterable[dict[str, Any]]) -> float:
        """Import the incidents, unless an earlier benchmark has, and return the seconds that it took."""
        if (self.folder / _COMPLETE).exists():
            (self._data / FILE_NAME).unlink(missing_ok=True)
            return self._run("db", "upgrade")  # also indexes anew where the index has changed
        seconds = super().build([*incidents])
        (self.folder / _COMPLETE).touch()
        return seconds

    def command(self, port: int) -> list[str]:
        """The command line of `kb serve`."""
        options = ["--port", str(port), "--workers", "1", "--data-dir", str(self._data)]
        return [*self._kb(), "serve", *options]

    def add_guards(self, number: int) -> Additions:
        """Write guards of a team into the data folder, so that `number` are active, and create a token."""
        path = self._data / FILE_NAME
        with self.application():
            others = len(current_ruleset(anonymous()).guards)
            rules = make_rules(max(0, number - others), path, concepts())
        path.write_text(yaml.safe_dump({"guards": rules}, allow_unicode=True), encoding="utf-8")
        return Additions(rules, self.add_token(Role.CONTRIBUTOR))

    def add_token(self, role: Role) -> str:
        """Create a token of somebody with a role."""
        with self.application():
            return tokens.create_team_token(f"bench-{time.time_ns()}", role).secret

    @contextmanager
    def application(self) -> Iterator[None]:
        """The context of an application of this process on the data folder."""
        app = create_app(Settings(data_dir=self._data))
        with app.app_context():
            try:
                yield
            finally:
                db.engine.dispose()

    def start_another(self) -> Server:
        """A second server on the same data, ready; whoever asks for it must close it."""
        port = free_port()
        server = Server(self.command(port), port, self.folder / "log-2", {})
        try:
            server.wait_until_ready(self.ready_path())
        except RuntimeError:
            server.close()
            raise
        return server


@contextmanager
def filled_service(folder: Path | None, incidents: int) -> Iterator[CheckService]:
    """The service with so many incidents, not started: in a folder to keep, or in a temporary one."""
    with temporary_folder() as temporary:
        place = folder or temporary
        place.mkdir(parents=True, exist_ok=True)
        with closing(CheckService(place / f"incidents-{incidents}")) as service:
            log(f"Indexing {incidents:,} incidents")
            service.build(corpus.incidents(incidents))
            yield service
