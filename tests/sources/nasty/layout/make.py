"""Writes the workbooks and text files of this folder: `python make.py`, always the same bytes.

Rows are written as a person sees them, cells divided by `|`; an empty cell is nothing between two bars, `=12` a number.
The expectations are written beside them by hand, from what a careful person reads.
"""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from xml.sax.saxutils import escape

HERE = Path(__file__).parent
MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"


def cells(line: str) -> list[str]:
    return [text.strip(" ").replace("\\n", "\n") for text in line.split("|")] if line.strip() else []


def rows_of(text: str) -> dict[int, list[str]]:
    """Return the rows of a sheet; a line `@12` gives the next one the number 12."""
    rows: dict[int, list[str]] = {}
    number = 0
    for line in text.strip("\n").split("\n"):
        if line.startswith("@"):
            number = int(line[1:]) - 1
            continue
        number += 1
        rows[number] = cells(line)
    return rows


def letters(index: int) -> str:
    return chr(65 + index)


def cell_xml(place: str, text: str) -> str:
    if text.startswith("="):
        return f'<c r="{place}"><v>{text[1:]}</v></c>'
    if not text:
        return f'<c r="{place}" s="1"/>'  # formatted, nothing in it
    return f'<c r="{place}" t="inlineStr"><is><t xml:space="preserve">{escape(text)}</t></is></c>'


def sheet_xml(text: str, merges: str = "") -> str:
    lines = "".join(
        f'<row r="{number}">{"".join(cell_xml(f"{letters(i)}{number}", text) for i, text in enumerate(row))}</row>'
        for number, row in rows_of(text).items()
    )
    ranges = "".join(f'<mergeCell ref="{merge}"/>' for merge in merges.split())
    return f"<worksheet {MAIN}><sheetData>{lines}</sheetData><mergeCells>{ranges}</mergeCells></worksheet>"


def book(name: str, sheets: dict[str, str], expected: dict[str, object], trouble: str) -> None:
    listed = "".join(f'<sheet name="{n}" sheetId="{i}" r:id="r{i}"/>' for i, n in enumerate(sheets, 1))
    links = "".join(
        f'<Relationship Id="r{i}" Type="{OFFICE}/worksheet" Target="worksheets/s{i}.xml"/>'
        for i in range(1, len(sheets) + 1)
    )
    parts = {
        "[Content_Types].xml": "<Types/>",
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}"><Relationship Id="a" Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook {MAIN} xmlns:r="{OFFICE}"><sheets>{listed}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}">{links}</Relationships>',
        **{f"xl/worksheets/s{i}.xml": xml for i, xml in enumerate(sheets.values(), 1)},
    }
    with zipfile.ZipFile(HERE / f"{name}.xlsx", "w") as package:
        for part, content in parts.items():
            entry = zipfile.ZipInfo(part)  # dated 1980, so that the bytes stay the same
            entry.compress_type = zipfile.ZIP_DEFLATED
            package.writestr(entry, content)
    expect(f"{name}.xlsx", expected, trouble)


def sheet(
    name: str, trouble: str, text: str, *expected: dict[str, object], merges: str = "", title: str = "客户"
) -> None:
    names = [title, *(f"{title} ({n})" for n in range(2, len(expected) + 1))]
    book(name, {title: sheet_xml(text, merges)}, dict(zip(names, expected, strict=True)), trouble)


def text_file(name: str, trouble: str, text: str, *expected: dict[str, object]) -> None:
    rows = rows_of(text)
    lines = [
        ",".join(f'"{cell}"' if "\n" in cell else cell.removeprefix("=") for cell in rows.get(n, []))
        for n in range(1, max(rows) + 1)
    ]
    (HERE / f"{name}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8", newline="")
    names = [name, *(f"{name} ({n})" for n in range(2, len(expected) + 1))]
    expect(f"{name}.csv", dict(zip(names, expected, strict=True)), trouble)


