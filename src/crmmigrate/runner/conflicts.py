"""Put what people decided about conflicts into the rows that are to be written."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import TYPE_CHECKING

from crmmigrate.errors import ConfigurationError
from crmmigrate.messages import Message
from crmmigrate.model.delta import SEEN
from crmmigrate.model.issue import RECORD
from crmmigrate.model.target import WAS
from crmmigrate.runner.tables import TableWriter

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from crmmigrate.model.table import Table
    from crmmigrate.reports.conflicts import Decided
    from crmmigrate.runner.pipeline import Pipeline


def decided_rows(pipeline: Pipeline, decided: tuple[Decided, ...], changed: Mapping[str, Table]) -> dict[str, Table]:
    """Return object → the rows `changed` with the decisions of people about them.

    A field for which they chose the sources says what they saw in the target (`SEEN`), as its journal noted it: a cell of a workbook keeps
    no blanks at its ends. One for which they chose the target is taken for loaded.

    Raises:
        ConfigurationError: `conflicts.unknown-row`.
    """
    with pipeline.open_target() as target:
        noted = target.conflicts(decided[0].run)
    theirs = {
        (row["object"], row[RECORD], row["column"] or ""): row["theirs"] if isinstance(row["theirs"], str) else None
        for row in noted.to_dict("records")
    }
    told: dict[str, list[Decided]] = defaultdict(list)
    for one in decided:
        _check(one, theirs, changed)
        told[one.object].append(one)
    made: dict[str, Table] = {}
    for number, (name, ones) in enumerate(told.items()):
        rows = _with_decisions(changed[name].frame(), ones, theirs)
        path = pipeline.context.workspace.folder / "tables" / f"decided.{number}.parquet"
        writer = TableWriter(name, path, tuple(rows.columns))
        writer.write(rows)
        made[name] = writer.close()
    return made


def _check(one: Decided, theirs: Mapping[tuple[str, str, str], str | None], changed: Mapping[str, Table]) -> None:
    from crmmigrate.reports.conflicts import holds

    key = (one.object, one.record, one.column)
    if key not in theirs or one.object not in changed or not holds(one, theirs[key]):
        raise ConfigurationError(
            "conflicts.unknown-row", Message("the delta met no such conflict"), one.place, Message("the other columns must stay as they were made")
        )  # fmt: skip


def _with_decisions(
    rows: pd.DataFrame, ones: list[Decided], theirs: Mapping[tuple[str, str, str], str | None]
) -> pd.DataFrame:
    place = {record: number for number, record in enumerate(rows[RECORD])}
    seen: dict[int, dict[str, str | None]] = defaultdict(dict)
    columns = {name: rows[name].to_list() for name in rows.columns}
    settled = set()
    for one in ones:
        at = place.get(one.record)
        if at is None:
            continue  # it says the same as the sources meanwhile
        if one.take:
            seen[at][one.column] = theirs[one.object, one.record, one.column]
        elif one.column:
            columns[WAS + one.column][at] = columns[one.column][at]
        else:
            settled.add(at)
    made = rows.assign(**{name: values for name, values in columns.items() if name.startswith(WAS)}).astype("str")
    made[SEEN] = [json.dumps(seen[at], ensure_ascii=False) if at in seen else None for at in range(len(made))]
    return made[[at not in settled for at in range(len(made))]].reset_index(drop=True)
