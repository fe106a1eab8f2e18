"""Find out which fields a system behind an API really demands: make a row that lacks them, and take out what was made.

What a system says of itself is the declaration; some demand more, and fill in by themselves what they declare required. Each row is an
intent on disk before it is sent (`delivery.py`), so that what a probe has made that was killed is taken out before anything else is done.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any

from crmmigrate.errors import LocationError
from crmmigrate.messages import Message
from crmmigrate.targets.delivery import RowRefusedError
from crmmigrate.targets.live import UnfitValueError
from crmmigrate.targets.rejects import REFUSED

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from crmmigrate.model.connector import Connector, Key, Values
    from crmmigrate.model.schema import TargetColumn, TargetTable
    from crmmigrate.targets.delivery import Delivery
    from crmmigrate.targets.live import LiveTable

PROBE = "crmm-probe-"
"""What the records of probes begin with, and texts by which their rows are found but for telephone numbers."""

_SHORTEST = 16
"""Characters that a field has to have room for, to hold a text that no other row has."""

_VARIED = 6
"""Digits that are drawn anew in a text without letters that has so many: a telephone number stays one."""


@dataclass(frozen=True)
class Sample:
    """Rows that are to be loaded, as examples of what a system may be sent.

    Args:
        object: of the migration; `table` the model.
        rows: column → text, those with the most columns first.
        references: column → object whose row it refers to.
        match_on: columns by which rows are found: a probe writes texts of its own there.
    """

    object: str
    table: str
    rows: tuple[dict[str, str], ...]
    references: dict[str, str] = field(default_factory=dict)
    match_on: tuple[str, ...] = ()


@dataclass
class Probed:
    """What probes have told.

    Args:
        demands: model → field → whether a row without it is refused.
        faults: of objects that could not be probed.
    """

    demands: dict[str, dict[str, bool]] = field(default_factory=dict)
    faults: list[LocationError] = field(default_factory=list)


class Probe:
    """Probes models, parents before children; `taken_out` ends it.

    Args:
        delivery: to the system, with no intents of a batch.
        table: model → the columns of its copy, which read texts.
    """

    def __init__(self, delivery: Delivery, table: Callable[[str], LiveTable]) -> None:
        self._delivery = delivery
        self._connector: Connector = delivery.connector
        self._table = table
        self._made: dict[str, Key] = {}
        """Object → key of a row made, to which rows of others can refer."""
        self._keys: list[tuple[str, Key]] = []
        self._count = 0
        self.found = Probed()

    def probe(self, sample: Sample) -> None:
        """Make a row of one object, then rows that lack fields; what is refused then is demanded."""
        model = sample.table
        spec = self._connector.describe([model]).tables[model]
        why = Message("no rows")
        for row in sample.rows:
            values, own = self._values(sample, spec, row)
            if not own:  # a row of somebody else's could be taken for the probe's, and taken out
                why = Message("no text field tells its rows from others")
                continue
            try:
                self._made[sample.object] = self._make(model, values, own)
            except RowRefusedError as error:
                why, column = REFUSED[error.refusal.reason], error.refusal.column
                why = Message("{what}: {which}", what=why, which=column) if column else why
                continue
            known = self.found.demands.setdefault(model, {})  # rows of another object may lie there too
            for name, is_demanded in self._demands(model, values, own, spec).items():
                known[name] = known.get(name, False) or is_demanded
            return
        self.found.faults.append(
            LocationError(
                "preflight.unprobed", Message("it could not be tried what the target demands of {object} ({why})", object=sample.object, why=why),
                f"{self._connector.place}#{model}", Message("see what a person has to fill in there, and map it"),
            )
        )  # fmt: skip

    def _demands(self, model: str, values: Values, own: dict[str, int], spec: TargetTable) -> dict[str, bool]:
        """Return field → whether a row without it is refused; no row is sent without a text of its own, or it could not be told from others."""
        kept = [name for name in values if name in own or spec.columns[name].required]
        others = [name for name in values if name not in kept]
        without = {name: {other: value for other, value in values.items() if other != name} for name in values}
        told = dict.fromkeys(others, False)
        if others and not self._takes(model, {name: values[name] for name in kept}, own):
            told = {name: not self._takes(model, without[name], own) for name in others}
        return told | {name: not self._takes(model, without[name], own) for name in kept if set(own) - {name}}

    def _takes(self, model: str, values: Values, own: dict[str, int]) -> bool:
        try:
            self._make(model, values, own)
        except RowRefusedError:
            return False
        return True

    def _make(self, model: str, values: Values, own: dict[str, int]) -> Key:
        self._count += 1
        record = f"{PROBE}{secrets.token_hex(4)}-{self._count}"
        named = {name: _own(value, record, own[name]) if name in own else value for name, value in values.items()}
        key = self._delivery.create(model, {record: named})[record]
        self._keys.append((model, key))
        return key

    def _values(self, sample: Sample, spec: TargetTable, row: dict[str, str]) -> tuple[Values, dict[str, int]]:
        """Return the fields to be sent, and field → length of those in which each row has a text of its own."""
        values: Values = {}
        live = self._table(sample.table)
        for name, text in row.items():
            column = spec.columns.get(name)
            if column is None or column.identity:
                continue
            if name in sample.references or column.references:
                if (key := self._referred(sample.references.get(name, ""), column, text)) is not None:
                    values[name] = key
                continue
            with suppress(UnfitValueError):
                values[name] = live.columns[name].parse(text)
        texts = [
            name
            for name in values
            if spec.columns[name].type == "text"
            and not spec.columns[name].picklist
            and not spec.columns[name].references
        ]
        called = "name" if "name" in texts else next((name for name in texts if name not in sample.match_on), "")
        own = [
            name
            for name in texts
            if spec.columns[name].length >= _SHORTEST
            and (name in (*sample.match_on, called) or spec.columns[name].unique)
        ]
        return values, {name: spec.columns[name].length for name in own}

    def _referred(self, parents: str, column: TargetColumn, text: str) -> Key | None:
        """Return the key of the row that was made of a parent, or of the one that a text names; None where there is no such row."""
        if parents:
            return next((self._made[name] for name in parents.split("|") if name in self._made), None)
        if text.isdigit() and column.type == "integer":
            return int(text)
        found = self._connector.resolve(column.references, [text]).get(text, [])
        return found[0] if len(found) == 1 else None

    def taken_out(self) -> Probed:
        """Take out what was made, children first, and return what was found.

        Raises:
            LocationError: `target.probe-left`: something of it is there still.
        """
        try:
            self._delivery.take_back()
            left = [
                (model, key)
                for model, key in self._keys
                if self._connector.count(model, {self._delivery.key_of(model): key})
            ]
        except LocationError as error:
            if error.code != "target.unfinished-batch":
                raise
            left = self._keys
        if left:
            raise LocationError(
                "target.probe-left", Message("rows that were made to see what the target demands could not be taken out"), self._connector.place,
                Message("take them out by hand: {names}", names=", ".join(f"{model} {key}" for model, key in left)),
            )  # fmt: skip
        return self.found


def _own(text: str, record: str, length: int) -> str:
    """Return a text that no other row has: like the one given where that may be a telephone number, else the record's, cut behind what all begin with."""
    places = [place for place, letter in enumerate(text) if letter.isdecimal()][-_VARIED:]
    if len(places) < _VARIED or any(letter.isalpha() for letter in text):
        return PROBE + record.removeprefix(PROBE)[len(PROBE) - length :]
    letters = list(text)
    for place in places:
        letters[place] = str(secrets.randbelow(10))
    return "".join(letters)


