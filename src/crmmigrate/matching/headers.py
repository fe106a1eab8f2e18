"""What the headers of a table call its columns, and which of them are the parts of an address."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from crmmigrate.matching.shipped_headers import CITY, LINES, LINES_AT_END, OF_AN_ADDRESS, PARTS, STATE, TOWN
from crmmigrate.matching.texts.folding import fold

_SIGNS = re.compile(r"[\s_*:：.-]+")
_TONGUES = re.compile(r"(?<=[\u3400-\u9fff])\s+(?=[a-z])|(?<=[a-z.])\s+(?=[\u3400-\u9fff])")
"""Between what a header says in Chinese and in English: 客户名称 Customer."""

_NUMBER_OF = frozenset(("id", "no", "no.", "code", "number", "编号", "代码", "编码"))
"""客户 ID is no customer."""

_ASIDE = re.compile(r"[(\[【（].*?[)\]】）]")

_WHOSE_LINE = re.compile("收货|收件|送货|家庭|注册|公司|办公|单位|企业")
_SENT_THERE = ("收货", "收件", "送货", "家庭", "居住")


def header_names(column: str) -> list[str]:
    """Return what a header calls its column: `公司名稱/Company Name (必填)` is `公司名称` and `companyname`."""
    if column.startswith("_"):
        return [plain(column)]
    text = column if column.isascii() else fold([column])[0]
    parts = [text, *text.split("/"), *_ASIDE.sub("", text).split("/")]
    if len(tongues := _TONGUES.split(text)) > 1 and _NUMBER_OF.isdisjoint(tongues):
        parts += tongues
    return list(dict.fromkeys(name for part in parts if (name := plain(part))))


def plain(column: str) -> str:
    """Return a column's name as it is looked for: `Company Name` is `company_name`, `*电话：` is `电话`."""
    return _SIGNS.sub("", column.casefold()) if not column.startswith("_") else column.casefold()


def alike(pattern: str, columns: Sequence[str]) -> list[str]:
    """Return the columns of which the header is made so."""
    return [column for column in columns if any(re.fullmatch(pattern, name) for name in header_names(column))]


def address_columns(pattern: str, columns: Sequence[str], present: tuple[str, ...]) -> tuple[str, ...]:
    """Return the columns of an address from the province down; it needs more than its city, and its line more than a street."""
    line = [] if LINES.search(" ".join(present)) else alike(pattern, columns)[:1]
    towns = _town_of(line[0], columns) if line else []
    if not line and not LINES.search(" ".join(present)) and "city" not in map(plain, present):
        line = _city_of(columns)
    if not towns and all(LINES.search(name) or _part(name) for name in present):
        lines = [name for name in (*present, *line) if not _part(name)]
        towns = _parts_of(lines, [*columns, *present])
        return tuple(dict.fromkeys((*towns, *present, *line)))
    return tuple(dict.fromkeys((*present, *towns, *line)))


def _part(column: str) -> re.Match[str] | None:
    """Return whose part of which address a column is by its header, where that says it: 收货人城市."""
    return next((met for name in header_names(column) if (met := TOWN.fullmatch(name))), None)


def _parts_of(lines: Sequence[str], columns: Iterable[str]) -> list[str]:
    """Return the columns of the places in which these lines lie, of which the headers say whose they are; those of another's address are not."""
    by: dict[str, list[tuple[int, str]]] = {}
    for column in columns:
        if met := _part(column):
            by.setdefault(met["whose"][:2], []).append((PARTS.index(met["part"]), column))
    named = [whose for whose in by if any(whose in name for line in lines for name in header_names(line))]
    neutral = not any(_WHOSE_LINE.match(name) for line in lines for name in header_names(line))
    for whose in named or (by if neutral else ()):
        parts = sorted(by[whose])
        if whose in _SENT_THERE or any(
            PARTS[rank][0] in "省城市" for rank, _ in parts
        ):  # 公司地区 alone is one of sales
            return [column for _, column in parts]
    return []


def is_condition(columns: Sequence[str], there: Iterable[str]) -> bool:
    """Return whether all that is known of an address is a column `State` without anything else of one: orders and tickets are open, paid or shipped there."""
    return [header_names(column) for column in columns] == [[STATE]] and OF_AN_ADDRESS.isdisjoint(there)


def _town_of(line: str, columns: Sequence[str]) -> list[str]:
    """Return the columns of the state and the city to which the column of a line belongs: Mailing City of Mailing Street."""
    whose = LINES_AT_END.sub("", plain(line))
    named = {name: column for column in reversed(columns) for name in header_names(column)}
    return [named[name] for part in ("state", "province", "city") if (name := whose + part) in named and whose]


def _city_of(columns: Sequence[str]) -> list[str]:
    """Return the column of a city of which the header says whose it is, behind that of its state: Billing City, in a table without streets."""
    named = {name: column for column in reversed(columns) for name in header_names(column)}
    for column in columns:
        for whose in (met[1] for name in header_names(column) if (met := re.fullmatch(CITY, name))):
            return [*(named[name] for part in ("state", "province") if (name := whose + part) in named), column]
    return []
