"""User acceptance: people get their own customers, what they say is counted, and a workbook that was tampered with is not."""

from __future__ import annotations

import re
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from openpyxl import load_workbook
from tests.runner.small_migration import opened

from crmmigrate.checks.gates import judge
from crmmigrate.cli import main
from crmmigrate.cli.root import root
from crmmigrate.errors import ConfigurationError, Findings
from crmmigrate.messages import speak
from crmmigrate.model.acceptance import STAGE_RESULT
from crmmigrate.model.gate import GateSpec
from crmmigrate.runner.acceptance import build, draw
from crmmigrate.runner.acceptance_collect import collect
from crmmigrate.runner.evidence import gather
from crmmigrate.runner.workspace import Workspace

TODAY = datetime.now(UTC).date()


def handed_out(folder: Path, **options) -> dict[str, Path]:
    made = build(opened(folder), folder / "out", **options)
    return {user: book for user, (book, _, _) in made.books.items()}


def answer(book: Path, sheet: int, verdict: str, where=lambda row: True, **others: str) -> int:
    """Choose a verdict in the rows that `where` picks, by header; return how many."""
    workbook = load_workbook(book)
    page = workbook.worksheets[sheet]
    titles = [cell.value for cell in page[1]]
    count = 0
    for cells in page.iter_rows(min_row=2):
        row = {title: cell.value for title, cell in zip(titles, cells, strict=True)}
        if where(row):
            count += 1
            for title, value in {"Your verdict": verdict, **others}.items():
                cells[titles.index(title)].value = value
    workbook.save(book)
    return count


def sign(book: Path, name: str, agreed: str = "yes", day: object = "") -> None:
    workbook = load_workbook(book)
    page = workbook.worksheets[-1]
    page["B2"], page["C2"], page["F2"] = name, agreed, day or str(TODAY)
    workbook.save(book)


def rows_of(book: Path, sheet: int) -> list[dict[str, str]]:
    page = load_workbook(book).worksheets[sheet]
    titles, *rows = page.iter_rows(values_only=True)
    return [dict(zip(titles, row, strict=True)) for row in rows]


def test_everyone_gets_a_random_part_of_their_own_customers(folder):
    books = handed_out(folder, share=0.3)
    assert set(books) == {"慕容晓燕", "上官云飞"}, "who left is followed to the successor"
    assert {user: len(rows_of(book, 1)) for user, book in books.items()} == {"慕容晓燕": 3, "上官云飞": 3}
    assert len(rows_of(handed_out(folder, share=0.01, prove=0.2)["慕容晓燕"], 1)) == 7, "14 of 20 prove 20 %"
    with pytest.raises(ConfigurationError, match=r"uat\.share"):
        handed_out(folder, share=20)


def test_old_and_new_stand_side_by_side_in_words(folder):
    details = rows_of(handed_out(folder, share=1)["上官云飞"], 2)
    own = [row for row in details if row["Customer"] == "第2号精密仪器有限公司"]
    assert [row["Field"] for row in own if row["Kind of record"] == "客户"] == [
        None, "名称 → 客户名称", "行业 → industry", "地址 → address", "邮箱 → email", "负责人 → owner_id",
    ]  # fmt: skip
    by_field = {row["Field"]: row for row in own}
    assert by_field["行业 → industry"]["New system"] == "制造业 (C)"
    assert (by_field["负责人 → owner_id"]["Old system"], by_field["负责人 → owner_id"]["New system"]) == (
        "尉迟国强",
        "上官云飞",
    )
    assert (by_field["手机 → mobile"]["Old system"], by_field["手机 → mobile"]["New system"]) == (
        "139 1274 0002",
        "+8613912740002",
    )
    assert by_field["手机 → mobile"]["Source row"] == "联系人.csv!3"


def test_a_record_that_did_not_arrive_is_shown_with_the_reason(folder):
    book = handed_out(folder, share=1)["上官云飞"]
    whole = next(row for row in rows_of(book, 1) if row["Customer"] == "第20号精密仪器有限公司")
    assert whole["Records: old → new system"] == "联系人 1 → 0"
    lost = [
        row for row in rows_of(book, 2) if row["Customer"] == whole["Customer"] and row["Kind of record"] == "联系人"
    ]
    assert [row["New system"] for row in lost] == ["not in the new system: a required value is missing"]


