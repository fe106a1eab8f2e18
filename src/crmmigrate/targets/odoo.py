"""Odoo: `odoo+https://USER:${env:ODOO_KEY}@HOST/DATABASE`, or by an API key alone from version 19 on: `odoo+https://:${env:ODOO_KEY}@HOST/DATABASE`.

Rows are made and changed by `load`, the method behind Odoo's own import: one transaction, in which each new row gets its external id
(`ir.model.data`). So a row whose answer was lost is found again by that id, and what is wrong with which row is told by number, not in words.
With `?way=create` rows are made by `create`, and get their external ids by a second call; where that was cut off, rows are found by what they hold.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crmmigrate.errors import ConfigurationError, LocationError
from crmmigrate.messages import Message
from crmmigrate.model.connector import AnswerLostError, CallRefusedError, Key, Limits, Link, Reason, Refusal, Values
from crmmigrate.model.schema import LONGEST, TargetColumn, TargetSchema, TargetTable
from crmmigrate.targets.address import read_address, wrong_address
from crmmigrate.targets.odoo_fields import SCALES, TYPES, alike, asked, imported, is_own, meant, model_of
from crmmigrate.targets.odoo_ids import ExternalIds, unclear
from crmmigrate.targets.odoo_rpc import PROTOCOLS, OdooCalls, RefusedError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from decimal import Decimal

    from crmmigrate.model.location import Location
    from crmmigrate.targets.address import Address

_NAMES = ("name", "code", "ref", "login", "default_code", "complete_name")
"""Fields by which people call a row, where a model has them."""
_ABOUT = {"mail.message": "model", "mail.activity": "res_model", "ir.attachment": "res_model"}
"""Models whose rows hang on rows of any model, whose name stands in this field; notes, to-dos and files go with the row they hang on."""
_HANGS_ON = "res_id"
_MODULE = "crmmigrate"
_WAYS = ("load", "create")
_ANSWER_SECONDS = {"load": 60.0, "create": 360.0}
"""A call of `load` that is still busy then does no harm: of two that make the same external id Odoo takes one back, and does it again as a change.
One of `create` would make its rows twice. Odoo ends a call after 120 s (`limit_time_real`); the rest is for its waiting to be begun."""


def connect(location: Location) -> Odoo:
    """Return a connection to the database at `location`; Odoo is asked when the first question comes.

    Raises:
        ConfigurationError: `target.url`; a secret is not set.
    """
    example = "odoo+https://USER:${env:ODOO_KEY}@HOST/DATABASE"
    address = read_address(location, example, _ANSWER_SECONDS["load"])
    module, way = address.asked.get("module", _MODULE), address.asked.get("way", _WAYS[0])
    if way not in _WAYS or address.asked.get("protocol", PROTOCOLS[0]) not in PROTOCOLS:
        raise wrong_address(location, f"{example}?way={'|'.join(_WAYS)}&protocol={'|'.join(PROTOCOLS)}")
    if not address.secret:
        raise wrong_address(location, example)
    if not module.isidentifier():
        raise ConfigurationError(
            "target.url", Message("'{value}' cannot be the first part of external ids", value=module), location.shown,
            Message("use letters, digits and underscores"),
        )  # fmt: skip
    patience = _ANSWER_SECONDS[way]
    return Odoo(read_address(location, example, patience), module, by_create=way == "create")


class Odoo:
    """One database of an Odoo server.

    Args:
        address: of it.
        module: the first part of the external ids; no module of that name may be installed, for its upgrade would delete the rows.
        by_create: whether rows are made by `create`.
    """

    atomic = False  # `load` is, but it tells which rows it would take, and is called again with these

    def __init__(self, address: Address, module: str = _MODULE, *, by_create: bool = False) -> None:
        self.place = f"odoo+{address.url}/{address.database}"
        self._address = address
        self._by_create = by_create
        self._calls = OdooCalls(address, self.place)
        self._ids = ExternalIds(self._calls, module)
        self._fields: dict[str, dict[str, dict[str, Any]]] = {}
        self._tables: dict[str, TargetTable] = {}
        self._picklists: dict[str, dict[str, str]] = {}
        self._decided: dict[str, frozenset[str]] = {}

    def close(self) -> None:
        """Close the connections."""
        self._calls.close()

    def limits(self) -> Limits:
        """Return what the address says."""
        return self._address.limits

    # ------------------------------------------------------------------------------------------------ describing

    def describe(self, models: Sequence[str]) -> TargetSchema:
        """Return the fields that lie in the model's own table and are not computed from others, as they are in this version of Odoo."""
        for model in models:
            if model not in self._tables and (fields := self._fields_of(model_of(model)[0])):
                self._tables[model] = self._table(model, fields)
        tables = {model: self._tables[model] for model in models if model in self._tables}
        used = {column.picklist for table in tables.values() for column in table.columns.values()}
        return TargetSchema(1, tables, {name: codes for name, codes in self._picklists.items() if name in used})

    def _fields_of(self, model: str) -> dict[str, dict[str, Any]]:
        if model not in self._fields:
            self._fields[model] = self._calls.read(model, "fields_get", missing=True) or {}
        return self._fields[model]

    def _table(self, model: str, fields: dict[str, dict[str, Any]]) -> TargetTable:
        columns = {"id": TargetColumn("integer", identity=True)}
        if about := model_of(model)[1]:
            return TargetTable({**columns, _HANGS_ON: TargetColumn("integer", references=about)})
        own = {name: spec for name, spec in sorted(fields.items()) if is_own(name, spec)}
        given: Values = self._calls.read(model, "default_get", fields=list(own))
        self._decided[model] = frozenset(name for name, spec in own.items() if name in given or spec.get("depends"))
        columns |= {name: self._column(model, name, spec) for name, spec in own.items()}
        return TargetTable(columns)

    def _column(self, model: str, name: str, spec: dict[str, Any]) -> TargetColumn:
        kind, picklist = spec["type"], ""
        if kind == "selection" and spec.get("selection"):
            picklist = f"{model}.{name}"
            self._picklists[picklist] = {str(code): str(title) for code, title in spec["selection"]}
        digits = spec.get("digits") or (0, SCALES.get(kind, 0))
        return TargetColumn(
            type=TYPES[kind], length=int(spec.get("size") or LONGEST), precision=18, scale=int(digits[1]), picklist=picklist,  # type: ignore[arg-type]
            required=bool(spec.get("required")) and name not in self._decided[model],
            references=str(spec["relation"]) if kind == "many2one" else "", title=str(spec.get("string") or ""),
        )  # fmt: skip

    def links(self, model: str) -> Sequence[Link]:
        """Return what hangs on a row and would go, or lose it, with it: fields that refer to it, and notes, to-dos and files about it."""
        domain = [
            ["relation", "=", model],
            ["ttype", "=", "many2one"],
            ["store", "=", True],
            ["on_delete", "in", ["set null", "cascade"]],
        ]
        told = self._calls.read("ir.model.fields", "search_read", domain=domain, fields=["model", "name"])
        about = {
            f"{spec['relation']}@{model}" for spec in self._fields_of(model).values()
            if spec["type"] == "one2many" and spec["relation"] in _ABOUT and spec.get("relation_field") == _HANGS_ON
        }  # fmt: skip
        own = [Link(row["model"], row["name"]) for row in told if self._holds_data(row["model"], row["name"])]
        return [*own, *(Link(name, _HANGS_ON) for name in sorted(about))]

    def _holds_data(self, model: str, field: str) -> bool:
        """Whether a field is one of rows that last: neither of a view or a wizard, nor computed, nor hidden from us."""
        fields = self._fields_of(model)
        if "create_uid" not in fields or field not in self.describe([model]).tables[model].columns:
            return False
        wizards = self._calls.read("ir.model", "search_count", domain=[["model", "=", model], ["transient", "=", True]])
        return (
            not wizards and self._calls.read(model, "search_count", domain=[["id", "=", 0]], missing=True) is not None
        )

    # ------------------------------------------------------------------------------------------------ reading

    def count(self, model: str, where: Values | None = None) -> int:
        """Return how many rows there are, or of those wanted; archived ones too."""
        domain = [[name, "=", asked(value)] for name, value in (where or {}).items()]
        return int(self._calls.read(model, "search_count", domain=domain))

    def archived(self, model: str) -> Values:
        """Return the field that Odoo has for it, where this model has it."""
        return {"active": False} if "active" in self._fields_of(model) else {}

    def scan(self, model: str, fields: Sequence[str]) -> Iterator[list[Values]]:
        """Yield all rows in the order of their ids."""
        last = 0
        while rows := self._search(model, [["id", ">", last]], fields, self._address.limits.read_rows):
            yield rows
            last = rows[-1]["id"]

    def find(
        self, model: str, on: Sequence[str], wanted: Sequence[tuple[Any, ...]], fields: Sequence[str]
    ) -> list[Values]:
        """Return the rows wanted."""
        if len(on) == 1:
            return self._search(model, [[on[0], "in", [asked(values[0]) for values in wanted]]], fields)
        any_of: list[Any] = ["|"] * (len(wanted) - 1)
        for values in wanted:
            any_of += ["&"] * (len(on) - 1)
            any_of += [[name, "=", asked(value)] for name, value in zip(on, values, strict=True)]
        return self._search(model, any_of, fields)

    def _search(self, model: str, domain: list[Any], fields: Sequence[str], most: int | None = None) -> list[Values]:
        name, about = model_of(model)
        narrowed = [[_ABOUT[name], "=", about], *domain] if about else domain
        names = list(dict.fromkeys(("id", *fields)))
        found = self._calls.read(
            name, "search_read", domain=narrowed, fields=names, offset=0, limit=most, order="id"
        )  # fmt: skip
        kinds = {field: self._fields_of(name)[field]["type"] for field in names}
        return [{field: meant(kinds[field], row[field]) for field in names} for row in found]

    def resolve(self, model: str, texts: Sequence[str]) -> dict[str, list[Key]]:
        """Return the ids of the rows that have a text as name, code, reference or login, or as external id (`base.cn`)."""
        known = self._fields_of(model)
        names = [name for name in _NAMES if name in known and known[name].get("searchable", True)]
        domain = [*["|"] * (len(names) - 1), *([name, "in", list(texts)] for name in names)]
        found: dict[str, list[Key]] = {}
        for row in self._search(model, domain, names) if names else ():
            for text in {row[name] for name in names} & set(texts):
                found.setdefault(text, []).append(row["id"])
        for text in texts:
            module, dot, name = text.partition(".")
            for key in self._ids.rows(model, [name], module=module).values() if dot and name else ():
                found[text] = list(dict.fromkeys([*found.get(text, ()), key]))
        return found

    def mark(self, model: str) -> str:
        """Return the number of the newest external id, and of the newest row where rows are made by `create`."""
        newest = self._ids.newest()
        if not self._by_create:
            return str(newest)
        rows = self._calls.read(model, "search_read", domain=[], fields=["id"], offset=0, limit=1, order="id desc")
        return f"{newest},{rows[0]['id'] if rows else 0}"

    def created(self, model: str, rows: Mapping[str, Values], mark: str) -> dict[str, Key]:
        """Return record → id of the rows whose external id is there, and newer than `mark`; where `create` has made them, they get it now.

        Raises:
            LocationError: `target.way-changed`: `create` has made them, and the address does not say so any more.
        """
        newest_id, _, newest_row = mark.partition(",")
        if newest_row and not self._by_create:
            raise LocationError(
                "target.way-changed", Message("rows were on their way by {way}, and the address names another way now", way="create"), f"{self.place}#{model}",
                Message("put {setting} back into the address and run the command again; once no load is unfinished the way can be changed", setting="way=create"),
            )  # fmt: skip
        found: dict[str, Key] = {**self._ids.rows(model, rows, after=int(newest_id or 0))}
        if newest_row:
            taken = self._ids.rows("", rows)
            lost = self._without_id(
                model, {name: row for name, row in rows.items() if name not in taken}, int(newest_row)
            )
            self._ids.give(model, lost)
            found |= lost
        return found

    def _without_id(self, model: str, rows: Mapping[str, Values], newest: int) -> dict[str, int]:
        """Return record → id of rows that `create` has made and that have no external id yet: all of its call, or none.

        Raises:
            LocationError: `target.rows-unclear`: rows made since, by this user, may be these or not.
        """
        sent = sorted({name for values in rows.values() for name in values})
        domain = [["id", ">", newest], ["create_uid", "=", self._calls.user_id()]]
        made = self._search(model, domain, sent) if rows else []
        known = self._ids.known(model, [row["id"] for row in made]) if made else set()
        free = [row for row in made if row["id"] not in known]
        found: dict[str, int] = {}
        for record, values in rows.items():
            if row := next((row for row in free if self._is_alike(model, row, values)), None):
                free.remove(row)
                found[record] = row["id"]
        twins = any(self._is_alike(model, row, values) for row in free for values in rows.values())
        if twins or len(found) < (len(rows) if found or free else 0):
            raise unclear(f"{self.place}#{model}", newest)
        return found

    # ------------------------------------------------------------------------------------------------ writing

    def create(self, model: str, rows: Mapping[str, Values]) -> dict[str, Key | Refusal]:
        """Make rows with their record as external id; one that has it already belongs to another migration and is left alone."""
        taken = self._ids.rows("", rows)
        answers: dict[str, Key | Refusal] = dict.fromkeys(taken, Refusal("unique"))
        new = {record: values for record, values in rows.items() if record not in taken}
        if self._by_create:
            try:
                return {**answers, **self._made(model, new)}
            except RefusedError:  # nothing was made; `load` tells which rows are to blame
                pass
        return {**answers, **self._loaded(model, new)}

    def _made(self, model: str, rows: Mapping[str, Values]) -> dict[str, Key]:
        """Make rows by `create`, all or none, then give them their external ids; `holds` is asked of each when it is read back."""
        values = [{name: asked(value) for name, value in row.items()} for row in rows.values()]
        keys = dict(zip(rows, self._calls.write(model, "create", vals_list=values), strict=True)) if rows else {}
        self._ids.give(model, keys)
        return {**keys}

    def _loaded(self, model: str, rows: Mapping[str, Values]) -> dict[str, Key | Refusal]:
        """Make rows by `load`; those in which other fields are left to Odoo by calls of their own."""
        self.describe([model])
        blank = sorted({name for values in rows.values() for name in values} - self._decided[model])
        ways: dict[tuple[str, ...], dict[str, Values]] = {}
        for record, values in rows.items():
            ways.setdefault(tuple(sorted({*values, *blank})), {})[record] = values
        answers: dict[str, Key | Refusal] = {}
        for fields, part in ways.items():
            refused = self._load(model, "id", fields, {self._ids.full(record): row for record, row in part.items()})
            answers |= {record: refused[name] for record in part if (name := self._ids.full(record)) in refused}
        return {**self._ids.rows(model, rows), **answers}

    def holds(self, model: str, row: Values, values: Values) -> bool:
        """Whether a row holds what was sent; where `load` made it, its external id names it, and there is nothing to doubt."""
        return not self._by_create or self._is_alike(model, row, values)

    def _is_alike(self, model: str, row: Values, values: Values) -> bool:
        columns = self.describe([model]).tables[model].columns
        return all(alike(columns[name], row[name], value) for name, value in values.items())

    def update(self, model: str, rows: Mapping[Key, Values]) -> dict[Key, Refusal | None]:
        """Change fields of rows, with one call for those of which the same fields change."""
        ways: dict[tuple[str, ...], dict[Key, Values]] = {}
        for key, values in rows.items():
            ways.setdefault(tuple(sorted(values)), {})[key] = values
        answers: dict[Key, Refusal | None] = dict.fromkeys(rows)
        for fields, part in ways.items():
            refused = self._load(model, ".id", fields, {str(key): values for key, values in part.items()})
            answers |= {key: refused[str(key)] for key in part if str(key) in refused}
        return answers

    def _load(
        self, model: str, identity: str, fields: Sequence[str], rows: Mapping[str, Values]
    ) -> dict[str, Refusal]:  # fmt: skip
        """Load rows, without those that Odoo says it would not take, and return why not.

        Args:
            model: of the rows.
            identity: what their ids are, as the header of an import has it: external or, `.id`, of the database.
            fields: all that are sent.
            rows: id → fields; those that are missing are blank.

        Raises:
            AnswerLostError: no answer; or it fails without a row to blame.
        """
        headers = [identity, *(f"{name}/.id" if self._is_reference(model, name) else name for name in fields)]
        bare: Values = dict.fromkeys(self.describe([model]).tables[model].columns) if identity == "id" else {}
        refused: dict[str, Refusal] = {}
        left = list(rows)
        while left:
            data = [[name, *(imported(rows[name].get(field)) for field in fields)] for name in left]
            try:
                answer = self._calls.write(model, "load", fields=headers, data=data)
            except RefusedError as error:
                raise AnswerLostError(ended=True) from error
            if answer["ids"]:
                break
            wrong: dict[str, Refusal] = {}
            for told in answer["messages"]:
                if told.get("type") == "error" and isinstance(told.get("record"), int):
                    name = left[told["record"]]
                    wrong.setdefault(name, self._refusal(model, {**bare, **rows[name]}, str(told.get("field") or "")))
            if not wrong:
                raise AnswerLostError(ended=True)
            refused |= wrong
            left = [name for name in left if name not in wrong]
        return refused

    def _is_reference(self, model: str, field: str) -> bool:
        return bool(self.describe([model]).tables[model].columns[field].references)

    def _refusal(self, model: str, values: Values, field: str) -> Refusal:
        """Return what Odoo blames: a field, or, where it names none, a rule of the model."""
        column = self.describe([model]).tables[model].columns.get(field)
        if column is None:
            return self.blame(model, values, Refusal("check"))
        reason: Reason = "foreign-key" if column.references else "check"
        return Refusal(reason if values.get(field) is not None else "not-null", field)

    def delete(self, model: str, keys: Sequence[Key]) -> dict[Key, Refusal | None]:
        """Take rows out; their external ids go with them."""
        there = tuple(row["id"] for row in self._search(model, [["id", "in", list(keys)]], ()))
        try:
            if there:
                self._calls.write(model, "unlink", ids=there)
        except (
            RefusedError
        ) as error:  # whatever the words: what keeps a row is what refers to it, or a rule about its state
            raise CallRefusedError(Refusal("foreign-key")) from error
        return dict.fromkeys(keys)

    def touched(self, model: str) -> Sequence[str]:
        """Return nothing: rows are deleted as they are."""
        del model
        return ()

    def suits(self, model: str, field: str, number: Decimal) -> bool:
        """Return yes: no bounds are told."""
        del model, field, number
        return True

    def blame(self, model: str, values: Values, refusal: Refusal) -> Refusal:
        """Say which field of a refused row is to blame, where Odoo named none: what it lacks, or its name, which such rules are mostly about."""
        if refusal.column or refusal.reason == "unique":
            return refusal
        columns = self.describe([model]).tables[model].columns
        for name, column in columns.items():
            value = values.get(name)
            if name in values and value in (None, "") and (column.required or name == "name"):
                return Refusal("not-null", name)
            if column.picklist and value is not None and value not in self._picklists[column.picklist]:
                return Refusal("check", name)
        return refusal
