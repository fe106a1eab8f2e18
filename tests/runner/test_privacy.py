"""A clean migration has no leak; one sown into any log, report or trial table is found; what is purged is gone and recorded."""

from __future__ import annotations

import json
import sqlite3
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pandas as pd
import pytest
import sqlalchemy as sa
from click.testing import CliRunner
from openpyxl import Workbook, load_workbook
from tests.runner.small_migration import opened

from crmmigrate.checks.gates import judge
from crmmigrate.cli import main
from crmmigrate.cli.root import root
from crmmigrate.errors import ConfigurationError, LocationError
from crmmigrate.messages import speak
from crmmigrate.model.gate import GateSpec
from crmmigrate.model.location import Location
from crmmigrate.model.privacy import NOTICE
from crmmigrate.reports.page import Page, write_page
from crmmigrate.reports.worksheet import Column, Sheet, write_workbook
from crmmigrate.runner.acceptance import build as hand_out
from crmmigrate.runner.evidence import gather
from crmmigrate.runner.privacy import scan
from crmmigrate.runner.purging import planned
from crmmigrate.runner.scanned_files import is_declared, parts_of
from crmmigrate.runner.tasks import build as build_tasks
from crmmigrate.runner.trial import rehearse
from crmmigrate.runner.workspace import Workspace, file_digest

VALUES = {
    "person": "欧阳静怡", "phone": "13912740002", "email": "boss3@corp3.cn", "identity": "11010519491231002X",
    "address": "浙江省杭州市西湖区文三路48号", "card": "6222021234567890128",
}  # fmt: skip
"""One value of each kind; all but the card are in the sources."""


def scanned(folder: Path, *places: Path):
    return scan(Workspace(folder / "work"), opened(folder).project, places).found


def newest(folder: Path, pattern: str) -> Path:
    return max((folder / "work").glob(pattern))


def test_a_clean_migration_and_its_trial_have_no_leak(folder):
    found = scanned(folder)
    assert found.leaks == []
    assert found.unread == {}
    assert found.files > 20
    assert found.searched["person"] >= 5
    assert found.searched["phone"] >= 5
    assert not [name for name in found.declared if "trial" in name]


def sow_text(name: str):
    def sow(folder: Path, *values: str) -> str:
        with (folder / "work" / name).open("a", encoding="utf-8") as file:
            file.writelines(f"seen: {value}\n" for value in values)
        return name

    return sow


def sow_manifest(folder: Path, *values: str) -> str:
    path = newest(folder, "runs/*-map-*/manifest.json")
    told = json.loads(path.read_text("utf-8"))
    told["facts"]["notes"] = [f"seen {value}" for value in values]
    path.write_text(json.dumps(told), encoding="utf-8")  # as JSON escapes it
    return path.relative_to(folder / "work").as_posix()


def sow_report(folder: Path, *values: str) -> str:
    path = newest(folder, "runs/*-reconcile-*/reports/10_*.xlsx")
    book = load_workbook(path)
    for row, value in enumerate(values, start=40):
        as_number = value.isdigit() and len(value) <= 15
        book.worksheets[-1].cell(row, 1).value = int(value) if as_number else value
    book.save(path)
    return path.relative_to(folder / "work").as_posix()


def sow_property(folder: Path, *values: str) -> str:
    path = newest(folder, "runs/*-audit-*/reports/01_*.xlsx")
    book = load_workbook(path)
    book.properties.description = "; ".join(f"for {value}" for value in values)
    book.save(path)
    return path.relative_to(folder / "work").as_posix()


def sow_page(folder: Path, *values: str) -> str:
    path = newest(folder, "runs/*-audit-*/reports/*.html")
    cells = "".join(f"<td>&#20320;{value}</td>\n" for value in values)
    path.write_text(path.read_text("utf-8").replace("</body>", f"{cells}</body>"), encoding="utf-8")
    return path.relative_to(folder / "work").as_posix()


def sow_csv(folder: Path, *values: str) -> str:
    path = newest(folder, "runs/*-audit-*/reports") / "liste.csv"
    path.write_bytes(("名称,值\r\n" + "".join(f"某某,{value}\r\n" for value in values)).encode("gb18030"))
    return path.relative_to(folder / "work").as_posix()


PLACES = [
    sow_text("log.jsonl"), sow_manifest, sow_report, sow_property, sow_page, sow_csv, sow_text("trial/log.jsonl"),
]  # fmt: skip


