"""Workbooks in another program than ours: LibreOffice opens them, and finds the dropdowns, locks and filters that we wrote.

Only where CRMMIGRATE_TEST_LIBREOFFICE names its program (`soffice`): it is too large to be installed for a test in CI.
"""

import os
import subprocess

import pytest
from click.testing import CliRunner
from openpyxl import load_workbook
from tests.runner import small_migration as small

from crmmigrate.cli.root import root

SOFFICE = os.environ.get("CRMMIGRATE_TEST_LIBREOFFICE", "")
pytestmark = pytest.mark.skipif(not SOFFICE, reason="CRMMIGRATE_TEST_LIBREOFFICE does not name LibreOffice (soffice)")

COMMANDS = [
    ["trial"], ["tasks", "build", "migration.yaml"], ["uat", "build", "migration.yaml"], ["golive", "build"], ["golive", "check"], ["pii", "scan", "--work", "work"],
    ["standard", "sheet", "standard.yaml"], ["mapping", "sheet", "mappings/account.crmmap.yaml", "--schema", "schema.yaml", "-o", "确认表.xlsx"],
]  # fmt: skip


@pytest.fixture(scope="module")
def pairs(tmp_path_factory):
    """Each workbook that the commands write, and what LibreOffice makes of it."""
    folder = tmp_path_factory.mktemp("books")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        small.lay_out(folder)
        source = folder / "in" / "客户.csv"
        twin = source.read_text(encoding="utf-8").splitlines()[1].replace("1,第1号精密", "9,第1号精密", 1)
        source.write_text(
            source.read_text(encoding="utf-8") + twin.replace("boss1@", "坏邮箱") + "\n", encoding="utf-8"
        )
        (folder / "dedupe.yaml").write_text(
            "version: 1\nobject: account\nkey: 编号\ncolumns: {name: 名称}\nthresholds: {merge: 0.9999, review: 0.1}\n"
        )
        for words in (["target", "create", "sqlite:///work/crm.db", "--schema", "schema.yaml"], ["run"], *COMMANDS):
            done = CliRunner().invoke(root, words)
            assert done.exit_code in (0, 1, 5), (words, done.output, done.stderr)
    books = sorted(path for path in folder.rglob("*.xlsx") if "/in/" not in path.as_posix())
    made = folder / "made"
    copies = folder / "copies"
    copies.mkdir()
    for number, book in enumerate(books):  # several have one name
        (copies / f"{number}.xlsx").write_bytes(book.read_bytes())
    done = subprocess.run(
        [SOFFICE, "--headless", f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--convert-to", "xlsx", "--outdir", str(made),
         *map(str, sorted(copies.iterdir()))],
        capture_output=True, text=True, check=True, timeout=300,
    )  # fmt: skip
    assert "Error" not in done.stderr + done.stdout
    return {book: made / f"{number}.xlsx" for number, book in enumerate(books)}


def test_every_workbook_opens_with_all_that_is_in_it(pairs):
    names = {book.name for book in pairs}
    assert names >= {"01_数据源盘点表.xlsx", "05_疑似重复审核表.xlsx", "08_试迁移覆盖表.xlsx", "10_迁移核对报告.xlsx", "数据标准表.xlsx", "确认表.xlsx",
                     "上线检查清单.xlsx", "切换运行手册.xlsx", "风险登记册.xlsx", "迁移验收报告.xlsx", "隐私扫描报告.xlsx"}  # fmt: skip
    locked = choices = 0
    for book, made in pairs.items():
        ours, theirs = load_workbook(book), load_workbook(made)
        assert theirs.sheetnames == ours.sheetnames, book.name
        for sheet in ours.sheetnames:
            mine, other = ours[sheet], theirs[sheet]
            assert [[c.value for c in row] for row in mine] == [[c.value for c in row] for row in other], book.name
            assert other.protection.sheet == mine.protection.sheet, (book.name, sheet)
            assert (other.auto_filter.ref is None) == (mine.auto_filter.ref is None), (book.name, sheet)
            assert len(other.data_validations.dataValidation) == len(mine.data_validations.dataValidation), book.name
            locked += mine.protection.sheet
            choices += len(mine.data_validations.dataValidation)
            open_ = {c.coordinate for row in mine for c in row if not c.protection.locked}
            assert open_ == {c.coordinate for row in other for c in row if not c.protection.locked}, (book.name, sheet)
    assert locked >= 4
    assert choices >= 5
