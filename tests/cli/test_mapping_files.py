"""`crmmigrate mapping schema|suggest|diff|sheet|collect|explain` as people call them, in both languages."""

from __future__ import annotations

import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner
from openpyxl import Workbook, load_workbook

from crmmigrate.cli.root import root
from crmmigrate.errors import ConfigurationError
from crmmigrate.messages import speak
from crmmigrate.model.approval import digest, value_map_texts
from crmmigrate.model.document import Document
from crmmigrate.model.mapping import read_mapping
from crmmigrate.model.schema import read_target_schema

ROOT = Path(__file__).parents[2]
PACK = ROOT / "mappings" / "b2b"
STAFF = ROOT / "samples" / "b2b" / "in" / "员工名单.xlsx"
LANGUAGES = pytest.mark.parametrize("language", ["en", "zh"])


def call(*words: object, language: str = "en") -> tuple[int, str, str]:
    speak(language)
    result = CliRunner().invoke(root, ["mapping", *map(str, words)], standalone_mode=False)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return int(result.return_value or 0), result.stdout, result.stderr


@pytest.fixture
def pack(tmp_path) -> Path:
    shutil.copytree(PACK, tmp_path / "b2b")
    return tmp_path / "b2b"


@LANGUAGES
def test_a_snapshot_a_suggestion_and_a_lint_of_it(language, pack, tmp_path, sqlite_url):
    from crmmigrate.model.location import Location
    from crmmigrate.targets import open_target

    described = read_target_schema(PACK / "schema.yaml")
    with open_target(Location.parse(sqlite_url), schema=described) as target:
        target.create(described)
    schema, mapping = tmp_path / "schema.yaml", tmp_path / "m" / "user.crmmap.yaml"
    code, _, err = call("schema", sqlite_url, "-o", schema, language=language)
    assert code == 0
    assert "users" in err
    assert set(read_target_schema(schema).tables) == set(described.tables)
    code, _, err = call("suggest", STAFF, schema, "-o", mapping, "--table", "users", language=language)
    assert code == 0
    assert "name ← 姓名" in err
    assert ("待定" if language == "zh" else "open") in mapping.read_text(encoding="utf-8")
    assert call("lint", mapping, language=language)[0] == 0
    with pytest.raises(ConfigurationError) as again:
        call("suggest", STAFF, schema, "-o", mapping, language=language)
    assert again.value.code == "suggest.exists"
    assert call("suggest", STAFF, schema, "-o", mapping, "--table", "users", "--force", language=language)[0] == 0
    code, out, _ = call("suggest", STAFF, schema, "--table", "users", "--format", "json", language=language)
    pairs = {pair["target"]: pair["source"] for pair in json.loads(out)["facts"]["pairs"]}
    assert pairs["left_on"] == "离职日期"


def test_what_people_changed_and_what_is_of_somebody_else_is_not_written_over(pack, tmp_path, sqlite_url):
    from crmmigrate.model.location import Location
    from crmmigrate.targets import open_target

    with open_target(Location.parse(sqlite_url), schema=read_target_schema(PACK / "schema.yaml")) as target:
        target.create(read_target_schema(PACK / "schema.yaml"))
    file, book, schema, other = pack / "user.crmmap.yaml", tmp_path / "b.xlsx", tmp_path / "s.yaml", tmp_path / "o.xlsx"
    for _ in range(2):  # what nobody touched is written over
        assert call("sheet", file, "-o", book)[0] == 0
        assert call("schema", sqlite_url, "-o", schema)[0] == 0
    Workbook().save(other)
    filled = load_workbook(book)
    filled.save(book)  # as Excel does to a book that was only looked at
    assert call("sheet", file, "-o", book)[0] == 0
    titles = [cell.value for cell in filled.worksheets[1][1]]
    filled.worksheets[1].cell(2, titles.index("Confirmed by") + 1, "王敏")
    filled.save(book)
    schema.write_bytes(schema.read_bytes().replace(b"\n", b"\r\n"))  # as a checkout has it
    assert call("schema", sqlite_url, "-o", schema)[0] == 0
    schema.write_text(schema.read_text("utf-8").replace("version: 1", "version: 1 # 已核对"), "utf-8")
    for words, path, code in (
        (("sheet", file), book, "file.written-in"), (("sheet", file), other, "file.not-ours"),
        (("schema", sqlite_url), schema, "file.written-in"), (("schema", sqlite_url), file, "file.not-ours"),
    ):  # fmt: skip
        before = path.read_bytes()
        with pytest.raises(ConfigurationError) as error:
            call(*words, "-o", path)
        assert (error.value.code, error.value.place) == (code, str(path))
        assert error.value.hint is not None
        assert path.read_bytes() == before