def table(text: str, places: str = "", dropped: str = "", issues: str | None = None) -> dict[str, object]:
    """Return an expectation: the first line holds the columns; empty cells are null."""
    head, *body = text.strip("\n").split("\n")
    found: dict[str, object] = {
        "columns": [name.replace("\n", " ") for name in cells(head)],
        "rows": [[cell.removeprefix("=") or None for cell in cells(line)] for line in body if line.strip()],
    }
    if places:
        found["places"] = places.split()
    if dropped:
        found["dropped"] = {why: int(count) for why, count in (item.split("=") for item in dropped.split())}
    if issues is not None:
        found["issues"] = issues.split()
    return found


def expect(file: str, tables: dict[str, object], trouble: str) -> None:
    content = {"trouble": trouble, "tables": tables}
    (HERE / f"{file}.expected.json").write_text(
        json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
    )


LIST = """
客户名称|联系人|电话
甲公司|张一|13800000001
乙公司|李二|13800000002
"""


def headers() -> None:
    sheet("header_row_5", "titles, a blank row and fields of a form above the header", """
XX集团客户一览表

部门：|销售一部||日期：|2024-05-01
制表人：|赵六||页码：|1
客户名称|联系人|电话|城市|等级
甲公司|张一|13800000001|北京|A
乙公司|李二|13800000002|上海|B
""", table("客户名称|联系人|电话|城市|等级\n甲公司|张一|13800000001|北京|A\n乙公司|李二|13800000002|上海|B", "6 7", "title=3"), merges="A1:E1")  # fmt: skip
    sheet("header_two_rows", "two header rows, the upper one merged across, the first column merged down", """
序号|客户信息||联系方式|
|名称|城市|电话|邮箱
1|甲公司|北京|010-1|a@x.cn
2|乙公司|上海|021-2|b@x.cn
""", table("序号|客户信息/名称|客户信息/城市|联系方式/电话|联系方式/邮箱\n1|甲公司|北京|010-1|a@x.cn\n2|乙公司|上海|021-2|b@x.cn", "3 4", "header=2"), merges="A1:A2 B1:C1 D1:E1")  # fmt: skip
    sheet("header_three_rows", "three header rows with merges across and down", """
2024年客户台账
序号|客户信息|||||备注
|基本信息||联系人|||
|名称|编号|姓名|手机|邮箱|
1|甲公司|C1|张一|13800000001|a@x.cn|老客户
2|乙公司|C2|李二|13800000002|b@x.cn|
""", table("序号|客户信息/基本信息/名称|客户信息/基本信息/编号|客户信息/联系人/姓名|客户信息/联系人/手机|客户信息/联系人/邮箱|备注\n1|甲公司|C1|张一|13800000001|a@x.cn|老客户\n2|乙公司|C2|李二|13800000002|b@x.cn|", "5 6", "header=3 title=1"), merges="A1:G1 A2:A4 B2:F2 G2:G4 B3:C3 D3:F3")  # fmt: skip
    sheet("header_line_breaks", "line breaks and blanks inside the labels", """
客户\\n名称|联系  人\\n姓名|电话\\n(手机)
甲公司|张一|13800000001
""", table("客户 名称|联系 人 姓名|电话 (手机)\n甲公司|张一|13800000001", "2"))  # fmt: skip
    sheet("header_doubled", "one label three times, once already with a number", """
客户名称|电话|电话|电话 (2)|电话
甲公司|1|2|3|4
""", table("客户名称|电话|电话 (2)|电话 (2) (2)|电话 (3)\n甲公司|1|2|3|4"))  # fmt: skip
    sheet("header_empty_labels", "columns without a label between and behind the others", """
客户名称||电话||
甲公司|华北|13800000001||x
乙公司|华东|13800000002||y
""", table("客户名称|列B|电话|列E\n甲公司|华北|13800000001|x\n乙公司|华东|13800000002|y"))  # fmt: skip
    sheet("header_units", "a row of units below the header", """
客户名称|注册资本|合同金额|数量
|万元|元|台
甲公司|=500|=12000|=3
乙公司|=800|=9000|=2
""", table("客户名称|注册资本|合同金额|数量\n甲公司|500|12000|3\n乙公司|800|9000|2", "3 4", "header=1 units=1", "source.row-dropped"))  # fmt: skip
    sheet("header_units_brackets", "units in brackets below an English header", """
Customer|Revenue|Weight
|(CNY 10k)|(kg)
Alpha Ltd|=500|=12.5
Beta Ltd|=800|=9
""", table("Customer|Revenue|Weight\nAlpha Ltd|500|12.5\nBeta Ltd|800|9", "3 4", "units=1"))  # fmt: skip
    sheet("header_none", "no header: the first row is data", """
13800000001|=3|2024-01-02
13800000002|=5|2024-01-03
13800000003|=6|2024-01-04
""", table("列A|列B|列C\n13800000001|3|2024-01-02\n13800000002|5|2024-01-03\n13800000003|6|2024-01-04", "1 2 3", issues="source.no-header"))  # fmt: skip
    sheet("header_years", "years are labels of columns", """
客户名称|2021|2022|2023
甲公司|=120000|=130000|=125000
乙公司|=98000|=90500|=91000
""", table("客户名称|2021|2022|2023\n甲公司|120000|130000|125000\n乙公司|98000|90500|91000", "2 3"))  # fmt: skip
    sheet("header_title_written_out", "a merged title that was written into each cell", """
客户清单|客户清单|客户清单
客户名称|联系人|电话
甲公司|张一|13800000001
乙公司|李二|13800000002
""", table(LIST, "3 4", "title=1"))  # fmt: skip
    sheet("header_long_labels", "labels as long as sentences above values", """
客户全称（与营业执照一致，请勿填写简称，如有分公司请另起一行填写）|最近一年签订的合同总金额（含税，单位为人民币元，四舍五入到整数）|首次合作日期（签订第一份合同的日期，格式为年-月-日，不清楚的可以只填年份）
甲公司|=120000|2021-03-04
乙公司|=98000|2022-05-06
""", table("客户全称（与营业执照一致，请勿填写简称，如有分公司请另起一行填写）|最近一年签订的合同总金额（含税，单位为人民币元，四舍五入到整数）|首次合作日期（签订第一份合同的日期，格式为年-月-日，不清楚的可以只填年份）\n甲公司|120000|2021-03-04\n乙公司|98000|2022-05-06"))  # fmt: skip
    text_file("header_groups_as_csv", "a two-row header exported as CSV: nothing is merged any more", """
序号|客户信息|||备注
|名称|电话|城市|
1|甲公司|13800000001|北京|老客户
2|乙公司|13800000002|上海|
""", table("序号|客户信息/名称|客户信息/电话|客户信息/城市|备注\n1|甲公司|13800000001|北京|老客户\n2|乙公司|13800000002|上海|", "3 4"))  # fmt: skip
    text_file("header_groups_same_labels", "labels that return under each group of the row above", """
销售额统计|||||
客户名称|2022年||2023年||
名称|数量|金额|数量|金额
甲公司|=5|=120000|=6|=130000
乙公司|=3|=98000|=2|=90500
""", table("客户名称/名称|2022年/数量|2022年/金额|2023年/数量|2023年/金额\n甲公司|5|120000|6|130000\n乙公司|3|98000|2|90500", "4 5", "header=2 title=1"))  # fmt: skip


