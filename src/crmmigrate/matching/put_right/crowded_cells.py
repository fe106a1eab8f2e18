"""Cells of companies in which more stands than their header says: the name with address, telephone and whom to ask for, as on a bill of lading; an address with an e-mail; a remark with the number at the registry.

Each part goes to the column of its kind: to what stands there where that may be several things, else only where nothing does.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from crmmigrate.matching.numbers_of_registers import CUSTOMS
from crmmigrate.matching.phones.columns import cells_in
from crmmigrate.matching.roles import PEOPLE
from crmmigrate.matching.shipped_headers import REMARK
from crmmigrate.matching.texts.cells import matched
from crmmigrate.model.dedupe import ColumnRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

    from crmmigrate.model.dedupe import DedupeRules

FOUND = "_crmm_beside_"
"""Before the role in the name of a column of what was found in others, where the table has none for it."""

_LABELS = {
    "address": r"(?:office |company |reg(?:istered)?\.? )?add(?:ress|r)?|(?:公司|办公|注册|详细|联系)?地址|地址",
    "elsewhere": r"pick[- ]?up|loading(?: at)?|load at|whse|warehouse|(?:装货|提货|仓库|发货|工厂|收货)(?:地址|地)",
    "phone": r"tel(?:ephone)?|phone|mob(?:ile)?|cell|(?:联系|办公|公司)?电话|手机|電話|fax|传真|傳真|[tfm](?=\.?[:：]\s*[+(\d])",
    "contact": r"attn?|attention|contact(?: person)?|p\.?i\.?c|(?:联系|联络|聯絡|聯繫)人",
    "email": r"e-?mail|(?:电子)?邮箱|电邮",
}
_CODE = r"(?:海关注册(?:编码|代码)|税号|統編|统一编号|(?:统一社会)?信用代码|usc[ci]|uscc|(?P<bare>海关(?:编码|代码)|customs code|code)|brn?|ubn|uen|ssm|tax id|tin|vat(?: no)?|eori|gstin?|cnpj)"
_BEGIN = r"(?:^|(?<=[\s,;，；。/|)]))"
_GLUED = r"(?:(?<=[0-9号室楼层座栋幢司厂店部社院校])(?=[\u3400-\u9fff]))"
"""Where a label in Chinese may stand without anything before it: …有限公司地址：…12号电话：…"""

_LABEL = re.compile(
    rf"(?:{_BEGIN}|{_GLUED})(?:{'|'.join(f'(?P<{kind}>{words})' for kind, words in _LABELS.items())})\.?\s*[:：]\s*"
    r"|(?P<line>\b(?:tel|fax|f)\.?\s+(?=[+(]?\d[\d() -]{6}))",
    re.IGNORECASE,
)
"""Whose numbers come behind a label and a colon; telephones go without one as well."""

_NUMBER = re.compile(
    rf"{_BEGIN}{_CODE}\.?\s*(?:[:：]\s*)?(?P<codes>(?:[a-z]{{2}} ?)?[0-9a-z][0-9a-z.-]*\d[0-9a-z-]*(?:\s*(?:[/,]\s*)?(?:[0-9][0-9a-z]{{17}}|[1-6]\d{{9}}))?)(?![0-9a-z])",
    re.IGNORECASE,
)
_OF_ANOTHER = re.compile(
    r"\b(?:zip|post(?:al|e)?|h\.?s|tariff|commodity|area|pin|swift|bank|branch|dial(?:l?ing)?|sort|country)[\s.:/-]*\Z",
    re.IGNORECASE,
)
"""What stands before a code of letters, goods, banks or lines."""

_OF_MAINLAND = re.compile(rf"{CUSTOMS}|^[0-9][0-9a-z]{{17}}$", re.IGNORECASE)
"""What a code is that nothing says of whom: of the customs or a credit code."""

_LEAST = 7
"""Digits of a code."""

_MAILBOX = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+", re.ASCII)
_CROWDED = r"(?i)[:：@]|\bcode|编码|\b(?:fax|tel|f)\.? [+(0-9]"
_NOTED = r"(?i)(?:号|码|編|编|\b(?:brn?|ubn|uen|ssm|id|tin|no|code|vat|gstin?))[.:：]* *[0-9]"
"""Cells worth a look; patterns of RE2."""

_SEVERAL = {"phone": "; ", "credit_code": " / "}
_EDGE = " \t\r\n,;，；、/|"


class Parts(NamedTuple):
    """What a cell holds.

    Args:
        own: what stands there of its own kind.
        told: role → the rest.
    """

    own: str
    told: dict[str, list[str]]


def taken_out(cell: str, kind: str) -> Parts:
    """Return a cell of a kind without what else stands there.

    Args:
        cell: as it was written.
        kind: of its column: `name`, `address`, `contact` or `remark`.
    """
    told: dict[str, list[str]] = {}
    for found in _MAILBOX.findall(cell):
        told.setdefault("email", []).append(found.strip("."))
    rest = _MAILBOX.sub(" ", cell)
    for met in [*_NUMBER.finditer(rest)][::-1]:
        if sum(map(str.isdigit, met["codes"])) >= _LEAST and (not met["bare"] or _is_registered(rest, met, kind)):
            told.setdefault("credit_code", []).insert(0, met["codes"])
            rest = f"{rest[: met.start()]} {rest[met.end() :]}"
    own, elsewhere = [], []
    for role, text in filter(lambda part: part[1], _labelled(rest)):
        if role in ("", kind):
            own.append(text)
        elif role == "elsewhere":
            elsewhere.append(text)
        else:
            told.setdefault(role, []).append(text)
    if kind == "address" and not own:  # it has no other
        own = elsewhere[:1]
    return Parts(" ".join(own), told)


def _is_registered(text: str, met: re.Match[str], kind: str) -> bool:
    """Return whether a code before which stands no more than that it is one, or one of the customs, is a company's; in a remark it may be one of anything, and of goods as a rule."""
    codes = re.split(r"[\s/,]+", met["codes"])
    return kind != REMARK and not _OF_ANOTHER.search(text[: met.start()]) and all(map(_OF_MAINLAND.match, codes))


