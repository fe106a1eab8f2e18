"""A cleaner that takes one thing off at a time is repeated until nothing more comes off."""

from __future__ import annotations

import pytest

from crmmigrate.model.standard import Cleaned, Flag
from crmmigrate.standards._settle import settled

TITLE, ODD, NOTHING = Flag("x.title", "info"), Flag("x.odd"), Flag("empty.word", "info")


def once(raw: str) -> Cleaned:
    """Take one title off the end; what is left alone may be odd (?) or nothing (-)."""
    if raw == "-":
        return Cleaned(None, (NOTHING,))
    if raw == "?":
        return Cleaned(raw, (ODD,), "suggested", candidates=("!",))
    if raw.endswith(("总", "工")):
        return Cleaned(raw[:-1], (TITLE,), "likely", {"称谓": raw[-1], "姓": raw[0]})
    return Cleaned(raw, (), parts={"姓": raw[0]}) if raw else Cleaned(raw)


@pytest.mark.parametrize(
    ("raw", "wanted"),
    [
        ("王", Cleaned("王", parts={"姓": "王"})),
        ("王总", Cleaned("王", (TITLE,), "likely", {"姓": "王", "称谓": "总"})),
        ("王总工", Cleaned("王", (TITLE,), "likely", {"姓": "王", "称谓": "工 总"})),
        ("-总", Cleaned(None, (NOTHING,))),
        ("?总", Cleaned("?总", (ODD,), "suggested", candidates=("!",))),
    ],
)
def test_all_that_comes_off_is_taken_off_and_kept(raw, wanted):
    assert settled(once)(raw) == wanted


def test_what_never_settles_stays_raw_with_a_flag():
    grows = settled(lambda raw: Cleaned(raw + "a", (TITLE,)))
    assert (grows("ab").value, grows("ab").confidence, grows("ab").flags) == ("ab", "suggested", (TITLE,))
