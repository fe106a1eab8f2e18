"""Every kind of workbook that a migration writes: in one house style, refused where it was altered, and unharmed by LibreOffice.

LibreOffice converts all of them in one call. What comes back is read from what it made of them. (Without a window it writes no
views, so a frozen header is asked of our own workbooks only.)
"""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from click.testing import CliRunner
from openpyxl import Workbook, load_workbook
from tests.runner import small_migration as small

from crmmigrate.cli.root import root
from crmmigrate.errors import CrmMigrateError, Findings
from crmmigrate.model.document import Document
from crmmigrate.model.mapping import build_mapping
from crmmigrate.reports import mapping_returned, standard_sheet
from crmmigrate.reports.conflicts import read_decided
from crmmigrate.reports.golive_sheet import read_checklist
from crmmigrate.reports.rejects import read_rejects
from crmmigrate.reports.review import read_review
from crmmigrate.reports.worklist import read_worklist
from crmmigrate.runner.acceptance_collect import collect as collect_acceptance
from crmmigrate.standards import NAMES

COMMANDS = [
    ["trial"], ["tasks", "build", "migration.yaml"], ["golive", "build"], ["golive", "check"], ["pii", "scan"],
    ["standard", "sheet", "standard.yaml"], ["mapping", "sheet", "mappings/account.crmmap.yaml", "--schema", "schema.yaml", "-o", "确认表.xlsx"],
]  # fmt: skip


@dataclass(frozen=True)
class Kind:
    """A workbook that comes back.

    Args:
        name: of its file.
        entry: the header of a column to write into, `word` what is written, on the sheet `sheet` (0: the first after the explanation).
        more: further headers and words of the same row.
        computed: the header of a column that is not to be written into.
        read: takes the path and the project's folder, returns what people said.
        code: of the error where it was altered.
    """

    name: str
    entry: str
    word: str
    more: dict[str, str]
    computed: str
    read: Callable[[Path, Path], Any]
    code: str
    sheet: int = 0


def _mapping(path: Path, folder: Path) -> Any:
    document = Document.load(folder / "mappings" / "account.crmmap.yaml")
    return mapping_returned.collect(path, document, build_mapping(document)).edits


def _standard(path: Path, folder: Path) -> Any:
    return standard_sheet.collect(path, Document.load(folder / "standard.yaml"), NAMES).changes


def _accepted(path: Path, folder: Path) -> Any:
    shutil.rmtree(folder / "acceptance", ignore_errors=True)
    found = collect_acceptance(small.opened(folder), (path,)).conclusion
    return [word for word in ("right",) for _ in range(found.count(word))]


