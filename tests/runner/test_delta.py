"""What changed in the sources comes into the target field by field; what people edited there stays; all of it can be taken back."""

from __future__ import annotations

import shlex
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import sqlalchemy as sa
from tests.command_line import called
from tests.runner.small_migration import opened

from crmmigrate.errors import ConfigurationError, Findings, LimitReached
from crmmigrate.model.schema import read_target_schema
from crmmigrate.runner import delta
from crmmigrate.runner.refeeding import feed
from crmmigrate.runner.standing import unfinished_load
from crmmigrate.runner.undo import undo

HEAD = "编号,名称,代码,级别\n"
BEFORE = (
    HEAD
    + """1,甲乙科技有限公司,A1,重点
2,丙丁贸易有限公司,A2,重点
3,戊己实业有限公司,A3,重点
4,壬癸建设有限公司,A4,重点
5,庚辛食品有限公司,A5,重点
7,东方红拖拉机制造有限公司,13800138001,重点
8,长江轮船运输有限公司,13700137008,重点
9,太行山矿泉水有限公司,13912345678,重点
10,太行山矿泉水有限公司,13912345678,一般
11,渤海湾渔业有限公司,B1,重点
"""
)
AFTER = (
    HEAD
    + """1,甲乙科技股份有限公司,A1,重点
2,丙丁贸易有限公司,,重点
3,戊己酒店管理有限公司,C3,重点
6,新疆棉花加工有限公司,A6,重点
7,东方红拖拉机制造有限公司,13800138001,重点
8,东方红拖拉机制造有限公司,13800138001,重点
{heir},太行山矿泉水有限公司,13912345678,一般
11,渤海湾渔业有限公司,B2,重点
"""
)
FILES = {
    "migration.yaml": """version: 1
sources: {crm: in/客户.csv, people: in/联系人.csv}
objects:
  account: [{table: crm.客户, key: 编号}]
  contact: [{table: people.联系人, key: 工号, relations: {account: {column: 编号, required: false}}}]
standard: standard.yaml
dedupe: [dedupe.yaml]
mappings: mappings/
gates: {max_reject_ratio: 1.0}
target: {url: URL, schema: schema.yaml, batch_rows: 2}
""",
    "standard.yaml": "version: 1\nobjects: {account: {key: 编号, columns: {名称: {standard: company_name}}}}\n",
    "dedupe.yaml": "version: 1\nobject: account\nkey: 编号\ncolumns: {company: 名称, phone: 代码}\n",
    "schema.yaml": """version: 1
tables:
  accounts:
    columns:
      id: {type: integer, identity: true}
      external_id: {type: text, length: 50, required: true, unique: true}
      name: {type: text, length: 20, required: true}
      code: {type: text, length: 20}
      level: {type: text, length: 8}
      remark: {type: text, length: 50}
  contacts:
    columns:
      id: {type: integer, identity: true}
      external_id: {type: text, length: 50, required: true, unique: true}
      name: {type: text, length: 20, required: true}
      account_id: {type: integer, references: accounts}
""",
    "mappings/account.crmmap.yaml": """version: 1
object: account
target: {table: accounts}
match: {on: [external_id]}
write: {archive: {level: 停用}}
gates: {max_reject_ratio: 1.0}
fields:
  external_id: {from: _record, required: true}
  name: {from: 名称, required: true}
  code: 代码
  level: 级别
ignore: [编号]
""",
    "mappings/contact.crmmap.yaml": """version: 1
object: contact
target: {table: contacts}
match: {on: [external_id]}
gates: {max_reject_ratio: 1.0}
fields:
  external_id: {from: _record, required: true}
  name: {from: 姓名, required: true}
  account_id: {from: _ref_account, lookup: {object: account, missing: blank}}
ignore: [工号, 编号]
""",
    "in/客户.csv": BEFORE,
    "in/联系人.csv": "工号,编号,姓名\nP1,1,张三\nP7,7,李四\nP8,8,王五\nP9,9,赵六\n",
}


