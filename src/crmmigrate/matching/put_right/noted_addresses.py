"""Addresses of companies that remarks tell, where no column does: 地址：杭州市西湖区文三路1号, 工厂在西湖区文三路1号."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmmigrate.matching.phones.columns import cells_in, columns_of
from crmmigrate.matching.roles import PEOPLE
from crmmigrate.matching.shipped_headers import REMARK

if TYPE_CHECKING:
    import pandas as pd

    from crmmigrate.model.dedupe import DedupeRules

_BEGIN = r"(?:^|[\s,，.。;；|/])"
_LABEL = r"(?:公司|单位|工厂|厂区|办公|注册|详细|经营|实际|现|新)?(?:地址|厂址)(?:[:：\s]|是|为|在)+"
_WHERE = r"(?:公司|单位|工厂|厂区|厂子|办公室?)现?(?:在|位于|搬到了?|搬至|迁至|迁到了?)[:：\s]*"
_LINE = r"(?P<line>[\x{3400}-\x{9fff}][\x{3400}-\x{9fff} ]{1,28}(?:[路街道巷弄里村镇]|园区?|大厦)[东南西北中一二三四五六七八九十段]{0,3} ?[0-9A-Za-z-]+ ?[号弄座栋幢]?[^\s,，。;；|]*)"
_TOLD = f"{_BEGIN}(?:{_LABEL}|{_WHERE}){_LINE}"
"""A pattern of RE2. Where goods are sent to may be a customer's customer, and where somebody was before tells nothing."""


def with_noted_addresses(frame: pd.DataFrame, rules: DedupeRules) -> pd.DataFrame:
    """Return the records of companies with the addresses that their remarks tell, where they have none; for comparing only.

    Args:
        frame: all records of the table; missing = NaN.
        rules: of the object.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    remarks, addresses = (columns_of(frame, rules, role) for role in (REMARK, "address"))
    if rules.object in PEOPLE or not addresses:
        return frame
    nowhere = frame[addresses].isna().all(axis=1)
    for column in remarks:
        cells = cells_in(frame, column)
        if not pc.any(pc.match_substring_regex(cells, "址|[司位厂区室子]")).as_py():
            continue
        line = pc.struct_field(pc.extract_regex(cells, _TOLD), "line")
        if line.null_count < len(line):
            told = line.cast(pa.large_string()).to_pandas().astype("str").set_axis(frame.index)
            frame = frame.assign(**{addresses[-1]: frame[addresses[-1]].mask(nowhere, told)})
            nowhere &= told.isna()
    return frame