def bodies() -> None:
    sheet("page_headers", "the header returns on each printed page, with its title and page number", """
客户一览表　第 1 页
客户名称|联系人|电话
甲公司|张一|13800000001

客户一览表　第 2 页
客户名称|联系人|电话
乙公司|李二|13800000002
""", table(LIST, "3 7", "repeated-header=1"), merges="A1:C1 A5:C5")  # fmt: skip
    sheet("page_headers_units", "header and row of units return on each page", """
客户名称|金额|数量
|元|台
甲公司|=100|=1
客户名称|金额|数量
|元|台
乙公司|=200|=2
""", table("客户名称|金额|数量\n甲公司|100|1\n乙公司|200|2", "3 6", "units=1 repeated-header=2"))  # fmt: skip
    sheet("subtotals", "小计, 合计 and 总计 in Chinese, with and without blanks between the signs", """
地区|客户名称|合同金额
华北|甲公司|=100
小计||=100
华东|乙公司|=200
小 计||=200
合计：||=300
总  计||=300
""", table("地区|客户名称|合同金额\n华北|甲公司|100\n华东|乙公司|200", "2 4", "subtotal=4", "source.row-dropped"))  # fmt: skip
    sheet("subtotals_english", "subtotal and total in English", """
Region|Customer|Amount
North|Alpha|=100
Subtotal||=100
East|Beta|=200
Sub-total||=200
Grand Total||=300
""", table("Region|Customer|Amount\nNorth|Alpha|100\nEast|Beta|200", "2 4", "subtotal=3"))  # fmt: skip
    sheet("section_bands", "merged bands with the department between the rows", """
客户名称|联系人|电话
销售一部
甲公司|张一|13800000001
销售二部
乙公司|李二|13800000002
""", table(LIST, "3 5", "section=2", "source.row-dropped"), merges="A2:C2 A4:C4")  # fmt: skip
    sheet("notes_below", "notes with their own numbering below the table", """
客户名称|联系人|电话
甲公司|张一|13800000001
乙公司|李二|13800000002

注：1、本表仅供内部使用；
2、电话如有变化请及时更新。
制表人：赵六
""", table(LIST, "2 3", "note=3"))  # fmt: skip
    sheet("legend_below", "a legend of abbreviations below the table", """
客户名称|等级|电话
甲公司|A|13800000001
乙公司|B|13800000002

A：重点客户
B：一般客户
(1) 等级每年评定一次
""", table("客户名称|等级|电话\n甲公司|A|13800000001\n乙公司|B|13800000002", "2 3", "note=3"))  # fmt: skip
    sheet("blank_rows_in_list", "blank rows every few customers: still one list", """
客户名称|联系人|电话|城市
甲公司|张一|13800000001|北京

乙公司|李二|13800000002|上海
丙公司|王三|待补|广州

丁公司|赵四||深圳
戊公司|钱五|13800000005|杭州

己公司|孙六|13800000006|宁波
""", table("客户名称|联系人|电话|城市\n甲公司|张一|13800000001|北京\n乙公司|李二|13800000002|上海\n丙公司|王三|待补|广州\n丁公司|赵四||深圳\n戊公司|钱五|13800000005|杭州\n己公司|孙六|13800000006|宁波", "2 4 5 7 8 10"))  # fmt: skip
    sheet("all_text_with_blank_rows", "a list of words only, with blank rows and bands", """
客户名称|负责人|城市
甲公司|张一|北京

乙公司|李二|上海
丙公司|王三|广州

丁公司|赵四|深圳
""", table("客户名称|负责人|城市\n甲公司|张一|北京\n乙公司|李二|上海\n丙公司|王三|广州\n丁公司|赵四|深圳", "2 4 5 7"))  # fmt: skip
    sheet("merged_body", "department merged over its customers", """
部门|客户名称|电话
一部|甲公司|1
|乙公司|2
二部|丙公司|3
|丁公司|4
|戊公司|5
""", table("部门|客户名称|电话\n一部|甲公司|1\n一部|乙公司|2\n二部|丙公司|3\n二部|丁公司|4\n二部|戊公司|5"), merges="A2:A3 A4:A6")  # fmt: skip
    sheet("spacer_columns", "narrow blank columns between the columns of one table", """
客户名称||联系人||电话
甲公司||张一||13800000001
乙公司||李二||13800000002
""", table(LIST, "2 3"))  # fmt: skip
    sheet("spacer_between_groups", "a blank column between two halves of one table, the right one filled in part", """
客户名称|电话||审核人|审核日期
甲公司|1||王|2024-01-02
乙公司|2||王|2024-01-03
丙公司|3|||
丁公司|4||李|2024-02-01
戊公司|5|||
""", table("客户名称|电话|审核人|审核日期\n甲公司|1|王|2024-01-02\n乙公司|2|王|2024-01-03\n丙公司|3||\n丁公司|4|李|2024-02-01\n戊公司|5||"))  # fmt: skip
    sheet("starts_at_C4", "the table begins in C4", """
@4
||客户名称|联系人|电话
||甲公司|张一|13800000001
||乙公司|李二|13800000002
""", table(LIST, "5 6"))  # fmt: skip
    lines = "\n".join(f"@{n}\n||" for n in (500, 65536, 1048576))
    sheet("formatted_to_the_end", "formats down to row 1,048,576", f"{LIST.strip()}\n{lines}", table(LIST, "2 3"))


