"""Any system with a REST API, described in a YAML file: `rest:///crm.rest.yaml` (docs/targets.md tells what stands in it)."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from crmmigrate.errors import LocationError
from crmmigrate.messages import Message
from crmmigrate.model.connector import CallRefusedError, Key, Limits, Link, Reason, Refusal, Values
from crmmigrate.model.document import Document
from crmmigrate.model.schema import TargetColumn, TargetSchema, TargetTable
from crmmigrate.model.secret import names_secret, with_secrets
from crmmigrate.targets.calls import Calls, Reply, Verdict, by_status
from crmmigrate.targets.rest_description import CallSpec, RestSpec

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from crmmigrate.model.location import Location

_BLANK = re.compile(r"\{(\w+)\}")
_EDITED = 412
_REFUSED = (400, 404, 409, _EDITED, 413, 422)
_FAILED = 500
_REVISIONS = 100_000
"""Of so many rows it is remembered which revision we have seen: more than a batch has."""


def connect(location: Location) -> Rest:
    """Read the description at `location` (`rest:///FILE`).

    Raises:
        Findings: what is wrong in it; a secret written out.
        ConfigurationError: a secret is not set.
    """
    document = Document.load(location.address.partition(":///")[2])
    spec = document.read(RestSpec)
    document.check()
    if spec.auth and not names_secret(spec.auth.value) and not spec.auth.login:
        document.report("rest.secret", Message("a secret is written out"), ("auth", "value"), Message("write ${env:NAME} in its place and set NAME in the environment, or ${keyring:SERVICE/USER}"))  # fmt: skip
    if not spec.tables and spec.calls.describe is None:
        document.report("rest.no-models", Message("the file names no models"), (), Message("list them under tables, or say under calls how the system describes itself"))  # fmt: skip
    document.check()
    return Rest(spec, document.name)


class Rest:
    """A system described by a file.

    Args:
        spec: the description.
        file: where it stands, for errors.
    """

    def __init__(self, spec: RestSpec, file: str) -> None:
        self.spec = spec
        self.file = file
        self.place = spec.url
        self.atomic = spec.atomic
        self.calls = Calls(spec.url, spec.url, spec.limits, self._login, self._judged)
        self._tables: dict[str, TargetTable] = {}
        self._revisions: dict[tuple[str, Key], Any] = {}

    def close(self) -> None:
        """Close the connections."""
        self.calls.close()

    def limits(self) -> Limits:
        """Return what the file says."""
        return self.spec.limits

    def links(self, model: str) -> Sequence[Link]:
        """Return what the file says."""
        return [Link(*text.rsplit(".", 1)) for text in self.spec.links.get(model, ())]

    # ------------------------------------------------------------------------------------------------ describing

    def describe(self, models: Sequence[str]) -> TargetSchema:
        """Return the fields as the system tells them, or as the file does."""
        for model in models:
            if model not in self._tables and (spec := self._described(model)) is not None:
                self._tables[model] = spec
        return TargetSchema(1, {model: self._tables[model] for model in models if model in self._tables})

    def _described(self, model: str) -> TargetTable | None:
        call = self.spec.calls.describe
        if call is None:
            return self.spec.tables.get(model)
        reply = self._read(call, {"model": model})
        if reply.status in _REFUSED:
            return None
        found: dict[str, TargetColumn] = {}
        for told in self._answer(call, reply, f"{self.place}#{model}"):
            known = {part: value for part, value in told.items() if value is not None and part != "name"}
            document = Document(f"{self.file} ({model}.{told.get('name')})")
            found[str(told["name"])] = document.read(TargetColumn, known)
            document.check()
        return TargetTable(found)

    # ------------------------------------------------------------------------------------------------ reading

    def count(self, model: str, where: Values | None = None) -> int:
        """Return how many rows there are, or of those wanted; they are read where the system counts none, or not by fields."""
        call, wanted = self.spec.calls.count, where or {}
        if call is None or (wanted and not _takes(call, "where")):
            return sum(
                all(row[name] == value for name, value in wanted.items())
                for rows in self.scan(model, tuple(wanted)) for row in rows
            )  # fmt: skip
        reply = self._read(call, {"model": model, "where": _json(wanted)})
        return int(self._answer(call, reply, f"{self.place}#{model}"))

    def archived(self, model: str) -> Values:
        """Return what the file says."""
        return dict(self.spec.archived.get(model, {}))

    def scan(self, model: str, fields: Sequence[str]) -> Iterator[list[Values]]:
        """Yield all rows, page by page: behind the last key, by offset, or by what the system calls the next page."""
        call, key = self.spec.calls.scan, self._key(model)
        blanks: dict[str, Any] = {
            "model": model,
            "limit": self.spec.limits.read_rows,
            "after": "",
            "offset": 0,
            "next": "",
        }
        seen: set[Key] = set()
        by_offset = _takes(call, "offset")
        while True:
            if by_offset and 0 < self.spec.limits.offset < blanks["offset"]:
                raise LocationError(
                    "target.offset-spent", Message("the system has more rows than a query can skip ({count})", count=self.spec.limits.offset), f"{self.place}#{model}",
                    Message("let scan in {file} ask for rows behind the last key: {{after}}", file=self.file),
                )  # fmt: skip
            reply = self._read(call, blanks)
            rows = self._rows(model, self._answer(call, reply, f"{self.place}#{model}"))
            new = [row for row in rows if row[key] not in seen]
            seen.update(row[key] for row in new)
            yield [{name: row.get(name) for name in (key, *fields)} for row in new]
            blanks["next"] = _found(call.next, reply.data) if call.next else ""
            if not new or (call.next and not blanks["next"]):
                return
            blanks["after"], blanks["offset"] = new[-1][key], blanks["offset"] + len(rows)

    def find(
        self, model: str, on: Sequence[str], wanted: Sequence[tuple[Any, ...]], fields: Sequence[str]
    ) -> list[Values]:
        """Return the rows wanted: asked for by the first field, the others are compared here."""
        call, names = self.spec.calls.find, list(dict.fromkeys((self._key(model), *on, *fields)))
        values = [_sent(value) for value in dict.fromkeys(values[0] for values in wanted)]
        reply = self._read(
            call, {"model": model, "field": on[0], "values": values, "limit": self.spec.limits.read_rows}
        )
        told = self._answer(call, reply, f"{self.place}#{model}")
        self._remember(model, told)
        rows = self._rows(model, told)
        meant = set(wanted)
        return [{name: row.get(name) for name in names} for row in rows if tuple(row.get(name) for name in on) in meant]

    def _remember(self, model: str, told: list[dict[str, Any]]) -> None:
        """Remember which revision of each row we have seen."""
        name, key = self.spec.revision, self._key(model)
        self._revisions |= {(model, row[key]): row[name] for row in told if name and row.get(name) is not None}
        while len(self._revisions) > _REVISIONS:
            self._revisions.pop(next(iter(self._revisions)))

    def _revision(self, model: str, key: Key) -> dict[str, Any]:
        """Return the revision of a row as a field of it; nothing where rows have none."""
        seen = self._revisions.get((model, key))
        return {} if seen is None else {self.spec.revision: seen}

    def resolve(self, model: str, texts: Sequence[str]) -> dict[str, list[Key]]:
        """Return the keys of the rows that have a text in one of the fields that name them."""
        found: dict[str, list[Key]] = {}
        for name in self.spec.names.get(model, (self.spec.external_id,)):
            for row in self.find(model, (name,), [(text,) for text in texts], ()):
                keys = found.setdefault(row[name], [])
                keys += [] if row[self._key(model)] in keys else [row[self._key(model)]]
        return found

    def mark(self, model: str) -> str:
        """Return nothing: rows are found again by their external id."""
        del model
        return ""

    def created(self, model: str, rows: Mapping[str, Values], mark: str) -> dict[str, Key]:
        """Return record → key of the rows that have the external id."""
        del mark
        name = self.spec.external_id
        records = {values.get(name, record): record for record, values in rows.items()}
        found = self.find(model, (name,), [(external,) for external in records], ())
        return {records[row[name]]: row[self._key(model)] for row in found}

    # ------------------------------------------------------------------------------------------------ writing

    def create(self, model: str, rows: Mapping[str, Values]) -> dict[str, Key | Refusal]:
        """Make rows, each with its record as external id."""
        name = self.spec.external_id
        sent = {values.get(name, record): record for record, values in rows.items()}
        body = [{name: record, **_json(values)} for record, values in rows.items()]
        answers = self._write(self.spec.calls.create, model, {"rows": body, "row": body[0]})
        return {
            sent[told["record"]]: self._refusal(told) or told["key"] for told in answers if told.get("record") in sent
        }

    def holds(self, model: str, row: Values, values: Values) -> bool:
        """Return True: answers name their records."""
        del model, row, values
        return True

    def update(self, model: str, rows: Mapping[Key, Values]) -> dict[Key, Refusal | None]:
        """Change fields of rows."""
        key = self._key(model)
        body = [{key: name, **_json(values), **self._revision(model, name)} for name, values in rows.items()]
        first = next(iter(rows))
        one = {"row": _json(rows[first]), "key": first, "revision": self._revisions.get((model, first), "")}
        answers = self._write(self.spec.calls.update, model, {"rows": body, **one})
        done = {told["key"]: self._refusal(told) for told in answers}
        for name in (name for name, refusal in done.items() if refusal is None):  # now it is we who have changed it
            self._revisions.pop((model, name), None)
        return done

    def delete(self, model: str, keys: Sequence[Key]) -> dict[Key, Refusal | None]:
        """Take rows out, set before as the file says."""
        seen = {(model, key): self._revisions[model, key] for key in keys if (model, key) in self._revisions}
        if before := self.spec.before_delete.get(model):
            there = self.find(model, (self._key(model),), [(key,) for key in keys], ())
            self._revisions |= seen  # what was decided about the row as it was then
            self.update(model, {row[self._key(model)]: before for row in there})
        rows = [{self._key(model): key, **self._revision(model, key)} for key in keys]
        one = {"key": keys[0], "revision": self._revisions.get((model, keys[0]), "")}
        answers = self._write(self.spec.calls.delete, model, {"keys": list(keys), "rows": rows, **one})
        return {told["key"]: self._refusal(told) for told in answers}

    def touched(self, model: str) -> Sequence[str]:
        """Return the fields that the file says."""
        return tuple(self.spec.before_delete.get(model, ()))

    def suits(self, model: str, field: str, number: Decimal) -> bool:
        """Return yes: no bounds are told."""
        del model, field, number
        return True

    def blame(self, model: str, values: Values, refusal: Refusal) -> Refusal:
        """Return what the system told."""
        del model, values
        return refusal

    def _write(self, call: CallSpec, model: str, blanks: dict[str, Any]) -> list[dict[str, Any]]:
        from crmmigrate.model.connector import AnswerLostError

        given = {"model": model, **blanks}
        reply = self.calls.write(
            call.method, str(_filled(call.at, given)), query=_texts(call.query, given), body=_filled(call.body, given),
            headers=_texts(call.headers, given),
        )  # fmt: skip
        code = _found(self.spec.error, reply.data) if self.spec.error else None
        if reply.status in _REFUSED or (reply.status < _REFUSED[0] and isinstance(code, str | int)):
            reason = "edited" if reply.status == _EDITED else self._reason(code)
            raise CallRefusedError(Refusal(reason, str(_found(self.spec.column, reply.data) or "")))
        if reply.status >= _FAILED:
            raise AnswerLostError(ended=True)
        found = self._answer(call, reply, f"{self.place}#{model}")
        return found if isinstance(found, list) else [found]

    # ------------------------------------------------------------------------------------------------ answers

    def _refusal(self, told: dict[str, Any]) -> Refusal | None:
        code = told.get("error")
        return None if code is None else Refusal(self._reason(code), str(told.get("column") or ""))

    def _reason(self, code: Any) -> Reason:
        return self.spec.errors.get(str(code), "other")

    def _judged(self, reply: Reply) -> Verdict:
        if self.spec.busy and str(_found(self.spec.error, reply.data)) in self.spec.busy:
            return Verdict("busy")
        return by_status(reply)

    def _read(self, call: CallSpec, blanks: dict[str, Any]) -> Reply:
        return self.calls.read(
            call.method,
            str(_filled(call.at, blanks)),
            query=_texts(call.query, blanks),
            body=_filled(call.body, blanks),
        )

    def _answer(self, call: CallSpec, reply: Reply, place: str) -> Any:
        found = _found(call.answer, reply.data)
        if found is None or reply.status >= _REFUSED[0]:
            raise LocationError(
                "target.answer-unclear", Message("the system's answer (HTTP {status}) does not hold what the file says", status=reply.status), place,
                Message("compare 'answer: {path}' in {file} with what the system sends", path=call.answer, file=self.file),
            )  # fmt: skip
        return found

    def _rows(self, model: str, found: Any) -> list[Values]:
        columns = self.describe([model]).tables[model].columns
        return [
            {name: _meant(columns[name].type, value) for name, value in row.items() if name in columns} for row in found
        ]

    def _key(self, model: str) -> str:
        return self.describe([model]).tables[model].identity

    def _login(self, calls: Calls) -> dict[str, str]:
        auth = self.spec.auth
        if auth is None:
            return {}
        token = ""
        if auth.login is not None:
            reply = calls.plain(
                auth.login.method, with_secrets(auth.login.at, self.file), body=_secrets(auth.login.body, self.file)
            )
            token = str(_found(auth.login.answer, reply.data) or "")
            if not token:
                raise calls.denied(f"HTTP {reply.status}")
        return {auth.header: with_secrets(auth.value, self.file).replace("{token}", token)}


def _secrets(value: Any, file: str) -> Any:
    if isinstance(value, dict):
        return {name: _secrets(inner, file) for name, inner in value.items()}
    return with_secrets(value, file) if isinstance(value, str) else value


def _filled(value: Any, blanks: Mapping[str, Any]) -> Any:
    """Put what is sent in place of the blanks of a path or a body."""
    if isinstance(value, dict):
        return {name: _filled(inner, blanks) for name, inner in value.items()}
    if isinstance(value, list):
        return [_filled(inner, blanks) for inner in value]
    if not isinstance(value, str):
        return value
    alone = _BLANK.fullmatch(value)
    if alone and alone.group(1) in blanks:
        return blanks[alone.group(1)]
    return _BLANK.sub(lambda found: str(blanks.get(found.group(1), found.group())), value)


def _takes(call: CallSpec, blank: str) -> bool:
    """Whether a call has a place for something."""
    return f"{{{blank}}}" in f"{call.at} {call.query} {call.body}"


def _texts(query: Mapping[str, str], blanks: Mapping[str, Any]) -> dict[str, str]:
    filled = {name: _filled(text, blanks) for name, text in query.items()}
    return {
        name: ",".join(map(str, value)) if isinstance(value, list) else str(value)
        for name, value in filled.items()
        if value not in ("", None)
    }


def _found(path: str, data: Any) -> Any:
    import jmespath

    return jmespath.search(path, data) if path else None


def _json(values: Values) -> dict[str, Any]:
    return {name: _sent(value) for name, value in values.items()}


def _sent(value: Any) -> Any:
    """Write a value as JSON has it: dates as ISO text, decimals as text, because a JSON number may be rounded on its way."""
    if isinstance(value, date | datetime):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value


def _meant(kind: str, value: Any) -> Any:
    """Read a value as a column of this type holds it."""
    if value is None or value == "":
        return None
    if kind == "date":
        return date.fromisoformat(str(value)[:10])
    if kind == "datetime":
        return datetime.fromisoformat(str(value)).replace(tzinfo=None)
    return Decimal(str(value)) if kind == "decimal" else value
