"""Cells of companies with more in them than their header says, each part behind what it is: `ADD: …, TEL: …, ATTN: …`, `地址：…电话：…联系人：…`.

Forwarders, suppliers and whoever copies letterheads keep all of a company in its name or in its address.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

from crmmigrate.matching.phones.columns import cells_in
from crmmigrate.matching.roles import PEOPLE
from crmmigrate.model.dedupe import ColumnRule

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from crmmigrate.model.dedupe import DedupeRules

_ROLES = ("phone", "contact", "email", "credit_code", "address")
TOLD = {role: f"_crmm_told_{role}" for role in _ROLES}
"""Role → the column of what such cells tell of it."""

_IN_LETTERS = {
    "address": "add(?:r(?:ess)?)?|address",
    "phone": "tel(?:ephone)?(?:/fax)?|phone|ph|mob(?:ile)?|cell|hp|[tm]",
    "": "fax|f|zip|p\\.?c|customs(?: code)?",
    "contact": "att(?:n|ention)?|contact(?: person)?|pic",
    "email": "e-?mail|e",
    "credit_code": "vat|tax|gst|eori|uscc|usci",
}
_IN_CHINESE = {
    "address": "地址|厂址|地点",
    "phone": "电话|手机|座机|固话|热线",
    "": "传真|邮编|邮政编码|网址|开户行|开户银行|账号|帐号|海关编码|海关代码",
    "contact": "联系人|联络人|收货人|收件人",
    "email": "邮箱|电子邮件|邮件",
    "credit_code": "税号|纳税人识别号|(?:统一)?社会信用代码|信用代码",
}
_WHOSE = "(?:公司|单位|企业|工厂|联系|联络|办公|收货|收件|送货|详细|固定|移动|电子)?"
_LABEL = re.compile(
    "|".join(
        (
            *(rf"(?:^|[\s,，;；、|/(（])(?P<l{number}>{words})(?:\s*(?:no|nr|number|id))?\.?\s*[:：]" for number, words in enumerate(_IN_LETTERS.values())),
            *(rf"(?:^|(?<=[^\u3400-\u9fff])|(?<=[号室楼层座栋幢司厂店部社院校]))(?P<c{number}>{_WHOSE}(?:{words}))(?:号码?)?\s*[:：]" for number, words in enumerate(_IN_CHINESE.values())),
        )
    ),
    re.IGNORECASE,
)  # fmt: skip
_KINDS = {
    f"{sort}{number}": kind
    for sort, words in (("l", _IN_LETTERS), ("c", _IN_CHINESE))
    for number, kind in enumerate(words)
}
_MAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+", re.ASCII)
_EDGES = " \t\r\n,，;；、|/"
_NOTHING = "-—.。:：()（）"
"""What may be left of a cell of which all was taken."""


def with_labelled(frame: pd.DataFrame, rules: DedupeRules) -> tuple[pd.DataFrame, DedupeRules]:
    """Return the records of companies with the parts of such cells where they belong, and the rules that say so; for comparing only.

    What a cell tells is put beside what the columns of its kind hold; an address only where these hold none.

    Args:
        frame: all records of the table; missing = NaN.
        rules: of the object.
    """
    if rules.object in PEOPLE:
        return frame, rules
    there = {
        role: [column for column in rule.columns if column in frame.columns]
        for role, rule in rules.columns.items()
        if not rule.compare
    }
    told: dict[str, list[list[str]]] = {role: [[] for _ in range(len(frame))] for role in _ROLES}
    changed: dict[str, pd.Series] = {}
    for role in ("address", "contact", "name"):
        for column in there.get(role, ()):
            if (cells := _taken(frame, column, told, of_address=role == "address")) is not None:
                changed[column] = cells
    if not changed:
        return frame, rules
    frame = frame.assign(**changed)
    return _beside(
        frame,
        rules,
        {role: ["; ".join(some) or None for some in held] for role, held in told.items()},
        there.get("address", []),
    )


def _taken(frame: pd.DataFrame, column: str, told: dict[str, list[list[str]]], *, of_address: bool) -> pd.Series | None:
    """Take the parts out of the cells of a column; return these, None where none has any."""
    import numpy as np
    import pyarrow.compute as pc

    cells = cells_in(frame, column)
    marked = np.zeros(len(frame), dtype=bool)
    for sign in ":：@":
        marked |= pc.match_substring(cells, sign).to_numpy(zero_copy_only=False)
    at = np.flatnonzero(marked)
    kept = frame[column].to_numpy(dtype=object, copy=True)
    met = False
    for index, cell in zip(at.tolist(), cells.take(at).to_pylist(), strict=True):
        rest, parts = parts_of(cell)
        if of_address and not rest and (lines := [text for kind, text in parts if kind == "address"]):
            rest, parts = lines[0], tuple(part for part in parts if part[0] != "address")
        if not parts or not (rest or of_address):
            continue
        met = True
        kept[index] = rest or None
        for kind, text in parts:
            if kind:
                told[kind][index].append(text)
    return type(frame[column])(kept, index=frame.index, dtype="str") if met else None


@cache
def parts_of(cell: str) -> tuple[str, tuple[tuple[str, str], ...]]:
    """Return what stands in a cell before all labels, and role → text of each labelled part; the role is empty for what is not compared.

    E-mails are told by what they look like.
    """
    parts = [("email", mail) for mail in _MAIL.findall(cell)]
    text = _MAIL.sub(" ", cell) if parts else cell
    labels = [*_LABEL.finditer(text)]
    for at, label in enumerate(labels):
        end = labels[at + 1].start() if label is not labels[-1] else len(text)
        kind = next(_KINDS[name] for name, found in label.groupdict().items() if found)
        if part := text[label.end() : end].strip(_EDGES):
            parts.append((kind, part))
    rest = text[: labels[0].start()] if labels else text
    return _tidy(rest), tuple(parts)


def _tidy(rest: str) -> str:
    rest = rest.strip(_EDGES)
    return "" if not rest.strip(_EDGES + _NOTHING) else rest


def _beside(
    frame: pd.DataFrame, rules: DedupeRules, told: dict[str, list[str | None]], lines: Sequence[str]
) -> tuple[pd.DataFrame, DedupeRules]:
    """Return the records with what was told in columns of its own, beside those of each role; addresses where no column has one."""
    columns = dict(rules.columns)
    for role, cells in told.items():
        held = columns.get(role, ColumnRule(()))
        if held.compare or not any(cells):
            continue
        made = type(frame.iloc[:, 0])(cells, index=frame.index, dtype="str")
        if role == "address" and lines:
            frame = frame.assign(**{lines[-1]: frame[lines[-1]].fillna(made)})
            continue
        frame = frame.assign(**{TOLD[role]: made})
        columns[role] = replace(held, columns=(*held.columns, TOLD[role]))
    return frame, replace(rules, columns=columns)
