"""Makes the nasty workbooks and what is expected of each: `python make.py`, in this folder.

The .xls files are made by LibreOffice from the .fods text below (`soffice --headless --convert-to xls --outdir . FILE.fods`),
the .et is such an .xls under another name, as WPS writes the same format; everything else is written byte by byte.
"""

from __future__ import annotations

import json
import shutil
import struct
import subprocess
import tempfile
import zipfile
from pathlib import Path
from xml.sax.saxutils import escape

HERE = Path(__file__).parent
NS = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
STRICT = "http://purl.oclc.org/ooxml/spreadsheetml/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
WHEN = (2026, 1, 1, 0, 0, 0)

TEXTS = ["000123", "110101199003070011", "NA", "None", "1E5", "2023-01-02", "1/2", "TRUE", "=1+1", "-"]
"""Texts that programs like to take for numbers, dates, truth, nothing or formulas."""


def expect(
    name: str, trouble: str, columns: list[str], rows: list[list[str | None]], sheet: str = "Sheet1", **more: object
) -> None:
    table = {"columns": columns, "rows": rows, **more}
    save(name, {"trouble": trouble, "tables": {sheet: table}})


def refuse(name: str, trouble: str, code: str) -> None:
    save(name, {"trouble": trouble, "refused": code})


def save(name: str, expected: dict[str, object]) -> None:
    text = json.dumps(expected, ensure_ascii=False, indent=1)
    (HERE / f"{name}.expected.json").write_text(text + "\n", encoding="utf-8")


def pack(name: str, parts: dict[str, str | bytes]) -> None:
    with zipfile.ZipFile(HERE / name, "w", zipfile.ZIP_DEFLATED) as package:
        for part, content in parts.items():
            package.writestr(zipfile.ZipInfo(part, WHEN), content)


# --- .xlsx ------------------------------------------------------------------------------------------------------------


def text(reference: str, value: str) -> str:
    return f'<c r="{reference}" t="inlineStr"><is><t xml:space="preserve">{escape(value)}</t></is></c>'


def sheet(rows: dict[int, dict[str, str]], before: str = "", after: str = "", ns: str = NS) -> str:
    lines = "".join(
        f'<row r="{number}">'
        + "".join(cell if cell.startswith("<") else text(f"{column}{number}", cell) for column, cell in cells.items())
        + "</row>"
        for number, cells in rows.items()
    )
    return f'<?xml version="1.0" encoding="UTF-8"?><worksheet xmlns="{ns}">{before}<sheetData>{lines}</sheetData>{after}</worksheet>'


def xlsx(  # noqa: PLR0913 -- each is one trouble
    name: str, xml: str | bytes, *, formats: tuple[str, ...] = (), texts: str = "", book: str = "", ns: str = NS,
         target: str = "worksheets/sheet1.xml", part: str = "xl/worksheets/sheet1.xml", office: str = OFFICE, state: str = "",
         extra: dict[str, str] | None = None) -> None:  # fmt: skip
    codes = "".join(
        f'<numFmt numFmtId="{200 + i}" formatCode="{escape(c, {chr(34): "&quot;"})}"/>' for i, c in enumerate(formats)
    )
    styles = '<xf numFmtId="0"/>' + "".join(f'<xf numFmtId="{200 + i}"/>' for i in range(len(formats)))
    links = (
        f'<Relationship Id="r1" Type="{office}/worksheet" Target="{target}"/>'
        f'<Relationship Id="r2" Type="{office}/styles" Target="styles.xml"/>'
        f'<Relationship Id="r3" Type="{office}/sharedStrings" Target="sharedStrings.xml"/>'
    )
    pack(name, {
        "[Content_Types].xml": "<Types/>",
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}"><Relationship Id="a" Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{ns}" xmlns:r="{office}">{book}<sheets><sheet name="Sheet1" sheetId="1" {state} r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}">{links}</Relationships>',
        "xl/styles.xml": f'<styleSheet xmlns="{ns}"><numFmts>{codes}</numFmts><cellXfs>{styles}</cellXfs></styleSheet>',
        "xl/sharedStrings.xml": f'<sst xmlns="{ns}">{texts}</sst>',
        part: xml, **(extra or {}),
    })  # fmt: skip


HEAD = {1: {"A": "编号", "B": "名称", "C": "值"}}
NAMES = ["编号", "名称", "值"]


def one(value: str, number: int = 2) -> dict[int, dict[str, str]]:
    """Return rows with a header and one row with `value` (the XML of cell C2)."""
    return {**HEAD, number: {"A": "K1", "B": "甲公司", "C": value}}


def numbers(style: int, *values: str) -> dict[int, dict[str, str]]:
    cells = {
        n: {"A": f"K{n}", "B": "甲公司", "C": f'<c r="C{n}" s="{style}"><v>{value}</v></c>'}
        for n, value in enumerate(values, 2)
    }
    return {**HEAD, **cells}


def shown(*values: str) -> list[list[str | None]]:
    return [[f"K{n}", "甲公司", value] for n, value in enumerate(values, 2)]


