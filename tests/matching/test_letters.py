"""Keys made of many texts at once."""

from __future__ import annotations

import re

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from crmmigrate.matching.texts.folding import is_chinese, sound
from crmmigrate.matching.texts.letters import Letters, mixed

TEXTS = st.lists(st.text("启其明名a1杭", max_size=7), min_size=1, max_size=8)


@given(TEXTS)
def test_numbers_and_sounds_are_the_same_where_the_texts_are(texts):
    letters = Letters(texts)
    for found, said in ((letters.numbers(), texts), (letters.sounds(), [sound(text) for text in texts])):
        assert [[a == b for b in found.tolist()] for a in found.tolist()] == [[a == b for b in said] for a in said]


@given(st.text("启明机械科技", min_size=4, max_size=8), st.integers(0, 7), st.text("启明华", min_size=1, max_size=1))
def test_texts_one_slip_apart_share_a_key(text, at, sign):
    other = text[: at % len(text)] + sign + text[at % len(text) + 1 :]
    rows, keys = Letters([text, other, text[1:]]).shortened(np.array([3, 3, 3]))
    of = [set(keys[rows == index].tolist()) for index in range(3)]
    assert of[0] & of[1]
    assert of[0] & of[2]
    assert len(of[0]) <= len(text) + 1


LONG = st.text("启启明a1", min_size=0, max_size=45)


@given(st.lists(LONG, max_size=6))
def test_scripts_and_doubled_characters_are_those_of_the_whole_texts(texts):
    letters = Letters(texts)
    assert letters.chinese().tolist() == [is_chinese(text) for text in texts]
    assert letters.doubled().tolist() == [re.search(r"([\u3400-\u9fff])\1", text) is not None for text in texts]


def test_short_texts_and_long_ones_are_shortened_alike():
    texts = ["启明机械", "启明机械" * 3, "启明机械" * 7, "启"]
    together = Letters(texts)
    rows, keys = together.shortened(np.full(4, 2), np.array([1, 2, 3, 0]))
    for index, text in enumerate(texts):
        alone = Letters([text]).shortened(np.array([2]))[1]
        assert sorted(keys[rows == index].tolist()) == sorted(alone.tolist())


def test_runs_of_characters():
    rows, keys = Letters(["启明机械", "明机", "x"]).runs(2)
    assert rows.tolist().count(0) == 3
    assert set(keys[rows == 1]) < set(keys[rows == 0])
    assert 2 not in rows


def test_long_texts_sound_like_themselves_only():
    long = "a" * 40
    sounds = Letters([long + "b", long + "c", long + "b", "a"]).sounds()
    assert sounds[0] == sounds[2] != sounds[1]
    assert sounds[3] >= 0


def test_mixed_numbers_tell_pairs_apart():
    one, other = np.divmod(np.arange(10_000), 100)
    assert len(set(mixed(one, other).tolist())) == 10_000


@given(st.lists(st.text(st.sampled_from("甲乙丙丁ab1\U00020000"), max_size=50), min_size=1, max_size=12))
def test_texts_come_back_whole_with_all_their_characters(texts):
    letters = Letters(texts)
    assert letters.texts(np.arange(len(texts))[::-1]) == texts[::-1]
    signs = letters.signs()
    for text, sign in zip(texts, signs.tolist(), strict=True):
        alone = Letters(list(text) or [""]).signs()
        assert sign == np.bitwise_or.reduce(alone)
        assert sign.bit_count() <= len(set(text))


def test_a_nul_is_a_character_like_any_other():
    letters = Letters(["a\0b", "ab\0", "ab"])
    assert letters.length.tolist() == [3, 3, 2]
    assert len(set(letters.numbers()[[0, 2]].tolist())) == 2