def test_verdicts_are_counted_by_customer_and_prove_what_they_prove(folder):
    books = handed_out(folder, share=0.5)
    for user, book in books.items():
        assert answer(book, 1, "right") == 5
        sign(book, user)
    answer(books["慕容晓燕"], 2, "错误", lambda row: row["Field"] == "手机 → mobile", Comment="换号了")
    got = collect(opened(folder), tuple(books.values()))
    found = got.conclusion
    assert (found.population, found.drawn, found.judged) == (20, 10, 10)
    assert (found.count("right"), found.count("wrong"), found.complete) == (5, 5, True)
    assert found.bound == pytest.approx(0.7776, abs=1e-4), "5 of 10"
    assert found.signed_share == 0.5
    assert found.records["contact"]["wrong"] == 5
    assert {one.judged.comment for one in got.findings} == {"换号了"}
    report = load_workbook(got.reports[0])
    assert report.sheetnames[1:4] == ["Key users", "Records", "What was found"]
    evidence = gather(Workspace(folder / "work"))
    limits = GateSpec(acceptance_error_rate=0.05, acceptance_share=0.2)
    met = {gate.name: gate.met for gate in judge(limits, evidence)}
    assert (met["acceptance_error_rate"], met["acceptance_share"]) == (False, True)


def test_what_is_not_judged_yet_is_no_proof_and_people_are_named(folder):
    books = handed_out(folder, share=0.5)
    answer(books["慕容晓燕"], 1, "right")
    found = collect(opened(folder), (books["慕容晓燕"],)).conclusion
    assert (found.judged, found.count("open"), found.complete, found.signed_share) == (5, 5, False, 0.0)
    assert gather(Workspace(folder / "work")).acceptance_error_rate is None
    assert [user.user for user in found.users if user.signature is None] == ["上官云飞"]


def test_who_does_not_agree_or_sign_is_filed_by_name(folder):
    books = handed_out(folder, share=0.5)
    for book in books.values():
        answer(book, 1, "right")
    sign(books["慕容晓燕"], "慕容晓燕", agreed="no")
    sign(books["上官云飞"], "上官云飞", agreed="")
    got = collect(opened(folder), tuple(books.values()))
    made = Workspace(folder / "work").find(got.run)
    assert (made.facts["signed"], made.facts["waiting"]) == ({}, [])
    assert (made.facts["refused"], made.facts["unsigned"], made.exit_code) == (["慕容晓燕"], ["上官云飞"], 1)


@pytest.mark.parametrize(
    "day", [f"{TODAY:{how}}" for how in ("%Y-%m-%d", "%Y/%m/%d", "%Y年%m月%d日", "%d %b %Y")] + [TODAY]
)
def test_a_signature_has_a_day_however_it_is_written(folder, day):
    book = handed_out(folder, share=0.5)["慕容晓燕"]
    answer(book, 1, "right")
    sign(book, "慕容晓燕", day=day)
    got = collect(opened(folder), (book,))
    made = Workspace(folder / "work").find(got.run)
    assert made.facts["signed"] == {"慕容晓燕": {"by": "慕容晓燕", "on": str(TODAY)}}
    assert got.conclusion.signed_share == 0.25


@pytest.mark.parametrize("day", ["下周三", "next week", "11月28日", "2026-02-30"])
def test_a_signature_whose_day_is_none_does_not_stand_and_is_told_with_its_place(folder, day, capsys):
    book = handed_out(folder, share=0.5)["慕容晓燕"]
    answer(book, 1, "right")
    sign(book, "慕容晓燕", day=day)
    with pytest.raises(SystemExit) as end:
        main(["uat", "collect", str(folder / "migration.yaml"), str(book), "--lang", "en"])
    told = capsys.readouterr().err
    assert end.value.code == 1
    assert re.search(
        rf"慕容晓燕\.xlsx!Sign-off!2: '{day}' is no day that can be told for certain, so the workbook of 慕容晓燕 counts as not signed",
        told,
    )
    made = Workspace(folder / "work").latest(STAGE_RESULT)
    assert made is not None
    assert (made.facts["signed"], made.facts["unsigned"], made.facts["signed_share"]) == ({}, ["慕容晓燕"], 0.0)


@pytest.mark.parametrize("days", [-3650, -2, 2, 34])
def test_a_signature_of_a_day_before_the_load_or_in_the_future_does_not_stand(folder, days, capsys):
    book = handed_out(folder, share=0.5)["慕容晓燕"]
    answer(book, 1, "right")
    sign(book, "慕容晓燕", day=str(TODAY + timedelta(days=days)))
    with pytest.raises(SystemExit) as end:
        main(["uat", "collect", str(folder / "migration.yaml"), str(book), "--lang", "en"])
    assert end.value.code == 1
    assert (
        "lies before the load or after the workbook came back, so the workbook of 慕容晓燕 counts as not signed"
        in capsys.readouterr().err
    )
    made = Workspace(folder / "work").latest(STAGE_RESULT)
    assert made is not None
    assert (made.facts["signed"], made.facts["signed_share"]) == ({}, 0.0)


