"""Never rules are told in the language of who reads them."""

from __future__ import annotations

import pytest

from crmmigrate.messages import Message
from crmmigrate.model.never_words import in_words


@pytest.mark.parametrize(
    ("rule", "english", "chinese"),
    [
        ("different branch", "different: branch", "分支机构不同"),
        ("only shared mobile", "only the same mobile", "仅手机号码相同"),
        ("different parent without shared mobile, email", "different: parent; and none of these is the same: mobile; e-mail", "上级不同，且以下各项均不相同：手机号码；邮箱"),
        ("different existing", "different: record of the CRM", "CRM 中的记录不同"),
    ],
)  # fmt: skip
def test_a_never_rule_in_words(rule, english, chinese):
    told = in_words(rule)
    assert isinstance(told, Message)
    assert (told.text("en"), told.text("zh")) == (english, chinese)


def test_a_role_without_a_name_of_its_own_is_told_as_it_is_written():
    assert Message("{rule}", rule=in_words("only shared nickname")).text("zh") == "仅nickname相同"
    assert in_words("whatever it says") == "whatever it says"


def test_every_role_that_a_shipped_rule_names_has_words():
    from crmmigrate.matching.roles import _NEVER

    for rule in sum(_NEVER.values(), ()):
        told = in_words(rule)
        assert isinstance(told, Message)
        assert not told.text("zh").isascii()
        assert not any(role in told.text("zh") for role in rule.replace(",", "").split())
