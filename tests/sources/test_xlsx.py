"""Workbooks: what a person saw is what arrives, and where the table is is found and told."""

from __future__ import annotations

import zipfile

import pytest

from crmmigrate.errors import LocationError


def test_numbers_are_read_as_they_are_shown(tmp_path, workbook, only):
    def number(column, raw, style=0):
        return f'<c r="{column}2" s="{style}"><v>{raw}</v></c>'

    styles = [
        "000000",
        "yyyy-mm-dd",
        'yyyy"年"m"月"d"日"',
        "0.00%",
        "#,##0.00",
        "yyyy-mm-dd hh:mm",
        "000-0000",
        "[h]:mm",
    ]
    cells = {
        "A": number("A", 123, 1), "B": number("B", 45047, 2), "C": number("C", 45047, 3), "D": number("D", 0.125, 4),
        "E": number("E", 1200.5, 5), "F": number("F", "45047.604166666664", 6), "G": number("G", 1234567, 7),
        "H": number("H", "1.5", 8), "I": number("I", "42"), "J": number("J", "1.1000000000000001"),
        "K": number("K", "1E-3"), "L": number("L", "1.3812345678E10"), "M": '<c r="M2" t="b"><v>1</v></c>',
        "N": number("N", "100", 0), "O": number("O", "0.10", 0),
    }  # fmt: skip
    head = {letter: f"列名{letter}" for letter in cells}
    path = workbook.write(tmp_path / "a.xlsx", {"表": workbook.sheet({1: head, 2: cells})}, styles)
    table, rows = only(path)
    assert [rows[name][0] for name in table.columns] == [
        "000123", "2023-05-01", "2023-05-01", "12.50%", "1200.5", "2023-05-01 14:30:00", "123-4567", "36:00:00", "42",
        "1.1", "0.001", "13812345678", "TRUE", "100", "0.1",
    ]  # fmt: skip
    assert table.issues == []


def test_dates_of_1904_and_of_the_day_that_never_was(tmp_path, workbook, only):
    sheet = workbook.sheet({1: {"A": "日期", "B": "名"}, 2: {"A": '<c r="A2" s="1"><v>60</v></c>', "B": "x"}})
    assert only(workbook.write(tmp_path / "a.xlsx", {"s": sheet}, ["yyyy/m/d"]))[1]["日期"] == ["1900-02-29"]
    old = workbook.write(tmp_path / "b.xlsx", {"s": sheet}, ["yyyy/m/d"], book='<workbookPr date1904="1"/>')
    assert only(old)[1]["日期"] == ["1904-03-01"]


def test_damage_is_flagged_not_mended(tmp_path, workbook, only):
    rows = {
        1: {"A": "名称", "B": "身份证", "C": "金额"},
        2: {"A": "甲", "B": '<c r="B2"><v>1.1010119900307E+17</v></c>', "C": '<c r="C2" t="e"><v>#N/A</v></c>'},
        3: {"A": "乙", "B": "110101199003070011", "C": '<c r="C3"><f>A1*2</f></c>'},
        4: {"A": "丙", "B": "x", "C": '<c r="C4" t="str"><f>T(1)</f><v>a&amp;b</v></c>'},
    }
    table, cells = only(workbook.write(tmp_path / "a.xlsx", {"s": workbook.sheet(rows)}))
    assert cells["身份证"] == ["110101199003070000", "110101199003070011", "x"]
    assert cells["金额"] == ["#N/A", None, "a&b"]
    assert {(i[2], i[3], i[4]) for i in table.issues} == {
        ("a.xlsx#s!2", "身份证", "source.number-precision-lost"),
        ("a.xlsx#s!2", "金额", "source.error-cell"),
        ("a.xlsx#s!3", "金额", "source.formula-without-value"),
    }


def test_reading_twice_finds_the_same_issues(tmp_path, workbook):
    from crmmigrate.model.location import Location
    from crmmigrate.sources import read_location

    rows = {1: {"A": "a", "B": "b"}, 2: {"A": "x", "B": '<c r="B2"><v>12345678901234567</v></c>'}}
    path = workbook.write(tmp_path / "a.xlsx", {"s": workbook.sheet(rows)})
    [table] = list(read_location(Location(str(path))))
    for _ in range(2):
        assert sum(len(frame) for frame in table.batches()) == 1
        assert len(table.issues) == 1


