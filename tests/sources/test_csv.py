"""Text files: encoding, delimiter and cells found out, nothing guessed about values."""

from __future__ import annotations

import codecs
from time import process_time

import pytest

from crmmigrate.errors import LocationError
from crmmigrate.model.location import Location
from crmmigrate.sources import read_location
from crmmigrate.sources._dialect import dialect_of
from crmmigrate.sources._letters import likeliest
from crmmigrate.sources.csv import _has_blank_line

ROWS = "客户编号,客户名称,地址\r\n000123,杭州甲乙科技有限公司,浙江省杭州市西湖区文三路\r\n1E5,北京某某商贸有限公司,北京市朝阳区\r\n"
TRADITIONAL = "編號,客戶名稱,地址\r\n1,臺北市甲乙電腦有限公司,臺北市中山區民生東路\r\n2,高雄貿易股份有限公司,高雄市\r\n"


@pytest.mark.parametrize(
    ("encoding", "mark", "known"),
    [
        ("utf-8", b"", "utf-8"),
        ("utf-8", codecs.BOM_UTF8, "utf-8-sig"),
        ("gb18030", b"", "gb18030"),
        ("gbk", b"", "gb18030"),
        ("utf-16-le", codecs.BOM_UTF16_LE, "utf-16"),
        ("utf-16-be", codecs.BOM_UTF16_BE, "utf-16"),
    ],
)
def test_encodings_of_simplified_chinese(tmp_path, only, encoding, mark, known):
    path = tmp_path / "客户.csv"
    path.write_bytes(mark + ROWS.encode(encoding))
    table, rows = only(path)
    assert table.facts["encoding"] == known
    assert table.columns == ("客户编号", "客户名称", "地址")
    assert rows["客户编号"] == ["000123", "1E5"]
    assert rows["_origin"] == ["客户.csv!2", "客户.csv!3"]
    assert table.issues == []


def test_big5_and_western_text(tmp_path, only):
    path = tmp_path / "a.csv"
    path.write_bytes(TRADITIONAL.encode("big5"))
    table, rows = only(path)
    assert table.facts["encoding"] == "big5hkscs"
    assert rows["客戶名稱"][0] == "臺北市甲乙電腦有限公司"
    path.write_bytes("name,city\nRené Müller,Zürich\nJosé,Málaga\n".encode("cp1252"))
    table, rows = only(path)
    assert table.facts["encoding"] == "cp1252"
    assert rows["name"] == ["René Müller", "José"]


@pytest.mark.parametrize("text", ["张三", "杭州市", "有限公司", "客户名称", "上海浦东新区", "李四电话"])
def test_short_simplified_texts_are_gb18030(text):
    assert likeliest(text.encode("gbk")) == "gb18030"


@pytest.mark.parametrize("text", ["臺北市政府", "客戶名稱", "電話號碼", "有限公司", "陳先生"])
def test_short_traditional_texts_are_big5(text):
    assert likeliest(text.encode("big5")) == "big5hkscs"


@pytest.mark.parametrize(("encoding", "known"), [("gb18030", "gb18030"), ("big5", "big5hkscs")])
def test_the_first_foreign_letter_stands_far_behind(tmp_path, only, encoding, known):
    text = ROWS if encoding == "gb18030" else TRADITIONAL
    path = tmp_path / "a.csv"
    path.write_bytes(b"no,name,place\r\n" + b"1,Smith,London\r\n" * 20_000 + text.partition("\n")[2].encode(encoding))
    table, rows = only(path)
    assert table.facts["encoding"] == known
    assert rows["name"][-2] == text.split("\n")[1].split(",")[1]


def test_an_encoding_that_is_given_is_used(tmp_path, only):
    path = tmp_path / "a.csv"
    path.write_bytes("a,b\nСчёт,1\n".encode("cp1251"))
    assert only(path, encoding="cp1251")[1]["a"] == ["Счёт"]
    with pytest.raises(LocationError) as error:
        only(path, encoding="gb-nonsense")
    assert error.value.code == "source.encoding-name"


def test_a_few_bad_bytes_are_flagged(tmp_path, only):
    path = tmp_path / "a.csv"
    text = "名称,备注\n" + "".join(f"杭州甲乙科技有限公司{i},回访客户\n" for i in range(50))
    path.write_bytes(text.encode() + b"\xe6\x9d,x\n")
    table, rows = only(path)
    assert table.facts["encoding"] == "utf-8"
    assert len(rows["名称"]) == 51
    assert [(i[2], i[3], i[4]) for i in table.issues] == [("a.csv!52", "名称", "source.undecodable")]


