"""The human side of dedupe: decisions that are found again, chosen values, undo, records of the CRM, thresholds, the report."""

from __future__ import annotations

import random
import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from openpyxl import load_workbook

from crmmigrate.errors import ConfigurationError, Findings
from crmmigrate.matching.golden.told_choices import CHOICE_WAITS
from crmmigrate.messages import LANGUAGES, speak
from crmmigrate.model.decision import Choice, Decision, Split, Told, latest
from crmmigrate.model.dedupe import ColumnRule, DedupeRules, ReviewRules, Thresholds, read_dedupe
from crmmigrate.model.issue import ISSUE_COLUMNS
from crmmigrate.model.stage import Job
from crmmigrate.model.standard import ColumnStandard, DataStandard, ObjectStandard
from crmmigrate.model.table import Table, Tables
from crmmigrate.reports.review import read_review, write_split
from crmmigrate.runner.decisions import splitting
from crmmigrate.runner.tables import Materialiser, TableWriter
from crmmigrate.stages.dedupe import REPORT, REVIEW_BOOK, DedupeOptions, dedupe
from crmmigrate.standards._typed import REFUSED

COLUMNS = ["_record", "_origin", "客户编号", "客户名称", "电话", "详细地址", "更新", "核实"]
ROWS = [
    ["crm/1", "o!1", "K1", "杭州启明精密机械有限公司", "0571-88886666", "杭州市西湖区文三路1号", "2024-01-01", None],
    ["crm/2", "o!2", "K2", "宁波远航国际贸易有限公司", "0574-77776666", None, "2023-01-01", None],
    ["erp/1", "o!3", "E1", "启明机械", "+86571 88886666", None, "2025-01-01", "是"],
    ["erp/2", "o!4", "E2", "杭州启明精密机械", "0571-11112222", None, None, None],
]
ACCOUNTS = pd.DataFrame(ROWS, columns=COLUMNS, dtype="str")
CHILDREN = pd.DataFrame(
    [["v/1", "q!1", "erp/1"], ["v/2", "q!2", "erp/2"], ["v/3", "q!3", "crm/1"]],
    columns=["_record", "_origin", "_ref_account"], dtype="str",
)  # fmt: skip
RULES = DedupeRules(
    1, "account", {"name": ColumnRule(("客户名称",)), "phone": ColumnRule(("电话",)), "address": ColumnRule(("详细地址",))},
    key="客户编号", updated="更新", verified="核实",
)  # fmt: skip


@pytest.fixture(autouse=True)
def _english():
    yield
    speak("en")


def stored(folder: Path, **frames: pd.DataFrame) -> Tables:
    folder.mkdir(parents=True, exist_ok=True)
    made = {}
    for name, frame in frames.items():
        writer = TableWriter(name, folder / f"{name}.parquet")
        writer.write(frame)
        made[name] = writer.close()
    return Tables(made)


class Ran:
    """One run of the stage: its result, output frames, and the workbook of open questions."""

    def __init__(self, folder: Path, accounts: pd.DataFrame, *, rules: DedupeRules = RULES, **more: Any) -> None:
        beside = {name: more.pop(name) for name in ("existing_rows", "visit") if name in more}
        frames = {"account": accounts, "visit": beside.get("visit", CHILDREN)}
        if "existing_rows" in beside:
            frames = {"account": accounts, "existing": beside["existing_rows"]}
        tables = stored(folder / "in", **frames)
        options = DedupeOptions((rules,), **more)
        self.result = dedupe.function(Job(tables, options, "r", lambda rows: None))
        (folder / "out").mkdir(exist_ok=True)
        writer = Materialiser(tables, lambda name: folder / "out" / f"{name}.parquet", lambda rows: None)
        self.made = {name: writer.write(name, content) for name, content in self.result.tables.items()}
        self.out = {name: table.frame() for name, table in self.made.items()}
        self.folder = folder

    @property
    def walk(self) -> dict[str, str]:
        walk = self.out["crosswalk"]
        return dict(zip(walk["_record"], walk["survivor"], strict=True))

    def golden(self, record: str) -> dict[str, Any]:
        return self.out["account"].set_index("_record").loc[record].to_dict()

    def report(self, name: str, language: str = "en") -> Path:
        path = self.folder / f"{language}-{name}"
        next(report for report in self.result.reports if report.name == name).write(path, language)
        return path

    def decide(self, word: str, keep: dict[str, str] | None = None, language: str = "en") -> tuple[Decision, ...]:
        """Fill the workbook in as a person does, and read it back."""
        path = self.report(REVIEW_BOOK, language)
        book = load_workbook(path)
        sheet = book.worksheets[1]
        at = {cell.value: cell.column for cell in sheet[1]}
        keeping = {"en": "Keep: ", "zh": "保留："}[language]
        for row in range(2, sheet.max_row + 1):
            if sheet.cell(row, at["_record"]).value != sheet.cell(row, at["_leading"]).value:
                sheet.cell(row, at[{"en": "Decision", "zh": "决定"}[language]], word)
                for column, value in (keep or {}).items():
                    sheet.cell(row, at[keeping + column], value)
        book.save(path)
        return read_review(path)


