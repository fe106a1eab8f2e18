"""Two sites of one company's name: what is merged, asked about and left alone."""

from __future__ import annotations

import pandas as pd

from crmmigrate.matching.engine import Matching, match
from crmmigrate.matching.explaining import Explainer
from crmmigrate.matching.roles import shipped

COLUMNS = ("Account Name", "Billing Street", "Billing City", "Billing Country", "Phone", "Website")
TOWNS = ("Springfield", "Phoenix", "Tulsa", "Denver", "Salem", "Boston", "Mesa", "Tucson")


def matched(*rows: tuple[str | None, ...]) -> Matching:
    numbered = [(f"s/{number:03}", *row) for number, row in enumerate(rows)]
    frame = pd.DataFrame(numbered, columns=["_record", *COLUMNS], dtype="str")
    rules = shipped("account", frame.columns)
    assert rules is not None
    return match(frame, rules)


def asked(found: Matching) -> int:
    return int((found.decision == "review").sum())


def shops(name: str, site: str | None, count: int) -> list[tuple[str | None, ...]]:
    return [
        (
            name,
            f"{number + 3}{number}1 Lincoln Road",
            town,
            "United States",
            f"+1 20{number + 2} 555 0{number + 131}",
            site,
        )
        for number, town in enumerate(TOWNS[:count])
    ]


def test_two_of_one_site_are_asked_about():
    found = matched(*shops("Quelmora Insurance", "quelmora.com", 2))
    assert found.cluster.tolist() == [0, 1]
    assert asked(found) == 1


def test_nobody_is_asked_about_the_shops_of_a_chain():
    """A website that so many have is the chain's."""
    found = matched(*shops("Quelmora Insurance", "quelmora.com", 8))
    assert found.cluster.tolist() == list(range(8))
    assert asked(found) == 0


def test_nobody_is_asked_about_one_name_in_two_towns():
    found = matched(*shops("Quelmora Insurance", None, 2))
    assert found.cluster.tolist() == [0, 1]
    assert asked(found) == 0


def test_a_shop_that_stands_there_twice_is_one():
    rows = shops("Quelmora Insurance", "quelmora.com", 8)
    found = matched(*rows, ("QUELMORA INSURANCE", *rows[3][1:]))
    assert found.cluster.tolist() == [*range(8), 3]


def test_who_moved_is_one_although_the_first_and_the_last_share_nothing():
    """Moved with its telephone, which was changed later: two of three pairs are sure."""
    one, other = shops("Quelmora Pumps LLC", None, 2)
    found = matched(one, (*other[:4], one[4], None), other)
    assert found.cluster.tolist() == [0, 0, 0]
    rules = shipped("account", pd.Index(COLUMNS))
    assert rules is not None
    told = Explainer(rules, found)
    at = next(index for index, pair in enumerate(zip(found.left, found.right, strict=True)) if pair == (0, 2))
    assert "says nothing of two sites" in told.message(at).text("en")
