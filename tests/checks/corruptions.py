"""What goes wrong with a table on its way: one function per kind, each doing its damage in rows of its own."""

from __future__ import annotations

from collections.abc import Callable

COLUMNS = ("key", "name", "short", "amount", "rate", "code", "phone", "day", "made", "active", "level", "owner", "note", "address", "due")  # fmt: skip
Row = dict[str, str | None]
Found = set[tuple[str, str, str]]


def clean(count: int) -> list[Row]:
    """Return rows with Chinese names, emoji, amounts, long numbers, dates; every value differs from those of the neighbours."""
    return [
        {
            "key": f"C{n:06}", "name": f"杭州华创{n}Tech科技有限公司", "short": f"华创 {n} 号", "amount": f"{1000 + n}.{n % 89 + 10}", "rate": f"{n % 90 + 1}.125",
            "code": f"6222021{n:012}", "phone": f"0{571 + n % 200}{n:07}", "day": f"2023-{n % 12 + 1:02}-{(n * 7 + 3) % 11 + 13}",
            "made": f"2023-{n % 12 + 1:02}-{(n * 7 + 3) % 11 + 13} {n % 9 + 10}:{n % 50 + 10}:07", "active": "true", "level": "ABC"[n % 3], "owner": f"staff/{n % 17}",
            "note": f'客户{n}说："好"\n&再联系😀', "address": None if n % 2 else f"文三路{n}号", "due": f"2024-03-{n % 7 + 4:02}",
        }
        for n in range(count)
    ]  # fmt: skip


def cell(
    column: str, kind: str, change: Callable[[str], str | None], *, filled: bool = True
) -> Callable[[list[Row], int], Found]:
    """Return a damage of one cell."""

    def damage(rows: list[Row], at: int) -> Found:
        at += 1 if (rows[at][column] is None) == filled else 0
        row = rows[at]
        before = row[column]
        row[column] = change(before or "")
        assert row[column] != before
        return {(str(row["key"]), column, kind)}

    return damage


def lost(rows: list[Row], at: int) -> Found:
    """A row is gone."""
    return {(str(rows.pop(at)["key"]), "", "row.missing")}


def half_a_batch(rows: list[Row], at: int) -> Found:
    """Five rows one after the other are gone."""
    gone = {(str(row["key"]), "", "row.missing") for row in rows[at : at + 5]}
    del rows[at : at + 5]
    return gone


def doubled(rows: list[Row], at: int) -> Found:
    """A row is there twice."""
    rows.append(dict(rows[at]))
    return {(str(rows[at]["key"]), "", "row.doubled")}


def stranger(rows: list[Row], at: int) -> Found:
    """A row that was never there."""
    rows.append({**rows[at], "key": f"X{at}"})
    return {(f"X{at}", "", "row.extra")}


def renamed(rows: list[Row], at: int) -> Found:
    """A row with another key."""
    before, rows[at]["key"] = rows[at]["key"], f"Y{at}"
    return {(str(before), "", "row.missing"), (f"Y{at}", "", "row.extra")}


def swapped(rows: list[Row], at: int) -> Found:
    """Two rows have each other's name."""
    rows[at]["name"], rows[at + 1]["name"] = rows[at + 1]["name"], rows[at]["name"]
    return {(str(rows[i]["key"]), "name", "value.swapped") for i in (at, at + 1)}


def shifted(rows: list[Row], at: int) -> Found:
    """From a column on, each holds what belongs into the one before."""
    row, names = rows[at], ("code", "phone", "day", "made")
    values = [row[name] for name in names]
    row.update(zip(names, [None, *values[:-1]], strict=True))
    return {(str(row["key"]), name, "value.shifted") for name in names}


