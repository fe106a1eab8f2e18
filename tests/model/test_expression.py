"""What is wrong with an SQL expression of a mapping file, and where in the file it stands."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmmigrate.model.document import Document
from crmmigrate.model.expression import FailedExpression, evaluated, unbalanced

ROWS = pa.table({"地址": ["文三路8号"], "名称": ["甲"]})


@pytest.mark.parametrize(
    ("sql", "why", "told"),
    [
        ("地址 || nofun(名称)", "Scalar Function with name nofun does not exist!", "nofun"),
        ("upper(名称) ||\n  地纸", 'Referenced column "地纸" not found in FROM clause!', "地纸"),
        ("coalesce(地址)) + 1", 'syntax error at or near ")"', ") + 1"),
        ("'市' || 名称 ~~ ", "ParserException", " "),  # at its end
        ("CAST(地址 AS INTEGER)", "ConversionException", "CAST"),  # what DuckDB says of it names the value
    ],
)
def test_what_duckdb_says_has_its_place_in_the_expression_and_no_value(sql, why, told):
    with pytest.raises(FailedExpression) as caught:
        evaluated((sql,), ROWS)
    assert caught.value.why == why
    assert sql[caught.value.at :].startswith(told)


@pytest.mark.parametrize(
    ("sql", "found"),
    [
        ("coalesce(省份, '('", ("(", 8)),
        ("'(' || \"a)\" || b)", (")", 16)),
        ("省份 || '省", ("'", 6)),
        ("a || ')'", ("", 0)),
    ],
)
def test_the_place_of_what_has_no_partner(sql, found):
    assert unbalanced(sql) == found


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("a:\n  b: upper(名称) || 地纸", "3:19"),
        ("a:\n  b: 'upper(''x'') || 地纸'", "3:23"),
        ('a:\n  b: "upper(名称) || 地纸"', "3:20"),
        ("a:\n  b: >\n    upper(名称)\n    || 地纸\n", "5:8"),
        ("a:\n  b: |-\n    upper(名称)\n\n      || 地纸\n", "6:10"),
        ("a:\n  b: upper(名称) ||\n     地纸\n", "4:6"),
        ('a:\n  b: "upper(\\u540d) || 地纸"', "3:6"),  # written otherwise than it is read: where it begins
    ],
)
def test_a_place_within_a_text_of_a_file(text, place):
    document = Document.parse("c: d\n" + text, "f.yaml")
    value = document.value["a"]["b"]
    assert document.place(("a", "b"), (value, value.index("地纸"))) == f"f.yaml:{place}"


@given(st.text("ab '\n", min_size=1).filter(str.strip), st.sampled_from(["'", "|\n  ", ">\n  "]), st.integers(0, 20))
def test_a_place_within_a_text_has_the_character_that_is_meant(value, style, offset):
    written = value.replace("'", "''") + "'" if style == "'" else value.replace("\n", "\n  ") + "\n"
    try:
        document = Document.parse(f"k: {style}{written}", "f.yaml")
    except Exception:  # noqa: BLE001  # not every text can be written so
        return
    read = document.value["k"]
    if not isinstance(read, str) or offset >= len(read) or read[offset].isspace():
        return
    line, column = map(int, document.place(("k",), (read, offset)).split(":")[1:])
    assert offset == 0 or document.text.split("\n")[line - 1][column - 1] == read[offset]