def test_a_template_goes_to_standard_output_and_one_of_its_sheets_may_be_chosen(tmp_path):
    book = Workbook()
    book.active.title = "客户"
    book.active.append(["*客户名称", "电话"])
    book.create_sheet("联系人").append(["*姓名", "手机"])
    path = tmp_path / "template.xlsx"
    book.save(path)
    code, out, _ = call("schema", path, "--table", "联系人")
    assert code == 0
    assert "姓名: {required: true}" in out
    assert "客户" not in out
    with pytest.raises(ConfigurationError):
        call("schema", path, "--table", "合同")


@LANGUAGES
def test_a_risky_difference_fails_and_a_harmless_one_does_not(language, pack, tmp_path):
    old, new = pack / "user.crmmap.yaml", tmp_path / "b2b" / "new.crmmap.yaml"
    text = old.read_text(encoding="utf-8")
    new.write_text(
        text.replace("  left_on: {from: 离职日期, do: [date], on_error: blank}\n", "").replace(
            "owner: 人事部", "owner: HR"
        ),
        encoding="utf-8",
    )
    code, out, err = call("diff", old, new, "--data", STAFF, language=language)
    assert code == 1
    assert "left_on" in out
    assert ("有风险" if language == "zh" else "2 differences, 1 of them risky") in err
    code, out, _ = call("diff", old, new, "--format", "json", language=language)
    body = json.loads(out)
    assert (code, body["status"], body["counts"]["risky"]) == (1, "findings", 1)
    assert {one["subject"] for one in body["differences"]} == {"left_on", "owner"}
    new.write_text(text.replace("owner: 人事部", "owner: HR"), encoding="utf-8")
    assert call("diff", old, new, language=language)[0] == 0
    assert call("diff", old, old, language=language)[:2] == (0, "")


@LANGUAGES
def test_a_workbook_goes_out_comes_back_and_is_approved(language, pack, tmp_path):
    file, book = pack / "user.crmmap.yaml", tmp_path / "book.xlsx"
    before = file.read_bytes()
    assert call("sheet", file, "-o", book, "--schema", pack / "schema.yaml", "--data", STAFF, language=language)[0] == 0
    code, out, _ = call("collect", book, file, language=language)
    assert (code, out, file.read_bytes()) == (0, "", before)
    with pytest.raises(ConfigurationError) as unconfirmed:
        call("collect", book, file, "--approve", "王敏", language=language)
    assert unconfirmed.value.code == "mapping.unconfirmed"
    assert file.read_bytes() == before
    workbook = load_workbook(book)
    for page in workbook.worksheets[1:4]:
        header = [cell.value for cell in page[1]]
        by = header.index("确认人" if language == "zh" else "Confirmed by")
        for row in page.iter_rows(min_row=2):
            row[by].value = "王敏"
            if row[1].value == "在职":
                row[header.index("业务含义" if language == "zh" else "Business meaning")].value = "有劳动合同"
            if row[0].value == "department":
                row[header.index("说明" if language == "zh" else "Explanation")].value = "部门全称"
    workbook.save(book)
    code, out, err = call("collect", book, file, "--plan", language=language)
    assert "部门全称" in out
    assert "有劳动合同" in out
    assert "有劳动合同" not in err
    assert file.read_bytes() == before
    assert call("collect", book, file, "--approve", "王敏", language=language)[0] == 0
    text = file.read_text(encoding="utf-8")
    document = Document.load(file)
    assert document.value["approved"]["by"] == "王敏"
    assert document.value["approved"]["digest"] == digest(document, value_map_texts(read_mapping(file)))
    assert read_mapping(file).fields["active"].meanings == {"在职": "有劳动合同"}
    expected = before.decode().replace("department: {from: 部门}", "department: {from: 部门, note: 部门全称}")
    expected = expected.replace("reject, required: true}", "reject, required: true, meanings: {在职: 有劳动合同}}")
    assert text.startswith(expected.rstrip("\n"))
    assert call("lint", file, language=language)[0] == 0