def test_a_workbook_collected_again_counts_as_it_is_now(folder):
    book = handed_out(folder, share=0.5)["慕容晓燕"]
    answer(book, 1, "wrong")
    assert collect(opened(folder), (book,)).conclusion.count("wrong") == 5
    answer(book, 1, "right")
    assert collect(opened(folder), (book,)).conclusion.count("right") == 5


def test_two_copies_of_one_workbook_that_say_different_things_are_refused(folder):
    book = handed_out(folder, share=0.5)["慕容晓燕"]
    copy = folder / "copy.xlsx"
    shutil.copyfile(book, copy)
    answer(book, 1, "right")
    with pytest.raises(Findings) as refused:
        collect(opened(folder), (copy, book))
    [told] = refused.value.errors
    assert (told.code, told.place, "copy.xlsx" in told.text()) == ("uat.two-answers", str(book), True)
    assert not opened(folder).project.kept_books("acceptance")
    shutil.copyfile(book, copy)
    assert collect(opened(folder), (copy, book)).conclusion.judged == 5, "the same answers twice do no harm"


def test_a_workbook_that_was_put_there_by_hand_counts_and_a_mark_of_excel_does_not(folder):
    book = handed_out(folder, share=0.5)["慕容晓燕"]
    answer(book, 1, "wrong")
    collect(opened(folder), (book,))
    answer(book, 1, "right")
    shutil.copy(book, folder / "acceptance" / "慕容晓燕.xlsx")
    (folder / "acceptance" / "~$慕容晓燕.xlsx").write_bytes(b"\x06Excel")
    found = collect(opened(folder), ()).conclusion
    assert (found.count("right"), found.count("wrong")) == (5, 0), "the newest counts"


def test_verdicts_on_rows_that_changed_since_are_void(folder):
    books = handed_out(folder, share=1)
    for book in books.values():
        answer(book, 1, "right")
    with sa.create_engine(f"sqlite:///{folder / 'work/crm.db'}").begin() as connection:
        connection.execute(sa.text("UPDATE contacts SET mobile = '1' WHERE no LIKE '%/P4'"))
    found = collect(opened(folder), tuple(books.values())).conclusion
    assert (found.count("void"), found.count("right"), found.complete) == (1, 19, False)
    assert found.records["contact"]["void"] == 1


@pytest.mark.parametrize(
    ("column", "value", "why"),
    [
        ("New system", "别的", "shows something else"), ("Old system", "别的", "shows something else"),
        ("_line", "1", "not those that were handed out"), ("_seal", None, "are gone"),
    ],
)  # fmt: skip
def test_an_altered_workbook_is_refused_with_the_place(folder, column, value, why):
    book = handed_out(folder, share=0.5)["慕容晓燕"]
    workbook = load_workbook(book)
    page = workbook.worksheets[2]
    page.cell(4, [cell.value for cell in page[1]].index(column) + 1).value = value
    workbook.save(book)
    with pytest.raises(Findings) as found:
        collect(opened(folder), (book,))
    assert found.value.code == "uat.altered"
    assert why in found.value.text("en")
    assert "Customer 360!4" in found.value.text("en")
    assert not list((folder / "acceptance").glob("*")), "nothing of it is kept"


def test_missing_rows_and_unknown_words_are_refused_together(folder):
    books = handed_out(folder, share=0.5)
    workbook = load_workbook(books["慕容晓燕"])
    workbook.worksheets[2].delete_rows(5, 2)
    workbook.save(books["慕容晓燕"])
    answer(books["上官云飞"], 1, "好的")
    with pytest.raises(Findings) as found:
        collect(opened(folder), tuple(books.values()))
    assert sorted(error.code for error in found.value.errors) == ["uat.altered", "uat.word"]


def test_sorting_and_filtering_do_no_harm(folder):
    book = handed_out(folder, share=1)["慕容晓燕"]
    workbook = load_workbook(book)
    page = workbook.worksheets[2]
    rows = [[cell.value for cell in row] for row in page.iter_rows(min_row=2)]
    for number, row in enumerate(sorted(rows, key=lambda row: str(row[5])), start=2):
        for at, value in enumerate(row, start=1):
            page.cell(number, at).value = value
    workbook.save(book)
    answer(book, 1, "正确")
    assert collect(opened(folder), (book,)).conclusion.count("right") == 10


