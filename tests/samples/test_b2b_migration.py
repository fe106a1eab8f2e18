"""The main job on the b2b sample, checked against the truth: what was really the same customer, in scope, or broken."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from sqlalchemy import create_engine, text
from tests.command_line import answered as crmmigrate

from crmmigrate.model.location import Location
from crmmigrate.targets import open_target

TABLES = {"user": "users", "account": "accounts", "contact": "contacts", "opportunity": "opportunities",
          "activity": "activities", "order": "orders", "ticket": "tickets"}  # fmt: skip


class Migration:
    """A finished demo: its folder, its answer, and what its runs wrote."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder = folder
        self.url = url
        self.answer = crmmigrate("demo", "--scale", "0.05", "--work", folder, "--target", url)

    def truth(self, name: str) -> pd.DataFrame:
        return pd.read_csv(self.folder / "truth" / f"{name}.csv", dtype="str", keep_default_na=False)

    def tables(self, stage: str, name: str) -> pd.DataFrame:
        run = max((self.folder / "work" / "runs").glob(f"*-{stage}-*"))
        return pd.read_parquet(run / "tables" / f"{name}.parquet").astype("str")

    def aside(self, reason: str) -> set[tuple[str, str]]:
        found: set[tuple[str, str]] = set()
        for stage in ("scope", "dedupe", "map", "validate", "load"):
            rows = self.tables(stage, "_aside")
            rows = rows[rows["reason"] == reason]
            found |= set(zip(rows["table"], rows["_origin"], strict=True))
        return found


@pytest.fixture(scope="module")
def migration(tmp_path_factory) -> Migration:
    folder = tmp_path_factory.mktemp("demo") / "d"
    return Migration(folder, f"sqlite:///{folder}/work/crm.db")


def test_the_demo_ends_well_and_every_equation_holds(migration):
    assert migration.answer["exit_code"] == 0, migration.answer["stderr"]
    counts = migration.answer["counts"]
    assert set(counts) == set(TABLES)
    for name, f in counts.items():
        left = f["source"] - f["out_of_scope"] - f["merged"] - f["quarantined"] - f["rejected"]
        assert left == f["expected"] == f["in_target"], (name, f)


def test_the_target_holds_what_was_expected(migration):
    engine = create_engine(Location.parse(migration.url).url())
    with engine.connect() as connection:
        for name, figures in migration.answer["counts"].items():
            rows = connection.execute(text(f"SELECT count(*) FROM {TABLES[name]}")).scalar_one()
            assert rows == figures["in_target"], name
    engine.dispose()


def test_source_counts_are_the_truth_s(migration):
    for row in migration.truth("counts").to_dict("records"):
        assert migration.answer["counts"][row["object"]]["source"] == int(row["source"]), row


def test_scope_is_the_truth_s_row_by_row(migration):
    scope = migration.truth("scope")
    out = scope[scope["in_scope"] == "false"]
    assert migration.aside("out_of_scope") == set(zip(out["object"], out["origin"], strict=True))


def test_what_is_rejected_is_what_is_broken(migration):
    faults = migration.truth("faults")
    scope = migration.truth("scope")
    out = set(zip(scope["object"], scope["origin"], strict=True)) - set(
        zip(*(scope[scope["in_scope"] == "true"][c] for c in ("object", "origin")), strict=True)
    )
    broken = set(zip(faults["object"], faults["origin"], strict=True)) - out
    rejected = migration.aside("rejected")
    assert broken - rejected - migration.aside("merged") == set(), "a broken row got through"
    assert rejected - broken == set(), "a sound row was rejected"