def test_a_leak_of_each_kind_is_found_in_each_log_and_report(folder):
    sown = [sow(folder, *VALUES.values()) for sow in PLACES]
    assert len(set(sown)) == len(PLACES), "a file that is sown into twice shows one of the two"
    found = scanned(folder)
    wanted = {(kind, file) for kind in VALUES for file in sown} - {("card", "trial/log.jsonl")}
    assert {(leak.kind, leak.file) for leak in found.leaks} == wanted
    assert all(leak.known == (leak.kind != "card") for leak in found.leaks)
    assert not any(value in leak.shown for leak in found.leaks for value in VALUES.values())


@pytest.mark.parametrize("step", ["trial", "map"])
def test_a_value_left_unmasked_in_trial_data_is_found(folder, step):
    path = newest(folder, f"trial/runs/*-{step}-*/tables/contact.parquet")
    table = pd.read_parquet(path)
    kinds = [kind for kind in VALUES if kind != "card"]
    for row, kind in enumerate(kinds):
        table.loc[row, table.columns[-1]] = VALUES[kind]
    table.to_parquet(path)
    name = path.relative_to(folder / "work").as_posix()
    assert {(leak.kind, leak.file, leak.place) for leak in scanned(folder).leaks} == {
        (kind, name, f"{table.columns[-1]}!{row + 1}") for row, kind in enumerate(kinds)
    }


def test_the_short_name_of_the_very_row_is_found_in_trial_data_wherever_it_stands(folder):
    path = newest(folder, "trial/runs/*-trial-*/tables/contact.parquet")
    table = pd.read_parquet(path)
    row = table.index[table["_record"] == "people/联系人/P9"][0]
    table.loc[row, "身份证"] = "康王敏泰"
    table.to_parquet(path)
    [leak] = scanned(folder).leaks
    assert (leak.kind, leak.shown) == ("person", "王*")


@pytest.mark.parametrize(("cell", "leaks"), [("most_complete", 0), ("Com", 1)])
def test_a_few_letters_of_a_damaged_value_leak_only_where_they_stand_alone(folder, cell, leaks):
    source = newest(folder, "runs/*-consolidate-*/tables/contact.parquet")
    table = pd.read_parquet(source)
    table.loc[table["_record"] == "people/联系人/P9", "姓名"] = "wm@163,com"
    table.to_parquet(source)
    path = newest(folder, "trial/runs/*-trial-*/tables/contact.parquet")
    table = pd.read_parquet(path)
    table.loc[table["_record"] == "people/联系人/P9", "身份证"] = cell
    table.to_parquet(path)
    assert len(scanned(folder).leaks) == leaks


def test_an_extension_that_the_mask_left_by_chance_is_no_leak(folder):
    source = newest(folder, "runs/*-consolidate-*/tables/contact.parquet")
    table = pd.read_parquet(source)
    table.loc[table["_record"] == "people/联系人/P9", "手机"] = "+869317020831;ext=449"
    table.to_parquet(source)
    path = newest(folder, "trial/runs/*-trial-*/tables/contact.parquet")
    table = pd.read_parquet(path)
    table.loc[table["_record"] == "people/联系人/P9", "身份证"] = "+869316655443;ext=449"
    table.to_parquet(path)
    assert scanned(folder).leaks == []


def test_a_leak_in_the_scratch_database_is_found(folder):
    with sqlite3.connect(folder / "work" / "trial" / "scratch.db") as connection:
        connection.execute("INSERT INTO contacts (no, name) VALUES ('x', '司徒雨桐')")
    connection.close()
    [leak] = scanned(folder).leaks
    assert (leak.file, leak.place) == ("trial/scratch.db", "contacts.name!1")


def test_a_trial_that_is_not_masked_is_a_leak(folder):
    path = folder / "migration.yaml"
    path.write_text(path.read_text("utf-8") + "trial: {mask: false}\n", encoding="utf-8")
    rehearse(opened(folder))
    kinds = {leak.kind for leak in scanned(folder).leaks}
    assert kinds >= {"person", "phone", "email", "address", "identity"}


def test_files_and_folders_named_are_looked_through_and_what_cannot_be_read_is_told(folder, tmp_path):
    place = tmp_path / "for others"
    place.mkdir()
    (place / "a.md").write_text("ok\ncall 0571-87654321\n", encoding="utf-8")
    (place / "b.xlsx").write_bytes(b"PK\x03\x04 broken")
    (place / "c.docx").write_bytes(b"PK\x03\x04")
    found = scanned(folder, place)
    assert [(leak.file, leak.place, leak.kind) for leak in found.leaks] == [(str(place / "a.md"), "line 2", "phone")]
    assert set(found.unread) == {str(place / "b.xlsx"), str(place / "c.docx")}


