"""Mapping files are read strictly, put in load order, and know where relative paths start."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from crmmigrate.errors import ConfigurationError, Findings
from crmmigrate.model.approval import digest
from crmmigrate.model.document import Document
from crmmigrate.model.load_plan import load_plan
from crmmigrate.model.mapping import (
    build_mapping,
    load_order,
    mapping_files,
    place_of,
    read_mapping,
    read_mappings,
)

PACK = Path(__file__).parent.parent.parent / "mappings" / "b2b"
TEXT = """version: 1
object: {object}
target: {{table: t_{object}}}
match: external_id
fields:
  external_id: _record
{fields}
"""


def mapping(name: str, *references: str, missing: str = "reject", required: bool = False):
    more = ", required: true" if required else ""
    fields = "\n".join(f"  {o}_id: {{{{lookup: {{{{object: {o}, missing: {missing}}}}}{more}}}}}" for o in references)
    return build_mapping(Document.parse(TEXT.format(object=name, fields=fields.format()), f"{name}.crmmap.yaml"))


def test_a_rule_is_told_on_one_line():
    text = TEXT.format(
        object="a",
        fields="""  phone: {from: [x, y], do: [trim, {phone: {region: CN}}], required: true}
  kind: {from: z, values: {a: b}, default: c}
  owner: {lookup: {object: user}}
  seat: {const: 1}
  sum: {sql: x || y}""",
    )
    fields = build_mapping(Document.parse(text, "a.yaml")).fields
    assert {name: spec.rule for name, spec in fields.items()} == {
        "external_id": "_record", "phone": "x + y → trim → phone → required", "kind": "z → values → default: c",
        "owner": "_ref_user → lookup: user", "seat": "const: 1", "sum": "sql: x || y",
    }  # fmt: skip


def test_short_forms_and_options():
    text = TEXT.format(object="a", fields="  phone: {from: [x, y], do: [trim, {phone: {region: CN}}, {truncate: 5}]}")
    document = Document.parse(text, "a.yaml")
    read = build_mapping(document)
    document.check()
    assert read.fields["external_id"].columns == ("_record",)
    assert read.match.on == ("external_id",)
    assert [(s.name, s.options, s.value) for s in read.fields["phone"].do] == [
        ("trim", {}, None), ("phone", {"region": "CN"}, None), ("truncate", {}, 5),
    ]  # fmt: skip
    assert document.place(("fields", "phone", "do", 1, "name")) == "a.yaml:7:37"
    assert document.key_place(("fields", "phone", "do", 1, "options", "region")) == "a.yaml:7:45"


def test_all_mistakes_at_once_each_with_its_place(tmp_path):
    path = tmp_path / "a.crmmap.yaml"
    path.write_text(TEXT.format(object="a", fields="  x: {form: y}\n  z: {from: q, unmapped: drop}"), "utf-8")
    with pytest.raises(Findings) as found:
        read_mapping(path)
    assert [(e.code, e.place.rsplit(":", 2)[1]) for e in found.value.errors] == [
        ("yaml.unknown-key", "7"), ("yaml.not-allowed", "8"),
    ]  # fmt: skip


def test_references_and_policies():
    read = mapping("contact", "account", "user")
    assert read.references == {"account_id": "account", "user_id": "user"}
    assert read.policy("external_id") == "overwrite"
    assert mapping("a", "b", missing="defer").deferred == {"b_id"}


def test_parents_come_first_and_the_order_is_otherwise_kept():
    given = [mapping("order", "contact", "account"), mapping("contact", "account"), mapping("b"), mapping("account")]
    assert [m.object for m in load_order(given)] == ["b", "account", "contact", "order"]


def test_a_circle_waits_for_a_second_pass_unless_its_references_are_required():
    circle = [mapping("a", "b"), mapping("b", "a")]
    ordered = load_order(circle)
    assert [m.object for m in ordered] == ["a", "b"]
    plan = load_plan(ordered)
    assert [(step.object, step.columns, step.deferred) for step in plan.objects] == [
        ("a", ("external_id",), False), ("b", ("external_id", "a_id"), False), ("a", ("b_id",), True),
    ]  # fmt: skip
    assert [m.object for m in load_order([mapping("a", "b"), mapping("b", "a", missing="defer")])] == ["b", "a"]
    half = [mapping("a", "b", required=True), mapping("b", "a")]
    assert [m.object for m in load_order(half)] == ["b", "a"]
    with pytest.raises(ConfigurationError, match="circle"):
        load_order([mapping("a", "b", required=True), mapping("b", "a", required=True)])


def test_a_reference_to_the_object_itself_waits_for_the_second_pass():
    plan = load_plan(load_order([mapping("a", "a")]))
    assert [(step.columns, step.deferred) for step in plan.objects] == [(("external_id",), False), (("a_id",), True)]
    with pytest.raises(ConfigurationError, match="before itself"):
        load_order([mapping("a", "a", required=True)])


def test_one_object_twice_is_refused():
    with pytest.raises(ConfigurationError) as found:
        load_order([mapping("a"), mapping("a")])
    assert found.value.code == "mapping.duplicate-object"


def test_the_pack_in_load_order():
    objects = [m.object for m in read_mappings([PACK])]
    assert objects.index("user") < objects.index("account") < objects.index("contact") < objects.index("activity")


def test_folders_and_files(tmp_path):
    assert [file.name for file in mapping_files(PACK)] == sorted(file.name for file in PACK.glob("*.crmmap.yaml"))
    with pytest.raises(ConfigurationError) as found:
        mapping_files(tmp_path)
    assert found.value.code == "mapping.none"


def test_value_maps_lie_beside_the_file_or_in_the_folder_above(tmp_path):
    (tmp_path / "lists").mkdir()
    (tmp_path / "lists" / "a.csv").write_text("source,target\n", "utf-8")
    folder = tmp_path / "mappings"
    folder.mkdir()
    (folder / "a.crmmap.yaml").write_text(TEXT.format(object="a", fields=""), "utf-8")
    read = read_mapping(folder / "a.crmmap.yaml")
    assert read.value_file("lists/a.csv") == tmp_path / "lists" / "a.csv"
    assert read.value_file("lists/none.csv") == folder / "lists" / "none.csv"
    (folder / "lists").mkdir()
    (folder / "lists" / "a.csv").write_text("source,target\n", "utf-8")
    assert read.value_file("lists/a.csv") == folder / "lists" / "a.csv"


def test_places_are_found_again_at_run_time():
    read = read_mapping(PACK / "contact.crmmap.yaml")
    lines = (PACK / "contact.crmmap.yaml").read_text("utf-8").splitlines()
    line = next(number for number, text in enumerate(lines, 1) if text.startswith("  title:"))
    assert place_of(read, ("fields", "title", "do", 0)).rsplit(":", 2)[1] == str(line)


def test_a_mapping_travels_to_other_processes():
    read = pickle.loads(pickle.dumps(read_mapping(PACK / "account.crmmap.yaml")))
    assert read.fields["owner_id"].lookup.active == {"状态": ("在职",)}


def test_the_digest_sees_meaning_not_layout():
    plain = Document.parse(TEXT.format(object="a", fields="  x: {from: y, do: [trim]}"))
    laid_out = Document.parse("# hello\n" + TEXT.format(object="a", fields="  x:\n    from: y\n    do:\n      - trim"))
    other = Document.parse(TEXT.format(object="a", fields="  x: {from: y, do: [upper]}"))
    before = digest(plain, {})
    build_mapping(plain)
    assert digest(plain, {}) == before == digest(laid_out, {}) != digest(other, {})
    csv, reordered = "source,target\nA,a\nB,b\n", "\r\ntarget,source\r\nb,B\r\n a,A\r\n".removeprefix("\r\n")
    assert digest(plain, {"m.csv": csv}) == digest(plain, {"m.csv": reordered}) != before
    assert len({digest(plain, {"m.csv": text}) for text in (csv, csv.replace("b", "a"), "broken", None)}) == 4


def test_a_version_that_is_not_read_is_refused(tmp_path):
    file = tmp_path / "a.crmmap.yaml"
    file.write_text(TEXT.format(object="a", fields="").replace("version: 1", "version: 2"), encoding="utf-8")
    with pytest.raises(Findings) as caught:
        read_mapping(file)
    assert [(error.code, error.place) for error in caught.value.errors] == [("yaml.version", f"{file}:1:10")]
