"""The trial's sample is closed, covers the oddities, and is the same every time."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmmigrate.model.stage import Job
from crmmigrate.model.standard import ColumnStandard, DataStandard, ObjectStandard
from crmmigrate.model.table import Table, Tables
from crmmigrate.runner.tables import TableWriter
from crmmigrate.stages.trial import TrialOptions, _closed_sample, trial

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


def test_the_sample_is_closed_and_covers(tables):
    chosen = _closed_sample(list(tables), tables, 20)
    assert len(chosen["account"]) >= 20
    assert {"a/77", "a/5"} <= chosen["account"], "the longest value and the gap are there"
    contact = tables["contact"].frame().set_index("_record")
    activity = tables["activity"].frame().set_index("_record")
    assert set(contact.loc[sorted(chosen["contact"]), "_ref_account"]) <= chosen["account"]
    assert set(activity.loc[sorted(chosen["activity"]), "_ref_contact"]) <= chosen["contact"]
    assert chosen["user"] == {f"u/{i}" for i in range(7)}
    assert chosen == _closed_sample(list(tables), tables, 20)


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
    assert {f"a/{(int(c[2:]) * 7) % 50}" for c in chosen["contact"]} <= chosen["account"]
