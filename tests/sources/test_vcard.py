"""Address books: 2.1 with quoted-printable GBK, 3.0 and 4.0."""

from __future__ import annotations


def quoted(text, encoding="gbk"):
    return "".join(f"={byte:02X}" for byte in text.encode(encoding))


def test_version_2_1_quoted_printable_gbk_with_soft_breaks(tmp_path, only):
    name, note = quoted("欧阳娜娜"), quoted("一个很长的备注，要分成几行来写")
    lines = [
        "BEGIN:VCARD", "VERSION:2.1", f"N;CHARSET=GBK;ENCODING=QUOTED-PRINTABLE:{quoted('欧阳')};{quoted('娜娜')};;;",
        f"FN;CHARSET=GBK;ENCODING=QUOTED-PRINTABLE:{name[:12]}=", name[12:],
        f"ORG;CHARSET=GBK;QUOTED-PRINTABLE:{quoted('甲乙公司')};{quoted('销售部')}",
        "TEL;CELL:13800000001", "TEL;WORK;VOICE:0571-8888 6666", "TEL;HOME:010-1", "TEL;FAX:999", "TEL;CELL:13900000002",
        f"NOTE;ENCODING=QUOTED-PRINTABLE;CHARSET=GBK:{note[:60]}=", f"{note[60:]}",
        f"ADR;WORK;CHARSET=GBK;ENCODING=QUOTED-PRINTABLE:;;{quoted('文三路1号')};{quoted('杭州市')};{quoted('浙江省')};310000;{quoted('中国')}",
        "EMAIL;INTERNET:a@b.com", "BDAY:1990-01-02", "URL:http://x.cn/a:b", "END:VCARD",
    ]  # fmt: skip
    path = tmp_path / "王敏.vcf"
    path.write_bytes("\r\n".join(lines).encode("ascii"))
    table, rows = only(path)
    assert table.name == "王敏"
    row = {name: values[0] for name, values in rows.items()}
    assert row["FN"] == "欧阳娜娜"
    assert (row["FAMILY"], row["GIVEN"], row["ORG"], row["UNIT"]) == ("欧阳", "娜娜", "甲乙公司", "销售部")
    assert row["TEL_CELL"] == "13800000001; 13900000002"
    assert (row["TEL_WORK"], row["TEL_HOME"], row["TEL"]) == ("0571-8888 6666", "010-1", "999")
    assert row["NOTE"] == "一个很长的备注，要分成几行来写"
    assert row["ADR"] == "中国浙江省杭州市文三路1号 310000"
    assert (row["BDAY"], row["URL"], row["TITLE"]) == ("1990-01-02", "http://x.cn/a:b", None)
    assert row["_origin"] == "王敏.vcf!1"


def test_version_3_folded_escaped_and_grouped(tmp_path, only):
    lines = [
        "BEGIN:VCARD", "VERSION:3.0", "N:Smith;Anna;;;", "FN:Anna", "  Smith", "ORG:A\\, B & Co\\;x;Sales",
        "item1.TEL;TYPE=CELL,VOICE:+86 138", 'item2.EMAIL;TYPE="INTERNET":a@b.com', "item2.X-ABLabel:work",
        "NOTE:line 1\\nline 2", "ADR;TYPE=HOME:;;1 Road;London;;E1;UK", "PHOTO;ENCODING=b;TYPE=JPEG:QUJD", " REVG",
        "END:VCARD", "", "BEGIN:VCARD", "VERSION:4.0", "FN:李四", 'TEL;VALUE=uri;TYPE="voice,home":tel:+86-10-1', "END:VCARD",
    ]  # fmt: skip
    path = tmp_path / "a.vcf"
    path.write_text("\n".join(lines), encoding="utf-8")
    rows = only(path)[1]
    assert rows["FN"] == ["Anna Smith", "李四"]
    assert rows["ORG"][0] == "A, B & Co;x"
    assert rows["UNIT"][0] == "Sales"
    assert rows["TEL_CELL"] == ["+86 138", None]
    assert rows["TEL_HOME"] == [None, "+86-10-1"]
    assert rows["EMAIL"][0] == "a@b.com"
    assert rows["NOTE"][0] == "line 1\nline 2"
    assert rows["ADR"][0] == "1 Road, London, E1, UK"


def test_a_whole_file_in_gbk_without_a_word_about_it(tmp_path, only):
    path = tmp_path / "a.vcf"
    path.write_bytes(
        "BEGIN:VCARD\r\nVERSION:2.1\r\nN:王;小明\r\nORG:杭州甲乙科技有限公司\r\nEND:VCARD\r\n".encode("gbk")
    )
    table, rows = only(path)
    assert rows["FN"] == ["王小明"]
    assert table.facts["encoding"] == "gb18030"


