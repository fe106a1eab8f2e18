"""A record is found by every name it has, and its merges are followed both ways."""

from __future__ import annotations

import pandas as pd
import pytest

from crmmigrate.errors import ConfigurationError
from crmmigrate.model.issue import ASIDE, ASIDE_COLUMNS, ISSUE_COLUMNS, ISSUES
from crmmigrate.runner.tables import TableWriter
from crmmigrate.runner.tracing import trace
from crmmigrate.runner.workspace import Workspace


def _run(workspace: Workspace, stage: str, tables: dict[str, tuple[list[str], list[tuple]]]) -> None:
    run = workspace.begin(stage)
    for name, (columns, rows) in tables.items():
        path = run.folder / "tables" / f"{name}.parquet"
        writer = TableWriter(name, path, columns)
        writer.write(pd.DataFrame(rows, columns=columns, dtype="str"))
        writer.close()
        if name not in (ISSUES, ASIDE):
            run.manifest.outputs[name] = {"rows": len(rows), "path": f"tables/{name}.parquet"}
    run.end("done", 0)


@pytest.fixture
def workspace(tmp_path) -> Workspace:
    made = Workspace(tmp_path)
    own = ["_record", "_origin"]
    sources = [
        ("crm/客户/C1", "a.xlsx#客户!2", "secret-value"),
        ("erp/客户/E7", "b.csv!3", "other"),
        ("crm/人/C1", "a.xlsx#人!2", "x"),
    ]
    _run(made, "extract", {"crm.客户": ([*own, "code"], sources)})
    _run(made, "dedupe", {
        "account": (own, [sources[0][:2]]),
        "crosswalk": (["object", "_record", "survivor"], [("account", r, "crm/客户/C1") for r in ("crm/客户/C1", "erp/客户/E7")]),
        "values": (["object", "_record", "column", "winner", "policy"], [("account", "crm/客户/C1", "电话", "erp/客户/E7", "newest")]),
        ASIDE: (list(ASIDE_COLUMNS), [("account", "erp/客户/E7", "b.csv!3", "merged", "dedupe.merged", None, None, "crm/客户/C1")]),
        ISSUES: (list(ISSUE_COLUMNS), []),
    })  # fmt: skip
    _run(made, "load", {
        "account": ([*own, "target_key"], [(*sources[0][:2], "17")]),
        "contact": ([*own, "target_key"], [(*sources[2][:2], "17")]),
    })  # fmt: skip
    return made


@pytest.mark.parametrize("key", ["crm/客户/C1", "a.xlsx#客户!2", "erp/客户/E7", "b.csv!3", "E7", "account:17"])
def test_every_name_of_a_record_tells_its_whole_story(workspace, key):
    steps = trace(workspace, key).steps
    assert [step["stage"] for step in steps] == ["extract"] * 2 + ["dedupe"] * 5 + ["load"]
    told = " | ".join(step["what"] for step in steps)
    assert "target_key=17" in told
    assert "into=crm/客户/C1" in told
    assert "column=电话 winner=erp/客户/E7 policy=newest" in told
    assert "erp/客户/E7 (b.csv!3)" in told
    assert "crm/人/C1" not in told


def test_values_of_the_source_are_not_told_whatever_their_column_is_called(workspace):
    assert "secret-value" not in str(trace(workspace, "crm/客户/C1"))


@pytest.mark.parametrize("key", ["C1", "17"])
def test_a_key_of_several_records_lists_them(workspace, key):
    found = trace(workspace, key)
    assert found.steps == []
    assert sorted(found.candidates) == ["crm/人/C1", "crm/客户/C1"]


@pytest.mark.parametrize("key", ["nobody", "contact:99", "ticket:17", "1"])
def test_an_unknown_key_is_refused(workspace, key):
    with pytest.raises(ConfigurationError) as caught:
        trace(workspace, key)
    assert caught.value.code == "trace.unknown"


def _rolled_back(workspace: Workspace, **facts) -> str:
    """Note a rollback of the newest load, as the stage does."""
    load = workspace.latest("load").run
    run = workspace.begin("rollback", parent=load)
    rows = [("account", "17", "kept_edited", "name")] if facts.pop("kept", False) else []
    path = run.folder / "tables" / "kept.parquet"
    writer = TableWriter("kept", path, ["object", "key", "outcome", "columns"])
    writer.write(pd.DataFrame(rows, columns=["object", "key", "outcome", "columns"], dtype="str"))
    writer.close()
    run.manifest.outputs["kept"] = {"rows": len(rows), "path": "tables/kept.parquet"}
    run.manifest.facts = {"undoes": load, "rollback": run.manifest.run, "applied": True, "redo": False, **facts}
    run.end("done", 0)
    return run.manifest.run


@pytest.mark.parametrize(
    ("facts", "undone"),
    [
        ({}, True), ({"applied": False}, False), ({"kept": True}, False), ({"selection": {"objects": ["account"], "keys": ["17"]}}, True),
        ({"selection": {"objects": ["contact"]}}, False), ({"selection": {"objects": ["account"], "keys": ["18"]}}, False),
    ],
)  # fmt: skip
def test_a_row_that_was_rolled_back_is_said_to_be(workspace, facts, undone):
    run = _rolled_back(workspace, **facts)
    loaded = next(step for step in trace(workspace, "crm/客户/C1").steps if step["stage"] == "load")
    assert loaded["undone"] == (run if undone else "")


def test_a_rollback_that_was_undone_says_nothing(workspace):
    undone = _rolled_back(workspace)
    _rolled_back(workspace, undoes=undone, redo=True)
    loaded = next(step for step in trace(workspace, "crm/客户/C1").steps if step["stage"] == "load")
    assert loaded["undone"] == ""


def test_codes_are_told_in_the_readers_language(workspace, capsys):
    from crmmigrate.cli.tracing import show_trace
    from crmmigrate.messages import speak

    _rolled_back(workspace)
    speak("zh")
    show_trace("crm/客户/C1", workspace.folder, "text")
    said = capsys.readouterr().out
    assert "去向: " in said
    assert "merged" not in said.replace("[dedupe.merged]", "")
    assert "取值规则: 最新的记录" in said
    assert "回滚" in said
    assert "reason=" not in said
    assert "policy=" not in said
