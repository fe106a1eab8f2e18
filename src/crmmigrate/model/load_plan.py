"""The plan of a load: what is written into which table, in which order, by which rules."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Literal

from crmmigrate.errors import ConfigurationError
from crmmigrate.messages import Message
from crmmigrate.model.load_order import later

if TYPE_CHECKING:
    from collections.abc import Iterable

    from crmmigrate.model.mapping import Mapping

WriteMode = Literal["upsert", "insert", "update"]
Policy = Literal["overwrite", "fill_empty", "newer"]
Change = Literal["", "link", "refill", "update", "delete", "archive"]

BATCH_ROWS = 10_000
"""Rows of one transaction where nobody says otherwise; a resume does at most the one again that was cut off."""


@dataclass(frozen=True)
class ObjectLoad:
    """How the rows of one business object are written to one table.

    Args:
        object: its name in migration.yaml and in the crosswalk.
        table: the target's table.
        columns: the target columns written, in order.
        references: column → object whose `_record` stands in it; it becomes that row's key in the target. Of several
            objects (`account|contact`) the value says which: `contact:<record>`.
        match_on: columns that find a row which is in the target already and not yet in the crosswalk; empty: none is looked for.
        match_many: what to do where several rows are found.
        match_blank: what to do where a match column is empty.
        mode: upsert writes both; insert never touches an existing row; update never adds one.
        newer_by: the date column that decides `newer`.
        policy: column → what wins where the row exists. A blank never erases: `overwrite` replaces a value by another
            value, `fill_empty` writes where the target holds nothing, `newer` overwrites where the source's `newer_by` is later.
        deferred: a second step that only fills references left blank by the first; it sets no row aside.
        change: of a delta: change rows that were loaded before, field by field, or take them out (`delete`, or `archive`: write
            what marks a row as no longer used). Such rows have `ROW_OF`, and beside each column the value loaded before (`WAS`).
            `link` only hands rows on from one record to another; `refill` fills references that are blank still.
        unclaimed_only: rows of the target that stand there for another record are not taken for one that matches.
        partial: whether only some rows of the object are given, and those that are in the target already are left alone.
    """

    object: str
    table: str
    columns: tuple[str, ...]
    references: dict[str, str] = field(default_factory=dict)
    match_on: tuple[str, ...] = ()
    match_many: Literal["reject"] = "reject"
    match_blank: Literal["reject"] = "reject"
    mode: WriteMode = "upsert"
    newer_by: str = ""
    policy: dict[str, Policy] = field(default_factory=dict)
    deferred: bool = False
    change: Change = ""
    unclaimed_only: bool = False
    partial: bool = False


@dataclass(frozen=True)
class LoadPlan:
    """Everything one load does, parents before children.

    Args:
        objects: in the order in which they are loaded.
        batch_rows: rows of one transaction.
    """

    objects: tuple[ObjectLoad, ...]
    batch_rows: int = BATCH_ROWS

    def __getitem__(self, name: str) -> ObjectLoad:
        return next(load for load in self.objects if load.object == name)

    @property
    def tables(self) -> tuple[str, ...]:
        """The tables written, each once."""
        return tuple(dict.fromkeys(load.table for load in self.objects))

    def as_text(self) -> str:
        """Return the plan as JSON; the journal keeps it, so that a rollback needs no mapping file."""
        return json.dumps(asdict(self), ensure_ascii=False, sort_keys=True)

    @classmethod
    def from_text(cls, text: str) -> LoadPlan:
        """Read what `as_text` wrote."""
        value = json.loads(text)
        objects = tuple(
            ObjectLoad(**{**spec, "columns": tuple(spec["columns"]), "match_on": tuple(spec["match_on"])})
            for spec in value["objects"]
        )
        return cls(objects, value["batch_rows"])

    def digest(self, *inputs: str) -> str:
        """Return a SHA-256 of the plan and of the digests of its `inputs`; a resume has to show the same."""
        return hashlib.sha256("\n".join((self.as_text(), *inputs)).encode()).hexdigest()


def load_plan(mappings: Iterable[Mapping], batch_rows: int = BATCH_ROWS) -> LoadPlan:
    """Build the plan of a load from mapping files in load order (`model.mapping.read_mappings` sorts them).

    Deferred references, those to the object itself and those that close a circle are left blank by an object's own step
    and filled by a step of their own at the end.

    Raises:
        ConfigurationError: `load.newer-without-date`: a policy `newer` without the date column that decides.
    """
    loads: list[ObjectLoad] = []
    second: list[ObjectLoad] = []
    given = tuple(mappings)
    planned = {mapping.object for mapping in given}
    for mapping in given:
        policies = {column: mapping.policy(column) for column in mapping.fields}
        newer_by = mapping.write.newer_by
        if "newer" in policies.values() and newer_by not in mapping.fields:
            raise ConfigurationError(
                "load.newer-without-date", Message("the policy 'newer' needs a date column that decides"), mapping.file,
                Message("name a mapped date column as newer_by under write"),
            )  # fmt: skip
        waiting = later(mapping, {load.object for load in loads}, planned)
        load = ObjectLoad(
            mapping.object, mapping.target.table, tuple(column for column in mapping.fields if column not in waiting),
            {column: parent for column, parent in mapping.references.items() if column not in waiting},
            mapping.match.on, mapping.match.many, mapping.match.blank, mapping.write.mode, newer_by,
            {column: policy for column, policy in policies.items() if column not in waiting},
        )  # fmt: skip
        loads.append(load)
        if waiting:
            columns = tuple(column for column in mapping.fields if column in waiting)
            references = {column: mapping.references[column] for column in columns}
            policy = {column: policies[column] for column in columns}
            second.append(replace(load, columns=columns, references=references, policy=policy, deferred=True))
    return LoadPlan((*loads, *second), batch_rows)