@pytest.fixture
def first(tmp_path) -> Ran:
    return Ran(tmp_path / "first", ACCOUNTS)


def test_the_record_that_won_is_named_for_each_value(first):
    values = first.out["values"].set_index(["_record", "column"])
    assert values.loc[("crm/1", "核实"), "winner"] == "erp/1"
    assert values.loc[("crm/1", "电话"), "winner"] == "crm/1"
    assert ("crm/1", "详细地址") not in values.index
    assert set(values["policy"]) == {"most_complete"}


def test_the_crosswalk_says_what_people_call_the_records_by(first):
    walk = first.out["crosswalk"].set_index("_record")
    assert walk.loc["erp/1", ["key", "survivor_key"]].tolist() == ["E1", "K1"]


@pytest.mark.parametrize(
    ("policy", "phone", "winners"),
    [("verified_first", "+86571 88886666", {"erp/1"}), ("newest", "+86571 88886666", {"erp/1"}), ("union", "0571-88886666; +86571 88886666", {"crm/1", "erp/1"})],
)  # fmt: skip
def test_policies_name_their_winners(tmp_path, policy, phone, winners):
    from dataclasses import replace

    ran = Ran(tmp_path, ACCOUNTS, rules=replace(RULES, survivorship={"电话": policy}))
    assert ran.golden("crm/1")["电话"] == phone
    told = ran.out["values"]
    told = told[(told["_record"] == "crm/1") & (told["column"] == "电话")]
    assert set(told["winner"]) == winners
    assert set(told["policy"]) == {policy}


def test_a_policy_with_nothing_to_go_by_is_refused(tmp_path):
    path = tmp_path / "dedupe.yaml"
    path.write_text(
        "version: 1\nobject: account\ncolumns: {name: 名称}\nsurvivorship: {电话: newest, 邮箱: verified_first}\n",
        "utf-8",
    )
    with pytest.raises(Findings) as error:
        read_dedupe(path, {"name": ""}, ())
    assert [found.code for found in error.value.errors] == ["dedupe.survivorship"] * 2


@pytest.mark.parametrize(("language", "word"), [("en", "Merge"), ("zh", "合并")])
def test_a_chosen_value_is_in_the_golden_record(first, tmp_path, language, word):
    decisions = first.decide(word, {"客户名称": "杭州启明精密机械", "电话": "0571-99990000"}, language)
    assert [choice.column for choice in decisions[0].choices] == ["客户名称", "电话"]
    ran = Ran(tmp_path / "again", ACCOUNTS, decisions=(decisions,))
    assert ran.walk["erp/2"] == "crm/1"
    assert ran.golden("crm/1")["客户名称"] == "杭州启明精密机械"
    assert ran.golden("crm/1")["电话"] == "0571-99990000"
    told = ran.out["values"].set_index(["_record", "column"])
    assert told.loc[("crm/1", "客户名称"), ["winner", "policy"]].tolist() == ["erp/2", "decision"]
    assert pd.isna(told.loc[("crm/1", "电话"), "winner"])


