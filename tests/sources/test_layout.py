"""What people say about the place of a table goes before what is found; what was decided is told."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crmmigrate.errors import LocationError
from crmmigrate.model.location import Location
from crmmigrate.model.project_layout import RegionSpec
from crmmigrate.model.source import DECISIONS
from crmmigrate.sources import read_location
from crmmigrate.sources._blocks import Body, block_of
from crmmigrate.sources._layout import Layout

TWO = [
    ["客户名称", "城市", "合同金额"],
    ["甲公司", "北京", "100"],
    ["乙公司", "上海", "200"],
    [],
    ["姓名", "手机", "邮箱"],
    ["张一", "13800000001", "a@x.cn"],
]


def layout(**spec):
    return {"客户": (RegionSpec(**spec),)}


def test_decisions_are_told(tmp_path, workbook, read):
    found = read(workbook.write(tmp_path / "a.xlsx", {"客户": workbook.table(TWO)}))
    assert list(found) == ["客户", "客户 (2)"]
    first, second = (table.facts for table, _ in found.values())
    assert (first["header"], second["header"]) == ([1], [5])
    assert (first["region"], second["region"]) == ("A1:C4", "A5:C6")
    assert first["tables_on_sheet"] == second["tables_on_sheet"] == 2
    assert "region.blank-row" in second["decision"]
    assert set(first["decision"]) | set(second["decision"]) <= set(DECISIONS)
    assert 0.5 < second["confidence"] < 1


def test_formatted_rows_belong_to_no_region(tmp_path, workbook, only):
    rows = {1: {"A": "名称", "B": "电话"}, 2: {"A": "甲", "B": "1"}, 1048576: {"A": '<c r="A1048576" s="1"/>'}}
    table, _ = only(workbook.write(tmp_path / "a.xlsx", {"s": workbook.sheet(rows)}, ["0"]))
    assert table.facts["region"] == "A1:B2"


def test_each_row_is_in_one_table_or_told_once(tmp_path, workbook, read):
    rows = [["标题"], *TWO[:3], ["注：含税"], [], ["联系人"], *TWO[4:], ["合计", None, None, "外"]]
    found = read(workbook.write(tmp_path / "a.xlsx", {"客户": workbook.table(rows)}))
    kept = [place for _, columns in found.values() for place in columns["_place"]]
    dropped = [item["place"] for table, _ in found.values() for item in table.facts["dropped"]]
    assert sorted(map(int, [*kept, *dropped])) == [1, 2, 3, 4, 5, 7, 8, 9, 10]
    outside = [issue[2] for table, _ in found.values() for issue in table.issues if issue[4] == "source.cell-outside"]
    assert outside == ["a.xlsx#客户!10"]


def test_a_sheet_gives_all_its_tables_or_the_one_named(tmp_path, workbook, read):
    path = workbook.write(tmp_path / "a.xlsx", {"客户": workbook.table(TWO), "其他": workbook.table(TWO[:3])})
    assert list(read(f"{path}#客户")) == ["客户", "客户 (2)"]
    assert list(read(f"{path}#客户 (2)")) == ["客户 (2)"]
    assert list(read(path, tables=("客户*",))) == ["客户", "客户 (2)"]
    assert list(read(path, tables=("客户 (2)",))) == ["客户 (2)"]
    with pytest.raises(LocationError) as error:
        read(f"{path}#客户 (3)")
    assert error.value.code == "source.no-table"


def test_standard_input_with_two_tables(monkeypatch, read):
    import io
    import sys
    from types import SimpleNamespace

    text = "\n".join(",".join(row) for row in TWO)
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(text.encode())))
    assert [len(columns["_place"]) for _, columns in read("-").values()] == [2, 1]


@pytest.mark.parametrize(
    ("spec", "columns", "places"),
    [
        ({"header": (5,)}, ("姓名", "手机", "邮箱"), ["6"]),
        ({"header": (1,), "rows": "3:5"}, ("客户名称", "城市", "合同金额"), ["3", "5"]),
        ({"header": (1,), "columns": "A,C", "drop": ("2", "4:6")}, ("客户名称", "合同金额"), ["3"]),
        ({"header": (0,)}, ("列A", "列B", "列C"), ["1", "2", "3", "5", "6"]),
        ({"header": (), "rows": "2:3"}, ("列A", "列B", "列C"), ["2", "3"]),
        ({"rows": "5:"}, ("姓名", "手机", "邮箱"), ["6"]),
    ],
)
def test_a_layout_that_is_given(tmp_path, workbook, only, spec, columns, places):
    book = workbook.write(tmp_path / "a.xlsx", {"客户": workbook.table(TWO)})
    (tmp_path / "客户.csv").write_text("\n".join(",".join(row) for row in TWO), encoding="utf-8")
    for file in (book, tmp_path / "客户.csv"):
        table, rows = only(file, layout=layout(**spec))
        assert table.columns == columns
        assert rows["_place"] == places
        assert table.facts["decision"][-1] == "layout.given"
        assert table.facts["layout"] == "客户"
        told = {item["place"] for item in table.facts["dropped"]}
        assert {"1", "2", "3", "5", "6"} <= told | set(places)


def test_several_regions_are_given(tmp_path, workbook, read):
    specs = (RegionSpec(header=(1,), rows="2:3"), RegionSpec(header=(5,), columns="A:B"))
    found = read(workbook.write(tmp_path / "a.xlsx", {"客户": workbook.table(TWO)}), layout={"客*": specs})
    assert [(name, table.columns, rows["_place"]) for name, (table, rows) in found.items()] == [
        ("客户", ("客户名称", "城市", "合同金额"), ["2", "3"]),
        ("客户 (2)", ("姓名", "手机"), ["6"]),
    ]
    issues = [(issue[2], issue[4]) for table, _ in found.values() for issue in table.issues]
    assert issues == [("a.xlsx#客户!6", "source.cell-outside")]


def test_regions_side_by_side_are_given(tmp_path, workbook, read):
    rows = [["名", "额", "名", "额"], ["甲", "1", "乙", "2"]]
    specs = (RegionSpec(header=(1,), columns="A:B"), RegionSpec(header=(1,), columns="C:D"))
    found = read(workbook.write(tmp_path / "a.xlsx", {"s": workbook.table(rows)}), layout={"s": specs})
    assert [rows["名"] for _, rows in found.values()] == [["甲"], ["乙"]]


def test_a_sheets_own_name_goes_before_patterns(tmp_path, workbook, read):
    path = workbook.write(tmp_path / "a.xlsx", {"客户": workbook.table(TWO), "其他": workbook.table(TWO)})
    found = read(path, layout={"*": (RegionSpec(header=(5,)),), "客户": (RegionSpec(header=(1,)),)})
    assert [table.facts["header"] for table, _ in found.values()] == [[1], [5]]


@pytest.mark.parametrize(
    "spec", [{"header": (9,)}, {"header": (4,)}, {"rows": "20:30"}, {"header": (1,), "columns": "X:Z"}]
)
def test_a_layout_of_nothing_is_refused(tmp_path, workbook, spec):
    path = workbook.write(tmp_path / "a.xlsx", {"客户": workbook.table(TWO)})
    with pytest.raises(LocationError) as error:
        list(read_location(Location(str(path)), layout=layout(**spec)))
    assert error.value.code == "source.layout"
    assert str(path) in error.value.place


CELLS = st.sampled_from(
    ["", "", "客户名称", "电话", "金额", "甲公司", "北京", "13800000001", "100", "2024-01-02", "合计", "注：含税", "元"]
)
GRIDS = st.lists(st.lists(CELLS, min_size=1, max_size=8), min_size=1, max_size=16).filter(lambda g: any(map(any, g)))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(grid=GRIDS)
def test_no_cell_is_lost_in_silence(tmp_path, workbook, read, grid):
    found = read(workbook.write(tmp_path / "a.xlsx", {"s": workbook.table([[c or None for c in row] for row in grid])}))
    kept = [
        (place, value)
        for table, columns in found.values()
        for name in table.columns
        for place, value in zip(columns["_place"], columns[name], strict=True)
        if value
    ]
    told = {item["place"] for table, _ in found.values() for item in table.facts["dropped"]}
    told |= {str(issue[2]).rpartition("!")[2] for table, _ in found.values() for issue in table.issues if issue[3]}
    cells = [(str(number), cell) for number, row in enumerate(grid, 1) for cell in row if cell]
    assert not Counter(kept) - Counter(cells)
    assert {place for place, _ in Counter(cells) - Counter(kept)} <= told


LIST = ["客户代码", "客户名称", "电话", "邮箱", "城市"]
BODY = [[f"C{n:05}", f"测试{n}有限公司", f"1380000{n:04}", f"a{n}@x.cn", "杭州"] for n in range(12)]


@pytest.mark.parametrize("notes", [
    ["制表：财务部", None, None, "打印日期：2026-10-31"], ["制表：财务部", None, None, "打印日期：2026-10-31", "第 1 页"],
    [None, "单位名称: 某某（集团）公司", None, "期间：2026年10月"],
])  # fmt: skip
@pytest.mark.parametrize("merge", [(), ("A1:E1", "A2:C2"), ("A1:E1", "B2:C2", "D2:E2")])
def test_what_is_said_about_a_sheet_above_its_header_is_no_name_of_columns(notes, merge, tmp_path, workbook, only):
    rows = [["客户台账"], notes, LIST, *BODY]
    table, columns = only(workbook.write(tmp_path / "a.xlsx", {"s": workbook.table(rows, merge)}))
    assert [name for name in columns if not name.startswith("_")] == LIST
    assert len(columns["客户代码"]) == len(BODY)
    assert {item["place"] for item in table.facts["dropped"]} == {"1", "2", "3"}


@pytest.mark.parametrize(("groups", "labels", "merges"), [
    (["基本情况", None, "联系方式", None, "地址（省：市）"], LIST, ("A1:B1", "C1:D1")),
    (["基本情况：", None, "联系方式：", None, "其他"], LIST, ("A1:B1", "C1:D1")),
    (["编号", "联系人：本人", None, "联系人：紧急", None], [None, "电话", "邮箱", "电话", "邮箱"], ("A1:A2", "B1:C1", "D1:E1")),
])  # fmt: skip
def test_a_row_that_groups_labels_is_of_the_header(groups, labels, merges, tmp_path, workbook, only):
    _, columns = only(workbook.write(tmp_path / "a.xlsx", {"s": workbook.table([groups, labels, *BODY], merges)}))
    assert groups[2 if groups[2] else 1] + "/电话" in columns


@pytest.mark.parametrize("size", range(4, 13))
def test_headings_are_told_wherever_a_block_of_rows_ends(size):
    first = ("1", "2", "3", "华东区", "4", "张三丰", "5", "A类客户", "北京", "6", "王五", "华南区")
    rows = [(at, [text, "甲", "x"] if text.isdigit() else [text, "", ""]) for at, text in enumerate(first, 2)]
    labels = ("序号", "名称", "电话")
    body = Body(Layout((1,), 2, (0, 1, 2), labels, (dict(enumerate(labels)),)))
    blocks = (block_of(rows[at : at + size]) for at in range(0, len(rows), size))
    kept = [text for frame in body.frames(blocks, labels, "f!") for text in frame["序号"]]
    assert kept == ["1", "2", "3", "4", "张三丰", "5", "6", "王五", "华南区"]
