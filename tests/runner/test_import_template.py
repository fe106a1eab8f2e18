"""A project's rows go into a CRM's template, and the CRM's answer comes back to each of them."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook
from tests.runner.small_migration import opened

from crmmigrate.cli.root import root
from crmmigrate.errors import ConfigurationError
from crmmigrate.runner.workspace import Workspace

FILES = {
    "migration.yaml": """version: 1
sources: {crm: {location: in/客户.csv}, people: {location: in/联系人.csv}}
objects:
  account: [{table: crm.客户, key: 编号}]
  contact: [{table: people.联系人, key: 号, relations: {account: 编号}}]
standard: standard.yaml
mappings: mappings/
target: {url: "sqlite:///work/none.db"}
""",
    "standard.yaml": """version: 1
objects: {account: {key: 编号}, contact: {key: 号}}
""",
    "mappings/account.crmmap.yaml": """version: 1
object: account
target: {table: 客户}
match: {on: [客户名称]}
fields: {客户名称: {from: 名称, required: true}, 联系人: {from: 人}, 手机: {from: 电话}}
""",
    "mappings/contact.crmmap.yaml": """version: 1
object: contact
target: {table: 联系人}
match: {on: [姓名]}
fields: {姓名: {from: 姓名}, 客户: {lookup: {object: account, missing: reject}}}
""",
    "in/客户.csv": "编号,名称,人,电话\n"
    + "".join(f"{n},第{n}号公司,张三,1380013800{n}\n" for n in range(6))
    + "6,没有电话的公司,李四,\n",
    "in/联系人.csv": "号,编号,姓名\nP1,1,赵六\nP2,2,钱七\nP3,6,孙八\n",
    "profile.yaml": """version: 1
