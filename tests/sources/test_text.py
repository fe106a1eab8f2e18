"""Encodings and dialects: found out from the file, for any text that is written well."""

from __future__ import annotations

import importlib.util
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmmigrate.sources._dialect import Dialect, dialect_of
from crmmigrate.sources._quotes import records, usual_width
from crmmigrate.sources._text import encoding_of, text_codec

BENCHMARK = Path(__file__).parents[2] / "benchmarks" / "encodings.py"


def test_five_hundred_short_texts(tmp_path):
    spec = importlib.util.spec_from_file_location("encodings_benchmark", BENCHMARK)
    benchmark = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(benchmark)
    path = tmp_path / "a.txt"
    wrong = []
    made = list(benchmark.texts())
    for kind, text, data in made:
        path.write_bytes(data)
        if benchmark.decoded(data, benchmark.by_us(path)) != text:
            wrong.append(kind)
    assert (len(made), wrong) == (500, [])


@pytest.mark.parametrize("name", ["rot13", "zip", "bz2", "hex", "no-such"])
def test_what_makes_no_text_of_bytes_is_no_encoding(tmp_path, only, name):
    with pytest.raises(LookupError):
        text_codec(name)
    page = f"<html><meta charset='{name}'><table><tr><td>名称<td>电话</tr><tr><td>甲<td>1</tr></table></html>"
    (tmp_path / "a.html").write_bytes(page.encode("utf-8"))
    assert only(tmp_path / "a.html")[1]["名称"] == ["甲"]


def test_a_file_that_is_utf8_only_by_chance(tmp_path):
    (tmp_path / "a.csv").write_bytes("no\n公司\n".encode("gb18030"))
    assert encoding_of(tmp_path / "a.csv") == "gb18030"
    (tmp_path / "a.csv").write_bytes("name\nJosé Ñandú\n".encode())
    assert encoding_of(tmp_path / "a.csv") == "utf-8"


def test_utf8_rows_in_a_gbk_file(tmp_path, only):
    rows = "编号,名称\n" + "".join(f"{n},北京某某商贸有限公司\n" for n in range(9))
    (tmp_path / "a.csv").write_bytes(rows.encode("gbk") + "9,上海电话客户\n".encode())
    table, cells = only(tmp_path / "a.csv")
    assert cells["名称"] == ["北京某某商贸有限公司"] * 9 + ["上海电话客户"]
    # The first rows are those in another encoding than UTF-8, however many they are.
    assert {issue[4] for issue in table.issues} == {"source.other-encoding"}


cells = st.text(
    st.characters(
        codec="utf-8", exclude_categories=["Cs", "Cc"], exclude_characters="\u2028\u2029\x85\ufdd0\ufdd1\ufdd2\ufdd3"
    ),
    max_size=12,
)
grids = st.integers(2, 5).flatmap(
    lambda width: st.lists(st.lists(cells, min_size=width, max_size=width), min_size=1, max_size=8)
)


@given(grids, st.sampled_from([",", ";", "\t", "|", "^", "||"]), st.sampled_from(["\n", "\r\n"]))
def test_what_is_written_well_is_read_back(rows, delimiter, end):
    """Every cell in quotation marks, marks doubled: nothing in a cell can be taken for a delimiter or a stray mark."""
    text = end.join(delimiter.join('"' + cell.replace('"', '""') + '"' for cell in row) for row in rows) + end
    if delimiter == "||" and any("|" in cell for row in rows for cell in row):
        return  # `|"|` may stand between
    dialect = Dialect(delimiter)
    lines = io.StringIO(text, newline="")
    told = []
    found = list(records(iter(lines), dialect, usual_width(text, dialect), lambda *what: told.append(what)))
    assert (found, told) == (rows, [])


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|", "^", "~", "||"])
def test_the_delimiter_of_a_table_of_customers(delimiter):
    rows = [
        ["编号", "名称", "电话", "日期"],
        *([f"{n:06}", f"杭州甲乙{n}有限公司", "0571-88886666", "2026-10-01 12:30:00"] for n in range(5)),
    ]
    assert dialect_of("\n".join(delimiter.join(row) for row in rows) + "\n").delimiter == delimiter


@given(st.text(max_size=300))
def test_any_text_is_some_dialect(text):
    dialect = dialect_of(text)
    width = usual_width(text, dialect)
    found = list(records(iter(io.StringIO(text, newline="")), dialect, width))
    assert all(isinstance(cell, str) for row in found for cell in row)


@given(st.lists(st.sampled_from(['"', ",", "a", '""', "\n", "b,c", '",'])).map("".join))
def test_no_letter_gets_lost_between_stray_marks(text):
    """Whatever stands where, letters stay in their order; only marks and delimiters may go."""
    dialect = Dialect()
    found = list(records(iter(io.StringIO(text, newline="")), dialect, usual_width(text, dialect)))
    kept = "".join(cell for row in found for cell in row)
    assert [letter for letter in kept if letter in "abc"] == [letter for letter in text if letter in "abc"]
