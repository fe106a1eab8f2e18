"""Odoo: `odoo+https://USER:${env:ODOO_KEY}@HOST/DATABASE`, or by an API key alone from version 19 on: `odoo+https://:${env:ODOO_KEY}@HOST/DATABASE`.

Rows are made and changed by `load`, the method behind Odoo's own import: one transaction, in which each new row gets its external id
(`ir.model.data`). So a row whose answer was lost is found again by that id, and what is wrong with which row is told by number, not in words.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from crmmigrate.errors import ConfigurationError
from crmmigrate.messages import Message
from crmmigrate.model.connector import AnswerLostError, CallRefusedError, Key, Limits, Link, Reason, Refusal, Values
from crmmigrate.model.schema import LONGEST, TargetColumn, TargetSchema, TargetTable
from crmmigrate.targets.address import read_address, wrong_address
from crmmigrate.targets.odoo_rpc import OdooCalls, RefusedError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from crmmigrate.model.location import Location
    from crmmigrate.targets.address import Address

_TYPES = {
    "char": "text", "text": "text", "html": "text", "selection": "text", "integer": "integer", "many2one": "integer", "float": "decimal",
    "monetary": "decimal", "boolean": "boolean", "date": "date", "datetime": "datetime",
}  # fmt: skip
_KEPT_BY_ODOO = ("id", "create_date", "create_uid", "write_date", "write_uid", "__last_update", "display_name")
_NAMES = ("name", "code", "ref", "login", "default_code", "complete_name")
"""Fields by which people call a row, where a model has them."""
_ABOUT = {"mail.message": "model", "mail.activity": "res_model", "ir.attachment": "res_model"}
"""Models whose rows hang on rows of any model, whose name stands in this field; notes, to-dos and files go with the row they hang on."""
_HANGS_ON = "res_id"
_SCALES = {"monetary": 2, "float": 6}
_MODULE = "crmmigrate"
_ANSWER_SECONDS = 60.0
"""A call that is still busy then does no harm: of two that make the same external id Odoo takes one back, and does it again as a change."""


def connect(location: Location) -> Odoo:
    """Return a connection to the database at `location`; Odoo is asked when the first question comes.

    Raises:
        ConfigurationError: `target.url`; a secret is not set.
    """
    example = "odoo+https://USER:${env:ODOO_KEY}@HOST/DATABASE"
    address = read_address(location, example, _ANSWER_SECONDS)
    module = address.asked.get("module", _MODULE)
    if not address.secret:
        raise wrong_address(location, example)
    if not module.isidentifier():
        raise ConfigurationError(
            "target.url", Message("'{value}' cannot be the first part of external ids", value=module), location.shown,
            Message("use letters, digits and underscores"),
        )  # fmt: skip
    return Odoo(address, module)


class Odoo:
    """One database of an Odoo server.

    Args:
        address: of it.
        module: the first part of the external ids; no module of that name may be installed, for its upgrade would delete the rows.
    """

    atomic = False  # `load` is, but it tells which rows it would take, and is called again with these

    def __init__(self, address: Address, module: str = _MODULE) -> None:
        self.place = f"odoo+{address.url}/{address.database}"
        self._address = address
        self._module = module
        self._calls = OdooCalls(address, self.place)
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
            if model not in self._tables and (fields := self._fields_of(_of(model)[0])):
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
        if about := _of(model)[1]:
            return TargetTable({**columns, _HANGS_ON: TargetColumn("integer", references=about)})
        own = {name: spec for name, spec in sorted(fields.items()) if _is_own(name, spec)}
        given: Values = self._calls.read(model, "default_get", fields=list(own))
        self._decided[model] = frozenset(name for name, spec in own.items() if name in given or spec.get("depends"))
        columns |= {name: self._column(model, name, spec) for name, spec in own.items()}
        return TargetTable(columns)

    def _column(self, model: str, name: str, spec: dict[str, Any]) -> TargetColumn:
        kind, picklist = spec["type"], ""
        if kind == "selection" and spec.get("selection"):
            picklist = f"{model}.{name}"
            self._picklists[picklist] = {str(code): str(title) for code, title in spec["selection"]}
        digits = spec.get("digits") or (0, _SCALES.get(kind, 0))
        return TargetColumn(
            type=_TYPES[kind], length=int(spec.get("size") or LONGEST), precision=18, scale=int(digits[1]), picklist=picklist,  # type: ignore[arg-type]
            required=bool(spec.get("required")) and name not in self._decided[model],
            references=str(spec["relation"]) if kind == "many2one" else "", title=str(spec.get("string") or ""),
        )  # fmt: skip

    def links(self, model: str) -> Sequence[Link]:
        """Return what hangs on a row and would go, or lose it, with it: fields that refer to it, and notes, to-dos and files about it."""
        asked = [
            ["relation", "=", model],
            ["ttype", "=", "many2one"],
            ["store", "=", True],
            ["on_delete", "in", ["set null", "cascade"]],
        ]
        told = self._calls.read("ir.model.fields", "search_read", domain=asked, fields=["model", "name"])
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

    def count(self, model: str) -> int:
        """Return how many rows there are, archived ones too."""
        return int(self._calls.read(model, "search_count", domain=[]))

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
            return self._search(model, [[on[0], "in", [_asked(values[0]) for values in wanted]]], fields)
        any_of: list[Any] = ["|"] * (len(wanted) - 1)
        for values in wanted:
            any_of += ["&"] * (len(on) - 1)
            any_of += [[name, "=", _asked(value)] for name, value in zip(on, values, strict=True)]
        return self._search(model, any_of, fields)

    def _search(self, model: str, domain: list[Any], fields: Sequence[str], most: int | None = None) -> list[Values]:
        name, about = _of(model)
        narrowed = [[_ABOUT[name], "=", about], *domain] if about else domain
        names = list(dict.fromkeys(("id", *fields)))
        found = self._calls.read(
            name, "search_read", domain=narrowed, fields=names, offset=0, limit=most, order="id"
        )  # fmt: skip
        kinds = {field: self._fields_of(name)[field]["type"] for field in names}
        return [{field: _meant(kinds[field], row[field]) for field in names} for row in found]

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
            for row in self._external_ids(module, [name], [["model", "=", model]]) if dot and name else ():
                found[text] = list(dict.fromkeys([*found.get(text, ()), row["res_id"]]))
        return found

    def mark(self, model: str) -> str:
        """Return the number of the newest external id."""
        del model
        newest = self._calls.read(
            "ir.model.data", "search_read", domain=[], fields=["id"], offset=0, limit=1, order="id desc"
        )
        return str(newest[0]["id"] if newest else 0)

    def created(self, model: str, rows: Mapping[str, Values], mark: str) -> dict[str, Key]:
        """Return record → id of the rows whose external id is there, and newer than `mark`."""
        domain = [["model", "=", model], ["id", ">", int(mark or 0)]]
        return {row["name"]: row["res_id"] for row in self._external_ids(self._module, list(rows), domain)}

    def _external_ids(self, module: str, names: Sequence[str], domain: list[Any]) -> list[Values]:
        asked = [["module", "=", module], ["name", "in", list(names)], *domain]
        found: list[Values] = self._calls.read("ir.model.data", "search_read", domain=asked, fields=["name", "res_id"])
        return found

    # ------------------------------------------------------------------------------------------------ writing

    def create(self, model: str, rows: Mapping[str, Values]) -> dict[str, Key | Refusal]:
        """Make rows with their record as external id; one that has it already belongs to another migration and is left alone.

        Rows in which other fields are left to Odoo are made by calls of their own.
        """
        taken = {row["name"] for row in self._external_ids(self._module, list(rows), [])}
        answers: dict[str, Key | Refusal] = dict.fromkeys(taken, Refusal("unique"))
        self.describe([model])
        blank = sorted({name for values in rows.values() for name in values} - self._decided[model])
        ways: dict[tuple[str, ...], dict[str, Values]] = {}
        for record, values in rows.items():
            if record not in taken:
                ways.setdefault(tuple(sorted({*values, *blank})), {})[record] = values
        for fields, part in ways.items():
            refused = self._load(model, "id", fields, {self._external_id(record): row for record, row in part.items()})
            answers |= {record: refused[name] for record in part if (name := self._external_id(record)) in refused}
        return {**self.created(model, rows, ""), **answers}

    def _external_id(self, record: str) -> str:
        return f"{self._module}.{record}"

    def holds(self, model: str, row: Values, values: Values) -> bool:
        """Return True: external ids name the records."""
        del model, row, values
        return True

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
            data = [[name, *(_text(rows[name].get(field)) for field in fields)] for name in left]
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


def _of(model: str) -> tuple[str, str]:
    """Return a model, and the one that its rows are about (`mail.message@crm.lead`)."""
    name, _, about = model.partition("@")
    return name, about


def _is_own(name: str, spec: dict[str, Any]) -> bool:
    """Whether a field holds data of its own: it lies in the table, and is not worked out from other fields alone."""
    computed = spec.get("depends") and spec.get("readonly")
    return spec["type"] in _TYPES and bool(spec.get("store")) and not computed and name not in _KEPT_BY_ODOO


def _text(value: Any) -> str:
    """Write a value as an import has it; a blank empties the field."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    return value.strftime("%Y-%m-%d %H:%M:%S") if isinstance(value, datetime) else str(value)


def _asked(value: Any) -> Any:
    """Write a value as a domain has it."""
    if value is None:
        return False
    return _text(value) if isinstance(value, date | datetime) else float(value) if isinstance(value, Decimal) else value


def _meant(kind: str, value: Any) -> Any:
    """Read a value: Odoo answers False for whatever is empty, and a reference with its name."""
    if kind == "many2one":
        return value[0] if value else None
    if value is False and kind != "boolean":
        return None
    if kind == "date":
        return date.fromisoformat(value)
    if kind == "datetime":
        return datetime.fromisoformat(value)
    return Decimal(str(value)) if kind in _SCALES else value