URL = "sqlite:///work/crm.db"


def written(folder: Path, url: str) -> Path:
    """Write the project."""
    for name, text in FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.replace("URL", f'"{url}"'), encoding="utf-8")
    return folder


def loaded(folder: Path) -> Path:
    with opened(folder).open_target(to_create=True) as target:
        target.create(read_target_schema(folder / "schema.yaml"))
    opened(folder).run(last="load")
    return folder


@pytest.fixture(scope="module")
def staged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose stages up to validate are done, for the sources as they are and as they will be: they do not depend on the target."""
    folder = written(tmp_path_factory.mktemp("delta") / "p", URL)
    way = opened(folder)
    way.run(last="validate")
    later_sources(folder, set(way.by_step["validate"]["account"].frame()["_record"]))
    opened(folder).run(last="validate")
    for name, text in (("客户", BEFORE), ("联系人", FILES["in/联系人.csv"])):
        source(folder, text, name)
    return folder


@pytest.fixture(scope="module")
def once(staged: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return loaded(Path(shutil.copytree(staged, tmp_path_factory.mktemp("loaded") / "p")))


@pytest.fixture
def folder(once: Path, tmp_path: Path) -> Path:
    """A copy of a project that has been loaded: its target lies within it."""
    return Path(shutil.copytree(once, tmp_path / "p"))


def state(folder: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Return all rows of both tables."""
    with opened(folder).open_target() as target:
        return {
            name: sorted(
                (tuple(v if isinstance(v, str) else None for v in row)
                 for part in target.rows(name) for row in part.itertuples(index=False, name=None)), key=str,
            )
            for name in ("accounts", "contacts")
        }  # fmt: skip


def ids(folder: Path) -> dict[str, str]:
    return {str(row[1]): str(row[0]) for row in state(folder)["accounts"]}


def by_hand(folder: Path, *statements: str) -> None:
    with opened(folder).open_target() as target, target.session.transaction() as connection:
        for statement in statements:
            connection.execute(sa.text(statement))


def source(folder: Path, text: str, name: str = "客户") -> None:
    (folder / "in" / f"{name}.csv").write_text(text, encoding="utf-8")


def applied(folder: Path, **words: Any) -> Any:
    way = opened(folder)
    return delta.apply(way, delta.compare(way, **words))


def kinds(folder: Path, run: str) -> dict[tuple[str, str], str]:
    with opened(folder).open_target() as target:
        found = target.conflicts(run)
    return {(row["_record"], row["column"]): row["kind"] for row in found.to_dict("records")}


def reconciled(folder: Path) -> Any:
    way = opened(folder)
    way.reopen_load()
    outcome = way.run_only("reconcile")[0].outcome
    assert outcome is not None
    return outcome.run.manifest


def later_sources(folder: Path, there: set[str]) -> tuple[str, str]:
    """Change the sources; return who survived the merge of 9 and 10, and the other, who lives on."""
    [survivor] = {"crm/客户/9", "crm/客户/10"} & there
    heir = "10" if survivor.endswith("/9") else "9"
    source(folder, AFTER.format(heir=heir))
    source(folder, FILES["in/联系人.csv"] + f"PX,{heir},钱七\n", "联系人")
    return survivor, f"crm/客户/{heir}"


def edited(folder: Path) -> tuple[str, str]:
    """Do in the target what people do meanwhile, and change the sources."""
    by_hand(
        folder, "UPDATE accounts SET code = 'HAND' WHERE external_id = 'crm/客户/3'",
        "UPDATE accounts SET remark = '再联系' WHERE external_id = 'crm/客户/5'",
        "DELETE FROM accounts WHERE external_id = 'crm/客户/11'",
    )  # fmt: skip
    return later_sources(folder, set(ids(folder)))


