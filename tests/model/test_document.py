"""YAML is read with places, as YAML 1.2 means it, and every mistake is told at once."""

from __future__ import annotations

import pickle
import subprocess
import sys
from dataclasses import dataclass, field
from typing import Any, Literal

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from crmmigrate.errors import ConfigurationError, Findings
from crmmigrate.model import yaml_tree
from crmmigrate.model.document import Document, nearest, nearest_or_all


@dataclass(frozen=True)
class Inner:
    name: str = field(metadata={"short": True})
    size: int = 0
    path: tuple[str | int, ...] = ()


@dataclass(frozen=True)
class Outer:
    version: int
    inner: Inner | None = None
    many: tuple[Inner, ...] = ()
    named: dict[str, Inner] = field(default_factory=dict)
    words: tuple[str, ...] = ()
    kind: Literal["a", "b"] = "a"
    share: float = 0.0
    on: bool = False
    start: str = field(default="", metadata={"name": "from"})
    either: dict[str, str] | str | None = None
    folder: Any = None


def read(text: str) -> Outer:
    document = Document.parse(text, "f.yaml")
    value = document.read(Outer)
    document.check()
    return value


def errors(text: str) -> list[str]:
    with pytest.raises((Findings, ConfigurationError)) as found:
        read(text)
    some = getattr(found.value, "errors", (found.value,))
    return [f"{error.code} {error.place}" for error in some]


def test_a_whole_file():
    value = read(
        "version: 1\ninner: x\nmany: [x, {name: y, size: 2}]\nnamed: {p: q}\nwords: one\nkind: b\nshare: 1\non: true\n"
        "from: '09:00'\neither: {a: b}\n"
    )
    assert value.inner == Inner("x", 0, ("inner",))
    assert value.many == (Inner("x", 0, ("many", 0)), Inner("y", 2, ("many", 1)))
    assert value.named == {"p": Inner("q", 0, ("named", "p"))}
    assert (value.words, value.kind, value.share, value.on, value.start) == (("one",), "b", 1.0, True, "09:00")
    assert value.either == {"a": "b"}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("yes", "yes"), ("on", "on"), ("No", "No"), ("true", True), ("~", None), ("", None), ("007", "007"), ("1_000", "1_000"),
        ("12:30", "12:30"), ("2026-01-02", "2026-01-02"), ("0x1F", "0x1F"), ("-5", -5), ("1.5", 1.5), ("1e3", 1000.0), ("'1'", "1"),
        ('"true"', "true"), ("<<", "<<"), ("=", "="), (".inf", ".inf"),
    ],
)  # fmt: skip
def test_scalars_mean_what_yaml_1_2_says(text, value):
    got = Document.parse(f"a: {text}").value["a"]
    assert got == value
    assert isinstance(got, type(value))
    assert isinstance(value, bool) is isinstance(got, bool)


@pytest.mark.parametrize(
    "text", ["1.10", "+86", "1e3", "-0", "13800138000", "0.0", "-5", "1E-7", "12345678901234567890.5"]
)
def test_a_number_where_text_is_meant_is_what_was_written(text):
    value = read(f"version: 1\nwords: [{text}]\nfrom: {text}\neither: {{a: {text}}}")
    assert (value.words, value.start, value.either) == ((text,), text, {"a": text})
    number = Document.parse(f"a: {text}").value["a"]
    assert number == float(text)
    assert (str(number), f"{number}", str(pickle.loads(pickle.dumps(number)))) == (text, text, text)


@pytest.mark.parametrize("text", ["1" * 301, "-" + "1" * 5000, "1e999", "0." + "1" * 400])
def test_numbers_beyond_all_measure_are_text(text):
    assert Document.parse(f"a: {text}").value == {"a": text}
    assert errors(f"version: {text}") == ["yaml.type f.yaml:1:10"]