def test_shared_and_rich_text(tmp_path, workbook, only):
    texts = (
        "<si><t>名</t></si><si><r><t>甲</t></r><r><rPr><b/></rPr><t xml:space='preserve'> 乙</t></r>"
        "<rPh sb='0' eb='1'><t>ignored</t></rPh></si><si><t>a_x000D_b &lt;&#10;c</t></si><si/>"
    )
    cells = {n: {"A": f'<c r="A{n}" t="s"><v>{n - 1}</v></c>', "B": "x"} for n in (1, 2, 3, 4)}
    cells[1]["B"] = "标记"
    path = workbook.write(tmp_path / "a.xlsx", {"s": workbook.sheet(cells)}, texts=texts)
    assert only(path)[1]["名"] == ["甲 乙", "a\rb <\nc", None]


def test_cells_written_in_another_way(tmp_path, workbook, only):
    """Other writers leave references out, turn attributes round, or use a namespace prefix."""
    plain = (
        "<worksheet><sheetData><row><c t='inlineStr'><is><t>名称</t></is></c><c t='inlineStr'><is><t>数</t></is></c></row>"
        "<row r='4'><c t='inlineStr' r='A4'><is><t>甲</t></is></c><c r='B4'><v>7</v></c></row></sheetData></worksheet>"
    )
    assert only(workbook.write(tmp_path / "a.xlsx", {"s": plain}))[1] == {
        "名称": ["甲"], "数": ["7"], "_place": ["4"], "_origin": ["a.xlsx#s!4"],
    }  # fmt: skip
    prefixed = (
        '<x:worksheet xmlns:x="a"><x:sheetData><x:row r="1"><x:c r="A1" t="inlineStr"><x:is><x:t>名称</x:t></x:is></x:c>'
        '<x:c r="B1" t="str"><x:v>数</x:v></x:c></x:row><x:row r="2"><x:c r="A2" t="str"><x:v>甲</x:v></x:c>'
        '<x:c r="B2"><x:v>7</x:v></x:c></x:row></x:sheetData></x:worksheet>'
    )
    assert only(workbook.write(tmp_path / "b.xlsx", {"s": prefixed}))[1]["数"] == ["7"]


def test_single_quotation_marks_around_numbers_and_ranges(tmp_path, workbook, only):
    rows = [["部门", "姓名", "手机"], ["一部", "张", "1"], [None, "李", "2"]]
    xml = workbook.table(rows, ["A2:A3"]).replace('<row r="3"', "<row r='9' hidden='1'").replace('3"', '9"')
    xml = xml.replace('<mergeCell ref="A2:A9"', "<mergeCell x='1' ref='A2:A9'")
    xml = xml.replace("<sheetData>", "<cols><col min='2' max='2' hidden='true'/></cols><sheetData>")
    table, cells = only(workbook.write(tmp_path / "a.xlsx", {"s": xml}))
    assert cells["_place"] == ["2", "9"]
    assert cells["部门"] == ["一部", "一部"]
    assert table.facts["hidden"] == {"sheet": False, "rows": 1, "columns": ["B"]}


def test_text_in_unusual_markup(tmp_path, workbook, only):
    cells = [
        '<c r="A2" t="str"><is><r><t>甲</t></r><r><t>乙</t></r></is></c>', '<c r="A3" t="str"><v><![CDATA[a<b]]></v></c>',
        '<c r="A4" t="inlineStr"><is><t>甲<!-- 丙 -->乙</t></is></c>', '<c r="A5" t="str"><f>A1</f><v></v></c>',
        '<c r="A6" t="inlineStr"><is><t></t></is></c>', '<c r="A7" t="str"><w>丁 &amp;</w></c>', '<c r="A8"><v><!-- x -->7</v></c>',
    ]  # fmt: skip
    rows = {n: {"A": xml, "B": "x"} for n, xml in enumerate(cells, 2)}
    xml = workbook.sheet({1: {"A": "名", "B": "b"}, **rows})
    table, found = only(workbook.write(tmp_path / "a.xlsx", {"s": xml}))
    assert found["名"] == ["甲乙", "a<b", "甲乙", None, None, None, "7"]
    assert [(i[2], i[4], i[7]) for i in table.issues] == [("a.xlsx#s!7", "source.cell-unread", "丁 &")]


