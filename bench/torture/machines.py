"""Several machines on one PostgreSQL are written to, while they and PostgreSQL are killed and restarted.

The machines are `kb serve` processes on this one, each with a data folder and an index of its own.
"""

from __future__ import annotations

import json
import random
import statistics
import tempfile
import time
from collections import Counter
from contextlib import ExitStack, closing
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import func, select

from bench.cluster import Cluster
from bench.report import log
from bench.torture import lost_machine
from bench.torture.service import Finding, Service
from bench.torture.writers import Follower, Ledger, Writers

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_WARM_UP = 20
"""Searches on each machine before delays are measured: the first one of a worker reads dictionaries."""

_FRESH_SECONDS = 1.0
_LEVEL_SECONDS = 60.0
"""How long the indexes may take until they have everything, once nothing is killed any longer."""


class Plan(NamedTuple):
    """What is done.

    `writes` is how many there are at least: they go on until everything has been broken. `probes` is how many
    writes on one machine are searched for on another; `kills` counts machines and workers, `restarts` has the
    ways in which PostgreSQL is stopped (`pg_ctl -m`). Some machines come back as other hosts. `settings` are
    those of every machine, such as `KB_CACHE_DIR`.
    """

    seed: int
    machines: int
    writes: int
    documents: int
    kills: int
    probes: int = 40
    clients: int = 8
    restarts: Sequence[str] = ("fast", "immediate")
    settings: Mapping[str, str] = MappingProxyType({})


class _Stored(NamedTuple):
    """What is in the database in the end: how often each title and comment, and the numbers of changes."""

    incidents: Counter[str]
    comments: Counter[str]
    first_seq: int
    last_seq: int
    changes: int
    counter: int


def run(plan: Plan) -> list[Finding]:
    """Everything acknowledged is there once, no change is skipped, and each index equals the database."""
    log(f"machines: {plan.machines}, {plan.writes:,} writes, seed {plan.seed}")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="torture-machines-")))
        cluster = stack.enter_context(closing(Cluster()))
        folders = [folder / f"machine-{number}" for number in range(plan.machines)]
        machines = [Service(each, cluster.url, plan.settings) for each in folders]
        for machine in machines:
            machine.folder.mkdir()
        machines[0].prepare(plan.documents)
        for machine in machines:
            machine.token = machines[0].token
            machine.become_another_host()
            stack.enter_context(closing(machine)).start()
        lost = lost_machine.run(machines, cluster.url, plan.seed)
        return [*_measure_freshness(machines, plan), *lost, *_torture(machines, cluster, plan)]


def _measure_freshness(machines: Sequence[Service], plan: Plan) -> list[Finding]:
    """How long what one machine acknowledged is missing on another, while nothing is killed."""
    rng = random.Random(f"freshness {plan.seed}")  # noqa: S311 (nothing secret)
    delays = []
    for machine in machines:
        started = time.monotonic()
        for number in range(_WARM_UP):
            _finds(machine, f"warm{number}")
        log(f"  warm-up: {time.monotonic() - started:.1f} s")
    for number in range(plan.probes):
        writer, reader = rng.sample(machines, 2)
        word = f"probe{number}x{plan.seed}"
        body = {"title": word, "summary": word, "category": "tone-deaf", "organization": "Acme"}
        if writer.post("/incidents", body).status != 201:
            continue
        started = time.monotonic()
        while not _finds(reader, word) and time.monotonic() - started < _LEVEL_SECONDS:
            time.sleep(0.005)
        delays.append(time.monotonic() - started)
    if not delays:
        return []
    p50, p95 = statistics.median(delays), sorted(delays)[int(len(delays) * 0.95)]
    return [
        Finding(
            "26",
            f"{len(delays)} writes on one of {plan.machines} machines, searched on another",
            f"found after {p50 * 1000:.0f} ms (p50), {p95 * 1000:.0f} (p95), {max(delays) * 1000:.0f} (most)",
            len(delays) == plan.probes and max(delays) <= _FRESH_SECONDS,
        )
    ]


def _finds(machine: Service, word: str) -> bool:
    answer = machine.get_as_admin(f"/search?q={word}")
    return answer.status == 200 and json.loads(answer.body)["total"] == 1


def _torture(machines: Sequence[Service], cluster: Cluster, plan: Plan) -> list[Finding]:
    follower = Follower(machines, str(plan.seed), 0)
    writers = Writers(machines, str(plan.seed), plan.writes, plan.clients)
    started = time.monotonic()
    follower.start()
    writers.start()
    try:
        done = _break(machines, cluster, writers, plan)
    finally:
        writers.finish()
    what = f"{plan.machines} machines, {time.monotonic() - started:.0f} s, {done}"
    level = _wait_until_level(machines)
    follower.finish()
    stored = _read(machines[0])
    answers = _answers(writers)
    if not all(finding.kept for finding in answers):
        log("\n".join(line for machine in machines for line in machine.logged_errors()))
    return [
        _compare(what, writers.ledger, stored, writers.count),
        *answers,
        _follow_up(follower, stored),
        *_verify(machines, level),
    ]


