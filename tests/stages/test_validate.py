"""Rows that the target would refuse, or that do not meet the data standard, are set aside, and their children after them."""

from __future__ import annotations

import pandas as pd
import pytest

from crmmigrate.errors import ConfigurationError
from crmmigrate.model.document import Document
from crmmigrate.model.mapping import build_mapping
from crmmigrate.model.schema import TargetSchema
from crmmigrate.model.stage import Job
from crmmigrate.model.standard import ColumnStandard, DataStandard, ObjectStandard
from crmmigrate.model.table import Tables
from crmmigrate.runner.tables import Materialiser, TableWriter
from crmmigrate.stages.validate import ValidateOptions, validate

SCHEMA = Document.parse(
    """version: 1
tables:
  accounts:
    columns:
      id: {type: integer, identity: true}
      key: {length: 8, required: true, unique: true}
      level: {length: 4, picklist: levels}
      since: date
      owner: {type: integer, references: accounts}
  contacts:
    columns:
      id: {type: integer, identity: true}
      key: {length: 8, required: true}
      account: {type: integer, references: accounts, required: true}
  notes:
    columns:
      key: {length: 8, required: true}
      contact: {type: integer, references: contacts, required: true}
      second: {type: integer, references: contacts}
picklists: {levels: {A: 甲}}
"""
).read(TargetSchema)


def mapping(name, table, *fields):
    lines = "\n".join(f"  {field}" for field in fields)
    return build_mapping(
        Document.parse(f"version: 1\nobject: {name}\ntarget: {table}\nmatch: key\nfields:\n  key: _record\n{lines}")
    )


MAPPINGS = (
    mapping("account", "accounts", "level: x", "since: x"),
    mapping("contact", "contacts", "account: {lookup: {object: account}}"),
    mapping(
        "note", "notes", "contact: {lookup: {object: contact}}", "second: {lookup: {object: contact, missing: blank}}"
    ),
)


@pytest.fixture
def run(tmp_path):
    def go(options, **given):
        made = {}
        for name, rows in given.items():
            writer = TableWriter(name, tmp_path / f"{name}.parquet")
            writer.write(
                pd.DataFrame([{"_record": row["key"], "_origin": f"{name}!1", **row} for row in rows], dtype="str")
            )
            made[name] = writer.close()
        tables = Tables(made)
        result = validate.function(Job(tables, options, "r", lambda _: None))
        out = Materialiser(tables, lambda name: tmp_path / f"out_{name}.parquet", lambda _: None)
        kept = {}
        for name, content in result.tables.items():
            frame = out.write(name, content).frame()
            kept[name] = {
                row["_record"]: row for row in frame.astype(object).where(frame.notna(), None).to_dict("records")
            }
        return kept, result

    return go


def account(key, **values):
    return {"key": key, "level": None, "since": None, **values}


def test_every_kind_of_fault_is_rejected_with_code_column_and_value(run):
    rows = [
        account("ok", level="A", since="2024-02-29"), account("longer-than-8"), account("lev", level="B"),
        account("since", since="2023-02-29"), {**account("dup"), "_record": "dup1"}, {**account("dup"), "_record": "dup2"},
        {**account(None), "_record": "none"},
    ]  # fmt: skip
    kept, result = run(ValidateOptions(schema=SCHEMA, mappings=MAPPINGS[:1]), account=rows)
    assert set(kept["account"]) == {"ok", "dup1"}
    assert {row[1]: row[3:7] for row in result.aside} == {
        "longer-than-8": ("rejected", "validate.too-long", "key", "longer-than-8"),
        "lev": ("rejected", "validate.picklist", "level", "B"),
        "since": ("rejected", "validate.type", "since", "2023-02-29"),
        "dup2": ("rejected", "validate.not-unique", "key", "dup"),
        "none": ("rejected", "validate.required", "key", None),
    }
    assert [finding.params["count"] for finding in result.findings] == [5]


