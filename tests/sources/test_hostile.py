"""Files made to exhaust the reader: each is refused or read within bounded time and memory, by a process that is measured."""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from tests.sources.measured import MEGABYTES, SECONDS, Reader, reading

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/status").exists(), reason="this system does not tell a process its memory"
)

MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"

ROWS = [["名称", "电话"], ["甲", "1"]]


def pack(path: Path, parts: dict[str, str | bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in parts.items():
            package.writestr(name, content)
    return path


def changed(path: Path, change: Callable[[dict[str, bytes]], None]) -> Path:
    """Write the package `path` anew with other parts."""
    with zipfile.ZipFile(path) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    change(parts)
    return pack(path, parts)  # type: ignore[arg-type]


def good(folder: Path, book: SimpleNamespace, xml: str = "") -> Path:
    return book.write(folder / "a.xlsx", {"s": xml or book.table(ROWS)})


def bomb(folder: Path, book: SimpleNamespace) -> Path:
    return good(folder, book, book.table(ROWS).replace("<sheetData>", "<sheetData>" + " " * 100_000_000))


def many_small_bombs(folder: Path, book: SimpleNamespace) -> Path:
    """Each part is below the limit, all together are not."""
    return changed(good(folder, book), lambda parts: parts.update({f"x{n}": b" " * 60_000_000 for n in range(6)}))


def overlapping(folder: Path, book: SimpleNamespace) -> Path:
    """Two names for the same bytes, as in the bombs that unpack to petabytes."""
    path = good(folder, book)
    data = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as package:
        entries = package.infolist()
    where = data.rfind(b"PK\x01\x02")
    data[where + 42 : where + 46] = struct.pack("<I", entries[0].header_offset)
    path.write_bytes(data)
    return path


def lying_size(folder: Path, book: SimpleNamespace) -> Path:
    path = good(folder, book)
    data = bytearray(path.read_bytes())
    where = data.rfind(b"PK\x01\x02")
    data[where + 24 : where + 28] = struct.pack("<I", 10)
    path.write_bytes(data)
    return path


def wrong_checksum(folder: Path, book: SimpleNamespace) -> Path:
    path = good(folder, book)
    data = bytearray(path.read_bytes())
    where = data.rfind(b"PK\x01\x02")
    data[where + 16 : where + 20] = b"\1\2\3\4"
    path.write_bytes(data)
    return path


def cut(folder: Path, book: SimpleNamespace) -> Path:
    path = good(folder, book)
    path.write_bytes(path.read_bytes()[:-40])
    return path


def laughs(folder: Path, book: SimpleNamespace) -> Path:
    lines = "".join(f'<!ENTITY l{n} "' + f"&l{n - 1};" * 10 + '">' for n in range(1, 10))
    return good(folder, book, f'<!DOCTYPE x [<!ENTITY l0 "ha">{lines}]>' + book.table([["&l9;"]]))


def laughs_later(folder: Path, book: SimpleNamespace) -> Path:
    return changed(
        good(folder, book),
        lambda parts: parts.update({"xl/styles.xml": b" " * 1_000_000 + b'<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>'}),
    )


def paths(folder: Path, book: SimpleNamespace) -> Path:
    names = ("../../evil.txt", "/etc/evil", "C:\\evil", "..\\evil", "a\x00b")
    return changed(good(folder, book), lambda parts: parts.update(dict.fromkeys(names, b"x")))


def many_sheets(folder: Path, book: SimpleNamespace) -> Path:
    sheets = "".join(f'<sheet name="s{n}" sheetId="{n}" r:id="r1"/>' for n in range(10_000))
    xml = f'<workbook {MAIN} xmlns:r="{OFFICE}"><sheets>{sheets}</sheets></workbook>'.encode()
    return changed(good(folder, book), lambda parts: parts.update({"xl/workbook.xml": xml}))


def huge_cell(folder: Path, book: SimpleNamespace) -> Path:
    return good(folder, book, book.sheet({1: {"A": "名称", "B": "".join(map(str, range(8_000_000)))}}))


def many_merges(folder: Path, book: SimpleNamespace) -> Path:
    return good(folder, book, book.table(ROWS, [f"A{n}:B{n}" for n in range(1, 1_000_001)]))


def many_styles(folder: Path, book: SimpleNamespace) -> Path:
    items = "<xf numFmtId='14'/>" * 2_000_000
    styles = f"<styleSheet {MAIN}><cellXfs>{items}</cellXfs></styleSheet>".encode()
    return changed(good(folder, book), lambda parts: parts.update({"xl/styles.xml": styles}))


def cyclic_relations(folder: Path, book: SimpleNamespace) -> Path:
    links = f'<Relationships xmlns="{PACKAGE}"><Relationship Id="r1" Type="{OFFICE}/worksheet" Target="workbook.xml"/></Relationships>'.encode()
    return changed(good(folder, book), lambda parts: parts.update({"xl/_rels/workbook.xml.rels": links}))


def repeated_text(folder: Path, book: SimpleNamespace) -> Path:
    """One long shared text in a hundred thousand cells."""
    cells = {n: {"A": f'<c r="A{n}" t="s"><v>0</v></c>', "B": "x"} for n in range(1, 50_001)}
    return book.write(folder / "a.xlsx", {"s": book.sheet(cells)}, texts=f"<si><t>{'abc' * 1_000_000}</t></si>")


def claimed_record(folder: Path, book: SimpleNamespace) -> Path:
    link = f'<Relationships xmlns="{PACKAGE}"><Relationship Id="r1" Type="{OFFICE}/worksheet" Target="s.bin"/></Relationships>'
    sheet = b"\x9c\x01\x14" + bytes(8) + struct.pack("<I", 2) + "r1".encode("utf-16-le") + struct.pack("<I", 0)
    return pack(
        folder / "a.xlsb",
        {"xl/workbook.bin": sheet, "xl/_rels/workbook.bin.rels": link, "xl/s.bin": b"\x91\x01\x00\x06\xff\xff\xff\x7f"},
    )


def repeated_cells(folder: Path, book: SimpleNamespace) -> Path:
    spaces = "".join(f' xmlns:{n}="urn:oasis:names:tc:opendocument:xmlns:{n}:1.0"' for n in ("office", "table", "text"))
    row = '<table:table-row table:number-rows-repeated="1000000"><table:table-cell table:number-columns-repeated="1000" office:value-type="string"><text:p>x</text:p></table:table-cell></table:table-row>'
    xml = f'<office:document-content{spaces}><office:body><office:spreadsheet><table:table table:name="a">{row}</table:table></office:spreadsheet></office:body></office:document-content>'
    return pack(folder / "a.ods", {"mimetype": "application/vnd.oasis.opendocument.spreadsheet", "content.xml": xml})


def nested_page(folder: Path, book: SimpleNamespace) -> Path:
    path = folder / "a.xls"
    path.write_text("<html>" + "<table><tr><td>" * 100_000, encoding="utf-8")
    return path


def wide_page(folder: Path, book: SimpleNamespace) -> Path:
    path = folder / "a.xls"
    path.write_text("<html><table>" + '<tr><td colspan="999999999" rowspan="999999999">x' * 1000, encoding="utf-8")
    return path


def open_cells(folder: Path, book: SimpleNamespace) -> Path:
    """Each cell begins inside the one before."""
    return good(folder, book, book.table(ROWS).replace("</row>", '<c s="0" r="A1"><v>1' * 8_000 + "</row>", 1))


def open_rules(folder: Path, book: SimpleNamespace) -> Path:
    """Each rule begins inside the one before, and so does each formula."""
    rules = '<dataValidation type="list" sqref="A1:A9"><formula1>' * 20_000 + '<dataValidation type="list"><formula1>'
    return good(folder, book, book.table(ROWS).replace("</sheetData>", f"</sheetData>{rules}{'<formula1>' * 20_000}"))


def wide_cell(folder: Path, book: SimpleNamespace) -> Path:
    """A cell of spaces that are written as numbers."""
    path = repeated_cells(folder, book)
    spaces = b'<text:s text:c="32767"/>' * 20_000
    return changed(
        path,
        lambda parts: parts.update({"content.xml": parts["content.xml"].replace(b"<text:p>", b"<text:p>" + spaces)}),
    )


def wide_data(folder: Path, book: SimpleNamespace) -> Path:
    name = "urn:schemas-microsoft-com:office:spreadsheet"
    path = folder / "a.xml"
    text = "x" * (33 << 20)
    path.write_text(
        f'<Workbook xmlns="{name}" xmlns:ss="{name}"><Worksheet><Table><Row><Cell><Data ss:Type="String">{text}',
        encoding="utf-8",
    )
    return path


CASES = [
    (bomb, "source.too-large"), (many_small_bombs, "source.too-large"), (overlapping, "file.damaged"), (lying_size, "file.damaged"),
    (wrong_checksum, "file.damaged"), (cut, "file.damaged"), (laughs, "file.damaged"), (laughs_later, "file.damaged"), (paths, "read 1"),
    (many_sheets, "source.too-large"), (huge_cell, "source.too-large"), (many_merges, "source.too-large"), (many_styles, "source.too-large"),
    (cyclic_relations, "source.empty"), (repeated_text, "source.too-large"), (claimed_record, "file.damaged"),
    (repeated_cells, "source.too-large"), (nested_page, "source.too-large"), (wide_page, "source.too-large"),
    (open_cells, "file.damaged"), (open_rules, "read 1"), (wide_cell, "source.too-large"), (wide_data, "source.too-large"),
]  # fmt: skip


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    with reading() as made:
        yield made


@pytest.mark.parametrize(("make", "said"), CASES, ids=lambda value: getattr(value, "__name__", ""))
def test_refused_or_read_within_bounds(tmp_path, workbook, reader, make, said):
    path = make(tmp_path, workbook)
    before = sorted(tmp_path.rglob("*"))
    found = reader.read(path)
    assert found.said == said
    assert found.seconds < SECONDS
    assert found.megabytes < MEGABYTES
    assert sorted(tmp_path.rglob("*")) == before