@pytest.mark.parametrize(("delimiter", "name"), [(",", "a.csv"), (";", "a.csv"), ("\t", "a.tsv"), ("|", "a.txt")])
def test_delimiters(tmp_path, only, delimiter, name):
    lines = [["编号", "名称", "备注"], ["1", '"甲;乙,丙|\t丁"', "x"], ["2", "乙", '"他说 ""好"""'], ["3", "", ""]]
    (tmp_path / name).write_text("\n".join(delimiter.join(line) for line in lines) + "\n", encoding="utf-8")
    table, rows = only(tmp_path / name)
    assert table.facts["delimiter"] == delimiter
    assert rows["名称"] == ["甲;乙,丙|\t丁", "乙", None]
    assert rows["备注"] == ["x", '他说 "好"', None]


def test_delimiter_named_for_excel(tmp_path, only):
    (tmp_path / "a.csv").write_text("sep=;\na;b\n1,5;2\n", encoding="utf-8")
    assert only(tmp_path / "a.csv")[1]["a"] == ["1,5"]
    assert dialect_of("a\nb\nc\n").delimiter == ","


def test_ragged_rows_are_kept_and_flagged(tmp_path, only):
    (tmp_path / "a.csv").write_text("编号,名称,备注\n1,甲\n2,乙,x,多,余\n3,丙,y,\n4,丁,z\n", encoding="utf-8")
    table, rows = only(tmp_path / "a.csv")
    assert rows["名称"] == ["甲", "乙", "丙", "丁"]
    assert rows["备注"] == [None, "x", "y", "z"]
    assert [(i[2], i[4], i[7]) for i in table.issues] == [
        ("a.csv!2", "source.ragged-row", None),
        ("a.csv!3", "source.ragged-row", "多,余"),
    ]


def test_rows_that_are_too_long_are_flagged_not_those_that_are_right(tmp_path, only):
    rows = "".join(f"{number},甲,100,好\n" for number in range(6))
    (tmp_path / "a.csv").write_text("编号,名称,金额,备注\n7,乙,¥1,000,好\n8,丙,¥2,000,好\n" + rows, encoding="utf-8")
    table, read = only(tmp_path / "a.csv")
    assert [(i[2], i[4], i[7]) for i in table.issues] == [
        ("a.csv!2", "source.ragged-row", "好"),
        ("a.csv!3", "source.ragged-row", "好"),
    ]
    assert read["列E"] == ["好", "好", *[None] * 6]


def test_a_last_column_without_a_label_that_most_rows_have_is_none_of_too_much(tmp_path, only):
    (tmp_path / "a.csv").write_text("编号,名称,\n1,甲,x\n2,乙,y\n3,丙,z\n", encoding="utf-8")
    assert only(tmp_path / "a.csv")[0].issues == []


def test_two_customers_that_a_quotation_mark_makes_one_are_pointed_out(tmp_path, only):
    rows = "".join(f"K{number},甲{number},13800138000,上海\n" for number in range(6))
    (tmp_path / "a.csv").write_text(
        'code,name,phone,city\n"L1,乙,13900139000,北京\nL2",丙,13700137000,杭州\n' + rows, encoding="utf-8"
    )
    issues = [(i[2], i[4], i[5]) for i in only(tmp_path / "a.csv")[0].issues]
    assert issues == [("a.csv!2", "source.quote-swallows", "warning")]


def test_an_address_over_two_lines_is_not_suspected(tmp_path, only):
    rows = "".join(f'K{number},甲,"人民路1号,2楼\n上海,黄浦",好\n' for number in range(6))
    (tmp_path / "a.csv").write_text("code,name,address,note\n" + rows, encoding="utf-8")
    assert only(tmp_path / "a.csv")[0].issues == []


def test_line_breaks_in_cells_and_blank_lines_keep_the_numbers_of_excel(tmp_path, only):
    (tmp_path / "a.csv").write_text('编号,备注\n1,"a\nb"\n\n2,c\n', encoding="utf-8")
    rows = only(tmp_path / "a.csv")[1]
    assert rows["备注"] == ["a\nb", "c"]
    assert rows["_place"] == ["2", "4"]


def test_titles_and_totals_of_an_exported_sheet(tmp_path, only):
    lines = ["客户表,,,", "导出时间：2026-10-01,,,", "编号,名称,电话,金额", "1,甲,1,100", "2,乙,2,200", "合计,,,300"]
    (tmp_path / "a.csv").write_text("\n".join(lines), encoding="utf-8")
    table, rows = only(tmp_path / "a.csv")
    assert rows["名称"] == ["甲", "乙"]
    assert table.facts["dropped_counts"] == {"title": 2, "header": 1, "subtotal": 1}


def test_one_column(tmp_path, only):
    (tmp_path / "a.csv").write_text("客户名称\n甲公司\nNA\nNone\n", encoding="utf-8")
    assert only(tmp_path / "a.csv")[1]["客户名称"] == ["甲公司", "NA", "None"]