def of_probe(delivery: Delivery) -> bool:
    """Whether the open intents are those of a probe that was killed."""
    return any(intent.action == "create" and intent.name.startswith(PROBE) for intent in delivery.intents.all())


class ProbedFile:
    """What probes have found, kept beside the journal: it counts for as long as the system describes a model as it did then.

    Args:
        path: of a JSON file; made with the first finding.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._known: dict[str, dict[str, Any]] = json.loads(path.read_text("utf-8")) if path.exists() else {}

    def note(self, model: str, spec: TargetTable, demands: dict[str, bool]) -> None:
        """Note what was found of a model as the system describes it."""
        self._known[model] = {"fingerprint": _fingerprint(spec), "demands": demands}
        new = self._path.with_suffix(".new")
        new.write_text(json.dumps(self._known, ensure_ascii=False, indent=1), encoding="utf-8")
        new.replace(self._path)

    def told(self, model: str, spec: TargetTable) -> TargetTable:
        """Return a model with what was found of it in place of what it declares."""
        known = self._known.get(model, {})
        if known.get("fingerprint") != _fingerprint(spec):
            self._known.pop(model, None)
            return spec
        demands = known["demands"]
        columns = {
            name: replace(column, required=demands.get(name, column.required)) for name, column in spec.columns.items()
        }
        return replace(spec, columns=columns)

    def demanded(self, model: str) -> list[str]:
        """Return the fields without which rows of a model are refused."""
        return [name for name, is_demanded in self._known.get(model, {}).get("demands", {}).items() if is_demanded]


def _fingerprint(spec: TargetTable) -> str:
    return hashlib.sha256(json.dumps(asdict(spec), sort_keys=True).encode()).hexdigest()
