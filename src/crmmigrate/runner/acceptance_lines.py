"""What the workbooks of user acceptance show: a customer, its records, and each of their fields, old beside new."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from crmmigrate.errors import ConfigurationError
from crmmigrate.messages import Message
from crmmigrate.model.acceptance import Line
from crmmigrate.model.document import nearest
from crmmigrate.model.issue import CODES, ORIGIN, RECORD, REFERENCE
from crmmigrate.model.standard import read_data_standard
from crmmigrate.model.table import Tables, quoted
from crmmigrate.runner.acceptance_target import Cells, Words, keys_of, row_digest, target_rows, title_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from crmmigrate.model.mapping import Mapping as MappingFile
    from crmmigrate.model.project import Project
    from crmmigrate.model.schema import TargetSchema
    from crmmigrate.model.table import Table
    from crmmigrate.model.target import Target

_RECORDS = f"{RECORD} IN (SELECT unnest(?::VARCHAR[]))"
SAME, CHANGED, FILLED, EMPTIED = Message("the same"), Message("changed"), Message("filled in"), Message("made empty")


class Customers:
    """The customers of a load with what belongs to them, in the sources and in the target.

    Args:
        steps: step → its tables, of the load's own chain.
        mappings: of the project.
        schema: of the target.
        project: the migration.yaml.
        target: open.
    """

    def __init__(
        self, steps: Mapping[str, Mapping[str, Table]], mappings: Iterable[MappingFile], schema: TargetSchema,
        project: Project, target: Target,
    ) -> None:  # fmt: skip
        self.mappings = {mapping.object: mapping for mapping in mappings if mapping.object in steps["dedupe"]}
        self.golden = Tables(
            {name: steps["dedupe"][name] for name in (*self.mappings, "values") if name in steps["dedupe"]},
            confined=False,
        )
        self.raw = Tables({name: steps["consolidate"][name] for name in self.mappings}, confined=False)
        self.expected = Tables(
            {name: steps["validate"][name] for name in self.mappings if name in steps["validate"]}, confined=False
        )
        self.asides = Tables(
            {step: table for step in ("map", "validate", "load") if (table := _aside(steps, step))}, confined=False
        )
        self.schema = schema
        self.project = project
        self.target = target
        self.standard = read_data_standard(project.file(project.standard)) if project.standard else None
        self.leader = leading(self.golden, list(self.mappings))
        self._keys: dict[str, dict[str, str]] = {}

    def keys(self, name: str) -> dict[str, str]:
        """Return record → key in the target, of an object's rows that are there."""
        if name not in self._keys:
            self._keys[name] = keys_of(self.target, name)
        return self._keys[name]

    def by_user(self, by: str = "") -> dict[str, list[str]]:
        """Return user → records of the customers in the target; the user is empty where nobody is named.

        Raises:
            ConfigurationError: `uat.no-column`: there is no such column.
        """
        there = self.keys(self.leader)
        found: dict[str, list[str]] = defaultdict(list)
        owners = self._owners(by)
        for record in self.golden[self.leader].frame([RECORD])[RECORD]:
            if record in there:
                found[owners.get(record, "")].append(record)
        return dict(found)

    @property
    def owner(self) -> str:
        """The column that names the owner of a customer, as the data standard says; empty where it names none."""
        spec = self.standard.objects.get(self.leader) if self.standard else None
        return spec.owner if spec else ""

    def _owners(self, by: str) -> dict[str, str]:
        column = by or self.owner
        if not column:
            return {}
        mapping = self.mappings[self.leader]
        if column in mapping.fields:
            return self._mapped_owners(column)
        known = self.golden[self.leader].data_columns
        if column not in known:
            raise ConfigurationError(
                "uat.no-column", Message("table '{table}' has no column '{column}'", table=self.leader, column=column), "--by",
                nearest(column, (*known, *mapping.fields)) or Message("name the column that says whose customer it is, with --by"),
            )  # fmt: skip
        field = next((name for name, spec in mapping.fields.items() if spec.lookup and spec.columns == (column,)), "")
        if field:  # who has left is followed to the successor: the owner of the new system is asked
            return self._mapped_owners(field)
        rows = self.golden[self.leader].frame([RECORD, column]).dropna()
        return dict(zip(rows[RECORD], rows[column], strict=True))

    def _mapped_owners(self, field: str) -> dict[str, str]:
        rows = self.expected[self.leader].frame([RECORD, field]).dropna()
        lookup = self.mappings[self.leader].fields[field].lookup
        owners: dict[str, str] = dict(zip(rows[RECORD], rows[field], strict=True))
        if lookup is None:
            return owners
        names = self.names(lookup.object, set(owners.values()))
        return {record: names.get(owner, owner) for record, owner in owners.items()}

    def names(self, name: str, records: Iterable[str]) -> dict[str, str]:
        """Return record → what people call it: by `known_by` of the data standard, the required columns, or the key."""
        if name not in self.golden:
            return {}
        spec = self.standard.objects.get(name) if self.standard else None
        columns = self.golden[name].columns
        required = [c for c, rules in spec.columns.items() if rules.required and c != spec.key][:1] if spec else []
        wanted = [c for c in ((spec.known_by or tuple(required) or (spec.key,)) if spec else ()) if c in columns]
        wanted = wanted or list(self.golden[name].data_columns[:1])
        told = f"concat_ws(' ', {', '.join(map(quoted, wanted))})"
        rows = self.golden.sql(
            f"SELECT {RECORD} AS r, {told} AS n FROM {quoted(name)} WHERE {_RECORDS}", [sorted(records)]
        )
        return {row["r"]: row["n"] or row["r"] for row in rows.to_pylist()}

    def lines(self, drawn: Mapping[str, list[str]]) -> list[Line]:
        """Return the lines of all workbooks, customer by customer; their numbers are still 0."""
        users = {record: user for user, records in drawn.items() for record in records}
        objects = [self.leader, *(n for n in self.mappings if REFERENCE + self.leader in self.golden[n].columns)]
        parts = {name: _Part(self, name, users) for name in objects}
        words = Words(self.schema, self._labels(parts))
        customers = self.names(self.leader, users)
        found: list[Line] = []
        for user in sorted(drawn):
            for leader in sorted(drawn[user], key=lambda record: (customers[record], record)):
                told = "; ".join(parts[name].counted(leader) for name in objects[1:])
                place = parts[self.leader].origins.get(leader, "")
                found.append(
                    Line(0, user, leader, "", leader, "", customers[leader], "", "", "", "", told, "", place, "")
                )
                for part in parts.values():
                    found += part.lines(user, leader, customers[leader], words)
        return found

    def _labels(self, parts: Mapping[str, _Part]) -> dict[str, dict[str, str]]:
        """Return object → key → what people call the record, of all that shown rows refer to."""
        wanted: dict[str, set[str]] = defaultdict(set)
        for name, part in parts.items():
            for column, spec in self.mappings[name].fields.items():
                if spec.lookup and not spec.lookup.others:
                    wanted[spec.lookup.object] |= {value for row in part.rows.values() if (value := row[column])}
        labels: dict[str, dict[str, str]] = {}
        for name, keys in wanted.items():
            records = {record: key for record, key in self.keys(name).items() if key in keys}
            named = self.names(name, records)
            labels[name] = {key: named.get(record, key) for record, key in records.items()}
        return labels