def test_a_chosen_value_that_nobody_holds_any_more_waits(first, tmp_path):
    decisions = first.decide("Merge", {"客户名称": "杭州启明精密机械"})
    changed = ACCOUNTS.replace({"客户名称": {"杭州启明精密机械": "杭州启明精密机械厂"}})
    ran = Ran(tmp_path / "again", changed, decisions=(decisions,))
    assert ran.golden("crm/1")["客户名称"] == "杭州启明精密机械有限公司"
    issue = dict(zip(ISSUE_COLUMNS, ran.result.issues[0], strict=True))
    assert (issue["code"], issue["column"], issue["severity"]) == (CHOICE_WAITS, "客户名称", "warning")
    assert any(
        "in no record any more, so that the rules decide: 1" in finding.text() for finding in ran.result.findings
    )


STANDARD = DataStandard(1, {"account": ObjectStandard(columns={"电话": ColumnStandard(standard="phone")})})


@pytest.mark.parametrize("written", ["138-0013-8000", "１３８ ００１３ ８０００", 13800138000])
def test_what_people_type_in_is_held_to_the_standard_of_its_column(first, tmp_path, written):
    decisions = first.decide("Merge", {"电话": written})
    ran = Ran(tmp_path / "again", ACCOUNTS, decisions=(decisions,), standard=STANDARD)
    assert ran.golden("crm/1")["电话"] == "+8613800138000"
    told = [dict(zip(ISSUE_COLUMNS, issue, strict=True)) for issue in ran.result.issues]
    assert ("电话", "+8613800138000", "phone:电话") in {(one["column"], one["after"], one["rule"]) for one in told}
    assert re.fullmatch(r"en-05_.+\.xlsx!.+!3", told[0]["_origin"])
    assert not any("typed in" in finding.text() for finding in ran.result.findings)


def test_what_is_typed_in_as_a_record_says_it_is_the_value_of_that_record(first, tmp_path):
    accounts = ACCOUNTS.assign(电话=["+8657188886666", "+8657477776666", "+8657188886666", "+8657111112222"])
    again = Ran(tmp_path / "standard", accounts)
    decisions = again.decide("Merge", {"电话": "0571-1111 2222"})
    ran = Ran(tmp_path / "again", accounts, decisions=(decisions,), standard=STANDARD)
    assert ran.golden("crm/1")["电话"] == "+8657111112222"
    assert ran.out["values"].set_index(["_record", "column"]).loc[("crm/1", "电话"), "winner"] == "erp/2"


@pytest.mark.parametrize("written", ["12", "请问小王", "无"])
def test_what_people_type_in_and_the_standard_refuses_is_told_with_its_place_and_not_taken(first, tmp_path, written):
    decisions = first.decide("Merge", {"客户名称": "杭州启明", "电话": written})
    ran = Ran(tmp_path / "again", ACCOUNTS, decisions=(decisions,), standard=STANDARD)
    assert ran.golden("crm/1")["电话"] == "0571-88886666"
    assert ran.golden("crm/1")["客户名称"] == "杭州启明"  # nothing says what names must look like
    told = dict(zip(ISSUE_COLUMNS, ran.result.issues[0], strict=True))
    assert (told["code"], told["column"], told["before"], told["after"]) == (REFUSED, "电话", written, None)
    found = [finding.text() for finding in ran.result.findings if "typed in" in finding.text()]
    assert len(found) == 1
    assert re.search(r"refuses, so that the rules decide: 1 \(en-05_.+\.xlsx!.+!3 电话\)", found[0])
    assert written not in found[0].replace("!3 电话", "")


def test_without_a_standard_it_is_said_that_what_was_typed_in_is_taken_as_it_is(first, tmp_path):
    decisions = first.decide("Merge", {"电话": "138-0013-8000"})
    ran = Ran(tmp_path / "again", ACCOUNTS, decisions=(decisions,))
    assert ran.golden("crm/1")["电话"] == "138-0013-8000"
    assert any("taken as they are" in note.text() for note in ran.result.notes)