def test_a_row_with_two_faults_is_set_aside_once_and_both_are_told(run):
    _, result = run(
        ValidateOptions(schema=SCHEMA, mappings=MAPPINGS[:1]), account=[account("x", level="B", since="soon")]
    )
    assert len(result.aside) == 1
    assert sorted(row[4] for row in result.issues) == ["validate.picklist", "validate.type"]


def test_children_of_rejected_parents_go_too_and_theirs_and_other_references_are_left_out(run):
    kept, result = run(
        ValidateOptions(schema=SCHEMA, mappings=MAPPINGS),
        account=[account("a1"), account("a2", level="B")],
        contact=[{"key": "c1", "account": "a1"}, {"key": "c2", "account": "a2"}, {"key": "c3", "account": "gone"}],
        note=[
            {"key": "n1", "contact": "c1", "second": "c2"}, {"key": "n2", "contact": "c2", "second": "c1"},
            {"key": "n3", "contact": "c1", "second": "c1"}, {"key": "n4", "contact": "c1", "second": None},
        ],
    )  # fmt: skip
    assert {name: list(rows) for name, rows in kept.items()} == {
        "account": ["a1"],
        "contact": ["c1"],
        "note": ["n1", "n3", "n4"],
    }
    assert [kept["note"][key]["second"] for key in ("n1", "n3", "n4")] == [None, "c1", None]
    assert {row[1]: row[4] for row in result.aside} == {
        "a2": "validate.picklist", "c2": "validate.parent-rejected", "c3": "validate.parent-rejected", "n2": "validate.parent-rejected",
    }  # fmt: skip
    assert [(row[1], row[7]) for row in result.issues if row[4] == "validate.parent-blanked"] == [("n1", "c2")]


POLYMORPHIC = Document.parse(
    """version: 1
tables:
  accounts: {columns: {key: {length: 8, required: true}, level: {length: 1}}}
  contacts: {columns: {key: {length: 8, required: true}, level: {length: 1}}}
  notes:
    columns: {key: {length: 8, required: true}, about: integer, kind: {length: 16}, second: integer, second_kind: {length: 16}}
    unique: [[about, second_kind, key]]
"""
).read(TargetSchema)
ABOUT = (
    mapping("account", "accounts", "level: x"),
    mapping("contact", "contacts", "level: x"),
    mapping(
        "note", "notes", "about: {from: a, lookup: {object: account, or: contact, by: n}, required: true}",
        "kind: {kind_of: about}", "second: {from: b, lookup: {object: account, or: contact, by: n, missing: blank}}",
        "second_kind: {kind_of: second}",
    ),
)  # fmt: skip


def note(key, about, second=None):
    kinds = [reference and reference.partition(":")[0] for reference in (about, second)]
    return {"key": key, "about": about, "kind": kinds[0], "second": second, "second_kind": kinds[1]}


def test_references_to_one_of_several_tables_are_checked_before_the_load(run):
    kept, result = run(
        ValidateOptions(schema=POLYMORPHIC, mappings=ABOUT),
        account=[{"key": "a1", "level": "A"}, {"key": "a2", "level": "too long"}],
        contact=[{"key": "a2", "level": None}, {"key": "c1", "level": "too long"}],
        note=[
            note("n1", "account:a1", "contact:a2"), note("n2", "account:a2"), note("n3", "contact:a2", "contact:c1"),
            note("n4", "contact:nobody"), note("n5", "contact:c1"), note("n6", "contact:a2", "account:a2"),
        ],
    )  # fmt: skip
    assert {key: (row["second"], row["second_kind"]) for key, row in kept["note"].items()} == {
        "n1": ("contact:a2", "contact"), "n3": (None, None), "n6": (None, None),
    }  # fmt: skip
    assert {row[1]: row[2:7] for row in result.aside if row[0] == "note"} == {
        key: ("note!1", "rejected", "validate.parent-rejected", "about", about)
        for key, about in (("n2", "account:a2"), ("n4", "contact:nobody"), ("n5", "contact:c1"))
    }
    blanked = {row[1]: row[7] for row in result.issues if row[4] == "validate.parent-blanked"}
    assert blanked == {"n3": "contact:c1", "n6": "account:a2"}