def test_the_target_is_brought_up_to_date_and_back(staged: Path, tmp_path: Path, database_url: str) -> None:
    folder = Path(shutil.copytree(staged, tmp_path / "p"))
    path = folder / "migration.yaml"
    path.write_text(path.read_text("utf-8").replace(URL, database_url), encoding="utf-8")
    loaded(folder)
    there = ids(folder)
    survivor, heir = edited(folder)
    before = state(folder)

    way = opened(folder)
    compared = delta.compare(way, deletes="delete")
    counts = compared.outcome.result.facts["objects"]["account"]
    assert {word: n for word, n in counts.items() if n} == {
        "new": 1, "changed": 4, "taken_over": 1, "unchanged": 1, "deleted": 2, "merged": 1, "fields": 6,
    }, compared.outcome.result.tables["changes"].to_string()  # fmt: skip
    assert state(folder) == before, "a plan writes nothing"

    done = delta.apply(way, compared).steps[-1].manifest
    for name, planned in compared.outcome.result.facts["planned"].items():
        figures = done.facts["objects"].get(name) or dict.fromkeys(("rows", *planned), 0)
        assert {word: figures[word] for word in planned} == planned, "the plan says what is done"
        assert figures["rows"] == sum(planned.values()), "every row is in one group"
    after = state(folder)
    now = {row[1]: row for row in after["accounts"]}
    assert now["crm/客户/1"][2] == "甲乙科技股份有限公司"
    assert now["crm/客户/2"][3] is None, "what the source no longer says is taken out"
    assert now["crm/客户/3"][2:4] == ("戊己酒店管理有限公司", "HAND"), "an edit is kept, the other field is written"
    assert now["crm/客户/6"][2] == "新疆棉花加工有限公司"
    assert "crm/客户/4" not in now
    assert "crm/客户/5" in now
    assert "crm/客户/11" not in now, "what people deleted does not come back"
    assert survivor not in now
    assert now[heir][0] == there[survivor], "the record that lives on takes the row over"
    [one] = {"crm/客户/7", "crm/客户/8"} & set(now)
    people = {row[1]: row[3] for row in after["contacts"]}
    assert {people["people/联系人/P7"], people["people/联系人/P8"]} == {now[one][0]}, "children follow the merge"
    assert people["people/联系人/PX"] == there[survivor], "and a new child finds the row that was taken over"
    assert kinds(folder, done.run) == {
        ("crm/客户/3", "code"): "edited", ("crm/客户/5", "remark"): "removed_edited", ("crm/客户/11", ""): "gone",
    }  # fmt: skip

    back = undo(opened(folder), done.run, apply=True).result.facts
    assert back["digest_equal"] is True
    assert (back["kept"], back["foreign"]) == (0, {})
    assert state(folder) == before
    assert ids(folder)[survivor] == there[survivor]
    redone = undo(opened(folder), str(back["rollback"]), apply=True).result.facts
    assert redone["digest_equal"] is True
    assert state(folder) == after


def test_what_is_left_over_is_tried_again_and_told_until_it_is_settled(folder: Path) -> None:
    first = opened(folder).load_chain()[-1].run
    edited(folder)
    done = applied(folder, deletes="delete").steps[-1].manifest
    facts = reconciled(folder).facts
    assert all(
        f["source"] == f["expected"] + sum(f[r] for r in ("out_of_scope", "merged", "quarantined", "rejected"))
        for f in facts["objects"].values()
    )
    assert facts["differences"] == 2, "the edit and the deletion are named, nothing else"
    after, met = state(folder), kinds(folder, done.run)
    again = applied(folder, deletes="delete")
    assert again.work == 3, "two conflicts, and the row that could not be deleted"
    assert again.steps[-1].manifest.facts["delta"]["updated"] == again.steps[-1].manifest.facts["delta"]["deleted"] == 0
    assert kinds(folder, again.steps[-1].manifest.run) == met, "until people decide"
    assert state(folder) == after
    old = delta.compare(opened(folder), first)
    assert old.outcome.result.facts["objects"]["account"]["fields"] == 6, "what changed since the first load"
    with pytest.raises(ConfigurationError) as caught:
        delta.apply(opened(folder), old)
    assert caught.value.code == "delta.since-older"
    undo(opened(folder), done.run, apply=True)
    assert reconciled(folder).facts["differences"] == 2, "held against the first load: the edit, the deletion"
    assert opened(folder).load_chain()[-1].run == first