SALES = [
    ["2026年销售一部客户表"],
    ["填表人：王敏", None, None, "日期：2026-10-01"],
    ["序号", "客户信息", None, None, "联系人", None, "备注"],
    [None, "客户\n名称", "地址", "电话", "姓名", "手机", None],
    ["1", "甲公司", "杭州", "0571-1", "张三", "138", None],
    ["2", "乙公司", "宁波", None, "李四", None, "要回访"],
    ["小计", None, "2 家"],
    ["序号", "客户信息", None, None, "联系人", None, "备注"],
    [None, "客户\n名称", "地址", "电话", "姓名", "手机", None],
    [None, None, None, None, None, None, None],
    ["3", "丙公司", "温州", None, "王五", None, None],
    ["4", "丁公司", None, None, None, None, None],
    ["合计", "3 家", None, None, None, None, None],
    ["注：本表仅供内部使用"],
]
MERGES = ["A1:G1", "A3:A4", "B3:D3", "E3:F3", "G3:G4", "A8:A9", "B8:D8"]


def test_two_row_header_titles_subtotals_notes(tmp_path, workbook, only):
    table, rows = only(workbook.write(tmp_path / "销售一部.xlsx", {"Sheet1": workbook.table(SALES, MERGES)}))
    assert table.columns == (
        "序号", "客户信息/客户 名称", "客户信息/地址", "客户信息/电话", "联系人/姓名", "联系人/手机", "备注",
    )  # fmt: skip
    assert rows["客户信息/客户 名称"] == ["甲公司", "乙公司", "丙公司", "丁公司"]
    assert rows["_place"] == ["5", "6", "11", "12"]
    assert rows["_origin"][0] == "销售一部.xlsx#Sheet1!5"
    assert table.facts["header"] == [3, 4]
    assert table.facts["rows"] == 4
    dropped = {item["place"]: item["why"] for item in table.facts["dropped"]}
    assert [(i[2], i[4], i[7]) for i in table.issues] == [
        ("销售一部.xlsx#Sheet1!7", "source.row-dropped", "小计 | 2 家"),
        ("销售一部.xlsx#Sheet1!13", "source.row-dropped", "合计 | 3 家"),
        ("销售一部.xlsx#Sheet1!14", "source.row-dropped", "注：本表仅供内部使用"),
    ]
    assert dropped == {
        "1": "title", "2": "title", "3": "header", "4": "header", "7": "subtotal", "8": "repeated-header",
        "9": "repeated-header", "13": "subtotal", "14": "note",
    }  # fmt: skip


def test_sparse_rows_of_data_are_kept(tmp_path, workbook, only):
    rows = [
        ["编号", "名称", "电话", "备注"],
        ["C1", "甲", "1", "x"],
        ["C2"],
        ["C3", "合计公司"],
        ["C4", None, None, "共 2 人"],
        ["C5"],
    ]
    table, cells = only(workbook.write(tmp_path / "a.xlsx", {"s": workbook.table(rows)}))
    assert cells["编号"] == ["C1", "C2", "C3", "C4", "C5"]
    assert table.facts["dropped_counts"] == {"header": 1}


LEDGER = [
    ["序号", "客户名称", "联系电话", "地址", "累计金额"],
    ["华东区"],
    ["1", "甲公司", "13800138001", "文三路1号", "5"],
    ["2", "乙公司", "13800138002", "文三路2号", "7"],
    ["小计", None, None, None, "12"],
    ["二、华南区（含海南）"],
    ["3", "丙公司", "13800138003", None, "5"],
    ["4", "丁公司", "13800138004", None, "5"],
    ["华南区合计：", "2 家", None, "2", "10"],
    ["合计", "4", "4", "4", "22"],
]


