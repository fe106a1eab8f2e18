"""Makes the nasty text files of this folder, and what a careful person reads out of each: `python make.py`.

Nothing here uses a reader; every expectation is written beside its file's bytes. No value is of a real person or company.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Sequence
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
KEEP = ["000123", "110101199003070011", "NA", "None", "1E5", "2023-01-02", "1/2", "TRUE"]
"""Values that a reader who guesses types damages."""
SWALLOWS, STRAY, RAGGED, LOST = "source.quote-swallows", "source.quote-stray", "source.ragged-row", "source.undecodable"


def case(
    name: str,
    trouble: str,
    data: bytes | str,
    columns: Sequence[str],
    rows: Sequence[Sequence[str | None]],
    **more: Any,
) -> None:
    """Write a file with one table, and the expectation."""
    (HERE / name).write_bytes(data if isinstance(data, bytes) else data.encode())
    table = {"columns": list(columns), "rows": [list(row) for row in rows], "issues": [], **more}
    say(name, {"trouble": trouble, "tables": {name.rpartition(".")[0]: table}})


def refused(name: str, trouble: str, data: bytes | str, code: str) -> None:
    """Write a file that has to be refused."""
    (HERE / name).write_bytes(data if isinstance(data, bytes) else data.encode())
    say(name, {"trouble": trouble, "refused": code})


def say(name: str, expectation: dict[str, Any]) -> None:
    text = json.dumps(expectation, ensure_ascii=False, indent=1)
    (HERE / f"{name}.expected.json").write_text(text + "\n", encoding="utf-8")


NAMES = ["编号", "名称", "备注"]
ROWS = [["000123", "杭州甲乙科技有限公司", "已回访"], ["000124", "上海丙丁贸易有限公司", None]]


def lines(delimiter: str = ",", end: str = "\r\n", rows: Sequence[Sequence[str | None]] = ROWS) -> str:
    return end.join(delimiter.join(cell or "" for cell in row) for row in (NAMES, *rows)) + end


def encodings() -> None:
    traditional = [["000123", "臺北甲乙電腦股份有限公司", "已聯絡"], ["000124", "高雄丙丁貿易有限公司", None]]
    text = lines()
    case("utf8-bom.csv", "UTF-8 with a byte order mark", b"\xef\xbb\xbf" + text.encode(), NAMES, ROWS)
    case(
        "gbk.csv",
        "GBK, with a euro sign of its own",
        lines(rows=[*ROWS, ["3", "戊€公司", None]]).encode("gb18030"),
        NAMES,
        [*ROWS, ["3", "戊€公司", None]],
    )
    case(
        "gb18030-four-bytes.csv",
        "a sign that only GB 18030 has, in four bytes",
        lines(rows=[*ROWS, ["3", "㐀𠮷公司", None]]).encode("gb18030"),
        NAMES,
        [*ROWS, ["3", "㐀𠮷公司", None]],
    )
    big5 = "編號,名稱,備註\r\n" + "\r\n".join(",".join(cell or "" for cell in row) for row in traditional)
    case(
        "big5.csv",
        "Big5, whose second bytes are commas' neighbours and backslashes",
        (big5 + "\r\n3,許功蓋公司,x\r\n").encode("big5"),
        ["編號", "名稱", "備註"],
        [*traditional, ["3", "許功蓋公司", "x"]],
    )
    case("utf16-bom.csv", "UTF-16 as Excel's Unicode text, with tabs", lines("\t").encode("utf-16"), NAMES, ROWS)
    case("utf16le-no-bom.csv", "UTF-16 without a byte order mark", text.encode("utf-16-le"), NAMES, ROWS)
    case("utf16be-no-bom.csv", "UTF-16, big end first, without a mark", text.encode("utf-16-be"), NAMES, ROWS)
    case("utf32.csv", "UTF-32", text.encode("utf-32"), NAMES, ROWS)
    case(
        "cp1252.csv",
        "western letters of Windows",
        "no;name;city\n1;René Müller;Zürich\n2;“Peña” – Söhne;Málaga\n".encode("cp1252"),
        ["no", "name", "city"],
        [["1", "René Müller", "Zürich"], ["2", "“Peña” – Söhne", "Málaga"]],
    )
    case(
        "cp1251.csv",
        "Russian letters of Windows",
        "Код;Название;Город\n1;Ромашка;Москва\n2;Заря и Ко;Казань\n".encode("cp1251"),
        ["Код", "Название", "Город"],
        [["1", "Ромашка", "Москва"], ["2", "Заря и Ко", "Казань"]],
    )
    case(
        "cp932.csv",
        "Japanese, half-width kana among it",
        "番号,名前,メモ\n1,サクラ商事,ありがとう\n2,ﾔﾏﾀﾞ電気,お客様です\n".encode("cp932"),
        ["番号", "名前", "メモ"],
        [["1", "サクラ商事", "ありがとう"], ["2", "ﾔﾏﾀﾞ電気", "お客様です"]],
    )
    case(
        "cp949.csv",
        "Korean",
        "번호,이름,주소\n1,한국상사 주식회사,서울시 강남구 대로\n2,대한무역,부산시 해운대구\n".encode("cp949"),
        ["번호", "이름", "주소"],
        [["1", "한국상사 주식회사", "서울시 강남구 대로"], ["2", "대한무역", "부산시 해운대구"]],
    )
    ascii_rows = [[f"{number:06}", f"Client {number}", "ok"] for number in range(300)]
    late = [*ascii_rows, ["000300", "张三", "ok"]]
    case(
        "nearly-ascii-gbk.csv",
        "one Chinese name at the end of 300 rows of ASCII",
        ("no,name,note\n" + "".join(",".join(row) + "\n" for row in late)).encode("gb18030"),
        ["no", "name", "note"],
        late,
    )
    case(
        "mixed-utf8-gbk.csv",
        "rows appended in GBK to a file in UTF-8",
        lines().encode() + "000125,北京戊己有限公司,客户\r\n000126,深圳庚辛有限公司,电话\r\n".encode("gbk"),
        NAMES,
        [*ROWS, ["000125", "北京戊己有限公司", "客户"], ["000126", "深圳庚辛有限公司", "电话"]],
        issues=["source.other-encoding"],
    )
    many = [[f"{number}", f"杭州甲乙科技有限公司{number}", "回访客户"] for number in range(30)]
    torn = lines(end="\n", rows=many).encode() + b"99," + "公司".encode()[:-1] + b",x\n"
    case("lost-byte.csv", "one byte of a sign was lost", torn, NAMES, [*many, ["99", "公\ufffd", "x"]], issues=[LOST])
    case(
        "guessed.csv",
        "one letter that is not ASCII and tells nothing",
        b"no,price,note\n1,\xb412,a\n2,13,b\n",
        ["no", "price", "note"],
        [["1", "´12", "a"], ["2", "13", "b"]],
        issues=["source.encoding-guessed"],
    )


def delimiters() -> None:
    for name, delimiter in (
        ("semicolon", ";"),
        ("tab", "\t"),
        ("bar", "|"),
        ("caret", "^"),
        ("tilde", "~"),
        ("hash", "#"),
        ("two-bars", "||"),
        ("control-a", "\x01"),
        ("full-width-comma", "，"),
    ):
        more = [*ROWS, ["000125", "深圳戊己有限公司", "报价"]]
        case(f"{name}.txt", f"delimiter: {name}", lines(delimiter, "\n", more), NAMES, more)
    aligned = "编号    名称              电话\n000123  杭州甲乙公司      13800000001\n000124  上海丙丁 (分公司)  13800000002\n000125  深圳戊己公司      13800000003\n"
    case(
        "aligned.txt",
        "columns aligned with blanks",
        aligned,
        ["编号", "名称", "电话"],
        [
            ["000123", "杭州甲乙公司", "13800000001"],
            ["000124", "上海丙丁 (分公司)", "13800000002"],
            ["000125", "深圳戊己公司", "13800000003"],
        ],
    )
    case(
        "colon.txt",
        "colons between the cells, times in none",
        "code:name:city\nA1:alpha:Paris\nA2:beta:Rome\nA3:gamma:Oslo\n",
        ["code", "name", "city"],
        [["A1", "alpha", "Paris"], ["A2", "beta", "Rome"], ["A3", "gamma", "Oslo"]],
    )
    case(
        "sep-line.csv",
        "Excel's line that names the delimiter",
        "sep=;\r\n编号;金额\r\n1;1,5\r\n2;2,5\r\n",
        ["编号", "金额"],
        [["1", "1,5"], ["2", "2,5"]],
    )
    case(
        "comma-in-values.csv",
        "semicolons between, decimal commas within",
        "编号;金额;比例\n1;1.200,50;3,5\n2;900,00;1,5\n",
        ["编号", "金额", "比例"],
        [["1", "1.200,50", "3,5"], ["2", "900,00", "1,5"]],
    )
    case(
        "blank-behind-comma.csv",
        "a blank behind each delimiter, before the quotation mark",
        '编号, 名称, 备注\n1, "甲, 乙公司", "x"\n2, "丙公司", "y"\n',
        NAMES,
        [["1", "甲, 乙公司", "x"], ["2", "丙公司", "y"]],
    )
    case(
        "other-delimiter-row.csv",
        "one row with semicolons instead of commas",
        "编号,名称,备注\n1,甲公司,x\n2;乙公司;y\n3,丙公司,z\n",
        NAMES,
        [["1", "甲公司", "x"], ["2", "乙公司", "y"], ["3", "丙公司", "z"]],
        issues=["source.other-delimiter"],
    )


def quotes() -> None:
    case(
        "single-quotes.csv",
        "apostrophes as quotation marks",
        "编号,名称,备注\n1,'甲,乙公司','it''s'\n2,'丙公司','y'\n",
        NAMES,
        [["1", "甲,乙公司", "it's"], ["2", "丙公司", "y"]],
    )
    case(
        "backslash.csv",
        "marks escaped with a backslash",
        '编号,名称,备注\n1,"甲\\"乙\\",丙公司","c:\\\\x"\n2,"丁公司","y"\n3,"戊\\"公司","z"\n',
        NAMES,
        [["1", '甲"乙",丙公司', "c:\\x"], ["2", "丁公司", "y"], ["3", '戊"公司', "z"]],
    )
    case(
        "doubled.csv",
        "marks within doubled",
        '编号,名称,备注\n1,"他说 ""好""，走了","""x"""\n2,"y",""\n',
        NAMES,
        [["1", '他说 "好"，走了', '"x"'], ["2", "y", None]],
    )
    case(
        "quoted-part.csv",
        "a name whose first part is in quotation marks",
        '编号,名称,备注\n1,"甲乙"商贸公司,x\n2,丙公司,y\n3,丁公司,z\n',
        NAMES,
        [["1", '"甲乙"商贸公司', "x"], ["2", "丙公司", "y"], ["3", "丁公司", "z"]],
        issues=[STRAY],
    )
    case(
        "unescaped-inside.csv",
        "marks inside a quoted cell not doubled",
        '编号,名称,备注\n1,"甲 "金牌", 乙公司",x\n2,"丙公司",y\n3,"丁公司",z\n',
        NAMES,
        [["1", '甲 "金牌", 乙公司', "x"], ["2", "丙公司", "y"], ["3", "丁公司", "z"]],
        issues=[STRAY],
    )
    case(
        "inches.csv",
        "inches written with a quotation mark",
        '编号,名称,备注\n1,24" 显示器,x\n2,5"" 管,y\n3,丁,z\n',
        NAMES,
        [["1", '24" 显示器', "x"], ["2", '5"" 管', "y"], ["3", "丁", "z"]],
    )
    case(
        "stray-swallows.csv",
        "a mark that is never closed takes in the rest",
        '编号,名称,备注\n1,"甲公司,x\n2,乙公司,y\n3,丙公司,z\n',
        NAMES,
        [["1", "甲公司", "x"], ["2", "乙公司", "y"], ["3", "丙公司", "z"]],
        issues=[SWALLOWS],
    )
    case(
        "stray-to-next.csv",
        "a mark that closes only three rows further on",
        '编号,名称,备注\n1,"甲公司,x\n2,乙公司,y\n3,"丙,丁公司",z\n4,戊公司,w\n',
        NAMES,
        [["1", "甲公司", "x"], ["2", "乙公司", "y"], ["3", "丙,丁公司", "z"], ["4", "戊公司", "w"]],
        issues=[SWALLOWS],
    )
    case(
        "newlines.csv",
        "line breaks of three kinds in quoted cells",
        '编号,名称,备注\r\n1,"甲\n公司","x\r\ny"\r\n2,"乙\r公司",z\r\n',
        NAMES,
        [["1", "甲\n公司", "x\r\ny"], ["2", "乙\r公司", "z"]],
    )
    full = [
        ["1", "甲", "x"],
        ["2", "乙", "y"],
        ["3", "丙", "z"],
        ["4", "丁", "w"],
        ["5", "戊", "v"],
        ["6", "己", "u"],
        *([f"{n}", f"公司{n}", "t"] for n in range(7, 15)),
    ]
    text = "编号,名称,备注\n" + "".join(f'{a},"{b}","{c}"\n' for a, b, c in full)
    case(
        "lost-delimiter.csv",
        "a delimiter lost between two quoted cells",
        text.replace('"丙","z"', '"丙""z"'),
        NAMES,
        full,
        issues=["source.other-delimiter"],
    )


def shapes() -> None:
    case("cr-only.csv", "lines end as on an old Macintosh", lines(end="\r"), NAMES, ROWS)
    case(
        "mixed-ends.csv",
        "three kinds of line ends",
        "编号,名称\r\n1,甲\n2,乙\r3,丙",
        ["编号", "名称"],
        [["1", "甲"], ["2", "乙"], ["3", "丙"]],
    )
    case(
        "ragged.csv",
        "rows too short and too long",
        "编号,名称,备注\n1,甲\n2,乙,x,多\n3,丙,y,\n",
        NAMES,
        [["1", "甲", None], ["2", "乙", "x"], ["3", "丙", "y"]],
        issues=[RAGGED],
    )
    case(
        "nul.csv",
        "zero bytes in a cell",
        "编号,名称,备注\n1,甲\0乙,x\n2,丙,y\n",
        NAMES,
        [["1", "甲\0乙", "x"], ["2", "丙", "y"]],
    )
    case(
        "control-z.csv",
        "the sign that ended files under DOS",
        "编号,名称,备注\n1,甲,x\n\x1a",
        NAMES,
        [["1", "甲", "x"]],
    )
    case(
        "keep.csv",
        "values that look like numbers, dates, nothing and truth",
        ",".join(f"c{i}" for i in range(8)) + "\n" + ",".join(KEEP) + "\n",
        [f"c{i}" for i in range(8)],
        [KEEP],
    )
    case(
        "formulas.csv",
        "cells that would be formulas in a worksheet",
        '编号,名称,备注\n1,"=HYPERLINK(""http://x"")",+1\n2,@SUM(A1),-2\n',
        NAMES,
        [["1", '=HYPERLINK("http://x")', "+1"], ["2", "@SUM(A1)", "-2"]],
    )
    case(
        "blank-cells.csv",
        "blanks, no-break and full-width ones, are letters",
        "编号,名称,备注\n1, 甲 ,\u3000x\n2,\xa0乙,y\n",
        NAMES,
        [["1", " 甲 ", "\u3000x"], ["2", "\xa0乙", "y"]],
    )
    refused("only-mark.csv", "a byte order mark and nothing else", b"\xef\xbb\xbf\r\n", "source.empty")
    refused("binary.csv", "a picture's noise called .csv", bytes(range(256)) * 8, "file.unknown-format")
    refused(
        "xcard.vcf",
        "an address book in XML",
        '<?xml version="1.0"?><vcards xmlns="urn:ietf:params:xml:ns:vcard-4.0"><vcard/></vcards>',
        "file.xcard",
    )


CARD = (
    "FN",
    "FAMILY",
    "GIVEN",
    "ORG",
    "UNIT",
    "TITLE",
    "TEL_CELL",
    "TEL_WORK",
    "TEL_HOME",
    "TEL",
    "EMAIL",
    "ADR",
    "URL",
    "BDAY",
    "NOTE",
)


def card(**cells: str) -> list[str | None]:
    return [cells.get(column) for column in CARD]


def qp(text: str, encoding: str) -> str:
    return "".join(f"={byte:02X}" for byte in text.encode(encoding))


def cards() -> None:
    name, note = qp("王小敏", "gbk"), qp("要求报价，下周再联系", "gbk")
    soft = f"BEGIN:VCARD\r\nVERSION:2.1\r\nFN;CHARSET=GBK;ENCODING=QUOTED-PRINTABLE:{name}\r\nTEL;CELL:000123\r\nNOTE;CHARSET=GBK;ENCODING=QUOTED-PRINTABLE:{note[:30]}=\r\n{note[30:]}\r\nEND:VCARD\r\n"
    case(
        "qp-gbk.vcf",
        "2.1: quoted-printable GBK with soft line breaks",
        soft,
        CARD,
        [card(FN="王小敏", TEL_CELL="000123", NOTE="要求报价，下周再联系")],
    )
    bare = f"BEGIN:VCARD\nVERSION:2.1\nN;ENCODING=QUOTED-PRINTABLE:{qp('陈', 'gbk')};{qp('大文', 'gbk')}\nTEL;WORK:1\nTEL;WORK:2\nTEL;HOME:3\nEND:VCARD\n"
    case(
        "qp-no-charset.vcf",
        "quoted-printable GBK that does not say so; several telephones",
        bare,
        CARD,
        [card(FN="陈大文", FAMILY="陈", GIVEN="大文", TEL_WORK="1; 2", TEL_HOME="3")],
    )
    grouped = "BEGIN:VCARD\nVERSION:3.0\nFN:李四\nitem1.TEL:13800000001\nitem1.X-ABLabel:_$!<Mobile>!$_\nitem2.TEL:0571-1\nitem2.X-ABLabel:工作\nEND:VCARD\n"
    case(
        "grouped.vcf",
        "telephones whose kind is in a label of their group",
        grouped,
        CARD,
        [card(FN="李四", TEL_CELL="13800000001", TEL_WORK="0571-1")],
    )
    picture = (
        "BEGIN:VCARD\nVERSION:3.0\nFN:赵六\nPHOTO;ENCODING=b;TYPE=JPEG:QUJD\n REVG\n R0hJ\nNOTE:长\n  行\nEND:VCARD\n"
    )
    case(
        "picture.vcf",
        "a picture in base64, a folded note",
        picture,
        CARD,
        [card(FN="赵六", NOTE="长 行")],
        issues=[],
    )
    agent = "BEGIN:VCARD\nVERSION:2.1\nFN:甲\nAGENT:\nBEGIN:VCARD\nVERSION:2.1\nFN:乙\nTEL;CELL:2\nEND:VCARD\nTEL;CELL:1\nEND:VCARD\n"
    case("agent.vcf", "a card inside a card", agent, CARD, [card(FN="乙", TEL_CELL="2"), card(FN="甲", TEL_CELL="1")])
    four = 'BEGIN:VCARD\nVERSION:4.0\nFN:孙七\nTEL;VALUE=uri;TYPE="voice,cell":tel:+86-138-0000-0001\nORG:甲\\, 乙公司;销售部\nBDAY:--0203\nEND:VCARD\n'
    case(
        "version-4.vcf",
        "4.0: telephone as a URI, a list of types in quotation marks",
        four,
        CARD,
        [card(FN="孙七", TEL_CELL="+86-138-0000-0001", ORG="甲, 乙公司", UNIT="销售部", BDAY="--0203")],
    )
    case(
        "open-card.vcf",
        "the first card is not closed",
        "BEGIN:VCARD\nFN:甲\nBEGIN:VCARD\nFN:乙\nEND:VCARD\n",
        CARD,
        [card(FN="甲"), card(FN="乙")],
        issues=["source.vcard-open"],
    )
    case(
        "cut-card.vcf",
        "the file breaks off inside the last card",
        "BEGIN:VCARD\nVERSION:3.0\nFN:甲\nEND:VCARD\nBEGIN:VCARD\nVERSION:3.0\nFN:乙\nTEL;TYPE=CELL:138",
        CARD,
        [card(FN="甲"), card(FN="乙", TEL_CELL="138")],
        issues=["source.vcard-open"],
    )
    case(
        "headless-card.vcf",
        "a card without its beginning",
        "BEGIN:VCARD\nFN:甲\nEND:VCARD\nFN:乙\nTEL;TYPE=CELL:13800000002\nEND:VCARD\n",
        CARD,
        [card(FN="甲"), card(FN="乙", TEL_CELL="13800000002")],
        issues=["source.vcard-open"],
    )
    case(
        "gbk.vcf",
        "a whole address book in GBK",
        "BEGIN:VCARD\nVERSION:3.0\nFN:周小姐\nORG:北京某某商贸有限公司\nEND:VCARD\n".encode("gbk"),
        CARD,
        [card(FN="周小姐", ORG="北京某某商贸有限公司")],
    )


def jsons() -> None:
    names = [f"c{number}" for number in range(8)]
    case(
        "keep.jsonl",
        "values that look like other types, as texts",
        json.dumps(dict(zip(names, KEEP, strict=True))) + "\n",
        names,
        [KEEP],
    )
    case(
        "numbers.json",
        "numbers whose digits must stay",
        '[{"a":1.10,"b":1E5,"c":110101199003070011},{"a":-0,"b":0.30,"c":1e400}]',
        ["a", "b", "c"],
        [["1.10", "1E5", "110101199003070011"], ["-0", "0.30", "1e400"]],
    )
    case(
        "wrapped.json",
        "the list stands inside an object",
        '{"code":0,"msg":"ok","data":{"total":2,"list":[{"编号":"1"},{"编号":"2"}]}}',
        ["编号"],
        [["1"], ["2"]],
        issues=["source.json-beside"],
    )
    case(
        "nested.json",
        "objects in objects, lists in objects",
        '[{"编号":"1","地址":{"市":"杭州","区":"西湖"},"标签":["a",1.0]},{"编号":"2","地址":null}]',
        ["编号", "地址.市", "地址.区", "标签", "地址"],
        [["1", "杭州", "西湖", '["a", 1.0]', None], ["2", None, None, None, None]],
    )
    case(
        "doubled.json",
        "a name twice in one object",
        '[{"a":"1","a":"2"},{"a":"3"}]',
        ["a"],
        [["2"], ["3"]],
        issues=["source.json-duplicate-name"],
    )
    case("pretty.json", "one object over several lines", '{\n  "a": "1",\n  "b": null\n}\n', ["a", "b"], [["1", None]])
    case(
        "gbk.json",
        "JSON in GBK",
        '[{"客户":"北京某某商贸有限公司"}]'.encode("gbk"),
        ["客户"],
        [["北京某某商贸有限公司"]],
    )
    refused("torn.jsonl", "the last line breaks off", '{"a":1}\n{"a":', "source.json")
    refused("deep.json", "a thousand objects one in another", '{"a":' * 100_000, "source.json-deep")
    refused(
        "jcard.json",
        "an address book in JSON",
        '["vcard",[["version",{},"text","4.0"],["fn",{},"text","x"]]]',
        "file.jcard",
    )


def dbf(
    fields: Sequence[tuple[str, str, int]],
    rows: Sequence[tuple[str, Sequence[bytes]]],
    *,
    version: int = 3,
    page: int = 0,
) -> bytes:
    """Return the bytes of a .dbf: rows are a mark (blank or *) and cells."""
    width = 1 + sum(size for _, _, size in fields)
    head = struct.pack("<4BIHH17xBxx", version, 126, 11, 25, len(rows), 33 + 32 * len(fields), width, page)
    for name, kind, size in fields:
        head += name.encode("gbk").ljust(11, b"\0") + kind.encode() + bytes(4) + bytes([size, 0]) + bytes(14)
    body = b"".join(
        mark.encode() + b"".join(cell.ljust(size)[:size] for cell, (_, _, size) in zip(cells, fields, strict=True))
        for mark, cells in rows
    )
    return head + b"\r" + body + b"\x1a"


def tables() -> None:
    fields = [("编号", "C", 8), ("名称", "C", 30), ("金额", "N", 10), ("有效", "L", 1), ("日期", "D", 8)]
    good = [b"000123", "杭州甲乙科技有限公司".encode("gbk"), b"   1200.50", b"T", b"20230102"]
    other = [b"NA", b"None", b"", b"?", b""]
    wanted = [["000123", "杭州甲乙科技有限公司", "1200.50", "true", "2023-01-02"], ["NA", "None", None, None, None]]
    names = [name for name, _, _ in fields]
    case(
        "gbk.dbf", "Chinese in a file that names no code page", dbf(fields, [(" ", good), (" ", other)]), names, wanted
    )
    case(
        "wrong-page.dbf",
        "Chinese in a file that says it is western",
        dbf(fields, [(" ", good), (" ", other)], page=3),
        names,
        wanted,
        issues=["source.codepage"],
    )
    case(
        "deleted.dbf",
        "a row marked as deleted",
        dbf(fields, [("*", good), (" ", other)], page=0x4D),
        names,
        wanted[1:],
        places=["2"],
        dropped={"deleted": 1},
        issues=["source.row-deleted"],
    )
    case(
        "overflow.dbf",
        "a number too long for its column",
        dbf(fields, [(" ", [*good[:2], b"**********", *good[3:]])], page=0x4D),
        names,
        [[*wanted[0][:2], "**********", *wanted[0][3:]]],
        issues=["source.number-overflow"],
    )
    keep = [(f"C{number}", "C", 20) for number in range(8)]
    case(
        "keep.dbf",
        "values that look like other types, as texts",
        dbf(keep, [(" ", [text.encode() for text in KEEP])]),
        [name for name, _, _ in keep],
        [KEEP],
    )
    refused(
        "memo-missing.dbf",
        "the file with the long texts is not there",
        dbf([("名称", "C", 8), ("备注", "M", 10)], [(" ", [b"x", b"         1"])], version=0x83),
        "file.memo-missing",
    )
    refused("torn.dbf", "the file breaks off", dbf(fields, [(" ", good)] * 9)[:-200], "file.damaged")


def parquets() -> None:
    from decimal import Decimal

    import pyarrow as pa
    import pyarrow.parquet as pq

    names = [f"c{number}" for number in range(8)]
    pq.write_table(pa.table({name: [text] for name, text in zip(names, KEEP, strict=True)}), HERE / "keep.parquet")
    say(
        "keep.parquet",
        {
            "trouble": "values that look like other types, as texts",
            "tables": {"keep": {"columns": names, "rows": [KEEP], "issues": []}},
        },
    )
    nested = pa.struct([("价", pa.decimal128(9, 2)), ("标签", pa.list_(pa.string()))])
    columns = {
        "金额": pa.array([Decimal("1200.50"), None], pa.decimal128(18, 2)), "比例": pa.array([0.1, None], pa.float32()),
        "时间": pa.array([1_672_628_645_000_001, None], pa.timestamp("us")), "详情": pa.array([{"价": Decimal("1.10"), "标签": ["NA"]}, None], nested),
        "旧文本": pa.array(["杭州".encode(), b"\xff\x00"], pa.binary()),
    }  # fmt: skip
    pq.write_table(pa.table(columns), HERE / "typed.parquet")
    rows = [
        ["1200.50", "0.1", "2023-01-02 03:04:05.000001", '{"价": 1.10, "标签": ["NA"]}', "杭州"],
        [None, None, None, None, "ff00"],
    ]
    say(
        "typed.parquet",
        {
            "trouble": "decimals, short floats, microseconds, nested values, texts stored as bytes",
            "tables": {"typed": {"columns": list(columns), "rows": rows, "issues": []}},
        },
    )
    refused("torn.parquet", "the file breaks off", (HERE / "keep.parquet").read_bytes()[:-30], "file.damaged")


if __name__ == "__main__":
    for make in (encodings, delimiters, quotes, shapes, cards, jsons, tables, parquets):
        make()
