"""What was ordered, behind a customer's name: the project (启明建工 望湖新城二期) or the product (望湖区教育局-智慧校园), which a column of its own tells as well.

A row of such a table is an order, and its customer the company or the body. Who looks after estates has one office on each.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from crmmigrate.matching.companies.parts import BRANCHES
from crmmigrate.matching.places.place import only_place, take_place
from crmmigrate.matching.roles import PEOPLE
from crmmigrate.matching.shipped_headers import SOLD
from crmmigrate.matching.texts.folding import bare, fold, is_chinese

if TYPE_CHECKING:
    import pandas as pd

    from crmmigrate.model.dedupe import DedupeRules

_BEHIND = r"^.{3,}?(?:\s*[-–—_/]\s*|\s+|\s*[(（\[【〔])[^-–—_/()（）\[\]【】〔〕\s]{2,20}[)）\]】〕]?\s*$"
_PARTS = re.compile(
    r"(?P<name>.{3,}?[\u3400-\u9fff)])\s*(?:[-–—_/]\s*|\s|[(\[【〔]\s*)(?P<sold>[^-–—_/()\[\]【】〔〕\s]{2,20})\s*[)\]】〕]?"
)
_WHOLE = re.compile("[司局院校学会府办厅委园心所处队社部站馆团厂]\Z")
"""How the names end behind which a product may stand; behind a brand it says what that makes."""

_NUMERAL = r"(?:[一二三四五六七八九十]{1,3}|\d{1,2})"
_PART_OF = re.compile(
    rf"(?:项目|工程|第?{_NUMERAL}(?:期|标段?)|[a-z\d]{{1,2}}(?:地块|区|标段?)|[东西南北]区|商业|幼儿园|v\d+(?:\.\d+)*)+\Z"
)
_LEAST = 2
_FEW = 50
"""Products at most that a vendor's list may name: a column of more is one of projects, and says whose a project is in its own row only."""


def without_sold(frame: pd.DataFrame, rules: DedupeRules) -> tuple[pd.DataFrame, DedupeRules]:
    """Return the records of customers without what they ordered behind their names, and the rules that say so; for comparing only.

    Args:
        frame: all records of the table; missing = NaN.
        rules: of the object.
    """
    rule, names = rules.columns.get(SOLD), rules.columns.get("name")
    if rule is None or rule.compare:
        return frame, rules
    rules = replace(rules, columns={role: held for role, held in rules.columns.items() if role != SOLD})
    there = [column for column in rule.columns if column in frame.columns]
    if rules.object in PEOPLE or names is None or names.compare or names.columns[0] not in frame.columns or not there:
        return frame, rules
    name = names.columns[0]
    asked = frame.loc[frame[name].str.contains(_BEHIND, na=False), [name, *there]]
    products = {_stem(cell) for column in there for cell in _listed(frame[column])}
    called = {}
    for row in asked.fillna("").itertuples(name=None):
        at, whole, *cells = row
        found = _PARTS.fullmatch(fold([whole])[0])
        if found and _is_sold(found["name"], found["sold"], [bare(cell) for cell in fold(cells)], products):
            called[at] = found["name"]
    if not called:
        return frame, rules
    cut = type(frame[name])(called, dtype="str").reindex(frame.index)
    return frame.assign(**{name: cut.fillna(frame[name]).astype("str")}), rules


def _listed(cells: pd.Series) -> list[str]:
    """Return the products of a column that names few."""
    met = [str(cell) for cell in cells.dropna().unique()]
    return fold(met) if len(met) <= _FEW and cells.count() > 2 * len(met) else []


def _is_sold(name: str, behind: str, told: list[str], products: set[str]) -> bool:
    """Return whether what stands behind a name is a project that its row names, or a product that the table names."""
    stem = _stem(behind)
    if len(stem) < _LEAST or "物业" in name or not is_chinese(name) or behind.endswith(BRANCHES) or only_place(behind):
        return False
    own = any(cell and (stem in cell or _stem(cell) == stem) for cell in told)
    return own or (stem in products and _WHOLE.search(name) is not None)


def _stem(cell: str) -> str:
    """Return a project or a product without its city, and without which part of it is meant: 二期, A地块, V6."""
    plain = bare(cell)
    rest = take_place(plain, _LEAST)[1]
    return _PART_OF.sub("", rest) or rest