KINDS = (
    Kind("05_疑似重复审核表.xlsx", "Decision", "Keep apart", {"Why": "two firms", "Reviewer": "王敏"}, "名称", lambda p, f: read_review(p), "review.altered"),
    Kind("慕容晓燕.xlsx", "What to do", "right as it is", {"Done by": "王敏"}, "Value in the source", lambda p, f: read_worklist(p), "tasks.altered"),
    Kind("待修正数据.xlsx", "姓名", "赵敏", {"Reason for the change": "asked", "Done by": "王敏"}, "Reason", lambda p, f: [row for row in read_rejects(p) if row.by], "rejects.altered"),
    Kind("增量冲突.xlsx", "Decision", "take what the sources say", {"Done by": "王敏"}, "In the target now", lambda p, f: read_decided(p), "conflicts.altered"),
    Kind("数据标准表.xlsx", "Longest", "40", {"Confirmed by": "王敏"}, "What it asks for", _standard, "standard.altered"),
    Kind("确认表.xlsx", "Explanation", "as it is", {"Confirmed by": "王敏"}, "Its title", _mapping, "mapping.altered"),
    Kind("上线检查清单.xlsx", "Done (yes / no)", "yes", {"Confirmed by": "王敏", "Day": "2026-11-26"}, "Item", lambda p, f: read_checklist(p), "golive.altered", 1),
    Kind("acceptance.xlsx", "Your verdict", "right", {}, "Records: old → new system", _accepted, "uat.altered"),
)  # fmt: skip
REPORTS = (
    "01_数据源盘点表.xlsx", "03_迁移范围确认单.xlsx", "08_试迁移覆盖表.xlsx", "10_迁移核对报告.xlsx", "切换运行手册.xlsx", "风险登记册.xlsx", "迁移验收报告.xlsx",
    "隐私扫描报告.xlsx", "增量计划.xlsx",
)  # fmt: skip
"""Those that are filled in on paper, signed, or only read."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migration that left something for everybody to settle, with all of its workbooks."""
    folder = tmp_path_factory.mktemp("books")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        small.lay_out(folder)
        (folder / "scope.yaml").write_text(
            "version: 1\nobjects: {account: {keep: [{column: 行业, values: [制造业]}]}}\n"
        )
        project = folder / "migration.yaml"
        project.write_text(
            project.read_text(encoding="utf-8") + "scope: scope.yaml\ngates: {max_reject_ratio: 1.0}\n",
            encoding="utf-8",
        )
        source = folder / "in" / "客户.csv"
        lines = source.read_text(encoding="utf-8").splitlines()
        twin = lines[1].replace("1,第1号精密", "9,第1号精密", 1).replace("boss1@", "坏邮箱")
        other = lines[2].replace("2,第2号", "99,第99号", 1).replace("制造业", "零售业")
        source.write_text("\n".join([*lines, twin, other]) + "\n", encoding="utf-8")
        (folder / "dedupe.yaml").write_text(
            "version: 1\nobject: account\nkey: 编号\ncolumns: {name: 名称}\nthresholds: {merge: 0.9999, review: 0.1}\n"
        )
        for words in (["target", "create", "sqlite:///work/crm.db", "--schema", "schema.yaml"], ["run"], *COMMANDS):
            _called(words)
        with sa.create_engine("sqlite:///work/crm.db").begin() as connection:
            connection.execute(sa.text("UPDATE contacts SET mobile = '10086' WHERE no LIKE '%/P4'"))
        people = folder / "in" / "联系人.csv"
        people.write_text(
            people.read_text(encoding="utf-8").replace("139 1274 0004", "139 1274 9994"), encoding="utf-8"
        )
        for words in (["delta"], ["delta", "--apply"], ["uat", "build", "migration.yaml"]):
            _called(words)
    shutil.copy(folder / "用户验收" / "慕容晓燕.xlsx", folder / "用户验收" / "acceptance.xlsx")
    return folder


def _called(words: list[str]) -> None:
    done = CliRunner().invoke(root, words)
    assert done.exit_code in (0, 1, 5), (words, done.output, done.stderr)


def found(folder: Path, name: str) -> Path:
    """Return the newest workbook of a name, not one of the trial."""
    paths = [path for path in folder.rglob(name) if not {"in", "trial", "用户验收"} & {*path.relative_to(folder).parts[:-1]} or name == "acceptance.xlsx"
             or (name.startswith("08") and "in" not in path.parts)]  # fmt: skip
    assert paths, name
    return max(paths)


def rows_below(page: Any, header: str) -> tuple[int, int]:
    """Return the column of a header, and a row below it that holds a key and can be answered."""
    heads = [str(cell.value) for cell in page[1]]
    at = heads.index(header) + 1
    key = next(
        index
        for index, head in enumerate(heads, start=1)
        if head.startswith("_") and not head.startswith("_seal") and head != "_batch"
    )
    candidates = [row for row in range(2, page.max_row + 1) if page.cell(row, key).value]
    return at, candidates[-1]


def fill(path: Path, kind: Kind) -> None:
    book = load_workbook(path)
    page = book.worksheets[kind.sheet + 1]
    for header, word in {kind.entry: kind.word, **kind.more}.items():
        at, row = rows_below(page, header)
        page.cell(row, at).value = word
    book.save(path)


