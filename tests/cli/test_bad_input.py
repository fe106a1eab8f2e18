"""Bad input: the exit code, a place, a reason, a next step, no traceback, and nothing half written."""

from __future__ import annotations

import os
import re
import resource
import sqlite3
import subprocess
import zipfile
from pathlib import Path

import openpyxl
import pytest
from tests.command_line import PROCESS
from tests.command_line import called as crmmigrate

from crmmigrate.cli import _internal
from crmmigrate.model.location import Location

PACK = Path(__file__).parents[2] / "mappings" / "b2b"


def refused(done: subprocess.CompletedProcess[str], codes: tuple[int, ...], *words: str) -> None:
    assert done.returncode in codes, (done.returncode, done.stderr)
    assert "Traceback" not in done.stderr
    assert "internal" not in done.stderr
    assert "→" in done.stderr, f"no next step: {done.stderr}"
    for word in words:
        assert word in done.stderr, done.stderr


@pytest.fixture
def book(tmp_path) -> Path:
    path = tmp_path / "客户.xlsx"
    workbook = openpyxl.Workbook()
    workbook.active.append(("客户编号", "电话"))
    for i in range(200):
        workbook.active.append((f"C{i}", f"1380013{i:04d}"))
    workbook.save(path)
    return path


def standardise(source: object, out: object) -> subprocess.CompletedProcess[str]:
    return crmmigrate("standardise", source, "--column", "电话=phone", "-o", out)


def test_a_missing_file(book, tmp_path):
    out = tmp_path / "out.csv"
    refused(standardise(tmp_path / "客戶.xlsx", out), (3,), "客戶.xlsx", "file.missing", "客户.xlsx")
    assert not out.exists()


def test_a_missing_file_unlike_any_other(tmp_path):
    (tmp_path / "i.csv").write_text("a\n1\n", encoding="utf-8")
    done = standardise(tmp_path / "nofile.csv", tmp_path / "o.csv")
    refused(done, (3,), "nofile.csv", "file.missing")
    assert "did you mean" not in done.stderr, "an ending makes no two files alike"


def test_a_missing_sheet(book, tmp_path):
    refused(standardise(f"{book}#Shet", tmp_path / "o.csv"), (2, 3), "Sheet")


def test_the_first_of_two_tables_on_a_sheet_can_be_named(tmp_path):
    """The first has the sheet's own name, which the hint says to write: it must be enough."""
    book, out = tmp_path / "客户.xlsx", tmp_path / "out.csv"
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    sheet.title = "客户"
    for row in [("客户编号", "电话"), ("C1", "13800138001"), (), (), ("联系人", "手机"), ("张三", "13800138002")]:
        sheet.append(row)
    workbook.save(book)
    refused(standardise(book, out), (2,), "location.several-tables", f"{book}#客户")
    assert standardise(f"{book}#客户", out).returncode == 0
    assert "C1" in out.read_text("utf-8-sig")
    assert "张三" not in out.read_text("utf-8-sig")


def test_a_truncated_workbook(book, tmp_path):
    cut = tmp_path / "cut.xlsx"
    cut.write_bytes(book.read_bytes()[:2000])
    refused(standardise(cut, tmp_path / "o.csv"), (3,), "cut.xlsx")
    assert not (tmp_path / "o.csv").exists()


