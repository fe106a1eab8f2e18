"""What was read before never changes what is read: an address is the same behind any others."""

from __future__ import annotations

import random

from crmmigrate.standards._beginnings import Beginnings
from crmmigrate.standards._divisions import divisions, former_divisions, short_name
from crmmigrate.standards._places import Place, Reader
from crmmigrate.standards._townships import townships


def _texts(count: int) -> list[tuple[str, frozenset[int]]]:
    """Return addresses by all ways to write a few divisions, each followed by streets, townships and other divisions; marks where blanks were."""
    rng = random.Random(20261125)
    known = rng.sample(divisions(), 60) + rng.sample(former_divisions(), 15)
    known += [one for one in divisions() if one.name in ("济南市", "青岛市", "济宁市")] * 3
    names, towns = [one.name for one in divisions()], list(townships())
    found = []
    for _ in range(count):
        chain = rng.choice(known).chain
        kept = [short_name(name, level) if rng.random() < 0.5 else name for level, name in enumerate(chain, 1)]
        kept = kept[rng.randrange(len(kept)) :]
        name = rng.choice(names)
        brief = short_name(name, rng.choice((1, 2, 3)))
        tail = rng.choice(("文三路1号", "市中区1号", "中区1号", "北区东路1号", "镇海路3号", f"{name}路1号", f"{brief}路1号", f"{brief}{name}", f"{name}政府", "自由路3号",
                           f"{rng.choice(towns)}1号", "", "县城", f"{brief}街道1号", "桥西路二号", "，东路"))  # fmt: skip
        marks = {len("".join(kept[:at])) for at in range(1, len(kept) + 1) if rng.random() < 0.15}
        found.append(("".join(kept) + tail, frozenset(marks)))
    return found


def _told(place: Place) -> tuple[object, ...]:
    return place.head, place.rest, place.township, place.township_code


def test_an_address_is_read_the_same_behind_any_others():
    texts = _texts(6000)
    used = Reader()
    for text, marks in texts:
        used.read(text, marks)
    fresh = Reader()
    seen = 0
    for text, marks in texts:
        fresh._beginnings = Beginnings(fresh.names)
        seen += used._beginnings.of(text, marks)[0] is not None
        assert _told(used.read(text, marks)) == _told(fresh.read(text, marks)), text
    assert seen > len(texts) // 3
