"""What a Chinese given name tells of somebody's sex."""

from __future__ import annotations

import pytest

from crmmigrate.matching.people.sexes import of_characters


@pytest.mark.parametrize(
    ("given", "sex"),
    [
        ("建国", "m"), ("志强", "m"), ("大勇", "m"), ("军", "m"), ("红霞", "f"), ("丽", "f"), ("静", "f"), ("海燕", "f"),
        ("红军", ""), ("建芳", ""), ("敏", ""), ("伟", ""), ("亚军", ""), ("永红", ""), ("", ""), ("建国华祥装饰", ""),
    ],
)  # fmt: skip
def test_only_characters_that_are_seldom_the_other_s_tell_it(given, sex):
    assert of_characters(given) == sex