@pytest.mark.parametrize("opening", ["[", "- ", "? ", "{a: ", "[{a: ", "- ? "])
@pytest.mark.parametrize("in_c", [True, False])
def test_what_is_nested_too_deep_is_refused(opening, in_c, monkeypatch):
    """In a process of its own where libyaml reads it: its composing would end the interpreter."""
    text = opening * 100_000
    if in_c:
        code = "import sys; from crmmigrate.model.document import Document; Document.parse(sys.stdin.read(), 'f.yaml')"
        done = subprocess.run([sys.executable, "-c", code], input=text, capture_output=True, text=True, check=False)
        assert done.returncode == 1
        assert "yaml.too-large" in done.stderr
        return
    monkeypatch.delattr(yaml, "CSafeLoader")
    yaml_tree._parser.cache_clear()
    with pytest.raises(ConfigurationError) as found:
        Document.parse(text[:4000])
    yaml_tree._parser.cache_clear()
    assert found.value.code == "yaml.too-large"


def test_sixty_levels_are_read():
    assert Document.parse("[" * 60 + "]" * 60).value
    with pytest.raises(ConfigurationError) as found:
        Document.parse("[" * 62 + "]" * 62, "f.yaml")
    assert (found.value.code, found.value.place) == ("yaml.too-large", "f.yaml:1:61")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("version: 1\nkynd: a", ["yaml.unknown-key f.yaml:2:1"]),
        ("version: 1\nkind: c", ["yaml.not-allowed f.yaml:2:7"]),
        ("kind: a", ["yaml.missing-key f.yaml:1:1"]),
        ("version: x", ["yaml.type f.yaml:1:10"]),
        ("version: 1\nversion: 1", ["yaml.duplicate-key f.yaml:2:1"]),
        ("version: 1\nmany: {a: b}", ["yaml.unknown-key f.yaml:2:8", "yaml.missing-key f.yaml:2:7"]),
        ("version: 1\nnamed: [a]", ["yaml.type f.yaml:2:8"]),
        ("version: 1\non: 1", ["yaml.type f.yaml:2:5"]),
        ("version: true", ["yaml.type f.yaml:1:10"]),
        ("version: 1\nshare: true", ["yaml.type f.yaml:2:8"]),
        ("- 1", ["yaml.type f.yaml:1:1", "yaml.missing-key f.yaml:1:1"]),
        ("version: 1\nfoo: 1\nkind: c\nfoo: 2", ["yaml.unknown-key f.yaml:4:1", "yaml.not-allowed f.yaml:3:7", "yaml.duplicate-key f.yaml:4:1"]),
        ("a: [b", ["yaml.syntax f.yaml:2:1"]),
        ("", ["yaml.empty f.yaml"]),
        ("# only a comment\n", ["yaml.empty f.yaml"]),
    ],
)  # fmt: skip
def test_mistakes_and_their_places(text, found):
    assert sorted(errors(text)) == sorted(found)


def test_the_right_name_is_proposed():
    assert nearest("standrad", ["standard", "scope"]).text("en") == "did you mean 'standard'?"
    assert nearest("xyz", ["standard"]) is None


@pytest.mark.parametrize(
    ("word", "known", "meant"),
    [
        ("crm.客户", ["crm.工单", "crm.合同"], ""),  # one source is no likeness
        ("crm.客卢", ["crm.工单", "crm.客户"], "crm.客户"),
        ("owner_id", ["user_id", "buyer_id"], ""),
        ("ownr_id", ["user_id", "owner_id"], "owner_id"),
        ("20260102T101010000Z-load-1a2b3c", ["20260102T101112000Z-load-9f8e7d"], ""),  # two runs of one hour
        ("companyname", ["company_name"], "company_name"),
    ],
)
def test_names_are_alike_part_by_part(word, known, meant):
    hint = nearest(word, known)
    assert (hint.params["name"] if hint else "") == meant


