"""Each transform by example, and what holds for all of them always."""

from __future__ import annotations

import hashlib

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmmigrate import transforms
from crmmigrate.model.standard import Cleaned

CASES = [
    ("trim", {}, "\u3000 甲\xa0", "甲"),
    ("trim", {}, " \t", None),
    ("upper", {}, "abç", "ABÇ"),
    ("lower", {}, "ABC", "abc"),
    ("prefix", {"text": "CN-"}, "1", "CN-1"),
    ("suffix", {"text": "%"}, "1", "1%"),
    ("replace", {"find": "（", "by": "("}, "甲（乙）", "甲(乙）"),
    ("replace", {"find": "无"}, "无", None),
    ("digits", {}, "Tel: １３８-0", "1380"),
    ("digits", {}, "电话", None),
    ("digits", {}, "(0571) 8765-4321", "057187654321"),
    ("digits", {}, "2023/05/01 12:00", "202305011200"),
    ("digits", {}, "1,200,000", "1200000"),
    ("digits", {}, "6222 0202 0001 2345 678", "6222020200012345678"),
    (
        "national_phone",
        {},
        "+8613800138000; +861012345678;ext=8; +864008001234; +14155552671",
        "13800138000; 01012345678;ext=8; 4008001234; +14155552671",
    ),
    ("pad", {"length": 6}, "123", "000123"),
    ("pad", {"length": 2, "sign": "x"}, "123", "123"),
    ("split", {"by": "/"}, "a / b//c", ["a", "b", "c"]),
    ("part", {"take": 1}, ["a", "b"], "a"),
    ("part", {"take": -1}, ["a", None], None),
    ("part", {"take": 3}, ["a", "b"], None),
    ("concat", {"by": "-"}, ["a", None, "b"], "a-b"),
    ("concat", {}, [None, None], None),
    ("first_non_empty", {}, [None, " ", "b", "c"], "b"),
    ("first_non_empty", {}, [None], None),
    ("half_width", {}, "ＡＢ　１２（甲）", "AB 12(甲)"),
    ("half_width", {"keep": "（）"}, "１（甲）", "1（甲）"),
    ("single_blanks", {}, " a\n b　c ", "a b c"),
    ("single_blanks", {}, " \n", None),
    ("title_case", {}, "wang FANG o'NEILL 甲abc", "Wang Fang O'neill 甲Abc"),
    ("unique", {}, ["b", None, "a", "b"], ["b", "a"]),
    ("between", {"left": "（", "right": "）"}, "甲（乙）", "乙"),
    ("between", {"left": "("}, "a(b(c", "b(c"),
    ("between", {"right": "-"}, "0571-1", "0571"),
    ("between", {"left": "[", "right": "]"}, "a]b[", None),
    ("hash_id", {"prefix": "P"}, "甲", "P" + hashlib.sha256("甲".encode()).hexdigest()[:16]),
]


@pytest.mark.parametrize(("name", "options", "raw", "wanted"), CASES)
def test_example(name, options, raw, wanted):
    assert transforms.find(name).make(**options)(raw) == wanted


FLAGGED = [
    ("truncate", {"length": 3}, "甲乙丙", "甲乙丙", []),
    ("truncate", {"length": 3}, "甲乙丙丁", "甲乙丙", ["truncate.cut"]),
    ("truncate", {"length": 3, "mark": "…"}, "甲乙丙丁", "甲乙…", ["truncate.cut"]),
    ("number", {}, "1200.50", "1200.50", []),
    ("number", {"decimals": 2}, "1200.5", "1200.50", []),
    ("number", {"decimals": 0}, "-2.5", "-3", ["number.rounded"]),
    ("number", {"decimals": 1}, "-0.04", "0.0", ["number.rounded"]),
    ("number", {"factor": 10000}, "12.3", "123000.0", []),
    ("number", {"factor": "0.01", "decimals": 2}, "199", "1.99", []),
    ("number", {}, "12万", "12万", ["number.not-a-number"]),
    ("number", {}, "1e5", "1e5", ["number.not-a-number"]),
    ("unit", {"to": "元"}, "3.5万", "35000", []),
    ("unit", {"to": "元"}, "1,200.50元", "1200.5", []),
    ("unit", {"to": "kg"}, "1.5 吨", "1500", []),
    ("unit", {"to": "kg", "assume": "斤"}, "3", "1.5", []),
    ("unit", {"to": "吨", "decimals": 2}, "1234kg", "1.23", []),
    ("unit", {"to": "kg"}, "3米", "3米", ["unit.other-kind"]),
    ("unit", {"to": "kg"}, "约3吨", "约3吨", ["unit.not-a-quantity"]),
    ("unit", {"to": "小时"}, "90分钟", "1.5", []),
    ("date_parse", {"format": "%d/%m/%Y"}, "1/5/2023", "2023-05-01", []),
    ("date_parse", {"format": "%Y%m%d%H%M"}, "202305011430", "2023-05-01T14:30:00", []),
    ("date_parse", {"format": "%d/%m/%Y"}, "2023-05-01", "2023-05-01", ["date_parse.not-this-form"]),
    ("date_parse", {"format": "%d/%m/%Y"}, "30/2/2023", "30/2/2023", ["date_parse.not-this-form"]),
    ("date_format", {"format": "%Y年%m月%d日"}, "2023-05-01", "2023年05月01日", []),
    ("date_format", {"format": "%d/%m/%Y %H:%M:%S"}, "2023-05-01T14:30:09", "01/05/2023 14:30:09", []),
    ("date_format", {"format": "%Y"}, "0099-05-01", "0099", []),
    ("date_format", {"format": "%Y"}, "2023-02-30", "2023-02-30", ["date_format.not-a-date"]),
    *(
        ("digits", {}, raw, raw, ["digits.several"])
        for raw in (
            "+8613900013900; +8613800138000",
            "+8613900013900+8613800138000",
            "13800138000/13900139000",
            "12;34",
            "138 0013 8000/139 0013 9000",
            "0571-87654321 13800138000",
            "Tel 13800138000 Fax 87654321",
        )
    ),
]