def test_a_report_declares_what_it_holds_to_people_and_to_the_scan(folder, tmp_path):
    for number, personal in enumerate((True, False)):
        sheet = Sheet("s", [Column("姓名")], [["欧阳静怡"]])
        write_workbook(tmp_path / f"{number}.xlsx", "zh", [sheet], title="t", personal=personal)
        write_page(tmp_path / f"{number}.html", "zh", Page("欧阳静怡", personal=personal))
    found = scanned(folder, tmp_path)
    assert sorted(Path(name).name for name in found.declared if Path(name).parent == tmp_path) == ["0.html", "0.xlsx"]
    own = {Path(leak.file).name for leak in found.leaks if Path(leak.file).parent == tmp_path}
    assert own == {"1.html", "1.xlsx"}
    assert NOTICE.text("zh") in (tmp_path / "0.html").read_text("utf-8")
    assert NOTICE.text("zh") in [cell.value for cell in load_workbook(tmp_path / "0.xlsx").worksheets[0]["A"]]


def test_workbooks_for_everybody_declare_nothing(folder):
    """That those for named people do is shown where they are made."""
    books = [path.name for path in (folder / "work" / "runs").rglob("*.xlsx") if not is_declared(path)]
    assert {"01_数据源盘点表.xlsx", "10_迁移核对报告.xlsx"} <= set(books)


def test_the_gate_is_judged_by_a_scan_of_all_that_there_is_now(folder):
    workspace = Workspace(folder / "work")

    def gate(*, due: bool = False):
        judged = judge(GateSpec(), gather(workspace), {"pii"} if due else ())
        return next((g.met, g.value) for g in judged if g.name == "privacy_leaks")

    assert gate() == (None, None)
    assert gate(due=True) == (False, None)
    scanned(folder)
    assert gate() == (True, 0)
    sow_manifest(folder, VALUES["phone"])
    scanned(folder)
    assert gate() == (False, 1)
    scanned(folder, folder / "migration.yaml")
    assert gate() == (None, None), "a scan of one file says nothing about the workspace"
    scanned(folder)
    workspace.begin("map").end("done", 0)
    assert gate(due=True) == (False, None), "runs were made since"


def run(*words: object) -> tuple[int, dict]:
    done = CliRunner().invoke(root, [*map(str, words), "--format", "json"], standalone_mode=False)
    assert done.exception is None, done.exception
    return done.return_value, json.loads(done.stdout) if done.stdout else {}


def test_the_command_says_what_it_found_and_finds_it_again_by_token(folder):
    work = folder / "work"
    assert run("pii", "scan", "--work", work)[0] == 0
    sow_text("log.jsonl")(folder, VALUES["phone"])
    done = CliRunner().invoke(root, ["pii", "scan", "--work", str(work)])
    assert VALUES["phone"] not in done.output
    assert "139" in done.output
    report = json.loads(newest(folder, "runs/*-privacy-*/reports/privacy.json").read_text("utf-8"))
    [leak] = report["leaks"]
    _, found = run("pii", "token", "+86 139 1274 0002", "--work", work)
    [(token, places)] = found["facts"]["tokens"].items()
    assert token == leak["token"]
    assert places[0].endswith(f"log.jsonl: {leak['place']}")


@pytest.mark.parametrize("dialect", ["postgresql", "mysql"])
def test_a_database_of_others_is_looked_through_and_its_password_is_shown_nowhere(folder, shared_database, dialect):
    url = urlsplit(shared_database(dialect))
    engine = sa.create_engine(Location(url.geturl()).url())
    with engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE seen (no int PRIMARY KEY, note varchar(80))"))
        connection.execute(sa.text("INSERT INTO seen VALUES (1, 'ok'), (2, '请联系欧阳静怡')"))
    engine.dispose()
    user, _, place = url.netloc.rpartition("@")
    secret = url.password or "geheim"
    told = url._replace(netloc=f"{user.partition(':')[0]}:{secret}@{place}").geturl()
    wrong = url._replace(netloc=f"nobody:{secret}@{place}").geturl()
    works = (
        told if dialect == "postgresql" or url.password else url.geturl()
    )  # MariaDB refuses a password where none is set
    done = CliRunner().invoke(root, ["pii", "scan", works, wrong, "--work", str(folder / "work")])
    report = newest(folder, "runs/*-privacy-*/reports/privacy.json").read_text("utf-8")
    [leak] = json.loads(report)["leaks"]
    assert (leak["place"], leak["kind"], leak["shown"]) == ("seen.note!2", "person", "欧***")
    assert list(json.loads(report)["unread"]) == [Location(wrong).shown]
    manifest = newest(folder, "runs/*-privacy-*/manifest.json").read_text("utf-8")
    assert not [text for text in (done.output, report, manifest) if secret in text]


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights of their own there")
def test_a_path_may_be_spelled_in_any_way(folder, monkeypatch):
    monkeypatch.chdir(folder.parent)
    (folder.parent / "link").symlink_to(folder, target_is_directory=True)
    sample = newest(folder, "trial/runs/*-trial-*/tables/contact.parquet").relative_to(folder)
    before = scanned(folder).files
    found = scan(
        Workspace(Path("p/work")), opened(folder).project, ["p/work", Path("link") / sample, folder / sample]
    ).found
    assert found.leaks == [], "tables of runs are customer data, those of a trial are masked"
    assert found.files == before + 3, "and the manifest and reports of the scan before"