def make_xlsx() -> None:
    rows = {**HEAD, **{n: {"A": f"K{n}", "B": "甲公司", "C": value} for n, value in enumerate(TEXTS, 2)}}
    xlsx("texts.xlsx", sheet(rows))
    expect("texts.xlsx", "texts that look like other types", NAMES, shown(*TEXTS))
    xlsx("zeros.xlsx", sheet(numbers(1, "123", "1234567")), formats=("000000",))
    expect("zeros.xlsx", "leading zeros by number format", NAMES, shown("000123", "1234567"))
    xlsx("prefix.xlsx", sheet(numbers(1, "7", "13800138000")), formats=('"KH-"0000',))
    expect("prefix.xlsx", "a code by number format", NAMES, shown("KH-0007", "KH-13800138000"))
    xlsx("dates.xlsx", sheet(numbers(1, "45047", "60", "45047.5", "0", "0.25")), formats=('yyyy"年"m"月"d"日"',))
    expect(
        "dates.xlsx",
        "dates, the days that never were, a moment",
        NAMES,
        shown("2023-05-01", "1900-02-29", "2023-05-01 12:00:00", "1900-01-00", "1900-01-00 06:00:00"),
    )
    xlsx("dates1904.xlsx", sheet(numbers(1, "0", "43585")), formats=("yyyy-mm-dd",), book='<workbookPr date1904="1"/>')
    expect("dates1904.xlsx", "days counted from 1904", NAMES, shown("1904-01-01", "2023-05-01"))
    xlsx("percent.xlsx", sheet(numbers(1, "0.5", "0.125", "1")), formats=("0%",))
    expect("percent.xlsx", "percentages", NAMES, shown("50%", "12.5%", "100%"))
    xlsx("digits.xlsx", sheet(numbers(0, "1.1010119900307E+17", "123456789012345")))
    expect(
        "digits.xlsx",
        "an ID number stored as a number",
        NAMES,
        shown("110101199003070000", "123456789012345"),
        issues=["source.number-precision-lost"],
    )
    xlsx("errors.xlsx", sheet(one('<c r="C2" t="e"><v>#N/A</v></c>')))
    expect("errors.xlsx", "an error cell", NAMES, [["K1", "甲公司", "#N/A"]], issues=["source.error-cell"])
    xlsx("formula.xlsx", sheet(one('<c r="C2"><f>1+1</f></c>')))
    expect(
        "formula.xlsx",
        "a formula saved without its value",
        NAMES,
        [["K1", "甲公司", None]],
        issues=["source.formula-without-value"],
    )
    xlsx(
        "formula-value.xlsx",
        sheet(
            {
                **one('<c r="C2"><f>1+1</f><v>2</v></c>'),
                3: {"A": "K2", "B": "乙", "C": '<c r="C3" t="str"><f t="shared" si="0"/><v>a&amp;b</v></c>'},
            }
        ),
    )
    expect(
        "formula-value.xlsx",
        "formulas with values, one of them shared",
        NAMES,
        [["K1", "甲公司", "2"], ["K2", "乙", "a&b"]],
        issues=[],
    )


