"""Each small pack from its registers to the target and back, checked against its truth files: rows, rules, and what the pack is about."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from crmmigrate.cli.lint import find
from crmmigrate.model.mapping import read_mappings
from crmmigrate.model.project import read_project
from crmmigrate.model.rule import read_rules
from crmmigrate.runner.mapping_tests import run_test
from crmmigrate.runner.packs import lay_out
from crmmigrate.runner.rule_lint import findings

ROOT = Path(__file__).parents[2]
PACKS = ("reception", "auto-4s", "property")


@pytest.fixture(params=PACKS)
def shown(request: pytest.FixtureRequest, demos: Any) -> Any:
    return demos(request.param)


def of(pack: str) -> pytest.MarkDecorator:
    """Ask for the demo of one pack only."""
    return pytest.mark.parametrize("shown", [pack], indirect=True)


@pytest.mark.parametrize("pack", [*PACKS, "b2b"])
def test_a_pack_passes_lint_and_its_rules_hold_their_thresholds(pack: str, tmp_path: Path) -> None:
    """No finding at all: a threshold that no test just inside and just outside of it pins would be one."""
    lay_out(tmp_path / "p", pack)
    project = read_project(tmp_path / "p" / "migration.yaml")
    assert [finding.message.text() for finding in findings({tmp_path / "p" / "rules": project})] == []


@pytest.mark.parametrize("pack", [*PACKS, "b2b"])
def test_the_mapping_files_of_a_pack_pass_lint_and_their_tests(pack: str) -> None:
    """Those to the generic CRM, and those to the import file of a public one."""
    own = sorted((ROOT / "mappings" / pack).glob("*.crmmap.yaml"))
    public = sorted((ROOT / "mappings" / "odoo" / pack).glob("*.crmmap.yaml"))
    for files in (own, public):
        assert files
        assert [finding for finding in find(files) if finding.severity == "error"] == []
    for mapping in (*read_mappings(own), *read_mappings(public)):
        assert mapping.tests
        assert [wrong for test in mapping.tests for wrong in run_test(mapping, test).wrong] == [], mapping.file


@pytest.mark.parametrize("pack", [*PACKS, "b2b"])
def test_every_rule_and_limit_of_a_pack_stands_in_its_table_of_the_docs(pack: str) -> None:
    page = (ROOT / "docs" / "packs.md").read_text("utf-8")
    table = page.partition(f"\n## {pack}\n")[2].partition("\n## ")[0]
    rules = {rule.code: rule for rule in read_rules([ROOT / "mappings" / pack / "rules"])}
    named = set(re.findall(r"`([a-z0-9-]+\.[a-z-]+)`", table)) & set(rules) | set(
        re.findall(r"`((?:" + "|".join({code.partition(".")[0] for code in rules}) + r")\.[a-z]+-[a-z-]+)`", table)
    )
    assert named == set(rules)
    for rule in rules.values():
        told = re.findall(rf"`{re.escape(rule.code)}`(?:: | \()limits? (\w+ [\d.]+(?:, \w+ [\d.]+)*)", table)
        assert told == ([", ".join(f"{name} {value}" for name, value in rule.limits.items())] if rule.limits else [])


def test_the_demo_ends_well_and_every_equation_holds(shown: Any) -> None:
    assert shown.answer["exit_code"] == 0, shown.answer["stderr"]
    for row in shown.truth("counts").to_dict("records"):
        f = shown.answer["counts"][row["object"]]
        got = {name: str(f[name]) for name in ("source", "merged", "rejected", "expected")}
        assert got == {name: row[name] for name in got}, row["object"]
        assert f["expected"] == f["in_target"]
        assert f["out_of_scope"] == f["quarantined"] == 0


def test_rules_find_what_is_wrong_and_nothing_else(shown: Any) -> None:
    issues = shown.table("rules", "_issues").fillna("")
    of_records = issues[issues["_record"] != ""]
    found = set(of_records[["code", "_origin", "column"]].itertuples(index=False, name=None))
    found |= set(issues[issues["_record"] == ""][["code", "column"]].assign(x="").itertuples(index=False, name=None))
    assert found == set(shown.truth("found").itertuples(index=False, name=None))


def test_every_rule_finds_something_in_the_sample(shown: Any) -> None:
    figures = shown.facts("rules")["rules"]
    assert [code for code, figure in figures.items() if not figure["found"]] == []


@of("reception")
def test_reception_secrecy_and_consent_are_those_of_the_registers(shown: Any) -> None:
    origin = {
        name: dict(shown.table("consolidate", name)[["_record", "_origin"]].itertuples(index=False, name=None))
        for name in ("lead", "activity")
    }
    got = {
        ("lead", origin["lead"][record], str(bool(secret)).lower(), str(bool(agreed)).lower())
        for record, secret, agreed in shown.select("SELECT external_id, do_not_disclose, consent_to_contact FROM leads")
    }
    got |= {
        ("activity", origin["activity"][record], str(bool(secret)).lower(), "")
        for record, secret in shown.select("SELECT external_id, do_not_disclose FROM activities")
    }
    assert got == set(shown.truth("flags").itertuples(index=False, name=None))


def by_origin(shown: Any, name: str, rows: list[tuple[Any, ...]]) -> set[tuple[str, ...]]:
    """Put where a row of the sources stands in the place of its record."""
    table = shown.table("consolidate", name)
    origin = dict(zip(table["_record"], table["_origin"], strict=True))
    return {(origin[record], *("" if cell is None else str(cell) for cell in cells)) for record, *cells in rows}


def issues_of(shown: Any, stage: str, code: str) -> pd.DataFrame:
    issues = shown.table(stage, "_issues")
    return issues[issues["code"] == code]


@of("auto-4s")
def test_auto_4s_a_level_means_what_the_brand_means_by_it(shown: Any) -> None:
    got = by_origin(shown, "prospect", shown.select("SELECT external_id, level FROM prospects"))
    assert got == set(shown.truth("levels").itertuples(index=False, name=None))


@of("auto-4s")
def test_auto_4s_who_is_not_reached_goes_to_the_other_group(shown: Any) -> None:
    found = issues_of(shown, "rules", "reach.reassign-group")
    got = {
        (origin, f"{before}→{after}")
        for origin, before, after in found[["_origin", "before", "after"]].itertuples(index=False)
    }
    assert got == set(shown.truth("owners").itertuples(index=False, name=None))


@of("auto-4s")
def test_auto_4s_the_stock_of_the_target_is_that_of_the_truth(shown: Any) -> None:
    truth = {(row["warehouse"], row["model"]): row for row in shown.truth("balance").to_dict("records")}
    assert len(truth) == 10
    for place, model, opening, came, left, moved in shown.select("""
        SELECT s.warehouse, s.model, s.opening,
          (SELECT count(*) FROM stock_moves m WHERE m.kind = 'in' AND m.to_warehouse = s.warehouse AND m.model = s.model),
          (SELECT count(*) FROM stock_moves m WHERE m.kind = 'out' AND m.from_warehouse = s.warehouse AND m.model = s.model),
          (SELECT count(*) FROM stock_moves m WHERE m.kind = 'transfer' AND m.to_warehouse = s.warehouse AND m.model = s.model)
          - (SELECT count(*) FROM stock_moves m WHERE m.kind = 'transfer' AND m.from_warehouse = s.warehouse AND m.model = s.model)
        FROM stocktakes s"""):
        row = truth.pop((place, model))
        assert [str(n) for n in (opening, came, left, moved)] == [
            row[name] for name in ("opening", "in", "out", "moved")
        ]
        assert opening + came - left + moved == int(row["closing"])
    assert not truth


@of("auto-4s")
def test_auto_4s_digits_that_excel_lost_are_not_invented(shown: Any) -> None:
    lost = set(shown.truth("lost_ids")["origin"])
    assert set(issues_of(shown, "standardise", "resident_id.float-damaged")["_origin"]) == lost
    kept = by_origin(
        shown, "prospect", shown.select("SELECT external_id, id_number FROM prospects WHERE id_number IS NOT NULL")
    )
    assert not lost & {origin for origin, _ in kept}


WITH_ROOM = {"parking": "parking_spaces", "complaint": "complaints", "repair": "repairs", "visit": "visits", "homevisit": "home_visits",
             "questionnaire": "questionnaires", "decoration": "decorations"}  # fmt: skip


@of("property")
def test_property_every_row_hangs_on_its_room_however_it_was_written(shown: Any) -> None:
    got = {("room", *row) for row in by_origin(shown, "room", shown.select("SELECT external_id, code FROM rooms"))}
    for name, table in WITH_ROOM.items():
        rows = shown.select(f"SELECT t.external_id, r.code FROM {table} t LEFT JOIN rooms r ON r.id = t.room_id")
        got |= {(name, *row) for row in by_origin(shown, name, rows)}
    assert got == set(shown.truth("rooms").itertuples(index=False, name=None))


@of("property")
def test_property_joint_owners_are_two_names(shown: Any) -> None:
    got = by_origin(shown, "person", shown.select("SELECT external_id, name, co_owner FROM people"))
    assert got == set(shown.truth("names").itertuples(index=False, name=None))


@of("property")
def test_property_rates_of_the_target_are_those_of_the_truth(shown: Any) -> None:
    households = "(SELECT count(*) FROM rooms WHERE lived_in)"
    got = set()
    for rate, sql in {
        "homevisit": f"SELECT substr(visited_on, 1, 7), count(DISTINCT room_id), {households} FROM home_visits GROUP BY 1",
        "spot-check": "SELECT substr(called_at, 1, 7), sum(coalesce(signed, 0)), count(*) FROM followups GROUP BY 1",
        "sent": f"SELECT round, count(sent_on), {households} FROM questionnaires GROUP BY 1",
        "returned": "SELECT round, count(returned_on), count(sent_on) FROM questionnaires GROUP BY 1",
    }.items():
        got |= {(rate, *map(str, row)) for row in shown.select(sql)}
    assert got == set(shown.truth("rates").itertuples(index=False, name=None))


@of("property")
def test_property_a_day_that_is_none_is_left_blank(shown: Any) -> None:
    blank = by_origin(shown, "decoration", shown.select("SELECT external_id FROM decorations WHERE applied_on IS NULL"))
    assert blank == set(shown.truth("lost_dates").itertuples(index=False, name=None))


@pytest.mark.database("postgresql")
def test_there_and_back_on_postgresql(shown: Any, there_and_back: Any) -> None:
    """The rows that were held against the truth above."""
    there_and_back(shown, "postgresql")
