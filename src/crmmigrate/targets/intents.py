"""What is to be sent to a system behind an API, written to disk before it is sent: so that nothing is lost or sent twice.

Intents lie in a SQLite file of their own, because they must be on disk while the transaction of their batch is open. They are those
of one batch: when it is committed they have served, and the next one begins with a new token.
"""

from __future__ import annotations

import json
import secrets
import sqlite3
import time
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal

from crmmigrate.model.connector import Key, Refusal, Values

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

Action = Literal["create", "update", "delete"]
State = Literal["sent", "done", "refused"]

_TABLES = """
CREATE TABLE IF NOT EXISTS batch (token TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS intent (
    number INTEGER PRIMARY KEY, action TEXT NOT NULL, model TEXT NOT NULL, name TEXT NOT NULL, "values" TEXT NOT NULL, was TEXT NOT NULL,
    mark TEXT NOT NULL, sent REAL NOT NULL, state TEXT NOT NULL, key TEXT, reason TEXT, "column" TEXT, UNIQUE (action, model, name)
);
"""


@dataclass(frozen=True)
class Intent:
    """One row on its way.

    Args:
        action: what is to be done with it.
        model: of the row.
        name: the record of a row to be made, else the key of the row, as text.
        values: the fields sent; of a deletion none.
        was: what these fields held before; of a row to be made nothing.
        mark: `Connector.mark` before it was sent.
        sent: when, in seconds since 1970.
        state: sent means that no answer has been noted.
        key: of the row, once it is known.
        refusal: why the system will not take it.
    """

    action: Action
    model: str
    name: str
    values: Values
    was: Values
    mark: str = ""
    sent: float = 0.0
    state: State = "sent"
    key: Key | None = None
    refusal: Refusal | None = None


class Intents:
    """The intents of the batch that is being written.

    Args:
        path: of the file; made where it is missing, readable by its owner only.
    """

    def __init__(self, path: Path) -> None:
        path.touch(mode=0o600)
        self._base = sqlite3.connect(path, isolation_level=None, timeout=30, check_same_thread=False)
        self._base.execute("PRAGMA synchronous = FULL")
        self._base.execute("PRAGMA secure_delete = ON")  # what was sent is personal data
        self._base.executescript(_TABLES)
        if self._base.execute("SELECT 1 FROM batch").fetchone() is None:
            self._base.execute("INSERT INTO batch VALUES (?)", (secrets.token_hex(8),))
        self._known = {(intent.action, intent.model, intent.name): intent for intent in self._read()}

    def close(self) -> None:
        """Close the file."""
        self._base.close()

    @property
    def token(self) -> str:
        """Names the batch: where it stands in the journal, the batch is committed."""
        return str(self._base.execute("SELECT token FROM batch").fetchone()[0])

    def begin(self) -> None:
        """Forget all intents and draw a new token: their batch is committed, or taken back."""
        self._base.execute("BEGIN IMMEDIATE")
        self._base.execute("DELETE FROM intent")
        self._base.execute("UPDATE batch SET token = ?", (secrets.token_hex(8),))
        self._base.execute("COMMIT")
        self._known.clear()

    def all(self) -> list[Intent]:
        """Return the intents in the order in which they were first sent."""
        return list(self._known.values())

    def get(self, action: Action, model: str, name: str) -> Intent | None:
        """Return one intent; None where nothing was sent."""
        return self._known.get((action, model, name))

    def send(self, intents: Iterable[Intent]) -> list[Intent]:
        """Note that these are about to be sent; they are on disk when this returns."""
        sent = [replace(intent, sent=time.time(), state="sent") for intent in intents]
        self._write(sent)
        return sent

    def answer(self, intents: Iterable[Intent]) -> None:
        """Note what became of them."""
        self._write(intents)

    def forget(self, intents: Iterable[Intent]) -> None:
        """Take intents back of which nothing was done."""
        gone = [(intent.action, intent.model, intent.name) for intent in intents]
        self._base.execute("BEGIN IMMEDIATE")
        self._base.executemany("DELETE FROM intent WHERE action = ? AND model = ? AND name = ?", gone)
        self._base.execute("COMMIT")
        for name in gone:
            self._known.pop(name, None)

    def _write(self, intents: Iterable[Intent]) -> None:
        given = list(intents)
        rows = [
            (i.action, i.model, i.name, text_of(i.values), text_of(i.was), i.mark, i.sent, i.state, text_of({"k": i.key}),
             i.refusal.reason if i.refusal else None, i.refusal.column if i.refusal else None)
            for i in given
        ]  # fmt: skip
        self._base.execute("BEGIN IMMEDIATE")
        self._base.executemany(
            'INSERT INTO intent (action, model, name, "values", was, mark, sent, state, key, reason, "column") '
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (action, model, name) DO UPDATE SET "
            '"values" = excluded."values", was = excluded.was, mark = excluded.mark, sent = excluded.sent, '
            'state = excluded.state, key = excluded.key, reason = excluded.reason, "column" = excluded."column"',
            rows,
        )
        self._base.execute("COMMIT")
        self._known |= {(intent.action, intent.model, intent.name): intent for intent in given}

    def _read(self) -> list[Intent]:
        query = 'SELECT action, model, name, "values", was, mark, sent, state, key, reason, "column" FROM intent ORDER BY number'
        return [
            Intent(action, model, name, _values(values), _values(was), mark, sent, state, _values(key)["k"],
                   Refusal(reason, column or "") if reason else None)
            for action, model, name, values, was, mark, sent, state, key, reason, column in self._base.execute(query)
        ]  # fmt: skip


def text_of(values: Values) -> str:
    """Return values as JSON, so that they can be read again as they were."""
    return json.dumps({name: _written(value) for name, value in values.items()}, ensure_ascii=False)


def _written(value: Any) -> Any:
    if isinstance(value, datetime):
        return {"datetime": value.isoformat()}
    if isinstance(value, date):
        return {"date": value.isoformat()}
    return {"decimal": str(value)} if isinstance(value, Decimal) else value


def _values(text: str) -> Values:
    return {name: _meant(value) for name, value in json.loads(text).items()}


def _meant(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    kind, text = next(iter(value.items()))
    if kind == "decimal":
        return Decimal(text)
    return datetime.fromisoformat(text) if kind == "datetime" else date.fromisoformat(text)