def make_unusual_xlsx() -> None:
    strict = "http://purl.oclc.org/ooxml/officeDocument/relationships"
    xlsx("strict.xlsx", sheet(one("000123"), ns=STRICT), ns=STRICT, office=strict)
    expect("strict.xlsx", "strict OOXML, with namespaces of its own", NAMES, [["K1", "甲公司", "000123"]])
    xlsx(
        "strict-date.xlsx",
        sheet(one('<c r="C2" t="d"><v>2023-05-01T00:00:00</v></c>'), ns=STRICT),
        ns=STRICT,
        office=strict,
    )
    expect("strict-date.xlsx", "a date in ISO form", NAMES, [["K1", "甲公司", "2023-05-01"]])
    xlsx("absolute.xlsx", sheet(one("x")), target="/xl/worksheets/sheet1.xml")
    expect("absolute.xlsx", "part name from the root of the package", NAMES, [["K1", "甲公司", "x"]])
    with zipfile.ZipFile(HERE / "absolute.xlsx") as package:
        parts = {part.replace("/", "\\").replace("sheet1", "Sheet1"): package.read(part) for part in package.namelist()}
    pack("separators.xlsx", parts)
    expect(
        "separators.xlsx", "part names with the separators of Windows, in another case", NAMES, [["K1", "甲公司", "x"]]
    )
    xlsx("relative.xlsx", sheet(one("x")), target="./../xl/worksheets/../tables/a.xml", part="xl/tables/a.xml")
    expect("relative.xlsx", "part name with dots in it", NAMES, [["K1", "甲公司", "x"]])
    xlsx("dimension.xlsx", sheet({**one("x"), 3: {"A": "K2", "B": "乙", "C": "y"}}, before='<dimension ref="A1:B2"/>'))
    expect("dimension.xlsx", "a used range that is too small", NAMES, [["K1", "甲公司", "x"], ["K2", "乙", "y"]])
    xlsx("stray.xlsx", sheet({**one("x"), 1048576: {"XFD": "stray"}}, before='<dimension ref="A1:XFD1048576"/>'))
    expect(
        "stray.xlsx",
        "one cell at the last place of the sheet",
        NAMES,
        [["K1", "甲公司", "x"]],
        issues=["source.cell-outside"],
    )
    rich = '<si><r><t>甲</t></r><r><rPr><b/></rPr><t xml:space="preserve"> 乙</t></r></si><si><t>東京</t><rPh sb="0" eb="2"><t>トウキョウ</t></rPh></si><si><t>a_x000D_b&#10;c</t></si>'
    shared = {
        **HEAD,
        **{n: {"A": f"K{n}", "B": "甲公司", "C": f'<c r="C{n}" t="s"><v>{n - 2}</v></c>'} for n in (2, 3, 4)},
    }
    xlsx("rich.xlsx", sheet(shared), texts=rich)
    expect("rich.xlsx", "formatted text, reading aids, control characters", NAMES, shown("甲 乙", "東京", "a\rb\nc"))
    xlsx("utf16.xlsx", ("\ufeff" + sheet(one("丙")).replace("UTF-8", "UTF-16")).encode("utf-16-le"))
    expect("utf16.xlsx", "XML in UTF-16", NAMES, [["K1", "甲公司", "丙"]])
    prefixed = (
        sheet(one("000123"))
        .replace("<", "<x:")
        .replace("<x:/", "</x:")
        .replace("<x:?", "<?")
        .replace("xmlns=", "xmlns:x=")
    )
    xlsx("prefixed.xlsx", prefixed)
    expect("prefixed.xlsx", "tags with a namespace prefix", NAMES, [["K1", "甲公司", "000123"]])
    xlsx(
        "bare.xlsx",
        f'<worksheet xmlns="{NS}"><sheetData><row>'
        + "".join(text("A1", n).replace(' r="A1"', "") for n in NAMES)
        + "</row><row>"
        + "".join(text("A1", n).replace(' r="A1"', "") for n in ("K1", "甲公司", "x"))
        + "</row></sheetData></worksheet>",
    )
    expect("bare.xlsx", "cells and rows without a reference", NAMES, [["K1", "甲公司", "x"]])
    xlsx(
        "comment.xlsx",
        sheet(one("x"), after='<legacyDrawing r:id="c" xmlns:r="x"/>'),
        extra={
            "xl/comments1.xml": f'<comments xmlns="{NS}"><commentList><comment ref="C2"><text><t>not a value</t></text></comment></commentList></comments>'
        },
    )
    expect("comment.xlsx", "a comment on a cell", NAMES, [["K1", "甲公司", "x"]])
    xlsx("hidden.xlsx", sheet(one("x")), state='state="veryHidden"')
    expect("hidden.xlsx", "a sheet that is hidden deeply", NAMES, [["K1", "甲公司", "x"]])
    xlsx("macro.xlsm", sheet(one("x")), extra={"xl/vbaProject.bin": "not run"})
    expect("macro.xlsm", "a workbook with a macro", NAMES, [["K1", "甲公司", "x"]])
    xlsx("entity.xlsx", '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + sheet(one("x")).partition("?>")[2])
    refuse("entity.xlsx", "an external entity", "file.damaged")
    xlsx("half.xlsx", sheet(one("x"))[:-60])
    refuse("half.xlsx", "XML that breaks off", "file.damaged")
    xlsx("open-cell.xlsx", sheet(one("x")).replace("甲公司</t></is></c>", "甲公司</t></is>"))
    refuse("open-cell.xlsx", "a cell without an end", "file.damaged")
    xlsx(
        "open-row.xlsx",
        sheet({**one("x"), 3: {"A": "K2", "B": "乙", "C": "y"}}).replace('</row><row r="3"', '<row r="3"'),
    )
    refuse("open-row.xlsx", "a row without an end", "file.damaged")
    pack("archive.xlsx", {"读我.txt": "x"})
    refuse("archive.xlsx", "an archive that is no workbook", "file.no-table")


# --- .xlsb ------------------------------------------------------------------------------------------------------------


def record(kind: int, content: bytes = b"") -> bytes:
    head = bytes([kind]) if kind < 0x80 else bytes([kind & 0x7F | 0x80, kind >> 7])
    size, length = len(content), b""
    while True:
        length += bytes([size & 0x7F | (0x80 if size > 0x7F else 0)])
        size >>= 7
        if not size:
            return head + length + content


def wide(value: str) -> bytes:
    return struct.pack("<I", len(value)) + value.encode("utf-16-le")


def cell(column: int, style: int = 0) -> bytes:
    return struct.pack("<II", column, style)


def string(column: int, value: str) -> bytes:
    return record(6, cell(column) + wide(value))


def xlsb_sheet(rows: dict[int, bytes], before: bytes = b"", after: bytes = b"", hidden: tuple[int, ...] = ()) -> bytes:
    body = b"".join(
        record(0, struct.pack("<IIHBBBI", number - 1, 0, 300, 0, 0x10 if number in hidden else 0, 0, 0)) + cells
        for number, cells in rows.items()
    )
    return record(129) + before + record(145) + body + record(146) + after + record(130)


def xlsb(name: str, xml: bytes, *, formats: tuple[str, ...] = (), texts: tuple[str, ...] = (), flags: int = 0) -> None:
    codes = b"".join(record(44, struct.pack("<H", 200 + i) + wide(code)) for i, code in enumerate(formats))
    styles = b"".join(record(47, struct.pack("<HH12x", 0, number)) for number in (0, *range(200, 200 + len(formats))))
    links = "".join(f'<Relationship Id="r{i}" Type="{OFFICE}/{kind}" Target="{target}"/>' for i, (kind, target) in enumerate(
        (("worksheet", "worksheets/sheet1.bin"), ("styles", "styles.bin"), ("sharedStrings", "sharedStrings.bin")), 1))  # fmt: skip
    pack(name, {
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}"><Relationship Id="a" Type="{OFFICE}/officeDocument" Target="xl/workbook.bin"/></Relationships>',
        "xl/workbook.bin": record(131) + record(153, struct.pack("<II", flags, 0) + wide("")) + record(143)
        + record(156, struct.pack("<II", 0, 1) + wide("r1") + wide("Sheet1")) + record(144) + record(132),
        "xl/_rels/workbook.bin.rels": f'<Relationships xmlns="{PACKAGE}">{links}</Relationships>',
        "xl/styles.bin": record(278) + codes + record(617, struct.pack("<I", 1 + len(formats))) + styles + record(618) + record(279),
        "xl/sharedStrings.bin": record(159, bytes(8)) + b"".join(record(19, b"\0" + wide(value)) for value in texts) + record(160),
        "xl/worksheets/sheet1.bin": xml,
    })  # fmt: skip


