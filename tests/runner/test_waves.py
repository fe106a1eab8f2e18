"""Waves with work in between: edits, changed sources, rollbacks of a wave or of a few rows; the next wave, the next delta and every hint know of it."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from tests.command_line import answered, called
from tests.runner.small_migration import lay_out, opened, sql

from crmmigrate.errors import ConfigurationError
from crmmigrate.model.schema import read_target_schema
from crmmigrate.runner import delta
from crmmigrate.runner.history import loads_told
from crmmigrate.runner.tracing import trace
from crmmigrate.runner.undo import undo
from crmmigrate.runner.wave_load import load_wave
from crmmigrate.runner.workspace import Workspace


def ready(folder: Path, superior: dict[int, int]) -> Path:
    """Lay the project out, with customers that belong to others, and make its target."""
    lay_out(folder)
    rows = (folder / "in" / "客户.csv").read_text("utf-8").splitlines()
    rows = [f"{rows[0]},上级", *(f"{row},{superior.get(int(row.partition(',')[0]), '')}" for row in rows[1:])]
    (folder / "in" / "客户.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    edit(folder / "migration.yaml", "key: 编号}]\n  contact", "key: 编号, relations: {account: 上级}}]\n  contact")
    edit(
        folder / "schema.yaml",
        "      email: {}\n",
        "      email: {}\n      parent_id: {type: integer, references: accounts}\n",
    )
    edit(
        folder / "mappings" / "account.crmmap.yaml",
        "  email: {from: 邮箱}\n",
        "  email: {from: 邮箱}\n  parent_id: {lookup: {object: account, missing: blank}}\n",
    )
    with opened(folder).open_target(to_create=True) as target:
        target.create(read_target_schema(folder / "schema.yaml"))
    return folder


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


@pytest.fixture(scope="module")
def after_first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The first wave is in: customers 1, 3, … 19, and all users."""
    folder = ready(tmp_path_factory.mktemp("waves") / "p", {3: 7})
    load_wave(opened(folder), "first")
    return folder