def test_records_and_origins_of_ours_are_kept(tmp_path, only):
    (tmp_path / "a.csv").write_text("_record,_origin,名称\ncrm/客户/1,x.xlsx#客户!2,甲\n", encoding="utf-8")
    table, rows = only(tmp_path / "a.csv")
    assert table.columns == ("名称",)
    assert (rows["_record"], rows["_origin"]) == (["crm/客户/1"], ["x.xlsx#客户!2"])


def test_standard_input(monkeypatch, only):
    import io
    import types

    monkeypatch.setattr("sys.stdin", types.SimpleNamespace(buffer=io.BytesIO(ROWS.encode("gb18030"))))
    table, rows = only("-")
    assert table.name == "stdin"
    assert rows["客户编号"] == ["000123", "1E5"]
    assert rows["_origin"][0] == "stdin!2"


def test_a_quotation_mark_that_is_never_closed(tmp_path, only, monkeypatch):
    monkeypatch.setattr("crmmigrate.sources.csv.MAX_CELL", 1000)
    (tmp_path / "a.csv").write_text('编号,备注\n1,"a\n' + "2\n" * 1000, encoding="utf-8")
    with pytest.raises(LocationError) as error:
        only(tmp_path / "a.csv")
    assert error.value.code == "source.too-large"
    assert "quotation mark" in error.value.text()
    (tmp_path / "a.csv").write_text('编号,备注\n1,"a\n' + "2,b\n" * 1000, encoding="utf-8")
    table, rows = only(tmp_path / "a.csv")
    assert rows["备注"] == ["a", *["b"] * 1000]
    assert found(table) == [("a.csv!2", "source.quote-swallows", "error", '1,"a')]


def found(table):
    return [(issue[2], issue[4], issue[5], issue[7]) for issue in table.issues]


@pytest.mark.parametrize("end", ['C32,"丙,丁公司",139,x\n', "C32,丙公司,139,x\n", "C32,丙公司,139,x"])
def test_a_stray_quotation_mark_swallows_no_rows(tmp_path, only, end):
    """Closed by the next quoted cell, or by the end of the file."""
    many = "".join(f"C{i},公司{i},1380013{i:04},y\n" for i in range(1, 32))
    text = 'K,"说ok",1,z\n"L","甲\n街, 2, 3, 4\n楼",2,z\n'
    (tmp_path / "a.csv").write_text(
        f'编号,名称,电话,备注\n{text}"C0","西湖机电,13800138000,回访\n{many}{end}', encoding="utf-8"
    )
    table, rows = only(tmp_path / "a.csv")
    assert rows["编号"] == ["K", "L", *(f"C{i}" for i in range(33))]
    assert rows["名称"][:3] == ["说ok", "甲\n街, 2, 3, 4\n楼", "西湖机电"]
    assert rows["名称"][-1] in ("丙,丁公司", "丙公司")
    assert found(table) == [("a.csv!4", "source.quote-swallows", "error", '"C0","西湖机电,13800138000,回访')]


def test_quotation_marks_that_open_in_one_row_and_close_in_another(tmp_path, only):
    (tmp_path / "a.csv").write_text('a,b,c\n1,"甲,x\n2,乙,y\n3,丙",z\n4,丁,w\n', encoding="utf-8")
    table, rows = only(tmp_path / "a.csv")
    assert rows["a"] == ["1", "2", "3", "4"]
    assert [issue[1:3] for issue in found(table)] == [("source.quote-swallows", "error")]


@pytest.mark.parametrize(
    "cell",
    ["12 Road, Suite 2\nLondon, UK", "line 1\nline 2", "a, b\nc\nd, e", "浙江省,杭州市\r\n文三路", "\n\n", "x\n1,y"],
)
def test_cells_with_line_breaks_stay(tmp_path, only, cell):
    (tmp_path / "a.csv").write_text(f'no,address,city\n1,"{cell}",x\n2,y,z\n', encoding="utf-8", newline="")
    table, rows = only(tmp_path / "a.csv")
    assert rows["address"] == [cell, "y"]
    assert table.issues == []


def test_every_record_has_a_line_break_in_its_middle(tmp_path, only):
    rows = "".join(f'{i},n{i},"a\nb",c,d\n' for i in range(5))
    (tmp_path / "a.csv").write_text(f"no,name,note,c,d\n{rows}", encoding="utf-8")
    table, cells = only(tmp_path / "a.csv")
    assert cells["name"] == [f"n{i}" for i in range(5)]
    assert [issue for issue in found(table) if "quote" in issue[1]] == []