def _break(machines: Sequence[Service], cluster: Cluster, writers: Writers, plan: Plan) -> str:
    """Kill machines and workers, and restart PostgreSQL, each when so many writes are acknowledged."""
    rng = random.Random(f"machines {plan.seed}")  # noqa: S311 (nothing secret)
    done = Counter[str]()
    for at, what in _schedule(plan, rng):
        while writers.are_busy and len(writers.ledger) < at:
            time.sleep(0.02)
        if not writers.are_busy:
            break
        log(f"  {what}, at {len(writers.ledger)} writes")
        started = time.monotonic()
        if what == "worker killed":
            rng.choice(machines).kill_worker(rng)
        elif what.startswith("machine"):
            machine = machines[int(what.split()[1]) - 1]
            machine.kill_all()
            if what.endswith("lost"):
                machine.become_another_host()
            machine.start()
        else:
            cluster.stop(what.split()[-1])
            time.sleep(rng.uniform(0, 1))
            cluster.start()
        log(f"    back after {time.monotonic() - started:.1f} s")
        done[what] += 1
    return _counts(done)


def _schedule(plan: Plan, rng: random.Random) -> list[tuple[int, str]]:
    """What happens at which number of writes: each machine is killed once at least."""
    numbers = [*range(1, plan.machines + 1)]
    ways = ["killed", "lost"]
    events = [f"machine {number} {rng.choice(ways)}" for number in numbers]
    while len(events) < plan.kills:
        events.append(rng.choice(["worker killed", f"machine {rng.choice(numbers)} {rng.choice(ways)}"]))
    rng.shuffle(events)
    share = len(events) // (len(plan.restarts) + 1)
    for number, mode in enumerate(plan.restarts, 1):
        events.insert(share * number + number - 1, f"PostgreSQL restarted: {mode}")
    step = plan.writes / (len(events) + 1)
    return [(int((number + rng.random()) * step), event) for number, event in enumerate(events)]


def _wait_until_level(machines: Sequence[Service]) -> float:
    """Wait until no index lacks a change; how long it took."""
    started = time.monotonic()
    while not all(map(_is_level, machines)) and time.monotonic() - started < _LEVEL_SECONDS:
        time.sleep(0.05)
    return time.monotonic() - started


def _is_level(machine: Service) -> bool:
    answer = machine.get("/health/ready")
    return answer.status == 200 and json.loads(answer.body)["index"]["lag"] == 0


def _read(machine: Service) -> _Stored:
    from kb.models import Change, ChangeCounter, Comment, IncidentText, db  # noqa: PLC0415 (the whole service)

    with machine.app.app_context():
        titles = select(IncidentText.title).where(IncidentText.title.startswith("torture "))
        comments = select(Comment.text).where(Comment.text.startswith("torture "))
        numbers = select(func.min(Change.seq), func.max(Change.seq), func.count())
        stored = _Stored(
            Counter(db.session.scalars(titles)),
            Counter(db.session.scalars(comments)),
            *db.session.execute(numbers).one(),
            db.session.scalars(select(ChangeCounter.seq)).one(),
        )
        db.session.remove()
        db.engine.dispose()
    return stored


def _compare(what: str, ledger: Ledger, stored: _Stored, writes: int) -> Finding:
    """Whether what was acknowledged is stored, once."""
    lost = sum(title not in stored.incidents for title in ledger.incidents)
    lost += sum(text not in stored.comments for text in ledger.comments)
    doubled = sum(number > 1 for number in (*stored.incidents.values(), *stored.comments.values()))
    seen = f"{len(ledger)} of {writes} acknowledged, {lost} lost, {doubled} doubled"
    return Finding("26", what, seen, len(ledger) == writes and not lost and not doubled)


def _answers(writers: Writers) -> list[Finding]:
    """What clients were answered otherwise, and how long they waited."""
    ledger = writers.ledger
    others = _counts(ledger.other_answers)
    wrong = sum(number for status, number in ledger.other_answers.items() if status not in (0, 409, 503))
    seen = f"answers other than 201: {others}"
    longest = f"{ledger.longest:.1f} s at most (before: {_counts(ledger.answers_of_longest)})"
    return [
        Finding("26", f"{writers.clients} clients meanwhile", seen, not wrong),
        Finding("26", "waiting for an acknowledgment, retries included", longest, not ledger.unanswered),
    ]


def _counts(counter: Counter[str] | Counter[int]) -> str:
    return ", ".join(f"{number} x {what}" for what, number in sorted(counter.items())) or "none"


def _follow_up(follower: Follower, stored: _Stored) -> Finding:
    """Whether no number of a change is missing, in the database and for who followed them meanwhile."""
    gaps = stored.last_seq - stored.first_seq + 1 - stored.changes
    seen = f"{gaps} missing in the database, {follower.skipped} skipped by who followed"
    is_whole = not gaps and stored.last_seq == stored.counter == follower.since
    return Finding("26", f"{stored.counter} changes", seen, is_whole and not follower.skipped)


def _verify(machines: Sequence[Service], level: float) -> list[Finding]:
    codes = [machine.verify() for machine in machines]
    return [
        Finding("26", "until no index lacks a change", f"{level:.1f} s", level < _LEVEL_SECONDS),
        Finding("26", "then: kb index verify on each", f"exit codes {codes}", not any(codes)),
    ]
