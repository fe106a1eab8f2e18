"""External ids of Odoo: rows of `ir.model.data`, of which there is one for each pair of module and name."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from crmmigrate.errors import LocationError
from crmmigrate.messages import Message
from crmmigrate.model.connector import AnswerLostError
from crmmigrate.targets.odoo_rpc import RefusedError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import Any

    from crmmigrate.targets.odoo_rpc import OdooCalls

_MODEL = "ir.model.data"
_TRIES = 5
_NO_RIGHT = "AccessError"
_PAUSE = 0.5
"""Seconds; after a lost answer the ids may be on their way still."""


class ExternalIds:
    """The external ids of one migration.

    Args:
        calls: to Odoo.
        module: their first part.
    """

    def __init__(self, calls: OdooCalls, module: str) -> None:
        self._calls = calls
        self.module = module

    def full(self, name: str) -> str:
        """Return an id as an import has it."""
        return f"{self.module}.{name}"

    def newest(self) -> int:
        """Return the highest number that any external id has."""
        found = self._read([], ["id"], limit=1, order="id desc")
        return int(found[0]["id"]) if found else 0

    def rows(self, model: str, names: Iterable[str], *, module: str = "", after: int = 0) -> dict[str, int]:
        """Return name → id of the row, of those of `names` that a row of a model has.

        Args:
            model: of the rows; of any where it is empty.
            names: second parts of ids.
            module: the first part; ours where it is empty.
            after: only those with a number above this one.
        """
        domain = [["module", "=", module or self.module], ["name", "in", list(names)], ["id", ">", after]]
        found = self._read([*domain, *([["model", "=", model]] if model else [])], ["name", "res_id"])
        return {row["name"]: row["res_id"] for row in found}

    def known(self, model: str, keys: Sequence[int]) -> set[int]:
        """Return those rows of a model that have an external id of ours."""
        domain = [["module", "=", self.module], ["model", "=", model], ["res_id", "in", list(keys)]]
        return {row["res_id"] for row in self._read(domain, ["res_id"])}

    def give(self, model: str, keys: Mapping[str, int]) -> None:
        """Give rows their external ids, however often that takes: no id can be given twice.

        Raises:
            LocationError: `target.no-answer`; `target.ids-refused`; `target.rows-unclear`: an id belongs to another row.
        """
        refused = ""
        for _ in range(_TRIES):
            left = self._left(model, keys)
            if not left:
                return
            rows = [{"module": self.module, "name": name, "model": model, "res_id": key} for name, key in left.items()]
            try:
                self._calls.write(_MODEL, "create", vals_list=rows)
            except AnswerLostError:
                refused = ""
                time.sleep(_PAUSE)
            except RefusedError as error:  # the same call may have been made before, and be done by now
                refused = error.kind
                if refused == _NO_RIGHT:
                    break
                time.sleep(_PAUSE)
            else:
                return
        if not self._left(model, keys):
            return
        if refused:
            raise LocationError(
                "target.ids-refused", Message("the system refuses to note which rows are ours ({why})", why=refused), f"{self._calls.place}#{_MODEL}",
                Message("give the user of the migration the right to create external ids ({model}), then go on with --resume", model=_MODEL),
            )  # fmt: skip
        raise LocationError(
            "target.no-answer", Message("the system takes calls and does not answer, {count} times in a row", count=_TRIES),
            self._calls.place, Message("look at its log, or ask who runs it"),
        )  # fmt: skip

    def _left(self, model: str, keys: Mapping[str, int]) -> dict[str, int]:
        """Return those of `keys` whose external id is not there yet."""
        there = self.rows("", keys)
        if any(keys[name] != key for name, key in there.items()):
            raise unclear(f"{self._calls.place}#{model}", min(keys.values()) - 1)
        return {name: key for name, key in keys.items() if name not in there}

    def _read(self, domain: list[Any], fields: list[str], limit: int | None = None, order: str = "id") -> list[Any]:
        found: list[Any] = self._calls.read(
            _MODEL, "search_read", domain=domain, fields=fields, offset=0, limit=limit, order=order
        )
        return found


def unclear(place: str, after: int) -> LocationError:
    """Return the error that rows may be ours or not, of those that were made since the row with the number `after`."""
    return LocationError(
        "target.rows-unclear", Message("it cannot be told whether rows with a number above {number} are those that were sent", number=after), place,
        Message("look at those that the user of the migration has made: delete them if they are, then go on with --resume"),
    )  # fmt: skip