def test_lines_that_end_as_on_an_old_macintosh(tmp_path, only):
    (tmp_path / "a.csv").write_text('a;b;c\r1;"x;y\r2;3;4\r5;"6";7\r', encoding="utf-8", newline="")
    table, rows = only(tmp_path / "a.csv")
    assert rows["b"] == ["x", "3", "6"]
    assert found(table) == [("a.csv!2", "source.quote-swallows", "error", '1;"x;y')]


def test_the_last_cell_is_not_closed(tmp_path, only):
    (tmp_path / "a.csv").write_text('a,b,c\n1,2,3\n4,"西湖,6\n', encoding="utf-8")
    table, rows = only(tmp_path / "a.csv")
    assert (rows["b"], rows["c"]) == (["2", "西湖"], ["3", "6"])
    assert found(table) == [("a.csv!3", "source.quote-swallows", "error", '4,"西湖,6')]
    (tmp_path / "a.csv").write_text('a,b,c\n1,2,3\n4,5,"x\ny\n', encoding="utf-8")
    table, rows = only(tmp_path / "a.csv")
    assert rows["c"] == ["3", "x\ny\n"]
    assert found(table) == [("a.csv!3", "source.quote-swallows", "warning", '4,5,"x')]


@pytest.mark.parametrize(
    "row",
    [
        "Total,13800138001,,", "华兴共计,02188886666,,", "\n甲公司,,,", "\nShanghai International Trading Company Limited,,,",
        "打印人生文印店,,,", "\nSource Photonics,,,", "注：以下为新客户,,,\n甲公司,,,",
    ],
)  # fmt: skip
def test_customers_that_look_like_totals_or_notes_are_kept(tmp_path, only, row):
    (tmp_path / "a.csv").write_text(f"名称,电话,地址,备注\n乙,1,杭州,x\n丙,2,宁波,y\n{row}\n", encoding="utf-8")
    assert only(tmp_path / "a.csv")[1]["名称"][-1] == row.split("\n")[-1].split(",")[0]


@pytest.mark.parametrize(
    ("row", "text"),
    [
        ("合计,,,300", "合计 | 300"), ("合计：,,,1250000", "合计： | 1250000"), ("制表人：王敏,,日期：2026-10-01,", "制表人：王敏 | 日期：2026-10-01"),
        ("注：仅供内部使用,,,", "注：仅供内部使用"), ("打印日期 2026-10-01,,,", "打印日期 2026-10-01"), ("\n,,以上为全部,", "以上为全部"),
        ("Printed by Smith,,,", "Printed by Smith"), ("共 2 家,,,", "共 2 家"),
    ],
)  # fmt: skip
def test_what_is_dropped_is_told(tmp_path, only, row, text):
    (tmp_path / "a.csv").write_text(f"名称,电话,地址,预计金额\n乙,1,杭州,100\n丙,2,宁波,200\n{row}\n", encoding="utf-8")
    table, rows = only(tmp_path / "a.csv")
    assert rows["名称"] == ["乙", "丙"]
    place = "a.csv!5" if row.startswith("\n") else "a.csv!4"
    assert found(table) == [(place, "source.row-dropped", "warning", text)]
    assert table.issues[0][6] == "LOGIC"


def test_a_header_that_is_taken_for_a_title_is_told(tmp_path, only):
    (tmp_path / "a.csv").write_text("备注\n客户很好,要回访\n已联系,无意向\n", encoding="utf-8")
    assert found(only(tmp_path / "a.csv")[0]) == [("a.csv!1", "source.row-dropped", "warning", "备注")]


def test_a_note_behind_a_full_batch_is_told(tmp_path, only, monkeypatch):
    monkeypatch.setattr("crmmigrate.sources._blocks.BATCH_ROWS", 2)
    monkeypatch.setattr("crmmigrate.sources.csv.BLOCK_ROWS", 2)
    (tmp_path / "a.csv").write_text("名称,电话,地址\n乙,1,x\n丙,2,y\n丁,3,x\n戊,4,y\n合计,,300\n", encoding="utf-8")
    [table] = read_location(Location(str(tmp_path / "a.csv")))
    told = [(frame["名称"].tolist(), len(table.issues)) for frame in table.batches()]
    assert [name for names, _ in told for name in names] == ["乙", "丙", "丁", "戊"]
    assert told[-1][1] == 1  # what is told behind the last batch nobody hears


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_blank_lines_at_the_end_are_looked_through_once(tmp_path, end):
    path = tmp_path / "a.csv"
    path.write_bytes(b"a,b" + end + (b"1,2" + end) * 9 + (b",, " + end) * 500_000)
    before = process_time()
    assert not _has_blank_line(path, "utf-8")
    assert process_time() - before < 2
    with path.open("ab") as file:
        file.write(b"x")
    assert _has_blank_line(path, "utf-8")
    path.write_bytes((b"1,2" + end) * 9)
    assert not _has_blank_line(path, "utf-8")
