"""How values of each meaning look: telling, fitting, in their standard form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from crmmigrate.checks import profile_words as words

_H = "㐀-鿿"
_MOBILE = r"(?:\+?0{0,2}86[- ]?)?0?1[3-9][0-9O](?:[- ]?[0-9O]){8}(?:\.0+)?"
_AREA = r"[(（]?0[1-9][0-9]{1,2}[)）]?"
_EXTENSION = r"(?: ?(?:[-*#]|转|分机|ext\.?|x)[:： ]?[0-9]{1,6})?"
_LANDLINE = rf"(?:\+?86[- ]?)?{_AREA}[- ]?[0-9]{{3,4}}[- ]?[0-9]{{4}}{_EXTENSION}|\+?86[- ]?[1-9][0-9]{{1,2}}[- ][0-9]{{7,8}}{_EXTENSION}|[48]00[- ]?[0-9]{{3,4}}[- ]?[0-9]{{3,4}}|\+[1-9][0-9]{{0,2}}[- ]?(?:\(?[0-9]{{1,4}}\)?[- ]?){{2,5}}"
_SEVERAL = rf"(?:{_MOBILE}|{_LANDLINE})(?: ?[;；、,，/ ] ?(?:{_MOBILE}|{_LANDLINE}))+"
_Y, _M, _D = r"(?:19|20)[0-9]{2}", r"(?:0?[1-9]|1[0-2])", r"(?:0?[1-9]|[12][0-9]|3[01])"
_CLOCK = r"(?:[01]?[0-9]|2[0-4])[:：时点][0-5]?[0-9]分?(?:[:：][0-5][0-9](?:\.[0-9]+)?)?(?:秒)?(?: ?[AaPp][Mm]|Z|[+-][0-9:]{4,5})?"
_DATE = (
    rf"(?:{_Y}[-/.年] ?(?:{_M}|13)[-/.月] ?{_D}[日号]?|{_Y}年{_M}月|{_Y}[-/.]{_M}|{_Y}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])"
    rf"|{_D}[-/.]{_M}[-/.](?:{_Y}|[0-9]{{2}})|{_M}[-/]{_D}[-/](?:{_Y}|[0-9]{{2}})|{_D}[- ][A-Za-z]{{3,9}}[- ,]+{_Y}|[A-Za-z]{{3,9}} {_D},? {_Y}|民国[0-9]{{2,3}}年.*)"
    rf"(?:[ T]*(?:上午|下午)? ?{_CLOCK})?"
)
_ID = r"[1-9][0-9]{5}(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[0-9]{3}"
_CODE = "0-9A-HJ-NPQRTUWXY"
_NUMBER = r"-?(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]+)?"
_PLATE = "[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼使领]"


@dataclass(frozen=True)
class MeaningPattern:
    """How a meaning shows in values (width folded, blanks at the ends taken off).

    Args:
        telling: values that speak for this meaning on their own; empty where words or nothing do.
        content: values that fit it, damage and all, once the header has said so.
        gain: log-odds that a column full of telling values adds.
        loss: log-odds that a column without any fitting value takes.
        conform: the standard form; empty where that has no pattern.
    """

    telling: str
    content: str
    gain: float
    loss: float
    conform: str = ""


PATTERNS: Mapping[str, MeaningPattern] = {
    "credit_code": MeaningPattern(
        rf"(?i)[159ANY][1239][0-9]{{6}}[{_CODE}]{{10}}", rf"(?i)[{_CODE}IOZSV]{{18}}|[{_CODE}O ]{{18,24}}|[0-9]{{15}}|[0-9]\.[0-9]+E\+?17|[0-9]{{8}}-?[0-9X]",
        8.5, 5.0, rf"[{_CODE}]{{2}}[0-9]{{6}}[{_CODE}]{{10}}",
    ),
    "id_number": MeaningPattern(
        rf"(?i){_ID}[0-9X*]|[1-9][0-9]{{5}}\*{{6,10}}[0-9*]{{2,4}}[0-9X]?", r"(?i)[0-9]{15}(?:[0-9]{2}[0-9X])?|[0-9*X ]{15,22}|[0-9]\.[0-9]+E\+?1[47]|[A-Z][0-9]{7,8}", 9.0, 5.5, rf"{_ID}[0-9X]",
    ),
    "email": MeaningPattern(
        r"(?i)(?:mailto:)?[^\s@]+ ?@ ?[^\s@]+(?:[;,，；/ ]+[^\s@]+@[^\s@]+)*", r".*@.*|[A-Za-z0-9._-]{6,}\.(?:com|cn|net)", 8.5, 4.0,
        r"[a-z0-9._%+-]+@[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,}",
    ),
    "url": MeaningPattern(
        r"(?i)https?://.+|www\.[a-z0-9-]+\..+|[a-z0-9-]+(?:\.[a-z0-9-]+)*\.(?:com|cn|net|org|io|top|tech|co|vip|shop|site)(?:\.[a-z]{2})?(?:/.*)?",
        r"(?i)https?:?/.*|[^@\s]*[a-z0-9-]+\.[^@\s]+", 8.0, 4.0, r"(?:https?://)?[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+(?::[0-9]+)?(?:/.*)?",
    ),
    "mobile": MeaningPattern(rf"{_MOBILE}(?: ?[;；、,，/ ] ?{_MOBILE})*|1\.[3-9][0-9]*E\+?10", rf"{_MOBILE}|{_SEVERAL}|1[0-9]\.?[0-9]*E\+?10|1[3-9][0-9O*]{{8,10}}", 7.0, 5.0, r"(?:\+86)?1[3-9][0-9]{9}"),
    "phone": MeaningPattern(
        rf"{_LANDLINE}|{_MOBILE}|{_SEVERAL}", rf"{_LANDLINE}|{_MOBILE}|{_SEVERAL}|[2-9][0-9]{{6,7}}{_EXTENSION}|[0-9]{{3,4}}-[0-9]{{4}}|1?[0-9]\.?[0-9]*E\+?10|[0-9]{{7,12}}|[0-9+() -]{{7,20}}", 6.3, 5.0,
        r"(?:\+86)?1[3-9][0-9]{9}|0[0-9]{2,3}-[0-9]{7,8}(?:-[0-9]{1,6})?|[48]00-?[0-9]{3,4}-?[0-9]{3,4}",
    ),
    "messenger": MeaningPattern(r"(?i)wxid_[a-z0-9]+|(?:微信|wx|qq)[:：]?[a-z0-9_-]{5,20}|[a-z][a-z]*[_-][a-z0-9_-]{3,18}|[a-z]{2,10}[0-9]{2,10}[a-z]?", r"[A-Za-z0-9_.-]{5,20}|.*(?:微信|QQ).*|同手机号?", 3.6, 3.0),
    "postcode": MeaningPattern(r"(?:0[1-7]|[1-7][0-9]|8[1-5])[0-9]{4}", r"[0-9]{5,6}", 2.6, 5.0, r"[0-9]{6}"),
    "bank_account": MeaningPattern(r"(?:62|60|43|45|52|35|37|95)[0-9]{2}[ -]?(?:[0-9]{4}[ -]?){2,3}[0-9]{1,7}|[0-9]{4}(?: [0-9]{4}){3}(?: [0-9]{1,3})?", r"[0-9][0-9 -]{8,30}|[A-Z]{2}[0-9]{2}[A-Z0-9 ]{10,30}|[0-9]\.[0-9]+E\+?1[0-9]", 4.5, 4.0, r"[0-9]{9,30}"),
    "plate": MeaningPattern(rf"{_PLATE}[A-Z][-·. ]?[A-HJ-NP-Z0-9]{{4,5}}[A-HJ-NP-Z0-9挂学警港澳]", rf"{_PLATE}[A-Za-z][-·. ]?[A-Za-z0-9]{{4,6}}.?", 9.0, 5.0, rf"{_PLATE}[A-Z][A-HJ-NP-Z0-9]{{4,5}}[A-HJ-NP-Z0-9挂学警港澳]"),
    "vin": MeaningPattern(r"(?i)[A-HJ-NPR-Z1-9](?:[0-9]*[A-HJ-NPR-Z])[A-HJ-NPR-Z0-9]{8,15}[0-9]{4,}", r"(?i)[A-HJ-NPR-Z0-9IO]{17}|[A-HJ-NPR-Z0-9]{6,8}", 4.0, 5.0, r"[A-HJ-NPR-Z0-9]{17}"),
    "sex": MeaningPattern("", r"[男女].?|(?i)[MF]|[01229]", 9.0, 5.0, r"[男女]"),
    "yes_no": MeaningPattern("", "(?i)" + "|".join(sorted(words.YES_NO_WIDE)), 6.0, 4.5),
    "percent": MeaningPattern(r"-?[0-9]+(?:\.[0-9]+)? ?[%‰]|[0-9]折|[0-9]\.?[0-9]*成", r"-?[0-9]{1,3}(?:\.[0-9]+)?%?|[0-9]\.[0-9]折|[一二三四五六七八九]折", 7.0, 4.0, r"-?[0-9]+(?:\.[0-9]+)?%"),
    "quantity": MeaningPattern(r"[0-9]{1,5} ?(?:个|台|套|件|人|次|天|箱|吨|kg|㎡|平方?米?|辆|公里|km|月|岁|年|户|名|pcs)|0|[1-9][0-9]{0,3}", rf"{_NUMBER} ?.{{0,3}}|[0-9]+[-~–][0-9]+人?", 2.6, 5.0, _NUMBER),
    "amount": MeaningPattern(
        rf"(?:[¥$€]|RMB|CNY|USD)? ?-?(?:[0-9]{{1,3}}(?:,[0-9]{{3}})+(?:\.[0-9]+)?|[0-9]+\.[0-9]{{1,2}}|[0-9]{{2,6}}000|[0-9.]+(?: ?[万亿]元?人?民?币?| ?元)|[0-9]{{2,9}}(?:\.[0-9]{{2}})?元) ?元?(?:人民币)?|[¥$€] ?{_NUMBER}",
        rf"(?:[¥$€]|RMB|CNY|USD)? ?{_NUMBER} ?(?:[万亿])?元?.{{0,4}}", 3.6, 5.0, r"-?[0-9]+(?:\.[0-9]{1,2})?",
    ),
    "year": MeaningPattern(r"(?:19[3-9]|20[0-4])[0-9](?:年|年度|款)?|(?:FY|fy)[0-9]{2,4}", r"(?:19|20)?[0-9]{2}.{0,2}", 5.5, 5.0, r"(?:19|20)[0-9]{2}"),
    "time": MeaningPattern(rf"(?:上午|下午|[AP]M )? ?{_CLOCK}|[0-2]?[0-9]:[0-5][0-9] ?[-~] ?[0-2]?[0-9]:[0-5][0-9]|(?:上午|下午|晚上)?[0-9]{{1,2}}[点时](?:[0-9]{{1,2}}分?|半)?", r".*[0-9]{1,2}[:：点时].*|0?\.[0-9]+|上午|下午", 7.0, 4.0, r"[0-2][0-9]:[0-5][0-9](?::[0-5][0-9])?"),
    "date": MeaningPattern(
        _DATE, rf"{_DATE}|[1-5][0-9]{{4}}(?:\.[0-9]+)?|[0-9]{{1,2}}月[0-9]{{1,2}}日?|{_Y}.*|0000.*|待定|1[0-9]{{9}}(?:[0-9]{{3}})?|{_CLOCK}", 7.0, 4.0,
        r"(?:19|20)[0-9]{2}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])(?:[ T][0-2][0-9]:[0-5][0-9](?::[0-5][0-9])?)?",
    ),
    "address": MeaningPattern(
        rf".*[{_H}]{{2,}}(?:路|街|大道|巷|弄|胡同|镇|乡|村|园区|工业园|开发区|大厦|广场|小区|花园|苑).*[0-9]+.*[号楼室层栋座幢弄组].*|.*[{_H}]+(?:省|自治区|市)[{_H}]+[市区县].*(?:路|街|道|镇|乡|村|号|园).*|(?i)(?:no\.? ?|unit |room |rm |floor |[0-9]+/f,? )?[0-9]+[a-z]?,? .*\b(?:road|street|rd|st|ave|avenue|lane|district|building|blvd|tower)\b.*|.*\b(?:road|street|district|avenue|rd)\b,.*",
        rf".*[{_H}]{{3,}}.*|.*[0-9]+.*", 6.0, 3.0, rf"[{_H}]+(?:省|市|自治区|特别行政区).*[{_H}]*(?:路|街|道|巷|号|镇|乡|村|园|厦|城|区).*",
    ),
    "region": MeaningPattern("", rf"[{_H}/ -]{{2,16}}|[A-Za-z ]{{2,20}}|[0-9]{{6}}", 6.5, 2.0, rf"[{_H}]{{1,9}}[省市区县州盟旗]|[{_H}]+自治区|[{_H}]+特别行政区"),
    "industry": MeaningPattern(rf"(?i)(?:[A-T]?[0-9]{{0,2}} ?)?(?:{words.INDUSTRIES})[{_H}/、]{{0,10}}|[{_H}、]{{2,14}}业|manufacturing|retail|finance|it|education|healthcare|logistics|construction|agriculture|energy|wholesale|automotive|real estate|hospitality|telecom|technology|insurance|mining|chemicals", rf"[{_H}A-Za-z/、（）() &,0-9]{{1,30}}", 4.6, 1.5),
    "department": MeaningPattern(rf"(?i)[{_H}A-Z0-9]{{1,10}}(?:{words.DEPARTMENTS})(?:[{_H}]{{1,4}}[组区])?|(?:{words.ENGLISH_DEPARTMENTS})(?: (?:dept|department|team))?\.?", rf"[{_H}A-Za-z0-9/& ()-]{{1,24}}", 5.0, 1.5),
    "job_title": MeaningPattern(rf"(?i)[{_H}/·A-Z ]{{0,10}}(?:{words.TITLES})(?:[{_H}（）()]{{0,4}})?|.*\b(?:{words.ENGLISH_TITLES})\b.*", rf"[{_H}A-Za-z/&. ,（）()-]{{1,30}}", 6.2, 1.5),
    "person": MeaningPattern("", rf"[{_H}· ]{{1,8}}(?:[（(].*[)）])?|[A-Za-z][A-Za-z .'-]{{1,40}}|[{_H}]{{2,4}}/.*", 5.0, 2.5, rf"[{_H}·]{{2,6}}|[A-Za-z][A-Za-z .'-]{{1,40}}"),
    "company": MeaningPattern(
        rf"(?i).{{2,}}(?:{words.LEGAL_FORMS})(?:[（(].*[)）]|-.{{1,6}})?|.*[{_H}].*(?:公司|集团)[^，。]{{0,10}}|.*\b(?:ltd|inc|llc|corp|gmbh|limited|co|company|s\.a|pte|plc|group)\b\.?,?.*",
        rf"[^@]*[{_H}A-Za-z]{{2,}}[^@]*", 5.6, 2.0,
        rf".*(?:{words.LEGAL_FORMS})(?:[（(].*[)）])?|.*(?:Ltd|Inc|LLC|Corp|GmbH|Limited)\.?",
    ),
    "id": MeaningPattern(r"[A-Za-z]{1,8}[-_]?(?:[0-9A-Za-z]+[-_])*[0-9]{2,}|0[0-9]{1,17}|[0-9]{5,19}|[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}|[0-9]{4,}[-_][0-9-]+|[0-9]+-[0-9]+-[0-9]+", r"[A-Za-z0-9_./#-]{1,40}|[^\s]{1,20}[0-9]+号?", 3.4, 3.0),
}  # fmt: skip
"""How each meaning but `picklist`, `text` and `empty` shows."""