def test_choices_that_contradict_each_other_are_told(tmp_path):
    def decided(one: str, other: str, value: str, book: str) -> Decision:
        choices = (Choice("电话", value, ()),)
        return Decision.of("account", one, other, "merge", choices=choices, book=book, place=f"{book}!2")

    earlier, later = (
        decided("erp/2", "crm/1", "0571-11112222", "a.xlsx"),
        decided("erp/1", "crm/1", "0571-88886666", "b.xlsx"),
    )
    for books in (((earlier,), (later,)), ((later,), (earlier,))):
        ran = Ran(tmp_path / books[0][0].book, ACCOUNTS, decisions=books)
        assert ran.golden("crm/1")["电话"] == "0571-88886666"
        assert any("contradicts, and that do not hold: 1 (a.xlsx!2)" in f.text() for f in ran.result.findings)


def by_row(rows: list[list[str | None]]) -> pd.DataFrame:
    """Return accounts that are named by their row, as those of a file without a key are."""
    named = [[f"表/{number}", f"表.csv!{number}", *row[2:]] for number, row in enumerate(rows, start=2)]
    return pd.DataFrame(named, columns=COLUMNS, dtype="str")


def together(ran: Ran) -> set[frozenset[str]]:
    """Return the groups, by the keys of their records."""
    walk = ran.out["crosswalk"]
    return {frozenset(part) for _, part in walk["key"].groupby(walk["survivor"]) if len(part) > 1}


NEW = ["n/1", "n!1", "N1", "苏州嘉禾食品有限公司", "0512-66667777", None, None, None]


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("word", ["Merge", "Keep apart"])
def test_decisions_hold_when_rows_have_moved(tmp_path, word, seed):
    """Re-sorted rows, added rows and a changed value; none of the records has a key to be known by."""
    decisions = Ran(tmp_path / "first", by_row(ROWS)).decide(word)
    assert [bool(mark) for decision in decisions for mark in decision.marks] == [True, True]
    moved = [[*row] for row in ROWS]
    moved[3][4] = "0571-11113333"
    moved += [[*NEW[:2], f"N{number}", f"苏州嘉禾{number}食品有限公司", *NEW[4:]] for number in "甲乙丙"]
    random.Random(seed).shuffle(moved)
    ran = Ran(tmp_path / "again", by_row(moved), decisions=(decisions,), visit=CHILDREN)
    wanted = {"K1", "E1", "E2"} if word == "Merge" else {"K1", "E1"}
    assert frozenset(wanted) in together(ran)
    assert [report.name for report in ran.result.reports] == [REPORT]


def test_decisions_about_rows_that_are_gone_wait(tmp_path):
    decisions = Ran(tmp_path / "first", by_row(ROWS)).decide("Merge")
    others = [ROWS[1], NEW, ["n/2", "n!2", "N2", "成都蓝天食品有限公司", "028-11112222", None, None, None]]
    ran = Ran(tmp_path / "again", by_row(others), decisions=(decisions,), standing=1)
    assert together(ran) == set()
    assert any("records that are not there any more: 1" in note.text() for note in ran.result.notes)


def test_contradicted_decisions_are_told_with_their_places(first, tmp_path):
    merge, apart = first.decide("Merge"), first.decide("Keep apart")
    ran = Ran(tmp_path / "again", ACCOUNTS, decisions=(merge, apart))
    assert ran.walk["erp/2"] == "erp/2"
    assert any(
        "later ones contradict: 1; the later ones hold: en-05_疑似重复审核表.xlsx!account!3 → " in finding.text()
        for finding in ran.result.findings
    )


def test_a_merge_without_a_reason_is_told_or_refused_where_the_rules_ask_for_one(first, tmp_path):
    merge = first.decide("Merge")
    told = [note.text() for note in Ran(tmp_path / "told", ACCOUNTS, decisions=(merge,)).result.notes]
    assert any(
        "lack a reason or a reviewer and were done: 1 (en-05_疑似重复审核表.xlsx!account!3)" in note for note in told
    )
    strict = replace(RULES, review=ReviewRules(("reason",)))
    with pytest.raises(Findings) as error:
        Ran(tmp_path / "refused", ACCOUNTS, rules=strict, decisions=(merge,))
    assert {(one.code, one.place) for one in error.value.errors} == {
        ("review.unfounded", "en-05_疑似重复审核表.xlsx!account!3")
    }
    founded = tuple(replace(one, reason="同一家") for one in merge)
    assert Ran(tmp_path / "taken", ACCOUNTS, rules=strict, decisions=(founded,)).walk["erp/2"] == "crm/1"