@pytest.fixture(scope="module")
def after_both(after_first: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = Path(shutil.copytree(after_first, tmp_path_factory.mktemp("both") / "p"))
    load_wave(opened(folder), "second")
    return folder


@pytest.fixture
def first(after_first: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(after_first, tmp_path / "p"))


@pytest.fixture
def both(after_both: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(after_both, tmp_path / "p"))


def loads(folder: Path) -> list[str]:
    return Workspace(folder / "work").loads()


def next_of(folder: Path) -> str:
    """Return what `status` advises."""
    said = called("status", "--work", folder / "work").stderr
    return said.partition("next: ")[2].strip().replace(str(folder / "migration.yaml"), "P")


def compared(folder: Path, **more: Any) -> tuple[dict[str, dict[str, int]], delta.Compared]:
    """Return of each object the figures of a delta that are not nothing, and the delta."""
    found = delta.compare(opened(folder), **more)
    told = found.outcome.result.facts["objects"]
    return {name: {word: n for word, n in counts.items() if n} for name, counts in told.items()}, found


def applied(folder: Path, **more: Any) -> dict[str, int]:
    way = opened(folder)
    done = delta.apply(way, delta.compare(way, **more))
    facts = done.steps[-1].manifest.facts["delta"]
    return {word: facts[word] for word in ("inserted", "updated")}


def test_a_later_wave_leaves_alone_what_people_edited_in_the_departments_that_came_first(first: Path) -> None:
    sql(first, "UPDATE users SET name = '改名' WHERE no LIKE '%E3'")
    load_wave(opened(first), "second")
    assert sql(first, "SELECT name FROM users WHERE no LIKE '%E3'") == [("改名",)]
    assert sql(first, "SELECT count(*) FROM accounts") == [(20,)]


def test_a_later_wave_fills_the_references_of_earlier_ones_that_name_its_rows(tmp_path: Path) -> None:
    first = ready(tmp_path / "p", {3: 4, 4: 5, 6: 2})
    load_wave(opened(first), "first")
    parents = (
        "SELECT c.no, p.no FROM accounts c LEFT JOIN accounts p ON p.id = c.parent_id WHERE c.no LIKE '%/3' ORDER BY 1"
    )
    assert sql(first, parents) == [("crm/客户/3", None)]
    load_wave(opened(first), "second")
    assert sql(first, parents) == [("crm/客户/3", "crm/客户/4")]
    assert answered("reconcile", first / "migration.yaml")["facts"]["reconcile"]["agrees"]


def test_a_delta_goes_between_two_waves_and_leaves_the_other_wave_waiting(first: Path) -> None:
    source = first / "in" / "客户.csv"
    edit(source, "1,第1号精密仪器有限公司", "1,第1号精密机床有限公司")
    with source.open("a", encoding="utf-8") as file:
        file.write("21,第21号精密仪器有限公司,制造业,,,慕容晓燕,\n22,第22号精密仪器有限公司,制造业,,,上官云飞,\n")
    figures, _ = compared(first)
    assert figures["account"] == {"new": 1, "changed": 1, "unchanged": 9, "waiting": 11, "fields": 1}
    assert applied(first) == {"inserted": 1, "updated": 1}
    [load] = [one for one in Workspace(first / "work").manifests() if one.stage == "load"][-1:]
    assert load.facts["left_out"] == {"load.other-wave": 19, "load.no-wave": 1}
    assert compared(first)[1].work == 0
    load_wave(opened(first), "second")
    assert compared(first)[0]["account"] == {"unchanged": 21, "waiting": 1}
    assert sql(first, "SELECT name FROM accounts WHERE no LIKE '%/1'") == [("第1号精密机床有限公司",)]


def test_a_delta_finds_what_changed_in_an_earlier_wave_before_the_later_one_was_loaded(first: Path) -> None:
    edit(first / "in" / "客户.csv", "1,第1号精密仪器有限公司", "1,第1号精密机床有限公司")
    load_wave(opened(first), "second")
    assert sql(first, "SELECT name FROM accounts WHERE no LIKE '%/1'") == [("第1号精密仪器有限公司",)]
    figures, _ = compared(first)
    assert figures["account"] == {"changed": 1, "unchanged": 19, "fields": 1}
    assert applied(first) == {"inserted": 0, "updated": 1}
    assert compared(first)[0]["account"] == {"unchanged": 20}


def test_what_the_target_refused_of_a_wave_is_tried_again_with_the_next(first: Path) -> None:
    undo(opened(first), loads(first)[-1], apply=True)
    sql(
        first,
        "CREATE TRIGGER no5 BEFORE INSERT ON accounts WHEN NEW.no LIKE '%/5' BEGIN SELECT RAISE(ABORT, 'no'); END",
    )
    edit(first / "migration.yaml", "waves:\n", "gates: {max_reject_ratio: 1.0}\nwaves:\n")
    load_wave(opened(first), "first")
    sql(first, "DROP TRIGGER no5")
    steps = load_wave(opened(first), "second")
    assert sql(first, "SELECT count(*) FROM accounts") == [(20,)]
    assert steps[-1].manifest.accounting["account"]["out_of_scope"] == 0


def test_after_the_rollback_of_a_wave_its_rows_wait_for_it_and_are_not_brought_in_by_a_delta(both: Path) -> None:
    assert next_of(both) == "crmmigrate reconcile P"
    undo(opened(both), loads(both)[0], apply=True)
    told = called("status", "--work", both / "work")
    assert next_of(both) == "crmmigrate load P --wave first"
    assert "rolled back in part" in told.stdout
    assert "wave second" in told.stdout
    figures, found = compared(both)
    # Users go in every wave: those that nobody needs any more went with the first, and are no rows of another wave.
    assert figures == {
        "user": {"unchanged": 1, "taken_back": 2},
        "account": {"unchanged": 10, "waiting": 10}, "contact": {"unchanged": 9, "waiting": 10},
    }  # fmt: skip
    assert found.work == 0
    said = called("delta", both / "migration.yaml").stderr
    assert "rows wait for another wave: crmmigrate load" in said
    assert "--rolled-back load" in said
    load_wave(opened(both), "first")
    assert compared(both)[0] == {"user": {"unchanged": 3}, "account": {"unchanged": 20}, "contact": {"unchanged": 19}}
    assert answered("reconcile", both / "migration.yaml")["facts"]["reconcile"]["agrees"]
    assert next_of(both) == ""


def test_the_rollback_of_a_rollback_brings_the_wave_back_and_nothing_is_advised_anew(both: Path) -> None:
    back = undo(opened(both), loads(both)[0], apply=True).run.manifest.run
    assert [load.state for load in loads_told(Workspace(both / "work"))] == ["rolled_back", "done"]
    undo(opened(both), back, apply=True)
    assert [load.state for load in loads_told(Workspace(both / "work"))] == ["done", "done"]
    assert next_of(both) == "crmmigrate reconcile P"
    assert compared(both)[0]["account"] == {"unchanged": 20}


def test_rows_that_were_rolled_back_by_key_stay_out_until_they_are_asked_for(both: Path) -> None:
    part = {"objects": ("contact",), "keys": ("people/联系人/P7",), "batches": ()}
    undo(opened(both), loads(both)[0], apply=True, part=part)
    assert next_of(both) == "crmmigrate delta P"
    figures, found = compared(both)
    assert (figures["contact"], found.work) == ({"unchanged": 18, "taken_back": 1}, 0)
    with (both / "in" / "客户.csv").open("a", encoding="utf-8") as file:
        file.write("21,第21号精密仪器有限公司,制造业,,,慕容晓燕,\n")
    assert applied(both) == {"inserted": 1, "updated": 0}
    assert compared(both)[0]["contact"] == {"unchanged": 18, "taken_back": 1}, "another delta knows it still"
    facts = answered("reconcile", both / "migration.yaml")["facts"]["reconcile"]
    assert facts["agrees"]
    assert facts["objects"]["contact"]["out_of_scope"] == 1
    open_ = {line for line in called("golive", "check", both).stderr.splitlines() if "final load" in line}
    assert any("--rolled-back load --apply" in line for line in open_)
    assert compared(both, rolled_back="load")[0]["contact"] == {"unchanged": 18, "new": 1}
    assert applied(both, rolled_back="load") == {"inserted": 1, "updated": 0}
    assert compared(both)[0]["contact"] == {"unchanged": 19}


def test_rejects_fed_in_after_a_rollback_bring_in_nothing_that_it_took_out(first: Path) -> None:
    undo(opened(first), loads(first)[-1], apply=True)
    edit(first / "in" / "客户.csv", "20,第20号精密仪器有限公司", "20,")
    way = opened(first)
    way.run("", "load")
    answered("reconcile", first / "migration.yaml")
    undo(
        opened(first), loads(first)[-1], apply=True, part={"objects": ("contact",), "keys": ("people/联系人/P7",), "batches": ()}
    )  # fmt: skip
    book = first / "back.xlsx"
    shutil.copyfile(max(first.glob("work/runs/*-reconcile-*/reports/待修正数据.xlsx")), book)
    corrected(book, "crm/客户/20", "名称", "第20号精密机床有限公司")
    done = answered("load", first / "migration.yaml", "--rejects", book)
    assert done["facts"]["rejects"]["written"] == 1
    assert done["facts"]["load"]["left_out"] == {"load.taken-back": 1}
    assert sql(first, "SELECT count(*) FROM contacts WHERE no LIKE '%/P7'") == [(0,)]
    assert compared(first)[0]["contact"] == {"unchanged": 18, "taken_back": 1}


def corrected(book: Path, record: str, column: str, value: str) -> None:
    import openpyxl

    workbook = openpyxl.load_workbook(book)
    for page in workbook:
        heads = {cell.value: cell.column for cell in page[1]}
        for row in page.iter_rows(min_row=2):
            if row[0].value == record:
                for name, text in ((column, value), ("Reason for the change", "合同"), ("Done by", "王敏")):
                    page.cell(row[0].row, heads[name]).value = text
    workbook.save(book)


def test_a_row_of_a_wave_that_was_rolled_back_is_traced_to_the_rollback(both: Path) -> None:
    def undone(record: str) -> str:
        steps = trace(Workspace(both / "work"), record).steps
        return str(next(step["undone"] for step in steps if step["stage"] == "load" and step["record"] == record))

    back = undo(opened(both), loads(both)[0], apply=True).run.manifest.run
    assert (undone("crm/客户/19"), undone("crm/客户/20")) == (back, "")
    page = answered("report", both / "migration.yaml")["files"][0]
    assert "nothing of this migration is in the target" not in Path(page).read_text("utf-8")


def test_a_load_whose_folder_is_gone_is_told_wherever_a_second_one_was_invited(both: Path) -> None:
    runs = loads(both)
    for run in runs:
        shutil.rmtree(both / "work" / "runs" / run)
    said = next_of(both)
    assert runs[-1] in said
    assert f"crmmigrate rollback {runs[-1]} --project P" in said
    (both / "x.xlsx").write_bytes(b"")
    for words in (["reconcile"], ["delta"], ["golive", "check"]):
        told = called(*words, both / "migration.yaml")
        assert (told.returncode, "[run.folder-gone]" in told.stderr) == (2, True), told.stderr
        assert "crmmigrate run" not in told.stderr
    with pytest.raises(ConfigurationError) as caught:
        opened(both).load_chain()
    assert caught.value.code == "run.folder-gone"
    undo(opened(both), runs[-1], apply=True)
    undo(opened(both), runs[0], apply=True)
    assert sql(both, "SELECT count(*) FROM accounts") == [(0,)]
    assert next_of(both) == "crmmigrate load P --wave first"


def test_a_load_takes_no_rows_for_its_own_that_another_project_has_loaded(both: Path, tmp_path: Path) -> None:
    other = lay_out(tmp_path / "other")
    for name in ("migration.yaml", "schema.yaml", "mappings/account.crmmap.yaml", "in/客户.csv"):
        shutil.copyfile(both / name, other / name)
    edit(other / "migration.yaml", "sqlite:///work/crm.db", f"sqlite:///{both}/work/crm.db")
    edit(other / "in" / "客户.csv", "1,第1号精密仪器有限公司", "1,别的公司有限公司")
    before = sql(both, "SELECT * FROM accounts ORDER BY id")
    looked = called("load", other / "migration.yaml", "--check")
    assert "[load.other-project]" in looked.stderr
    for words in (["load"], ["load", "--wave", "first"], ["run"]):
        told = called(words[0], other / "migration.yaml", *words[1:])
        assert (told.returncode, "[load.other-project]" in told.stderr) == (2, True), told.stderr
        assert both.as_posix() in told.stderr
    assert sql(both, "SELECT * FROM accounts ORDER BY id") == before
    assert called("load", both / "migration.yaml", "--all-waves").returncode == 1, "its own it may write"
    # The project itself, moved with its workspace, is no other.
    moved = both.rename(tmp_path / "moved")
    assert called("load", moved / "migration.yaml", "--all-waves").returncode == 1
    edit(other / "migration.yaml", f"sqlite:///{both}/work", f"sqlite:///{moved}/work")
    assert called("load", other / "migration.yaml", "--take-over").returncode == 1
    assert sql(moved, "SELECT name FROM accounts WHERE no LIKE '%/1'") == [("别的公司有限公司",)]


def test_where_waves_were_loaded_nothing_loads_all_rows_unasked(first: Path) -> None:
    project = first / "migration.yaml"
    for words in (["load"], ["run"], ["run", "--to", "reconcile"]):
        told = called(words[0], project, *words[1:])
        assert (told.returncode, "[load.which-wave]" in told.stderr) == (2, True), told.stderr
        assert "waves (first, second), of which were loaded so far: first;" in told.stderr
        assert (
            f"one wave: crmmigrate load {project} --wave second; what changed in those that are loaded: crmmigrate delta {project} --apply"
            in told.stderr
        )
    assert sql(first, "SELECT count(*) FROM accounts") == [(10,)]
    assert called("run", project, "--to", "validate").returncode == 1, "what loads nothing goes on"
    told = called("load", project, "--all-waves", "--lang", "zh")
    assert (told.returncode, "包括所有批次（first, second）" in told.stdout) == (1, True), told  # a contact is rejected
    assert sql(first, "SELECT count(*) FROM accounts") == [(20,)]
    assert called("load", project).returncode == 1, "after a load of all rows, which stands, it is one more"


def test_once_all_waves_are_in_a_load_of_all_rows_is_to_be_meant(both: Path) -> None:
    told = called("load", both / "migration.yaml", "--lang", "zh")
    assert told.returncode == 2
    assert "目前已导入：first, second" in told.stderr
    assert (
        f"更新此后的变化：crmmigrate delta {both / 'migration.yaml'} --apply；重新导入全部行：加上 --all-waves"
        in told.stderr
    )


def test_a_target_marked_as_production_is_not_filled_with_all_waves_unasked(tmp_path: Path) -> None:
    folder = ready(tmp_path / "p", {})
    edit(folder / "migration.yaml", "target: {url:", "target: {production: true, url:")
    told = called("load", folder / "migration.yaml", "--confirm", "crm")
    assert (told.returncode, "of which were loaded so far: -;" in told.stderr) == (2, True), told.stderr
    assert "--wave first; all at once: add --all-waves" in told.stderr
    assert called("load", folder / "migration.yaml", "--confirm", "crm", "--all-waves").returncode in (0, 1)
    assert sql(folder, "SELECT count(*) FROM accounts") == [(20,)]


def test_a_project_of_another_name_is_named_in_what_comes_next(first: Path) -> None:
    project = (first / "migration.yaml").rename(first / "迁移.yaml")
    run = loads(first)[-1]
    told = called("rollback", run, "--project", project)
    assert f"crmmigrate rollback {run} --apply --project {project}" in told.stderr
    done = called("rollback", run, "--apply", "--project", project, "--work", first / "work")
    assert done.returncode == 0


def test_where_nothing_was_loaded_yet_all_waves_are_loaded_and_that_is_told(tmp_path: Path) -> None:
    folder = ready(tmp_path / "p", {})
    told = called("load", folder / "migration.yaml")
    assert "all rows were loaded, of all waves (first, second) and of none; one alone: crmmigrate load" in told.stdout
    assert sql(folder, "SELECT count(*) FROM accounts") == [(20,)]


def test_a_rollback_that_took_nothing_back_changes_no_advice(both: Path) -> None:
    part = {"objects": ("account",), "keys": ("crm/客户/1",), "batches": ()}  # a contact belongs to it
    facts = undo(opened(both), loads(both)[0], apply=True, part=part).run.manifest.facts
    assert (facts["undone"], facts["kept_referenced"]) == (0, 1)
    assert [load.state for load in loads_told(Workspace(both / "work"))] == ["done", "done"]
    assert next_of(both) == "crmmigrate reconcile P"


def test_a_delta_is_told_in_the_readers_language(both: Path) -> None:
    undo(opened(both), loads(both)[0], apply=True)
    said = called("delta", both / "migration.yaml", "--lang", "zh")
    assert "  user：1 未变；2 未纳入：已被回滚取出\n" in said.stdout
    assert "20 行等待其他批次：crmmigrate load" in said.stderr


@pytest.mark.parametrize("order", [("contact", "account"), ("account", "contact")])
def test_a_wave_takes_what_belongs_to_it_in_whatever_order_the_objects_are_named(
    tmp_path: Path, order: tuple[str, str]
) -> None:
    folder = ready(tmp_path / "p", {})
    lines = (folder / "migration.yaml").read_text("utf-8").splitlines(keepends=True)
    feeds = {name: next(line for line in lines if line.startswith(f"  {name}: [")) for name in order}
    places = sorted(lines.index(line) for line in feeds.values())
    for place, name in zip(places, order, strict=True):
        lines[place] = feeds[name]
    (folder / "migration.yaml").write_text("".join(lines), encoding="utf-8")
    load = load_wave(opened(folder), "first")[-1].manifest
    assert sql(folder, "SELECT count(*) FROM accounts") == [(10,)]
    assert sql(folder, "SELECT count(*) FROM contacts WHERE account_id IS NULL") == [(0,)]
    assert (sql(folder, "SELECT count(*) FROM contacts"), load.accounting["contact"].get("rejected", 0)) == ([(10,)], 0)


def test_a_wave_over_a_column_that_is_not_there_is_told_with_its_place(tmp_path: Path) -> None:
    folder = ready(tmp_path / "p", {})
    edit(folder / "migration.yaml", "first: {account: {column: 负责人", "first: {account: {column: 负责入")
    with pytest.raises(ConfigurationError) as caught:
        load_wave(opened(folder), "first")
    assert caught.value.place == f"{folder / 'migration.yaml'}:15:29"
    assert "负责人" in str(caught.value.hint)
