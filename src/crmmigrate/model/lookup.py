"""Find the record that a value names: a table of names, made once, small enough to be sent to every process."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from crmmigrate.messages import Message
from crmmigrate.model.issue import RECORD, declare_code

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from crmmigrate.model.mapping import Lookup

MISSING = declare_code("map.lookup-missing", Message("no record has this name"))
INACTIVE = declare_code("map.lookup-inactive", Message("the record is not active and names no active successor"))
AMBIGUOUS = declare_code("map.lookup-ambiguous", Message("several records have this name"))
_BETWEEN = "\x1f"
"""Between the values of a name of several columns: the unit separator, which no cell holds."""

FOLLOWED = declare_code("map.lookup-followed", Message("the successor's record was taken"))


class Found(NamedTuple):
    """The answer to one value: a record, or None, and the code that says why; empty where there is nothing to say."""

    record: str | None
    code: str = ""


@dataclass(frozen=True)
class LookupTable:
    """Name → record, successors followed.

    Args:
        found: the answer for each name there is; every other name is `MISSING`.
    """

    found: dict[str, Found] = field(default_factory=dict)

    def find(self, value: str) -> Found:
        """Return the record that `value` names."""
        return self.found.get(value.strip(), Found(None, MISSING))


def columns_needed(spec: Lookup) -> tuple[str, ...]:
    """Return the columns of the other object that `lookup_table` reads."""
    return tuple(dict.fromkeys(filter(None, (RECORD, *spec.by, spec.follow, *spec.active))))


def name_of(parts: Iterable[str | None]) -> str:
    """Return the name that several values make together, or an empty text where one of them is missing."""
    stripped = [(part or "").strip() for part in parts]
    return _BETWEEN.join(stripped) if all(stripped) else ""


def lookup_table(spec: Lookup, rows: Iterable[Mapping[str, str | None]]) -> LookupTable:
    """Build the table of names for one lookup.

    Args:
        spec: as in the mapping file; `by` is given.
        rows: the other object's rows with at least `columns_needed`; empty cells are None.

    Returns:
        One answer for each name. One active record is the answer; several are ambiguous. Where none is active and all of
        them name the same successor, the successor's answer is taken, and so on; a circle ends as `INACTIVE`.
    """
    active: dict[str, set[str]] = {}
    successors: dict[str, set[str]] = {}
    for row in rows:
        name = name_of(row.get(column) for column in spec.by)
        if not name:
            continue
        records = active.setdefault(name, set())
        if all(row.get(column) in allowed for column, allowed in spec.active.items()):
            records.add(row[RECORD] or "")
        else:
            successors.setdefault(name, set()).add((row.get(spec.follow) or "").strip() if spec.follow else "")
    return LookupTable({name: _resolve(name, active, successors) for name in active})


def with_merged(table: LookupTable, merged: Iterable[tuple[str, str]]) -> LookupTable:
    """Return the table with the records that were merged: each is answered by its survivor, where that is there.

    Args:
        table: of a lookup by `_record`.
        merged: record and survivor, from the crosswalk.
    """
    found = {record: table.found[survivor] for record, survivor in merged if survivor in table.found}
    return LookupTable({**found, **table.found})


def in_turn(tables: Mapping[str, LookupTable]) -> LookupTable:
    """Return one table for several objects: the first that has a record of the name answers, as `object:record`.

    A name that is ambiguous in one of them is not looked for in the next: nobody can tell which was meant.
    """
    found: dict[str, Found] = {}
    for name, table in tables.items():
        for word, answer in table.found.items():
            if word not in found or (found[word].record is None and found[word].code != AMBIGUOUS):
                found[word] = answer if answer.record is None else Found(f"{name}:{answer.record}", answer.code)
    return LookupTable(found)


def _resolve(name: str, active: Mapping[str, set[str]], successors: Mapping[str, set[str]]) -> Found:
    seen: set[str] = set()
    first = name
    while name in active and name not in seen:
        if active[name]:
            if len(active[name]) > 1:
                return Found(None, AMBIGUOUS)
            return Found(next(iter(active[name])), "" if name == first else FOLLOWED)
        seen.add(name)
        named = successors.get(name, set()) - {""}
        if len(named) != 1:
            break
        name = next(iter(named))
    return Found(None, INACTIVE)
