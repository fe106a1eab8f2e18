"""The main job on the b2b sample, checked against the truth: what was really the same customer, in scope, or broken."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from crmmigrate.targets import open_target

TABLES = {"user": "users", "account": "accounts", "contact": "contacts", "opportunity": "opportunities",
          "activity": "activities", "order": "orders", "ticket": "tickets"}  # fmt: skip


def aside(migration: Any, reason: str) -> set[tuple[str, str]]:
    """Return object and origin of the rows that left the road for a reason."""
    found: set[tuple[str, str]] = set()
    for stage in ("scope", "dedupe", "map", "validate", "load"):
        rows = migration.table(stage, "_aside")
        rows = rows[rows["reason"] == reason]
        found |= set(zip(rows["table"], rows["_origin"], strict=True))
    return found


@pytest.fixture(scope="module")
def migration(demos: Any) -> Any:
    return demos("b2b")


def test_the_demo_ends_well_and_every_equation_holds(migration):
    assert migration.answer["exit_code"] == 0, migration.answer["stderr"]
    counts = migration.answer["counts"]
    assert set(counts) == set(TABLES)
    for name, f in counts.items():
        left = f["source"] - f["out_of_scope"] - f["merged"] - f["quarantined"] - f["rejected"]
        assert left == f["expected"] == f["in_target"], (name, f)


def test_the_target_holds_what_was_expected(migration):
    for name, figures in migration.answer["counts"].items():
        assert migration.select(f"SELECT count(*) FROM {TABLES[name]}") == [(figures["in_target"],)], name


def test_source_counts_are_the_truth_s(migration):
    for row in migration.truth("counts").to_dict("records"):
        assert migration.answer["counts"][row["object"]]["source"] == int(row["source"]), row


def test_scope_is_the_truth_s_row_by_row(migration):
    scope = migration.truth("scope")
    out = scope[scope["in_scope"] == "false"]
    assert aside(migration, "out_of_scope") == set(zip(out["object"], out["origin"], strict=True))


def test_what_is_rejected_is_what_is_broken(migration):
    faults = migration.truth("faults")
    scope = migration.truth("scope")
    out = set(zip(scope["object"], scope["origin"], strict=True)) - set(
        zip(*(scope[scope["in_scope"] == "true"][c] for c in ("object", "origin")), strict=True)
    )
    broken = set(zip(faults["object"], faults["origin"], strict=True)) - out
    rejected = aside(migration, "rejected")
    assert broken - rejected - aside(migration, "merged") == set(), "a broken row got through"
    assert rejected - broken == set(), "a sound row was rejected"


@pytest.mark.parametrize("name", ["account", "contact"])
def test_merges_join_what_is_one_and_nothing_else(migration, name):
    truth = migration.truth("entities")
    entity = dict(zip(*(truth[truth["object"] == name][c] for c in ("origin", "entity")), strict=True))
    rows = migration.table("scope", name)
    origin = dict(zip(rows["_record"], rows["_origin"], strict=True))
    crosswalk = migration.table("dedupe", "crosswalk")
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
    scope = pd.concat([migration.table("scope", name)[["_record", "_origin"]] for name in ("account", "contact")])
    record = dict(zip(scope["_origin"], scope["_record"], strict=True))
    crosswalk = migration.table("dedupe", "crosswalk")
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
    owners = migration.select("SELECT DISTINCT u.name FROM accounts a JOIN users u ON u.id = a.owner_id")
    assert {name for (name,) in owners} & left == set()


def test_rules_find_what_is_wrong_and_nothing_else(migration):
    """Of merged customers that one counts whose owner the golden record has."""
    issues, truth = migration.table("rules", "_issues"), migration.truth("found")
    assert set(truth["code"]) == set(migration.facts("rules")["rules"]), "every rule finds something"
    golden = migration.table("dedupe", "account")
    values = migration.table("dedupe", "values")
    values = values[(values["object"] == "account") & (values["column"] == "负责人")]
    origin = dict(migration.table("scope", "account")[["_record", "_origin"]].itertuples(index=False))
    source = dict(values[["_record", "winner"]].itertuples(index=False))
    owned = dict(golden[["_record", "_origin"]].itertuples(index=False))
    of_owner = set(truth[truth["code"] == "account.owner-not-active"]["origin"])
    expected = {
        ("account.owner-not-active", place, "负责人")
        for record, place in owned.items()
        if origin[source.get(record, record)] in of_owner
    }
    expected |= set(truth[truth["code"] != "account.owner-not-active"].itertuples(index=False, name=None))
    found = set(issues.fillna("")[["code", "_origin", "column"]].itertuples(index=False, name=None))
    assert found == expected


def test_a_second_run_changes_nothing(migration):
    with open_target(migration.url) as target:
        before = target.digest()
    again = migration.run()
    assert again["exit_code"] in (0, 1), again["stderr"]
    with open_target(migration.url) as target:
        assert target.digest() == before


@pytest.mark.parametrize(
    "dialect", [pytest.param(name, marks=pytest.mark.database(name)) for name in ("postgresql", "mysql")]
)
def test_there_and_back_on_a_server(migration, there_and_back, dialect):
    there_and_back(migration, dialect)


def test_back_and_there_again_on_sqlite(migration):
    """The last test: it takes back the load that the others look at."""
    rows = migration.rows()
    empty = migration.roll_back(migration.answer["run"])
    assert empty["exit_code"] == 0, empty["stderr"]
    assert empty["facts"]["digest_equal"] is True
    assert not any(migration.rows().values())
    again = migration.run()
    assert again["exit_code"] in (0, 1), again["stderr"]
    assert again["facts"]["load"]["run"] != migration.answer["run"]
    assert migration.rows() == rows