def copied(folder: Path, kind: Kind, to: Path) -> Path:
    return Path(shutil.copy(found(folder, kind.name), to / kind.name))


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_a_workbook_that_comes_back_has_all_that_belongs_to_it(folder: Path, kind: Kind) -> None:
    book = load_workbook(found(folder, kind.name))
    assert book.sheetnames[0] == "About this workbook"
    assert book.sheetnames[-1] == "Sign-off"
    page = book.worksheets[kind.sheet + 1]
    heads = {str(cell.value): cell for cell in page[1]}
    hidden = [head for head, cell in heads.items() if page.column_dimensions[cell.column_letter].hidden]
    assert "_batch" in hidden
    assert [head for head in hidden if head.startswith("_seal")]
    assert len(hidden) >= 3, "a key of the row"
    assert page.freeze_panes == "A2"
    assert page.auto_filter.ref
    assert page.protection.sheet
    assert page[f"{heads[kind.computed].column_letter}2"].protection.locked
    filled_in = 3 if "_leading" in heads else 2  # below the leading record of a group
    assert not page[f"{heads[kind.entry].column_letter}{filled_in}"].protection.locked


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_what_people_write_comes_back_with_who_wrote_it(folder: Path, kind: Kind, tmp_path: Path) -> None:
    path = copied(folder, kind, tmp_path)
    before = len(kind.read(path, folder))
    fill(path, kind)
    said = kind.read(path, folder)
    assert len(said) == before + 1
    if kind.more:
        assert "王敏" in repr(said)


@pytest.mark.parametrize(
    "kind", [kind for kind in KINDS if kind.more and "Day" not in kind.more], ids=lambda kind: kind.name
)  # a tick needs a name beside it
def test_who_signed_counts_where_no_name_stands_in_the_row(folder: Path, kind: Kind, tmp_path: Path) -> None:
    path = copied(folder, kind, tmp_path)
    fill(
        path,
        Kind(
            kind.name,
            kind.entry,
            kind.word,
            {h: w for h, w in kind.more.items() if w != "王敏"},
            kind.computed,
            kind.read,
            kind.code,
            kind.sheet,
        ),
    )
    book = load_workbook(path)
    book.worksheets[-1]["B2"] = "李工"
    book.save(path)
    said = read_rejects(path) if kind.code == "rejects.altered" else kind.read(path, folder)
    assert "李工" in repr(said)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_a_computed_cell_that_was_written_over_is_refused_with_its_place(
    folder: Path, kind: Kind, tmp_path: Path
) -> None:
    path = copied(folder, kind, tmp_path)
    fill(path, kind)
    book = load_workbook(path)
    page = book.worksheets[kind.sheet + 1]
    at, row = rows_below(page, kind.computed)
    page.cell(row, at).value = "别的"
    book.save(path)
    with pytest.raises(CrmMigrateError) as caught:
        kind.read(path, folder)
    error = caught.value.errors[0] if isinstance(caught.value, Findings) else caught.value
    assert error.code == kind.code
    assert f"{page.title}!{row}" in error.text("en")


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_a_workbook_without_its_hidden_columns_is_refused(folder: Path, kind: Kind, tmp_path: Path) -> None:
    path = copied(folder, kind, tmp_path)
    book = load_workbook(path)
    page = book.worksheets[kind.sheet + 1]
    heads = [str(cell.value) for cell in page[1]]
    page.delete_cols(heads.index("_batch") + 1, 2)
    book.save(path)
    with pytest.raises(CrmMigrateError, match=r"altered: (its hidden columns are gone|\d rows are missing)"):
        kind.read(path, folder)