def b_rows(*values: bytes) -> dict[int, bytes]:
    head = b"".join(string(column, name) for column, name in enumerate(NAMES))
    return {1: head, **{n: string(0, f"K{n}") + string(1, "甲公司") + value for n, value in enumerate(values, 2)}}


def real(value: float, style: int = 0) -> bytes:
    return record(5, cell(2, style) + struct.pack("<d", value))


def make_xlsb() -> None:
    xlsb(
        "texts.xlsb",
        xlsb_sheet(b_rows(*(record(7, cell(2) + struct.pack("<I", i)) for i in range(len(TEXTS))))),
        texts=tuple(TEXTS),
    )
    expect("texts.xlsb", "texts that look like other types", NAMES, shown(*TEXTS))
    short = (
        record(2, cell(2, 1) + struct.pack("<I", 123 << 2 | 2)),
        record(2, cell(2) + struct.pack("<I", 123 << 2 | 3)),
    )
    xlsb(
        "numbers.xlsb",
        xlsb_sheet(b_rows(*short, real(45047, 2), real(0.125, 3), real(1.1010119900307e17))),
        formats=("000000", "yyyy-mm-dd", "0%"),
    )
    expect(
        "numbers.xlsb",
        "zeros by format, hundredths, dates, percentages, lost digits",
        NAMES,
        shown("000123", "1.23", "2023-05-01", "12.5%", "110101199003070000"),
        issues=["source.number-precision-lost"],
    )
    odd = (
        record(3, cell(2) + b"\x2a"),
        record(4, cell(2) + b"\1"),
        record(9, cell(2) + struct.pack("<dHI", 2.5, 0, 0)),
        record(8, cell(2) + wide("丙") + bytes(6)),
        record(1, cell(2)),
    )
    xlsb("odd.xlsb", xlsb_sheet(b_rows(*odd)))
    expect(
        "odd.xlsb",
        "errors, truth, formulas, blank cells",
        NAMES,
        [*shown("#N/A", "TRUE", "2.5", "丙"), ["K6", "甲公司", None]],
        issues=["source.error-cell"],
    )
    xlsb("dates1904.xlsb", xlsb_sheet(b_rows(real(43585, 1))), formats=("yyyy-mm-dd",), flags=1)
    expect("dates1904.xlsb", "days counted from 1904", NAMES, shown("2023-05-01"))
    merged = {
        1: b"".join(string(c, n) for c, n in enumerate(NAMES)),
        2: string(0, "一部") + string(1, "张") + string(2, "1"),
        3: string(1, "李") + string(2, "2"),
    }
    xlsb(
        "merged.xlsb",
        xlsb_sheet(
            merged, after=record(177, struct.pack("<I", 1)) + record(176, struct.pack("<4I", 1, 2, 0, 0)) + record(178)
        ),
    )
    expect("merged.xlsb", "cells merged down", NAMES, [["一部", "张", "1"], ["一部", "李", "2"]])
    xlsb("half.xlsb", xlsb_sheet(b_rows(string(2, "x")))[:-20])
    refuse("half.xlsb", "a sheet that breaks off", "file.damaged")


# --- OpenDocument and .xls --------------------------------------------------------------------------------------------

SPACES = "".join(
    f' xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{long}:1.0"'
    for name, long in (("office", "office"), ("table", "table"), ("text", "text"), ("style", "style"), ("number", "datastyle"), ("draw", "drawing"))
) + ' xmlns:of="urn:oasis:names:tc:opendocument:xmlns:of:1.2" xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"'  # fmt: skip
STYLES = (
    '<number:number-style style:name="N1"><number:number number:decimal-places="0" number:min-integer-digits="6"/></number:number-style>'
    '<number:date-style style:name="N2"><number:year number:style="long"/><number:text>-</number:text><number:month number:style="long"/><number:text>-</number:text><number:day number:style="long"/></number:date-style>'
    '<number:percentage-style style:name="N3"><number:number number:decimal-places="0" number:min-integer-digits="1"/><number:text>%</number:text></number:percentage-style>'
    '<number:text-style style:name="N4"><number:text-content/></number:text-style>'
    '<number:boolean-style style:name="N5"><number:boolean/></number:boolean-style>'
    + "".join(
        f'<style:style style:name="ce{i}" style:family="table-cell" style:data-style-name="N{i}"/>'
        for i in (1, 2, 3, 4, 5)
    )
)