@pytest.mark.parametrize(("name", "options", "raw", "wanted", "codes"), FLAGGED)
def test_example_with_flags(name, options, raw, wanted, codes):
    answer = transforms.find(name).make(**options)(raw)
    assert (answer.value, [flag.code for flag in answer.flags]) == (wanted, codes)


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("replace", {"find": ""}), ("pad", {"length": 0}), ("pad", {"length": 3, "sign": "xy"}), ("split", {"by": ""}),
        ("part", {"take": 0}), ("part", {"take": "1"}), ("concat", {"by": 1}), ("truncate", {"length": True}),
        ("truncate", {"length": 2, "mark": "……"}), ("number", {"decimals": 13}), ("number", {"factor": 0}),
        ("number", {"factor": "x"}), ("date_format", {"format": "%y"}), ("date_format", {"format": ""}),
        ("unit", {"to": "亩"}), ("unit", {"to": "kg", "assume": "米"}), ("unit", {"to": "kg", "decimals": 99}), ("between", {}),
        ("date_parse", {"format": "%d/%m"}), ("date_parse", {"format": "%Y%m%d%d"}), ("half_width", {"keep": 1}),
        ("hash_id", {"length": 4}), ("hash_id", {"prefix": 1}),
    ],
)  # fmt: skip
def test_wrong_options_are_refused_when_the_step_is_made(name, options):
    with pytest.raises((TypeError, ValueError)):
        transforms.find(name).make(**options)


OPTIONS = {
    "prefix": {"text": "x"}, "suffix": {"text": "x"}, "replace": {"find": "a"}, "pad": {"length": 5}, "split": {"by": ","},
    "between": {"left": "("}, "unit": {"to": "kg"}, "date_parse": {"format": "%d/%m/%Y"},
    "truncate": {"length": 4}, "date_format": {"format": "%Y"}, "mask": {"kind": "text", "key": "k"},
}  # fmt: skip


@given(st.sampled_from(transforms.NAMES), st.text(max_size=30))
def test_no_text_raises_and_the_answer_is_of_the_declared_shape(name, raw):
    step = transforms.find(name)
    made = step.make(**OPTIONS.get(name, {}))
    answer = made([raw, None] if step.takes == "list" else raw)
    value = answer.value if isinstance(answer, Cleaned) else answer
    assert value is None or isinstance(value, list if step.gives == "list" else str)


@given(st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**12), max_value=10**12))
def test_numbers_written_twice_are_written_the_same(number):
    write = transforms.find("number").make(decimals=2)
    once = write(f"{number:f}").value
    assert write(once) == Cleaned(once)


AT_ONCE = [name for name in transforms.NAMES if transforms.find(name).whole]


@given(st.sampled_from(AT_ONCE), st.lists(st.text(max_size=8), min_size=1, max_size=5))
def test_whole_columns_are_answered_as_values_are_one_by_one(name, raws):
    step = transforms.find(name)
    options = OPTIONS.get(name, {})
    answers = step.whole(**options)(pa.array(raws, pa.string())).to_pylist()
    made = step.make(**options)
    for raw, whole in zip(raws, answers, strict=True):
        one = made(raw)
        plain = one.value if isinstance(one, Cleaned) else one
        assert whole is None or (whole or None) == (plain or None)
        assert whole is None or not isinstance(one, Cleaned) or not one.flags


@given(
    st.sampled_from(["first_non_empty", "concat"]),
    st.lists(st.lists(st.one_of(st.none(), st.text(max_size=3)), min_size=2, max_size=2), min_size=1, max_size=5),
)
def test_whole_columns_are_merged_as_rows_are_one_by_one(name, rows):
    step = transforms.find(name)
    columns = [pa.array([row[n] for row in rows], pa.string()) for n in range(2)]
    made = step.make()
    assert step.merged()(columns).to_pylist() == [made([value or None for value in row]) or None for row in rows]


def test_an_unknown_name_is_a_key_error():
    with pytest.raises(KeyError):
        transforms.find("explode")
