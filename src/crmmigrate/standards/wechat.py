"""WeChat names of accounts: 6 to 20 letters, digits, _ or -, beginning with a letter; a mobile or a QQ number may stand for one.

Source: Tencent's rules for WeChat IDs (help centre, 微信号设置规则).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from crmmigrate.messages import Message
from crmmigrate.model.standard import Cleaned, Flag, Standard
from crmmigrate.standards._door import line
from crmmigrate.standards.empty import ALL_CODES, says_nothing

if TYPE_CHECKING:
    from crmmigrate.model.standard import Cleaner

CODES = {
    **ALL_CODES,
    "wechat.format": Message("WeChat account written in the standard form"),
    "wechat.phone": Message("a mobile number in the place of a WeChat account"),
    "wechat.qq": Message("a QQ number in the place of a WeChat account"),
    "wechat.several": Message("several WeChat accounts in one cell"),
    "wechat.same": Message("the WeChat account is said to be the mobile number"),
    "wechat.name": Message("a display name, not a WeChat account"),
    "wechat.email": Message("an e-mail address in the place of a WeChat account"),
    "wechat.invalid": Message("not a WeChat account"),
}
FORMAT, PHONE, QQ, SEVERAL = (Flag(f"wechat.{name}", "info") for name in ("format", "phone", "qq", "several"))
SAME = Flag("wechat.same")
EMAIL = Flag("wechat.email", "error", "MAP")
NAME, INVALID = Flag("wechat.name", "error"), Flag("wechat.invalid", "error")
_ACCOUNT = re.compile(r"[A-Za-z][A-Za-z0-9_\-]{5,19}\Z", re.ASCII)
_MOBILE = re.compile(r"(?:(?:\+|00)?86[- ]?)?(1[3-9]\d)[- ]?(\d{4})[- ]?(\d{4})(?:\.0)?\Z", re.ASCII)
_QQ = re.compile(r"(?:qq\s*[:：]?\s*)?([1-9]\d{4,9})(?:\.0)?\Z", re.ASCII | re.IGNORECASE)
_LABEL = re.compile(
    r"^(?:(?:微信|薇信|威信|vx|wx|v信|weixin|wechat)\s*(?:号码?|id)?\s*[:：]\s*|(?:微信|薇信|威信)号?\s*(?=[A-Za-z0-9])|(?:vx|wx|v)\s*[:：]\s*)",
    re.IGNORECASE,
)
_SAME_WORDS = (
    "同手机",
    "手机同号",
    "同号",
    "同电话",
    "电话同号",
    "微信同号",
    "同手机号",
    "手机号",
    "与手机同",
    "微信同手机",
    "同手机号码",
    "就是手机号",
    "手机号同步",
    "同上手机",
    "手机号同微信",
    "手机微信同号",
    "微信手机同号",
)
_SEPARATORS = re.compile(r"[,，、;；/\n ]+")
_MARKS = str.maketrans("＿－—–", "_---")


def make() -> Cleaner:
    """Return the cleaner."""
    return _clean


def _clean(raw: str) -> Cleaned:
    """Return the account, or the raw text with a flag that says why not; capitals stay as they are."""
    if _ACCOUNT.match(raw):
        return Cleaned(raw, parts={"类型": "微信号"})
    text, _ = line(raw)
    nothing = says_nothing(text)
    if nothing:
        return Cleaned(None, (nothing,))
    if text in _SAME_WORDS:
        return Cleaned(raw, (SAME,), "suggested")
    plain = _LABEL.sub("", text.translate(_MARKS)).strip(" .,;:：，。；()（）[]【】'\"‘’“”")
    one = _account(plain)
    if one:
        return _answer(raw, [one])
    read = [_account(_LABEL.sub("", piece)) for piece in _SEPARATORS.split(plain) if piece]
    known = [account for account in read if account]
    if len(read) > 1 and len(known) == len(read):
        return _answer(raw, known)
    return Cleaned(raw, (_why(plain),), "suggested", candidates=tuple(account for account, _ in known))


def _account(text: str) -> tuple[str, Flag | None] | None:
    if _ACCOUNT.match(text):
        return text, None
    found = _MOBILE.match(text)
    if found:
        return found[1] + found[2] + found[3], PHONE
    found = _QQ.match(text)
    return (found[1], QQ) if found else None


def _why(text: str) -> Flag:
    if "@" in text:
        return EMAIL
    return NAME if re.search("[\u3400-\u9fff]", text) else INVALID


def _answer(raw: str, read: list[tuple[str, Flag | None]]) -> Cleaned:
    value = "; ".join(dict.fromkeys(account for account, _ in read))
    own = tuple(dict.fromkeys(flag for _, flag in read if flag)) + ((SEVERAL,) if "; " in value else ())
    parts = {"类型": {PHONE: "手机号", QQ: "QQ号", None: "微信号"}[read[0][1]]}
    return Cleaned(value, own if value == raw else own or (FORMAT,), parts=parts)


STANDARD = Standard("wechat", make, Message("WeChat accounts"), (), CODES)