CORRUPTIONS: dict[str, Callable[[list[Row], int], Found]] = {
    "shifted column": shifted,
    "swapped values of two rows": swapped,
    "another key": renamed,
    "cents for yuan": cell("amount", "value.factor", lambda v: v.replace(".", "")),
    "yuan for cents": cell("code", "value.factor", lambda v: v + "00"),
    "万 for yuan": cell("rate", "value.factor", lambda v: f"{float(v) / 10000:.7f}"),
    "truncated text": cell("name", "value.truncated", lambda v: v[:9]),
    "time zone shift": cell("made", "value.hours", lambda v: v[:11] + f"{int(v[11:13]) - 8:02}" + v[13:]),
    "time of day lost": cell("made", "value.time_gone", lambda v: v[:10]),
    "day and month swapped": cell("due", "value.day_month", lambda v: f"{v[:5]}{v[8:]}-{v[5:7]}"),
    "a day earlier": cell("day", "value.day", lambda v: f"{v[:8]}{int(v[8:]) - 1:02}"),
    "nothing for value": cell("name", "value.lost", lambda v: None),
    "empty text for value": cell("short", "value.lost", lambda v: ""),
    "value for nothing": cell("address", "value.added", lambda v: "文二路", filled=False),
    "NULL as a word": cell("address", "value.placeholder", lambda v: "NULL", filled=False),
    "zero for nothing": cell("address", "value.placeholder", lambda v: "0", filled=False),
    "trailing blank": cell("name", "value.blanks", lambda v: v + " "),
    "leading blank": cell("name", "value.blanks", lambda v: " " + v),
    "blank lost": cell("short", "value.blanks", lambda v: v.replace(" ", "")),
    "line break lost": cell("note", "value.blanks", lambda v: v.replace("\n", " ")),
    "case fold": cell("name", "value.case", str.lower),
    "emoji lost": cell("note", "value.damaged", lambda v: v.replace("😀", "")),
    "emoji as question marks": cell("note", "value.damaged", lambda v: v.replace("😀", "????")),
    "replacement character": cell("name", "value.damaged", lambda v: v.replace("创", "\ufffd")),
    "UTF-8 read as GB18030": cell("short", "value.damaged", lambda v: v.encode().decode("gb18030", "replace")),
    "UTF-8 read as Latin-1": cell("short", "value.damaged", lambda v: v.encode().decode("cp1252", "replace")),
    "wrong owner": cell("owner", "value.other", lambda v: "staff/99"),
    "wrong level": cell("level", "value.other", lambda v: "D"),
    "yes for no": cell("active", "value.other", lambda v: "false"),
    "rounding in the third decimal": cell("rate", "value.rounding", lambda v: v[:-1]),
    "rounded to whole yuan": cell("amount", "value.rounding", lambda v: v.partition(".")[0]),
    "leading zeros lost": cell("phone", "value.zeros", lambda v: v.lstrip("0")),
    "scientific notation": cell("code", "value.precision", lambda v: f"{float(v):.5E}"),
    "sixteenth digit lost": cell("code", "value.precision", lambda v: v[:15] + "0" * (len(v) - 15) if v[15:].strip("0") else v[:15] + "1111"),
    "thousands separators": cell("amount", "value.notation", lambda v: f"{v[0]},{v[1:]}"),
    "decimal comma": cell("amount", "value.notation", lambda v: v.replace(".", ",")),
    "sign lost": cell("amount", "value.sign", lambda v: "-" + v),
    "full-width digits": cell("level", "value.width", lambda v: chr(ord(v) + 0xFEE0)),
    "traditional characters": cell("name", "value.script", lambda v: v.replace("华创", "華創")),
    "HTML escaped": cell("note", "value.escaped", lambda v: v.replace("&", "&amp;")),
    "quotes doubled": cell("note", "value.escaped", lambda v: v.replace('"', '""')),
    "another value": cell("name", "value.other", lambda v: "宁波东方有限公司"),
    "lost row": lost,
    "half a batch": half_a_batch,
    "doubled row": doubled,
    "a stranger": stranger,
}  # fmt: skip
"""Those that take rows away or add some come last, so that the places of the others stay."""