def test_a_workbook_of_an_earlier_handout_or_load_is_stale(folder):
    book = handed_out(folder, share=0.5)["慕容晓燕"]
    build(opened(folder), folder / "newer", share=0.4)
    with pytest.raises(Findings, match=r"uat\.stale"):
        collect(opened(folder), (book,))
    opened(folder).run("", "load")
    with pytest.raises(ConfigurationError, match=r"uat\.stale") as found:
        collect(opened(folder), (folder / "newer" / "慕容晓燕.xlsx",))
    assert "since then" in found.value.text("en")


def test_the_same_handed_out_again_leaves_what_came_back_good(folder, capsys):
    book = handed_out(folder, share=0.5)["慕容晓燕"]
    answer(book, 1, "right")
    collect(opened(folder), (book,))
    again = build(opened(folder), folder / "again", share=0.5)
    assert again.dropped == 0
    assert collect(opened(folder), ()).conclusion.judged == 5
    assert collect(opened(folder), (book,)).conclusion.judged == 5, (
        "a workbook of the first handout is one of the second"
    )
    project = str(folder / "migration.yaml")
    assert root.main(["uat", "build", project, "--share", "0.2"], standalone_mode=False) == 1
    assert "the verdicts on 5 customers collected so far count no more" in capsys.readouterr().err


def test_answers_that_were_not_collected_are_not_written_over(folder):
    book = handed_out(folder, share=0.5)["慕容晓燕"]
    answer(book, 1, "right")
    with pytest.raises(ConfigurationError, match=r"uat\.uncollected"):
        handed_out(folder, share=0.5)
    collect(opened(folder), (book,))
    handed_out(folder, share=0.5)


def test_chinese_workbooks_speak_chinese_and_come_back_in_any_language(folder):
    speak("zh")
    try:
        book = handed_out(folder, share=0.5)["慕容晓燕"]
        workbook = load_workbook(book)
        assert workbook.sheetnames == ["关于本工作簿", "客户", "客户360", "签字确认"]
        verdicts = workbook["客户360"].data_validations.dataValidation[0]
        assert verdicts.formula1 == '"正确,错误,不确定"'
        page = workbook["客户"]
        for row in range(2, 7):
            page.cell(row, [cell.value for cell in page[1]].index("判定") + 1).value = "正确"
        workbook.save(book)
    finally:
        speak("en")
    assert collect(opened(folder), (book,)).conclusion.count("right") == 5


def test_who_asks_by_another_column_gets_it_and_an_unknown_one_is_told(folder):
    assert set(handed_out(folder, share=0.5, by="行业")) == {"制造业"}
    with pytest.raises(ConfigurationError, match=r"uat\.no-column"):
        handed_out(folder, by="没有的列")


def test_without_an_owner_there_is_one_workbook_for_everybody(folder, capsys):
    standard = folder / "standard.yaml"
    standard.write_text(standard.read_text("utf-8").replace("    owner: 负责人\n", ""), encoding="utf-8")
    made = handed_out(folder, share=0.5)
    assert set(made) == {""}
    project = str(folder / "migration.yaml")
    assert root.main(["uat", "build", project], standalone_mode=False) == 0
    assert "write 'owner:' with the column under 'account' in standard.yaml" in capsys.readouterr().err
    answer(folder / "用户验收" / "nobody named.xlsx", 1, "right")
    assert root.main(
        ["uat", "collect", project, str(folder / "用户验收" / "nobody named.xlsx")], standalone_mode=False
    ) in {0, 5}


def test_the_command_waits_for_people(folder, capsys):
    project = str(folder / "migration.yaml")
    assert root.main(["uat", "build", project], standalone_mode=False) == 0
    book = folder / "用户验收" / "慕容晓燕.xlsx"
    answer(book, 1, "right")
    assert root.main(["uat", "collect", project, str(book)], standalone_mode=False) == 5
    told = capsys.readouterr()
    assert "2 of 20 customers were judged (4 drawn at random): 2 right, 0 wrong, 0 not sure." in told.out
    assert "上官云飞: the workbook did not come back yet" in told.err
    assert "慕容晓燕: the workbook is not signed" in told.err


def test_a_draw_is_random_by_its_seed_and_rounds_up():
    records = [f"r/{n}" for n in range(100)]
    assert len(draw(records, 0.2, "a")) == 20
    assert len(draw(records[:1], 0.2, "a")) == 1
    assert draw(records, 0.2, "a") == draw(reversed(records), 0.2, "a") != draw(records, 0.2, "b")
