"""The trial's sample is closed, meets what there is to be met with few rows, and is the same every time."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from crmmigrate.model.mapping import read_mappings
from crmmigrate.model.stage import Job
from crmmigrate.model.standard import ColumnStandard, DataStandard, ObjectStandard
from crmmigrate.model.table import Table, Tables
from crmmigrate.runner.tables import TableWriter
from crmmigrate.stages.trial import TrialOptions, _aligned, _closed_sample, _masked_columns, trial

STANDARD = DataStandard(
    1, {"contact": ObjectStandard(columns={"姓名": ColumnStandard("person_name"), "性质": ColumnStandard("enum")})}
)


@pytest.fixture
def tables(tmp_path):
    n = 300
    account = pd.DataFrame({
        "_record": [f"a/{i}" for i in range(n)], "_origin": [f"f!{i}" for i in range(n)],
        "名称": [f"公司{i}" if i != 77 else "很长的名称" * 20 for i in range(n)], "级别": [None if i == 5 else "ABC"[i % 3] for i in range(n)],
        "_ref_user": [f"u/{i % 7}" for i in range(n)],
    }, dtype="str")  # fmt: skip
    contact = pd.DataFrame({
        "_record": [f"c/{i}" for i in range(2 * n)], "_origin": [f"g!{i}" for i in range(2 * n)],
        "_ref_account": [f"a/{i // 2}" for i in range(2 * n)], "姓名": [f"王小{i}" for i in range(2 * n)], "性质": ["x"] * (2 * n),
    }, dtype="str")  # fmt: skip
    activity = pd.DataFrame({
        "_record": [f"v/{i}" for i in range(n)], "_origin": [f"h!{i}" for i in range(n)],
        "_ref_account": [f"a/{i}" for i in range(n)], "_ref_contact": [f"c/{(2 * i + 7) % (2 * n)}" for i in range(n)],
    }, dtype="str")  # fmt: skip
    user = pd.DataFrame(
        {"_record": [f"u/{i}" for i in range(7)], "_origin": ["s"] * 7, "姓名": ["李"] * 7}, dtype="str"
    )
    made = {}
    for name, frame in {"user": user, "account": account, "contact": contact, "activity": activity}.items():
        writer = TableWriter(name, tmp_path / f"{name}.parquet")
        writer.write(frame)
        made[name] = Table(name, writer.close().path)
    return Tables(made)


def test_the_sample_is_closed(tables):
    chosen = {name: set(rows) for name, rows in _closed_sample(list(tables), tables, 20).items()}
    assert len(chosen["account"]) >= 20
    contact = tables["contact"].frame().set_index("_record")
    activity = tables["activity"].frame().set_index("_record")
    assert set(contact.loc[sorted(chosen["contact"]), "_ref_account"]) <= chosen["account"]
    assert set(activity.loc[sorted(chosen["activity"]), "_ref_contact"]) <= chosen["contact"]
    assert chosen["user"] == {f"u/{i}" for i in range(7)}
    assert chosen == {name: set(rows) for name, rows in _closed_sample(list(tables), tables, 20).items()}


def test_personal_columns_are_masked_and_others_are_not(tables):
    options = TrialOptions(10, STANDARD, "key", tuple(tables))
    result = trial.function(Job(tables, options, "r", lambda rows: None))
    batch = result.tables["contact"].function(tables["contact"].frame())
    before = tables["contact"].frame().set_index("_record").loc[batch.rows["_record"]]
    assert (batch.rows["姓名"].to_numpy() != before["姓名"].to_numpy()).all()
    assert (batch.rows["性质"] == "x").all()
    assert result.facts["contact"]["masked"] == ["姓名"]


def test_without_a_key_nothing_is_masked(tables):
    options = replace(TrialOptions(10, STANDARD, "key", tuple(tables)), key="")
    result = trial.function(Job(tables, options, "r", lambda rows: None))
    batch = result.tables["contact"].function(tables["contact"].frame())
    assert set(batch.rows["姓名"]) <= set(tables["contact"].frame()["姓名"])


@given(st.integers(1, 60))
def test_a_sample_of_any_size_stays_closed(rows):
    import tempfile
    from pathlib import Path

    with tempfile.TemporaryDirectory() as folder:
        made = {}
        frames = {
            "account": {"_record": [f"a/{i}" for i in range(50)]},
            "contact": {
                "_record": [f"c/{i}" for i in range(80)],
                "_ref_account": [f"a/{(i * 7) % 50}" for i in range(80)],
            },
        }
        for name, columns in frames.items():
            writer = TableWriter(name, Path(folder) / f"{name}.parquet")
            writer.write(pd.DataFrame(columns, dtype="str"))
            made[name] = Table(name, writer.close().path)
        chosen = _closed_sample(["account", "contact"], Tables(made), rows)
    assert {f"a/{(int(c[2:]) * 7) % 50}" for c in chosen["contact"]} <= set(chosen["account"])


MAPPINGS = {
    "account": """version: 1