def test_a_full_row_of_totals_and_words_where_records_are_numbered_are_no_records(tmp_path, workbook, only):
    table, cells = only(workbook.write(tmp_path / "a.xlsx", {"s": workbook.table(LEDGER)}))
    assert cells["客户名称"] == ["甲公司", "乙公司", "丙公司", "丁公司"]
    dropped = {item["place"]: item["why"] for item in table.facts["dropped"]}
    assert dropped == {
        "1": "header", "2": "section", "5": "subtotal", "6": "section", "9": "subtotal", "10": "subtotal"
    }  # fmt: skip
    assert {(i[2], i[4]) for i in table.issues} == {
        (f"a.xlsx#s!{row}", "source.row-dropped") for row in (2, 5, 6, 9, 10)
    }


@pytest.mark.parametrize(
    ("first", "row"),
    [
        ("序号", [None, "华东区"]),
        ("客户名称", ["华东区"]),
        ("序号", ["3"]),
        ("编号", ["C003"]),
        ("序号", ["湖畔食品公司"]),
        ("手机", ["华东区"]),
        ("序号", ["3", "合计", "13800138003", "文三路3号", "5"]),
        ("客户名称", ["合计", "李", "13800138003", "文三路3号", "5"]),
        ("客户名称", ["合计", "3", "13800138003", "3", "5"]),
        ("客户名称", ["合计公司", "3", "3", "3", "5"]),
        ("客户名称", ["上海统计", "3", "3", "3", "5"]),
    ],
)
def test_what_may_be_a_record_is_kept(tmp_path, workbook, only, first, row):
    rows = [[first, "联系人", "电话", "地址", "金额"]]
    rows += [[str(at), "张", f"1380013800{at}", f"文三路{at}号", "7"] for at in (1, 2, 3, 4)]
    _, cells = only(workbook.write(tmp_path / "a.xlsx", {"s": workbook.table([*rows, row, *rows[1:]])}))
    assert cells["_place"] == [str(number) for number in range(2, 11)]


NUMBERED = [
    ["客户编号", "客户名称", "电话", "地址"],
    *([f"C{at}", f"甲{at}", f"1380013800{at}", "路1号"] for at in range(1, 7)),
]


@pytest.mark.parametrize(
    "name",
    ["宝洁中国", "老王五金店", "Mary Smith", "张三丰", "中国银行", "三一重工", "北京小馆", "阳光小区", "老王超市", "大客户张总", "华东建材", "东方红", "新月", "万年", "一部手机",
     "李宁", "五月花", "Class One Foods", "A.O. Smith", "B. 张三丰", "第一百货", "April", "LATAM", "国际中心", "East China Trading", "俱乐部", "三组合", "销售员小王"],
)  # fmt: skip
def test_a_name_where_records_are_numbered_is_a_record(tmp_path, workbook, only, name):
    _, cells = only(workbook.write(tmp_path / "a.xlsx", {"s": workbook.table([*NUMBERED, [name], *NUMBERED[1:]])}))
    assert cells["客户编号"][6] == name


@pytest.mark.parametrize(
    "words",
    ["华东区", "华东", "西南大区", "北京", "江苏省", "苏州市", "昆山市", "内蒙古", "一、省内", "（二）江苏省（含上海）：", "东区", "第一组", "A类客户", "A 类", "B级", "重点客户", "老客户", "VIP客户",
     "2023年", "2023年1月", "一月", "12月份", "第二季度", "Q3", "销售一部", "市场部", "江苏客户", "浙江片区", "海外市场", "其他", "East China", "North America", "Key Accounts",
     "Region 2"],
)  # fmt: skip
def test_places_classes_and_times_before_a_numbered_record_are_headings(tmp_path, workbook, only, words):
    rows = [*NUMBERED, [words], *NUMBERED[1:], [words]]
    table, cells = only(workbook.write(tmp_path / "a.xlsx", {"s": workbook.table(rows)}))
    assert cells["客户编号"][:12] == [row[0] for row in NUMBERED[1:]] * 2
    assert table.facts["dropped_counts"] == {"header": 1, "section": 1}
    assert cells["客户编号"][12:] == [words], "no record follows"