def test_a_damaged_table_is_told(folder):
    sample = newest(folder, "trial/runs/*-trial-*/tables/contact.parquet")
    sample.write_bytes(b"PAR1 broken")
    assert list(scanned(folder).unread) == [sample.relative_to(folder / "work").as_posix()]
    newest(folder, "runs/*-dedupe-*/tables/contact.parquet").write_bytes(b"PAR1 broken")
    with pytest.raises(LocationError, match=r"work\.damaged"):
        scanned(folder)


def test_a_scan_that_knows_no_value_is_no_whole_one(folder):
    done = scan(Workspace(folder / "work"), None)
    assert (done.run.manifest.facts["whole"], done.run.manifest.exit_code) == (False, 1)
    (folder / "migration.yaml").unlink()
    told = CliRunner().invoke(root, ["pii", "scan", "--work", str(folder / "work")], standalone_mode=False)
    assert told.return_value == 1
    assert "no scan of the whole workspace" in told.output


def test_a_long_line_is_read_in_its_encoding_and_escapes_as_people_see_them(tmp_path):
    path = tmp_path / "a.json"
    path.write_text("a" + "中" * 400_000 + r"\u4e2d\ud842\udfb7\ud800", encoding="utf-8")
    [part] = parts_of(path)
    assert part.texts == ["a" + "中" * 400_001 + "𠮷\ufffd"]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_scan_report_shows_no_value(folder, language):
    speak(language)
    for value in VALUES.values():
        sow_text("log.jsonl")(folder, value)
    scanned(folder)
    book = load_workbook(newest(folder, "runs/*-privacy-*/reports/*.xlsx"))
    text = "\n".join(str(cell.value) for sheet in book for row in sheet for cell in row)
    assert not any(value in text for value in VALUES.values())
    assert "log.jsonl" in text


def test_a_purge_shows_its_plan_first_and_then_leaves_only_figures(folder, tmp_path):
    (folder / "work" / "trial" / "scratch.db").rename(folder / "scratch.db")
    with (folder / "migration.yaml").open("a", encoding="utf-8") as file:
        file.write("trial: {url: 'sqlite:///scratch.db'}\n")
    hand_out(opened(folder), tmp_path / "uat", share=0.01)
    made = build_tasks(opened(folder).project, Workspace(folder / "work"), tmp_path / "tasks")
    assert made
    kept = [*(folder / "work").rglob("manifest.json"), folder / "in" / "客户.csv"]
    tables = list((folder / "work").rglob("*.parquet"))
    code, told = run("purge", folder)
    assert code == 0
    assert all(path.exists() for path in tables)
    code, told = run("purge", folder, "--yes")
    assert code == 0, told
    assert not any(path.exists() for path in tables)
    assert not (folder / "work" / "mask.key").exists()
    assert not [path for path in tmp_path.glob("*/*.xlsx") if path.parent.name in ("uat", "tasks")]
    with sqlite3.connect(folder / "scratch.db") as connection:
        assert connection.execute("SELECT count(*) FROM crmm_image_contact").fetchone() == (0,)
    connection.close()
    assert all(path.exists() for path in kept)
    record = newest(folder, "runs/*-purge-*/reports/destruction.json")
    content = json.loads(record.read_text("utf-8"))
    assert {file["name"] for file in content["files"]} >= {path.relative_to(folder).as_posix() for path in tables}
    assert all(len(file["sha256"]) == 64 for file in content["files"])
    assert sum(content["images"].values()) > 0
    assert sum(content["scratch"].values()) > 0
    manifest = json.loads((record.parents[1] / "manifest.json").read_text("utf-8"))
    assert manifest["facts"]["record"] == file_digest(record)
    assert Workspace(folder / "work").broken_log_line() == 0
    with sqlite3.connect(folder / "work" / "crm.db") as connection:
        assert connection.execute("SELECT count(*) FROM crmm_image_contact").fetchone() == (0,)
        assert connection.execute("SELECT count(*) FROM contacts").fetchone() == (19,), "the customers stay in the CRM"
    connection.close()
    code, told = run("purge", folder, "--yes")
    assert code == 0
    assert told["run"] == "", "there is nothing left"