@pytest.mark.parametrize("name", ["account", "contact"])
def test_merges_join_what_is_one_and_nothing_else(migration, name):
    truth = migration.truth("entities")
    entity = dict(zip(*(truth[truth["object"] == name][c] for c in ("origin", "entity")), strict=True))
    rows = migration.tables("scope", name)
    origin = dict(zip(rows["_record"], rows["_origin"], strict=True))
    crosswalk = migration.tables("dedupe", "crosswalk")
    links = crosswalk[crosswalk["object"] == name]
    clusters = links.groupby("survivor")["_record"].apply(list)
    pairs = [(a, b) for records in clusters for i, a in enumerate(records) for b in records[i + 1 :]]
    wrong = [(origin[a], origin[b]) for a, b in pairs if entity[origin[a]] != entity[origin[b]]]
    assert len(wrong) <= 0.005 * len(pairs), wrong
    same = pd.Series([entity[origin[record]] for record in links["_record"]]).value_counts()
    true_pairs = int((same * (same - 1) / 2).sum())
    assert len(pairs) - len(wrong) >= 0.9 * true_pairs


def test_look_alikes_are_kept_apart(migration):
    never = migration.truth("never")
    scope = pd.concat([migration.tables("scope", name)[["_record", "_origin"]] for name in ("account", "contact")])
    record = dict(zip(scope["_origin"], scope["_record"], strict=True))
    crosswalk = migration.tables("dedupe", "crosswalk")
    for name in ("account", "contact"):
        links = crosswalk[crosswalk["object"] == name]
        survivor = dict(zip(links["_record"], links["survivor"], strict=True))
        pairs = never[never["object"] == name] if "object" in never else never
        for row in pairs.to_dict("records"):
            a, b = survivor.get(record.get(row["origin_a"], "")), survivor.get(record.get(row["origin_b"], ""))
            assert a is None or b is None or a != b, row


def test_people_who_left_own_nothing(migration):
    staff = migration.truth("owners")
    left = set(staff[staff["status"] != "在职"]["name"]) - set(staff[staff["status"] == "在职"]["name"])
    assert left
    engine = create_engine(Location.parse(migration.url).url())
    with engine.connect() as connection:
        owners = connection.execute(
            text("SELECT DISTINCT u.name FROM accounts a JOIN users u ON u.id = a.owner_id")
        ).scalars()
        assert set(owners) & left == set()
    engine.dispose()


def test_a_second_run_changes_nothing(migration):
    with open_target(migration.url) as target:
        before = target.digest()
    again = crmmigrate("run", migration.folder / "migration.yaml")
    assert again["exit_code"] in (0, 1), again["stderr"]
    with open_target(migration.url) as target:
        assert target.digest() == before


def equation(folder: Path) -> list[dict[str, Any]]:
    """Return the rows of the newest reconciliation's equation."""
    run = max((folder / "work" / "runs").glob("*-reconcile-*"))
    return pd.read_parquet(run / "tables" / "equation.parquet").to_dict("records")


@pytest.mark.parametrize(
    "database",
    [
        "sqlite",
        pytest.param("postgresql", marks=pytest.mark.database("postgresql")),
        pytest.param("mysql", marks=pytest.mark.database("mysql")),
    ],
)
def test_there_and_back_on_each_database(database, migration, request, tmp_path):
    folder = shutil.copytree(migration.folder, tmp_path / "d")
    url = f"sqlite:///{folder}/work/new.db" if database == "sqlite" else request.getfixturevalue(f"{database}_url")
    project = folder / "migration.yaml"
    project.write_text(re.sub(r"url: [^,}]+", f'url: "{url}"', project.read_text("utf-8")), encoding="utf-8")
    crmmigrate("target", "create", url, "--schema", folder / "schema.yaml")
    there = crmmigrate("run", project)
    assert equation(folder) == equation(migration.folder)
    empty = crmmigrate("rollback", there["facts"]["load"]["run"], "--apply", "--work", folder / "work", code=(0,))
    assert empty["facts"]["digest_equal"] is True
    engine = create_engine(Location.parse(url).url())
    with engine.connect() as connection:
        for table in TABLES.values():
            assert connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one() == 0, table
    engine.dispose()
    again = crmmigrate("run", project)
    assert again["facts"]["load"]["run"] != there["facts"]["load"]["run"]
    assert equation(folder) == equation(migration.folder)