def test_names_without_a_formatted_one(tmp_path, only):
    names = ["N:Smith;John;Quincy;Dr.;Jr.", "N:Smith;John", "N:王;小明;;;先生", "N:;Anna;;;", "N:𠮷田;三"]
    path = tmp_path / "a.vcf"
    path.write_text("".join(f"BEGIN:VCARD\nVERSION:3.0\n{n}\nTEL:1\nEND:VCARD\n" for n in names), encoding="utf-8")
    rows = only(path)[1]
    assert rows["FN"] == ["Dr. John Quincy Smith Jr.", "John Smith", "王小明", "Anna", "𠮷田三"]
    assert rows["FAMILY"][0] == "Smith"


def test_a_card_inside_a_card_takes_nothing_from_it(tmp_path, only):
    inner = "BEGIN:VCARD\nVERSION:2.1\nFN:Agent\nAGENT:\nBEGIN:VCARD\nFN:Third\nEND:VCARD\nTEL:2\nEND:VCARD\n"
    for begin in ("AGENT:\nBEGIN:VCARD\n", "AGENT:BEGIN:VCARD\n"):
        path = tmp_path / "a.vcf"
        agent = inner.replace("BEGIN:VCARD\n", begin, 1)
        path.write_text(f"BEGIN:VCARD\nVERSION:2.1\nFN:Chief\n{agent}TEL:1\nORG:Acme\nEND:VCARD\n", encoding="utf-8")
        rows = only(path)[1]
        assert sorted(zip(rows["FN"], rows["TEL"], rows["ORG"], strict=True)) == [
            ("Agent", "2", None), ("Chief", "1", "Acme"), ("Third", None, None),
        ]  # fmt: skip


def test_escapes_of_each_version(tmp_path, only):
    card = "BEGIN:VCARD\nVERSION:{}\nFN:a\nORG:Acme\\\\;Sales\\;x\nNOTE:C:\\new\\, 1\nEND:VCARD\n"
    (tmp_path / "a.vcf").write_text(card.format("3.0") + card.format("2.1"), encoding="utf-8")
    rows = only(tmp_path / "a.vcf")[1]
    assert (rows["ORG"], rows["UNIT"]) == (["Acme\\"] * 2, ["Sales;x"] * 2)
    assert rows["NOTE"] == ["C:\new, 1", "C:\\new, 1"]


def test_a_card_that_is_not_closed(tmp_path, only):
    path = tmp_path / "a.vcf"
    path.write_text("BEGIN:VCARD\nFN:A\nBEGIN:VCARD\nFN:B\nEND:VCARD\nFN:C\nREV:1\n", encoding="utf-8")
    table, rows = only(path)
    assert rows["FN"] == ["A", "B", "C"]
    assert [(issue[2], issue[4]) for issue in table.issues] == [
        ("a.vcf!1", "source.vcard-open"),
        ("a.vcf!3", "source.vcard-open"),
    ]


def test_what_stands_between_cards_is_no_card(tmp_path, only):
    path = tmp_path / "a.vcf"
    path.write_text("BEGIN:VCARD\nFN:A\nEND:VCARD\nX-LIST:all\n", encoding="utf-8")
    table, rows = only(path)
    assert rows["FN"] == ["A"]
    assert table.issues == []


def test_what_cannot_be_decoded_or_comes_into_no_column_is_told(tmp_path, only):
    (tmp_path / "a.vcf").write_text(
        "BEGIN:VCARD\nVERSION:2.1\nFN:甲\nNOTE;ENCODING=BASE64:备注\n"
        "TITLE;CHARSET=undefined;ENCODING=QUOTED-PRINTABLE:=E7=94=B2\nTEL;FAX:1\nROLE:x\nEND:VCARD\n"
        "BEGIN:VCARD\nFN:乙\nROLE:y\nIMPP:z\nEND:VCARD\n",
        encoding="utf-8",
    )
    table, rows = only(tmp_path / "a.vcf")
    assert (rows["NOTE"][0], rows["TITLE"][0], rows["TEL"][0]) == ("备注", "甲", "1")
    assert [(issue[4], issue[3], issue[7]) for issue in table.issues] == [
        ("source.undecodable", "NOTE", "备注"),
        ("source.vcard-property", "", "ROLE (2), IMPP (1)"),
        ("source.vcard-fax", "TEL", "1"),
    ]
