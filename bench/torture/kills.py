"""Workers, the server and those who rebuild the index are killed while eight clients write."""

from __future__ import annotations

import subprocess
import threading
import time
from collections import Counter
from typing import TYPE_CHECKING

from sqlalchemy import select

from bench.report import log
from bench.torture.service import Finding

if TYPE_CHECKING:
    from bench.torture.service import Service, Trial

_CLIENTS = 8
_PAUSES = (0.5, 3.0)
"""Between two kills, in seconds, at random."""

_PATIENCE = 60.0


class _Ledger:
    """What clients were told was written, and the longest that one waited for an answer."""

    def __init__(self) -> None:
        self.acknowledged: list[str] = []
        self.refused: Counter[int] = Counter()
        self.longest = 0.0


def run(trial: Trial) -> list[Finding]:
    """Every write that was acknowledged is there once, and the index equals the database."""
    service, ledger, done = trial.service, _Ledger(), threading.Event()
    clients = [
        threading.Thread(target=_write, args=(service, client, ledger, done)) for client in range(_CLIENTS)
    ]
    for client in clients:
        client.start()
    killed = _kill(trial)
    done.set()
    for client in clients:
        client.join()
    service.close()
    stored = Counter(_titles(service))
    lost = sum(title not in stored for title in ledger.acknowledged)
    doubled = sum(number > 1 for number in stored.values())
    verified = service.verify()
    kills = ", ".join(f"{number} x {what}" for what, number in sorted(killed.items()))
    writes = f"{len(ledger.acknowledged)} acknowledged, {lost} lost, {doubled} doubled"
    answers = ", ".join(f"{number} x {status}" for status, number in sorted(ledger.refused.items())) or "none"
    wrong = sum(number for status, number in ledger.refused.items() if status not in (0, 409, 503))
    return [
        Finding(
            "1, 2, 7", f"kill -9: {kills}", writes, not lost and not doubled and bool(ledger.acknowledged)
        ),
        Finding("4", "then: kb index verify", f"exit code {verified}", verified == 0),
        Finding("8", f"{_CLIENTS} writers meanwhile", f"answers other than 201: {answers}", not wrong),
        Finding(
            "2",
            "waiting for an answer, retries included",
            f"{ledger.longest:.1f} s at most",
            ledger.longest < _PATIENCE,
        ),
    ]


def _write(service: Service, client: int, ledger: _Ledger, done: threading.Event) -> None:
    """File incidents, each with a key under which it is sent again until it is acknowledged."""
    number = 0
    while not done.is_set():
        number += 1
        title = f"torture {client} {number}"
        body = {"title": title, "summary": f"zebra {title}", "category": "tone-deaf", "organization": "Acme"}
        started = time.monotonic()
        while time.monotonic() - started < _PATIENCE:
            status = service.post("/incidents", body, Idempotency_Key=title.replace(" ", "-")).status
            if status == 201:
                ledger.acknowledged.append(title)
                break
            ledger.refused[status] += 1
            time.sleep(0.1)
        ledger.longest = max(ledger.longest, time.monotonic() - started)


def _kill(trial: Trial) -> Counter[str]:
    """Kill this and that until the time is over; how often what was killed."""
    service, rng, killed = trial.service, trial.rng, Counter[str]()
    deadline = time.monotonic() + trial.seconds
    while time.monotonic() < deadline:
        time.sleep(rng.uniform(*_PAUSES))
        what = rng.choice(["worker", "worker", "parent", "index rebuild"])
        log(f"  kill -9: {what}")
        killed[what] += 1
        if what == "worker":
            service.kill_worker(rng)
        elif what == "parent":
            service.kill_parent()
            service.start()
        else:
            with subprocess.Popen(  # noqa: S603
                service.command("index", "rebuild"),
                env=service.environment,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            ) as rebuild:
                time.sleep(rng.uniform(*_PAUSES))
                rebuild.kill()
    return killed


def _titles(service: Service) -> list[str]:
    from kb.models import Incident, IncidentText, db  # noqa: PLC0415 (imports the whole service)

    with service.app.app_context():
        statement = select(IncidentText.title).join(Incident).where(IncidentText.title.startswith("torture "))
        titles = list(db.session.scalars(statement))
        db.session.remove()
        db.engine.dispose()
    return titles
