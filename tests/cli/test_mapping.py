"""`mapping lint` and `mapping test` as a user calls them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from crmmigrate.cli import main
from crmmigrate.cli.lint import quick, standard_options
from crmmigrate.runner.packs import lay_out

ROOT = Path(__file__).parent.parent.parent
PACK = ROOT / "mappings" / "b2b"
BROKEN = ROOT / "tests" / "checks" / "broken"


@pytest.fixture
def call(capsys):
    def run(*words):
        with pytest.raises(SystemExit) as end:
            main([str(word) for word in words])
        said = capsys.readouterr()
        return end.value.code or 0, said.out, said.err

    return run


@pytest.fixture
def pack(tmp_path):
    return shutil.copytree(PACK, tmp_path / "b2b")


def test_the_shipped_pack_is_clean(call):
    code, out, err = call("mapping", "lint", PACK, "--schema", PACK / "schema.yaml")
    assert (code, out) == (0, "")
    assert "7 files, 0 errors, 0 warnings" in err


def test_a_finding_is_a_line_with_place_code_and_hint(call, pack):
    path = pack / "contact.crmmap.yaml"
    path.write_text(path.read_text("utf-8").replace("[trim, {truncate: 100}]", "[trim, compny_name]"), "utf-8")
    code, out, _ = call("mapping", "lint", pack)
    assert code == 1
    line = path.read_text("utf-8").splitlines().index(
        "  name: {from: 姓名, do: [trim, compny_name], required: true}"
    )  # fmt: skip
    assert out.splitlines() == [
        f"{path}:{line + 1}:31: no standard is called 'compny_name' [mapping.unknown-standard]",
        "  → did you mean 'company_name'?",
    ]


def test_json_and_github(call):
    file = BROKEN / "unknown_option.crmmap.yaml"
    code, out, _ = call("mapping", "lint", file, "--format", "json")
    answer = json.loads(out)
    assert (code, answer["status"]) == (1, "findings")
    assert {"files", "errors", "warnings"} == set(answer["counts"])
    assert answer["findings"][0].keys() == {"file", "line", "column", "code", "severity", "message", "hint", "fixable"}
    code, out, _ = call("mapping", "lint", file, "--format=github")
    assert out.startswith(f"::error file={file},line=11,col=")
    assert ",title=mapping.unknown-option::" in out
    assert "%0A→ did you mean 'mark'?" in out


def test_warnings_alone_do_not_fail(call):
    code, out, _ = call(
        "mapping", "lint", BROKEN / "step_twice.crmmap.yaml", BROKEN.parent.parent.parent / "mappings/b2b"
    )
    assert "duplicate-object" in out
    code, out, _ = call("mapping", "lint", BROKEN / "step_twice.crmmap.yaml", PACK / "user.crmmap.yaml")
    assert code == 0
    assert "warning: 'trim' was done just before [mapping.useless-step]" in out


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("nowhere.crmmap.yaml",), 2), ((), 2), ((PACK, "--format", "yaml"), 2), ((PACK, "--shema", "x"), 2),
        ((PACK, "--schema", "none.yaml"), 2), ((PACK, "--schema"), 2), (("--help",), 0),
    ],
)  # fmt: skip
def test_mistakes_of_the_call(call, words, code):
    got, out, err = call("mapping", "lint", *words)
    assert got == code
    assert out or err


def test_a_folder_without_mapping_files(call, tmp_path):
    code, _, err = call("mapping", "lint", tmp_path)
    assert code == 2
    assert "[mapping.none]" in err


def test_the_columns_of_data_must_all_be_mapped_or_ignored(call, tmp_path):
    data = tmp_path / "客户.csv"
    data.write_text("员工编号,姓名,部门,手机,邮箱,状态,离职日期,交接人,工号\n1,甲,,,,在职,,,\n", "utf-8")
    code, out, _ = call("mapping", "lint", PACK / "user.crmmap.yaml", "--data", data, "--work", tmp_path / "work")
    assert code == 1
    assert "the source column '工号' is neither mapped nor ignored [mapping.unmapped-column]" in out


@pytest.mark.parametrize(("column", "words", "shown"), [
    ("状态", ["在职", "离职", "返聘"], True), ("姓名", ["张伟", "李娜", "王芳", "赵敏", "陈静"], False),
])  # fmt: skip
def test_words_without_a_target_are_named_unless_they_are_personal(call, tmp_path, column, words, shown):
    data = tmp_path / "员工.csv"
    data.write_text("\n".join(["工号," + column, *(f"{n},{words[n % len(words)]}" for n in range(40))]), "utf-8")
    path = tmp_path / "user.crmmap.yaml"
    path.write_text(
        "version: 1\nobject: user\nsource: {table: 员工}\ntarget: {table: users}\nmatch: {on: [number]}\nfields:\n"
        f"  number: {{from: 工号}}\n  state: {{from: {column}, values: {{在职: active}}, unmapped: blank}}\n",
        "utf-8",
    )
    _, out, _ = call("mapping", "lint", path, "--data", data, "--work", tmp_path / "work")
    assert "mapping.values-uncovered" in out
    assert any(word in out for word in words if word != "在职") is shown


def test_what_is_unusual_is_left_to_the_command_line():
    assert quick(["mapping", "lint"]) is None
    assert quick(["mapping", "lint", "x", "--data", "y"]) is None
    assert quick(["mapping", "lint", "--format", "--help"]) is None


def test_the_tests_of_the_pack_pass(call):
    code, out, err = call("mapping", "test", PACK)
    assert (code, out) == (0, "")
    assert "0 failed" in err


def test_a_test_that_fails_says_where_and_what(call, pack):
    path = pack / "order.crmmap.yaml"
    path.write_text(path.read_text("utf-8").replace('amount: "88.50"', 'amount: "88.5"'), "utf-8")
    code, out, err = call("mapping", "test", path)
    assert code == 1
    assert "amount: expected '88.5', got '88.50' [mapping.test-failed]" in out
    assert "0 tests passed, 1 failed" in err
    code, out, _ = call("mapping", "test", path, "--format", "json")
    assert json.loads(out)["counts"] == {"passed": 0, "failed": 1}


@pytest.fixture
def project(tmp_path):
    folder = tmp_path / "project"
    lay_out(folder, "b2b")
    return folder


def test_the_project_says_how_severe_a_rule_is(call, project):
    path = project / "mappings" / "user.crmmap.yaml"
    text = path.read_text("utf-8")
    path.write_text(text[: text.index("tests:")], "utf-8")
    settings = project / "migration.yaml"
    plain = settings.read_text("utf-8")
    assert call("mapping", "lint", path)[0] == 0
    settings.write_text(plain + "lint: {mapping.no-tests: error}\n", "utf-8")
    code, out, _ = call("mapping", "lint", path)
    assert (code, "warning" in out) == (1, False)
    settings.write_text(plain + "lint: {mapping.no-tests: off}\n", "utf-8")
    assert call("mapping", "lint", path)[:2] == (0, "")
    settings.write_text(plain + "lint: {mapping.no-test: off, mapping.dead-rule: never}\n", "utf-8")
    code, out, _ = call("mapping", "lint", path)
    assert code == 1
    assert (
        f"{settings}:{len(plain.splitlines()) + 1}:8: no rule of lint is called 'mapping.no-test' [lint.unknown-rule]"
        in out
    )
    assert "did you mean 'mapping.no-tests'?" in out
    assert "[lint.severity]" in out


def test_the_snapshot_that_the_project_names_is_looked_at(call, project):
    path = project / "mappings" / "user.crmmap.yaml"
    path.write_text(path.read_text("utf-8").replace("department:", "departement:"), "utf-8")
    code, out, _ = call("mapping", "lint", project / "mappings")
    assert code == 1
    assert "the target's table has no column 'departement' [mapping.unknown-target]" in out


def test_fix_mends_what_is_certain_and_leaves_every_other_byte(call, pack):
    path = pack / "contact.crmmap.yaml"
    sound = path.read_bytes()
    broken = sound.decode("utf-8").replace("do: [lower, {truncate: 255}]", "do: [lowr, lower, {trunkate: 255}]")
    broken = broken.replace("  - 客户编号  # travels", "  - ADR\n  - 客户编号  # travels").replace(
        "policy: fill_empty", "polcy: fill_empty"
    )
    path.write_text(broken.replace("\n", "\r\n"), "utf-8", newline="")
    code, out, err = call("mapping", "lint", path, pack / "account.crmmap.yaml", "--fix")
    assert (code, out) == (0, "")
    assert "4 findings mended" in err
    assert path.read_bytes().replace(b"\r\n", b"\n") == sound.replace(b"  - ADR\n", b"").replace(
        b"  - \xe5\xae\xa2\xe6\x88\xb7\xe7\xbc\x96\xe5\x8f\xb7  # t",
        b"  - ADR\n  - \xe5\xae\xa2\xe6\x88\xb7\xe7\xbc\x96\xe5\x8f\xb7  # t",
    )
    assert b"\r\n" in path.read_bytes()


def test_fix_does_nothing_where_nothing_is_certain(call, pack):
    path = pack / "contact.crmmap.yaml"
    before = path.read_bytes().replace("from: 姓名,".encode(), "const: x, from: 姓名,".encode())
    path.write_bytes(before)
    code, _, err = call("mapping", "lint", path, pack / "account.crmmap.yaml", "--fix")
    assert code == 1
    assert "0 findings mended" in err
    assert path.read_bytes() == before


def test_fix_leaves_a_file_whose_tabs_only_one_parser_takes(call, pack):
    path = pack / "contact.crmmap.yaml"
    path.write_text(
        path.read_text("utf-8").replace("target: {table: ", "target: {table:\t").replace("lower", "lowr"), "utf-8"
    )
    before = path.read_bytes()
    code, out, err = call("mapping", "lint", path, pack / "account.crmmap.yaml", "--fix")
    assert (code, path.read_bytes()) == (1, before)
    assert "unknown-standard" in out
    assert "0 findings mended" in err


def test_what_no_test_touches_is_told(call):
    code, out, err = call("mapping", "test", PACK / "ticket.crmmap.yaml")
    assert (code, out) == (0, "")
    assert "tests touch 6 of 12 fields and 2 of 11 mapped values" in err
    assert "no test of: external_id, contact_name, phone, category, opened_at, handler_id" in err
    assert "no test of status with: open, in_progress, resolved" in err
    code, out, _ = call("mapping", "test", PACK / "ticket.crmmap.yaml", "--format", "json")
    [covered] = json.loads(out)["coverage"].values()
    assert (covered["fields"], len(covered["untouched_fields"]), covered["values"]) == (12, 6, 11)
    assert {"field": "status", "value": "open"} in covered["untouched_values"]


def test_the_target_itself_may_have_changed(call, tmp_path):
    call("target", "create", f"sqlite:///{tmp_path / 'crm.db'}", "--schema", PACK / "schema.yaml")
    words = ("mapping", "lint", PACK, "--schema", PACK / "schema.yaml", "--live", f"sqlite:///{tmp_path / 'crm.db'}")
    assert call(*words)[:2] == (0, "")


def test_options_of_standards_are_known_without_importing_them():
    from crmmigrate import standards

    for name in standards.NAMES:
        assert standard_options(name) == standards.load(name).options
