"""Time and memory of reading large workbooks, beside bare iteration by python-calamine and by openpyxl in the same run.

    python benchmarks/reading.py [BOOK.xlsx …] [--rows 200000] [--runs 3] [--peer-python PYTHON] [--without-openpyxl]

Without a file two workbooks of 20 columns are made: one whose texts are shared, as Excel writes them, and one whose texts
stand in the cells, as many export programs write them. Each reader runs in a process of its own, interleaved, so that a
noisy machine disturbs all alike. Figures are medians: CPU seconds (user and system) and wall time of the whole process,
and from behind the imports on; memory is the peak of the process (VmHWM: ru_maxrss of a child begins with its parent's).
openpyxl (`read_only=True`) takes minutes and is asked once. Exit code 1 where a ratio of reading alone (imports left out)
is above its goal, or memory is.
"""

from __future__ import annotations

import argparse
import random
import statistics
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from xml.sax.saxutils import escape

CLOCK = """
import sys, time
began = time.perf_counter()
{imports}
import resource
def spent():
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime
before, start, rows = spent(), time.perf_counter(), 0
{work}
whole, now = spent(), time.perf_counter()
with open("/proc/self/status") as status:
    peak = next(line.split()[1] for line in status if line.startswith("VmHWM"))
print(rows, whole - before, now - start, whole, now - began, int(peak) / 1024)
"""
READERS = {
    "crmmigrate": (
        (
            "import pandas, pyarrow.compute\n"
            "from crmmigrate.model.location import Location\n"
            "from crmmigrate.sources import read_location, _sheets, xlsx"
        ),
        "for table in read_location(Location(sys.argv[1])):\n    rows += sum(len(frame) for frame in table.batches())",
    ),
    "calamine": (
        "import python_calamine",
        (
            "book = python_calamine.CalamineWorkbook.from_path(sys.argv[1])\n"
            "for name in book.sheet_names:\n"
            "    rows += sum(1 for _ in book.get_sheet_by_name(name).iter_rows())"
        ),
    ),
    "openpyxl": (
        "import openpyxl",
        (
            "book = openpyxl.load_workbook(sys.argv[1], read_only=True)\n"
            "for sheet in book:\n"
            "    rows += sum(1 for _ in sheet.iter_rows(values_only=True))"
        ),
    ),
}
GOALS = {"calamine": 1.5, "openpyxl": 1 / 6}
MEGABYTES = 400
NAMESPACE = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
DATE, AMOUNT = 1, 2
"""Cell styles: a date, and an amount with two decimals."""


# The workbooks

LABELS = (
    "客户编号", "客户名称", "统一社会信用代码", "联系人", "手机", "电话", "邮箱", "省份", "城市", "地址", "行业", "级别",
    "状态", "负责人", "建档日期", "签约日期", "合同金额", "应收款", "员工人数", "备注",
)  # fmt: skip
Cell = tuple[str | float | None, int]


def rows(count: int) -> Iterator[list[Cell]]:
    """Yield the header and made-up customers: twelve columns of text, five of them all different, six of numbers, gaps."""
    chance = random.Random(7)
    yield [(label, 0) for label in LABELS]
    for number in range(count):
        city = chance.choice(("杭州市", "宁波市", "南京市", "苏州市", "广州市", "深圳市", "成都市"))
        yield [
            (f"C{number:07}", 0), (f"{city[:2]}测试{number}号机械设备有限公司", 0), (f"91330100MA{number:08}X", 0),
            (f"联系人{chance.randrange(5000)}", 0), (f"138{chance.randrange(10**8):08}", 0),
            (f"0571-{chance.randrange(10**8):08}" if number % 3 else None, 0), (f"c{number}@example.com", 0),
            (chance.choice(("浙江省", "江苏省", "广东省", "四川省")), 0), (city, 0),
            (f"{city}示例路{chance.randrange(900)}号 & {chance.randrange(30)}层", 0),
            (chance.choice(("制造业", "批发和零售业", "信息技术")), 0), (chance.choice("ABC"), 0), (chance.choice(("潜在", "成交", "流失")), 0),
            (f"销售{chance.randrange(40)}", 0), (chance.randrange(40000, 45500), DATE),
            (chance.randrange(40000, 45500) if number % 2 else None, DATE), (chance.randrange(10**8) / 100, AMOUNT),
            (chance.randrange(10**6) / 10, 0), (chance.randrange(1, 5000), 0), ("老客户转介绍" if number % 5 == 0 else None, 0),
        ]  # fmt: skip


