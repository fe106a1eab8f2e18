"""The old CRM of the b2b sample into a real Tryton by the command line: loaded, reconciled, loaded again without a change, and rolled back."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
from tests.command_line import answered as crmmigrate
from tests.targets.tryton_server import PASSWORD, TrytonServer, running_tryton

SAMPLE = Path(__file__).parents[2] / "samples" / "b2b"
MODELS = {"account": "party.party", "credit_code": "party.identifier", "contact": "party.party", "employment": "party.relation.all",
          "mobile": "party.contact_mechanism", "opportunity": "sale.opportunity"}  # fmt: skip


def content(server: TrytonServer) -> dict[str, list[dict[str, Any]]]:
    """Return what Tryton holds, by its own API alone."""
    fields = {"party.party": ["code", "name", "active"], "party.identifier": ["party", "type", "code"], "party.relation.all": ["from_", "to", "type"],
              "party.contact_mechanism": ["party", "type", "value"], "sale.opportunity": ["reference", "party", "description", "amount", "comment", "state"]}  # fmt: skip
    return {
        model: server.call(f"model.{model}.search_read", [], 0, None, [["id", "ASC"]], names)
        for model, names in fields.items()
    }


def project(server: TrytonServer, folder: Path) -> Path:
    """Return the migration.yaml of the sample, with few rows and this server's address."""
    made = folder / "b2b"
    subprocess.run(
        [sys.executable, SAMPLE / "generate.py", "--out", made, "--scale", "0.01"], check=True, capture_output=True
    )
    keep_some(made / "in" / "旧CRM导出.xlsx")
    shutil.copytree(SAMPLE / "tryton", made / "tryton")
    file = made / "tryton" / "migration.yaml"
    text = file.read_text(encoding="utf-8")
    address = server.url.removeprefix("http://")
    assert "localhost:8000/crm" in text
    file.write_text(
        text.replace("localhost:8000/crm", f"{address}/{server.database}?answer_seconds=5"), encoding="utf-8"
    )
    return file


def keep_some(book: Path) -> None:
    """Leave the first customers and those with opportunities: Tryton takes its time for each row."""
    workbook = openpyxl.load_workbook(book)
    kept = {row[0] for row in workbook["客户"].iter_rows(min_row=2, max_row=26, values_only=True)}
    kept |= {row[1] for row in workbook["商机"].iter_rows(min_row=2, values_only=True)}
    for sheet in (workbook[name] for name in ("客户", "联系人", "商机")):
        column = [cell.value for cell in sheet[1]].index("客户编号")
        others = [row[0].row for row in sheet.iter_rows(min_row=2) if row[column].value not in kept]
        for number in reversed(others):
            sheet.delete_rows(number)
    workbook.save(book)


@pytest.mark.database("postgresql")
def test_loaded_reconciled_loaded_again_and_rolled_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRYTON_PASSWORD", PASSWORD)
    with running_tryton("postgresql", tmp_path) as server:
        base = content(server)
        file = project(server, tmp_path)
        looked = crmmigrate("load", file, "--check")
        assert not [fault for fault in looked["facts"]["faults"] if fault["code"].startswith(("preflight", "target"))]
        run = crmmigrate("run", file)["run"]  # what the sample has of dirt are findings
        assert not refused(file.parent), "a clean look before means that Tryton refuses nothing"
        expected = {name: rows_of(file.parent, name) for name in MODELS}
        there = content(server)
        assert_all_there(expected, there, base)
        reconciled = crmmigrate("reconcile", file)
        assert reconciled["facts"]["reconcile"]["agrees"], reconciled["stderr"]
        crmmigrate("load", file)
        sums = json.loads(
            max((file.parent / "work" / "runs").glob("*-load-*")).joinpath("manifest.json").read_text("utf-8")
        )["facts"]["objects"]
        assert {(figures["inserted"], figures["updated"]) for figures in sums.values()} == {(0, 0)}
        assert content(server) == there
        undone = crmmigrate("rollback", run, "--project", file, "--apply")
        assert undone["exit_code"] == 0, undone["stderr"]
        assert content(server) == base


def refused(folder: Path) -> list[str]:
    """Return why the target refused rows; that of two merged records each brings the same relation is no refusal of its."""
    aside = pd.read_parquet(max((folder / "work" / "runs").glob("*-load-*")) / "tables" / "_aside.parquet")
    return [code for code in aside["code"] if code.startswith(("load.refused", "load.unfit", "load.reference"))]


def rows_of(folder: Path, name: str) -> pd.DataFrame:
    """Return the rows of an object that were to be loaded, less those that the load set aside."""
    runs = folder / "work" / "runs"
    validated = pd.read_parquet(max(runs.glob("*-validate-*")) / "tables" / f"{name}.parquet")
    done = pd.read_parquet(max(runs.glob("*-load-*")) / "tables" / f"{name}.parquet")
    return validated[validated["_record"].isin(done["_record"])]


def assert_all_there(
    expected: dict[str, pd.DataFrame], there: dict[str, list[dict[str, Any]]], base: dict[str, list[dict[str, Any]]]
) -> None:
    """Compare Tryton's rows with the expected ones, value by value, without our own reading of either."""
    code = {row["id"]: row["code"] for row in there["party.party"]}
    new = {model: [row for row in rows if row not in base[model]] for model, rows in there.items()}
    parties = pd.concat([expected["account"], expected["contact"]])
    assert Counter((row["code"], row["name"]) for row in new["party.party"]) == Counter(
        zip(parties["code"], parties["name"], strict=True)
    )
    coded = dict(zip(parties["_record"], parties["code"], strict=True))
    codes = expected["credit_code"]
    assert Counter((code[row["party"]], row["code"]) for row in new["party.identifier"]) == Counter(
        zip(codes["party"].map(coded), codes["code"], strict=True)
    )
    phones = expected["mobile"]
    assert Counter((code[row["party"]], row["value"]) for row in new["party.contact_mechanism"]) == Counter(
        zip(phones["party"].map(coded), phones["value"], strict=True)
    )
    deals = expected["opportunity"]
    assert Counter(
        (r["reference"], code[r["party"]], r["description"], amount(r["amount"]), r["comment"])
        for r in new["sale.opportunity"]
    ) == Counter(
        zip(deals["reference"], deals["party"].map(coded), deals["description"], map(amount, deals["amount"]), deals["comment"], strict=True)
    )  # fmt: skip
    jobs = expected["employment"]  # each is seen from both sides, of which one is ours
    assert Counter((code[row["from_"]], code[row["to"]]) for row in new["party.relation.all"]) == Counter(
        zip(jobs["from_"].map(coded), jobs["to"].map(coded), strict=True)
    )
    assert all(len(frame) > 10 for frame in expected.values())


def amount(value: Any) -> str:
    """Return an amount as text, as Tryton's JSON or our tables have it."""
    if isinstance(value, dict):
        value = value["decimal"]
    return f"{float(value):.2f}" if isinstance(value, str) else ""