@pytest.mark.parametrize(
    ("between", "kept"),
    [
        ([["华东区"], ["江苏省"]], []),
        ([["华东区"], [], ["江苏省"], []], []),
        ([["华东区"], NUMBERED[0]], []),
        ([["华东区"], ["张三丰"]], ["华东区", "张三丰"]),
        ([["张三丰"], ["华东区"]], ["张三丰"]),
        ([["华东区"], [None, "甲", "1", "路"]], ["华东区", None]),
    ],
)
def test_a_heading_stands_directly_before_its_records(tmp_path, workbook, only, between, kept):
    rows = [*NUMBERED, *between, *NUMBERED[1:]]
    _, cells = only(workbook.write(tmp_path / "a.xlsx", {"s": workbook.table(rows)}))
    assert cells["客户编号"][6:-6] == kept


def test_words_in_a_column_of_words_are_no_section(tmp_path, workbook, only):
    rows = [
        ["编号", "名称", "电话", "备注"],
        ["甲一", "甲", "1", "x"],
        ["乙二", "乙", "2", "x"],
        ["丙三"],
        ["丁四", "丁", "3", "x"],
    ]
    _, cells = only(workbook.write(tmp_path / "a.xlsx", {"s": workbook.table(rows)}))
    assert cells["编号"] == ["甲一", "乙二", "丙三", "丁四"]


def test_headers_that_are_empty_doubled_or_broken(tmp_path, workbook, only):
    rows = [
        ["电话", "电话", None, "客户\n名称", None],
        ["1", "2", "3", "甲", None],
        ["4", "5", None, "乙", None],
        ["4", "5", "6", "乙"],
    ]
    table, cells = only(workbook.write(tmp_path / "a.xlsx", {"s": workbook.table(rows)}))
    assert table.columns == ("电话", "电话 (2)", "列C", "客户 名称")
    assert cells["列C"] == ["3", None, "6"]


def test_merged_cells_of_the_body_are_filled(tmp_path, workbook, only):
    rows = [["部门", "姓名", "手机"], ["一部", "张", "1"], [None, "李", "2"], [None, "王", "3"], [None, "赵", "4"]]
    table, cells = only(workbook.write(tmp_path / "a.xlsx", {"s": workbook.table(rows, ["A2:A4"])}))
    assert cells["部门"] == ["一部", "一部", "一部", None]
    assert table.facts["merged_filled"] == 2


def test_one_stray_cell_at_the_last_place_of_a_sheet(tmp_path, workbook, only):
    """Readers that allocate the used range ask for 549 GB here and take the process with them."""
    rows = {1: {"A": "名称", "B": "电话", "C": "备注"}, 2: {"A": "甲", "B": "1", "C": "x"}, 1048576: {"XFD": "stray"}}
    xml = workbook.sheet(rows, before='<dimension ref="A1:XFD1048576"/>')
    table, cells = only(workbook.write(tmp_path / "a.xlsx", {"s": xml}))
    assert cells["名称"] == ["甲"]
    assert [(i[2], i[3], i[4], i[7]) for i in table.issues] == [
        ("a.xlsx#s!1048576", "XFD", "source.cell-outside", "stray")
    ]


def test_a_wrong_dimension_does_not_matter(tmp_path, workbook, only):
    rows = [["名称", "电话"], *([f"n{i}", str(i)] for i in range(5))]
    xml = workbook.table(rows).replace("<sheetData>", '<dimension ref="A1"/><sheetData>')
    assert len(only(workbook.write(tmp_path / "a.xlsx", {"s": xml}))[1]["名称"]) == 5


def test_a_table_without_header(tmp_path, workbook, only):
    rows = [["13800000001", "2023-01-01", "5"], ["13800000002", "2023-01-02", "6"]]
    table, cells = only(workbook.write(tmp_path / "a.xlsx", {"s": workbook.table(rows)}))
    assert cells["列A"] == ["13800000001", "13800000002"]
    assert [issue[4] for issue in table.issues] == ["source.no-header"]


def test_hidden_things_are_told(tmp_path, workbook, read):
    xml = workbook.table([["a", "b"], ["x", "y"]]).replace('<row r="2">', '<row r="2" hidden="1">')
    xml = xml.replace("<sheetData>", '<cols><col min="2" max="2" hidden="1"/></cols><sheetData>')
    path = workbook.write(tmp_path / "a.xlsx", {"s": xml, "empty": workbook.sheet({})})
    found = read(path)
    assert list(found) == ["s"]
    assert found["s"][0].facts["hidden"] == {"sheet": False, "rows": 1, "columns": ["B"]}