def o_text(value: str, more: str = "") -> str:
    return f'<table:table-cell office:value-type="string" {more}><text:p>{escape(value)}</text:p></table:table-cell>'


def o_number(value: str, displayed: str, style: str = "", kind: str = "float", attribute: str = "value") -> str:
    named = f' table:style-name="{style}"' if style else ""
    return f'<table:table-cell office:value-type="{kind}" office:{attribute}="{value}"{named}><text:p>{displayed}</text:p></table:table-cell>'


def o_rows(*values: str) -> str:
    lines = [
        "".join(map(o_text, NAMES)),
        *(o_text(f"K{n}") + o_text("甲公司") + value for n, value in enumerate(values, 2)),
    ]
    return "".join(f"<table:table-row>{line}</table:table-row>" for line in lines)


def content(rows: str, root: str = "document-content", styles: str = STYLES) -> str:
    flat = ' office:mimetype="application/vnd.oasis.opendocument.spreadsheet"' if root == "document" else ""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><office:{root}{SPACES} office:version="1.3"{flat}><office:automatic-styles>{styles}'
        f'</office:automatic-styles><office:body><office:spreadsheet><table:table table:name="Sheet1">{rows}</table:table>'
        f"</office:spreadsheet></office:body></office:{root}>"
    )


def ods(name: str, rows: str, manifest: str = "") -> None:
    pack(
        name,
        {
            "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
            "content.xml": content(rows),
            "META-INF/manifest.xml": manifest or "<m/>",
        },
    )


NUMBERS = (
    o_number("123", "000123", "ce1"), o_number("2023-05-01", "2023-05-01", "ce2", "date", "date-value"), o_number("0.125", "13%", "ce3", "percentage"),
    o_number("1.1010119900307E+017", "1.1E+17"), o_number("true", "WAHR", "ce5", "boolean", "boolean-value"),
)  # fmt: skip


def make_ods() -> None:
    ods("texts.ods", o_rows(*map(o_text, TEXTS)))
    expect("texts.ods", "texts that look like other types", NAMES, shown(*TEXTS))
    ods("numbers.ods", o_rows(*NUMBERS))
    expect(
        "numbers.ods",
        "zeros by format, a date, a rounded percentage, lost digits, truth",
        NAMES,
        shown("000123", "2023-05-01", "12.5%", "110101199003070000", "TRUE"),
        issues=["source.number-precision-lost"],
    )
    error = '<table:table-cell table:formula="of:=NA()" office:value-type="string" office:string-value="" calcext:value-type="error"><text:p>#N/A</text:p></table:table-cell>'
    ods("errors.ods", o_rows(error, '<table:table-cell table:formula="of:=1+1"/>'))
    expect(
        "errors.ods",
        "an error, and a formula without value",
        NAMES,
        [*shown("#N/A"), ["K3", "甲公司", None]],
        issues=["source.error-cell", "source.formula-without-value"],
    )
    ods(
        "repeated.ods",
        o_rows(o_text("x"))
        + '<table:table-row table:number-rows-repeated="1048574"><table:table-cell table:number-columns-repeated="16384"/></table:table-row>',
    )
    expect("repeated.ods", "empty rows and columns to the end of the sheet", NAMES, [["K2", "甲公司", "x"]])
    same = (
        o_rows()
        + '<table:table-row table:number-rows-repeated="3">'
        + o_text("K")
        + o_text("y", 'table:number-columns-repeated="2"')
        + "</table:table-row>"
    )
    ods("same.ods", same)
    expect("same.ods", "rows and cells written once for several", NAMES, [["K", "y", "y"]] * 3, places=["2", "3", "4"])
    ods(
        "huge.ods",
        o_rows()
        + '<table:table-row table:number-rows-repeated="1000000">'
        + o_text("y", 'table:number-columns-repeated="1000"')
        + "</table:table-row>",
    )
    refuse("huge.ods", "a billion equal cells", "source.too-large")
    note = '<table:table-cell office:value-type="string"><office:annotation><text:p>a comment</text:p></office:annotation><text:p>a<text:s text:c="2"/>b<text:tab/>c</text:p><text:p>d <text:span>e</text:span></text:p></table:table-cell>'
    ods("annotation.ods", o_rows(note))
    expect("annotation.ods", "a comment, written-out blanks, two paragraphs", NAMES, shown("a  b\tc\nd e"))
    covered = (
        "".join(map(o_text, NAMES)),
        o_text("一部", 'table:number-rows-spanned="2" table:number-columns-spanned="1"') + o_text("张") + o_text("1"),
        "<table:covered-table-cell/>" + o_text("李") + o_text("2"),
    )
    ods("merged.ods", "".join(f"<table:table-row>{line}</table:table-row>" for line in covered))
    expect("merged.ods", "cells merged down", NAMES, [["一部", "张", "1"], ["一部", "李", "2"]])
    ods(
        "locked.ods",
        o_rows(),
        '<m:manifest xmlns:m="urn:x"><m:file-entry m:full-path="content.xml"><m:encryption-data/></m:file-entry></m:manifest>',
    )
    refuse("locked.ods", "a workbook locked by a password", "file.password")
    (HERE / "flat.fods").write_text(content(o_rows(*NUMBERS), "document"), encoding="utf-8")
    expect(
        "flat.fods",
        "the format without a package around it",
        NAMES,
        shown("000123", "2023-05-01", "12.5%", "110101199003070000", "TRUE"),
    )


