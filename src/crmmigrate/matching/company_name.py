"""Company names: registered, short, former, with slips, with place and branch; Chinese and others.

A name is taken apart first (`companies/parts.py`). Short names keep the characters of the core in order, so one core is a
subsequence of the other.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from crmmigrate.matching import Comparer, Tally, named
from crmmigrate.matching.companies.apart import Apart, apart, joined
from crmmigrate.matching.companies.arabic import arabic_words, as_transcribed
from crmmigrate.matching.companies.branches import Branches, is_registered
from crmmigrate.matching.companies.cores import Cores
from crmmigrate.matching.companies.keys import keys
from crmmigrate.matching.companies.levels import LEVELS
from crmmigrate.matching.companies.name_columns import Names, bags_of_names, either, numbers_of
from crmmigrate.matching.companies.public_body import OF_A_DISTRICT, OF_EACH_TOWN
from crmmigrate.matching.companies.seats import Seats
from crmmigrate.matching.companies.short_names import FORMER
from crmmigrate.matching.companies.slips import slips, tell_registered_apart
from crmmigrate.matching.companies.terms import Terms
from crmmigrate.matching.companies.told import Told
from crmmigrate.matching.companies.trade_words import alike_beside_trade
from crmmigrate.matching.companies.two_scripts import TwoScripts
from crmmigrate.matching.places.place import BEYOND, all_apart, take_place
from crmmigrate.matching.texts.bags import Bags, hashed, hashed_rows, item_counts, numbered
from crmmigrate.matching.texts.cells import ending, matched
from crmmigrate.matching.texts.letters import Letters

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import numpy as np

    from crmmigrate.matching import Values

_REGISTERED, _HERE, _SLIP_HERE, _WHOLE, _SAME = named(LEVELS, "registered", "here", "slip_here", "whole", "same")
_FORM, _SLIP, _SHORT, _INSIDE, _ONE_IN_TRADE = named(LEVELS, "form", "slip", "short", "inside", "one_in_trade")
_BRAND, _ONE, _OTHER_ONE, _SIMILAR = named(LEVELS, "brand", "one_character", "other_character", "similar")
_ROMANISED, _OTHER_FORM, _OTHER_DISTRICT = named(LEVELS, "romanised", "other_form", "other_district")
_BRANCH_OF, _OTHER_COMPANY, _GROUP, _ELSEWHERE = named(LEVELS, "branch", "other_company", "group", "elsewhere")
_OTHER_SCRIPT, _DIFFERENT = named(LEVELS, "other_script", "different")
_LONG = 9
_PREFECTURE = 4
"""Digits of its code; a county-level city has six."""

_TWICE = re.compile(r"([\u3400-\u9fff])\1")
_FOREIGN = 9
"""So many letters of a foreign name without its legal form are hardly two companies' by chance."""


def make(values: Values, counts: np.ndarray, of: str = "", shares: Sequence[Apart] = ()) -> Comparer:
    """Return the comparer of company names; several names of a record are its current and former ones.

    Args:
        values: distinct values of the role.
        counts: in how many records each stands.
        of: `people` where they are employers.
        shares: `apart` of all values, where that was done before.
    """
    import numpy as np

    names, owners, count = joined(shares) if shares else apart(values)
    # What a group is called for short is the group.
    groups = names.group.true()[np.searchsorted(owners, owners)]
    names = names._replace(group=either(False, True, groups | names.group.true()))
    from crmmigrate.matching.companies.employers import Employers

    bag, names = bags_of_names(names, owners, count)
    return (Employers if of else Companies)(bag, names, counts)