def _labelled(text: str) -> Iterator[tuple[str, str]]:
    """Yield the parts of a text, each with the role that its label says; what stands before the first one has none."""
    labels = list(_LABEL.finditer(text))
    yield "", text[: labels[0].start() if labels else None].strip(_EDGE)
    for at, label in enumerate(labels):
        end = labels[at + 1].start() if at + 1 < len(labels) else None
        role = label.lastgroup or ""
        yield "phone" if role == "line" else role, text[label.end() : end].strip(_EDGE)


def with_parts_apart(frame: pd.DataFrame, rules: DedupeRules) -> tuple[pd.DataFrame, DedupeRules]:
    """Return the records of companies with each part of a crowded cell in the column of its kind, and the rules that say so; for comparing only.

    Args:
        frame: all records of the table; missing = NaN.
        rules: of the object.
    """
    import numpy as np

    if rules.object in PEOPLE:
        return frame, rules
    told: dict[str, dict[int, list[str]]] = {}
    changed: dict[str, pd.Series] = {}
    for kind in ("name", "address", "contact", REMARK):
        rule = rules.columns.get(kind)
        for column in rule.columns if rule and not rule.compare else ():
            if column not in frame.columns or column in changed:
                continue
            which = np.flatnonzero(matched(cells_in(frame, column), _NOTED if kind == REMARK else _CROWDED))
            own = _apart(frame[column], which.tolist(), kind, told)
            if own:
                changed[column] = _with(frame[column], own)
    frame = frame.assign(**changed)
    columns = dict(rules.columns)
    for role, parts in told.items():
        frame, columns[role] = _put(frame, columns.get(role, ColumnRule()), role, parts)
    return frame, replace(rules, columns=columns)


def _apart(
    cells: pd.Series, which: list[int], kind: str, told: dict[str, dict[int, list[str]]]
) -> dict[int, str | None]:
    """Return what is left of the crowded ones among some cells of a kind, by row, and note in `told` what else they hold; of a remark only its codes are wanted."""
    own: dict[int, str | None] = {}
    for row in which:
        parts = taken_out(str(cells.iloc[row]), kind)
        if kind == REMARK:
            parts = Parts("", {role: found for role, found in parts.told.items() if role == "credit_code"})
        elif kind == "name" and not parts.own:  # it is called so
            continue
        for role, found in parts.told.items():
            told.setdefault(role, {}).setdefault(row, []).extend(found)
        if kind != REMARK:
            own[row] = parts.own or None
    return own


def _put(
    frame: pd.DataFrame, rule: ColumnRule, role: str, parts: dict[int, list[str]]
) -> tuple[pd.DataFrame, ColumnRule]:
    """Return the records with parts of others' cells in the column of their role, made where there is none."""
    import numpy as np

    there = [column for column in rule.columns if column in frame.columns]
    if rule.compare:
        return frame, rule
    column = there[-1] if there else f"{FOUND}{role}"
    cells = frame[column] if there else frame.iloc[:, 0].where(np.zeros(len(frame), dtype=bool))
    said = cells.notna().tolist()
    several = _SEVERAL.get(role, "")
    found: dict[int, str | None] = {}
    for row, texts in parts.items():
        if several:
            found[row] = several.join([*([str(cells.iloc[row])] if said[row] else []), *texts])
        elif not said[row]:
            found[row] = texts[0]
    cells = _with(cells, found)
    return frame.assign(**{column: cells}), rule if there else replace(rule, columns=(*rule.columns, column))


def _with(cells: pd.Series, by_row: dict[int, str | None]) -> pd.Series:
    """Return cells with others in some rows."""
    import numpy as np

    texts = cells.to_numpy(dtype=object, copy=True)
    for row, text in by_row.items():
        texts[row] = np.nan if text is None else text
    return type(cells)(texts, index=cells.index, dtype="str")
