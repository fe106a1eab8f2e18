"""A legal form that was mistyped is written as it ought to be; what is a word of its own stays."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmmigrate.model.legal_form import spelt

GARBLED = (
    "限公司", "有公司", "有限公可", "有限么司", "有限公司司", "有限司", "有限公", "有跟公司", "冇限公司", "友限公司", "限有公司", "有公限司", "有限司公",
)  # fmt: skip


@pytest.mark.parametrize("form", GARBLED)
def test_a_garbled_form_is_mended(form: str) -> None:
    assert spelt(f"杭州甲乙科技{form}") == "杭州甲乙科技有限公司"
    assert spelt(f"杭州甲乙科技股份{form}") == "杭州甲乙科技股份有限公司"


@pytest.mark.parametrize(
    "form",
    [
        "限责任公司",
        "有责任公司",
        "有限任公司",
        "有限责公司",
        "有限责任司",
        "有限责任公",
        "限有责任公司",
        "有限任责公司",
    ],
)
def test_a_garbled_form_of_liability_is_mended(form: str) -> None:
    assert spelt(f"杭州甲乙科技{form}") == "杭州甲乙科技有限责任公司"


@pytest.mark.parametrize(
    "name",
    [
        "甲乙商业无限公司", "甲乙商业无限责任公司", "杭州甲乙有线公司", "杭州甲乙有色公司", "浙江省属国有公司", "甲乙私有公司", "杭州甲乙有限公寓",
        "限公司", "甲乙公司", "甲乙厂", "",
    ],
)  # fmt: skip
def test_another_word_stays(name: str) -> None:
    assert spelt(name) == name


@given(st.text("甲乙无有限责任公司可么国", max_size=12))
def test_what_is_mended_stays_so(name: str) -> None:
    assert spelt(spelt(name)) == spelt(name)