class Companies:
    """The comparer of company names, each as often as it is written differently.

    Args:
        bag: the names of each distinct value.
        names: distinct ones, by their number in the bag; of their parts each value is of one of them.
        counts: in how many records each distinct value stands.
    """

    def __init__(self, bag: Bags, names: Names, counts: np.ndarray) -> None:
        import numpy as np
        import pyarrow as pa
        import pyarrow.compute as pc

        self.bag = bag
        cores = names.core
        self.full = numbered(names.full)
        self.by_core = Cores(names)
        self.core = self.by_core.core
        self.limited = matched(names.full, "有限公司") & ~names.branch.true()
        self.letters = Letters(cores)
        self.signs = self.letters.signs()
        self.sounds = self.letters.sounds()  # a character that somebody typed twice is heard once
        twice = np.flatnonzero(self.letters.doubled())
        if len(twice):
            self.sounds[twice] = Letters([_TWICE.sub(r"\1", core) for core in self.letters.texts(twice)]).sounds()
        self.chinese = self.letters.chinese()
        arabic = np.flatnonzero(arabic_words(names.words.values)[names.words.codes])
        if len(arabic):
            self.sounds[arabic] = Letters([as_transcribed(core) for core in self.letters.texts(arabic)]).sounds()
        # The brand: the first two characters of a Chinese core, the first word's five letters of another.
        brands = pc.if_else(
            pa.array(self.chinese), pc.utf8_slice_codeunits(cores, 0, 2), pc.utf8_slice_codeunits(cores, 0, 5)
        )
        self.brand, self.brand_key = numbered(brands), hashed(brands)
        self.terms = Terms(names.words)
        self.length = pc.utf8_length(cores).to_numpy().astype(np.int32)
        self.group, self.by_shares = names.group.true(), ending(names.full, "集团股份有限公司")
        self.national = names.national.true()  # 中国 stands in names that are registered for the whole country
        former = names.kind.each(lambda kind: kind == FORMER)
        self.kind = np.where(former, -1, names.kind.where_said())
        self.traders = names.kind.each(lambda kind: kind == "行号")
        self.any_kind = names.kind.each(lambda kind: kind == "公司") & ~self.chinese  # Ltd. may be any, 公司 is itself
        self.romans = hashed_rows(names.romans.values)[names.romans.codes]
        self.told = Told(names, item_counts(bag, counts, len(cores)))
        self.part = names.branch.codes
        self.part_seated = names.branch.each(lambda branch: bool(branch and take_place(branch)[0].city))
        self.number = numbers_of(cores)
        self.numbered = self.number >= 0
        self.spoken = Letters(pc.if_else(pa.array(self.kind >= 0), names.full, "")).sounds()
        self._take_places(names)
        self.seats = Seats(names)
        self.sure = (self.kind >= 0) & self.city & (names.branch.where_said() < 0)
        self.first = self._first()
        # Of a value without a name nothing is asked; it has a script all the same.
        self.script = np.append(self.chinese, False)[self.first]
        main, items = self.first[self.owners()], self.bag.items
        own = self.chinese[items] == self.chinese[main]
        self.own = self._some(own)
        self.mixed = self.bag.sizes > self.own.sizes
        self.two_scripts = TwoScripts(self._some(self.chinese[items]), self._some(~self.chinese[items]), self.script)
        self.formal = self._some(own & ((self.kind[items] >= 0) | former[items]) & (self.kind[main] >= 0))
        self.branches = Branches(names, self.bag, self.first, self.full, self.told.shops)
        self.cores = np.unique(self.core, return_index=True)[1]  # one name of each core, which has one brand
        self.brand_cores = np.bincount(self.brand[self.cores], minlength=len(cores) + 1)[self.brand]

    def _take_places(self, names: Names) -> None:
        """Note where the names say that they are."""
        import numpy as np

        self.place, places = names.place
        self.province = np.array([int(place.province or -1) for place in places], dtype=np.int64)[self.place]
        self.placed = self.province >= 0
        self.anywhere = ~self.placed & matched(names.core, f"(?:{'|'.join(OF_EACH_TOWN)})$|{OF_A_DISTRICT}")
        # So long a name without a place is that of an institution, or names its place itself; a town does not.
        self.sole = ((self.length >= _LONG) | self.told.bodies.registered) & self.chinese & ~self.anywhere
        self.sole |= (self.kind >= 0) & names.branch.each(is_registered)
        self.beyond = np.isin(self.province, [int(code) for code in BEYOND])
        # A county-level city is looked for with its prefecture.
        self.town = np.array([int(place.city[:4] or -1) for place in places], dtype=np.int64)[self.place]
        self.city = names.place.each(lambda place: bool(place.city))
        self.county = names.place.each(lambda place: len(place.city) > _PREFECTURE)
        self.apart = all_apart(places)
        self.district = names.district.where_said()
        self.public = names.public.true()
        self.seat = np.where(names.seat.true(), hashed(names.seat.values)[names.seat.codes], 0)

    def _some(self, which: np.ndarray) -> Bags:
        """Return of the values the names of which this is true, of each place in the bag."""
        import numpy as np

        sizes = np.bincount(self.owners()[which], minlength=len(self.bag.sizes))
        return Bags(np.cumsum(sizes) - sizes, sizes, self.bag.items[which])

    def owners(self) -> np.ndarray:
        """Return the value of each name in the bag."""
        import numpy as np

        return np.repeat(np.arange(len(self.bag.sizes)), self.bag.sizes)

    def _first(self) -> np.ndarray:
        """Return the number of each value's first name, -1 where there is none."""
        import numpy as np

        if not len(self.bag.items):
            return np.full(len(self.bag.sizes), -1)
        return np.where(self.bag.sizes > 0, self.bag.items[np.minimum(self.bag.starts, len(self.bag.items) - 1)], -1)

    def compare(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        """Return the best level over all names of both sides; of two names in other scripts, or of names without a legal form, only where a side has none like the other's."""
        import numpy as np

        levels = self.own.best(left, right, self._levels, once=True)
        other = self.script[left] != self.script[right]
        rest = np.flatnonzero(other & (self.mixed[left] | self.mixed[right]))
        if len(rest):
            levels[rest] = self.bag.best(left[rest], right[rest], self._levels, once=True)
        # What two companies with registered names of their own are called for short, others of their brand are called too.
        both = self.formal.sizes[left] * self.formal.sizes[right] > 0
        short = (self.own.sizes[left] > self.formal.sizes[left]) | (self.own.sizes[right] > self.formal.sizes[right])
        rest = np.flatnonzero(both & short & ~other)
        if len(rest):
            levels[rest] = self.formal.best(left[rest], right[rest], self._levels, once=True)
        return self.two_scripts.put_right(levels, left, right, self._levels)

    def _levels(self, one: np.ndarray, other: np.ndarray) -> np.ndarray:
        import numpy as np

        far = self.apart[self.place[one], self.place[other]]
        same_core = self.by_core.same(one, other)
        same_full = self.full[one] == self.full[other]
        levels = np.full(len(one), _DIFFERENT, dtype=np.int8)
        levels[same_core & far] = _ELSEWHERE
        sure = self.sure[one] & self.sure[other]
        city = self.city[one] & self.city[other] & ~far
        longer = np.maximum(self.length[one], self.length[other])
        levels[same_core & ~far] = _FORM
        # Few groups have one brand. Beyond the mainland 香港宏利贸易 and 宏利贸易(香港) may be two companies, and seldom are.
        either = (self.group[one] & self.group[other]) | (self.beyond[one] & self.beyond[other])
        levels[same_full | (same_core & ~far & either)] = _SAME
        bodies = self.public[one] & self.public[other]
        levels[same_core & city & ((longer >= 4) | bodies)] = _HERE
        foreign = ~self.chinese[one] & ~self.chinese[other] & (longer >= _FOREIGN)
        whole = foreign & (same_core | (self.terms.written[one] == self.terms.written[other]))
        levels[whole] = _WHOLE
        national = self.national[one] & self.national[other] & ~far
        levels[(same_core & ((city & sure) | national)) | (same_full & (self.sole[one] | self.sole[other]))] = (
            _REGISTERED
        )
        rest = np.flatnonzero(same_core & ~far & (self.part[one] != self.part[other]))
        levels[rest] = np.where(self.branches.departments.alike(one[rest], other[rest]), _FORM, _BRANCH_OF)
        others = self._other_person(one, other, same_core & ~far)
        plain = self.chinese[one] & ~self.traders[one] & ~self.traders[other]
        levels[others] = np.where(plain[others], _OTHER_FORM, _OTHER_COMPANY)
        alike = self.sounds[one] == self.sounds[other]
        # A place that was mistyped is none: 盐诚中泰工贸 is 中泰工贸 of 盐城.
        placed = self.placed
        alike |= (self.spoken[one] == self.spoken[other]) & (placed[one] != placed[other]) & (self.kind[one] >= 0)
        levels[alike & ~same_core & (longer >= 2) & ~far] = _SLIP
        rest = np.flatnonzero(~same_core & ~same_full & ~alike & ~whole)
        levels[rest] = self._near(one[rest], other[rest], far[rest])
        levels[(levels == _SLIP) & sure & city & (longer >= 4)] = _SLIP_HERE
        both = (self.kind[one] >= 0) & (self.kind[other] >= 0)
        two, within = self._other_district(one, other, far)
        within &= bodies & ((self.core[one] == self.core[other]) | (city & ~same_core))
        levels[(two | within) & (levels < _OTHER_FORM)] = _OTHER_DISTRICT
        # Each has its own, whoever delivers to them: 上虞区中医院 and 柯桥区中医院, 寿光市第二医院 and 潍坊市第二医院.
        levels[(levels == _OTHER_DISTRICT) & bodies & (two | (city & (self.county[one] != self.county[other])))] = (
            _DIFFERENT
        )
        tell_registered_apart(levels, both, self.letters, one, other)
        bare = same_core & ~same_full & self.chinese[one] & (self.length[one] == 2) & ~both & ~bodies
        levels[bare & np.isin(levels, (_HERE, _FORM))] = _BRAND
        # Two companies of one brand seldom have a branch in one place.
        levels[(levels == _BRAND) & (self.part[one] == self.part[other]) & self.part_seated[one]] = _SHORT
        levels[(levels == _DIFFERENT) & (self.chinese[one] != self.chinese[other])] = _OTHER_SCRIPT
        levels[(levels == _OTHER_SCRIPT) & self._romanised(one, other)] = _ROMANISED
        mixed = (self.group[one] != self.group[other]) & (both | (levels != _SHORT))  # 东方玻璃 may be the group
        # What a group has floated is another company than the group.
        mixed |= self.group[one] & self.group[other] & both & (self.by_shares[one] != self.by_shares[other])
        levels[mixed & (levels < _GROUP) & (levels != _SLIP) & (levels != _SLIP_HERE)] = _GROUP
        return self.told.lowered(self.seats.lowered(levels, one, other, alike), one, other)

    def _other_person(self, one: np.ndarray, other: np.ndarray, same_core: np.ndarray) -> np.ndarray:
        """Return where one core stands in two legal forms of which each is a legal person of its own."""
        import numpy as np

        kinds = (self.kind[one] >= 0) & (self.kind[other] >= 0) & (self.kind[one] != self.kind[other])
        return np.asarray(same_core & kinds & ~self.any_kind[one] & ~self.any_kind[other])

    def _other_district(self, one: np.ndarray, other: np.ndarray, far: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return where names of one city are of two districts, and where of one district or more."""
        a, b = self.district[one], self.district[other]
        differ = (a != b) & ~far
        return differ & (a >= 0) & (b >= 0), differ

    def _romanised(self, one: np.ndarray, other: np.ndarray) -> np.ndarray:
        """Return where one begins with the pinyin of the other's brand, and names its city where that is known."""
        import numpy as np

        result = self.chinese[one] != self.chinese[other]
        rest = np.flatnonzero(result)
        one, other = one[rest], other[rest]
        chinese, foreign = np.where(self.chinese[one], one, other), np.where(self.chinese[one], other, one)
        said = self.romans[foreign]
        brand, seat = self.romans[chinese, 0, None], self.seat[chinese, None]
        named = (seat[:, 0] == 0) | (said == seat).any(axis=1)
        result[rest] = (brand[:, 0] != 0) & (said == brand).any(axis=1) & named
        return np.asarray(result)

    def _near(self, one: np.ndarray, other: np.ndarray, far: np.ndarray) -> np.ndarray:
        """Return the level of names with other cores: alike letter by letter, or one word by word in the other."""
        import numpy as np

        levels = np.full(len(one), _DIFFERENT, dtype=np.int8)
        rest = np.flatnonzero(self._maybe_alike(one, other))
        if len(rest):
            levels[rest] = self._fuzzy(one[rest], other[rest], far[rest])
        # Two numbers contradict each other, whatever else is the same.
        other_number = self.numbered[one] & self.numbered[other] & (self.number[one] != self.number[other])
        rest = np.flatnonzero(~self.chinese[one] & ~self.chinese[other] & ~other_number)
        inside = rest[self.terms.inside(one[rest], other[rest])]
        levels[inside] = np.minimum(levels[inside], _INSIDE)
        # Bosch Rexroth is not called Bosch for short: it is a company of Bosch.
        short = rest[levels[rest] == _SHORT]
        levels[short[self.terms.within(one[short], other[short])]] = _INSIDE
        return levels

    def _maybe_alike(self, one: np.ndarray, other: np.ndarray) -> np.ndarray:
        """Return where `_fuzzy` may find more than different names: of most pairs the characters alone tell that it won't.

        A character that the other core lacks costs a step at least, and none of a subsequence is lacking.
        """
        import numpy as np

        a, b = self.signs[one], self.signs[other]
        lacking, surplus = np.bitwise_count(a & ~b), np.bitwise_count(b & ~a)
        longer = np.maximum(self.length[one], self.length[other])
        apart = np.abs(self.length[one] - self.length[other])
        steps = np.maximum(longer // 4, longer == 3)
        within = (np.minimum(lacking, surplus) == 0) & (self.brand[one] == self.brand[other])
        return np.asarray(within | (np.maximum(np.maximum(lacking, surplus), apart) <= steps))

    def _fuzzy(self, one: np.ndarray, other: np.ndarray, far: np.ndarray) -> np.ndarray:
        import numpy as np
        from rapidfuzz.distance import OSA, LCSseq
        from rapidfuzz.process import cpdist

        a, b = self.letters.texts(one), self.letters.texts(other)
        common = cpdist(a, b, scorer=LCSseq.similarity).astype(np.int64)
        distance = cpdist(a, b, scorer=OSA.distance).astype(np.int64)
        short = np.minimum(self.length[one], self.length[other])
        longer = np.maximum(self.length[one], self.length[other])
        brand = self.brand[one] == self.brand[other]
        levels = np.full(len(one), _DIFFERENT, dtype=np.int8)
        levels[alike_beside_trade(a, b, distance)] = _SIMILAR
        levels[(distance == 1) & (short >= 4)] = _ONE
        least = np.where(self.chinese[one] & self.chinese[other], 3, 6)
        levels[(common == short) & (longer == short + 1) & (short >= least)] = _ONE
        levels[(distance == 1) & brand & (short >= 5)] = _ONE_IN_TRADE
        inside = (common == short) & brand
        levels[inside & (short >= 3)] = _SHORT
        levels[inside & (short == 2)] = _BRAND
        swapped = (short == longer) & (short >= 4) & (self.signs[one] == self.signs[other])
        for index in np.flatnonzero(swapped & ((distance == 1) | (brand & (short >= 5)))):
            if sorted(a[index]) == sorted(b[index]):  # 仪器光学 is 光学仪器
                levels[index] = _SLIP if distance[index] == 1 else _ONE_IN_TRADE
        misread, another = slips(a, b, (distance == 1) & (short == longer) & (short > 2), brand)
        levels[misread], levels[another] = _SLIP, _OTHER_ONE
        levels[far & (levels < _ELSEWHERE)] = _ELSEWHERE
        numbered = self.numbered[one] & self.numbered[other]
        levels[numbered & (self.number[one] != self.number[other])] = _DIFFERENT
        return levels

    def others(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        """Return how many further cores begin with the rarer of the two brands, or have the rarest of the words that two names of other brands share."""
        import numpy as np

        if not len(self.bag.items):
            return np.zeros(len(left))
        a, b = self.first[left], self.first[right]
        fewest = np.minimum(self.brand_cores[a], self.brand_cores[b])
        found = np.where((a < 0) | (b < 0), 0, np.maximum(fewest - 2, 0))
        inside = np.flatnonzero((a >= 0) & (b >= 0) & (self.brand[a] != self.brand[b]) & ~self.script[left])
        found[inside] = self.terms.others(a[inside], b[inside])
        return np.asarray(np.maximum(found, self.told.shops.others(a, b)))

    def tallies(self) -> list[Tally]:
        """Return the brands with the cores that begin with them, the words of names in letters, and the shops' names."""
        import numpy as np

        every = np.arange(len(self.length))
        brands = Tally(self.brand_key, np.ones(len(every), dtype=np.int64), hashed(self.letters.texts(every)))
        return [brands, self.terms.tally(), self.told.shops.tally()]

    def recount(self, times: Sequence[Callable[[np.ndarray], np.ndarray]]) -> None:
        """Take so many cores to begin with the brands, names to have the words and records to have the shops' names."""
        self.brand_cores = times[0](self.brand_key)
        self.terms.recount(times[1])
        self.told.shops.recount(times[2])

    def different(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:  # noqa: ARG002  (as all comparers)
        """Names alone never exclude that two records are one company."""
        import numpy as np

        return np.zeros(len(left), dtype=bool)

    def other_branch(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        """Return where the current names are of different branches or departments, or of a branch and the company itself; nor have they a name with its legal form in common."""
        import numpy as np

        apart = self.branches.other(left, right)
        rest = np.flatnonzero(apart & ((self.bag.sizes[left] > 1) | (self.bag.sizes[right] > 1)))

        def differ(one: np.ndarray, other: np.ndarray) -> np.ndarray:
            return np.asarray((self.full[one] != self.full[other]) | (self.kind[one] < 0), dtype=np.int8)

        if len(rest):
            apart[rest] = self.bag.best(left[rest], right[rest], differ, once=True) != 0
        return apart

    def candidate_keys(self) -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
        """Give the keys, see `company_keys`."""
        return keys(self)