class _Part:
    """The records of one object that belong to the customers drawn."""

    def __init__(self, customers: Customers, name: str, leaders: Iterable[str]) -> None:
        self.name = name
        self.customers = customers
        self.mapping = customers.mappings[name]
        self.title = title_of(self.mapping, customers.schema)
        parent = RECORD if name == customers.leader else quoted(REFERENCE + customers.leader)
        rows = customers.golden.sql(
            f"SELECT {RECORD} AS r, {parent} AS p, {ORIGIN} AS o FROM {quoted(name)} WHERE {parent} IN (SELECT unnest(?::VARCHAR[])) ORDER BY {RECORD}",
            [sorted(leaders)],
        ).to_pylist()
        self.records: dict[str, list[str]] = defaultdict(list)
        for row in rows:
            self.records[row["p"]].append(row["r"])
        every = [row["r"] for row in rows]
        self.origins = {row["r"]: row["o"] or "" for row in rows}
        self.names = customers.names(name, every)
        self.keys = {record: key for record in every if (key := customers.keys(name).get(record))}
        by_key = target_rows(customers.target, self.mapping, customers.schema, self.keys.values())
        self.rows = {record: by_key[key] for record, key in self.keys.items() if key in by_key}
        self.reasons = dict(_reasons(customers.asides, name, every))
        self.old = self._old_values(every)

    def counted(self, leader: str) -> str:
        """Return how many records of the customer the old and the new system have."""
        records = self.records.get(leader, ())
        return f"{self.title} {len(records)} → {sum(record in self.rows for record in records)}"

    def _old_values(self, every: list[str]) -> dict[tuple[str, str], tuple[str, str]]:
        """Return (record, source column) → raw value and its place; that of the row from which a merged record took it."""
        raw = self.customers.raw
        columns = [c for c in self._source_columns() if c in raw[self.name].columns]
        winners: dict[tuple[str, str], str] = {}
        if "values" in self.customers.golden:
            query = f'SELECT {RECORD} AS r, "column" AS c, winner AS w FROM "values" WHERE object = ? AND {_RECORDS} AND winner IS NOT NULL'
            for row in self.customers.golden.sql(query, [self.name, every]).to_pylist():
                winners[row["r"], row["c"]] = row["w"]
        needed = sorted({*every, *winners.values()})
        chosen = ", ".join(map(quoted, dict.fromkeys((RECORD, ORIGIN, *columns))))
        rows = raw.sql(f"SELECT {chosen} FROM {quoted(self.name)} WHERE {_RECORDS}", [needed]).to_pylist()
        by_record = {row[RECORD]: row for row in rows}
        found: dict[tuple[str, str], tuple[str, str]] = {}
        for record in every:
            for column in columns:
                row = by_record.get(winners.get((record, column), record)) or {}
                found[record, column] = (row.get(column) or "", row.get(ORIGIN) or "")
        return found

    def _source_columns(self) -> Iterator[str]:
        for spec in self.mapping.fields.values():
            yield from (name for name in spec.reads if not name.startswith("_"))

    def lines(self, user: str, leader: str, customer: str, words: Words) -> Iterator[Line]:
        """Yield the lines of one customer: each record and, below it, its fields."""
        for record in self.records.get(leader, ()):
            row, origin = self.rows.get(record), self.origins[record]
            digest = row_digest(row) if row is not None else ""
            told = "" if row is not None else self._not_there(record)
            yield Line(0, user, leader, self.name, record, "", customer, self.title, self.names.get(record, record), "",
                       "", told, "", origin, digest)  # fmt: skip
            if row is None:
                continue
            yield from (
                Line(0, user, leader, self.name, record, column, customer, self.title, self.names.get(record, record),
                     title, old, new, change, place or origin, digest)
                for column, title, old, new, change, place in self._fields(record, row, words)
            )  # fmt: skip

    def _not_there(self, record: str) -> str:
        code = self.reasons.get(record, "")
        why = CODES.get(code, Message("reason unknown")) if code else Message("deleted in the new system")
        return Message("not in the new system: {why}", why=why).text()

    def _fields(self, record: str, row: Cells, words: Words) -> Iterator[tuple[str, str, str, str, str, str]]:
        schema = self.customers.schema
        for column, spec in self.mapping.fields.items():
            reads = [name for name in spec.reads if not name.startswith("_")]
            if not reads and not (spec.sql or spec.const):
                continue  # keys and references that the tables make between themselves
            olds = [self.old.get((record, name), ("", "")) for name in reads]
            old = " / ".join(dict.fromkeys(value for value, _ in olds if value))
            new = words.of(self.mapping, column, row[column])
            if not old and not new:
                continue
            place = next((place for value, place in olds if value), "")
            yield column, title_of(self.mapping, schema, column), old, new, _change(old, new, row[column]), place