object: account
target: {table: accounts}
match: {on: [name]}
fields:
  name: {from: 名称}
  level: {from: 级别, values: {A: a, B: b, C: c, D: d}, unmapped: blank}
  owner: {lookup: {object: user, missing: blank}}
""",
    "contact": """version: 1
object: contact
target: {table: contacts}
match: {on: [name]}
fields:
  name: {from: 姓名}
  kind: {from: 性质}
""",
}


def mapped(tmp_path, **changed):
    folder = tmp_path / "mappings"
    folder.mkdir()
    for name, text in (MAPPINGS | changed).items():
        (folder / f"{name}.crmmap.yaml").write_text(text, encoding="utf-8")
    return read_mappings([folder])


def drawn(tables, rows, mappings, **others):
    options = TrialOptions(rows, STANDARD, "", tuple(tables), mappings, **others)
    return trial.function(Job(tables, options, "r", lambda rows: None))


def test_a_few_rows_more_meet_what_the_random_part_does_not(tables, tmp_path):
    writer = TableWriter("_oddities", tmp_path / "_oddities.parquet")
    writer.write(pd.DataFrame({
        "object": ["contact", "account"], "_record": ["c/555", "a/250"], "column": ["姓名", "名称"], "code": ["name.strange", "company.odd"],
    }, dtype="str"))  # fmt: skip
    given = dict(tables.items()) | {"_oddities": Table("_oddities", writer.close().path)}
    result = drawn(Tables(given), 3, mapped(tmp_path))
    sample = result.tables["_sample"]
    added = sample[sample["part"] == "cover"]
    found = {tuple(row) for row in added[["object", "_record"]].itertuples(index=False)}
    assert {("account", "a/77"), ("account", "a/5"), ("account", "a/250"), ("contact", "c/555")} <= found
    assert ("account", "a/277") in found, "the account that the strange contact belongs to comes with it"
    assert len(found) <= 8
    assert "_oddities" not in result.tables
    coverage = result.facts["coverage"]
    assert coverage["not_in_data"] == ["account.level: value D"]
    assert coverage["met"] == coverage["traits"] - 1
    random = sample[(sample["object"] == "account") & (sample["part"] == "random")]
    assert len(random) == 3, "what is added does not count as random"
    assert result.facts["account"]["cover"] == sum(added["object"] == "account")


def test_what_is_met_is_told_with_the_place(tables, tmp_path):
    result = drawn(tables, 5, mapped(tmp_path))
    [report] = result.reports
    report.write(tmp_path / report.name, "en")
    book = load_workbook(tmp_path / report.name)
    met = list(book["Met"].iter_rows(min_row=2, values_only=True))
    assert ("account", "longest value", "名称", "100", 1, "f!77") in met
    assert [row[:4] for row in book["Occurs in no row"].iter_rows(min_row=2, values_only=True)] == [
        ("account", "entry of a value map", "level", "D")
    ]


def test_a_looked_up_name_is_masked_as_the_record_it_names(tables, tmp_path):
    """account.负责人 has no standard, user.姓名 is a person's name: masked each in its way they would not meet."""
    contact = MAPPINGS["contact"].replace(
        "kind: {from: 性质}", "owner: {from: 性质, lookup: {object: user, by: 姓名, missing: blank}}"
    )
    mappings = mapped(tmp_path, contact=contact)
    standard = DataStandard(1, {"user": ObjectStandard(columns={"姓名": ColumnStandard("person_name")})})
    kinds = _aligned(
        list(mappings),
        {n: _masked_columns(n, tables, standard, list(mappings)) for n in ("user", "contact", "account")},
    )
    assert kinds["user"]["姓名"] == kinds["contact"]["性质"] == "person"
    assert "级别" not in kinds["account"], "a value map reads it: it is no secret, and masked it would have no entry"