def named(folder: Path) -> list[tuple[str, str, str]]:
    """Reconcile; return record, kind and place of the rows that are not there. What differs only in cells is left out."""
    way = opened(folder)
    way.reopen_load()
    outcome = way.run_only("reconcile")[0].outcome
    assert outcome is not None
    found = outcome.tables["differences"].records()
    lost = [(str(d["_record"]), str(d["kind"]), str(d["_origin"])) for d in found if not d["column"]]
    off = sum(figures["difference"] for figures in outcome.run.manifest.facts["objects"].values())
    assert off == len(lost), "the equation is off by just the rows that are named"
    assert bool(outcome.result.findings) == bool(found)
    return lost


def test_the_equation_after_a_delta_holds_or_names_the_row(folder: Path) -> None:
    later_sources(folder, set(ids(folder)))
    done = applied(folder).steps[-1].manifest
    facts = reconciled(folder).facts
    assert facts["agrees"], facts
    for figures in facts["objects"].values():
        aside = sum(figures[reason] for reason in ("out_of_scope", "merged", "quarantined", "rejected"))
        assert figures["source"] - aside == figures["expected"] == figures["in_target"]
    by_hand(folder, "DELETE FROM contacts WHERE external_id = 'people/联系人/PX'")
    lost = ("people/联系人/PX", "row.gone", "联系人.csv!6")
    assert named(folder) == [lost], "a row that the delta brought"
    undo(opened(folder), done.run, apply=True, part={"objects": ("account",), "batches": (), "keys": ("crm/客户/6",)})
    assert [record for record, _, _ in named(folder)] == ["crm/客户/6", "people/联系人/PX"]


KILLED = """
import os, signal, sys
from pathlib import Path
sys.path.insert(0, {here!r})
import test_delta as t
from crmmigrate.targets.changing import ChangeWriter
noting, left = ChangeWriter._note, [{batches}]
def note(self, counts):
    noting(self, counts)
    left[0] -= 1
    if left[0] == 0:
        os.kill(os.getpid(), signal.SIGKILL)  # the batch is written and not committed
ChangeWriter._note = note
t.applied(Path({folder!r}), deletes="delete")
"""


@pytest.mark.skipif(sys.platform == "win32", reason="kills with SIGKILL")
def test_a_killed_delta_goes_on_where_it_was_and_can_be_undone(folder: Path) -> None:
    edited(folder)
    before = state(folder)
    script = KILLED.format(here=str(Path(__file__).parent), folder=str(folder), batches=4)
    died = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert died.returncode == -9, died.stderr
    run = unfinished_load(opened(folder))
    assert run
    halfway = state(folder)
    assert halfway != before
    with pytest.raises(ConfigurationError) as caught:  # another delta in between would not know what is written
        _refused_by_cli(folder)
    assert caught.value.code == "delta.unfinished-load"
    steps = opened(folder).run("", "load", resume=run)
    facts = steps[-1].manifest.facts
    assert facts["resumed"]
    figures = facts["objects"]["account"]
    words = ("inserted", "updated", "archived", "deleted", "unchanged", "withheld", "rejected")
    assert figures["rows"] == sum(figures[word] for word in words)
    assert facts["delta"] == {**facts["delta"], "inserted": 2, "conflicts": 3}
    after = state(folder)
    assert len({row[1] for row in after["accounts"]}) == len(after["accounts"])
    assert undo(opened(folder), run, apply=True).result.facts["digest_equal"] is True
    assert state(folder) == before


