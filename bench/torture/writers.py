"""Clients that write to several machines until all is acknowledged, and one that follows the changes."""

from __future__ import annotations

import json
import random
import threading
import time
from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.torture.service import Service

PATIENCE = 180.0
"""Seconds after which a client gives up a write."""

_THINK_SECONDS = 0.3
"""The longest pause of a client between two writes."""

_RETRY_SECONDS = 0.1
_POLL_SECONDS = 0.2
_COMMENT_EVERY = 4
"""Every fourth write is a comment on an incident that others comment on, too."""


class Ledger:
    """What clients were told was written, and what they were answered otherwise."""

    def __init__(self) -> None:
        self.incidents: dict[str, int] = {}
        self.comments: list[str] = []
        self.other_answers: Counter[int] = Counter()
        self.longest, self.answers_of_longest = 0.0, Counter[int]()
        self.unanswered = 0
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self.incidents) + len(self.comments)

    def note_other(self, status: int) -> None:
        """Count an answer other than 201; 0 stands for a connection that was refused or broke off."""
        with self._lock:
            self.other_answers[status] += 1

    def note_duration(self, seconds: float, others: Counter[int]) -> None:
        """Note how long a client waited for its acknowledgment, and what it was answered meanwhile."""
        with self._lock:
            if seconds > self.longest:
                self.longest, self.answers_of_longest = seconds, others


class Writers:
    """Client threads that send each write to machines chosen at random.

    They go on until `finish` is called, and send `writes` at least: what is broken next is broken under
    writes, however long a machine takes to come back.
    """

    def __init__(self, machines: Sequence[Service], seed: str, writes: int, clients: int) -> None:
        self._machines, self._seed, self.clients = machines, seed, clients
        self.count = 0
        """The number of writes begun."""
        self._writes, self._may_end = writes, threading.Event()
        self._next = threading.Lock()
        self.ledger = Ledger()
        self._threads = [
            threading.Thread(target=self._run, args=(client,), daemon=True) for client in range(clients)
        ]

    def start(self) -> None:
        """Begin to write."""
        for thread in self._threads:
            thread.start()

    @property
    def are_busy(self) -> bool:
        """Whether anything is being written."""
        return any(thread.is_alive() for thread in self._threads)

    def finish(self) -> None:
        """Begin no more writes than are left, and wait until everything is acknowledged or given up."""
        self._may_end.set()
        for thread in self._threads:
            thread.join()

    def _run(self, client: int) -> None:
        rng = random.Random(f"{self._seed} {client}")  # noqa: S311 (nothing secret)
        while True:
            with self._next:
                number = self.count
                if number >= self._writes and self._may_end.is_set():
                    return
                self.count += 1
            self._write(number, rng)
            time.sleep(rng.uniform(0, _THINK_SECONDS))

    def _write(self, number: int, rng: random.Random) -> None:
        """Send one write, each time with the same key, until it is acknowledged."""
        title, ledger = f"torture {number}", self.ledger
        commented = [*ledger.incidents.values()][:_COMMENT_EVERY]
        is_comment = number % _COMMENT_EVERY == 0 and bool(commented)
        path = f"/incidents/{rng.choice(commented)}/comments" if is_comment else "/incidents"
        body = {"text": title} if is_comment else _incident(title)
        others = Counter[int]()
        started = time.monotonic()
        while time.monotonic() - started < PATIENCE:
            answer = rng.choice(self._machines).post(path, body, Idempotency_Key=title.replace(" ", "-"))
            if answer.status == 201:
                if is_comment:
                    ledger.comments.append(title)
                else:
                    ledger.incidents[title] = json.loads(answer.body)["id"]
                break
            ledger.note_other(answer.status)
            others[answer.status] += 1
            time.sleep(_RETRY_SECONDS)
        else:
            ledger.unanswered += 1
        ledger.note_duration(time.monotonic() - started, others)


def _incident(title: str) -> dict[str, object]:
    return {"title": title, "summary": f"zebra {title}", "category": "tone-deaf", "organization": "Acme"}


class Follower:
    """A mirror that reads the change feed of one machine or another, and notes the numbers in their order."""

    def __init__(self, machines: Sequence[Service], seed: str, since: int) -> None:
        self.since, self.skipped, self.read = since, 0, 0
        self._machines = machines
        self._rng = random.Random(f"{seed} follower")  # noqa: S311 (nothing secret)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def start(self) -> None:
        """Begin to follow."""
        self._thread.start()

    def finish(self) -> None:
        """Read what is left, and end."""
        self._stop.set()
        self._thread.join()
        while self._read_page():
            pass

    def _run(self) -> None:
        while not self._stop.wait(_POLL_SECONDS):
            self._read_page()

    def _read_page(self) -> int:
        """Read the next page; how many changes it had, 0 also if there was no answer."""
        answer = self._rng.choice(self._machines).get_as_admin(f"/changes?since={self.since}&limit=100")
        if answer.status != 200:
            return 0
        numbers = [item["seq"] for item in json.loads(answer.body)["items"]]
        for number in numbers:
            self.skipped += number != self.since + 1
            self.since = number
        self.read += len(numbers)
        return len(numbers)
