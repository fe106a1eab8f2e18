"""Names are sorted by the numbers in them."""

from __future__ import annotations

from crmmigrate.model.natural_order import natural


def test_numbers_of_any_length_are_numbers() -> None:
    long = "a!" + "9" * 5_000
    names = ["a!10", long, "a!2", "a!007", "a", "b!1"]
    assert sorted(names, key=natural) == ["a", "a!2", "a!007", "a!10", long, "b!1"]