title: 某CRM
sources: [{url: "https://example.org/limits", read_on: "2026-11-26"}]
max_rows: 4
digits_only: [手机]
required: [手机]
result: {key: 客户ID, failed: [失败原因]}
""",
}


@pytest.fixture(scope="module")
def validated(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("template")
    for name, text in FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    book = Workbook()
    book.active.title = "客户导入"
    book.active.append(["*客户名称", "联系人", "手机"])
    people = book.create_sheet("联系人导入")
    people.append(["姓名", "客户"])
    book.save(folder / "模板.xlsx")
    opened(folder).run(last="validate")
    return folder


@pytest.fixture
def folder(validated, tmp_path) -> Path:
    return Path(shutil.copytree(validated, tmp_path / "p"))


def call(folder: Path, *words: str) -> int:
    return root.main(["template", words[0], str(folder / "migration.yaml"), *words[1:]], standalone_mode=False)


def filled(folder: Path, name: str = "account") -> int:
    return call(folder, "fill", "--object", name, "--profile", str(folder / "profile.yaml"), "--template", str(folder / "模板.xlsx"),
                "-o", str(folder / "out"))  # fmt: skip


def answer(folder: Path, *rows: tuple[str | None, ...]) -> Path:
    book = Workbook()
    book.active.append(["*客户名称", "联系人", "手机", "客户ID", "失败原因"])  # CRMs keep the marks of their templates
    for row in rows:
        book.active.append(row)
    book.save(folder / "结果.xlsx")
    return folder / "结果.xlsx"


def test_from_the_project_to_the_files_and_back(folder, capsys):
    assert filled(folder) == 1, "one row is not within the limits"
    assert "6 rows in 2 files for 某CRM" in capsys.readouterr().out
    assert sorted(path.name for path in (folder / "out").iterdir()) == ["客户导入_001.xlsx", "客户导入_002.xlsx"]
    result = answer(
        folder, ("第0号公司", "张三", "13800138000", "77", None), ("第1号公司", "张三", "13800138001", None, "手机号重复"),
        ("别处的公司", None, None, "78", None), ("第2号公司", None, None, "79", None), ("第2号公司", None, None, None, "已存在"),
    )  # fmt: skip
    assert call(folder, "collect", str(result), "--object", "account") == 1
    told = capsys.readouterr().out
    assert (
        "account: 7 = 2 taken + 1 refused by the CRM + 1 not within its limits + 3 not answered; 1 answers about other rows"
        in told
    )
    [report] = (folder / "work" / "runs").glob("*-import-*/reports/*.xlsx")
    book = load_workbook(report)
    assert [row[:4] for row in book["Refused by the CRM"].iter_rows(min_row=2, values_only=True)] == [
        ("客户.csv!3", "客户导入_001.xlsx", "第1号公司", "手机号重复")
    ]
    rejected = list(book["Not within the limits"].iter_rows(min_row=2, values_only=True))
    assert [(row[0], row[3]) for row in rejected] == [("客户.csv!8", "the new system needs a value here")]
    import pyarrow.parquet as pq

    [table] = (folder / "work" / "runs").glob("*-import-*/tables/imported.parquet")
    read = [m for m in Workspace(folder / "work").manifests() if m.stage == "extract"]
    assert len(read) == 1, "an answer of the CRM is no source of the migration"
    walk = {row["_record"]: row["target_key"] for row in pq.read_table(table).to_pylist() if row["state"] == "taken"}
    assert walk == {"crm/客户/0": "77", "crm/客户/2": "79"}

    (folder / "profile.yaml").write_text(FILES["profile.yaml"].replace("required: [手机]\n", ""), encoding="utf-8")
    assert filled(folder) == 0
    told = capsys.readouterr()
    assert "5 rows in 2 files" in told.out
    assert "2 rows are in the CRM already" in told.err
    rest = [(f"第{n}号公司", None, None, str(n), None) for n in (1, 3, 4, 5)]
    assert (
        call(
            folder,
            "collect",
            str(answer(folder, *rest, ("没有电话的公司", None, None, "90", None))),
            "--object",
            "account",
        )
        == 0
    )
    assert "account: 7 = 7 taken + 0 refused" in capsys.readouterr().out


def test_a_second_result_file_adds_to_the_first(folder, capsys):
    filled(folder)
    taken = [(f"第{n}号公司", None, None, str(n), None) for n in range(6)]
    strangers = [("别处的公司", None, None, "78", None)]
    call(
        folder,
        "collect",
        str(answer(folder, *taken[:2], ("第2号公司", None, None, None, "重复"), *strangers)),
        "--object",
        "account",
    )
    call(
        folder,
        "collect",
        str(answer(folder, *taken[3:5], ("第0号公司", None, None, None, "已存在"))),
        "--object",
        "account",
    )
    told = capsys.readouterr().out.splitlines()[-1]
    assert told.startswith(
        "account: 7 = 4 taken + 1 refused by the CRM + 1 not within its limits + 1 not answered; 1 answers"
    )
    assert filled(folder) == 1
    assert [path.name for path in (folder / "out").iterdir()] == ["客户导入_001.xlsx"], (
        "the second file is of the first fill"
    )
    assert call(folder, "collect", str(answer(folder, *taken)), "--object", "account") == 1
    assert (
        "6 taken + 0 refused by the CRM + 1 not within its limits + 0 not answered; 0 answers"
        in capsys.readouterr().out
    )


def test_silence_of_a_result_file_is_no_success(folder, capsys):
    filled(folder)
    result = folder / "结果.csv"
    result.write_text("客户名称,备注\n第1号公司,\n第2号公司,黑名单\n", encoding="utf-8")
    words = ("collect", str(result), "--object", "account")
    with pytest.raises(ConfigurationError, match=r"template\.no-status"):
        call(folder, *words)
    for more, told in ((("--reason", "备注"), "1 taken + 1 refused"), (("--rows", "taken"), "2 taken + 0 refused")):
        call(folder, *words, *more)
        assert told in capsys.readouterr().out
    result.write_text("客户名称,客户ID\n第3号公司,\n第4号公司,9\n", encoding="utf-8")
    call(folder, *words)
    assert "3 taken + 0 refused by the CRM + 1 not within its limits + 3 not answered" in capsys.readouterr().out


def test_a_parent_is_called_by_what_finds_it(folder, capsys):
    (folder / "profile.yaml").write_text(
        FILES["profile.yaml"].replace("digits_only: [手机]\nrequired: [手机]\n", ""), encoding="utf-8"
    )

    def names(match: str) -> list[tuple[str, str]]:
        path = folder / "mappings/account.crmmap.yaml"
        path.write_text(
            FILES["mappings/account.crmmap.yaml"].replace("on: [客户名称]", f"on: [{match}]"), encoding="utf-8"
        )
        filled(folder, "contact")
        if not (folder / "out" / "联系人导入_001.xlsx").exists():
            return []
        sheet = load_workbook(folder / "out" / "联系人导入_001.xlsx")["联系人导入"]
        return [tuple(cell.value for cell in row) for row in sheet.iter_rows(min_row=2)]

    assert names("客户名称") == [("赵六", "第1号公司"), ("钱七", "第2号公司"), ("孙八", "没有电话的公司")]
    assert names("手机, 客户名称") == [("赵六", "13800138001"), ("钱七", "13800138002")]
    assert "1 rows are in no file: the record it refers to has no value by which" in capsys.readouterr().err
    assert names("联系人") == [("孙八", "李四")], "five customers have the same one"
    assert "2 rows are in no file: the value by which" in capsys.readouterr().err


def test_rows_with_a_key_of_several_columns_are_found_again(folder, capsys):
    path = folder / "mappings/account.crmmap.yaml"
    path.write_text(
        FILES["mappings/account.crmmap.yaml"].replace("on: [客户名称]", "on: [联系人, 手机]"), encoding="utf-8"
    )
    filled(folder)
    result = answer(
        folder, ("第1号公司", "张三", "13800138001", "5", None), ("第1号公司", "张三", "13800138009", "6", None)
    )
    call(folder, "collect", str(result), "--object", "account")
    assert (
        "1 taken + 0 refused by the CRM + 1 not within its limits + 5 not answered; 1 answers"
        in capsys.readouterr().out
    )


def test_a_header_in_another_row_than_the_import_reads_is_said(folder):
    book = load_workbook(folder / "模板.xlsx")
    for sheet in book:
        sheet.insert_rows(1)
        sheet["A1"] = "填写说明"
    book.save(folder / "模板.xlsx")
    with pytest.raises(ConfigurationError, match=r"template\.header-elsewhere"):
        call(folder, "fill", "--object", "account", "--profile", "xtransfer", "--template", str(folder / "模板.xlsx"),
             "-o", str(folder / "out"))  # fmt: skip


def test_what_cannot_be_is_told(folder):
    with pytest.raises(ConfigurationError, match=r"profile\.unknown"):
        call(folder, "fill", "--object", "account", "--profile", "hubsput", "-o", str(folder / "out"))
    with pytest.raises(ConfigurationError, match=r"template\.nothing-yet"):
        call(folder, "collect", str(answer(folder)), "--object", "account")
    filled(folder)
    (folder / "out" / "客户导入_007.xlsx").write_bytes(b"of somebody else")
    with pytest.raises(ConfigurationError, match=r"template\.in-the-way"):
        filled(folder)
    (folder / "other.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"template\.no-key"):
        call(folder, "collect", str(folder / "other.csv"), "--object", "account")
