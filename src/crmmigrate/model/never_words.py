"""Never rules in words, for people who read a report or decide about a pair."""

from __future__ import annotations

from crmmigrate.messages import Message, joined
from crmmigrate.model.dedupe import parse_never

_SUBJECTS = {
    "name": Message("name"), "company": Message("company"), "credit_code": Message("credit code"), "branch": Message("branch"),
    "region": Message("region"), "id_number": Message("identity number"), "parent": Message("parent"), "phone": Message("phone"),
    "mobile": Message("mobile"), "landline": Message("landline"), "home_phone": Message("phone at home"), "email": Message("e-mail"),
    "personal_email": Message("e-mail"), "wechat": Message("WeChat"), "qq": Message("QQ"), "website": Message("website"),
    "address": Message("address"), "contact": Message("contact person"), "birth": Message("date of birth"), "sex": Message("sex"),
    "bank_account": Message("bank account"), "vehicle": Message("car"), "country": Message("country"), "existing": Message("record of the CRM"),
}  # fmt: skip


def in_words(rule: str) -> Message | str:
    """Return a never rule in words; one that cannot be read as it is written, and so a role without a name of its own."""
    read = parse_never(rule)
    if read is None:
        return rule
    what = _SUBJECTS.get(read.subject, read.subject)
    if read.kind == "only":
        return Message("only the same {what}", what=what)
    if not read.without:
        return Message("different: {what}", what=what)
    return Message(
        "different: {what}; and none of these is the same: {roles}",
        what=what, roles=joined([_SUBJECTS.get(role, role) for role in read.without]),
    )  # fmt: skip