def test_a_purge_of_a_workspace_that_is_not_there_destroys_nothing(folder):
    """A mistyped --work would take what people decided, which lies beside the migration.yaml, and leave all else."""
    decided = folder / "decisions" / "1.xlsx"
    decided.parent.mkdir(exist_ok=True)
    decided.write_bytes(b"what people decided")
    done = CliRunner().invoke(
        root, ["purge", str(folder), "--work", str(folder / "nowork"), "--yes"], standalone_mode=False
    )
    assert isinstance(done.exception, ConfigurationError)
    assert done.exception.code == "work.missing"
    assert decided.exists()
    assert not (folder / "nowork").exists()


def test_a_purge_leaves_the_images_of_other_folders_of_runs_and_says_so(folder):
    (folder / "other" / "runs").mkdir(parents=True)
    code, told = run("purge", folder, "--work", folder / "other", "--yes")
    assert code == 1
    assert "1 loads were made from other folders of runs" in told["findings"][0]
    assert told["facts"]["planned"]["images"] == {}
    with sqlite3.connect(folder / "work" / "crm.db") as connection:
        assert connection.execute("SELECT count(*) > 0 FROM crmm_image_contact").fetchone() == (1,)
    connection.close()


def test_after_a_purge_commands_say_what_is_gone_since_when_and_no_new_key_is_made_in_silence(folder, capsys):
    hand_out(opened(folder), folder / "用户验收", share=0.01)
    assert run("purge", folder, "--yes")[0] == 0
    made = newest(folder, "runs/*-purge-*").name
    project, work = str(folder), str(folder / "work")
    for words in (
        ["uat", "build", project], ["uat", "collect", project], ["golive", "check", project], ["reconcile", project], ["tasks", "build", project],
        ["run", project, "--from", "map"], ["trace", "P1", "--work", work], ["pii", "token", "王敏", "--work", work],
        ["mapping", "explain", str(folder / "mappings/account.crmmap.yaml"), "1", "--work", work],
        ["decisions", "undo", "1", "--project", str(folder / "migration.yaml")],
    ):  # fmt: skip
        with pytest.raises(SystemExit) as ended:
            main(words)
        told = capsys.readouterr().err
        assert (ended.value.code, "work.purged" in told, made in told) == (2, True, True), (words, told)
    assert not (folder / "work" / "mask.key").exists()
    assert run("gates", folder)[0] in (0, 1)
    done = CliRunner().invoke(root, ["pii", "scan", "--work", work], standalone_mode=False)
    assert made in done.output
    assert (folder / "work" / "mask.key").exists()


def test_a_target_that_is_gone_is_told_before_anything_is_destroyed(folder):
    (folder / "work" / "crm.db").unlink()
    with pytest.raises(LocationError, match=r"purge\.no-target"):
        planned(opened(folder))
    code, told = run("purge", folder, "--yes", "--without-target")
    assert code == 1
    assert "are not destroyed" in told["findings"][0]
    [place] = json.loads(newest(folder, "runs/*-purge-*/reports/destruction.json").read_text("utf-8"))["unreached"]
    assert place.endswith("crm.db")


def test_a_purge_refuses_while_a_load_is_unfinished(folder):
    with sqlite3.connect(folder / "work" / "crm.db") as connection:
        connection.execute("UPDATE crmm_run SET state = 'stopped' WHERE kind = 'load'")
    connection.close()
    with pytest.raises(ConfigurationError) as caught:
        planned(opened(folder))
    assert caught.value.code == "purge.unfinished-load"


def test_an_xls_of_others_is_looked_through(folder, tmp_path):
    book = Workbook()
    book.active["B3"] = "欧阳静怡"
    book.create_sheet("藏").sheet_state = "hidden"
    book["藏"]["A1"] = 13912740003
    book.save(tmp_path / "x.xlsx")
    found = scanned(folder, tmp_path / "x.xlsx")
    assert {(leak.kind, leak.place) for leak in found.leaks} == {("person", "Sheet!3"), ("phone", "藏!1")}
