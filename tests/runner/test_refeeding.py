"""Rejects come back corrected: they go the same way again, go in beside the rest, and everything still adds up."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from tests.command_line import answered, called
from tests.runner.small_migration import opened

from crmmigrate.cli.check import check_load
from crmmigrate.errors import ConfigurationError, Findings, LimitReached, LocationError
from crmmigrate.model.reconciliation import KINDS
from crmmigrate.model.schema import read_target_schema
from crmmigrate.reports.seal import seal, titles_of
from crmmigrate.runner import delta
from crmmigrate.runner.refeeding import feed
from crmmigrate.runner.standing import unfinished_load
from crmmigrate.runner.undo import undo
from crmmigrate.runner.wave_load import load_wave

FILES = {
    "migration.yaml": """version: 1
sources: {crm: in/客户.csv, people: in/联系人.csv}
objects:
  account: [{table: crm.客户, key: 编号}]
  contact: [{table: people.联系人, key: 工号, relations: {account: 编号}}]
standard: standard.yaml
dedupe: [dedupe.yaml]
mappings: mappings/
gates: {max_reject_ratio: 1.0}
target: {url: URL, schema: schema.yaml, batch_rows: 2}
""",
    "standard.yaml": "version: 1\nobjects: {account: {key: 编号, columns: {名称: {standard: company_name}}}}\n",
    "dedupe.yaml": """version: 1
object: account
key: 编号
columns: {company: 名称, name: 备注}
""",
    "schema.yaml": """version: 1
tables:
  accounts:
    columns:
      id: {type: integer, identity: true}
      external_id: {type: text, length: 50, required: true, unique: true}
      name: {type: text, length: 20, required: true}
      code: {type: text, length: 8, unique: true}
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
gates: {max_reject_ratio: 1.0}
fields:
  external_id: {from: _record, required: true}
  name: {from: 名称, required: true}
  code: 代码
ignore: [编号, 备注]
""",
    "mappings/contact.crmmap.yaml": """version: 1
object: contact
target: {table: contacts}
match: {on: [external_id]}
gates: {max_reject_ratio: 1.0}
fields:
  external_id: {from: _record, required: true}
  name: {from: 姓名, required: true}
  account_id: {from: _ref_account, lookup: {object: account}}
ignore: [工号, 编号]
""",
    "in/客户.csv": "编号,名称,代码,备注\n1,甲乙科技有限公司,A1,\n2,,A2,=1+1\n3,戊己实业有限公司,A1,\n4,,A4,\n5,庚辛食品有限公司,A5,\n",
    "in/联系人.csv": "工号,编号,姓名\nP1,1,张三\nP2,2,李四\nP3,3,王五\nP4,4,赵六\n",
}

URL = "sqlite:///work/crm.db"


def project(folder: Path, url: str) -> Path:
    for name, text in FILES.items():
        path = folder / "p" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.replace("URL", f'"{url}"'), encoding="utf-8")
    with opened(folder / "p").open_target(to_create=True) as target:
        target.create(read_target_schema(folder / "p" / "schema.yaml"))
    return folder / "p"


@pytest.fixture(scope="module")
def staged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose stages up to validate are done: they do not depend on the target."""
    folder = project(tmp_path_factory.mktemp("staged"), URL)
    opened(folder).run(last="validate")
    return folder


