"""Names of people in letters, mistyped, exchanged and shortened."""

from __future__ import annotations

import numpy as np
import pytest

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
    ],
)
def test_names_in_letters(one, other, wanted):
    people = make([one, other], np.ones(2, dtype=np.int64))
    for left, right in ((0, 1), (1, 0)):
        assert LEVELS[people.compare(np.array([left]), np.array([right]))[0]].name == wanted