def _change(old: str, new: str, value: str | None) -> str:
    plain = " ".join(old.split())
    if plain in (value or "", new):
        return SAME.text()
    if not old:
        return FILLED.text()
    return CHANGED.text() if new else EMPTIED.text()


def _aside(steps: Mapping[str, Mapping[str, Table]], step: str) -> Table | None:
    from crmmigrate.model.issue import ASIDE
    from crmmigrate.model.table import Table as At

    made = next(iter(steps[step].values()), None)
    path = made.path.parent / f"{ASIDE}.parquet" if made else None
    return At(step, path) if path is not None and path.exists() else None


def _reasons(asides: Tables, name: str, records: list[str]) -> Iterator[tuple[str, str]]:
    for step in asides:
        query = f'SELECT {RECORD} AS r, any_value(code) AS c FROM {quoted(step)} WHERE "table" = ? AND {_RECORDS} GROUP BY 1'
        yield from ((row["r"], row["c"] or "") for row in asides.sql(query, [name, records]).to_pylist())


def leading(tables: Tables, objects: list[str]) -> str:
    """Return the object that most others refer to."""
    named = Counter(
        column.removeprefix(REFERENCE) for name in objects for column in tables[name].columns if column.startswith(REFERENCE)
    )  # fmt: skip
    return max(objects, key=lambda name: (named[name], -objects.index(name)))
