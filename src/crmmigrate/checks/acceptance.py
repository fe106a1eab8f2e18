"""Conclude from the verdicts of key users what is proven about all customers."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from crmmigrate.checks.acceptance_bound import sample_for, upper_bound
from crmmigrate.model.acceptance import Conclusion, Signature, State, UserResult

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from crmmigrate.model.acceptance import Judged, Line

Returned = tuple[Signature, str]
"""The signature of a workbook and when it was collected."""


def conclude(
    lines: Iterable[Line],
    verdicts: Mapping[int, Judged],
    changed: Collection[tuple[str, str]],
    population: Mapping[str, int],
    returned: Mapping[str, Returned],
    wanted: float,
) -> Conclusion:
    """Count customers and records by state.

    What was drawn at random is the customer with all its records, so the bound is about customers: one is wrong as soon as
    anything of it is. A verdict holds for what is below it, unless that has one of its own. Nothing that was said about a
    customer counts once a record of it changed in the target.

    Args:
        lines: as they were handed out.
        verdicts: line → what was said.
        changed: (object, record) of rows that are no longer as the workbooks show them.
        population: user → customers in the target.
        returned: user → signature and time of the workbook that came back.
        wanted: the error rate that is to be proven.
    """
    customers: dict[str, list[Line]] = defaultdict(list)
    for line in lines:
        customers[line.leader].append(line)
    per_user: dict[str, Counter[State]] = {user: Counter() for user in population}
    records: dict[str, Counter[State]] = defaultdict(Counter)
    for own in customers.values():
        void = any((line.object, line.record) in changed for line in own)
        state: State = "void" if void else _state(own, verdicts)
        per_user.setdefault(own[0].user, Counter())[state] += 1
        for name, record_state in _records(own, verdicts, changed):
            records[name][record_state] += 1
    users = tuple(
        UserResult(user, population.get(user, 0), dict(states), *returned.get(user, (None, "")))
        for user, states in per_user.items()
    )
    found = Conclusion(users, {name: dict(states) for name, states in records.items()}, wanted)
    errors = found.count("wrong") + found.count("unsure")
    bound = upper_bound(errors, found.judged) if found.judged else 1.0
    return Conclusion(users, found.records, wanted, bound, _needed(wanted, errors))


def _needed(wanted: float, errors: int) -> int:
    try:
        return sample_for(wanted, errors)
    except ValueError:
        return 0


def _state(own: list[Line], verdicts: Mapping[int, Judged]) -> State:
    """Return the state of a customer; the worst that was said counts."""
    said = {line.line: verdicts[line.line].verdict for line in own if line.line in verdicts}
    words = set(said.values())
    if "wrong" in words:
        return "wrong"
    if "unsure" in words:
        return "unsure"
    whole = [line for line in own if not line.object]
    heads = [line for line in own if line.object and not line.column]
    if any(said.get(line.line) == "right" for line in whole):
        return "right"
    return "right" if heads and all(said.get(line.line) == "right" for line in heads) else "open"


def _records(
    own: list[Line], verdicts: Mapping[int, Judged], changed: Collection[tuple[str, str]]
) -> Iterable[tuple[str, State]]:
    """Yield object and state of each record of a customer."""
    of_customer = next((verdicts[line.line].verdict for line in own if not line.object and line.line in verdicts), None)
    grouped: dict[tuple[str, str], list[Line]] = defaultdict(list)
    for line in own:
        if line.object:
            grouped[line.object, line.record].append(line)
    for key, lines in grouped.items():
        words = {verdicts[line.line].verdict for line in lines if line.line in verdicts}
        head = next((verdicts[line.line].verdict for line in lines if not line.column and line.line in verdicts), None)
        state: State = "wrong" if "wrong" in words else "unsure" if "unsure" in words else head or "open"
        if state == "open" and of_customer == "right":
            state = "right"
        yield key[0], "void" if key in changed else state