def test_where_nothing_is_alike_it_says_what_there_is():
    assert nearest_or_all("电话", ["编号", "名称", "_record"]).text("en") == "there are: 编号, 名称"
    assert nearest_or_all("x", {"b", "a", "c"}).text("en") == "there are: a, b, c"
    assert nearest_or_all("x", [f"column {n}" for n in range(30)]).text("en").endswith("column 19 …")
    assert nearest_or_all("x", []) is None


@pytest.mark.parametrize("version", ["2", "0", "+3"])
def test_a_version_that_is_not_read_is_refused(version):
    assert errors(f"version: {version}") == ["yaml.version f.yaml:1:10"]


@pytest.mark.parametrize(
    "text",
    [
        "&a [*a]",
        "a: &a {b: *a}",
        "\n".join(
            ["a0: &a0 [x, x]"] + [f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}, *a{n - 1}, *a{n - 1}]" for n in range(1, 14)]
        ),
    ],
)
def test_files_that_never_end_are_refused(text):
    with pytest.raises(ConfigurationError) as found:
        Document.parse(text)
    assert found.value.code == "yaml.too-large"


def test_files_that_cannot_be_read(tmp_path):
    for name, hint in (("gB.yaml", "did you mean 'gb.yaml'?"), ("none.txt", "relative ones start at"), ("no/where.yaml", "relative ones start at"),
                       (".", "name a file in it")):  # fmt: skip
        (tmp_path / "gb.yaml").write_text("x: 1") if name == "gB.yaml" else (tmp_path / "gb.yaml").unlink(
            missing_ok=True
        )
        with pytest.raises(ConfigurationError) as gone:
            Document.load(tmp_path / name)
        assert (gone.value.code, gone.value.exit_code) == ("file.missing", 2)
        assert hint in gone.value.hint.text("en")
    path = tmp_path / "gb.yaml"
    path.write_bytes("名称: 甲".encode("gb18030"))
    with pytest.raises(ConfigurationError) as found:
        Document.load(path)
    assert found.value.code == "yaml.encoding"
    Workbook().save(tmp_path / "book.xlsx")
    with pytest.raises(ConfigurationError) as found:
        Document.load(tmp_path / "book.xlsx")
    assert "this is a workbook" in found.value.hint.text("en")
    path.write_bytes(b"\xef\xbb\xbfa: 1")
    assert Document.load(path).value == {"a": 1}


SCALARS = st.one_of(
    st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), max_size=12),
    st.integers(),
    st.booleans(),
    st.none(),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text("abc甲", min_size=1, max_size=3), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(st.dictionaries(st.text("xyz", min_size=1, max_size=3), VALUES, min_size=1, max_size=4))
def test_what_pyyaml_writes_is_read_the_same_and_every_value_has_a_place(value):
    text = yaml.safe_dump(value, allow_unicode=True)
    document = Document.parse(text)
    quoted = (
        Document.parse(yaml.safe_dump(value, allow_unicode=True, default_style='"')) if all_text(value) else document
    )
    assert document.value == value or numbers_in_text(value)
    assert quoted.value == value or not all_text(value)
    assert () in document.marks


def all_text(value: object) -> bool:
    if isinstance(value, dict):
        return all(all_text(child) for child in value.values())
    return all(map(all_text, value)) if isinstance(value, list) else isinstance(value, str)


def numbers_in_text(value: object) -> bool:
    """Whether a text looks like a number to YAML 1.2 though not to PyYAML, which then leaves the quotes out."""
    if isinstance(value, dict):
        return any(numbers_in_text(child) for child in value.values())
    if isinstance(value, list):
        return any(map(numbers_in_text, value))
    return isinstance(value, str) and bool(yaml_tree._NUMBER.match(value))


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused_in_our_words(text):
    codes: list[str] = []
    try:
        document = Document.parse(text)
        document.read(Outer)
        codes = [error.code for error in document.errors]
    except ConfigurationError as error:
        codes = [error.code]
    assert all(code.startswith("yaml.") for code in codes)