def _refused_by_cli(folder: Path) -> None:
    from crmmigrate.cli.delta import _refuse_unfinished

    _refuse_unfinished(opened(folder))


def test_rows_that_are_gone_stay_unless_told_otherwise(folder: Path) -> None:
    later_sources(folder, set(ids(folder)))
    kept = applied(folder).steps[-1].manifest
    assert (kept.facts["delta"]["deleted"], kept.facts["delta"]["archived"]) == (0, 0)
    before = state(folder)
    assert {"crm/客户/4", "crm/客户/5"} < {row[1] for row in before["accounts"]}
    way = opened(folder)
    compared = delta.compare(way, deletes="archive")
    counts = compared.outcome.result.facts["objects"]["account"]
    assert (counts["deleted"], counts["merged"]) == (2, 1), "they are still told of, for they are still there"
    done = delta.apply(way, compared).steps[-1].manifest
    figures = done.facts["objects"]["account"]
    assert (figures["archived"], figures["updated"]) == (3, 0)
    levels = {row[1]: row[4] for row in state(folder)["accounts"]}
    assert (levels["crm/客户/4"], levels["crm/客户/1"]) == ("停用", "重点")
    assert undo(opened(folder), done.run, apply=True).result.facts["digest_equal"] is True
    assert state(folder) == before


def test_a_delta_keeps_to_its_limits(folder: Path) -> None:
    later_sources(folder, set(ids(folder)))
    before = state(folder)
    way = opened(folder)
    compared = delta.compare(way, deletes="delete")
    limited = replace(way, project=replace(way.project, limits=replace(way.project.limits, max_delete=2)))
    with pytest.raises(LimitReached) as caught:
        delta.apply(limited, compared)
    assert (caught.value.code, caught.value.exit_code) == ("load.too-many-deletes", 4)
    assert state(folder) == before
    assert not unfinished_load(opened(folder)), "it did not begin"
    with pytest.raises(LimitReached) as caught:
        delta.apply(
            replace(way, project=replace(way.project, limits=replace(way.project.limits, max_update=2))), compared
        )
    assert caught.value.code == "load.too-many-updates"
    run = unfinished_load(opened(folder))
    done = opened(folder).run("", "load", resume=run)[-1].manifest.facts["objects"]["account"]
    assert (done["updated"], done["deleted"]) == (5, 3)


def test_the_next_step_of_a_delta_with_conflicts_names_the_workbook_and_its_option(folder: Path) -> None:
    by_hand(folder, "UPDATE accounts SET code = 'HAND' WHERE external_id = 'crm/客户/3'")
    later_sources(folder, set(ids(folder)))
    told = called("delta", folder / "migration.yaml", "--apply")
    said = told.stderr[told.stderr.index("next: ") :]
    command = shlex.split(said[said.index("crmmigrate delta") : said.index(";")])
    assert command[:3] == ["crmmigrate", "delta", str(folder / "migration.yaml")]
    assert command[-1] == "--apply"
    assert Path(command[command.index("--decided") + 1]).is_file()
    assert "2 inserted" in told.stdout
    assert " 0 " not in told.stdout[told.stdout.index("2 inserted") :]


