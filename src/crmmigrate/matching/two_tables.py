"""The shipped rules for new records beside those of the CRM, where two tables have other headers for the same things.

Each column is found by the headers of its own table. For comparing, what the CRM's column holds stands in its twin of the new table; in all that people are shown,
and in what is merged, every value stays in the column in which it came.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from crmmigrate.matching.meanings import with_meanings
from crmmigrate.matching.roles import Headed, headed, say_mobile, shipped_rules
from crmmigrate.model.dedupe import FULL_NAME, DedupeRules

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    import pandas as pd


@dataclass(frozen=True)
class TwoTables(DedupeRules):
    """Rules for two tables.

    Args:
        twins: columns of one table with those of the other that hold the same.
    """

    twins: tuple[tuple[str, str], ...] = ()


def shipped_for_both(
    object_name: str, columns: Iterable[str], beside: Iterable[str], meanings: Mapping[str, str] | None = None
) -> DedupeRules | None:
    """Return the shipped rules for a new table and the one of records that are in the CRM, or None where they find no name column in the new one.

    Args:
        object_name: `account` or `contact`.
        columns: the new table's.
        beside: those of the records that are in the CRM; none where there are no such.
        meanings: of columns of the new table whose headers say nothing, see `with_meanings`.
    """
    columns, beside = list(columns), list(beside)
    new = with_meanings(object_name, headed(object_name, columns), meanings or {})
    old = headed(object_name, beside)
    if shipped_rules(object_name, new) is None:
        return None
    own, there = _one_kind_of_names(dict(new.columns), dict(old.columns))
    if own.get("parent") != there.get("parent"):  # numbers of two systems
        there.pop("parent", None)
        if "company" in own and "company" in there:
            own.pop("parent", None)
    twins = _twins(own, there, columns, beside)
    both = {
        role: tuple(dict.fromkeys((*own.get(role, ()), *there.get(role, ())))) for role in dict.fromkeys((*own, *there))
    }
    rules = shipped_rules(object_name, Headed(both, new.shared | old.shared))
    if rules is None or not twins:
        return rules
    fields = {name: getattr(rules, name) for name in DedupeRules.__dataclass_fields__}
    return TwoTables(**fields, twins=tuple(twins.items()))


def in_one(frame: pd.DataFrame, rules: DedupeRules) -> tuple[pd.DataFrame, DedupeRules]:
    """Return the records with what twins hold in one column, and the rules that say so; for comparing only.

    Args:
        frame: the records of both tables.
        rules: of the object.
    """
    if not isinstance(rules, TwoTables):
        return frame, rules
    twins = {one: other for one, other in rules.twins if one in frame.columns and other in frame.columns}
    # A record has the columns of its own table only.
    frame = frame.assign(**{other: frame[other].fillna(frame[one]) for one, other in twins.items()})
    columns = {role: replace(rule, columns=compared_columns(rules, role)) for role, rule in rules.columns.items()}
    return frame.drop(columns=list(twins)), replace(rules, columns=columns)


def compared_columns(rules: DedupeRules, role: str) -> tuple[str, ...]:
    """Return the columns in which a role is compared: of twins the one that holds what both hold."""
    columns = rules.columns[role].columns if role in rules.columns else ()
    twins = dict(rules.twins) if isinstance(rules, TwoTables) else {}
    return tuple(dict.fromkeys(twins.get(column, column) for column in columns))


def _one_kind_of_names(
    own: dict[str, tuple[str, ...]], there: dict[str, tuple[str, ...]]
) -> tuple[dict[str, tuple[str, ...]], dict[str, tuple[str, ...]]]:
    """Return the roles of both tables with names of people in two columns where one of them has such: a whole name of the other stands beside the surnames."""
    for whole, halves in ((own, there), (there, own)):
        if FULL_NAME in halves and "name" in whole:
            whole[FULL_NAME] = whole.pop("name")[:1]
    return own, there


def _twins(
    own: Mapping[str, tuple[str, ...]],
    there: Mapping[str, tuple[str, ...]],
    columns: Collection[str],
    beside: Collection[str],
) -> dict[str, str]:
    """Return column → the one of the other table for which it stands, by their roles and their order in these; what both tables have is its own."""
    twins: dict[str, str] = {}
    for role, held in there.items():
        free = [column for column in own.get(role, ()) if column not in beside and column not in twins.values()]
        for column in held:
            if column in columns or column in twins:
                continue
            # A header that says that its numbers are mobiles says so of no others.
            twin = next((other for other in free if say_mobile([other]) == say_mobile([column])), None)
            if twin is None:
                continue
            free.remove(twin)
            halved = role == FULL_NAME and len(own[role]) < len(held)
            one, other = (twin, column) if halved else (column, twin)
            twins[one] = other
    return twins
