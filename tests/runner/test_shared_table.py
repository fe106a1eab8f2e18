"""Two objects of a migration that go into one table of the target are no strangers to each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.runner.small_migration import FILES, lay_out, opened

from crmmigrate.model.schema import read_target_schema

if TYPE_CHECKING:
    from pathlib import Path

LEAD = """version: 1
object: lead
target: {table: accounts}
match: {on: [no]}
fields: {no: {from: _record}, name: {from: 名称, required: true}}
"""


def shared(folder: Path) -> Path:
    """Lay out a migration whose customers and leads stand in one table, and create its target."""
    lay_out(folder)
    migration = FILES["migration.yaml"].replace("  staff:", "  leads: {location: in/线索.csv}\n  staff:")
    migration = migration.replace("  contact: [", "  lead: [{table: leads.线索, key: 号}]\n  contact: [")
    standard = (
        FILES["standard.yaml"] + "  lead: {key: 号, columns: {号: {standard: text}, 名称: {standard: company_name}}}\n"
    )
    for name, text in {
        "migration.yaml": migration, "standard.yaml": standard, "mappings/lead.crmmap.yaml": LEAD,
        "in/线索.csv": "号,名称\nL1,梅花茶业有限公司\nL2,兰草纸业有限公司\nL3,竹林五金有限公司\n",
    }.items():  # fmt: skip
        (folder / name).write_text(text, encoding="utf-8")
    with opened(folder).open_target(to_create=True) as target:
        target.create(read_target_schema(folder / "schema.yaml"))
    return folder


def test_rows_of_another_object_are_neither_strangers_nor_others(tmp_path: Path) -> None:
    folder = shared(tmp_path)
    opened(folder).run()
    customers = (folder / "in" / "客户.csv").read_text("utf-8").splitlines(keepends=True)
    (folder / "in" / "客户.csv").write_text("".join(customers[:-1]), encoding="utf-8")
    pipeline = opened(folder)
    pipeline.run()
    outcome = pipeline.steps[-1].outcome
    assert outcome is not None
    assert outcome.result.facts["strangers"] == {}
    assert outcome.result.facts["left_over"] == {"account": {"gone": 1, "set_aside": 0, "table": 23}}
    [told] = [note.text("en") for note in outcome.result.notes if "the table holds" in note.text("en")]
    assert told.endswith("19 of those expected + 1 loaded earlier and gone from the sources + 0 loaded earlier and set aside since + 3 of other objects + 0 others")  # fmt: skip
