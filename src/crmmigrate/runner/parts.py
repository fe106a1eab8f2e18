"""Keep in the folder of a load which rows it writes, so that a resume writes the same."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

from crmmigrate.model.load_part import LoadPart
from crmmigrate.model.table import Table

if TYPE_CHECKING:
    from pathlib import Path

    from crmmigrate.runner.workspace import Workspace

_PART, _TABLES = "part.json", "part"
_ROWS = ("only", "held", "refill")
_SIDES = ("linked", "changed", "removed")


def keep_part(workspace: Workspace, run: str, part: LoadPart) -> None:
    """Note which rows the load `run` is to write; the tables of a delta are copied.

    Raises:
        LocationError: the workspace cannot be written.
    """
    folder = workspace.runs_folder / run
    told: dict[str, Any] = {name: {o: sorted(records) for o, records in getattr(part, name).items()} for name in _ROWS}
    told |= {"wave": part.wave, "waves": list(part.waves), "since": part.since, "deletes": part.deletes}
    told |= {side: list(getattr(part, side)) for side in _SIDES} | {"carried": part.carried is not None}
    tables = [
        (_place(folder, side, n), table) for side in _SIDES for n, table in enumerate(getattr(part, side).values())
    ]
    tables += [(_place(folder, "carried", 0), part.carried)] if part.carried is not None else []
    try:
        (folder / _TABLES if tables else folder).mkdir(parents=True, exist_ok=True)
        for path, table in tables:
            (shutil.copytree if table.path.is_dir() else shutil.copyfile)(table.path, path)
        (folder / _PART).write_text(json.dumps(told, ensure_ascii=False), encoding="utf-8")
    except OSError as error:
        raise workspace.not_writable(error) from error


def kept_part(workspace: Workspace, run: str) -> LoadPart | None:
    """Return which rows the load `run` writes; None where it writes all."""
    folder = workspace.runs_folder / run
    if not (folder / _PART).exists():
        return None
    told = json.loads((folder / _PART).read_text(encoding="utf-8"))
    rows: dict[str, Any] = {name: {o: frozenset(records) for o, records in told[name].items()} for name in _ROWS}
    tables: dict[str, Any] = {
        side: {name: Table(name, _place(folder, side, number)) for number, name in enumerate(told[side])}
        for side in _SIDES
    }
    carried = Table("carried", _place(folder, "carried", 0)) if told["carried"] else None
    return LoadPart(
        **rows, wave=told.get("wave", ""), waves=tuple(told.get("waves", ())), since=told["since"], deletes=told["deletes"],
        carried=carried, **tables,
    )  # fmt: skip


def _place(folder: Path, side: str, number: int) -> Path:
    return folder / _TABLES / f"{side}.{number}.parquet"