@pytest.fixture(scope="module")
def made(staged: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated project with its workbook of rejects; each test works on a copy."""
    folder = Path(shutil.copytree(staged, tmp_path_factory.mktemp("made") / "p"))
    migrated(folder)
    return folder


@pytest.fixture
def folder(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "p"))


def book_of(folder: Path) -> Path:
    return max((folder / "work" / "runs").glob("*-reconcile-*")) / "reports" / "待修正数据.xlsx"


def reconciled(folder: Path) -> tuple[dict[str, Any], Path]:
    """Reconcile the newest load; return the figures and the workbook of what is to be corrected."""
    way = opened(folder)
    way.reopen_load()
    outcome = way.run_only("reconcile")[0].outcome
    assert outcome is not None
    return outcome.run.manifest.facts, outcome.run.folder / "reports" / "待修正数据.xlsx"


def adds_up(facts: dict[str, Any]) -> bool:
    """Whether every source row is in the target or set aside."""
    return all(
        figures["source"]
        == figures["expected"] + sum(figures[r] for r in ("out_of_scope", "merged", "quarantined", "rejected"))
        for figures in facts["objects"].values()
    )


def migrated(folder: Path) -> Path:
    opened(folder).run(last="load")
    return reconciled(folder)[1]


def correct(book: Path, changes: dict[str, dict[str, Any]], drop: tuple[str, ...] = ()) -> None:
    """Do what a person does: write new values into rows, take rows out, sort the others the other way round."""
    workbook = openpyxl.load_workbook(book)
    for page in workbook.worksheets[1:]:
        titles = [cell.value for cell in page[1]]
        rows = [[cell.value for cell in row] for row in page.iter_rows(min_row=2)]
        page.delete_rows(2, len(rows))
        for row in reversed(rows):
            if row[0] in drop:
                continue
            for title, value in changes.get(row[0], {}).items():
                row[titles.index(title)] = value
            page.append(row)
            for cell in page[page.max_row]:
                cell.data_type = "s" if isinstance(cell.value, str) else cell.data_type  # Excel leaves a text a text
    workbook.save(book)


def rows(folder: Path, table: str, *columns: str) -> list[tuple[Any, ...]]:
    with opened(folder).open_target() as target:
        return sorted(r for part in target.rows(table, columns) for r in part.itertuples(index=False, name=None))


def test_what_is_corrected_goes_in_and_the_rest_is_not_touched(staged: Path, tmp_path: Path, database_url: str) -> None:
    shutil.copytree(staged, tmp_path / "p")
    folder = project(tmp_path, database_url)
    book = migrated(folder)
    before = rows(folder, "accounts", "id", "external_id", "name")
    assert [row[1] for row in before] == ["crm/客户/1", "crm/客户/5"]
    with opened(folder).open_target() as target, target.session.transaction() as connection:
        connection.exec_driver_sql("UPDATE accounts SET name = 'by hand' WHERE code = 'A5'")
    correct(book, {
        "crm/客户/2": {"名称": "丙丁贸易有限公司", "Reason for the change": "called them", "Done by": "王敏"},
        "crm/客户/3": {"代码": "A3"},
    })  # fmt: skip
    fed = feed(opened(folder), book)
    assert fed.corrected == 2
    assert [row[1] for row in rows(folder, "accounts", "id", "external_id")] == [f"crm/客户/{i}" for i in (1, 5, 2, 3)]
    keys = {record: key for key, record in rows(folder, "accounts", "id", "external_id")}
    belongs = dict(rows(folder, "contacts", "external_id", "account_id"))
    # The contacts went in without their customer; now that he is there, the blank is filled.
    assert [belongs[f"people/联系人/P{i}"] for i in (1, 2, 3)] == [keys[f"crm/客户/{i}"] for i in (1, 2, 3)]
    assert belongs["people/联系人/P4"] != belongs["people/联系人/P4"], "its customer is a reject still"
    assert ("by hand",) in rows(folder, "accounts", "name"), "what was in already is not touched"
    load = fed.steps[-1].manifest
    assert load.accounting["account"] == {
        "in": 4,
        "out": 4,
        "out_of_scope": 0,
        "merged": 0,
        "quarantined": 0,
        "rejected": 0,
    }
    assert load.facts["objects"]["account"]["inserted"] == 2
    assert load.facts["objects"]["account"]["rows"] == 2
    assert load.facts["objects"]["contact"]["rows"] == load.facts["objects"]["contact"]["updated"] == 2
    facts, left = reconciled(folder)
    # 4 and its contact are rejects still; the edit by hand is named.
    assert facts["kinds"] == {"value": 1} or facts["differences"] == 1
    assert facts["objects"]["account"]["rejected"] == 1
    assert adds_up(facts)
    page = openpyxl.load_workbook(left)["account"]
    assert [row[0].value for row in page.iter_rows(min_row=2)] == ["crm/客户/4"]


def test_the_equation_after_a_feed_holds_or_names_the_row(folder: Path) -> None:
    correct(book_of(folder), {"crm/客户/2": {"名称": "丙丁贸易有限公司"}, "crm/客户/3": {"代码": "A3"}})
    fed = feed(opened(folder), book_of(folder)).steps[-1].manifest
    facts, _ = reconciled(folder)
    assert facts["agrees"]
    assert adds_up(facts)
    assert [figures["difference"] for figures in facts["objects"].values()] == [0, 0]
    for name, record in (("contact", "people/联系人/P3"), ("account", "crm/客户/3")):
        undo(opened(folder), fed.run, apply=True, part={"objects": (name,), "batches": (), "keys": (record,)})
    with opened(folder).open_target() as target, target.session.transaction() as connection:
        connection.exec_driver_sql("DELETE FROM accounts WHERE code = 'A5'")
    way = opened(folder)
    way.reopen_load()
    outcome = way.run_only("reconcile")[0].outcome
    assert outcome is not None
    figures = outcome.run.manifest.facts["objects"]["account"]
    assert (figures["expected"], figures["in_target"], figures["difference"]) == (4, 2, 2)
    lost = [(d["_record"], d["kind"], d["_origin"]) for d in outcome.tables["differences"].records() if not d["column"]]
    assert lost == [
        ("crm/客户/5", "row.gone", "客户.csv!6"),
        ("crm/客户/3", "row.taken_back", "客户.csv!4"),
    ]
    assert outcome.result.findings


def test_the_reason_and_who_gave_it_are_kept(folder: Path) -> None:
    book = book_of(folder)
    correct(
        book, {"crm/客户/2": {"名称": "丙丁贸易有限公司", "Reason for the change": "called them", "Done by": "王敏"}}
    )
    feed(opened(folder), book)
    way = opened(folder)
    standardised = next(m for m in way.load_chain() if m.stage == "standardise")
    assert standardised.issues["correct.applied"] == 1
    import pandas as pd

    issues = pd.read_parquet(folder / "work" / "runs" / standardised.run / "tables" / "_issues.parquet")
    assert issues[issues["code"] == "correct.applied"]["rule"].tolist() == ["called them (王敏)"]


def test_a_second_round_shows_what_was_corrected_in_the_first(folder: Path) -> None:
    book = book_of(folder)
    correct(book, {"crm/客户/2": {"代码": "A1"}})  # another mistake, and the name is still missing
    feed(opened(folder), book)
    _, again = reconciled(folder)
    page = openpyxl.load_workbook(again)["account"]
    titles = [cell.value for cell in page[1]]
    row = next(row for row in page.iter_rows(min_row=2, values_only=True) if row[0] == "crm/客户/2")
    assert row[titles.index("代码")] == "A1"
    correct(again, {"crm/客户/2": {"代码": "A2", "名称": "丙丁贸易有限公司"}})
    assert feed(opened(folder), again).corrected == 2
    assert ("crm/客户/2", "丙丁贸易有限公司", "A2") in rows(folder, "accounts", "external_id", "name", "code")


def test_rows_left_alone_or_taken_out_stay_rejects(folder: Path) -> None:
    book = book_of(folder)
    correct(book, {}, drop=("crm/客户/3",))
    before = rows(folder, "accounts", "id", "external_id")
    with pytest.raises(ConfigurationError) as nothing:
        feed(opened(folder), book)
    assert nothing.value.code == "rejects.nothing-corrected"
    assert rows(folder, "accounts", "id", "external_id") == before
    assert not (folder / "corrections").exists()
    facts, _ = reconciled(folder)
    assert facts["objects"]["account"]["rejected"] == 3
    assert facts["agrees"]


def test_a_workbook_without_corrections_loads_nothing_and_stays_good_for_those_who_correct_it(tmp_path: Path) -> None:
    folder = project(tmp_path, URL)
    (folder / "in/客户.csv").write_text("编号,名称,代码,备注\n1,甲乙科技有限公司,A1,\n2,,A2,\n", encoding="utf-8")
    book = migrated(folder)
    with pytest.raises(ConfigurationError):
        feed(opened(folder), book)
    correct(book, {"crm/客户/2": {"名称": "丙丁贸易有限公司"}})
    assert feed(opened(folder), book).corrected == 1


def test_a_workbook_of_another_run_is_refused(folder: Path) -> None:
    workbook = openpyxl.load_workbook(book_of(folder))
    page = workbook["account"]
    heads = [cell.value for cell in page[1]]
    at, sealed = heads.index("_batch"), heads.index(next(head for head in heads if head.startswith("_seal")))
    other = "20200101T000000000Z-reconcile-abcdef"  # of another workspace, and sealed there
    page.cell(2, at + 1).value = other
    shown = [page.cell(2, heads.index(title) + 1).value for title in titles_of(heads[sealed])]
    page.cell(2, sealed + 1).value = seal([other, *shown])
    workbook.save(folder / "other.xlsx")
    before = rows(folder, "accounts", "id", "external_id", "name")
    with pytest.raises(ConfigurationError) as caught:
        feed(opened(folder), folder / "other.xlsx")
    assert caught.value.code == "rejects.stale"
    assert rows(folder, "accounts", "id", "external_id", "name") == before


def test_a_workbook_of_sources_that_were_read_anew_is_refused(folder: Path) -> None:
    book = Path(shutil.copyfile(book_of(folder), folder / "old.xlsx"))
    with (folder / "in" / "客户.csv").open("a", encoding="utf-8") as file:
        file.write("6,壬癸科技有限公司,A6,\n")
    migrated(folder)
    correct(book, {"crm/客户/2": {"名称": "丙丁贸易有限公司"}})
    with pytest.raises(ConfigurationError) as caught:
        feed(opened(folder), book)
    assert caught.value.code == "rejects.stale"


def test_two_people_correct_copies_of_one_workbook(folder: Path) -> None:
    one, other = (Path(shutil.copyfile(book_of(folder), folder / f"{name}.xlsx")) for name in ("one", "other"))
    correct(one, {"crm/客户/2": {"名称": "丙丁贸易有限公司"}, "crm/客户/4": {"代码": "A1"}})  # 4 still has no name
    assert feed(opened(folder), one).written == 1
    first = rows(folder, "accounts", "id", "external_id", "name", "code")
    # The other did not see what the one wrote: 4 has its name here and its first code, and 2 another name.
    correct(
        other,
        {"crm/客户/2": {"名称": "丙丁"}, "crm/客户/3": {"代码": "A3"}, "crm/客户/4": {"名称": "王赵贸易有限公司"}},
    )
    fed = feed(opened(folder), other)
    assert (fed.corrected, fed.written) == (2, 1)
    assert [place.rpartition("!")[0] for place in fed.there] == ["other.xlsx!account"]
    assert fed.unlike == (f"{fed.there[0]} (名称)",)
    now = rows(folder, "accounts", "id", "external_id", "name", "code")
    assert set(first) < set(now)
    assert [row[1] for row in now] == [f"crm/客户/{i}" for i in (1, 5, 2, 3)]  # 4 has the code of 1 by the first copy
    facts, _ = reconciled(folder)
    assert facts["agrees"]
    assert adds_up(facts)


def test_a_workbook_fed_in_twice_loads_nothing_again(folder: Path) -> None:
    book = book_of(folder)
    correct(book, {"crm/客户/2": {"名称": "丙丁贸易有限公司"}})
    feed(opened(folder), book)
    before = rows(folder, "accounts", "id", "external_id", "name")
    with pytest.raises(ConfigurationError) as caught:
        feed(opened(folder), book)
    assert caught.value.code == "rejects.nothing-corrected"
    assert f"{book.name}!account!" in caught.value.message.text("en")
    assert rows(folder, "accounts", "id", "external_id", "name") == before
    assert len(list((folder / "corrections").glob("*.xlsx"))) == 1


def test_what_another_copy_says_otherwise_of_a_row_that_is_in_is_told(folder: Path) -> None:
    one, other = (Path(shutil.copyfile(book_of(folder), folder / f"{name}.xlsx")) for name in ("one", "other"))
    correct(one, {"crm/客户/2": {"名称": "丙丁贸易有限公司"}})
    feed(opened(folder), one)
    correct(other, {"crm/客户/2": {"名称": "丙丁"}})
    with pytest.raises(ConfigurationError) as caught:
        feed(opened(folder), other)
    assert caught.value.code == "rejects.contradicts"
    assert "other.xlsx!account!" in caught.value.text("en")
    assert "(名称)" in caught.value.text("en")
    assert not list((folder / "corrections").glob("*other*")), "it was not taken"
    third = Path(shutil.copyfile(other, folder / "third.xlsx"))
    correct(other, {"crm/客户/3": {"代码": "A3"}, "crm/客户/2": {"名称": "丙丁实业"}})
    told = answered("load", folder / "migration.yaml", "--rejects", other)
    assert told["exit_code"] == 1
    assert any("1 rows" in finding and "in another way" in finding and "(名称)" in finding for finding in told["findings"])  # fmt: skip
    # A copy that says what one before it said has no contradiction of its own, but alone it is no reason to load either.
    correct(third, {"crm/客户/4": {"名称": "王赵贸易有限公司"}})
    told = answered("load", folder / "migration.yaml", "--rejects", third)
    assert (told["facts"]["rejects"]["unlike"], len(told["facts"]["rejects"]["there"])) == ([], 1)
    assert not any("in another way" in finding for finding in told["findings"])
    with pytest.raises(ConfigurationError) as caught:
        feed(opened(folder), third)
    assert caught.value.code == "rejects.contradicts"


def test_a_workbook_fed_in_twice_after_a_delta_loads_nothing_again(folder: Path) -> None:
    with (folder / "in" / "客户.csv").open("a", encoding="utf-8") as file:
        file.write("6,壬癸科技有限公司,A6,\n")
    way = opened(folder)
    delta.apply(way, delta.compare(way))
    _, book = reconciled(folder)
    correct(book, {"crm/客户/2": {"名称": "丙丁贸易有限公司"}})
    assert feed(opened(folder), book).written
    told = called("load", folder / "migration.yaml", "--rejects", book)
    assert (told.returncode, "[rejects.nothing-corrected]" in told.stderr) == (2, True), told.stderr
    # Corrected and wrong still: there is nothing to load, and no way on by a load of everything.
    correct(book, {"crm/客户/3": {"代码": "A5"}})
    told = called("load", folder / "migration.yaml", "--rejects", book)
    assert "--to load" not in told.stderr
    assert "next: crmmigrate load" not in told.stderr


def test_a_copy_goes_on_from_what_was_fed_in_already(folder: Path) -> None:
    book = book_of(folder)
    correct(book, {"crm/客户/2": {"名称": "丙丁贸易有限公司"}})
    feed(opened(folder), book)
    correct(book, {"crm/客户/3": {"代码": "A3"}})
    told = answered("load", str(folder / "migration.yaml"), "--rejects", str(book))
    assert told["facts"]["rejects"]["corrected"] == 1
    assert len(told["facts"]["rejects"]["there"]) == 1
    assert [row[1] for row in rows(folder, "accounts", "id", "external_id")] == [f"crm/客户/{i}" for i in (1, 5, 2, 3)]


def test_a_file_that_cannot_be_read_is_told_before_the_first_step(folder: Path) -> None:
    (folder / "in" / "客户.csv").write_text(
        "编号,名称,代码,备注\n1,甲,A1,\n", encoding="utf-8"
    )  # all is to be run anew
    (folder / "standard.yaml").write_text("version: [1\n", encoding="utf-8")
    (folder / "schema.yaml").write_text("", encoding="utf-8")
    (folder / "mappings" / "account.crmmap.yaml").write_bytes("version: 1\nobject: 客户\n".encode("gbk"))
    (folder / "mappings" / "contact.crmmap.yaml").write_text("version: 1\nobjet: contact\n", encoding="utf-8")
    before = sorted((folder / "work" / "runs").iterdir())
    with pytest.raises(Findings) as caught:
        opened(folder).run(last="load")
    codes = {error.code for error in caught.value.errors}
    assert {"yaml.syntax", "yaml.empty", "yaml.encoding", "yaml.unknown-key"} <= codes
    assert sorted((folder / "work" / "runs").iterdir()) == before


def test_a_rolled_back_load_takes_no_workbook(folder: Path) -> None:
    from crmmigrate.runner.undo import undo

    book = book_of(folder)
    undo(opened(folder), opened(folder).load_chain()[-1].run, apply=True)
    with pytest.raises(ConfigurationError) as caught:
        feed(opened(folder), book)
    assert caught.value.code == "rejects.load-undone"


def test_changed_sources_do_not_slip_in(folder: Path) -> None:
    book = book_of(folder)
    with (folder / "in" / "客户.csv").open("a", encoding="utf-8") as file:
        file.write("6,壬癸科技有限公司,A6,\n")
    with pytest.raises(ConfigurationError) as caught:
        feed(opened(folder), book)
    assert caught.value.code == "rejects.sources-changed"
    assert not (folder / "corrections").exists()


@pytest.mark.parametrize("damage", ["key", "twice", "unknown"])
def test_a_damaged_workbook_is_refused_with_its_place(folder: Path, damage: str) -> None:
    book = book_of(folder)
    workbook = openpyxl.load_workbook(book)
    page = workbook["account"]
    if damage == "key":
        page["A2"] = None
    elif damage == "twice":
        page.append([cell.value for cell in page[2]])
    else:
        page["A2"] = "crm/客户/99"
    workbook.save(book)
    with pytest.raises((Findings, ConfigurationError)) as caught:
        feed(opened(folder), book)
    assert "待修正数据.xlsx!account!" in str(caught.value)
    assert not (folder / "corrections").exists()


def test_a_workbook_that_cannot_be_read_is_said(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(LocationError) as caught:
        feed(opened(folder), tmp_path / "none.xlsx")
    assert caught.value.exit_code == 3
    (tmp_path / "x.xlsx").write_text("no workbook")
    with pytest.raises(ConfigurationError):
        feed(opened(folder), tmp_path / "x.xlsx")


def test_a_workbook_that_excel_holds_open_is_said(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def locked(*words: Any, **named: Any) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(openpyxl, "load_workbook", locked)  # what Windows says of a file that Excel has open
    with pytest.raises(LocationError) as caught:
        feed(opened(folder), book_of(folder))
    assert (caught.value.code, caught.value.exit_code) == ("file.unreadable", 3)
    assert not (folder / "corrections").exists()


def test_corrections_that_cannot_be_kept_load_nothing(folder: Path) -> None:
    book = book_of(folder)
    correct(book, {"crm/客户/2": {"名称": "丙丁贸易有限公司"}})
    (folder / "corrections").write_text("a file where the folder should be")
    before = rows(folder, "accounts", "id", "external_id")
    with pytest.raises(LocationError) as caught:
        feed(opened(folder), book)
    assert (caught.value.code, caught.value.exit_code) == ("rejects.not-kept", 3)
    assert rows(folder, "accounts", "id", "external_id") == before


def test_a_load_whose_folder_is_gone_is_still_undone(folder: Path) -> None:
    from crmmigrate.runner.undo import undo

    way = opened(folder)
    run = way.load_chain()[-1].run
    shutil.rmtree(folder / "work" / "runs" / run)
    with pytest.raises(ConfigurationError) as caught:
        opened(folder).load_chain()
    assert (caught.value.code, caught.value.exit_code) == ("run.folder-gone", 2)
    assert undo(opened(folder), run, apply=True).result.facts["digest_equal"] is True
    assert rows(folder, "accounts", "id") == []


def test_a_rollback_is_named_and_undone_by_its_own_id(folder: Path) -> None:
    from crmmigrate.runner.undo import undo

    load = opened(folder).load_chain()[-1].run
    before = rows(folder, "accounts", "id", "external_id", "name", "code")
    part = {"objects": ("account",), "keys": ("crm/客户/5",)}
    undone = undo(opened(folder), load, apply=True, part=part)
    assert undone.result.facts["undone"] == 1
    assert len(rows(folder, "accounts", "id")) == 1
    undo(opened(folder), undone.run.manifest.run, apply=True)
    assert rows(folder, "accounts", "id", "external_id", "name", "code") == before


def test_a_corrected_row_that_is_in_already_does_not_come_twice(folder: Path) -> None:
    book = book_of(folder)
    correct(book, {"crm/客户/2": {"名称": "甲乙科技有限公司", "代码": "A1"}})
    feed(opened(folder), book)
    names = [row[0] for row in rows(folder, "accounts", "name")]
    assert names.count("甲乙科技有限公司") == 1
    facts, _ = reconciled(folder)
    assert adds_up(facts)


def test_a_stopped_feed_is_resumed_with_the_same_rows(folder: Path) -> None:
    book = book_of(folder)
    correct(
        book,
        {
            "crm/客户/2": {"名称": "丙丁贸易有限公司"},
            "crm/客户/3": {"代码": "A3"},
            "crm/客户/4": {"名称": "壬癸科技有限公司"},
        },
    )
    mapping = folder / "mappings" / "account.crmmap.yaml"
    text = mapping.read_text("utf-8")
    with opened(folder).open_target() as target, target.session.transaction() as connection:
        connection.exec_driver_sql(
            "CREATE TRIGGER broken BEFORE INSERT ON accounts BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: x'); END"
        )
    mapping.write_text(text.replace("max_reject_ratio: 1.0", "max_reject_ratio: 0.0"), encoding="utf-8")
    told = called("load", folder, "--rejects", book)
    assert (
        told.returncode,
        "account: of the 3 rows that this load has to write 0 are done so far, 2 were refused" in told.stderr,
    ) == (
        4,
        True,
    ), told.stderr
    run = unfinished_load(opened(folder))
    assert run
    with opened(folder).open_target() as target, target.session.transaction() as connection:
        connection.exec_driver_sql("DROP TRIGGER broken")
    mapping.write_text(text, encoding="utf-8")
    steps = opened(folder).run("", "load", resume=run)
    assert steps[-1].manifest.facts["resumed"]
    assert steps[-1].manifest.facts["objects"]["account"]["rows"] == 3
    # The batch that was refused before the stop is rejected for good, the other one goes in; nothing else is written.
    assert steps[-1].manifest.facts["objects"]["account"]["rejected"] == 2
    assert len(rows(folder, "accounts", "id")) == 3


WAVES = """waves:
  一: {account: {column: 代码, values: [A1, A2]}}
  二: {account: {column: 代码, values: [A4, A5]}}
"""


def by_wave(facts: dict[str, Any], name: str) -> dict[str, tuple[int, ...]]:
    terms = ("source", "out_of_scope", "rejected", "expected", "in_target")
    return {wave: tuple(figures[term] for term in terms) for wave, figures in facts["waves"][name].items()}


def test_waves_go_one_after_the_other_and_rejects_come_between(made: Path, tmp_path: Path) -> None:
    folder = tmp_path / "p"
    shutil.copytree(made, folder, ignore=shutil.ignore_patterns("work"))
    path = folder / "migration.yaml"
    path.write_text(path.read_text("utf-8") + WAVES, encoding="utf-8")
    with opened(folder).open_target(to_create=True) as target:
        target.create(read_target_schema(folder / "schema.yaml"))
    first = load_wave(opened(folder), "一")[-1].manifest
    assert [row[0] for row in rows(folder, "accounts", "external_id")] == ["crm/客户/1"]  # 2 and 3 are rejects
    assert (first.accounting["account"]["out"], first.accounting["account"]["out_of_scope"]) == (1, 1)
    facts, book = reconciled(folder)
    assert facts["agrees"]
    # Of each wave: in the sources, waiting, rejected, expected, in the target. 3 is a reject of the first, 4 one of the second.
    assert by_wave(facts, "account") == {"一": (3, 0, 2, 1, 1), "二": (2, 1, 1, 0, 0)}
    assert by_wave(facts, "contact") == {"一": (3, 0, 0, 3, 3), "二": (1, 1, 0, 0, 0)}
    correct(book, {"crm/客户/2": {"名称": "丙丁贸易有限公司"}})
    feed(opened(folder), book)
    assert by_wave(reconciled(folder)[0], "account") == {"一": (3, 0, 1, 2, 2), "二": (2, 1, 1, 0, 0)}
    assert [row[0] for row in rows(folder, "accounts", "external_id")] == ["crm/客户/1", "crm/客户/2"]
    second = load_wave(opened(folder), "二")[-1].manifest
    assert second.facts["objects"]["account"]["rows"] == 1
    assert [row[0] for row in rows(folder, "accounts", "external_id")] == [f"crm/客户/{i}" for i in (1, 2, 5)]
    assert second.accounting["account"]["out_of_scope"] == 0
    facts = reconciled(folder)[0]
    assert facts["agrees"]
    assert by_wave(facts, "account") == {"一": (3, 0, 1, 2, 2), "二": (2, 0, 1, 1, 1)}
    with pytest.raises(ConfigurationError) as caught:
        load_wave(opened(folder), "三")
    assert caught.value.code == "load.unknown-wave"
    # A part of the second wave is taken back: its equation is off by this row, which is named, and the first wave's holds.
    part = {"objects": ("account",), "batches": (), "keys": ("crm/客户/5",)}
    undo(opened(folder), second.run, apply=True, part=part)
    way = opened(folder)
    way.reopen_load()
    outcome = way.run_only("reconcile")[0].outcome
    assert outcome is not None
    facts = outcome.run.manifest.facts
    assert by_wave(facts, "account") == {"一": (3, 0, 1, 2, 2), "二": (2, 0, 1, 1, 0)}
    differences = outcome.tables["differences"].frame()
    assert list(differences[["_record", "kind"]].itertuples(index=False, name=None)) == [
        ("crm/客户/5", "row.taken_back")
    ]
    told = " ".join(finding.text("zh") for finding in outcome.result.findings)
    assert "批次“二”在目标系统中缺 1 行" in told
    assert "批次“一”" not in told
    assert f"客户.csv!6（{KINDS['row.taken_back'].text('zh')}）" in told
    assert "row.taken_back" not in told
    book = openpyxl.load_workbook(outcome.run.folder / "reports" / "10_迁移核对报告.xlsx")
    assert any("二" in [cell.value for cell in row] for sheet in book for row in sheet.iter_rows())


def test_a_corrected_reference_and_a_corrected_key_bring_children_to_their_parent(tmp_path: Path) -> None:
    folder = project(tmp_path, URL)
    mapping = folder / "mappings" / "contact.crmmap.yaml"
    mapping.write_text(
        mapping.read_text("utf-8").replace("{object: account}", "{object: account, missing: reject}"), "utf-8"
    )
    people = "工号,编号,姓名\nP1,1,张三\nP2,S5,李四\nP3,K9,王五\nP4, K8,赵六\nP5,4,孙七\n"
    (folder / "in" / "联系人.csv").write_text(people, encoding="utf-8")
    book = migrated(folder)
    before = dict(rows(folder, "contacts", "external_id", "account_id"))
    # The customer's own key was wrong: contacts that name the right one find it now, one that names the wrong one still does.
    correct(book, {"people/联系人/P2": {"编号": "5"}, "crm/客户/4": {"编号": "K9", "名称": "壬癸科技有限公司"}})
    assert feed(opened(folder), book).corrected == 3
    keys = {record: key for key, record in rows(folder, "accounts", "id", "external_id")}
    belongs = dict(rows(folder, "contacts", "external_id", "account_id"))
    named = {"people/联系人/P2": "crm/客户/5", "people/联系人/P3": "crm/客户/4", "people/联系人/P5": "crm/客户/4"}
    assert belongs == {**before, **{child: keys[parent] for child, parent in named.items()}}
    facts, again = reconciled(folder)
    assert adds_up(facts)
    correct(again, {"people/联系人/P4": {"编号": "1"}})
    assert feed(opened(folder), again).corrected == 1, "the second round follows the first"
    assert rows(folder, "contacts", "account_id", "external_id")[0][0] == keys["crm/客户/1"]
    assert len(rows(folder, "contacts", "id")) == 5


def test_a_stopped_load_hands_out_what_it_refused_and_takes_it_back_once_it_is_done(tmp_path: Path) -> None:
    folder = project(tmp_path, URL)
    with opened(folder).open_target() as target, target.session.transaction() as connection:
        connection.exec_driver_sql("INSERT INTO accounts (external_id, name, code) VALUES ('x', 'x', 'A5')")
    settings = folder / "migration.yaml"
    text = settings.read_text("utf-8")
    settings.write_text(text + "limits: {max_rejects: 0}\n", encoding="utf-8")
    looked = check_load(opened(folder))
    assert looked.facts["rejected"] == [
        {"step": "map", "object": "account", "rows": 2}, {"step": "validate", "object": "account", "rows": 1},
    ]  # fmt: skip
    assert looked.facts["planned"]["account"] == {"inserted": 2, "updated": 0, "unchanged": 0, "rejected": 0}
    assert [row[0].value for row in openpyxl.load_workbook(looked.files[0])["account"]][1:] == [
        f"crm/客户/{n}" for n in (2, 3, 4)
    ]
    with pytest.raises(LimitReached) as caught:
        opened(folder).run("", "load")
    (book,) = folder.glob("work/runs/*-load-*/reports/待修正数据.xlsx")
    assert str(book) in caught.value.text("en")
    settings.write_text(text, encoding="utf-8")
    way = opened(folder)
    way.run("", "load", resume=unfinished_load(way))
    correct(book, {"crm/客户/5": {"代码": "A6"}, "crm/客户/3": {"代码": "A3"}})
    assert feed(opened(folder), book).written == 2
    assert {row[0] for row in rows(folder, "accounts", "code")} == {"A1", "A3", "A5", "A6"}