def several() -> None:
    contacts = "姓名|手机|邮箱\n张一|13800000001|a@x.cn\n李二|13800000002|b@x.cn"
    sheet("two_below", "two tables one below the other", """
客户名称|城市|合同金额
甲公司|北京|=100
乙公司|上海|=200

姓名|手机|邮箱
张一|13800000001|a@x.cn
李二|13800000002|b@x.cn
""", table("客户名称|城市|合同金额\n甲公司|北京|100\n乙公司|上海|200", "2 3"), table(contacts, "6 7"))  # fmt: skip
    sheet("two_below_with_titles", "two tables with titles, notes and totals of their own", """
一、客户
客户名称|城市|合同金额
甲公司|北京|=100
乙公司|上海|=200
合计||=300
注：金额含税

二、联系人
姓名|手机|邮箱
张一|13800000001|a@x.cn
李二|13800000002|b@x.cn
""", table("客户名称|城市|合同金额\n甲公司|北京|100\n乙公司|上海|200", "3 4", "title=1 subtotal=1 note=1"),
          table(contacts, "10 11", "title=1 header=1"), merges="A1:C1 A8:C8")  # fmt: skip
    sheet("two_below_without_blank", "the second table begins right below the first", """
客户名称|城市|合同金额
甲公司|北京|=100
乙公司|上海|=200
联系人姓名|手机|邮箱
张一|13800000001|a@x.cn
李二|13800000002|b@x.cn
""", table("客户名称|城市|合同金额\n甲公司|北京|100\n乙公司|上海|200", "2 3"),
          table(contacts.replace("姓名", "联系人姓名"), "5 6"))  # fmt: skip
    sheet("two_below_all_text", "two small tables of texts, a blank row between them, no titles", """
客户|城市
甲公司|北京
乙公司|上海

产品|颜色
轴承|黑
齿轮|白
""", table("客户|城市\n甲公司|北京\n乙公司|上海", "2 3"), table("产品|颜色\n轴承|黑\n齿轮|白", "6 7"))  # fmt: skip
    sheet("two_below_all_text_no_blank", "two tables of texts, the second begins right below the first", """
客户名称|城市|行业
甲公司|北京|制造
乙公司|上海|零售
姓名|部门|职务
张三|销售部|经理
李四|采购部|主管
""", table("客户名称|城市|行业\n甲公司|北京|制造\n乙公司|上海|零售", "2 3"),
          table("姓名|部门|职务\n张三|销售部|经理\n李四|采购部|主管", "5 6"))  # fmt: skip
    sheet("two_below_wider", "a narrow table above a wide one: no title of it", """
客户|城市
甲公司|北京
乙公司|上海

订单号|客户|日期|金额
D1|甲公司|2024-01-01|=5
D2|乙公司|2024-01-02|=6
""", table("客户|城市\n甲公司|北京\n乙公司|上海", "2 3"), table("订单号|客户|日期|金额\nD1|甲公司|2024-01-01|5\nD2|乙公司|2024-01-02|6", "6 7"))  # fmt: skip
    sheet("three_below_wider", "three small tables, the widest last, with a title of its own", """
客户|城市
甲公司|北京

产品|颜色
轴承|黑

订单明细
订单号|客户|日期|金额
D1|甲公司|2024-01-01|=5
""", table("客户|城市\n甲公司|北京", "2"), table("产品|颜色\n轴承|黑", "5"),
          table("订单号|客户|日期|金额\nD1|甲公司|2024-01-01|5", "9", "title=1"))  # fmt: skip
    sheet("two_below_unknown_words", "a second, narrower table whose labels are no words of customers", """
矿区|品位|吨
东一|=12|=100
东二|=13|=200

井号|深度
A1|=100
A2|=200
""", table("矿区|品位|吨\n东一|12|100\n东二|13|200", "2 3"), table("井号|深度\nA1|100\nA2|200", "6 7"))  # fmt: skip
    sheet("list_goes_on_narrower", "records behind a blank row that leave the last column empty: still one list", """
客户名称|合同金额|备注
甲公司|=100|好
乙公司|=200|好

丙公司|待定
丁公司|=30|好
""", table("客户名称|合同金额|备注\n甲公司|100|好\n乙公司|200|好\n丙公司|待定|\n丁公司|30|好", "2 3 5 6"))  # fmt: skip
    sheet("fields_above", "fields of a form above the table: titles, no table", """
制表人|张三
制表日期|2024-01-01

序号|客户|金额|备注
=1|甲公司|=5|好
=2|乙公司|=6|好
""", table("序号|客户|金额|备注\n1|甲公司|5|好\n2|乙公司|6|好", "5 6", "title=2"))  # fmt: skip
    sheet("same_header_other_title", "the same header under another title: two tables", """
2022年新增客户
客户名称|联系人|电话
甲公司|张一|13800000001

2023年新增客户
客户名称|联系人|电话
乙公司|李二|13800000002
""", table("客户名称|联系人|电话\n甲公司|张一|13800000001", "3"), table("客户名称|联系人|电话\n乙公司|李二|13800000002", "7"),
          merges="A1:C1 A5:C5")  # fmt: skip
    sheet("two_beside", "two tables side by side, of different length", """
客户名称|城市|合同金额||姓名|手机
甲公司|北京|=100||张一|13800000001
乙公司|上海|=200||李二|13800000002
丙公司|广州|=300
丁公司|深圳|=400
戊公司|杭州|=500
""", table("客户名称|城市|合同金额\n甲公司|北京|100\n乙公司|上海|200\n丙公司|广州|300\n丁公司|深圳|400\n戊公司|杭州|500", "2 3 4 5 6"),
          table("姓名|手机\n张一|13800000001\n李二|13800000002", "2 3"))  # fmt: skip
    sheet("two_beside_other_rows", "two tables side by side whose headers stand in different rows", """
客户名称|城市|电话
甲公司|北京|13800000001
乙公司|上海|13800000002||行业代码|行业名称
丙公司|广州|13800000003||A01|制造
丁公司|深圳|13800000004||A02|零售
""", table("客户名称|城市|电话\n甲公司|北京|13800000001\n乙公司|上海|13800000002\n丙公司|广州|13800000003\n丁公司|深圳|13800000004", "2 3 4 5"),
          table("行业代码|行业名称\nA01|制造\nA02|零售", "4 5"))  # fmt: skip
    sheet("list_in_two_columns", "one list printed in two columns, each with its header", """
姓名|手机||姓名|手机
张一|13800000001||王三|13800000003
李二|13800000002||赵四|13800000004
""", table("姓名|手机\n张一|13800000001\n李二|13800000002", "2 3"), table("姓名|手机\n王三|13800000003\n赵四|13800000004", "2 3"))  # fmt: skip
    sheet("wide_above_two_beside", "one table on top, two side by side below it", """
客户名称|城市|电话|邮箱|等级
甲公司|北京|13800000001|a@x.cn|A
乙公司|上海|13800000002|b@x.cn|B

姓名|手机||产品编号|单价
张一|13800000001||P1|=10
李二|13800000002||P2|=20
王三|13800000003||P3|=30
赵四|13800000004||P4|=40
钱五|13800000005
孙六|13800000006
周七|13800000007
吴八|13800000008
""", table("客户名称|城市|电话|邮箱|等级\n甲公司|北京|13800000001|a@x.cn|A\n乙公司|上海|13800000002|b@x.cn|B", "2 3"),
          table("姓名|手机\n" + "\n".join(f"{n}|1380000000{i}" for i, n in enumerate(["张一", "李二", "王三", "赵四", "钱五", "孙六", "周七", "吴八"], 1))),
          table("产品编号|单价\nP1|10\nP2|20\nP3|30\nP4|40", "6 7 8 9"))  # fmt: skip
    many = "\n".join(f"客户{n}|城市{n}|={n}" for n in range(1, 301))
    sheet("second_table_far_below", "the second table begins below row 300", f"""
客户名称|城市|合同金额
{many}

姓名|手机|邮箱
张一|13800000001|a@x.cn
李二|13800000002|b@x.cn
""", table(f"客户名称|城市|合同金额\n{many}"), table(contacts, "304 305"))  # fmt: skip
    book("name_taken", {"客户": sheet_xml("客户名称|金额\n甲公司|=1\n乙公司|=2\n\n姓名|手机\n张一|13800000001\n李二|13800000002"), "客户 (2)": sheet_xml(LIST)}, {
        "客户": table("客户名称|金额\n甲公司|1\n乙公司|2"), "客户 (3)": table("姓名|手机\n张一|13800000001\n李二|13800000002"),
        "客户 (2)": table(LIST),
    }, "the name of a second table is that of another sheet")  # fmt: skip
    text_file("csv_two_below", "two tables in one CSV file, titles above each", """
客户|||
客户名称|城市|合同金额|
甲公司|北京|=100|
乙公司|上海|=200|
|||
联系人|||
姓名|手机|邮箱|部门
张一|13800000001|a@x.cn|一部
李二|13800000002|b@x.cn|二部
""", table("客户名称|城市|合同金额\n甲公司|北京|100\n乙公司|上海|200", "3 4"), table("姓名|手机|邮箱|部门\n张一|13800000001|a@x.cn|一部\n李二|13800000002|b@x.cn|二部", "8 9"))  # fmt: skip
    text_file("csv_second_far_below", "a second table behind 300 records of a CSV file", f"""
客户名称|城市|合同金额
{many}

姓名|手机|邮箱
张一|13800000001|a@x.cn
李二|13800000002|b@x.cn
""", table(f"客户名称|城市|合同金额\n{many}"), table(contacts, "304 305"))  # fmt: skip
    text_file("csv_blank_lines", "blank lines every few records: still one list", """
客户名称|联系人|电话
甲公司|张一|13800000001

乙公司|李二|13800000002

丙公司|王三|
""", table("客户名称|联系人|电话\n甲公司|张一|13800000001\n乙公司|李二|13800000002\n丙公司|王三|", "2 4 6"))  # fmt: skip