def test_people_decide_about_conflicts_in_a_workbook(folder: Path) -> None:
    by_hand(
        folder, "UPDATE accounts SET name = 'HAND', level = 'HAND' WHERE external_id IN ('crm/客户/1', 'crm/客户/3')",
        "UPDATE accounts SET code = 'HAND', level = 'HAND' WHERE external_id IN ('crm/客户/2', 'crm/客户/3')",
        "DELETE FROM accounts WHERE external_id = 'crm/客户/11'",
        "UPDATE contacts SET account_id = NULL WHERE external_id IN ('people/联系人/P7', 'people/联系人/P8')",
    )  # fmt: skip
    later_sources(folder, set(ids(folder)))
    done = applied(folder).steps[-1].manifest
    met = kinds(folder, done.run)
    [moved] = {record for record, column in met if column == "account_id"}
    assert met == {
        **{(f"crm/客户/{key}", column): "edited" for key, column in ((1, "name"), (2, "code"), (3, "name"), (3, "code"))},
        ("crm/客户/11", ""): "gone", (moved, "account_id"): "edited",
    }  # fmt: skip
    book = folder / "work" / "runs" / done.run / "reports" / "增量冲突.xlsx"
    workbook = openpyxl.load_workbook(book)
    page = workbook["Conflicts"]
    titles = [cell.value for cell in page[1]]
    lines = {(row[0].value, row[titles.index("Column")].value or ""): row for row in page.iter_rows(min_row=2)}
    sides = [titles.index(t) for t in ("Loaded before", "In the sources now", "In the target now")]
    assert [lines["crm/客户/3", "code"][side].value for side in sides] == ["A3", "C3", "HAND"]
    take, keep = "take what the sources say", "keep what the target holds"
    said = {("crm/客户/1", "name"): take, ("crm/客户/2", "code"): keep, ("crm/客户/3", "code"): take, ("crm/客户/11", ""): keep, (moved, "account_id"): take}  # fmt: skip
    for place, word in said.items():
        lines[place][titles.index("Decision")].value = word
    workbook.save(book)
    by_hand(folder, "UPDATE accounts SET code = 'LATER' WHERE external_id = 'crm/客户/3'")
    steps = delta.decide(opened(folder), book)
    now = {row[1]: row[2:5] for row in state(folder)["accounts"]}
    assert now["crm/客户/1"] == ("甲乙科技股份有限公司", "A1", "HAND"), "the decided field, and only that"
    assert now["crm/客户/2"][1] == "HAND"
    assert now["crm/客户/3"] == ("HAND", "LATER", "HAND"), "edited once more since people looked: a conflict again"
    parent = ids(folder)["crm/客户/8" if moved.endswith("P7") else "crm/客户/7"]
    assert {row[1]: row[3] for row in state(folder)["contacts"]}[moved] == parent, "a reference too"
    open_still = {("crm/客户/3", "code"): "edited", ("crm/客户/3", "name"): "edited"}
    assert kinds(folder, steps[-1].manifest.run) == open_still, "without a decision it stays a conflict"
    with pytest.raises(ConfigurationError) as caught:
        delta.decide(opened(folder), book)
    assert caught.value.code == "conflicts.stale"
    again = delta.compare(opened(folder)).outcome.tables["conflicts"].frame().to_dict("records")
    assert {(row["_record"], row["column"]) for row in again} == set(open_still), "the others are settled"
    lines["crm/客户/1", "name"][titles.index("Decision")].value = "perhaps"
    workbook.save(book)
    with pytest.raises(Findings) as found:
        delta.decide(opened(folder), book)
    assert "增量冲突.xlsx!Conflicts!" in str(found.value)


def test_what_only_people_can_settle_makes_no_load_each_time(folder: Path) -> None:
    by_hand(folder, "UPDATE accounts SET name = 'HAND' WHERE external_id = 'crm/客户/1'")
    later_sources(folder, set(ids(folder)))
    done = applied(folder).steps[-1].manifest
    met = kinds(folder, done.run)
    again = applied(folder)
    assert (again.work, again.steps[-1].name) == (0, "validate")
    assert opened(folder).load_chain()[-1].run == done.run, "its evidence stands"
    assert kinds(folder, done.run) == met == {("crm/客户/1", "name"): "edited"}
    by_hand(folder, "UPDATE accounts SET name = '甲乙科技有限公司' WHERE external_id = 'crm/客户/1'")
    assert applied(folder).steps[-1].name == "load", "what was loaded stands there again"


