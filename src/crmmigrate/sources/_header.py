"""The header of a table: which rows it is, what each column is called, and how sure that is.

The first row that is as wide as the table and holds labels only is the header, with the rows that group or go on with
its labels. Where its words alone don't tell, the rows below do: labels stand above numbers, dates and telephones.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from crmmigrate.sources._sheets import Merge

Row = tuple[int, "Mapping[int, str]"]

MAX_ABOVE = 30
"""Rows with something in them that may stand above the header."""
MAX_LEVELS = 3
"""Rows a header may have."""
BELOW = 12
"""Rows below a header that are looked at."""
LABEL, LONG_LABEL = 40, 250
"""Characters of a label; a longer one has to stand above values that are no labels."""

_NUMERIC = re.compile(r"[-+¥$€]?[\d,]*\.?\d+\s*[%万元]?\Z|\d{4}[-/.年]\d{1,2}([-/.月]\d{1,2})?日?(\s[\d:]+)?\Z")
_CONTACT = re.compile(r".*@.*\..*|\+?[\d\s()-]{7,}\Z|https?://.*")
_YEAR = re.compile(r"\s*((?:19|20)\d\d)(?:\.0+|[-/]\d{2,4}|年度?)?\s*\Z")
_DATE = re.compile(r"\s*((?:19|20)\d\d)[-/.年](\d{1,2})(?:[-/.月](\d{1,2})日?)?月?(?:\s[\d:.]+)?\s*\Z")
_UNIT = re.compile(
    r"\s*(单位\s*[:：].{1,12}|[（(\[【].{1,40}[)）\]】]|[百千万亿]?(人民币)?[元円圆]|[百千万]?(美元|欧元|人|户|个|台|套|件|只|家|次|份|吨|米|天|年|月|日|小时|分钟)"
    r"|公斤|千克|平方米|立方米|公里|kg|km|cm|mm|m2|㎡|m³|%|％|rmb|cny|usd|eur|us\$|\$|€|¥|pcs?|yyyy[-/.]?mm[-/.]?dd)\s*\Z",
    re.IGNORECASE,
)
_NOTE = re.compile(r"[^:：]*[^\d\s:：]\s*[:：]\s*\S", re.DOTALL)
_IN_BRACKETS = re.compile(r"[（(\[【][^）)\]】]*[）)\]】]?")
_TITLE = re.compile(r"[表单册账]\s*\Z|台账|一览|统计|汇总|明细|报告|\b(table|list|report|register)\b", re.IGNORECASE)
_WORDS = (
    "名称|名字|姓名|编号|编码|代码|代号|序号|号码|电话|手机|手机号|传真|邮箱|邮件|地址|邮编|日期|时间|年份|月份|金额|数量|单价|价格|单位|部门"
    "|职务|职位|岗位|联系人|负责人|业务员|客户经理|型号|规格|类型|类别|分类|等级|级别|状态|来源|行业|备注|说明|原因|事由|身份证号?|车牌号?|余额"
    "|税号|信用代码|开户行|账号|网址|微信号?|法人|法定代表人|注册资本|比例|次数|人数|面积|房号|楼栋|方式|经办人|销售额|合同额|回款"
    "|id|no\\.?|numbers?|names?|phone|mobile|tel|telephone|e-?mail|fax|address|date|time|amount|qty|quantity|price|cost|type"
    "|status|category|code|description|notes?|remarks?|comments?|owner|postcode|percent|total|count|department"
)
_WHOLE_WORDS = (
    "公司|客户|供应商|产品|商品|颜色|性别|年龄|生日|国家|省|省份|市|城市|区|区县|地区|区域|合计|小计|总计|内容|项目|月|年|季度|签字|qq|微信|公司名|客户名"
    "|company|customer|client|account|contact|person|title|city|state|province|country|zip|unit|rate|value|region|year|month|rank|source|product|item"
)
_HEADER_WORD = re.compile(
    rf"\s*(?:(?:[\w/&#.\-]{{1,12}}[\s_]*)?(?:{_WORDS})|{_WHOLE_WORDS})\s*(?:[（(\[].{{0,20}}[)）\]])?\s*[*:：]?\s*\Z",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Header:
    """The rows of a header.

    Args:
        start, stop: position of its first row and of the first row behind it.
        units: rows behind it that hold units of measure only.
        confidence: from 0 to 1.
        reasons: codes of `DECISIONS`.
    """

    start: int
    stop: int
    units: int
    confidence: float
    reasons: tuple[str, ...]


def is_label(text: str, limit: int = LABEL) -> bool:
    """Whether a text could be the label of a column: no number, date, telephone or address of the net, not long."""
    text = text.strip()
    lines = text.count("\n") + 1
    return len(text) <= limit * min(lines, 2) and not _NUMERIC.match(text) and not _CONTACT.match(text)


def word_share(texts: Iterable[str]) -> float:
    """Return the share of the texts that are words tables of customers have in their headers."""
    known = [bool(_HEADER_WORD.match(text)) for text in texts]
    return sum(known) / len(known) if known else 0.0


def width_of(rows: Sequence[Row]) -> int:
    """Return how many cells a row of the table has: a quarter of the rows has more."""
    counts = sorted(len(cells) for _, cells in rows)
    return counts[-1 - len(counts) // 4] if len(counts) > 2 else counts[-1]


def is_spread(cells: Mapping[int, str]) -> bool:
    """Whether all cells say the same: a merged title, written out cell by cell."""
    return len(cells) > 1 and len(set(cells.values())) == 1


def contrast(cells: Mapping[int, str], below: Sequence[Row]) -> list[int]:
    """Return the columns in which a label stands above values that are mostly none."""
    found = []
    for index, text in cells.items():
        values = [row[index] for _, row in below[:BELOW] if index in row]
        if values and is_label(text, LONG_LABEL) and 2 * sum(not is_label(value) for value in values) > len(values):
            found.append(index)
    return found


def labels_share(cells: Mapping[int, str], below: Sequence[Row]) -> float:
    """Return the share of cells that are labels; years in a row are, and long texts above values."""
    if not cells:
        return 0.0
    years = _years(cells, below)
    limit = LABEL
    if any(len(text.strip()) > LABEL for text in cells.values()):
        sure = 3 * len(contrast(cells, below)) >= len(cells) or (below and _are_units(below[0][1], cells))
        limit = LONG_LABEL if sure else LABEL
    return sum(index in years or is_label(text, limit) for index, text in cells.items()) / len(cells)


def _years(cells: Mapping[int, str], below: Sequence[Row]) -> set[int]:
    """Return the columns headed by years or dates in their order, or by 1, 2, 3, … (days, months), above other values."""
    years = {index: int(year.group(1)) for index, text in cells.items() if (year := _YEAR.match(text))}
    dates = {index: time for index, text in cells.items() if (time := _time(text)) and index not in years}
    counted = {index: int(text) for index, text in cells.items() if re.fullmatch(r"\s*\d{1,2}\s*", text)}
    numbers = [counted[index] for index in sorted(counted)]
    if _are_in_order([years[index] for index in sorted(years)]):
        found = years
    elif _are_in_order([dates[index] for index in sorted(dates)]):
        found = dates
    elif len(numbers) > 3 and numbers == list(range(1, len(numbers) + 1)):
        found = counted
    else:
        return set()
    values = [(row[index], found[index]) for _, row in below[:BELOW] for index in found if index in row]
    same = sum(bool(_time(value)) or value.strip() == str(number) for value, number in values)
    return set(found) if 2 * same <= len(values) else set()


def _time(text: str) -> int:
    """Return a number by which years and dates are ordered; 0 for what is none."""
    year = _YEAR.match(text)
    if year:
        return int(year.group(1))
    date = _DATE.match(text)
    return int(date[1]) * 10_000 + int(date[2]) * 100 + int(date[3] or 0) if date else 0


def _are_in_order(years: Sequence[int]) -> bool:
    steps = {after - before for before, after in itertools.pairwise(years)}
    onward = len(years) > 2 and (all(step > 0 for step in steps) or all(step < 0 for step in steps))
    groups = len(set(years)) > 1 and len(set(Counter(years).values())) == 1 and len(years) > len(set(years))
    return onward or groups or steps in ({0}, {1}, {-1}, {0, 1}, {0, -1})


def find(rows: Sequence[Row], merges: Sequence[Merge]) -> Header | None:
    """Find the header of the first table in `rows`; None where it has none."""
    needed = max(1, -(-width_of(rows) * 6 // 10))
    for position, (_, cells) in enumerate(rows[:MAX_ABOVE]):
        if len(cells) < needed or is_spread(cells) or _are_fields(cells):
            continue
        if labels_share(cells, rows[position + 1 :]) >= 0.8:
            return around(rows, position, merges)
        if position and _is_gappy(rows, position - 1):
            return around(rows, position - 1, merges)
        return _behind(rows, position, needed, merges)
    return None


def _are_fields(cells: Mapping[int, str]) -> bool:
    """Whether a row holds fields of a form, `部门： | 一部 | 日期：2024-05-01`, as they stand above tables."""
    parts = [re.match(r".*?[:：]\s*(.*)", text.strip(), re.DOTALL) for text in cells.values()]
    whole = sum(part is not None and bool(part.group(1)) for part in parts)
    begun = sum(part is not None and not part.group(1) for part in parts)
    return len(cells) > 1 and 2 * (whole + begun) >= len(cells) and (begun < len(cells))


def _is_gappy(rows: Sequence[Row], position: int) -> bool:
    """Whether a row is a header in spite of its many empty labels: by its words alone."""
    number, cells = rows[position]
    return len(cells) > 1 and rows[position + 1][0] == number + 1 and word_share(cells.values()) == 1


def _behind(rows: Sequence[Row], start: int, needed: int, merges: Sequence[Merge]) -> Header | None:
    """Find a header behind a few wide rows that are none and a blank one: fields of a form above the table."""
    for position in range(start + 1, min(start + 6, len(rows) - 1)):
        number, cells = rows[position]
        if number - rows[position - 1][0] > 1 and len(cells) >= needed and not is_spread(cells):
            below = rows[position + 1 :]
            if labels_share(cells, below) == 1 and 2 * len(contrast(cells, below)) >= len(cells):
                return around(rows, position, merges)
    return None


def around(rows: Sequence[Row], position: int, merges: Sequence[Merge]) -> Header:
    """Return the header of which the row at `position` is one, with the rows that belong to it."""
    start, stop = position, position + 1
    while start and stop - start < MAX_LEVELS and _groups(rows, start - 1, merges):
        start -= 1
    if start == position:
        start = _completed(rows, position)
    if start == position:
        while stop < len(rows) and stop - start < MAX_LEVELS and _groups(rows, stop - 1, merges):
            stop += 1
    units = 0
    while stop + units < len(rows) and units < 2 and _is_units(rows, stop + units):
        units += 1
    lowest = rows[stop - 1][1]
    share = len(contrast(lowest, rows[stop + units :])) / len(lowest)
    known = word_share(lowest.values())
    confidence = round(min(0.99, 0.5 + 0.3 * known + 0.3 * share), 2)
    reasons = ["header.labels"]
    reasons += ["header.words"] if known >= 0.5 else []
    reasons += ["header.contrast"] if share >= 0.3 else []
    reasons += ["header.levels"] if stop - start > 1 else []
    reasons += ["header.units"] if units else []
    reasons += ["header.titles"] if start else []
    return Header(start, stop, units, confidence, tuple(reasons))


def _completed(rows: Sequence[Row], position: int) -> int:
    """Return where a header begins whose last row leaves columns open: in the rows above, if those name them."""
    labels, below = rows[position][1], [cells for _, cells in rows[position + 1 : position + 1 + BELOW]]
    counts = Counter(index for cells in below for index in cells)
    missing = {index for index, count in counts.items() if 2 * count > len(below)} - set(labels)
    named: set[int] = set()
    for start in range(position - 1, max(position - MAX_LEVELS, -1), -1):
        (number, cells), after = rows[start], rows[start + 1][0]
        if number + 1 != after or len(cells) < 2 or is_spread(cells) or not all(map(is_label, cells.values())):
            break
        named |= set(cells)
        if missing and missing <= named and not _are_fields(cells):
            return start
    return position


def _is_units(rows: Sequence[Row], position: int) -> bool:
    number, cells = rows[position]
    above, labels = rows[position - 1]
    return number == above + 1 and _are_units(cells, labels)


def _are_units(cells: Mapping[int, str], labels: Mapping[int, str]) -> bool:
    """Whether a row below labels holds units of measure only; a record that is full says more."""
    return all(_UNIT.match(text) for text in cells.values()) and (len(cells) < len(labels) or len(cells) > 2)


def _groups(rows: Sequence[Row], position: int, merges: Sequence[Merge]) -> bool:
    """Whether the row at `position` groups the labels of the row behind it."""
    (number, groups), (after, labels) = rows[position], rows[position + 1]
    below = rows[position + 2 :]
    if after != number + 1 or labels_share(labels, below) < 1:
        return False
    here = [merge for merge in merges if merge.top == number and merge.left in groups]
    if not all(is_label(text, LONG_LABEL if here else LABEL) or _YEAR.match(text) for text in groups.values()):
        return False
    if _are_notes(groups) and not (len(set(labels.values())) < len(labels) and _told_apart(groups, labels)):
        return False
    if here:
        return _merged_groups(here, groups, labels)
    return len(groups) > 1 and not is_spread(groups) and _written_groups(groups, labels, below)


def _are_notes(cells: Mapping[int, str]) -> bool:
    """Whether a row says something about the sheet, `制表：财务部 | 打印日期：2026-10-31`, merged or not; `金额（单位：元）` does not."""
    said = sum(bool(_NOTE.match(_IN_BRACKETS.sub("", text).strip())) for text in cells.values())
    return 2 * said >= len(cells)


def _merged_groups(here: Sequence[Merge], groups: Mapping[int, str], labels: Mapping[int, str]) -> bool:
    """Whether the merged ranges that begin in a row say that it groups the labels below it.

    A single group is none that begins with the table, or calls itself a table: that is a title.
    """
    across = [merge for merge in here if merge.bottom == merge.top and merge.right > merge.left]
    alone = {merge.left for merge in here if merge.bottom > merge.top}
    covered = {index for merge in across for index in range(merge.left, merge.right + 1)} & set(labels)
    if not covered or alone & set(labels):
        return False
    if len(groups) == 1:
        return across[0].left > min(labels) and len(covered) > 1 and not _TITLE.search(groups[across[0].left])
    own = [index for index in labels if index in groups and index not in covered]
    return 3 * len(own) <= len(covered)


def _written_groups(groups: Mapping[int, str], labels: Mapping[int, str], below: Sequence[Row]) -> bool:
    """Whether a row groups the labels below it, where nothing is merged: a sheet that was exported as CSV."""
    if not labels:
        return False
    gaps = set(range(min(groups), max(labels) + 1)) - set(labels)
    grouped = set(groups) & set(labels)
    wide = all(index + 1 in labels and index + 1 not in groups for index in grouped)  # a group has two columns or more
    if gaps and gaps <= set(groups) and grouped and wide:
        return True
    contrasting = set(contrast(labels, below))
    runs = {
        index for index in groups if groups.get(index + 1) == groups[index] or groups.get(index - 1) == groups[index]
    }
    if runs and runs <= set(labels) and len(set(groups.values())) > 1 and 2 * len(runs & contrasting) >= len(runs):
        return True
    # Labels that return under each group make no sense without it.
    plain = not any(mark in text for text in groups.values() for mark in ":：")
    double = len(set(labels.values())) < len(labels) and set(groups) <= set(labels)
    return plain and double and 2 * len(groups) <= len(labels) + 1 and _told_apart(groups, labels)


def _told_apart(groups: Mapping[int, str], labels: Mapping[int, str]) -> bool:
    current, seen = "", set()
    for index in sorted(labels):
        current = groups.get(index, current)
        if (current, labels[index]) in seen:
            return False
        seen.add((current, labels[index]))
    return True


def labels_of(header: Sequence[Row], merges: Sequence[Merge]) -> dict[int, str]:
    """Return the label of each column: those of all rows of the header, joined with `/` from the top."""
    parts: dict[int, list[str]] = {}
    for level, (number, cells) in enumerate(header):
        lower = {index for _, row in header[level + 1 :] for index in row}
        texts = dict(cells)
        across = [merge for merge in merges if merge.top == number and merge.right > merge.left and merge.left in cells]
        for merge in across:
            under = (index for index in range(merge.left, merge.right + 1) if index in lower or index == merge.left)
            texts.update(dict.fromkeys(under, cells[merge.left]))
        if lower and not across:
            current = ""
            for index in range(min((*cells, *lower)), max((*cells, *lower)) + 1):
                if index in cells:
                    current = cells[index] if index in lower else ""
                elif index in lower and current:
                    texts[index] = current
        for index, text in texts.items():
            label = " ".join(text.split())
            if label and label not in parts.setdefault(index, [])[-1:]:
                parts[index].append(label)
    return {index: "/".join(found) for index, found in sorted(parts.items())}


def is_form(rows: Sequence[Row]) -> bool:
    """Whether label and value stand beside each other, line by line: a form, not a table.

    Its first column (and its third) holds the words that a table has in its header.
    """
    if not 3 <= len(rows) <= 60:
        return False
    wide = [cells for _, cells in rows if len(cells) > 1]
    columns = sorted({index for cells in wide for index in cells})
    if len(wide) < 3 or len(wide) * 3 < len(rows) * 2 or not 2 <= len(columns) <= 4:
        return False
    names = [cells[columns[0]] for cells in wide if columns[0] in cells]
    values = [cells[columns[1]] for cells in wide if columns[1] in cells]
    told = max(
        word_share(names), sum(name.strip().endswith((":", "：")) for name in names) / len(names) if names else 0
    )
    first = list(wide[0].values())
    doubled = Counter(names).most_common(1)[0][1] > 1 if names else True
    return told >= 0.6 and not doubled and word_share(values) < 0.3 and word_share(first) <= 0.5