def test_a_workbook_with_a_broken_sheet(book, tmp_path):
    broken = tmp_path / "broken.xlsx"
    with zipfile.ZipFile(book) as old, zipfile.ZipFile(broken, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            new.writestr(name, data[: len(data) // 2] if "sheet1" in name else data)
    refused(standardise(broken, tmp_path / "o.csv"), (3,), "broken.xlsx")


def test_a_locked_workbook(tmp_path):
    locked = tmp_path / "locked.xlsx"
    # An encrypted workbook is an OLE2 compound file whose directory names the stream EncryptedPackage.
    locked.write_bytes(
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 1024 + "EncryptedPackage".encode("utf-16-le") + b"\0" * 1024
    )
    refused(standardise(locked, tmp_path / "o.csv"), (3,), "locked.xlsx")


def test_html_called_xlsx(tmp_path):
    page = tmp_path / "page.xlsx"
    page.write_text('<html><frameset><frame src="page_files/sheet001.htm"></frameset></html>', encoding="utf-8")
    refused(standardise(page, tmp_path / "o.csv"), (3,), "page.xlsx", "file.is-html")


def test_csv_called_xlsx(tmp_path):
    text = tmp_path / "text.xlsx"
    text.write_text("客户编号,电话\nC1,13800138000\n", encoding="utf-8")
    refused(standardise(text, tmp_path / "o.csv"), (3,), "text.xlsx", "file.is-csv")


def test_an_empty_sheet(tmp_path):
    path = tmp_path / "empty.xlsx"
    openpyxl.Workbook().save(path)
    refused(standardise(path, tmp_path / "o.csv"), (3,), "empty.xlsx")


def test_an_empty_file(tmp_path):
    path = tmp_path / "empty.csv"
    path.touch()
    refused(standardise(path, tmp_path / "o.csv"), (3,), "empty.csv")


def test_a_text_in_no_known_encoding(tmp_path):
    path = tmp_path / "noise.csv"
    path.write_bytes(b"\xe7\x94\xb5\xe8\xaf\x9d,a\n" + bytes(range(0x80, 0x100)) * 40 + b"\n")
    refused(standardise(path, tmp_path / "o.csv"), (2, 3), "noise.csv")
    assert not (tmp_path / "o.csv").exists()


def test_a_mapping_with_an_unknown_key(book, tmp_path):
    mapping = tmp_path / "account.crmmap.yaml"
    mapping.write_text(
        "version: 1\nobject: account\ntarget: {table: accounts}\nmatch: {on: [a]}\nfields:\n  a: {form: 客户编号}\n",
        encoding="utf-8",
    )
    done = crmmigrate("map", book, "--mapping", mapping, "-o", tmp_path / "o.csv")
    refused(done, (2,), "account.crmmap.yaml:6:7", "'from'")
    assert not (tmp_path / "o.csv").exists()


def test_an_unknown_standard_and_an_unknown_column(book, tmp_path):
    refused(crmmigrate("standardise", book, "--column", "电话=fone", "-o", "-"), (2,), "'phone'")
    refused(crmmigrate("standardise", book, "--column", "电活=phone", "-o", "-"), (2,), "电话")


@pytest.mark.parametrize("url", ["postgresql://u:pw-secret@127.0.0.1:1/db#t", "mysql://u:pw-secret@127.0.0.1:1/db#t"])
def test_a_database_that_refuses(tmp_path, url):
    done = standardise(url, tmp_path / "o.csv")
    refused(done, (3,), "127.0.0.1")
    assert "pw-secret" not in done.stderr + done.stdout


def test_a_folder_that_cannot_be_written(book):
    done = standardise(book, "/proc/crmmigrate/out.csv")
    refused(done, (3,), "/proc/crmmigrate")


def test_a_full_disk_leaves_nothing(book, tmp_path):
    out = tmp_path / "out.csv"
    done = subprocess.run(
        [PROCESS[0], "-B", *PROCESS[1:], "standardise", str(book), "--column", "电话=phone", "-o", str(out)], capture_output=True, text=True, check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (1024, 1024)),
    )  # fmt: skip
    assert done.returncode == 3, done.stderr
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == [book]


def test_no_output_named(book):
    refused(crmmigrate("standardise", book, "--column", "电话=phone"), (2,), "-o")


def test_json_errors_are_json(tmp_path):
    import json

    done = crmmigrate("standardise", tmp_path / "x.csv", "--column", "a=phone", "-o", "-", "--format", "json")
    assert done.returncode == 3
    answer = json.loads(done.stdout)
    assert answer["status"] == "error"
    assert answer["code"] == "file.missing"


@pytest.fixture
def project(tmp_path) -> Path:
    folder = tmp_path / "p"
    assert crmmigrate("init", folder).returncode == 0
    (folder / "migration.yaml").write_text(
        "version: 1\nsources: {crm: in/客户.csv}\nobjects: {user: [{table: crm.客户, key: 员工编号}]}\n"
        'standard: standard.yaml\nmappings: mappings/user.crmmap.yaml\ntarget: {url: "sqlite:///work/crm.db", schema: schema.yaml}\n',
        encoding="utf-8",
    )
    (folder / "in" / "客户.csv").write_text(
        "员工编号,姓名,部门,手机,邮箱,状态,离职日期,交接人\nE1,王芳,销售一部,,,在职,,\nE2,李明,销售二部,,,离职,2024-01-01,王芳\n",
        encoding="utf-8",
    )
    return folder


def test_a_target_that_does_not_exist(project):
    refused(crmmigrate("run", project / "migration.yaml"), (3,), "target.missing", "crmmigrate target create")
    assert not (project / "work" / "crm.db").exists()


def test_a_target_without_the_table(project):
    (project / "work").mkdir()
    sqlite3.connect(project / "work" / "crm.db").execute("CREATE TABLE other (id INTEGER)")
    refused(crmmigrate("run", project / "migration.yaml"), (3,), "users")


def test_init_into_a_folder_with_files(project):
    refused(crmmigrate("init", project), (2,), str(project))


def test_a_second_load_while_one_runs(project):
    url = f"sqlite:///{project}/work/crm.db"
    (project / "work").mkdir()
    assert crmmigrate("target", "create", url, "--schema", project / "schema.yaml").returncode == 0
    from crmmigrate.model.load_plan import load_plan
    from crmmigrate.model.mapping import read_mappings
    from crmmigrate.targets import open_target

    with open_target(url) as target:
        target.begin_run(
            "load",
            "20260101T000000Z-load-000000",
            load_plan(read_mappings([project / "mappings" / "user.crmmap.yaml"])),
        )
        done = crmmigrate("run", project / "migration.yaml")
        refused(done, (3, 4), "target.busy", str(os.getpid()))
        target.close_run("20260101T000000Z-load-000000", "stopped")
    done = crmmigrate("run", project / "migration.yaml")
    assert done.returncode in (0, 1), done.stderr


def test_an_unknown_run_and_no_workspace(project, tmp_path):
    refused(crmmigrate("rollback", "x", "--work", tmp_path / "nowhere"), (2,), "--work")
    assert crmmigrate("run", project / "migration.yaml", "--to", "consolidate").returncode == 0
    refused(crmmigrate("rollback", "x", "--work", project / "work"), (2,), "run.unknown")


def test_a_production_target_wants_its_name(project):
    path = project / "migration.yaml"
    path.write_text(
        path.read_text("utf-8").replace("schema: schema.yaml", "schema: schema.yaml, production: true"),
        encoding="utf-8",
    )
    refused(crmmigrate("load", path), (2,), "--confirm crm")


@pytest.mark.parametrize(("option", "name"), [("--issues", "issues.csv"), ("-o", "out.csv")])
def test_a_folder_that_is_not_there_stops_before_anything_is_read(book, tmp_path, option, name):
    words = {"-o": tmp_path / "main.csv", option: tmp_path / "nowhere" / name}
    done = crmmigrate("standardise", book, "--column", "电话=phone", *(w for pair in words.items() for w in pair))
    refused(done, (3,), "target.no-folder", "nowhere")
    assert list(tmp_path.iterdir()) == [book]


def test_a_review_workbook_that_cannot_be_written(tmp_path):
    table = tmp_path / "t.csv"
    table.write_text("客户名称\n甲有限公司\n", encoding="utf-8")
    for place, code in ((tmp_path / "nowhere" / "x.xlsx", 3), ("-", 2), (tmp_path / "x.csv", 2)):
        refused(
            crmmigrate("dedupe", table, "--object", "account", "-o", tmp_path / "o.csv", "--review", place), (code,)
        )
    assert list(tmp_path.iterdir()) == [table]


def test_an_output_never_replaces_an_input(book, tmp_path):
    before = book.read_bytes()
    refused(standardise(book, book), (2,), "usage.output-is-input")
    refused(standardise(f"{book}#Sheet", f"{tmp_path}/./客户.xlsx"), (2,), "usage.output-is-input")
    done = crmmigrate("dedupe", book, "-o", tmp_path / "o.csv", "--decisions", book, "--review", book)
    refused(done, (2,))
    done = crmmigrate(
        "standardise", book, "--column", "电话=phone", "-o", tmp_path / "o.csv", "--issues", tmp_path / "o.csv"
    )
    refused(done, (2,), "usage.same-output")
    assert book.read_bytes() == before
    assert list(tmp_path.iterdir()) == [book]


def test_an_ending_that_no_table_has_is_refused_before_anything_is_read(tmp_path):
    refused(standardise(tmp_path / "没有.xlsx", tmp_path / "结果"), (2,), "target.ending")


def test_a_column_that_is_not_there_stops_though_others_are(book, tmp_path):
    out = tmp_path / "o.csv"
    done = crmmigrate("standardise", book, "--column", "电话=phone", "--column", "客户编=text", "-o", out)
    refused(done, (2,), "usage.no-column", "'客户编号'")
    done = crmmigrate("standardise", book, "--column", "电话=phone,客户编号=text", "-o", out)
    refused(done, (2,), "--column 电话=phone --column 客户编号=text")
    assert not out.exists()


def test_a_workspace_in_which_another_command_is_at_work(book, tmp_path):
    from crmmigrate.runner.workspace import Workspace

    with Workspace(tmp_path / "w").alone():
        done = crmmigrate(
            "standardise", book, "--column", "电话=phone", "-o", tmp_path / "o.csv", "--work", tmp_path / "w"
        )
        refused(done, (4,), "work.busy")
    assert not (tmp_path / "o.csv").exists()


def test_a_mistake_of_our_own_is_told_with_its_line_and_no_data(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(TypeError) as caught:
        Location.parse(13912740002)  # type: ignore[arg-type]
    assert _internal(caught.value, []) == 70
    said = capsys.readouterr().err
    assert re.search(r"\(TypeError, model/location\.py:\d+\)", said)
    assert "1391274" not in said


@pytest.mark.parametrize("value", ["nan", "inf", "-inf", "-1", "0"])
@pytest.mark.parametrize(
    "command",
    [
        ("uat", "build", "x.yaml", "--prove"), ("uat", "build", "x.yaml", "--share"), ("uat", "collect", "x.yaml", "--prove"),
        ("demo", "--scale"), ("init", "neu", "--sample"),
    ],
    ids=lambda command: " ".join((command[0], command[-1])),
)  # fmt: skip
def test_what_is_no_number_within_bounds(command, value, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = crmmigrate(*command, value)
    assert done.returncode == 2, done.stderr
    assert command[-1] in done.stderr
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("words", "name"),
    [
        (("standardise", "客户.xlsx", "--column", "电话=phone", "--column", "电话=text", "-o", "o.csv"), "电话"),
        (("standardise", "客户.xlsx", "--column", "a=b=phone", "--column", "a=b=text", "-o", "o.csv"), "a=b"),
        (("map", "客户.xlsx", "--mapping", PACK / "contact.crmmap.yaml", "--reference", "user=a.csv", "--reference", "user=b.csv", "-o", "o.csv"), "user"),
        (("mapping", "explain", PACK / "contact.crmmap.yaml", "C1", "--data", "客户.xlsx", "--reference", "user=a.csv", "--reference", "user=b.csv"), "user"),
        (("audit", "客户.xlsx", "--assume", "pairs_hour=1", "--assume", "pairs_hour=2"), "pairs_hour"),
    ],
)  # fmt: skip
def test_what_is_said_twice_of_one_name_is_refused(book, words, name):
    refused(crmmigrate(*words, cwd=book.parent), (2,), f"'{name}' is given twice", "usage.twice")
    assert [path.name for path in book.parent.iterdir()] == [book.name]


@pytest.mark.parametrize("asked", ["mapping lint", "mapping test", "rules lint", "rules test", "standard lint"])
def test_a_path_at_which_there_is_nothing_is_no_finding(asked, tmp_path):
    refused(crmmigrate(*asked.split(), tmp_path / "nowhere.yaml"), (2,), "file.missing")


@pytest.mark.parametrize(
    ("asked", "name", "code"),
    [("mapping lint", "a.crmmap.yaml", 1), ("rules lint", "r.yaml", 1), ("standard lint", "s.yaml", 1), ("mapping test", "a.crmmap.yaml", 2), ("rules test", "r.yaml", 2)],
)  # fmt: skip
def test_lint_tells_of_a_broken_file_and_what_works_with_it_refuses_it(asked, name, code, tmp_path):
    (tmp_path / name).write_text("version: [", encoding="utf-8")
    done = crmmigrate(*asked.split(), tmp_path / name)
    assert done.returncode == code
    assert "yaml.syntax" in done.stdout + done.stderr
