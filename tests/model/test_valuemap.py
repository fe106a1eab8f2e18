"""Value maps are read strictly."""

from __future__ import annotations

import pytest

from crmmigrate.errors import ConfigurationError
from crmmigrate.model.document import Document
from crmmigrate.model.valuemap import as_text, read_value_map


def test_a_map(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("source,target,note\n 制造 ,C,\n,none,\n不要,,\n制造,C,again\n", "utf-8-sig")
    assert read_value_map(path, "") == {"制造": "C", "": "none", "不要": None}


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"value,target\na,b\n", "mapping.value-file"), (b"", "mapping.value-file"), ("source,target\n甲,b\n".encode("gb18030"), "mapping.value-file"),
        (b"source,target\na,b\na,c\n", "mapping.value-twice"), (None, "mapping.value-file-missing"),
    ],
)  # fmt: skip
def test_what_is_no_map(tmp_path, content, code):
    path = tmp_path / "a.csv"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ConfigurationError) as found:
        read_value_map(path, "m.yaml:3:1")
    assert (found.value.code, found.value.place) == (code, "m.yaml:3:1")


def test_yaml_values_as_text():
    assert [as_text(value) for value in (True, False, 3, 1.5, "x", "", None)] == [
        "true",
        "false",
        "3",
        "1.5",
        "x",
        None,
        None,
    ]


def test_numbers_of_a_file_keep_how_they_were_written():
    given = Document.parse("const: 1.10\nvalues: {13800138000: 1.50, 139: +5, 房间: 1e3}").value
    assert as_text(given["const"]) == "1.10"
    assert {word: as_text(value) for word, value in given["values"].items()} == {
        "13800138000": "1.50", "139": "+5", "房间": "1e3",
    }  # fmt: skip
