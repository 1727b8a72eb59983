"""Collect the clauses of a group while it is parsed: runs of clauses, and the operators between the runs.

AND binds tighter than OR, and NOT tighter than AND. A clause with a sign applies to the whole group, wherever
it appears among the operators.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, field

from kb.search.analysis import normalize
from kb.search.query import Compound, Group, Node, Phrase, Prefix, Word, is_condition, required_name
from kb.search.syntax import AND, REQUIRED_NAMES

NEGATED = "!"
"""The sign of a clause that follows NOT; unlike `-`, it applies only to the run of the clause."""

_Clauses = dict[Hashable, Node]


def identity(node: Node) -> Hashable:
    """A key that is equal for clauses that mean the same: words are compared normalized."""
    match node:
        case Word() | Prefix():
            return type(node), normalize(node.text), node.field
        case Compound() | Phrase():
            return type(node), tuple(map(normalize, node.words)), node.field
    return node


def distinct(nodes: Iterable[Node]) -> tuple[Node, ...]:
    """The nodes without duplicates of earlier ones."""
    clauses: _Clauses = {}
    for node in nodes:
        clauses.setdefault(identity(node), node)
    return tuple(clauses.values())


@dataclass(slots=True)
class Run:
    """Adjacent clauses without an operator between them, each with its sign.

    Each element of `must` holds alternatives; `alternatives` maps a name to the element that collects it.
    """

    must: list[tuple[str, _Clauses]] = field(default_factory=list)
    should: _Clauses = field(default_factory=dict)
    must_not: dict[Hashable, tuple[str, Node]] = field(default_factory=dict)
    alternatives: dict[str, _Clauses] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.must or self.should or self.must_not)

    def add(self, sign: str, node: Node, *, required: bool = False) -> bool:
        """Add a clause, and return whether it is new."""
        if sign or is_condition(node):
            node = _whole(node)
        if sign in ("-", NEGATED):
            before = len(self.must_not)
            self.must_not.setdefault(identity(node), (sign, node))
            return len(self.must_not) > before
        name = None if sign else required_name(node)
        clauses = self._clauses(sign, name, required or is_condition(node))
        before = len(clauses)
        for each in node.should if isinstance(node, Group) and name else (node,):
            clauses.setdefault(identity(each), each)
        return len(clauses) > before

    def _clauses(self, sign: str, name: str | None, required: bool) -> _Clauses:
        if not sign and not required:
            return self.should
        if name in self.alternatives:
            return self.alternatives[name]
        clauses: _Clauses = {}
        self.must.append((sign, clauses))
        if name is not None:  # later clauses of this name are alternatives to this one
            self.alternatives[name] = clauses
        return clauses

    def group(self, *, signed: bool = True, unsigned: bool = True) -> Group:
        """The group of the clauses: those with a sign, those without, or both."""
        must = [clauses for sign, clauses in self.must if (signed if sign else unsigned)]
        must_not = [node for sign, node in self.must_not.values() if (signed if sign == "-" else unsigned)]
        return Group(
            distinct(_any_of(tuple(clauses.values())) for clauses in must),
            tuple(self.should.values()) if unsigned else (),
            tuple(must_not),
        )


@dataclass(slots=True)
class OpenGroup:
    """A group that is being parsed: its sign, the name before it, and its runs (an OR of ANDs).

    `negates_next` is set between NOT and what it negates.
    """

    sign: str = ""
    name: str | None = None
    runs: list[list[Run]] = field(default_factory=lambda: [[Run()]])
    negates_next: bool = False

    @property
    def run(self) -> Run:
        """The run that clauses are added to."""
        return self.runs[-1][-1]

    def operate(self, operator: str) -> None:
        """Begin the next run, after AND or OR."""
        if operator == AND:
            self.runs[-1].append(Run())
        else:
            self.runs.append([Run()])

    def group(self) -> Group:
        """The group of the clauses so far."""
        runs = [run for required in self.runs for run in required]
        if len(runs) == 1:
            return runs[0].group()
        signed = [run.group(unsigned=False) for run in runs]
        combined = _any(list(filter(None, map(_all, self.runs))))
        must = distinct([node for group in (*signed, combined) for node in group.must])
        must_not = distinct([node for group in (*signed, combined) for node in group.must_not])
        if len(must) == 1 and not combined.should and not must_not:
            (only,) = must
            if isinstance(only, Group) and required_name(only) is None:
                return only
        return Group(must, combined.should, must_not)

    def close(self) -> tuple[Node, bool] | None:
        """Return this group as a clause, and whether its name makes it required; None if it is empty.

        A group of a single clause that is not negated becomes that clause.
        """
        group = self.group()
        if not group:
            return None
        only = (*group.must, *group.should) if not group.must_not else ()
        node = only[0] if len(only) == 1 else group
        named = self.name in REQUIRED_NAMES and required_name(node) is None
        return node, named and bool(group.must or group.must_not)


def _whole(node: Node) -> Node:
    """The form in which a clause is required or excluded: a compound matches only as a phrase."""
    return Phrase(node.words, node.field) if isinstance(node, Compound) else node


def _any_of(nodes: tuple[Node, ...]) -> Node:
    return nodes[0] if len(nodes) == 1 else Group(should=nodes)


def _all(runs: Sequence[Run]) -> Group:
    """Combine runs with AND, leaving out clauses with a sign; a single run stays as it is."""
    groups = [run.group(signed=False) for run in runs if run]
    if len(groups) == 1:
        return groups[0]
    must: list[Node] = []
    must_not: list[Node] = []
    for group in groups:
        only = group.should[0] if len(group.should) == 1 else None
        if isinstance(only, Group) and not only.should:  # in parentheses
            must += [*group.must, *only.must]
            must_not += [*only.must_not, *group.must_not]
        else:
            must += [*group.must, *([_whole(_any_of(group.should))] if group.should else [])]
            must_not += group.must_not
    return Group(distinct(must), (), distinct(must_not))


def _any(groups: Sequence[Group]) -> Group:
    """Combine groups with OR; a single group stays as it is."""
    if len(groups) <= 1:
        return groups[0] if groups else Group()
    nodes = distinct(node for group in groups for node in _alternatives(group))
    if all(map(is_condition, nodes)):
        return Group((_any_of(nodes),))
    return Group(should=nodes)


def _alternatives(group: Group) -> tuple[Node, ...]:
    if not group.must and not group.must_not:
        return group.should
    if len(group.must) == 1 and not group.should and not group.must_not:
        (only,) = group.must
        return only.should if isinstance(only, Group) and is_condition(only) else (only,)
    return (group,)