def test_an_approval_is_of_the_value_maps_as_collected_too(pack, tmp_path):
    file, book = pack / "account.crmmap.yaml", tmp_path / "book.xlsx"
    assert call("sheet", file, "-o", book)[0] == 0
    workbook = load_workbook(book)
    for page in workbook.worksheets[1:4]:
        header = [cell.value for cell in page[1]]
        for row in page.iter_rows(min_row=2):
            row[header.index("Confirmed by")].value = "王敏"
            if row[1].value == "制造业":
                row[header.index("Target value")].value = "D"
                row[header.index("Business meaning")].value = "含代工"
    workbook.save(book)
    assert call("collect", book, file, "--approve", "王敏")[0] == 0
    values = pack / "lists" / "industry_code.csv"
    assert "制造业,D,含代工\n" in values.read_text("utf-8")
    warned = "mapping.approval-changed"
    assert warned not in call("lint", file)[1]
    values.write_text(values.read_text("utf-8").replace("制造业,D", "制造业,C"), "utf-8")
    code, out, _ = call("lint", file)
    assert code == 0
    assert out.count(warned) == 1
    assert "lists/industry_code.csv" in out


def test_a_changed_csv_and_a_changed_meaning_are_differences(pack, tmp_path):
    new = tmp_path / "new"
    shutil.copytree(pack, new)
    values, file = new / "lists" / "industry_code.csv", new / "account.crmmap.yaml"
    values.write_text(values.read_text("utf-8").replace("制造业,C", "制造业,D"), "utf-8")
    text = file.read_text("utf-8").replace(
        "unmapped: blank\n  level:", "unmapped: blank\n    meanings: {小型: 50 人以下}\n  level:"
    )
    file.write_text(text, "utf-8")
    code, out, _ = call("diff", pack / "account.crmmap.yaml", file)
    assert code == 1
    assert "'industry': 1 values mean something else: 制造业: C → D" in out
    assert "'company_size': what the business means by 1 values: 小型: – → 50 人以下" in out
    values.unlink()
    code, out, _ = call("diff", pack / "account.crmmap.yaml", file, "--format", "json")
    told = {one["subject"]: one for one in json.loads(out)["differences"]}
    assert code == 1
    assert "cannot be read" in told["industry"]["message"]
    assert told["company_size"]["risk"] is None


@LANGUAGES
def test_a_row_is_explained_step_by_step_and_masked_unless_asked(language, pack, tmp_path):
    rows = tmp_path / "客户.csv"
    rows.write_text("客户编号,客户名称,规模,负责人\nC1, 甲乙丙公司 ,小型,王敏\nC2,,,\n", encoding="utf-8")
    file, trimmed = pack / "account.crmmap.yaml", tmp_path / "b2b" / "small.crmmap.yaml"
    Path(trimmed).write_text(
        file.read_text(encoding="utf-8").partition("fields:")[0] + "fields:\n  external_id: {from: _record, required: true}\n"
        "  name: {from: 客户名称, do: [trim, {truncate: 3}], required: true}\n"
        "  size: {from: 规模, values: {小型: small}, unmapped: blank, default: none}\n"
        "  owner_id: {from: 负责人, lookup: {object: user, by: 姓名, missing: blank}}\n",
        encoding="utf-8",
    )  # fmt: skip
    code, out, _ = call("explain", trimmed, 1, "--data", rows, language=language)
    assert code == 0
    assert "甲乙丙公司" not in out
    assert "王敏" not in out
    code, out, _ = call(
        "explain",
        trimmed,
        1,
        "--data",
        rows,
        "--reference",
        f"user={STAFF}",
        "--show-values",
        "--format",
        "json",
        language=language,
    )
    facts = json.loads(out)["facts"]
    ways = {column["column"]: [step["value"] for step in column["steps"]] for column in facts["columns"]}
    assert ways["name"] == [" 甲乙丙公司 ", "甲乙丙公司", "甲乙丙", "甲乙丙"]
    assert ways["size"] == ["小型", "小型", "small", "small"]
    owner = next(column for column in facts["columns"] if column["column"] == "owner_id")
    assert owner["value"].endswith("/2")
    assert facts["rejected"] == ""
    code, out, _ = call(
        "explain", trimmed, "客户.csv!3", "--data", rows, "--show-values", "--format", "json", language=language
    )
    facts = json.loads(out)["facts"]
    assert facts["rejected"] == "map.required"
    assert next(column["value"] for column in facts["columns"] if column["column"] == "size") == "none"
    with pytest.raises(ConfigurationError) as unknown:
        call("explain", trimmed, 99, "--data", rows, language=language)
    assert unknown.value.code == "explain.no-row"