def test_only_a_load_that_stands_is_compared_with(folder: Path) -> None:
    load = opened(folder).load_chain()[-1].run
    undo(opened(folder), load, apply=True)
    for since, code in (("", "delta.no-load"), (load, "delta.load-undone")):
        with pytest.raises(ConfigurationError) as caught:
            delta.compare(opened(folder), since)
        assert caught.value.code == code


def test_a_row_the_target_refuses_is_a_reject_and_is_tried_again(folder: Path) -> None:
    by_hand(
        folder, "CREATE UNIQUE INDEX only_one ON accounts (name)",
        "UPDATE accounts SET name = '甲乙科技股份有限公司' WHERE external_id = 'crm/客户/4'",
        "UPDATE accounts SET name = '新疆棉花加工有限公司' WHERE external_id = 'crm/客户/5'",
    )  # fmt: skip
    later_sources(folder, set(ids(folder)))
    done = applied(folder).steps[-1].manifest
    figures = {w: done.facts["objects"]["account"][w] for w in ("inserted", "updated", "rejected")}
    assert figures == {"inserted": 0, "updated": 4, "rejected": 2}
    assert done.accounting["account"]["rejected"] == 2
    by_hand(
        folder, "UPDATE accounts SET name = '已停业' WHERE external_id = 'crm/客户/4'",
        "UPDATE accounts SET level = 'HAND' WHERE external_id = 'crm/客户/1'",
    )  # fmt: skip
    book = folder / "work" / "runs" / reconciled(folder).run / "reports" / "待修正数据.xlsx"
    workbook = openpyxl.load_workbook(book)
    page = workbook["account"]
    titles = [cell.value for cell in page[1]]
    for row in page.iter_rows(min_row=2):
        cell = row[titles.index("名称")]
        cell.value = "新名称" if cell.value == "新疆棉花加工有限公司" else cell.value
    workbook.save(book)
    mapping = folder / "mappings" / "account.crmmap.yaml"
    before, rows = mapping.read_text("utf-8"), state(folder)
    mapping.write_text(before.replace("code: 代码", "code: {from: 代码, do: [{truncate: 1}]}"), encoding="utf-8")
    with pytest.raises(ConfigurationError) as error:
        feed(opened(folder), book)
    assert (error.value.code, state(folder)) == ("rejects.changes-more", rows), "nobody corrected the others"
    mapping.write_text(before, encoding="utf-8")
    way = opened(folder)
    compared = delta.compare(way)
    assert compared.work == 2, "what was corrected is kept"
    fed = delta.apply(way, compared)
    now = {row[1]: row for row in state(folder)["accounts"]}
    assert now["crm/客户/6"][2] == "新名称"
    assert now["crm/客户/1"][2:5] == ("甲乙科技股份有限公司", "A1", "HAND"), (
        "what people edited since is not overwritten"
    )
    assert applied(folder).work == 0
    assert undo(opened(folder), fed.steps[-1].manifest.run, apply=True).result.facts["digest_equal"] is True


def parents(folder: Path) -> dict[str, str | None]:
    return {str(row[1]): row[3] for row in state(folder)["contacts"]}


def test_a_reference_to_a_record_that_is_gone_stays_while_its_row_does(folder: Path) -> None:
    there, text = parents(folder), BEFORE.replace("7,东方红拖拉机制造有限公司,13800138001,重点\n", "")
    source(folder, text)
    assert applied(folder).work == 0, "nothing else has changed"
    source(folder, text.replace("A5", "A55"))
    compared = applied(folder)
    assert parents(folder) == there
    assert compared.outcome.result.facts["objects"]["contact"]["changed"] == 0
    assert any("1 references to records that are gone" in note.text("en") for note in compared.outcome.result.notes)
    assert not reconciled(folder).findings
    source(folder, text.replace("A5", "A56"))
    applied(folder)
    assert (parents(folder), reconciled(folder).findings) == (there, []), "also by the delta after it"

    source(folder, "工号,编号,姓名\nP1,1,张三\nP7,,李四\nP8,8,王五\nP9,9,赵六\n", "联系人")
    applied(folder)
    assert parents(folder) == there | {"people/联系人/P7": None}, (
        "what the row itself says no more is no reference that stays"
    )


