"""Guess what a column holds from its header and some of its values.

Patterns are written for Python and for DuckDB's RE2 alike, so that the same one judges a sample here and all values there.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_HAN = "一-鿿"
_MOBILE = r"(?:\+?86[- ]?)?1[3-9][0-9](?:[- ]?[0-9]){8}(?:\.0)?"
_LANDLINE = r"(?:\+?86[- ]?)?[(（]?0[0-9]{2,3}[)）]?[- ]?[0-9]{7,8}(?:(?:[- ]|转|ext\.?|x)[0-9]{1,6})?|400[- ]?[0-9]{3,4}[- ]?[0-9]{3,4}|[0-9]{7,8}"
_DATE = (
    r"(?:19|20)[0-9]{2}[-/.年][0-9]{1,2}(?:[-/.月][0-9]{1,2}日?)?(?:[ T].*)?|(?:19|20)[0-9]{2}[01][0-9][0-3][0-9]|[34][0-9]{4}(?:\.[0-9]+)?"
    r"|[0-9]{1,2}[-/][0-9]{1,2}[-/](?:19|20)?[0-9]{2}"
)
_FORMS_OF_BUSINESS = (
    "公司|集团|厂|店|中心|事务所|合作社|研究院|设计院|学校|大学|医院|银行|支行|商行|经营部|工作室|协会|委员会"
)
_SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖"
    "邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文欧阳司马上官诸葛"
)


@dataclass(frozen=True)
class MeaningPattern:
    """How a meaning shows.

    Args:
        header: what headers of it contain.
        content: what its values look like, damage and all.
        conform: what a value in its standard form looks like; empty where that has no pattern.
        strength: how sure values alone can make us, 0 to 1.
        plain: how sure a header alone can make us, 0 to 1.
    """

    header: str
    content: str
    conform: str = ""
    strength: float = 0.0
    plain: float = 0.7


PATTERNS: Mapping[str, MeaningPattern] = {
    "credit_code": MeaningPattern(
        r"信用代码|信用编码|税号|纳税人识别号|uscc|tax.?(?:id|no)|credit.?code",
        r"[0-9A-HJ-NPQRTUWXYa-hj-npqrtuwxy]{2}[0-9]{6}[0-9A-HJ-NPQRTUWXYa-hj-npqrtuwxy]{10}|[0-9]{15}",
        r"[0-9A-HJ-NPQRTUWXY]{2}[0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}", 0.9,
    ),
    "id_number": MeaningPattern(
        r"身份证|证件号|id.?card|identity",
        r"[1-9][0-9]{5}(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[0-9]{3}[0-9Xx]",
        r"[1-9][0-9]{5}(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[0-9]{3}[0-9X]", 0.95,
    ),
    "email": MeaningPattern(
        r"邮箱|邮件|电邮|e-?mail", r".*[^\s]+[@＠][^\s]+.*", r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}", 0.95,
    ),
    "url": MeaningPattern(
        r"网址|网站|主页|website|url", r"(?i)(?:https?://|www\.).*|[a-z0-9-]+(?:\.[a-z0-9-]+)+(?:/.*)?",
        r"(?:https?://)?[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+(?::[0-9]+)?(?:/.*)?", 0.85,
    ),
    "mobile": MeaningPattern(r"手机|移动电话|mobile|cell", _MOBILE, r"(?:\+86)?1[3-9][0-9]{9}", 0.9),
    "phone": MeaningPattern(
        r"电话|座机|传真|联系方式|\btel|_tel|phone|fax", f"{_LANDLINE}|{_MOBILE}",
        r"(?:\+86)?1[3-9][0-9]{9}|0[0-9]{2,3}-[0-9]{7,8}(?:-[0-9]{1,6})?|400-?[0-9]{3,4}-?[0-9]{3,4}", 0.75,
    ),
    "messenger": MeaningPattern(r"微信|wechat|\bqq\b|whatsapp", r"[A-Za-z0-9_-]{5,20}"),
    "date": MeaningPattern(
        r"日期|时间|生日|\bdate|_date|_at$|\bbday|birthday|下次跟进", _DATE,
        r"(?:19|20)[0-9]{2}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])(?:[ T][0-2][0-9]:[0-5][0-9](?::[0-5][0-9])?)?", 0.85,
    ),
    "amount": MeaningPattern(
        r"金额|价格|单价|总价|费用|预算|资本|amount|price|total|revenue", r"[¥￥$]? ?-?[0-9０-９][0-9０-９,，.]*(?:万|亿)?元?",
        r"-?[0-9]+(?:\.[0-9]{1,2})?", 0.3, 0.8,
    ),
    "address": MeaningPattern(
        r"地址|住址|address|\badr", rf".*(?:[{_HAN}]{{2,}}[省市区县]|自治区).*|.*[{_HAN}]+(?:路|街|大道|镇|乡|园区).*",
        rf"[{_HAN}]+(?:省|市|自治区|特别行政区).*[{_HAN}]*(?:路|街|道|巷|号|镇|乡|村|园|厦|城|区).*", 0.7,
    ),
    "region": MeaningPattern(r"省份?$|城市$|^市$|区县$|地区|区域|province|city|region", rf"[{_HAN}]{{2,12}}", rf"[{_HAN}]{{2,9}}[省市区县州盟旗]|[{_HAN}]+自治区"),
    "person": MeaningPattern(
        r"姓名|联系人$|负责人|业务员|代表人|法人|经办|跟进人|处理人|交接人|handler|contact_?name|^fn$|^family$|^given$|owner|person",
        rf"[{_SURNAMES}][{_HAN}·]{{1,3}}(?:先生|女士|小姐|总|经理)?|[A-Z][a-z]+(?: [A-Z][a-z]+)+",
        rf"[{_HAN}·]{{2,6}}|[A-Za-z][A-Za-z .'-]{{1,40}}", 0.6,
    ),
    "company": MeaningPattern(
        r"客户名|公司|单位|企业名|曾用名|供应商|^org$|company|account.?name|customer.?name|organi[sz]ation",
        rf".*(?:{_FORMS_OF_BUSINESS}).*|(?i).*\b(?:ltd|inc|llc|corp|gmbh)\b.*",
        rf".*(?:{_FORMS_OF_BUSINESS})(?:[（(].*[）)])?|.*(?:Ltd|Inc|LLC|Corp|GmbH|Limited)\.?", 0.8,
    ),
    "id": MeaningPattern(r"编号|代码$|单号|订单号|序号|工号|^id$|_id$|_no$|\bcode", r"[A-Za-z]{0,6}[-_]?[0-9]+(?:[-_][0-9A-Za-z]+)*", "", 0.0, 0.75),
}  # fmt: skip
"""How each meaning but `picklist`, `text` and `empty` shows."""

_PICKLIST_MOST, _PICKLIST_SHARE, _PICKLIST_LENGTH = 60, 0.2, 24
_PICKLIST_HEADER = r"状态|阶段|类型|类别|分类|级别|等级|行业|规模|方式|币种|职务|部门|门类|来源|优先|是否|停用|status|stage|type|category|priority|level|unit$|title$"


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    # DuckDB reads (?i) anywhere, Python only in front.
    flags = re.IGNORECASE if "(?i)" in pattern else 0
    return re.compile(pattern.replace("(?i)", ""), flags | re.DOTALL)


def guess_meaning(header: str, values: Sequence[str], filled: int, distinct: int) -> tuple[str, float]:
    """Guess the meaning of a column.

    Args:
        header: its name; of a header of several rows (`客户信息/客户名称`) the last part counts most.
        values: a sample of its distinct values.
        filled: how many cells hold a value.
        distinct: how many different values there are.

    Returns:
        A key of `model.profile.MEANINGS` and a confidence from 0 to 1.
    """
    if not filled:
        return "empty", 1.0
    own = header.rpartition("/")[2].strip().lower()
    best, confidence = _unnamed(own, values, filled, distinct)
    for name, pattern in PATTERNS.items():
        named = bool(re.search(pattern.header, own))
        share = sum(1 for value in values if _compiled(pattern.content).fullmatch(value.strip())) / max(len(values), 1)
        sure = 1 - (1 - pattern.plain) * (1 - 0.9 * share) if named else pattern.strength * max(0.0, share - 0.3) / 0.7
        if named and share < 0.1:
            sure *= 0.6
        if sure > confidence + 1e-9:
            best, confidence = name, sure
    return best, round(confidence, 2)


def _unnamed(header: str, values: Sequence[str], filled: int, distinct: int) -> tuple[str, float]:
    """Return `picklist` where few short values come again and again, else `text`, with a modest confidence."""
    short = all(len(value) <= _PICKLIST_LENGTH for value in values)
    few = distinct <= _PICKLIST_MOST and distinct <= filled * _PICKLIST_SHARE
    if re.search(_PICKLIST_HEADER, header) and short and distinct <= 3 * _PICKLIST_MOST:
        return "picklist", 0.9 if few else 0.7
    if few and short:
        return "picklist", 0.55
    return "text", 0.4


def hidden(value: str) -> str:
    """Return `value` with all but its first and last character hidden; of two characters or one, only the first shows."""
    if len(value) <= 2:
        return value[:1] + "*" * (len(value) - 1)
    return value[0] + "*" * min(len(value) - 2, 12) + value[-1]