def same(one: Ran, other: Ran) -> None:
    """Assert that two runs end in the same records, crosswalk and children."""
    for name in ("account", "visit", "crosswalk", "values"):
        pd.testing.assert_frame_equal(one.out[name], other.out[name])


def undone(ran: Ran, group: str, *records: str) -> tuple[Told, ...]:
    """Return the decisions of an undo, through the workbook in which they are kept."""
    made = splitting(ran.made["crosswalk"], group, records, reason="两家公司", by="王敏")
    path = ran.folder / "undo.xlsx"
    write_split(path, "zh", made)
    read = read_review(path)
    [split] = read
    assert isinstance(split, Split)
    assert (split.sides, split.marks, split.reason, split.reviewer) == (made.sides, made.marks, "两家公司", "王敏")
    return read


def test_undoing_what_people_merged_is_as_if_they_had_not(first, tmp_path):
    merged = Ran(tmp_path / "merged", ACCOUNTS, decisions=(first.decide("Merge"),))
    assert merged.walk["erp/2"] == "crm/1"
    assert merged.out["visit"]["_ref_account"].tolist() == ["crm/1", "crm/1", "crm/1"]
    decisions = (first.decide("Merge"), undone(merged, "E2", "erp/2"))
    split = Ran(tmp_path / "split", ACCOUNTS, decisions=decisions)
    same(split, first)
    assert split.out["visit"]["_ref_account"].tolist() == ["crm/1", "erp/2", "crm/1"]
    assert [report.name for report in split.result.reports] == [REPORT]


@pytest.mark.parametrize("frame", [ACCOUNTS, by_row(ROWS)], ids=["keys", "rows"])
def test_undoing_what_the_program_merged_is_as_if_it_had_not(tmp_path, frame):
    never = Ran(tmp_path / "never", frame, rules=replace(RULES, thresholds=Thresholds(merge=1.0, review=0.9999999)))
    assert together(never) == set()
    merged = Ran(tmp_path / "merged", frame)
    assert together(merged) == {frozenset({"K1", "E1"})}
    split = Ran(tmp_path / "split", frame, decisions=(undone(merged, "K1"),))
    for name in ("account", "visit"):
        pd.testing.assert_frame_equal(split.out[name], never.out[name])
    assert split.walk == never.walk


def test_a_large_group_is_split_by_one_row_a_record(tmp_path):
    names = [f"crm/{number:03}" for number in range(300)]
    frame = pd.DataFrame({"object": "account", "_record": names, "survivor": names[0]}, dtype="str")
    frame.to_parquet(tmp_path / "walk.parquet", index=False)
    split = splitting(Table("walk", tmp_path / "walk.parquet"), "crm/007", reason="两家公司")
    write_split(tmp_path / "b.xlsx", "zh", split)
    assert load_workbook(tmp_path / "b.xlsx").worksheets[0].max_row == 301
    read = read_review(tmp_path / "b.xlsx")
    [kept], _ = latest(read)
    assert kept.records == names
    assert {kept.parts("crm/007", other) for other in names[8:]} == {True}


@pytest.mark.parametrize(
    ("group", "records", "code"),
    [("nobody", (), "decisions.unknown"), ("crm/2", (), "decisions.not-merged"),      ("E1", ("crm/2",), "decisions.not-in-group")],
)  # fmt: skip
def test_what_cannot_be_undone_is_said(first, group, records, code):
    with pytest.raises(ConfigurationError) as error:
        splitting(first.made["crosswalk"], group, records)
    assert error.value.code == code