def test_a_reference_goes_with_the_row_that_is_taken_out(folder: Path) -> None:
    source(folder, BEFORE.replace("7,东方红拖拉机制造有限公司,13800138001,重点\n", ""))
    applied(folder, deletes="delete")
    assert parents(folder)["people/联系人/P7"] is None
    assert "crm/客户/7" not in ids(folder)


def test_a_row_put_in_before_a_doubled_key_makes_no_second_customer(tmp_path: Path) -> None:
    folder = written(tmp_path / "p", URL)
    source(
        folder,
        BEFORE.replace("13800138001,重点", "13800138001,")
        + "7,东方红拖拉机制造有限公司,13800138001,重点\n2,另一家商行,A77,重点\n",
    )
    rows = state(loaded(folder))["accounts"]
    assert {"crm/客户/7", "crm/客户/2~13"} <= {row[1] for row in rows}, "the one was merged, the other is somebody else"
    text = (folder / "in" / "客户.csv").read_text("utf-8")
    source(folder, text.replace(HEAD, HEAD + "0,昆仑山雪水有限公司,Z9,重点\n"))
    compared = delta.compare(opened(folder))
    figures = compared.outcome.result.facts["objects"]["account"]
    assert (figures["new"], figures["changed"], figures["deleted"], figures["merged"]) == (2, 0, 1, 0)
    assert any(
        "account: 1 records that changed or are gone have a key" in found.text("en")
        for found in compared.outcome.result.findings
    )


def test_rejects_fed_in_after_a_delta_leave_alone_what_is_there(folder: Path) -> None:
    source(folder, (folder / "in" / "联系人.csv").read_text("utf-8") + "P20,1,\nP21,1,周八\n", "联系人")
    applied(folder)
    book = folder / "work" / "runs" / reconciled(folder).run / "reports" / "待修正数据.xlsx"
    workbook = openpyxl.load_workbook(book)
    page = workbook["contact"]
    titles = [cell.value for cell in page[1]]
    page.cell(2, titles.index("姓名") + 1).value = "吴九"
    workbook.save(book)
    mapping = folder / "mappings" / "account.crmmap.yaml"
    mapping.write_text(
        mapping.read_text("utf-8").replace("code: 代码", "code: {from: 代码, do: [{truncate: 1}]}"), encoding="utf-8"
    )
    before = state(folder)
    fed = feed(opened(folder), book)
    now = state(folder)
    assert (fed.written, fed.changed) == (1, 0)
    assert now["accounts"] == before["accounts"]
    assert {row[1] for row in now["contacts"]} - {row[1] for row in before["contacts"]} == {"people/联系人/P20"}
    later = delta.compare(opened(folder)).outcome.result.facts["objects"]["account"]
    assert later["changed"] == len(now["accounts"]), (
        "what the mapping says now is told by the next delta, and not forgotten"
    )


def test_a_production_target_asks_for_its_name(tmp_path: Path) -> None:
    from crmmigrate.cli.permission import guard

    path = written(tmp_path, URL) / "migration.yaml"
    text = path.read_text("utf-8").replace("batch_rows: 2", "batch_rows: 2, production: true")
    path.write_text(text, encoding="utf-8")
    way = opened(path.parent)
    with pytest.raises(ConfigurationError) as caught:
        guard(way, None, ignore_window=False, take_over=False)
    assert (caught.value.code, caught.value.exit_code) == ("load.confirm", 2)
    with pytest.raises(ConfigurationError):
        guard(way, "another.db", ignore_window=False, take_over=False)
    guard(way, caught.value.place, ignore_window=False, take_over=False)