def make_xls() -> None:
    """Convert by LibreOffice; it writes BIFF8 as Excel does."""
    books = {
        "texts": (o_rows(*(o_text(value, 'table:style-name="ce4"') for value in TEXTS)), "texts that look like other types", shown(*TEXTS), []),
        "numbers": (o_rows(*NUMBERS), "zeros by format, a date, a percentage, lost digits, truth", shown("000123", "2023-05-01", "12.5%", "110101199003070000", "TRUE"), ["source.number-precision-lost"]),
        "errors": (o_rows('<table:table-cell table:formula="of:=NA()" office:value-type="float" office:value="0"/>', '<table:table-cell table:formula="of:=1+1" office:value-type="float" office:value="2"/>'), "an error, and a formula", shown("#N/A", "2"), ["source.error-cell"]),
        "merged": ("".join(f"<table:table-row>{line}</table:table-row>" for line in (
            "".join(map(o_text, NAMES)), o_text("一部", 'table:number-rows-spanned="2" table:number-columns-spanned="1"') + o_text("张") + o_text("1"),
            "<table:covered-table-cell/>" + o_text("李") + o_text("2"))), "cells merged down", [["一部", "张", "1"], ["一部", "李", "2"]], []),
    }  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        for name, (rows, _, _, _) in books.items():
            (Path(folder) / f"{name}.fods").write_text(content(rows, "document"), encoding="utf-8")
        command = [
            "soffice",
            "--headless",
            "--convert-to",
            "xls",
            "--outdir",
            folder,
            *(f"{folder}/{name}.fods" for name in books),
        ]
        subprocess.run(command, check=True, capture_output=True)
        for name, (_, trouble, rows, issues) in books.items():
            shutil.copy(Path(folder) / f"{name}.xls", HERE / f"{name}.xls")
            expect(f"{name}.xls", trouble, NAMES, rows, issues=issues)
    shutil.copy(HERE / "texts.xls", HERE / "wps.et")
    expect("wps.et", "a workbook of WPS", NAMES, shown(*TEXTS))
    whole = (HERE / "texts.xls").read_bytes()
    (HERE / "half.xls").write_bytes(whole[: len(whole) // 2])
    refuse("half.xls", "a file that breaks off", "file.damaged")
    cyclic = bytearray(whole)
    sector = 512 * (1 + int.from_bytes(whole[76:80], "little"))  # the table of sector chains
    cyclic[sector : sector + 512] = b"".join(struct.pack("<I", i) for i in range(128))
    (HERE / "cyclic.xls").write_bytes(cyclic)
    refuse("cyclic.xls", "sector chains that run in a circle", "file.damaged")


# --- lists to choose from -----------------------------------------------------------------------------------------------

CHOICES = {"编号": ["a", "b, c"], "名称": ["甲公司", "乙公司"], "值": ["高", "低"]}
"""The first is written in the rule, the second is a range of another sheet, the third a name for one."""
O_RULES = "".join(
    f'<table:content-validation table:name="v{n}" table:condition="{escape(condition, {chr(34): "&quot;"})}" table:base-cell-address="Sheet1.A2"/>'
    for n, condition in enumerate(('of:cell-content-is-in-list("a";"b, c")', "of:cell-content-is-in-list([$'值 表'.$A$2:.$A$3])",
                                   "of:cell-content-is-in-list(级别)", "of:cell-content-is-whole-number()"))
)  # fmt: skip


def choices(root: str) -> str:
    """Return a document with a sheet whose columns have rules, also below the rows, and the sheet with the values."""
    record = "".join(
        o_text(value, f'table:content-validation-name="v{n}"') for n, value in enumerate(("a", "甲公司", "高"))
    )
    empty = "".join(f'<table:table-cell table:content-validation-name="v{n}"/>' for n in (3, 1, 2))
    lines = ("".join(map(o_text, NAMES)), record, empty)
    whole = content("".join(f"<table:table-row>{line}</table:table-row>" for line in lines), root)
    values = "".join(
        f"<table:table-row>{o_text(name)}{o_text(level)}</table:table-row>"
        for name, level in zip(("名称", *CHOICES["名称"]), ("级别", *CHOICES["值"]), strict=True)
    )
    more = (
        f'<table:table table:name="值 表">{values}</table:table><table:named-expressions><table:named-range table:name="级别" '
        "table:base-cell-address=\"$'值 表'.$A$1\" table:cell-range-address=\"$'值 表'.$B$2:.$B$3\"/></table:named-expressions>"
    )
    whole = whole.replace(
        "<office:spreadsheet>", f"<office:spreadsheet><table:content-validations>{O_RULES}</table:content-validations>"
    )
    return whole.replace("</office:spreadsheet>", f"{more}</office:spreadsheet>")


def b_rule(column: int, tokens: bytes, kind: int = 3) -> bytes:
    area = struct.pack("<I4I", 1, 1, 8, column, column)
    return record(
        64, struct.pack("<I", kind) + area + b"\xff" * 16 + struct.pack("<I", len(tokens)) + tokens + bytes(12)
    )


def b_area(sheet: int, first: int, last: int, column: int) -> bytes:
    return struct.pack("<BHIIHH", 0x3B, sheet, first, last, column, column)


def make_choices() -> None:
    rows = [["a", "甲公司", "高"]]
    for_all = {
        "Sheet1": {"columns": NAMES, "rows": rows, "validation": CHOICES},
        "值 表": {"columns": ["名称", "级别"], "rows": [["甲公司", "高"], ["乙公司", "低"]], "validation": {}},
    }
    pack("choices.ods", {
        "mimetype": "application/vnd.oasis.opendocument.spreadsheet", "content.xml": choices("document-content"), "META-INF/manifest.xml": "<m/>",
    })  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "choices.fods").write_text(choices("document"), encoding="utf-8")
        command = ["soffice", "--headless", "--convert-to", "xls", "--outdir", folder, f"{folder}/choices.fods"]
        subprocess.run(command, check=True, capture_output=True)
        shutil.copy(Path(folder) / "choices.xls", HERE / "choices.xls")
    cyclic = bytearray((HERE / "choices.xls").read_bytes())
    sector = 512 * (1 + int.from_bytes(cyclic[60:64], "little"))  # the table of the chains of short streams
    cyclic[sector : sector + 512] = b"".join(struct.pack("<I", i) for i in range(128))
    (HERE / "cyclic-short.xls").write_bytes(cyclic)
    refuse("cyclic-short.xls", "chains of short sectors that run in a circle", "file.damaged")
    text = "a,b; c"
    tokens = (
        struct.pack("<BH", 0x17, len(text)) + text.encode("utf-16-le"),
        b_area(1, 1, 2, 0),
        struct.pack("<BI", 0x23, 2),
    )
    odd = (
        b_rule(0, b"\x1e\x01\x00", 1)
        + b_rule(1, struct.pack("<BI", 0x23, 9))
        + b_rule(2, b_area(7, 0, 1, 0))
        + b_rule(2, b"\x17")
    )
    first = {
        1: b"".join(string(c, n) for c, n in enumerate(NAMES)),
        2: b"".join(string(c, n) for c, n in enumerate(rows[0])),
    }
    second = {
        n: string(0, a) + string(1, b)
        for n, (a, b) in enumerate((("名称", "级别"), ("甲公司", "高"), ("乙公司", "低")), 1)
    }
    xlsb("choices.xlsb", xlsb_sheet(first, after=odd + b"".join(map(b_rule, range(3), tokens))))
    with zipfile.ZipFile(HERE / "choices.xlsb") as package:
        parts = {part: package.read(part) for part in package.namelist()}
    sheets = b"".join(
        record(156, struct.pack("<II", 0, n) + wide(f"s{n}") + wide(name)) for n, name in enumerate(for_all, 1)
    )
    links = (
        record(353)
        + record(357)
        + record(362, struct.pack("<I", 2) + struct.pack("<Iii", 0, 0, 0) + struct.pack("<Iii", 0, 1, 1))
        + record(354)
    )
    names = b"".join(
        record(
            39,
            struct.pack("<IBI", 0, 0, 0xFFFFFFFF)
            + wide(name)
            + struct.pack("<I", 15)
            + b_area(1, 1, 2, column)
            + bytes(8),
        )
        for name, column in (("别的", 0), ("级别", 1))
    )
    pack("choices.xlsb", {
        **parts, "xl/workbook.bin": record(131) + record(143) + sheets + record(144) + links + names + record(132),
        "xl/worksheets/sheet2.bin": xlsb_sheet(second),
        "xl/_rels/workbook.bin.rels": f'<Relationships xmlns="{PACKAGE}">' + "".join(
            f'<Relationship Id="s{n}" Type="{OFFICE}/worksheet" Target="worksheets/sheet{n}.bin"/>' for n in (1, 2)) + "</Relationships>",
    })  # fmt: skip
    for ending in ("ods", "xls", "xlsb"):
        save(f"choices.{ending}", {"trouble": "columns with lists to choose from", "tables": for_all})
    other = {**for_all, "Sheet1": {**for_all["Sheet1"], "validation": {**CHOICES, "编号": ["a", "b; c"]}}}
    save("choices.xlsb", {"trouble": "columns with lists to choose from", "tables": other})


# --- what is only called .xls -----------------------------------------------------------------------------------------


def make_pages() -> None:
    lines = "".join(
        f"<tr><td>K{n}</td><td>甲公司</td><td>{escape(value)}</td></tr>\n" for n, value in enumerate(TEXTS, 2)
    )
    page = f'<html><head><meta http-equiv="Content-Type" content="text/html; charset=gb2312"></head><body><table border="1"><tr><th>编号</th><th>名称</th><th>值</th></tr>{lines}</table></body></html>'
    (HERE / "page.xls").write_bytes(page.encode("gb18030"))
    expect("page.xls", "a web page in GBK that is called .xls", NAMES, shown(*TEXTS), "Table1")
    loose = "<table><tr><td>编号<td>名称<td>值<tr><td rowspan=2>一部<td>张<br>三<td>&lt;1&gt;&nbsp;<tr><td>李<td><b>2</b> 3</table>"
    (HERE / "loose.xls").write_text(f'<meta charset="utf-8">{loose}', encoding="utf-8")
    expect(
        "loose.xls",
        "end tags left out, a cell over two rows, line breaks",
        NAMES,
        [["一部", "张\n三", "<1>"], ["一部", "李", "2 3"]],
        "Table1",
    )
    nested = "<table><tr><td><h1>客户</h1></td></tr><tr><td><table><caption>客户表</caption><tr><td>编号</td><td>名称</td><td>值</td></tr><tr><td>1</td><td>甲</td><td>x</td></tr></table></td></tr></table>"
    (HERE / "nested.html").write_text(f"<!DOCTYPE html><html><body>{nested}</body></html>", encoding="utf-8")
    form = "<table><tr><th>编号<th>名称<th>值</tr><tr><td>1<td>甲<td>x</tr><tr><td>2<td>乙<td>y<table><tr><td>甲<td>乙</tr></table></table>"
    (HERE / "inner.html").write_text(f"<!DOCTYPE html><html><body>{form}</body></html>", encoding="utf-8")
    inner = {"columns": NAMES, "rows": [["1", "甲", "x"], ["2", "乙", "y"]]}
    save(
        "inner.html",
        {
            "trouble": "a table of records with another one in a cell",
            "tables": {"Table1": inner, "Table2": {"columns": ["甲", "乙"], "rows": []}},
        },
    )
    expect("nested.html", "a table inside one that lays out the page", NAMES, [["1", "甲", "x"]], "客户表")
    (HERE / "frames.xls").write_text(
        '<html><frameset><frame src="frames_files/sheet001.htm"></frameset></html>', encoding="utf-8"
    )
    refuse("frames.xls", "the frame of a page whose sheets lie in other files", "file.is-html")
    name = "urn:schemas-microsoft-com:office:spreadsheet"
    styles = "".join(
        f'<Style ss:ID="s{i}"><NumberFormat ss:Format="{code}"/></Style>'
        for i, code in enumerate(("000000", "Short Date", "Percent"))
    )

    def data(kind: str, value: str, more: str = "") -> str:
        return f'<Cell{more}><Data ss:Type="{kind}">{escape(value)}</Data></Cell>'

    cells = (
        data("Number", "123", ' ss:StyleID="s0"'), data("DateTime", "2023-05-01T00:00:00.000", ' ss:StyleID="s1"'), data("Number", "0.5", ' ss:StyleID="s2"'),
        data("Number", "1.1010119900307E+17"), data("Boolean", "1"), data("Error", "#N/A"),
    )  # fmt: skip
    for file, values, found, issues in (
        ("texts2003.xls", [data("String", value) for value in TEXTS], shown(*TEXTS), []),
        (
            "numbers2003.xml",
            cells,
            shown("000123", "2023-05-01", "50.00%", "110101199003070000", "TRUE", "#N/A"),
            ["source.error-cell", "source.number-precision-lost"],
        ),
    ):
        rows = "".join(
            f"<Row>{data('String', f'K{n}')}{data('String', '甲公司')}{value}</Row>"
            for n, value in enumerate(values, 2)
        )
        head = "".join(data("String", name) for name in NAMES)
        xml = f'<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><Workbook xmlns="{name}" xmlns:ss="{name}"><Styles>{styles}</Styles><Worksheet ss:Name="Sheet1"><Table><Row>{head}</Row>{rows}</Table></Worksheet></Workbook>'
        (HERE / file).write_text(xml, encoding="utf-8")
        expect(file, "an XML spreadsheet of Excel 2003", NAMES, found, issues=issues)
    note = '<Comment ss:Author="某"><ss:Data xmlns="http://www.w3.org/TR/REC-html40"><B>批注</B></ss:Data></Comment></Cell>'
    cells = [data("String", value) for value in ("1", "甲", "x")]
    cells[1] = cells[1].replace("</Cell>", note)
    xml = f'<?xml version="1.0"?><Workbook xmlns="{name}" xmlns:ss="{name}"><Worksheet ss:Name="Sheet1"><Table><Row>{head}</Row><Row>{"".join(cells)}</Row></Table></Worksheet></Workbook>'
    (HERE / "comment2003.xml").write_text(xml, encoding="utf-8")
    expect("comment2003.xml", "a comment with text of its own in a cell", NAMES, [["1", "甲", "x"]], issues=[])
    (HERE / "rot13.xml").write_text(xml.replace('"1.0"', '"1.0" encoding="rot13"'), encoding="utf-8")
    refuse("rot13.xml", "it declares what is no encoding of text", "file.damaged")


if __name__ == "__main__":
    make_xlsx()
    make_unusual_xlsx()
    make_xlsb()
    make_ods()
    make_pages()
    make_xls()
    make_choices()
