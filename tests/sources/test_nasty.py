"""Every nasty file is read as a careful person would read it, or refused for the right reason."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from crmmigrate.errors import CrmMigrateError
from crmmigrate.model.location import Location
from crmmigrate.model.source import PLACE, SourceTable
from crmmigrate.sources import read_location

FOLDER = Path(__file__).parent / "nasty"
ENDING = ".expected.json"
CASES = sorted(path for path in FOLDER.rglob(f"*{ENDING}"))


def read(table: SourceTable) -> dict[str, object]:
    """Return what the expectation speaks of."""
    rows: list[list[str | None]] = []
    places: list[str] = []
    for frame in table.batches():
        cells = frame[list(table.columns)].astype(object)
        rows += cells.where(cells.notna(), None).to_numpy().tolist()
        places += frame[PLACE].tolist()
    return {
        "columns": list(table.columns),
        "rows": rows,
        "places": places,
        "dropped": table.facts.get("dropped_counts", {}),
        "validation": table.facts.get("validation", {}),
        "issues": sorted({str(issue[4]) for issue in table.issues}),
    }


def read_file(file: Path) -> dict[str, dict[str, object]]:
    return {table.name: read(table) for table in read_location(Location(str(file)))}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.relative_to(FOLDER).as_posix().removesuffix(ENDING))
def test_file(case: Path):
    expected = json.loads(case.read_text(encoding="utf-8"))
    file = case.with_name(case.name.removesuffix(ENDING))
    if "refused" in expected:
        with pytest.raises(CrmMigrateError) as refusal:
            read_file(file)
        assert refusal.value.code == expected["refused"]
        return
    found = read_file(file)
    assert list(found) == list(expected["tables"])
    for name, wanted in expected["tables"].items():
        for what, value in wanted.items():
            given = found[name][what]
            if what == "dropped":
                given = {why: given.get(why, 0) for why in value}  # type: ignore[attr-defined]
            assert given == value, f"{name}: {what} ({expected['trouble']})"


def test_every_file_has_an_expectation():
    files = [path for path in FOLDER.rglob("*") if path.is_file() and path.suffix not in (".py", ".md", ".pyc")]
    alone = [path.name for path in files if not path.name.endswith(ENDING) and not Path(f"{path}{ENDING}").exists()]
    assert alone == []