@pytest.mark.parametrize("name", REPORTS)
def test_a_workbook_to_be_read_and_signed_is_in_the_same_style(folder: Path, name: str) -> None:
    book = load_workbook(found(folder, name))
    assert book.sheetnames[0] == "About this workbook"
    for page in book.worksheets[1:]:
        if page.title != "Sign-off":
            assert (page.freeze_panes, bool(page.auto_filter.ref)) == ("A2", True), page.title
    if name not in ("隐私扫描报告.xlsx", "增量计划.xlsx"):
        assert book.sheetnames[-1] == "Sign-off"


@pytest.fixture(scope="module")
def pairs(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[Path, Path]:
    """Each workbook, filled in where it comes back, and what LibreOffice makes of it."""
    place = tmp_path_factory.mktemp("libreoffice")
    books = {}
    for number, name in enumerate([*(kind.name for kind in KINDS), *REPORTS]):
        books[found(folder, name)] = Path(shutil.copy(found(folder, name), place / f"{number}.xlsx"))
    for kind in KINDS:
        fill(books[found(folder, kind.name)], kind)
    done = subprocess.run(
        ["soffice", "--headless", f"-env:UserInstallation={(place / 'profile').as_uri()}", "--convert-to", "xlsx:Calc MS Excel 2007 XML",
         "--outdir", place / "made", *books.values()],
        capture_output=True, text=True, check=True, timeout=300,
    )  # fmt: skip
    assert "Error" not in done.stderr + done.stdout
    return {mine: place / "made" / mine.name for mine in books.values()}


@pytest.mark.program("soffice", "libreoffice-calc-nogui")
def test_libreoffice_opens_every_workbook_with_all_that_is_in_it(pairs: dict[Path, Path]) -> None:
    locked = choices = 0
    for book, made in pairs.items():
        ours, theirs = load_workbook(book), load_workbook(made)
        assert theirs.sheetnames == ours.sheetnames, book.name
        for sheet in ours.sheetnames:
            mine, other = ours[sheet], theirs[sheet]
            assert values(mine) == values(other), (book.name, sheet)
            assert other.protection.sheet == mine.protection.sheet, (book.name, sheet)
            assert (other.auto_filter.ref is None) == (mine.auto_filter.ref is None), (book.name, sheet)
            assert len(other.data_validations.dataValidation) == len(mine.data_validations.dataValidation), book.name
            locked += mine.protection.sheet
            choices += len(mine.data_validations.dataValidation)
            assert unlocked(mine) == unlocked(other), (book.name, sheet)
    assert locked >= 15
    assert choices >= 10


def values(page: Any) -> list[list[Any]]:
    """Return what stands on a page, without the empty rows at its end, which programs are free to leave out."""
    rows = [[cell.value for cell in row] for row in page]
    while rows and not any(rows[-1]):
        rows.pop()
    return rows


def unlocked(page: Any) -> set[str]:
    return {cell.coordinate for row in page for cell in row if not cell.protection.locked}


@pytest.mark.program("soffice", "libreoffice-calc-nogui")
@pytest.mark.parametrize("number", range(len(KINDS)), ids=[kind.name for kind in KINDS])
def test_what_people_wrote_comes_back_through_libreoffice(
    folder: Path, pairs: dict[Path, Path], number: int, tmp_path: Path
) -> None:
    kind = KINDS[number]
    mine = next(path for path in pairs if path.name == f"{number}.xlsx")
    theirs = Path(shutil.copy(pairs[mine], tmp_path / mine.name))
    assert told(kind.read(theirs, folder)) == told(kind.read(mine, folder)) != told([])


def told(said: Any) -> str:
    """Return what was said, but for how a run is called."""
    return re.sub(r"book='[^']*'", "", repr(said))


def test_a_workbook_of_another_make_is_refused(folder: Path, tmp_path: Path) -> None:
    Workbook().save(tmp_path / "other.xlsx")
    for kind in KINDS:
        with pytest.raises(CrmMigrateError, match=r"no-sheet"):
            kind.read(tmp_path / "other.xlsx", folder)
