"""JSON as a stream: every digit stays, lists inside objects are found, what is no table is refused with its place."""

from __future__ import annotations

import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmmigrate.errors import LocationError
from crmmigrate.sources import _json

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)
records = st.lists(st.dictionaries(st.text(max_size=5), values, max_size=4), max_size=5)


@given(records, st.sampled_from([None, 1]), st.booleans())
def test_a_stream_gives_what_is_written(made, indent, as_list):
    text = json.dumps(made, indent=indent) if as_list else "\n".join(json.dumps(record) for record in made)
    stream = _json.Stream(io.StringIO(text))
    found = list(_json.elements(stream, ()) if as_list else _json.values(stream))
    assert [json.loads(_json._json(record)) for record in found] == made


def test_a_value_over_many_chunks(monkeypatch):
    monkeypatch.setattr(_json, "_CHUNK", 7)
    text = '{"rows": [{"a": "' + "长" * 100 + '", "b": 1234567890123456789.50}, {"a": "x"}], "n": 2}'
    path = next(path for path, is_list in _json.lists_ahead(_json.Stream(io.StringIO(text))) if is_list)
    assert path == ("rows",)
    found = list(_json.elements(_json.Stream(io.StringIO(text)), path))
    assert [record["a"] for record in found] == ["长" * 100, "x"]
    assert found[0]["b"] == "1234567890123456789.50"


def test_several_lists_in_one_object_are_several_tables(tmp_path, read):
    (tmp_path / "旧系统.json").write_text(
        '{"客户": [{"编号": "1"}], "联系人": [{"姓名": "甲"}, {"姓名": "乙"}], "空": []}', encoding="utf-8"
    )
    found = read(tmp_path / "旧系统.json")
    assert list(found) == ["客户", "联系人"]
    assert found["联系人"][1]["_origin"] == ["旧系统.json#联系人!1", "旧系统.json#联系人!2"]
    assert list(read(f"{tmp_path / '旧系统.json'}#客户")) == ["客户"]
    with pytest.raises(LocationError) as error:
        read(f"{tmp_path / '旧系统.json'}#客")
    assert error.value.code == "source.no-table"


def test_a_list_in_an_object_that_is_too_long_for_memory(tmp_path, only, monkeypatch):
    monkeypatch.setattr(_json, "MAX_VALUE", 70_000)
    rows = [{"a": f"{number:06}"} for number in range(9_000)]
    (tmp_path / "a.json").write_text(json.dumps({"code": 0, "data": {"total": 9_000, "list": rows}}))
    table, columns = only(tmp_path / "a.json")
    assert (table.facts["list"], table.facts["rows"], columns["a"][-1]) == ("data.list", 9_000, "008999")


def test_the_line_of_what_is_wrong(tmp_path, read):
    (tmp_path / "a.jsonl").write_text('{"a": 1}\n' * 20_000 + '{"a": oops}\n' + '{"a": 1}\n')
    with pytest.raises(LocationError) as error:
        read(tmp_path / "a.jsonl")
    assert error.value.place.endswith("a.jsonl:20001")
    (tmp_path / "a.jsonl").write_text('{"a": 1}\n{"a": 2}\n[3]\n')
    with pytest.raises(LocationError) as error:
        read(tmp_path / "a.jsonl")
    assert (error.value.code, error.value.place[-9:]) == ("source.json-shape", "a.jsonl:3")


def test_columns_of_one_name_are_kept_apart(tmp_path, only):
    (tmp_path / "a.json").write_text('[{"a.b": "1", "a": {"b": "2"}}]')
    table, columns = only(tmp_path / "a.json")
    assert table.columns == ("a.b", "a.b (2)")
    assert (columns["a.b"], columns["a.b (2)"]) == (["1"], ["2"])


def test_all_lists_of_a_long_object_are_tables_and_what_stands_beside_is_named(tmp_path, read, monkeypatch):
    monkeypatch.setattr(_json, "MAX_VALUE", 70_000)
    rows = [{"a": f"{number:06}"} for number in range(9_000)]
    whole = {"meta": {"page": 1}, "tags": ["x"], "customers": rows, "contacts": [{"b": "1"}], "long": ["y" * 9] * 9_000}
    (tmp_path / "a.json").write_text(json.dumps(whole))
    found = read(tmp_path / "a.json")
    assert {name: table.facts["rows"] for name, (table, _) in found.items()} == {"customers": 9_000, "contacts": 1}
    assert [(issue[4], issue[7]) for issue in found["customers"][0].issues] == [
        ("source.json-beside", "meta.page, tags, long")
    ]


def test_values_beside_a_list_are_named(tmp_path, only):
    (tmp_path / "a.json").write_text('{"company": "X", "empty": "", "tags": ["a"], "contacts": [{"n": "1"}]}')
    table, columns = only(tmp_path / "a.json")
    assert columns["n"] == ["1"]
    assert [(issue[4], issue[7]) for issue in table.issues] == [("source.json-beside", "company, tags")]


@given(st.dictionaries(st.text(max_size=3), values, max_size=4))
def test_the_lists_of_a_long_object_are_those_of_a_short_one(made):
    text = json.dumps(made)
    ahead = [path for path, is_list in _json.lists_ahead(_json.Stream(io.StringIO(text))) if is_list]
    assert ahead == list(_json.lists_in(_json.Stream(io.StringIO(text)).value()))