def test_a_new_row_joins_the_record_of_the_crm_which_survives(tmp_path):
    there = ACCOUNTS.iloc[[2]].assign(_record="t/9", _origin="crm.db!9", 客户编号="T9")
    ran = Ran(tmp_path, ACCOUNTS.iloc[[0, 1]], existing="crm.db", existing_rows=there)
    assert ran.walk == {"t/9": "t/9", "crm/1": "t/9", "crm/2": "crm/2"}
    golden = ran.golden("t/9")
    assert (golden["客户名称"], golden["详细地址"]) == ("启明机械", "杭州市西湖区文三路1号")
    assert "_existing" not in ran.out["account"].columns
    assert sorted(ran.out["account"]["_record"]) == ["crm/2", "t/9"]
    assert ran.result.flows == {"account": ("account",), "existing": ("account",)}


def test_records_of_the_crm_are_never_merged_with_each_other_only_reported(tmp_path):
    """Of a source that is in the CRM already: two records alike stay two, and a new one joins one of them."""
    twins = ACCOUNTS.iloc[[0, 0, 0]].assign(_record=["crm/1", "crm/2", "erp/3"], _origin=["o!1", "o!2", "o!3"])
    ran = Ran(tmp_path, twins, existing_sources=("crm",))
    assert ran.walk["crm/1"] != ran.walk["crm/2"]
    assert ran.walk["erp/3"] in ("crm/1", "crm/2")
    pairs = ran.out["pairs"].set_index(["record_a", "record_b"])
    assert pairs.loc[("crm/1", "crm/2"), ["decision", "never"]].tolist() == ["never", "different existing"]
    assert "existing" not in "".join(pairs["explanation"])
    assert any("a new record looks like both: 1;" in finding.text() for finding in ran.result.findings)


def test_nobody_is_asked_to_merge_two_records_of_the_crm_through_a_new_one(tmp_path):
    """A new record is surely one of two customers of the CRM, and perhaps the other one: no answer could be done."""
    rows = [[*ROWS[0]], [*ROWS[3]], [*ROWS[2]]]
    rows[1][3] = "启明机械"
    frame = pd.DataFrame(rows, columns=COLUMNS, dtype="str").assign(_record=["crm/1", "crm/2", "erp/1"])
    free = Ran(tmp_path / "free", frame)
    assert [report.name for report in free.result.reports] == [REPORT, REVIEW_BOOK]
    ran = Ran(tmp_path / "crm", frame, existing_sources=("crm",))
    assert ran.walk == {"crm/1": "crm/1", "crm/2": "crm/2", "erp/1": "crm/1"}
    pairs = ran.out["pairs"].set_index(["record_a", "record_b"])
    assert pairs.loc[("crm/2", "erp/1"), ["decision", "never"]].tolist() == ["never", "different existing"]
    assert [report.name for report in ran.result.reports] == [REPORT]
    assert any("look like duplicates of each other" in finding.text() for finding in ran.result.findings)
    assert ran.result.facts["account"]["residual_duplicate_estimate"] == 0
    assert (ran.result.facts["account"]["pairs_to_review"], ran.result.facts["account"]["pairs_never"]) == (0, 1)


def alike(count: int) -> pd.DataFrame:
    """Return customers each of which may be each other one."""
    rows = [
        [f"表/{at}", f"表!{at}", f"K{at}", "启明机械", f"0571-8888{at:04}", None, None, None] for at in range(count)
    ]
    return pd.DataFrame(rows, columns=COLUMNS, dtype="str")


ASKING = replace(RULES, thresholds=Thresholds(merge=0.9999999, review=0.01))


def asked(ran: Ran) -> list[tuple[str, str]]:
    """Return whom people are asked about, with the leading record."""
    sheet = load_workbook(ran.report(REVIEW_BOOK)).worksheets[1]
    heads = [cell.value for cell in sheet[1]]
    rows = [dict(zip(heads, row, strict=True)) for row in sheet.iter_rows(min_row=2, values_only=True)]
    return [(row["_leading"], row["_record"]) for row in rows if row["_leading"] != row["_record"]]


