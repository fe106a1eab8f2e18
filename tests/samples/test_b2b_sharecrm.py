"""The old CRM of the b2b sample into the stub of ShareCRM by the command line: loaded, reconciled, loaded again without a change, and rolled back."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pandas as pd
import pytest
from tests.command_line import answered as crmmigrate
from tests.targets.sharecrm_system import ShareCrmStub
from tests.targets.stub_sharecrm import StubShareCrm

SAMPLE = Path(__file__).parents[2] / "samples" / "b2b"
ADDRESS = "https://FSAID_1:${env:SHARECRM_SECRET}@open.fxiaoke.com/"


def project(crm: StubShareCrm, folder: Path) -> Path:
    """Return the migration.yaml of the sample, with few rows and this server's address."""
    made = folder / "b2b"
    generate = [sys.executable, SAMPLE / "generate.py", "--out", made, "--scale", "0.01"]
    subprocess.run(generate, check=True, capture_output=True)
    shutil.copytree(SAMPLE / "sharecrm", made / "sharecrm")
    file = made / "sharecrm" / "migration.yaml"
    text = file.read_text(encoding="utf-8")
    assert ADDRESS in text
    quick = text.replace("permanent_code=${env:SHARECRM_CODE}", "permanent_code=${env:SHARECRM_CODE}&seconds=0.4")
    here = ADDRESS.replace("https", "http").replace("open.fxiaoke.com", crm.url.removeprefix("http://"))
    file.write_text(quick.replace(ADDRESS, here), encoding="utf-8")
    return file


def test_loaded_reconciled_loaded_again_and_rolled_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in ShareCrmStub.secrets.items():
        monkeypatch.setenv(name, value)
    with StubShareCrm() as crm:
        system = ShareCrmStub(crm)
        crm.put("AccountObj", name="别人的客户")
        base = system.content()
        file = project(crm, tmp_path)
        run = crmmigrate("run", file)["run"]  # what the sample has of dirt are findings
        there = system.content()
        for name, model in (("account", "AccountObj"), ("contact", "ContactObj")):
            expected = rows_of(file.parent, name)
            made = [row for row in crm.rows[model].values() if row.get("legacy_no__c")]
            assert Counter((row["legacy_no__c"], row["name"]) for row in made) == Counter(
                zip(expected["legacy_no__c"], expected["name"], strict=True)
            )
            assert len(made) > 20
        reconciled = crmmigrate("reconcile", file)
        assert reconciled["facts"]["reconcile"]["agrees"], reconciled["stderr"]
        crmmigrate("load", file)
        newest = max((file.parent / "work" / "runs").glob("*-load-*"))
        sums = json.loads(newest.joinpath("manifest.json").read_text("utf-8"))["facts"]["objects"]
        assert {(figures["inserted"], figures["updated"]) for figures in sums.values()} == {(0, 0)}
        assert system.content() == there
        undone = crmmigrate("rollback", run, "--project", file, "--apply")
        assert undone["exit_code"] == 0, undone["stderr"]
        assert system.content() == base


def rows_of(folder: Path, name: str) -> pd.DataFrame:
    """Return the rows of an object that were to be loaded, less those that the load set aside."""
    runs = folder / "work" / "runs"
    validated = pd.read_parquet(max(runs.glob("*-validate-*")) / "tables" / f"{name}.parquet")
    done = pd.read_parquet(max(runs.glob("*-load-*")) / "tables" / f"{name}.parquet")
    return validated[validated["_record"].isin(done["_record"])]