def test_what_is_explained_is_what_the_stage_maps(pack, tmp_path):
    """Every row of the staff list, explained, ends where the stage map takes it."""
    from crmmigrate.cli.progress import Bars
    from crmmigrate.model.location import Location
    from crmmigrate.model.mapping import read_mapping
    from crmmigrate.model.table import Table, Tables
    from crmmigrate.runner.execute import Context
    from crmmigrate.runner.explaining import explain
    from crmmigrate.runner.single import read_one
    from crmmigrate.runner.workspace import Workspace
    from crmmigrate.stages.map import prepare

    mapping = read_mapping(pack / "user.crmmap.yaml")
    table = Table("user", read_one(Location.parse(str(STAFF)), Context(Workspace(tmp_path / "w"), Bars())).path)
    tables = Tables({"user": table})
    batch = prepare(mapping, tables, "user")(table.frame())
    arrived = {
        row["_record"]: row for row in batch.rows.astype(object).where(batch.rows.notna(), None).to_dict("records")
    }
    rejected = {row[1]: row[4] for row in batch.aside}
    with pytest.raises(ConfigurationError):
        explain(mapping, tables, "①")  # a digit, and no number
    for number in range(1, min(12, table.rows) + 1):
        found = explain(mapping, tables, str(number))
        assert found.reject == rejected.get(found.record, "")
        if not found.reject:
            assert {column.name: column.value for column in found.columns} == {
                name: arrived[found.record][name] for name in mapping.fields
            }  # fmt: skip


def test_a_meaning_is_told_where_the_value_is_mapped_and_masked_like_it(pack, tmp_path):
    rows = tmp_path / "客户.csv"
    rows.write_text("客户编号,客户名称,规模\nC1,甲,小 型\nC2,乙,小微\n".replace("小 型", "小型 "), encoding="utf-8")
    file = pack / "small.crmmap.yaml"
    file.write_text(
        (pack / "account.crmmap.yaml").read_text("utf-8").partition("fields:")[0] + "fields:\n  external_id: {from: _record}\n"
        "  size: {from: 规模, do: [upper], values: {小型: small}, meanings: {小型: 五十人以下}, unmapped: keep, default: none}\n",
        encoding="utf-8",
    )  # fmt: skip
    code, out, _ = call("explain", file, 1, "--data", rows, "--show-values", "--format", "json")
    [size] = [column for column in json.loads(out)["facts"]["columns"] if column["column"] == "size"]
    assert code == 0
    assert [step["meaning"] for step in size["steps"]] == [None, None, "五十人以下", None]
    assert "the business means by it: 五十人以下" in call("explain", file, 1, "--data", rows, "--show-values")[1]
    assert "业务含义：五十人以下" in call("explain", file, 1, "--data", rows, "--show-values", language="zh")[1]
    assert "五十人以下" not in call("explain", file, 1, "--data", rows)[1]
    assert "means by it" not in call("explain", file, "客户.csv!3", "--data", rows, "--show-values")[1]


