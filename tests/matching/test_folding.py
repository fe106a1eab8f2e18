"""Folding reads pypinyin's file of characters by itself: it must say what pypinyin says."""

import gc

import pytest
from pypinyin import lazy_pinyin

from crmmigrate.matching import SEPARATOR
from crmmigrate.matching.acyclic import unsearched
from crmmigrate.matching.texts.folding import fold, fold_values, sound


def test_every_character_sounds_as_pypinyin_says():
    characters = [chr(point) for point in range(0x3400, 0xA000)]
    assert sound("".join(characters)).split(" ") == lazy_pinyin(characters)


def test_what_is_not_chinese_sounds_like_itself():
    assert sound("a1〇") == "a 1 〇"


@pytest.mark.parametrize("other", ["", f"甲公司{SEPARATOR}乙公司", f"{SEPARATOR}乙"])
def test_values_alone_and_among_several_are_folded_alike(other):
    values = ["ＡＢＣ 公司", "", "ABC123", "  A  b ", "銀行"]
    alone = [[text] if text else [] for text in fold(values)]
    assert fold_values([*values, other])[: len(values)] == alone == fold_values(values)


def test_search_for_garbage_goes_on_after_a_failure():
    def fail():
        with unsearched():
            raise ValueError(gc.isenabled())

    with pytest.raises(ValueError, match="False"):
        fail()
    assert gc.isenabled()
