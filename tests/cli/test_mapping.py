"""`mapping lint` and `mapping test` as a user calls them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from crmmigrate.cli import main
from crmmigrate.cli.lint import quick, standard_options

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
        (("nowhere.crmmap.yaml",), 3), ((), 2), ((PACK, "--format", "yaml"), 2), ((PACK, "--shema", "x"), 2),
        ((PACK, "--schema", "none.yaml"), 3), ((PACK, "--schema"), 2), (("--help",), 0),
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


def test_options_of_standards_are_known_without_importing_them():
    from crmmigrate import standards

    for name in standards.NAMES:
        assert standard_options(name) == standards.load(name).options