def test_a_reference_to_one_of_several_and_its_kind_are_explained(pack, tmp_path):
    for name, text in (("行", "编号,关于\nN1,甲\nN2,乙\n"), ("人", "姓名\n乙\n"), ("客", "姓名\n甲\n")):
        (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
    file = pack / "note.crmmap.yaml"
    file.write_text(
        "version: 1\nobject: note\ntarget: notes\nmatch: key\nfields:\n  key: {from: _record}\n"
        "  about: {from: 关于, lookup: {object: account, or: contact, by: 姓名}, required: true}\n"
        "  kind: {kind_of: about, values: {account: Account, contact: Contact}}\n",
        encoding="utf-8",
    )  # fmt: skip

    def told(row: str, *references: str) -> dict[str, str | None]:
        out = call(
            "explain", file, row, "--data", tmp_path / "行.csv", *references, "--show-values", "--format", "json"
        )[1]
        return {column["column"]: column["value"] for column in json.loads(out)["facts"]["columns"]}

    both = ("--reference", f"account={tmp_path / '客.csv'}", "--reference", f"contact={tmp_path / '人.csv'}")
    assert told("行.csv!2", *both)["kind"] == "Account"
    assert told("行.csv!3", *both)["kind"] == "Contact"
    assert told("行.csv!3", *both)["about"] == "contact:人/人/2"
    assert told("行.csv!3", *both[:2]) | {"key": ""} == {"key": "", "about": None, "kind": None}


def test_of_several_tables_the_one_the_mapping_names_is_taken(pack, tmp_path):
    book = Workbook()
    book.active.title = "说明"
    for title, header, row in (
        ("说明", ["事项", "内容"], ["导出日", "2026"]), ("员工名单", ["姓名", "部门", "手机", "邮箱", "状态", "离职日期"], ["王敏", "销售部", "", "", "在职", ""]), ("别的", ["甲", "乙"], ["1", "2"]),
    ):  # fmt: skip
        sheet = book[title] if title in book.sheetnames else book.create_sheet(title)
        sheet.append(header)
        sheet.append(row)
    path = tmp_path / "多表.xlsx"
    book.save(path)
    file = pack / "user.crmmap.yaml"
    assert call("explain", file, 1, "--data", path)[0] == 0
    assert call("diff", file, file, "--data", path)[0] == 0
    assert call("sheet", file, "--data", path, "-o", tmp_path / "s.xlsx")[0] == 0
    file.write_text(file.read_text("utf-8").replace("table: 员工名单", "table: 花名册"), "utf-8")
    with pytest.raises(ConfigurationError) as several:
        call("sheet", file, "--data", path, "-o", tmp_path / "s.xlsx")
    assert several.value.code == "location.several-tables"
    with pytest.raises(ConfigurationError) as text:
        call("sheet", file, "-o", tmp_path / "s.txt")
    assert (text.value.code, text.value.hint.text()) == ("usage.workbook-file", "name it for example s.xlsx")


def test_what_rows_are_taken_and_what_a_reference_may_name_are_differences(pack, tmp_path):
    old, new = pack / "account.crmmap.yaml", pack / "new.crmmap.yaml"
    text = old.read_text("utf-8").replace("unmapped: blank}", "unmapped: blank}\n  kind: {kind_of: owner_id}", 1)
    old.write_text(text, "utf-8")
    changed = text.replace("kind_of: owner_id", "kind_of: region_id").replace(
        "source: {table: 客户", 'source: {where: "作废 IS NULL", table: 客户'
    )
    new.write_text(changed.replace("lookup: {object: user", "lookup: {or: contact, object: user"), "utf-8")
    code, out, _ = call("diff", old, new)
    assert code == 1
    assert "rows are taken where" in out
    assert "'kind' comes from the kind of 'region_id', no longer from the kind of 'owner_id'" in out
    assert "'owner_id': lookup, or: – → contact" in out


def test_two_sentences_in_chinese_are_parted_as_chinese_is(pack):
    file = pack / "user.crmmap.yaml"
    other = pack / "new.crmmap.yaml"
    other.write_text(file.read_text("utf-8").replace("from: 部门", "from: 科室"), "utf-8")
    _, out, err = call("diff", file, other, "--data", STAFF, language="zh")
    assert out.startswith(("! 改动：", "! 变更："))
    assert "；" in err
    assert "; " not in err


@LANGUAGES
@pytest.mark.parametrize("command", ["lint", "test"])
def test_a_file_that_is_not_there_is_a_mistake_of_the_call_with_a_way_on(command, language, pack):
    with pytest.raises(ConfigurationError) as missing:
        call(command, pack / "acount.crmmap.yaml", language=language)
    assert (missing.value.code, missing.value.exit_code) == ("file.missing", 2)
    assert "account.crmmap.yaml" in missing.value.hint.text(language)


def test_a_database_that_is_not_there_says_nothing_of_a_load(tmp_path):
    from crmmigrate.errors import LocationError

    with pytest.raises(LocationError) as gone:
        call("schema", f"sqlite:///{tmp_path}/nope.db")
    assert "--resume" not in gone.value.hint.text()
    assert "path" in gone.value.hint.text()


def test_a_database_file_needs_no_url(tmp_path):
    path = tmp_path / "旧.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE accounts (id INTEGER PRIMARY KEY, name VARCHAR(20) NOT NULL)")
    code, out, _ = call("schema", path)
    assert code == 0
    assert "name: {length: 20, required: true}" in out