def test_of_a_group_each_record_is_asked_about_once(tmp_path):
    ran = Ran(tmp_path / "first", alike(6), rules=ASKING)
    assert asked(ran) == [("表/0", f"表/{at}") for at in range(1, 6)]
    assert "15" not in "".join(finding.text() for finding in ran.result.findings)
    assert any("pairs that may be duplicates: 5;" in finding.text() for finding in ran.result.findings)
    assert ran.result.facts["account"]["pairs_to_review"] == 5
    page = ran.report(REPORT).read_text("utf-8")
    assert "5 pairs wait for people" in page
    merged = Ran(tmp_path / "merged", alike(6), rules=ASKING, decisions=(ran.decide("Merge"),))
    assert set(merged.walk.values()) == {"表/0"}
    assert [report.name for report in merged.result.reports] == [REPORT]


def test_two_that_are_kept_apart_from_their_leader_are_asked_about_in_the_next_run(tmp_path):
    frame, books = alike(4), ()
    for left in (3, 2, 1):
        ran = Ran(tmp_path / str(left), frame, rules=ASKING, decisions=books)
        assert len(asked(ran)) == left
        books = (*books, ran.decide("Keep apart"))
    last = Ran(tmp_path / "last", frame, rules=ASKING, decisions=books)
    assert [report.name for report in last.result.reports] == [REPORT]
    assert len(set(last.walk.values())) == 4


def test_undecided_takes_a_decision_back_and_an_empty_cell_does_not(first, tmp_path):
    merge = first.decide("Merge")
    for word, merged in (("Undecided", False), ("待定", False), (None, True)):
        ran = Ran(tmp_path / str(word), ACCOUNTS, decisions=(merge, first.decide(word)))
        assert (ran.walk["erp/2"] == "crm/1") is merged
        assert (REVIEW_BOOK in [report.name for report in ran.result.reports]) is not merged
        told = [finding.text() for finding in ran.result.findings if "takes back: 1;" in finding.text()]
        assert bool(told) is not merged
        assert all("审核表.xlsx!account!3 → en-05_" in one for one in told)
    again = Ran(tmp_path / "again", ACCOUNTS, decisions=(merge, first.decide("Undecided"), merge))
    assert again.walk["erp/2"] == "crm/1"


def test_a_cluster_that_loses_records_keeps_the_rest_together():
    """`keep_apart` alone, over a cluster whose name is that of a record that leaves it."""
    from crmmigrate.matching.comparison import Scores
    from crmmigrate.matching.existing import keep_apart

    frame = pd.DataFrame({"_record": list("abcde"), "_existing": ["a", "b", None, None, "e"]}, dtype="str")
    size = (3, 0)
    scores = Scores(np.zeros(size), np.zeros(size), np.ones(3), np.full(3, -1), np.zeros(3, dtype=bool))
    left, right = np.array([0, 0, 2]), np.array([1, 2, 3])
    found = SimpleNamespace(cluster=np.zeros(5, dtype=int), left=left, right=right, scores=scores, decision=np.array(["merge"] * 3, dtype=object), keyed=None)  # fmt: skip
    rules = DedupeRules(1, "account", {}, never=("different existing",))
    assert keep_apart(frame, rules, found) == 1
    cluster = found.cluster.tolist()
    assert cluster[0] == cluster[2] == cluster[3]
    assert len({cluster[0], cluster[1], cluster[4]}) == 3
    assert found.decision.tolist() == ["never", "merge", "merge"]


def test_people_cannot_merge_two_records_of_the_crm_by_a_way_around(tmp_path):
    frame = ACCOUNTS.assign(_record=["crm/1", "crm/2", "erp/1", "erp/2"])
    books = ((Decision.of("account", "erp/1", "crm/1", "merge", place="b!2"), Decision.of("account", "erp/1", "crm/2", "merge", place="b!3")),)  # fmt: skip
    with pytest.raises(Findings) as error:
        Ran(tmp_path, frame, existing_sources=("crm",), decisions=books)
    assert {found.code for found in error.value.errors} == {"review.two-existing"}
    assert {found.place for found in error.value.errors} == {"b!2", "b!3"}


def test_picked_thresholds_reach_the_run(tmp_path):
    facts = Ran(tmp_path, ACCOUNTS, thresholds="auto:0.9").result.facts["account"]
    assert facts["merge_threshold"] != 0.95
    assert facts["precision_estimate"] >= 0.9


