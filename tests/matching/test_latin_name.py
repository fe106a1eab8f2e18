"""Names of people in letters, mistyped, exchanged and shortened."""

from __future__ import annotations

import numpy as np
import pytest

from crmmigrate.matching.people import sexes
from crmmigrate.matching.people.nicknames import _FILE
from crmmigrate.matching.person_name import LEVELS, make


@pytest.mark.parametrize(
    ("one", "other", "wanted"),
    [
        ("Michaela Oliveri", "Micheala Olivieri", "close"),
        ("Ewald Bradden", "Braden Ewald", "close"),
        ("John Quincy Adams", "John Adams", "close"),
        ("Jonathan Smith", "Jonathan Smithson", "similar"),
        ("Sophie Lovelock", "Thomas Lovelock", "one_word"),
        ("Sophie", "Sophie Lovelock", "part"),
        ("Lovelok", "Sophie Lovelock", "part"),
        ("Aidan Webb", "Sophie Lovelock", "different"),
        ("Zhang Wei", "Zhang Wen", "one_character"),
        ("Zhang Wei", "Zhang Qiang", "different"),
        ("J. Smith", "John Smith", "surname"),
        ("Иван Петров", "Ivan Petrov", "other_script"),
        ("김민준", "Kim Minjun", "other_script"),
        ("Иван Петров", "Ирина Соколова", "different"),
        ("Martha Webb", "Marthaa Webb", "close"),
        ("J. Connor", "Sarah Connor", "one_word"),
        ("J. Connor", "S. Connor", "one_word"),
        ("Mario Rossi", "Maria Rossi", "one_word"),
        ("Daniel Jones", "Daniela Jones", "one_word"),
        ("Juan Carlos Pérez Gómez", "Juan Pablo Pérez Gómez", "one_word"),
        ("Nguyễn Văn An", "Nguyễn Thị An", "one_word"),
        ("George W. Bush", "George Walker Bush", "close"),
        ("George W. Bush", "George H. Bush", "one_word"),
        ("Anna Mariah Weber", "Anna Maria Weber", "close"),
        ("Mr. Weber", "Mrs Weber", "different"),
        ("Mr. Weber", "Hans Weber", "surname"),
        ("Rajesh Kumar", "Rakesh Kumar", "other_given"),
        ("Rohan Shah", "Roshan Shah", "other_given"),
        ("Tim Smith", "Tom Smith", "other_given"),
        ("Tom Smith", "Thom Smyth", "close"),
        ("Gabriel Weiss", "Gabriele Weiss", "other_given"),
        ("Jonathan Smith", "Jonathon Smith", "close"),
        ("Sara Gray", "Sarah Gray", "close"),
        ("Zack Gray", "Zac Gray", "nickname"),
        ("Katherine Gray", "Catherine Gray", "close"),
        ("Mr. Weber", "Claudia Weber", "other_sex"),
        ("Mr. Weber", "Mrs. Robin Weber", "other_sex"),
        ("Ms Weber", "Mrs. Robin Weber", "surname"),
        ("Mr. Weber", "Robin Weber", "surname"),
        ("Mr. Robin Weber", "Robin Weber", "same"),
        ("Bob Smith", "Robert Smith", "nickname"),
        ("Rob Smith", "Bob Smith", "nickname"),
        ("Smith, Liz", "Elizabeth A. Smith", "nickname"),
        ("Bob Smith", "Robert Miller", "different"),
        ("Edward Smith", "Theodore Smith", "one_word"),
        ("Bob Alan Smith", "Robert James Smith", "one_word"),
    ],
)
def test_names_in_letters(one, other, wanted):
    people = make([one, other], np.ones(2, dtype=np.int64))
    for left, right in ((0, 1), (1, 0)):
        assert LEVELS[people.compare(np.array([left]), np.array([right]))[0]].name == wanted


def test_who_is_called_by_a_nickname_is_looked_for_under_the_given_name():
    people = make(["Bob Smith", "Robert Smith", "Eddie Gray", "Edwin Gray"], np.ones(4, dtype=np.int64))
    [(_, values, keys)] = people.candidate_keys()
    of = [set(keys[values == value].tolist()) for value in range(4)]
    assert of[0] & of[1]
    assert of[2] & of[3]
    assert not of[0] & of[2]


def test_the_table_of_nicknames_is_sorted_and_says_nothing_twice():
    lines = _FILE.read_text(encoding="utf-8").splitlines()
    assert lines == sorted(lines)
    assert len({line.split()[0] for line in lines}) == len(lines)
    assert all(len(set(line.split())) == len(line.split()) > 1 and line.isascii() and line.islower() for line in lines)


def test_no_given_name_is_both_a_woman_s_and_a_man_s():
    women, men = (part.split() for part in sexes._FILE.read_text(encoding="utf-8").split("\n\n"))
    assert set(women).isdisjoint(men)
    for names in (women, men):
        assert names == sorted(set(names))
        assert all(name.isascii() and name.islower() for name in names)
