"""dedupe: golden records, a complete crosswalk, repointed children, decisions that hold."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from crmmigrate.errors import ConfigurationError, Findings
from crmmigrate.matching import COMPARATORS, comparator
from crmmigrate.matching.roles import ROLES
from crmmigrate.messages import Message
from crmmigrate.model.ambiguous import CANDIDATE_COLUMNS, CANDIDATES, CHILD_COLUMNS, CHILDREN
from crmmigrate.model.decision import Decision, ReviewGroup, ReviewRow, Verdict, latest, torn
from crmmigrate.model.dedupe import ColumnRule, DedupeRules, parse_never, read_dedupe
from crmmigrate.model.issue import ASIDE_COLUMNS, text_frame
from crmmigrate.model.project import Project
from crmmigrate.model.stage import Job, Query
from crmmigrate.model.table import Table, Tables
from crmmigrate.reports.review import read_review, write_review
from crmmigrate.runner.decisions import kept_decisions, remembered
from crmmigrate.runner.tables import Materialiser, TableWriter
from crmmigrate.stages.dedupe import DECISIONS, REPORT, REVIEW_BOOK, DedupeOptions, dedupe

PACK = Path(__file__).parents[2] / "mappings" / "b2b"
ACCOUNTS = pd.DataFrame(
    [
        [
            "crm/1",
            "o!1",
            "杭州启明精密机械有限公司",
            None,
            "0571-88886666",
            "杭州市西湖区文三路1号",
            "2024-01-01",
            "老客户",
        ],
        ["crm/2", "o!2", "宁波远航国际贸易有限公司", "A级", "0574-77776666", None, "2023-01-01", None],
        ["erp/1", "o!3", "启明机械", "B级", "+86571 88886666", None, "2025-01-01", None],
        ["erp/2", "o!4", "杭州启明精密机械", None, "0571-11112222", None, None, None],
    ],
    columns=["_record", "_origin", "客户名称", "级别", "电话", "详细地址", "更新", "备注"],
    dtype="str",
)
CONTACTS = pd.DataFrame(
    [
        ["c/1", "p!1", "crm/1", "张伟", None],
        ["c/2", "p!2", "erp/1", "张伟", "zw"],
        ["c/3", "p!3", "crm/2", "张伟", None],
    ],
    columns=["_record", "_origin", "_ref_account", "姓名", "微信"],
    dtype="str",
)
VISITS = pd.DataFrame(
    [["v/3", "q!1", "erp/1", "c/2"], ["v/1", "q!2", None, None], ["v/2", "q!3", "gone/1", "c/3"]],
    columns=["_record", "_origin", "_ref_account", "_ref_contact"],
    dtype="str",
)
CITIES = pd.DataFrame([["x/1", "r!1", "杭州"]], columns=["_record", "_origin", "城市"], dtype="str")


@pytest.fixture
def tables(tmp_path):
    return stored(tmp_path, account=ACCOUNTS, contact=CONTACTS, visit=VISITS, city=CITIES)


def stored(folder, **frames: pd.DataFrame) -> Tables:
    made = {}
    for name, frame in frames.items():
        writer = TableWriter(name, folder / f"{name}.parquet")
        writer.write(frame)
        made[name] = writer.close()
    return Tables(made)


def run(tables: Tables, options: DedupeOptions, folder: Path):
    """Run the stage as the runner does and return (result, output frames)."""
    result = dedupe.function(Job(tables, options, "r", lambda rows: None))
    folder.mkdir(exist_ok=True)
    writer = Materialiser(tables, lambda name: folder / f"{name}.parquet", lambda rows: None)
    return result, {name: writer.write(name, content).frame() for name, content in result.tables.items()}


def test_records_merge_and_children_follow(tables, tmp_path):
    result, out = run(tables, DedupeOptions(), tmp_path / "out")
    assert out["account"]["_record"].tolist() == ["crm/1", "crm/2", "erp/2"]
    # The contacts of merged accounts are colleagues now, so the second object sees one account.
    assert out["contact"]["_record"].tolist() == ["c/2", "c/3"]
    assert out["contact"]["_ref_account"].tolist() == ["crm/1", "crm/2"]
    assert out["visit"]["_record"].tolist() == ["v/3", "v/1", "v/2"]
    assert out["visit"]["_ref_account"].fillna("").tolist() == ["crm/1", "", "gone/1"]
    assert out["visit"]["_ref_contact"].fillna("").tolist() == ["c/2", "", "c/3"]
    assert isinstance(result.tables["city"], Query)
    assert out["city"].equals(CITIES)


def test_the_golden_record_takes_what_the_survivor_lacks(tables, tmp_path):
    _, out = run(tables, DedupeOptions(), tmp_path / "out")
    golden = out["account"].set_index("_record").loc["crm/1"]
    assert golden["客户名称"] == "杭州启明精密机械有限公司"
    assert golden["级别"] == "B级"
    assert golden["_origin"] == "o!1"


@pytest.mark.parametrize(
    ("policy", "phone"),
    [("most_complete", "0571-88886666"), ("newest", "+86571 88886666"), ("longest", "+86571 88886666"),
     ("source_priority", "+86571 88886666"), ("union", "0571-88886666; +86571 88886666"), ("most_frequent", "0571-88886666")],
)  # fmt: skip
def test_survivorship(tables, tmp_path, policy, phone):
    columns = {"name": ColumnRule(("客户名称",)), "phone": ColumnRule(("电话",))}
    rules = DedupeRules(1, "account", columns, survivorship={"电话": policy}, sources=("erp", "crm"), updated="更新")
    _, out = run(tables, DedupeOptions((rules,)), tmp_path / "out")
    assert out["account"].set_index("_record").loc["crm/1", "电话"] == phone


def test_a_union_keeps_an_extension_with_its_number(tmp_path):
    frame = ACCOUNTS.assign(电话=["+8657488886666;ext=802", None, "+8613911112222;+8657488886666;ext=802", None])
    columns = {"name": ColumnRule(("客户名称",)), "phone": ColumnRule(("电话",))}
    rules = DedupeRules(1, "account", columns, survivorship={"电话": "union"})
    frame.loc[2, "客户名称"] = frame.loc[0, "客户名称"]
    _, out = run(stored(tmp_path, account=frame), DedupeOptions((rules,)), tmp_path / "out")
    merged = out["account"].set_index("_record").loc["crm/1", "电话"]
    assert merged == "+8657488886666;ext=802; +8613911112222"


def test_every_record_is_in_the_crosswalk_once_and_merged_ones_are_set_aside(tables, tmp_path):
    result, out = run(tables, DedupeOptions(), tmp_path / "out")
    walk = out["crosswalk"]
    assert list(walk.columns) == ["object", "_record", "survivor", "key", "survivor_key", "_mark"]
    assert sorted(walk["_record"]) == sorted([*ACCOUNTS["_record"], *CONTACTS["_record"]])
    aside = pd.concat([some.to_pandas() for some in result.aside])
    assert list(aside.columns) == list(ASIDE_COLUMNS)
    merged = walk[walk["_record"] != walk["survivor"]]
    assert dict(zip(aside["_record"], aside["into"], strict=True)) == dict(
        zip(merged["_record"], merged["survivor"], strict=True)
    )
    assert set(aside["code"]) == {"dedupe.merged"}
    for name, frame in {"account": ACCOUNTS, "contact": CONTACTS}.items():
        assert set(out[name]["_record"]) | set(aside.loc[aside["table"] == name, "_record"]) == set(frame["_record"])
    assert set(walk["survivor"]) <= set(out["account"]["_record"]) | set(out["contact"]["_record"])


def test_pairs_are_scored_and_explained(tables, tmp_path):
    result, out = run(tables, DedupeOptions(), tmp_path / "out")
    pair = out["pairs"].set_index(["record_a", "record_b"]).loc[("crm/1", "erp/1")]
    assert pair["decision"] == "merge"
    assert float(pair["probability"]) >= 0.95
    assert pair["levels"].startswith("name.short; phone.same")
    assert "客户名称: one name is short for the other (+" in pair["explanation"]
    assert float(pair["weight_phone"]) > 0
    assert result.facts["account"]["merged"] == 1


def test_what_is_not_sure_is_asked_and_decided(tables, tmp_path):
    result, _ = run(tables, DedupeOptions(), tmp_path / "out")
    assert [report.name for report in result.reports] == [REPORT, REVIEW_BOOK]
    assert len(result.findings) == 1
    book = tmp_path / "review.xlsx"
    result.reports[1].write(book, "en")
    decide(book, "Merge")
    decisions = read_review(book)
    assert [(d.record_a, d.record_b, d.verdict) for d in decisions] == [("crm/1", "erp/2", "merge")]
    again, out = run(tables, DedupeOptions(decisions=(decisions,)), tmp_path / "again")
    assert out["account"]["_record"].tolist() == ["crm/1", "crm/2"]
    assert [report.name for report in again.reports] == [REPORT]
    decide(book, "不合并")
    apart, out = run(tables, DedupeOptions(decisions=(read_review(book),)), tmp_path / "apart")
    assert out["account"]["_record"].tolist() == ["crm/1", "crm/2", "erp/2"]
    assert [report.name for report in apart.reports] == [REPORT]
    assert apart.findings == []


def decide(book: Path, word: str) -> None:
    """Write `word` into every row that is not a leading one."""
    from openpyxl import load_workbook

    workbook = load_workbook(book)
    sheet = workbook["account"]
    header = [cell.value for cell in sheet[1]]
    for row in sheet.iter_rows(min_row=2):
        cells = dict(zip(header, row, strict=True))
        if cells["_record"].value != cells["_leading"].value:
            cells["Decision"].value = word
    workbook.save(book)


def test_people_win_over_never_rules_but_are_told(tables, tmp_path):
    decision = Decision.of("account", "crm/2", "crm/1", "merge")
    rules = DedupeRules(
        1, "account", {"name": ColumnRule(("客户名称",)), "phone": ColumnRule(("电话",))}, never=("different phone",)
    )
    result, out = run(tables, DedupeOptions((rules,), decisions=((decision,),)), tmp_path / "out")
    assert len(set(out["crosswalk"].set_index("_record").loc[["crm/1", "crm/2"], "survivor"])) == 1
    assert any("against a never rule, and that were done: 1" in finding.text() for finding in result.findings)
    pair = out["pairs"].set_index(["record_a", "record_b"]).loc[("crm/1", "crm/2")]
    assert pair["decision"] == "merge"
    assert pd.isna(pair["never"])


def test_the_last_of_contradicting_decisions_holds():
    first, second = Decision.of("account", "b", "a", "merge"), Decision.of("account", "a", "b", "separate")
    kept, contradictions = latest([first, second, Decision.of("account", "a", "c", "undecided")])
    assert kept == [second]
    assert contradictions == [(first, second)]


TRIANGLE = [("crm/1", "crm/2", "merge"), ("erp/2", "crm/2", "separate"), ("erp/2", "crm/1", "merge")]


def test_what_people_keep_apart_is_never_merged_in_silence(tables, tmp_path):
    """Two merges would close the triangle over a pair that is to stay apart: refused with the row that says so."""
    decisions = tuple(
        Decision.of("account", one, other, verdict, place=f"review.xlsx!account!{row}")
        for row, (one, other, verdict) in enumerate(TRIANGLE, start=2)
    )
    with pytest.raises(Findings) as error:
        run(tables, DedupeOptions(decisions=(decisions,)), tmp_path / "out")
    assert [(found.code, found.place) for found in error.value.errors] == [("review.torn", "review.xlsx!account!3")]
    assert error.value.exit_code == 2
    assert not list(tmp_path.glob("out/*"))
    result, out = run(tables, DedupeOptions(decisions=(decisions[:2],)), tmp_path / "fits")
    walk = out["crosswalk"].set_index("_record")["survivor"]
    assert walk["crm/1"] == walk["crm/2"] != walk["erp/2"]
    assert set(result.facts) >= {"account"}


@pytest.mark.parametrize("longer", [False, True])
def test_torn_decisions_are_found_over_any_number_of_records(longer):
    way = ["a", "b", "c", "d"] if longer else ["a", "b"]
    merges = [Decision.of("account", one, other, "merge") for one, other in zip(way, [*way[1:], "z"], strict=True)]
    apart = Decision.of("account", "z", "a", "separate")
    assert torn([*merges, apart]) == [apart]
    assert torn([*merges[:-1], apart]) == []
    assert torn([*merges[:-1], Decision.of("contact", way[-1], "z", "merge"), apart]) == []


def workbook(path: Path, decided: list[tuple[str, str, Verdict]]) -> Path:
    """Write a review workbook as a person leaves it."""
    from openpyxl import load_workbook

    groups = [
        ReviewGroup("account", (), (
            ReviewRow(one, "", None, None, (), {}), ReviewRow(other, "", 0.9, Message("similar names"), (), {}),
        ))
        for one, other, _ in decided
    ]  # fmt: skip
    write_review(path, "en", groups)
    book = load_workbook(path)
    header = [cell.value for cell in book["account"][1]]
    for row, (_, _, verdict) in enumerate(decided):
        word = {"merge": "Merge", "separate": "Keep apart"}[verdict]
        book["account"].cell(3 + 2 * row, header.index("Decision") + 1, word)
    book.save(path)
    return path


def test_a_workbook_whose_decisions_cannot_all_hold_is_not_kept(tmp_path):
    project = Project(1, {}, folder=tmp_path)
    first = workbook(tmp_path / "first.xlsx", TRIANGLE[:2])
    second = workbook(tmp_path / "second.xlsx", TRIANGLE[2:])
    whole = workbook(tmp_path / "whole.xlsx", TRIANGLE)
    with pytest.raises(Findings) as error, remembered(project, whole):
        pass
    assert (error.value.code, error.value.place) == ("review.torn", "whole.xlsx!account!5")
    assert not (tmp_path / DECISIONS).exists()
    with remembered(project, first):
        assert len(kept_decisions(project)) == 2
    with pytest.raises(Findings) as error, remembered(project, second):
        pass
    assert error.value.code == "review.torn"
    assert len(list((tmp_path / DECISIONS).iterdir())) == 1
    # A later decision about the pair makes the group fit together.
    repaired = workbook(tmp_path / "repaired.xlsx", [*TRIANGLE[2:], ("erp/2", "crm/2", "merge")])
    with remembered(project, repaired):
        pass
    assert torn(latest(kept_decisions(project))[0]) == []


def test_another_error_of_the_run_leaves_the_workbook_kept(tmp_path):
    project = Project(1, {}, folder=tmp_path)
    with pytest.raises(ConfigurationError), remembered(project, workbook(tmp_path / "first.xlsx", TRIANGLE[:2])):
        raise ConfigurationError("project.no-target", Message("something else"))
    assert len(list((tmp_path / DECISIONS).iterdir())) == 1
    assert not project.brought


@pytest.mark.parametrize(("standing", "refused"), [(0, True), (1, False)])
def test_a_workbook_about_no_record_that_is_there_is_refused_when_it_is_new(tmp_path, standing, refused):
    tables = stored(tmp_path, account=ACCOUNTS)
    strange = (Decision.of("account", "other/1", "other/2", "merge", place="b.xlsx!account!2", book="b.xlsx"),)
    if not refused:
        result, _ = run(tables, DedupeOptions(decisions=(strange,), standing=standing), tmp_path / "out")
        assert any("not there any more: 1" in note.text() for note in result.notes)
        return
    with pytest.raises(Findings) as error:
        run(tables, DedupeOptions(decisions=(strange,), standing=standing), tmp_path / "out")
    assert (error.value.code, error.value.place) == ("review.strange", "b.xlsx")


def test_a_workbook_of_which_some_records_are_there_is_taken(tmp_path):
    tables = stored(tmp_path, account=ACCOUNTS, contact=CONTACTS)
    half = (
        Decision.of("account", "other/1", "other/2", "merge", place="b.xlsx!account!2", book="b.xlsx"),
        Decision.of("account", "crm/1", "other/3", "separate", place="b.xlsx!account!3", book="b.xlsx"),
    )
    run(tables, DedupeOptions(decisions=(half,)), tmp_path / "out")
    contacts = (Decision.of("contact", "gone/1", "gone/2", "separate", place="c.xlsx!contact!2", book="c.xlsx"),)
    with pytest.raises(Findings) as error:
        run(tables, DedupeOptions(decisions=(half, contacts), standing=1), tmp_path / "refused")
    assert [one.place for one in error.value.errors] == ["c.xlsx"]


@pytest.mark.parametrize("kind", ["account", "contact"])
def test_an_earlier_workbook_of_records_that_have_left_waits_beside_a_later_one(tmp_path, kind):
    tables = stored(tmp_path, account=ACCOUNTS, contact=CONTACTS)
    gone = (Decision.of(kind, "crm/8", "crm/9", "merge", place=f"a.xlsx!{kind}!2", book="a.xlsx"),)
    there = (Decision.of("account", "crm/1", "erp/1", "separate", place="b.xlsx!account!2", book="b.xlsx"),)
    result, _ = run(tables, DedupeOptions(decisions=(gone, there)), tmp_path / "out")
    assert [note.text() for note in result.notes if "not there any more: 1" in note.text()]
    with pytest.raises(Findings) as error:
        run(tables, DedupeOptions(decisions=(gone, gone)), tmp_path / "refused")
    assert [one.code for one in error.value.errors] == ["review.strange"] * 2


def test_a_parent_that_was_merged_into_its_child_is_no_parent(tmp_path):
    frame = ACCOUNTS.assign(_ref_account=[None, None, "crm/1", "erp/1"]).astype("str")
    _, out = run(stored(tmp_path, account=frame), DedupeOptions(), tmp_path / "out")
    assert out["account"]["_ref_account"].fillna("").tolist() == ["", "", "crm/1"]


@pytest.mark.parametrize(("frame", "kind"), [(ACCOUNTS, "account"), (CONTACTS, "contact")])
def test_one_table_alone_finds_its_columns(tmp_path, frame, kind):
    result, _ = run(stored(tmp_path, 表=frame), DedupeOptions(), tmp_path / "out")
    assert list(result.facts) == [kind]


@pytest.mark.parametrize(
    ("headers", "kind"),
    [(("KHMC", "LXDH"), "account"), (("col1", "col2"), "account"), (("项目名称", "甲"), "account"), (("xm", "sjh"), "contact")],
)  # fmt: skip
def test_headers_that_say_nothing_leave_it_to_the_values(tmp_path, headers, kind):
    names = (
        ["苏州昌岳轴承有限公司", "杭州启明机电有限公司", "宁波大成模具厂", "温州鼎隆贸易商行"]
        if kind == "account"
        else ["李建国", "王芳", "周强", "陈静怡"]
    )
    numbers = ["13805712233", "15805712299", "13905740066", "18657788654"]
    frame = pd.DataFrame(
        {"_record": [f"t/{row}" for row in range(4)], headers[0]: names, headers[1]: numbers}, dtype="str"
    )
    result, _ = run(stored(tmp_path, 表=frame), DedupeOptions(), tmp_path / "out")
    assert list(result.facts) == [kind]
    assert all(f"{name} (" in str(result.notes[0]) for name in headers)


@pytest.mark.parametrize(
    ("options", "code"),
    [(DedupeOptions(object="account"), "dedupe.no-columns"),
     (DedupeOptions((DedupeRules(1, "account", {"name": ColumnRule(("名称",))}),)), "dedupe.no-columns")],
)  # fmt: skip
def test_a_table_without_the_columns_is_refused(tmp_path, options, code):
    with pytest.raises(ConfigurationError) as error:
        run(stored(tmp_path, city=CITIES), options, tmp_path / "out")
    assert error.value.code == code


def test_rules_for_an_object_that_is_not_there(tables, tmp_path):
    with pytest.raises(ConfigurationError) as error:
        run(tables, DedupeOptions((DedupeRules(1, "acount", {"name": ColumnRule(("客户名称",))}),)), tmp_path / "out")
    assert error.value.code == "dedupe.unknown-object"
    assert "account" in error.value.text()


@pytest.mark.parametrize("name", ["account", "contact"])
def test_the_rules_of_the_pack_are_right(name):
    rules = read_dedupe(PACK / f"dedupe.{name}.yaml", dict.fromkeys(ROLES, ""), COMPARATORS)
    assert rules.object == name
    assert len(rules.rules) == len(rules.never) > 0


@pytest.mark.parametrize(
    ("never", "expected"),
    [("", ("different branch", "different region", "only shared phone")), ("never:\n", ("different branch", "different region", "only shared phone")),
     ("never: []\n", ()), ("never: [only shared phone]\n", ("only shared phone",))],
)  # fmt: skip
def test_only_an_empty_list_switches_the_built_in_never_rules_off(tmp_path, never, expected):
    path = tmp_path / "dedupe.yaml"
    path.write_text(f"version: 1\nobject: account\ncolumns: {{name: 客户名称, phone: 电话}}\n{never}", encoding="utf-8")
    (rules,) = DedupeOptions.from_project(Project(1, {}, dedupe=("dedupe.yaml",), folder=tmp_path)).rules
    assert rules.never == expected
    assert len(rules.rules) == len(expected)


def test_people_have_never_rules_of_their_own(tmp_path):
    path = tmp_path / "dedupe.yaml"
    path.write_text("version: 1\nobject: contact\ncolumns: {name: 姓名, mobile: 手机, parent: _ref_account}\n", "utf-8")
    (rules,) = DedupeOptions.from_project(Project(1, {}, dedupe=("dedupe.yaml",), folder=tmp_path)).rules
    assert rules.never == ("different parent without shared mobile", "only shared mobile")


def test_everything_wrong_in_a_rules_file_is_said_at_once(tmp_path):
    path = tmp_path / "dedupe.yaml"
    path.write_text(
        "version: 1\nobject: account\ncolumns: {nme: 客户名称, phone: {columns: 电话, compare: fone}}\n"
        "thresholds: {merge: 0.5, review: 0.7}\nnever: [different colour, same name]\nsurvivorship: {电话: best}\n",
        encoding="utf-8",
    )
    with pytest.raises(Findings) as error:
        read_dedupe(path, dict.fromkeys(ROLES, ""), COMPARATORS)
    codes = [found.code for found in error.value.errors]
    assert sorted(codes) == ["dedupe.never", "dedupe.thresholds", "dedupe.unknown-comparator", "dedupe.unknown-role",
                             "dedupe.unknown-role", "yaml.not-allowed"]  # fmt: skip
    assert "dedupe.yaml:3:11" in error.value.text()
    assert "did you mean 'name'?" in error.value.text()


@pytest.mark.parametrize(
    ("text", "subject", "without"),
    [("different credit_code", "credit_code", ()), ("different  parent without shared mobile, email", "parent", ("mobile", "email")),
     ("only shared phone", "phone", ())],
)  # fmt: skip
def test_never_rules_are_taken_apart(text, subject, without):
    rule = parse_never(text)
    assert rule is not None
    assert (rule.subject, rule.without) == (subject, without)
    assert parse_never(f"not {text}") is None


@pytest.mark.parametrize("name", COMPARATORS)
def test_every_comparator_has_levels_that_add_up(name):
    levels = comparator(name).LEVELS
    assert sum(level.m for level in levels) == pytest.approx(1, abs=0.35)
    assert all(0 < level.m < 1 and 0 < level.u < 1 and level.title.text() for level in levels)
    assert levels[0].m > levels[0].u
    assert levels[-1].m < levels[-1].u


def test_no_comparator_of_that_name():
    with pytest.raises(KeyError):
        comparator("weather")


def test_a_table_is_left_alone_where_nothing_can_be_compared(tmp_path):
    frame = pd.DataFrame({"_record": ["a", "b"], "_origin": ["x", "y"], "客户名称": [None, None]}, dtype="str")
    result, out = run(stored(tmp_path, account=frame), DedupeOptions(), tmp_path / "out")
    assert out["account"]["_record"].tolist() == ["a", "b"]
    assert isinstance(Table("account", tmp_path / "account.parquet").rows, int)
    assert result.aside == []


def test_an_object_that_stands_alone_is_found_beside_children_of_several_parents(tmp_path: Path) -> None:
    """The shipped rules are for the one object there is; what is told of its children is none."""
    given = {
        "customer": ACCOUNTS.assign(_ref_customer=pd.Series(None, index=ACCOUNTS.index, dtype="str")),
        CHILDREN: text_frame([("customer", "crm/2", "o!2", "customer", "上级", "K", "K", "true")], CHILD_COLUMNS),
        CANDIDATES: text_frame([("customer", name, "K") for name in ("crm/1", "erp/1")], CANDIDATE_COLUMNS),
    }
    tables = {}
    for name, frame in given.items():
        writer = TableWriter(name, tmp_path / f"{name}.parquet")
        writer.write(frame)
        tables[name] = Table(name, writer.close().path)
    result = dedupe.function(Job(Tables(tables), DedupeOptions(object="account"), "r", lambda rows: None))
    assert result.facts["account"]["records"] == len(ACCOUNTS)