def forms() -> None:
    sheet("form", "a form: labels beside values", """
客户登记表
客户名称|甲公司
联系人|张一
联系电话|13800000001
地址|北京市海淀区一号
开户行|某某银行
备注|老客户
""", table("列A|列B\n客户登记表|\n客户名称|甲公司\n联系人|张一\n联系电话|13800000001\n地址|北京市海淀区一号\n开户行|某某银行\n备注|老客户", "1 2 3 4 5 6 7", issues="source.form source.no-header"), merges="A1:B1")  # fmt: skip
    sheet("form_two_pairs", "a form with two pairs of label and value in a line", """
客户名称：|甲公司|客户编号：|C001
联系人：|张一|联系电话：|13800000001
城市：|北京|签约日期：|2024-01-02
""", table("列A|列B|列C|列D\n客户名称：|甲公司|客户编号：|C001\n联系人：|张一|联系电话：|13800000001\n城市：|北京|签约日期：|2024-01-02", issues="source.form source.no-header"))  # fmt: skip
    sheet("words_explained", "two columns of words with a header: no form", """
字段名称|说明
客户名称|工商全称
电话|带区号
地址|到门牌号
""", table("字段名称|说明\n客户名称|工商全称\n电话|带区号\n地址|到门牌号", "2 3 4", issues=""))  # fmt: skip


if __name__ == "__main__":
    headers()
    bodies()
    several()
    forms()
