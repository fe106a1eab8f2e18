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
from crmmigrate.matching.shipped_headers import REMARK, SOLD
from crmmigrate.matching.texts.folding import bare, fold, is_chinese

if TYPE_CHECKING:
    import pandas as pd

    from crmmigrate.model.dedupe import DedupeRules

_PLAIN = r"(?:[^目]公司|集团|[厂店])\s*$"
"""How names end behind which nothing stands. A pattern of RE2."""

_PARTS = re.compile(
    r"(?P<name>.{3,}?[\u3400-\u9fff)])\s*(?:[-–—_/]\s*|\s|[(\[【〔]\s*)(?P<sold>[^-–—_/()\[\]【】〔〕\s]{2,20})\s*[)\]】〕]?"
)
_WHOLE = re.compile(r"[司局院校学会府办厅委园心所处队社部站馆团厂]\Z")
"""How the names end behind which a product may stand; behind a brand it says what that makes."""

_NUMERAL = r"(?:[一二三四五六七八九十]{1,3}|\d{1,2})"
_PART_OF = re.compile(
    rf"(?:项目|工程|第?{_NUMERAL}(?:期|标段?)|[a-z\d]{{1,2}}(?:地块|区|标段?)|[东西南北]区|商业|幼儿园|v\d+(?:\.\d+)*)+\Z"
)
_SITE = re.compile("(?P<of>[\u3400-\u9fff]{4,})项目(?:经理)?部")
"""A builder's office on a site, of which the column of projects tells where the brand ends: 启明望湖新城项目部."""

_COMPANY = re.compile(
    r"(?:公司名称?|开发商|(?:签约|合同)(?:主体|单位|方)|建设单位|项目公司)\s*[:是为]?\s*(?P<name>[\u3400-\u9fff()]{4,30})"
)
"""In a remark beside a name that is the project's: whose it is. Beside a company's it is another one."""

_UNITS = (*"局处科所站校部馆院队", "中心", "大学", "中学", "小学", "幼儿园")
"""How parts of a customer end that are customers themselves, whatever they ordered."""

_SEVERAL = re.compile(r"[、,;/\n]")
"""Between the projects of a cell."""

_LEAST = 2
_FEW = 50
"""Products at most that a vendor's list may name: a column of more is one of projects, and says whose a project is in its own row only."""


def without_sold(frame: pd.DataFrame, rules: DedupeRules) -> tuple[pd.DataFrame, DedupeRules]:
    """Return the records of customers without what they ordered behind their names, and the rules that say so; for comparing only.

    Args:
        frame: all records of the table; missing = NaN.
        rules: of the object.
    """
    rule, names, remark = (rules.columns.get(role) for role in (SOLD, "name", REMARK))
    if rule is None or rule.compare:
        return frame, rules
    rules = replace(rules, columns={role: held for role, held in rules.columns.items() if role != SOLD})
    if rules.object in PEOPLE or names is None or names.compare or names.columns[0] not in frame.columns:
        return frame, rules
    name = names.columns[0]
    there = [column for column in rule.columns if column in frame.columns and column != name]
    if not there:
        return frame, rules
    remarks = [column for column in (remark.columns if remark else ()) if column in frame.columns]
    asked = frame.index[~frame[name].str.contains(_PLAIN, na=True)]
    products = {_stem(cell) for column in there for cell in _listed(frame[column])}
    whole, *cells = (fold(frame.loc[asked, column].fillna("").tolist()) for column in [name, *there, *remarks])
    called = {}
    for at, one, *told in zip(asked, whole, *cells, strict=True):
        customer = _customer(one, _projects(told[: len(there)]), told[len(there) :], products)
        if customer != one:
            called[at] = customer
    if not called:
        return frame, rules
    cut = type(frame[name])(called, dtype="str").reindex(frame.index)
    return frame.assign(**{name: cut.fillna(frame[name]).astype("str")}), rules


def _customer(whole: str, told: list[str], remarks: list[str], products: set[str]) -> str:
    """Return a folded name without the project or product behind it; that of a project itself as its company, where a remark tells that.

    Args:
        whole: the name.
        told: projects and products of its row.
        remarks: of its row.
        products: of the table.
    """
    if (found := _PARTS.fullmatch(whole)) and _is_sold(found["name"], found["sold"], told, products):
        return found["name"]
    if found := _SITE.fullmatch(whole):
        stems = [stem for cell in told if len(stem := _stem(cell)) >= _LEAST]
        of = next((stem for stem in stems if found["of"].endswith(stem)), "")
        brand = found["of"].removesuffix(of)
        return f"{brand}({of}项目部)" if of and len(brand) >= _LEAST and "公司" not in brand else whole
    own = _stem(whole.removesuffix("项目公司"))
    if len(own) >= _LEAST and any(own == _stem(cell) for cell in told):
        return next((company["name"] for text in remarks if (company := _COMPANY.search(text))), whole)
    return whole


def _projects(cells: list[str]) -> list[str]:
    """Return the projects in the cells of a row."""
    return [plain for cell in cells for part in _SEVERAL.split(cell) if (plain := bare(part))]


def _listed(cells: pd.Series) -> list[str]:
    """Return the products of a column that names few."""
    met = [str(cell) for cell in cells.dropna().unique()]
    return fold(met) if len(met) <= _FEW and cells.count() > 2 * len(met) else []


def _is_sold(name: str, behind: str, told: list[str], products: set[str]) -> bool:
    """Return whether what stands behind a name is a project that its row names, or a product that the table names."""
    stem = _stem(behind)
    if len(stem) < _LEAST or "物业" in name or not is_chinese(name) or only_place(behind):
        return False
    if behind.endswith(BRANCHES) or stem.endswith(_UNITS):
        return False
    own = any(_stem(cell) == stem for cell in told)
    return own or (stem in products and _WHOLE.search(name) is not None)


def _stem(cell: str) -> str:
    """Return a project or a product without its city, and without which part of it is meant: 二期, A地块, V6."""
    plain = bare(cell)
    rest = take_place(plain, _LEAST)[1]
    return _PART_OF.sub("", rest) or rest