def test_sheets_are_chosen_by_name_and_pattern(tmp_path, workbook, read):
    sheet = workbook.table([["a", "b"], ["x", "y"]])
    path = workbook.write(tmp_path / "客户.xlsx", {"客户": sheet, "联系人": sheet, "客户2": sheet})
    assert list(read(f"{path}#联系人")) == ["联系人"]
    assert list(read(path, tables=("客户*",))) == ["客户", "客户2"]
    with pytest.raises(LocationError) as error:
        read(f"{path}#联系入")
    assert error.value.code == "source.no-table"
    assert "联系人" in error.value.text()


def test_a_workbook_is_known_by_its_content(tmp_path, workbook, only):
    for name in ("a.csv", "b.xls", "c"):
        path = workbook.write(tmp_path / name, {"s": workbook.table([["a", "b"], ["000123", "y"]])})
        assert only(path)[1]["a"] == ["000123"]


def test_many_rows_come_in_batches(tmp_path, workbook):
    from crmmigrate.model.location import Location
    from crmmigrate.sources import read_location

    rows = [["名称", "序号"], *([f"n{i}", str(i)] for i in range(60_000))]
    path = workbook.write(tmp_path / "a.xlsx", {"s": workbook.table(rows)})
    [table] = read_location(Location(str(path)))
    frames = list(table.batches())
    assert len(frames) > 1
    assert [value for frame in frames for value in frame["序号"]] == [str(i) for i in range(60_000)]


def test_bombs_and_entities_are_refused(tmp_path, workbook, read):
    bomb = workbook.sheet({}).replace("<sheetData>", "<sheetData>" + " " * 70_000_000)
    path = workbook.write(tmp_path / "bomb.xlsx", {"s": bomb})
    with pytest.raises(LocationError) as error:
        read(path)
    assert error.value.code == "source.too-large"
    laughs = '<!DOCTYPE x [<!ENTITY a "b">]>' + workbook.table([["a"]])
    with pytest.raises(LocationError) as error:
        read(workbook.write(tmp_path / "laughs.xlsx", {"s": laughs}))
    assert error.value.code == "file.damaged"


def test_a_truncated_sheet_is_refused(tmp_path, workbook, read):
    path = workbook.write(
        tmp_path / "a.xlsx", {"s": workbook.table([["a", "b"], *([str(i), "y"] for i in range(5000))])}
    )
    broken = tmp_path / "b.xlsx"
    with zipfile.ZipFile(path) as good:
        start = good.getinfo("xl/worksheets/s1.xml").header_offset
    data = bytearray(path.read_bytes())
    data[start + 200 : start + 300] = bytes(100)
    broken.write_bytes(data)
    with pytest.raises(LocationError) as error:
        read(broken)
    assert error.value.code == "file.damaged"


def test_lists_to_choose_from_are_told(tmp_path, workbook, read):
    rules = (
        '<dataValidations><dataValidation type="list" sqref="B2:B9"><formula1>"甲类, 乙类,""丙"""</formula1></dataValidation>'
        '<dataValidation type="list" sqref="A2:D9"/>'
        '<dataValidation sqref="C2" type="list"><formula1>字典!$A$2:$A$3</formula1></dataValidation>'
        '<dataValidation type="whole" sqref="A2"><formula1>1</formula1></dataValidation></dataValidations>'
        '<extLst><x14:dataValidation type="list"><x14:formula1><xm:f>级别</xm:f></x14:formula1><xm:sqref>D2:D9</xm:sqref></x14:dataValidation></extLst>'
    )
    rows = workbook.table([["编号", "类别", "行业", "级别"], ["1", "甲类", "制造", "A"]]).replace(
        "</worksheet>", f"{rules}</worksheet>"
    )
    values = workbook.table([["行业", "级别"], ["制造", "A"], ["零售", "B"]])
    names = "<definedNames><definedName name='级别'>'字典'!$B$2:$B$3</definedName></definedNames>"
    found = read(workbook.write(tmp_path / "a.xlsx", {"客户": rows, "字典": values}, book=names))
    assert found["客户"][0].facts["validation"] == {
        "类别": ["甲类", "乙类", '"丙"'],
        "行业": ["制造", "零售"],
        "级别": ["A", "B"],
    }
