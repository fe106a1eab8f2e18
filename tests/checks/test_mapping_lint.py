"""Every broken mapping file beside this test has one fault; its first line says which code lint gives, and on which line."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from crmmigrate.cli.lint import Around, find, titles
from crmmigrate.cli.mapping_lint import look_around, mend
from crmmigrate.model.approval import digest, value_map_texts
from crmmigrate.model.document import Document
from crmmigrate.model.mapping import read_mapping
from crmmigrate.model.schema import TargetSchema, read_target_schema
from crmmigrate.runner.mapping_tests import run_test
from crmmigrate.targets import open_target
from crmmigrate.targets.describing import describe

BROKEN = Path(__file__).parent / "broken"
PACK = Path(__file__).parent.parent.parent / "mappings" / "b2b"
FILES = sorted(BROKEN.glob("*.crmmap.yaml"))
ROWS = ("客户编号", "客户名称", "手机", "电话", "客户级别", "负责人", "省份", "备注")


@pytest.fixture(scope="module")
def schema():
    return read_target_schema(PACK / "schema.yaml")


@pytest.fixture
def beside(tmp_path: Path):
    """Put a file where a mapping of users and the value lists are its neighbours."""
    lists = tmp_path / "lists"
    lists.mkdir()
    for file in (BROKEN / "lists").iterdir():
        (lists / file.name).write_bytes(file.read_bytes())
    (tmp_path / "user.crmmap.yaml").write_text((PACK / "user.crmmap.yaml").read_text("utf-8"), "utf-8")

    def put(text: str) -> Path:
        path = tmp_path / "account.crmmap.yaml"
        path.write_text(text, "utf-8")
        return path

    return put


def test_there_are_many() -> None:
    assert len(FILES) > 100


def marks(text: str) -> dict[str, str]:
    """Return what the comments at the top of a broken file say: `expect`, `good`, `data`, `live`, `snapshot`, `check`."""
    lines = [line.removeprefix("# ").partition(": ") for line in text.splitlines() if line.startswith("# ")]
    return {name: value for name, _, value in lines}


def around(path: Path, given: dict[str, str], schema, folder: Path) -> Around:
    data = live = None
    if "data" in given:
        data = str(BROKEN / "data" / given["data"])
    if "live" in given:
        live = f"sqlite:///{folder / 'crm.db'}"
        with open_target(live) as target:
            target.create(schema)
        with closing(sqlite3.connect(folder / "crm.db")) as connection:
            connection.executescript(given["live"])
    user = path.with_name("user.crmmap.yaml")
    return look_around([path, user], schema, data, live, folder / "work")


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name.partition(".")[0])
def test_the_one_fault_is_found_at_its_line(file: Path, beside, schema, tmp_path: Path) -> None:
    text = file.read_text("utf-8")
    given = marks(text)
    path = beside(text)
    if "check" in given:
        accounts = replace(schema.tables["accounts"], checks={"rule": given["check"]})
        schema = replace(schema, tables=schema.tables | {"accounts": accounts})
    known = around(path, given, schema, tmp_path) if {"data", "live"} & given.keys() else Around(schema)
    found = list(find([path], around=known))
    expected = given["expect"]
    assert [f"{finding.code} {finding.line}" for finding in found] == ([] if expected == "nothing" else [expected])
    assert all(finding.message.text() and finding.column > 0 for finding in found)
    assert all(finding.hint and finding.hint.text() for finding in found if finding.code not in SELF_EVIDENT)


@pytest.mark.parametrize(
    "file",
    [file for file in FILES if "# good: " in file.read_text("utf-8")],
    ids=lambda file: file.name.partition(".")[0],
)
def test_the_good_example_is_good(file: Path, beside, schema, tmp_path: Path) -> None:
    text = file.read_text("utf-8")
    given = marks(text)
    code, line = given["expect"].split()
    lines = text.splitlines()
    lines[int(line) - 1] = given["good"].replace("\\n", "\n")
    path = beside("\n".join(lines) + "\n")
    known = around(path, given, schema, tmp_path)
    if "snapshot" in given:
        assert code in [finding.code for finding in find([path], around=known)]  # the file alone does not mend it
        known = known._replace(schema=new_snapshot(given["snapshot"], tmp_path))
    found = list(find([path], around=known))
    assert code not in [finding.code for finding in found]
    assert not [finding for finding in found if finding.code.startswith("yaml.")]
    if "snapshot" in given:
        assert found == []


def new_snapshot(says: str, folder: Path):
    """Describe the changed target anew, as `mapping schema` does, and see that it says so."""
    with open_target(f"sqlite:///{folder / 'crm.db'}") as target:
        described = describe(target)
    [(name, column)] = Document.parse(says).value.items()
    now = described.tables["accounts"].columns[name]
    assert {key: str(getattr(now, key)) for key in column} == {key: str(value) for key, value in column.items()}
    return described


SELF_EVIDENT = {"yaml.syntax", "yaml.duplicate-key", "yaml.missing-key", "yaml.type"}
"""What the sentence itself says how to mend."""


def test_every_rule_has_a_broken_file() -> None:
    shown = {marks(file.read_text("utf-8"))["expect"].split()[0] for file in FILES}
    elsewhere = {"yaml.empty", "yaml.encoding", "yaml.too-large", "mapping.duplicate-object", "mapping.circle"}
    assert set(titles()) - shown == elsewhere


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name.partition(".")[0])
def test_what_is_mended_is_sound_and_nothing_else_is_touched(file: Path, beside, schema) -> None:
    text = file.read_text("utf-8")
    if {"data", "live"} & marks(text).keys():
        return
    path = beside(text)
    before = list(find([path], schema))
    fixable = [finding for finding in before if finding.repair]
    assert mend([path], Around(schema)) == len(fixable)
    after = path.read_text("utf-8")
    if not fixable:
        assert after == text
        return
    assert list(find([path], schema)) == []
    changed = [line for line in after.splitlines() if line not in text.splitlines()]
    assert len(changed) <= 1


def test_the_shipped_pack_has_no_findings(schema) -> None:
    assert list(find(sorted(PACK.glob("*.crmmap.yaml")), schema, None)) == []


def test_misspelt_names_bring_the_right_one(beside, schema) -> None:
    text = (BROKEN / "unknown_standard.crmmap.yaml").read_text("utf-8")
    [finding] = find([beside(text)], schema, None)
    assert finding.hint is not None
    assert finding.hint.text("en") == "did you mean 'company_name'?"


def test_every_source_column_is_mapped_or_ignored(beside) -> None:
    path = beside((BROKEN / "sound.crmmap.yaml").read_text("utf-8"))
    assert [f.message.params["column"] for f in find([path], None, (*ROWS, "工号"))] == ["工号"]
    assert list(find([path], None, ROWS)) == []
    missing = [(f.code, f.message.params["column"]) for f in find([path], None, ROWS[1:-2])]
    assert missing == [
        ("mapping.unknown-column", "省份"), ("mapping.unknown-column", "客户编号"), ("mapping.ignores-nothing", "备注"),
    ]  # fmt: skip


def test_an_approved_file_that_did_not_change_is_silent(beside) -> None:
    text = (BROKEN / "sound.crmmap.yaml").read_text("utf-8")
    approved = f"approved: {{by: 王芳, on: 2026-11-01, digest: {digest(Document.parse(text), {})}}}\n"
    assert list(find([beside(text + approved)], None, None)) == []
    changed = (text + approved).replace("policy: fill_empty", "policy: overwrite")
    assert [f.code for f in find([beside(changed)], None, None)] == ["mapping.approval-changed"]


def test_a_value_map_that_changed_after_the_approval_is_reported(beside, tmp_path: Path) -> None:
    text = (BROKEN / "sound.crmmap.yaml").read_text("utf-8").replace("{A: A, B: B}", "lists/level.csv")
    levels = tmp_path / "lists" / "level.csv"
    levels.write_text("source,target,meaning\nA,A,七天内\nB,B,\n", "utf-8")
    path = beside(text)
    now = digest(Document.load(path), value_map_texts(read_mapping(path)))
    beside(text + f"approved: {{by: 王芳, on: 2026-11-01, digest: {now}}}\n")

    def found() -> list[str]:
        return [finding.code for finding in find([path])]

    assert found() == []
    levels.write_text("meaning,source,note,target\r\n,B,x,B\r\n七天内,A,y,A\r\n", "utf-8")
    assert found() == []  # the order of lines and other columns say nothing
    for other in (
        "source,target\nA,B\nB,B\n",
        "source,target,meaning\nA,A,七天\nB,B,\n",
        "source,target\nA,A\n",
        "x\n",
    ):
        levels.write_text(other, "utf-8")
        assert "mapping.approval-changed" in found()
    levels.unlink()
    assert "mapping.approval-changed" in found()


def test_columns_that_are_unique_together_are_enough_to_match_on(beside) -> None:
    described = Document.parse(
        "version: 1\ntables:\n  accounts:\n    columns: {external_id: text, name: text, phone: text, level: text, owner_id: text, province: text}\n"
        "    unique: [[name, province]]\n"
    ).read(TargetSchema)
    text = (BROKEN / "sound.crmmap.yaml").read_text("utf-8")

    def found(on: str) -> list[tuple[int, str]]:
        path = beside(text.replace("{on: [external_id]}", f"{{on: {on}}}"))
        return [(f.line, f.hint.text("en")) for f in find([path], described) if f.code == "mapping.match-not-unique"]

    assert found("[name, province]") == found("[province, phone, name]") == []
    assert found("[name]") == [(6, "together these are unique: name, province")]
    assert found("[phone]") == [(6, "match on a column that names the row")]


def test_two_files_for_one_object(beside, tmp_path: Path) -> None:
    first = beside((BROKEN / "sound.crmmap.yaml").read_text("utf-8"))
    second = tmp_path / "second.crmmap.yaml"
    second.write_text(first.read_text("utf-8"), "utf-8")
    assert "mapping.duplicate-object" in {f.code for f in find([first, second], None, None)}


def test_a_circle_of_references(beside, tmp_path: Path) -> None:
    sound = (BROKEN / "sound.crmmap.yaml").read_text("utf-8")
    first = beside(sound.replace("missing: blank}}", "missing: reject}, required: true}"))
    user = tmp_path / "user.crmmap.yaml"
    text = user.read_text("utf-8").replace(
        "  left_on:", "  home: {lookup: {object: account}, required: true}\n  left_on:"
    )
    user.write_text(text, "utf-8")
    assert "mapping.circle" in {f.code for f in find([first, user], None, None)}
    user.write_text(text.replace("{object: account}, required: true", "{object: account}"), "utf-8")
    assert "mapping.circle" not in {f.code for f in find([first, user], None, None)}


def test_the_example_of_the_documentation_is_sound(tmp_path) -> None:
    page = (PACK.parent.parent / "docs" / "mapping-files.md").read_text("utf-8")
    path = tmp_path / "account.crmmap.yaml"
    path.write_text(page.split("```yaml\n")[1].split("```")[0], "utf-8")
    (tmp_path / "user.crmmap.yaml").write_text((PACK / "user.crmmap.yaml").read_text("utf-8"), "utf-8")
    assert list(find([path])) == []
    mapping = read_mapping(path)
    assert [run_test(mapping, test).wrong for test in mapping.tests] == [[], []]


def test_sql_has_the_place_within_the_expression(beside) -> None:
    text = (BROKEN / "data_sql_refused.crmmap.yaml").read_text("utf-8")
    file = beside(text.replace("{sql: uper(省份)}", "\n    sql: >-\n      trim(省份) ||\n      uper(省份)"))
    data = look_around([file], None, str(BROKEN / "data" / "客户.csv"), None, file.parent / "work")
    (refused,) = [one for one in find([file], around=data) if one.code == "mapping.sql-refused"]
    assert (refused.line, refused.column) == (18, 7)
    assert "uper does not exist" in refused.message.text("en")
