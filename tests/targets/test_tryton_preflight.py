"""Each kind of fault for which Tryton refuses a row: which of them a look before the load finds, and which only Tryton itself can tell."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from tests.runner.small_migration import opened
from tests.targets.systems import Tryton
from tests.targets.tryton_server import TrytonServer, running_tryton

from crmmigrate.cli.check import check_load

pytestmark = pytest.mark.database("postgresql")

MAPPINGS = {
    "account": "target: {table: party.party}, match: {on: [code]}, fields: {code: 编号, name: 名称, active: 有效}",
    "identifier": "target: {table: party.identifier}, match: {on: [party, code]}, "
    "fields: {party: {from: 客户, lookup: {object: account, by: 编号, missing: blank}}, type: 类型, code: 代码}, ignore: [编号]",
    "phone": "target: {table: party.contact_mechanism}, match: {on: [party, value]}, "
    "fields: {party: {from: 客户, lookup: {object: account, by: 编号, missing: blank}}, type: 方式, value: 号码}, ignore: [编号]",
    "country": "target: {table: country.country}, match: {on: [code]}, fields: {code: 编号, name: 名称, code3: 三位}",
    "deal": "target: {table: sale.opportunity}, match: {on: [reference]}, fields: {reference: 编号, description: 名称, amount: 金额, "
    "start_date: 开始, conversion_probability: 机会, company: 公司, party: {from: 客户, lookup: {object: account, by: 编号, missing: blank}}}",
}  # fmt: skip
ROWS = {
    "account": "编号,名称,有效\nT0,甲,true\nT1,乙,maybe\n",
    "identifier": "编号,客户,类型,代码\nI0,T0,cn_vat,91110000600007430Y\nI1,T0,uscc,甲乙丙\nI2,T0,cn_vat,91110000600007430X\nI3,T0,cn_vat,\n",
    "phone": "编号,客户,方式,号码\nP0,T0,mobile,+86 138 0013 8000\nP1,T0,mobile,13800138000\n",
    "country": "编号,名称,三位\nQQ,甲国,QQQ\nQX,乙国,QQXX\n",
    "deal": "编号,名称,金额,开始,机会,公司,客户\nD0,一,1.50,2026-01-02,0.5,示范公司,T0\nD1,二,1.505,2026-01-02,0.5,示范公司,T0\nD2,三,1.50,2026-02-30,0.5,示范公司,T0\n"
    "D3,四,1.50,2026-01-02,5,示范公司,T0\nD4,五,1.50,2026-01-02,0.5,没有这家,T0\nD5,六,1.50,2026-01-02,0.5,示范公司,T9\n",
}  # fmt: skip
"""The first row of each object is good; each other one has one fault."""

SEEN = {
    ("preflight.unfit", "active"), ("preflight.unfit", "type"), ("preflight.empty", "code"), ("preflight.unfit", "code3"),
    ("preflight.unfit", "amount"), ("preflight.unfit", "start_date"), ("preflight.unfit", "company"),
    ("preflight.unfit", "conversion_probability"),
}  # fmt: skip
"""Not a boolean, not in the selection, required, too long, too many digits, no date, no such name, beyond the bounds of the field's domain."""

UNSEEN = {
    "I2": ("load.refused-check", "code"),
    "P1": ("load.refused-check", "value"),
}
"""The sum of a credit code, a telephone in another form."""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[TrytonServer]:
    with running_tryton("postgresql", tmp_path) as running:
        yield running


def test_what_can_be_known_is_found_before_the_first_row(
    server: TrytonServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRYTON_PASSWORD", Tryton.secrets["TRYTON_PASSWORD"])
    system = Tryton(server)
    base = system.content()
    location = system.location(server.url, tmp_path)
    objects = ", ".join(f"{name}: [{{table: crm.{name}, key: 编号}}]" for name in MAPPINGS)
    folder = tmp_path / "project"
    (folder / "mappings").mkdir(parents=True)
    (folder / "in").mkdir()
    (folder / "migration.yaml").write_text(
        f'version: 1\nsources: {{crm: in}}\nobjects: {{{objects}}}\nstandard: standard.yaml\ngates: {{max_reject_ratio: 1}}\nmappings: mappings/\ntarget: {{url: "{location}"}}\n', encoding="utf-8"
    )  # fmt: skip
    (folder / "standard.yaml").write_text(
        "version: 1\nobjects: {account: {columns: {名称: {standard: text}}}}\n", encoding="utf-8"
    )
    for name, text in MAPPINGS.items():
        (folder / "mappings" / f"{name}.crmmap.yaml").write_text(
            f"{{version: 1, object: {name}, {text}}}", encoding="utf-8"
        )
        (folder / "in" / f"{name}.csv").write_text(ROWS[name], encoding="utf-8")
    faults = check_load(opened(folder)).facts["faults"]
    assert {
        (fault["code"], fault["text"].partition("'")[2].partition("'")[0])
        for fault in faults
        if fault["code"].startswith("preflight")
    } == SEEN
    assert system.content() == base
    pipeline = opened(folder)
    pipeline.run("", "load")
    (found,) = pipeline.context.workspace.folder.glob("runs/*-load-*/tables/_aside.parquet")
    aside = pd.read_parquet(found)
    refused = {
        record.rpartition("/")[2]: (code, column) for record, code, column in zip(aside["_record"], aside["code"], aside["column"], strict=True)
    }  # fmt: skip
    assert {name: told for name, told in refused.items() if name in UNSEEN} == UNSEEN
    assert {column for name, (_, column) in refused.items() if name not in UNSEEN} == {column for _, column in SEEN}
    assert len(refused) == len(UNSEEN) + len(SEEN)
