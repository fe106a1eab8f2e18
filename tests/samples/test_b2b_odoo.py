"""The old CRM of the b2b sample into an Odoo, where there is one: loaded, compared by Odoo's own answers, loaded again without a change, and rolled back."""

from __future__ import annotations

import json
import os
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from tests.command_line import answered as crmmigrate
from tests.samples.test_b2b_tryton import SAMPLE, refused, rows_of
from tests.targets.odoo_server import OdooServer

ADDRESS = os.environ.get("CRMMIGRATE_TEST_ODOO", "")
FIELDS = {
    "account": ("res.partner", ["ref", "name", "is_company", "vat", "street", "city", "phone", "email"]),
    "contact": ("res.partner", ["ref", "name", "function", "mobile", "email"]),
    "opportunity": ("crm.lead", ["referred", "name", "type", "expected_revenue", "date_deadline", "description"]),
}
PARENTS = {"contact": "parent_id", "opportunity": "partner_id"}


def content(server: OdooServer) -> dict[str, list[dict[str, Any]]]:
    """Return what Odoo holds, by its own API alone."""
    names = {"res.partner": ["ref", "name", "parent_id", "active"], "crm.lead": ["referred", "name", "partner_id"], "mail.message": ["model", "res_id"]}  # fmt: skip
    return {model: server.call(model, "search_read", [], fields, 0, None, "id") for model, fields in names.items()}


@pytest.mark.skipif(
    not ADDRESS, reason="no Odoo is named by CRMMIGRATE_TEST_ODOO=http://USER:PASSWORD@HOST:PORT/DATABASE"
)
def test_loaded_compared_loaded_again_and_rolled_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    server = OdooServer(ADDRESS)
    monkeypatch.setenv("ODOO_KEY", server.password)
    base = content(server)
    for part in ("in", "odoo"):
        shutil.copytree(SAMPLE / part, tmp_path / part)
    file = tmp_path / "odoo" / "migration.yaml"
    text = file.read_text(encoding="utf-8")
    assert "admin:${env:ODOO_KEY}@localhost:8069/crm?module=b2b" in text
    address = f"{server.user}:${{env:ODOO_KEY}}@{server.url.removeprefix('http://')}/{server.database}?module=b2b_test"
    file.write_text(text.replace("admin:${env:ODOO_KEY}@localhost:8069/crm?module=b2b", address), encoding="utf-8")
    looked = crmmigrate("load", file, "--check")
    assert not [fault for fault in looked["facts"]["faults"] if fault["code"].startswith(("preflight", "target"))]
    run = crmmigrate("run", file)["run"]
    assert not refused(file.parent), "a clean look before means that Odoo refuses nothing"
    there = content(server)
    for name in FIELDS:
        assert_all_there(server, name, rows_of(file.parent, name))
    assert there["mail.message"] == base["mail.message"], "nobody is written to"
    assert crmmigrate("reconcile", file)["facts"]["reconcile"]["agrees"]
    crmmigrate("load", file)
    manifest = max((file.parent / "work" / "runs").glob("*-load-*")) / "manifest.json"
    sums = json.loads(manifest.read_text("utf-8"))["facts"]["objects"]
    assert {(figures["inserted"], figures["updated"]) for figures in sums.values()} == {(0, 0)}
    assert content(server) == there
    undone = crmmigrate("rollback", run, "--project", file, "--apply")
    assert undone["exit_code"] == 0, undone["stderr"]
    assert content(server) == base


def assert_all_there(server: OdooServer, name: str, expected: pd.DataFrame) -> None:
    """Compare Odoo's rows with the expected ones, value by value; rows of the test are those with its external ids."""
    model, fields = FIELDS[name]
    known = server.call(
        "ir.model.data", "search_read", [["module", "=", "b2b_test"], ["model", "=", model]], ["name", "res_id"]
    )
    records = {row["res_id"]: row["name"] for row in known}
    partners = {
        row["res_id"]: row["name"]
        for row in server.call(
            "ir.model.data", "search_read", [["module", "=", "b2b_test"]], ["name", "res_id", "model"]
        )
        if row["model"] == "res.partner"
    }
    parent = [PARENTS[name]] if name in PARENTS else []
    rows = server.call(model, "search_read", [["id", "in", list(records)]], [*fields, *parent], 0, None, "id")
    wanted = set(expected["_record"])
    there = Counter(
        (records[row["id"]], *(plain(row[field]) for field in fields), *(partners[row[field][0]] for field in parent))
        for row in rows if records[row["id"]] in wanted
    )  # fmt: skip
    columns = ["_record", *fields, *parent]
    assert there == Counter(
        tuple(plain(cell) for cell in row) for row in expected[columns].itertuples(index=False, name=None)
    )
    assert len(expected) > 50


def plain(value: Any) -> str:
    """Return a value as text, as Odoo's JSON or our tables have it; blank where it is blank."""
    if value is False or value is None or pd.isna(value):
        return ""
    if value is True:
        return "true"
    text = str(value)
    return f"{float(text):.2f}" if text.replace(".", "", 1).isdigit() and "." in text else text
