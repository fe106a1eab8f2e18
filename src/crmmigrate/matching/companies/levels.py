"""What two company names may have in common, from the most to the least."""

from __future__ import annotations

from crmmigrate.matching import Level, named
from crmmigrate.messages import Message

LEVELS = (
    Level("registered", Message("the same registered name"), 0.285, 2e-7, shared=True, in_city=True, sole=True),
    Level("here", Message("the same name in the same city, legal form aside"), 0.12, 6e-7, in_city=True, sole=True),
    Level(
        "slip_here",
        Message(
            "registered names of one city that sound the same, or have two characters exchanged or one that looks like another"
        ),
        0.05,
        2.5e-7,
        in_city=True,
    ),
    Level(
        "heard",
        Message("registered names of one city whose brands are written otherwise and sound the same"),
        0.008,
        1.2e-6,
    ),
    Level("whole", Message("the same foreign name, legal form aside"), 0.05, 3e-7, shared=True),
    Level(
        "in_pinyin",
        Message("the same name in pinyin, in which several Chinese names may be written"),
        0.0018,
        3e-8,
        shared=True,
    ),
    Level("known", Message("a well-known organisation and what it is called for short"), 0.05, 3e-7, shared=True),
    Level("same", Message("the same name"), 0.10, 1e-5, shared=True),
    Level(
        "namesake",
        Message("the same name, which many schools, churches, clubs and the like have"),
        0.015,
        3e-7,
        counted=True,
    ),
    Level("form", Message("names that differ in place, brackets or legal form only"), 0.12, 3e-5, by_frequency=True),
    Level(
        "slip",
        Message("names that sound the same, or have two characters exchanged or one that looks like another"),
        0.03,
        3e-5,
    ),
    Level("short", Message("one name is short for the other"), 0.11, 1.8e-4, by_frequency=True),
    Level(
        "short_here",
        Message("brand and trade of one, at the head of the name by which the other is registered in the same city"),
        0.01,
        2e-6,
    ),
    Level("inside", Message("all words of one name stand in the other"), 0.058, 3e-4, by_frequency=True),
    Level("called", Message("one given name, or one surname with a title, which many are called by"), 0.015, 1.5e-4),
    Level("keeper", Message("one is called by the name of who is asked for at the other"), 0.00018, 1.8e-7),
    Level("one_in_trade", Message("names that differ in one character behind the brand"), 0.04, 2e-4),
    Level("brand", Message("one name is only the brand of the other"), 0.04, 1e-3, by_frequency=True),
    Level("one_character", Message("names that differ in one character"), 0.02, 2e-3),
    Level(
        "other_character",
        Message("names of which one character is another, and neither sounds nor looks like it"),
        0.01,
        3e-3,
    ),
    Level("similar", Message("similar names"), 0.03, 3e-3),
    Level(
        "longer", Message("registered names, one of which says more than the other"), 0.01, 2.5e-4, by_frequency=True
    ),
    Level(
        "word_more",
        Message("registered Chinese names, one of which has a word more: two companies as often as one"),
        0.01,
        2.5e-4,
        by_frequency=True,
    ),
    Level("placed", Message("one name is the other with a place or a department behind it"), 0.015, 6e-5),
    Level("romanised", Message("a Chinese name and a foreign one that begins with its pinyin"), 0.02, 5e-5),
    Level(
        "nickname",
        Message("a given name in letters and a Chinese name, by which one person may be called"),
        0.0018,
        1.8e-4,
    ),
    Level(
        "other_form",
        Message("the same name in another legal form (公司, 厂, 合伙企业, …): another legal person as a rule"),
        0.01,
        3e-4,
    ),
    Level(
        "other_district",
        Message("the same name in another district, or in a city and in one of its districts"),
        0.01,
        5e-4,
    ),
    Level("branch", Message("a company and its branch, or two of its branches"), 0.01, 1e-3),
    Level("called_after", Message("a body and what is called after it: its press, its company, a school"), 0.002, 2e-3),
    Level("other_law", Message("the same name in a legal form of another country"), 0.008, 4e-4),
    Level(
        "other_company",
        Message("the same name in a legal form of another company (GmbH and KG, holding, B.V., …)"),
        0.002,
        3e-3,
    ),
    Level(
        "sister", Message("registered names of one brand with other trades: sister companies as a rule"), 0.002, 3e-3
    ),
    Level("other_number", Message("names with other numbers: Store #12 and Store #40, Unit A and Unit B"), 0.002, 3e-3),
    Level("group", Message("a group and a company of the same brand"), 0.002, 3e-3),
    Level("other_trade", Message("shops of other brands or trades"), 0.002, 8e-3),
    Level(
        "other_seat",
        Message("registered names of one brand in a city and in a county of it: sister companies as a rule"),
        0.002,
        3e-3,
    ),
    Level("elsewhere", Message("the same brand in another place"), 0.008, 3e-3),
    Level("other_script", Message("a name in Chinese characters and one in letters"), 0.02, 0.02),
    Level("different", Message("different names"), 0.05, 0.965),
)

MISTYPED = named(LEVELS, "slip", "slip_here", "heard", "one_character", "other_character", "one_in_trade")
"""Levels at which a word that one name seems to have and the other lacks may be mistyped."""
