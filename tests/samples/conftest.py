"""Demos of the packs. Each is run once for a file's tests, and in the tests' own process: the libraries are loaded once, not by each command."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from sqlalchemy import create_engine, text
from tests.command_line import answered as crmmigrate

from crmmigrate.model.location import Location
from crmmigrate.model.schema import read_target_schema

SCALES = {"b2b": 0.05, "reception": 0.03, "auto-4s": 0.02, "property": 0.02}
"""The smallest at which every rule of a pack finds something and every kind of damage is there."""


@dataclass
class Demo:
    """A finished demo of a pack: its folder, its answer, and what its runs wrote."""

    pack: str
    folder: Path
    url: str
    answer: dict[str, Any]

    def truth(self, name: str) -> pd.DataFrame:
        return pd.read_csv(self.folder / "truth" / f"{name}.csv", dtype="str", keep_default_na=False)

    def table(self, stage: str, name: str) -> pd.DataFrame:
        run = max((self.folder / "work" / "runs").glob(f"*-{stage}-*"))
        return pd.read_parquet(run / "tables" / f"{name}.parquet").astype("str")

    def select(self, sql: str) -> list[tuple[Any, ...]]:
        engine = create_engine(Location.parse(self.url).url())
        with engine.connect() as connection:
            rows = [tuple(row) for row in connection.execute(text(sql))]
        engine.dispose()
        return rows

    def facts(self, stage: str) -> dict[str, Any]:
        run = max((self.folder / "work" / "runs").glob(f"*-{stage}-*"))
        facts: dict[str, Any] = json.loads((run / "manifest.json").read_text("utf-8"))["facts"]
        return facts

    def run(self) -> dict[str, Any]:
        return crmmigrate("run", self.project)

    def roll_back(self, run: str) -> dict[str, Any]:
        return crmmigrate("rollback", run, "--apply", "--project", self.project, "--work", self.folder / "work")

    @property
    def project(self) -> Path:
        return self.folder / f"{'migration' if 'sqlite' in self.url else Location.parse(self.url).name}.yaml"

    def elsewhere(self, url: str) -> Demo:
        """Load the same rows into another database: of all steps, only those that look at the target are run again."""
        moved = Demo(self.pack, self.folder, url, {})
        moved.project.write_text(self.project.read_text("utf-8").replace(self.url, url), encoding="utf-8")
        assert crmmigrate("target", "create", url, "--schema", self.folder / "schema.yaml")["exit_code"] == 0
        moved.answer = moved.run()
        return moved

    def rows(self) -> dict[str, list[tuple[str, ...]]]:
        """Return table → what stands in it, without the keys that each database gives by itself."""
        found = {}
        for name, spec in read_target_schema(self.folder / "schema.yaml").tables.items():
            columns = [column for column, its in spec.columns.items() if not (its.identity or its.references)]
            rows = self.select(f"SELECT {', '.join(columns)} FROM {name}")
            found[name] = sorted(tuple(map(plain, row)) for row in rows)
        return found


def plain(value: Any) -> str:
    if isinstance(value, bool | int | float | Decimal):
        return str(Decimal(str(value if not isinstance(value, bool) else int(value))).normalize())
    return (
        value.isoformat(" ") if hasattr(value, "hour") else value.isoformat() if isinstance(value, date) else str(value)
    )


@pytest.fixture(scope="module")
def demos(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Demo]:
    """Show each pack once, whichever tests ask for it."""

    @cache
    def demo(pack: str) -> Demo:
        folder = tmp_path_factory.mktemp(pack) / "d"
        url = f"sqlite:///{folder}/work/crm.db"
        words = ("demo", "--pack", pack, "--scale", SCALES[pack], "--work", folder, "--target", url)
        return Demo(pack, folder, url, crmmigrate(*words))

    return demo


@pytest.fixture(scope="module")
def there_and_back(shared_database: Callable[[str], str]) -> Callable[[Demo, str], None]:
    """Load a demo into another kind of database, and roll it back."""

    def go(demo: Demo, dialect: str) -> None:
        there = demo.elsewhere(shared_database(dialect))
        assert there.answer["facts"]["reconcile"]["agrees"], there.answer["stderr"]
        assert there.rows() == demo.rows()
        back = there.roll_back(there.answer["run"])
        assert back["exit_code"] == 0, back["stderr"]
        assert back["facts"]["digest_equal"] is True
        assert not any(there.rows().values())

    return go