@pytest.mark.parametrize(("language", "words"), [("en", ("Precision, estimated", "people decide", "merge")), ("zh", ("精确率", "由人决定", "合并", "取值个数"))])  # fmt: skip
def test_the_report_tells_figures_and_no_values(first, language, words):
    speak(language)
    page = first.report(REPORT, language).read_text("utf-8")
    for word in words:
        assert word in page
    drawings = re.findall(r'<svg class="chart".*?</svg>', page, re.DOTALL)
    assert len(drawings) == 1
    drawn = ET.fromstring(drawings[0])
    assert len(drawn.findall("polyline")) == 2
    assert drawn.findall("rect")
    assert not any(value in page for row in ROWS for value in row[2:] if value and len(value) > 3)


@pytest.mark.parametrize(
    ("language", "words"), [("en", "one name is short for the other (+"), ("zh", "一个名称是另一个的简称（+")]
)
def test_pairs_are_explained_in_both_languages(tmp_path, language, words):
    speak(language)
    pairs = Ran(tmp_path, ACCOUNTS).out["pairs"].set_index(["record_a", "record_b"])
    assert words in pairs.loc[("crm/1", "erp/1"), "explanation"].replace(" (+", "（+" if language == "zh" else " (+")


def test_rules_references_and_counts_are_told_in_chinese(tmp_path):
    people = [
        ["p/1", "孙明国", "13825905489", "sunmg@qiming.cn", "a/1"],
        ["p/2", "孙明国", "13925905412", "sunmg@qiming.cn", "a/2"],
    ]
    frame = pd.DataFrame(people, columns=["_record", "姓名", "手机", "邮箱", "_ref_account"], dtype="str")
    roles = {"name": "姓名", "mobile": "手机", "email": "邮箱", "parent": "_ref_account"}
    columns = {role: ColumnRule((column,)) for role, column in roles.items()}
    never = ("different parent without shared mobile",)
    rules = DedupeRules(1, "contact", columns, never=never, thresholds=Thresholds(0.999, 0.0001))
    tables = stored(tmp_path / "in", contact=frame)
    result = dedupe.function(Job(tables, DedupeOptions((rules,)), "r", lambda rows: None))
    next(report for report in result.reports if report.name == REPORT).write(tmp_path / "r.html", "zh")
    page = (tmp_path / "r.html").read_text("utf-8")
    assert "规则：上级不同，且以下各项均不相同：手机号码" in page
    assert ">客户</td>" in page
    assert "account" not in page
    for words in ("different parent", "取值映射表"):
        assert words not in page


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_most_valuable_groups_come_first(tmp_path, language):
    """Two doubtful pairs, equally alike: the one on which more rows depend leads."""
    other = [[f"z/{row[0]}", row[1], f"Z{row[2]}", row[3].replace("杭州启明", "杭州博雅"), f"{row[4][:-4]}5555", *row[5:]] for row in ROWS if row[0] in ("crm/1", "erp/2")]  # fmt: skip
    frame = pd.DataFrame([ROWS[0], ROWS[3], *other], columns=COLUMNS, dtype="str")
    visits = pd.DataFrame([[f"v/{n}", "q", "z/erp/2"] for n in range(5)], columns=CHILDREN.columns, dtype="str")
    ran = Ran(tmp_path, frame, visit=visits)
    sheet = load_workbook(ran.report(REVIEW_BOOK, language)).worksheets[1]
    header = [cell.value for cell in sheet[1]]
    leading = [row[header.index("_leading")] for row in sheet.iter_rows(min_row=2, values_only=True)]
    assert len(set(leading)) == 2
    assert leading[0].startswith("z/")
    suggestion = {"en": "Suggestion", "zh": "建议"}[language]
    assert {row[header.index(suggestion)] for row in sheet.iter_rows(min_row=2, values_only=True)} <= {
        None,
        "Merge",
        "合并",
    }


def test_a_choice_counts_only_where_the_two_are_merged():
    decision = Decision.of("account", "b", "a", "merge", choices=(Choice("电话", "1", ("1", "2")),), marks=("mb", "ma"))
    assert (decision.record_a, decision.marks) == ("a", ("ma", "mb"))
    assert decision.about("z", "c").pair == ("account", "c", "z")