def make(path: Path, count: int, *, shared: bool) -> Path:
    """Write a workbook of one sheet."""
    texts: dict[str, int] = {}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        for part, content in PARTS.items():
            package.writestr(part, f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n{content}')
        with package.open("xl/worksheets/sheet1.xml", "w") as sheet:
            sheet.write(f"<worksheet {NAMESPACE}><sheetData>".encode())
            for number, cells in enumerate(rows(count), 1):
                inner = "".join(
                    written(f"{chr(65 + column)}{number}", *cell, texts if shared else None)
                    for column, cell in enumerate(cells)
                )
                sheet.write(f'<row r="{number}" spans="1:20">{inner}</row>'.encode())
            sheet.write(b"</sheetData></worksheet>")
        items = "".join(f"<si><t>{escape(text)}</t></si>" for text in texts)
        package.writestr("xl/sharedStrings.xml", f'<sst {NAMESPACE} uniqueCount="{len(texts)}">{items}</sst>')
    return path


def written(place: str, value: str | float | None, style: int, texts: dict[str, int] | None) -> str:
    given = f' s="{style}"' if style else ""
    if value is None:
        return f'<c r="{place}"{given}/>' if style else ""
    if not isinstance(value, str):
        return f'<c r="{place}"{given}><v>{value}</v></c>'
    if texts is None:
        return f'<c r="{place}"{given} t="inlineStr"><is><t>{escape(value)}</t></is></c>'
    return f'<c r="{place}"{given} t="s"><v>{texts.setdefault(value, len(texts))}</v></c>'


PARTS = {
    "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    + "".join(
        f'<Override PartName="/xl/{part}.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.{kind}+xml"/>'
        for part, kind in (("workbook", "sheet.main"), ("worksheets/sheet1", "worksheet"), ("styles", "styles"), ("sharedStrings", "sharedStrings"))
    )
    + "</Types>",
    "_rels/.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    f'<Relationship Id="rId1" Type="{RELATIONS}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": f'<workbook {NAMESPACE} xmlns:r="{RELATIONS}"><sheets><sheet name="客户" sheetId="1" r:id="rId1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    f'<Relationship Id="rId1" Type="{RELATIONS}/worksheet" Target="worksheets/sheet1.xml"/>'
    f'<Relationship Id="rId2" Type="{RELATIONS}/styles" Target="styles.xml"/>'
    f'<Relationship Id="rId3" Type="{RELATIONS}/sharedStrings" Target="sharedStrings.xml"/></Relationships>',
    "xl/styles.xml": f'<styleSheet {NAMESPACE}><fonts count="1"><font/></fonts><fills count="1"><fill><patternFill patternType="none"/></fill></fills><borders count="1"><border/></borders>'
    '<cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="3"><xf numFmtId="0"/><xf numFmtId="14" applyNumberFormat="1"/>'
    '<xf numFmtId="4" applyNumberFormat="1"/></cellXfs></styleSheet>',
}  # fmt: skip


# The clock


def measured(reader: str, book: Path, python: str) -> tuple[float, ...]:
    """Return rows, CPU and wall seconds without imports, the same of the whole process, and megabytes of one run.

    Raises:
        RuntimeError: the reader fails.
    """
    imports, work = READERS[reader]
    program = CLOCK.format(imports=imports, work=work)
    executable = sys.executable if reader == "crmmigrate" else python
    done = subprocess.run([executable, "-c", program, str(book)], capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{reader}: {done.stderr.strip().splitlines()[-1:]}")
    return tuple(map(float, done.stdout.split()))


def report(book: Path, asked: argparse.Namespace) -> bool:
    """Print the lines of one workbook; return whether all goals are met."""
    readers = [name for name in READERS if name != "openpyxl" or not asked.without_openpyxl]
    runs: dict[str, list[tuple[float, ...]]] = {name: [] for name in readers}
    for turn in range(asked.runs):
        for name in readers:
            if name == "openpyxl" and turn:
                continue
            try:
                runs[name].append(measured(name, book, asked.peer_python))
            except RuntimeError as error:
                print(f"  {error}", file=sys.stderr)
    middle: dict[str, list[float]] = {
        name: list(map(statistics.median, zip(*taken, strict=True))) for name, taken in runs.items() if taken
    }
    if "crmmigrate" not in middle:
        return False
    ours = middle["crmmigrate"]
    print(
        f"{book.name}, {book.stat().st_size / 1e6:.0f} MB: {ours[0]:,.0f} rows; {ours[0] / ours[1]:,.0f} rows per CPU second"
    )
    print(
        "              CPU s (ours/its)  wall s (ours/its)   with imports: CPU s (ours/its)  wall s (ours/its)     MB"
    )
    met = ours[5] <= MEGABYTES
    for name, figures in middle.items():
        ratios = [mine / its for mine, its in zip(ours, figures, strict=True)]
        cells = [f"{figures[i]:7.2f} ({ratios[i]:5.2f})" for i in range(1, 5)]
        print(
            f"  {name:<11} {cells[0]:>16}  {cells[1]:>16}   {cells[2]:>29}  {cells[3]:>16}  {figures[5]:>6.0f}",
            flush=True,
        )
        met = met and max(ratios[1:3]) <= GOALS.get(name, 1)
    return met


def main() -> int:
    """Run and report."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("books", type=Path, nargs="*")
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--peer-python", default=sys.executable, help="a Python that has python-calamine and openpyxl")
    parser.add_argument("--without-openpyxl", action="store_true")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        books: list[Callable[[], Path]] = [lambda book=book: book for book in asked.books] or [
            lambda: make(Path(folder) / "shared.xlsx", asked.rows, shared=True),
            lambda: make(Path(folder) / "inline.xlsx", asked.rows, shared=False),
        ]
        met = [report(book(), asked) for book in books]
    return 0 if all(met) else 1


if __name__ == "__main__":
    sys.exit(main())