def test_what_must_be_unique_together_is_checked_and_an_empty_column_repeats_nothing(run):
    schema = Document.parse(
        "version: 1\ntables:\n  accounts:\n    columns: {key: text, level: text, since: text}\n    unique: [[level, since]]\n"
    ).read(TargetSchema)
    rows = [
        account("1", level="A", since="2"), account("2", level="A", since="3"), account("3", level="A", since="2"),
        account("4", level="A"), account("5", level="A"), account("6", level="A", since="2"),
    ]  # fmt: skip
    kept, result = run(ValidateOptions(schema=schema, mappings=MAPPINGS[:1]), account=rows)
    assert list(kept["account"]) == ["1", "2", "4", "5"]
    assert {row[1]: row[3:7] for row in result.aside} == dict.fromkeys(
        ("3", "6"), ("rejected", "validate.not-unique-together", "since", "2")
    )
    assert {row[9] for row in result.issues} == {"account.(level, since)"}


def test_a_first_row_that_is_rejected_for_something_else_does_not_hold_the_value(run):
    rows = [{**account("k", level="B"), "_record": "r1"}, {**account("k"), "_record": "r2"}]
    kept, _ = run(ValidateOptions(schema=SCHEMA, mappings=MAPPINGS[:1]), account=rows)
    assert list(kept["account"]) == ["r2"]


def test_columns_that_are_not_there_stop_it(run):
    options = ValidateOptions(schema=SCHEMA, mappings=MAPPINGS[:1])
    with pytest.raises(ConfigurationError) as found:
        run(options, account=[{"_record": "x", "key": "x", "levl": "A"}])
    assert found.value.code == "validate.unknown-column"
    with pytest.raises(ConfigurationError) as found:
        run(ValidateOptions(schema=SCHEMA, mappings=MAPPINGS[1:2]), contact=[{"key": "c"}])
    assert found.value.code == "validate.no-column"


def test_against_the_data_standard(run):
    standard = DataStandard(
        1,
        {
            "account": ObjectStandard(
                columns={
                    "key": ColumnStandard("text", required=True, unique=True),
                    "手机": ColumnStandard("phone", options={"region": "CN"}),
                    "行业": ColumnStandard(values=["制造业"]),
                    "名": ColumnStandard("text", max_length=2),
                    "没有": ColumnStandard("text"),
                    "电话": ColumnStandard("phone", apply="certain"),
                }
            )
        },
    )
    rows = [
        {"key": "1", "手机": "+8613800138000", "行业": "制造业", "名": "甲乙"}, {"key": "2", "手机": "138 0013 8000", "行业": None, "名": None},
        {"key": "3", "手机": None, "行业": "不详", "名": None}, {"key": "4", "手机": None, "行业": None, "名": "甲乙丙"},
        {"key": "5", "手机": None, "行业": None, "名": None, "电话": "13800138OOO"},
    ]  # fmt: skip
    kept, result = run(ValidateOptions(standard=standard), 客户=rows)
    assert list(kept["客户"]) == ["1"]
    assert [row[1] for row in result.aside] == ["2", "3", "4", "5"]
    assert result.aside[0][4:6] == ("validate.not-standard", "手机")
    assert result.aside[2][4:6] == ("validate.too-long", "名")
    with pytest.raises(ConfigurationError) as found:
        run(ValidateOptions(standard=standard, object="contact"), 客户=rows)
    assert found.value.code == "validate.unknown-object"


def test_nothing_to_check_against_is_an_error(run):
    with pytest.raises(ConfigurationError) as found:
        run(ValidateOptions(), account=[account("x")])
    assert found.value.code == "validate.nothing"


def test_an_empty_table_is_fine(run, tmp_path):
    writer = TableWriter("account", tmp_path / "e.parquet", ["_record", "_origin", "key", "level", "since"])
    tables = Tables({"account": writer.close()})
    result = validate.function(Job(tables, ValidateOptions(schema=SCHEMA, mappings=MAPPINGS[:1]), "r", lambda _: None))
    assert (result.aside, result.findings) == ([], [])
