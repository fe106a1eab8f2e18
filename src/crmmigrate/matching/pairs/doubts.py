"""Pairs of records that are not merged automatically whatever their weight: what they have in common may be another thing's too."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmmigrate.matching import by_name, named
from crmmigrate.matching.address import LEVELS as ADDRESS_LEVELS
from crmmigrate.matching.companies.levels import LEVELS as COMPANY_LEVELS
from crmmigrate.matching.email import LEVELS as EMAIL_LEVELS
from crmmigrate.matching.pairs.births import born_apart, born_together
from crmmigrate.matching.pairs.brand_alone import brand_alone
from crmmigrate.matching.pairs.couples import MAYBE_TWO, a_couple, few
from crmmigrate.matching.pairs.homophones import homophones_elsewhere
from crmmigrate.matching.pairs.lines import on_one_phone, on_service_number
from crmmigrate.matching.pairs.moved_shops import moved
from crmmigrate.matching.person_name import COMMON, FEW
from crmmigrate.matching.person_name import LEVELS as PERSON_LEVELS
from crmmigrate.matching.phone import LEVELS as PHONE_LEVELS
from crmmigrate.matching.roles import PEOPLE
from crmmigrate.matching.texts.bags import distinct_rows

if TYPE_CHECKING:
    import numpy as np

    from crmmigrate.matching.comparison import Comparison

_NAME = by_name(COMPANY_LEVELS)
_ONE_NAME = named(COMPANY_LEVELS, "namesake", "whole", "in_pinyin", "registered", "here", "known", "same", "form")
_TWO_COMPANIES = named(COMPANY_LEVELS, "other_form", "called_after", "other_law", "other_company", "sister", "other_number", "other_seat")  # fmt: skip
_PLACE = by_name(ADDRESS_LEVELS)
_ONE_PLACE = (_PLACE["same"], _PLACE["similar"])
_OTHER_TOWN, _ELSEWHERE = _PLACE["other_town"], _PLACE["elsewhere_in_city"]
_PERSON = by_name(PERSON_LEVELS)
_UNNAMED = _PERSON["unnamed"]
_VAGUE = (_PERSON["surname"], _PERSON["part"], _PERSON["unclear"], MAYBE_TWO, _PERSON["other_sex"], _UNNAMED)
_TWO = (_PERSON["other_character"], _PERSON["other_given"])
"""What two people are called as often as one who was mistyped."""
_NOT_TOLD = (_PERSON["other_script"], _PERSON["screen_name"])
"""What leaves open whether two names are one person's."""

_LIKE_KIN = (*_TWO, *named(PERSON_LEVELS, "close", "nickname", "slip", "one_character", "similar"))
_ALIKE = (*_LIKE_KIN, *named(PERSON_LEVELS, "sound", "pinyin", "part", "one_word"))
_MASKED = by_name(PHONE_LEVELS)["masked"]
_DESK, _OTHER_BOX, _NUMBERED = named(EMAIL_LEVELS, "desk", "same_domain", "numbered")
"""The mailbox of a desk; from where on two e-mails are two mailboxes; and those of two people of one name."""

_SELDOM = 2e-3
"""Levels that strangers reach less often than this support what is doubtful; that both are in one city does not."""

_ALWAYS = {
    **dict.fromkeys(("other_company", "other_law", "sister", "other_number", "other_seat", "called_after", "other_sex"), True),
    **dict.fromkeys(("other_script", "screen_name", "unclear", "unnamed", "part", "maybe_other_sex"), False),
}  # fmt: skip
"""What a level says however seldom it is met: another company is one, Mr. Weber is not Claudia Weber, and a name in letters says nothing of one in characters, nor a surname of a given name."""

_PERSONAL = frozenset(
    ("mobile", "email", "wechat", "qq", "buyer", "profile", "id_number", "phone", "code", "credit_code")
)
"""Roles of which a value is one person's as a rule."""

_HELD = _PERSONAL - {"mobile", "phone"}
"""Those of which siblings have one each."""

_ACCOUNTS = _HELD - {"buyer"}
"""Those that a family does not share as it shares a telephone, or orders by one account of a shop."""

_NOT_FAMILYS = _ACCOUNTS - {"wechat", "qq"}
"""Those that children do not have from their parents."""

_ALONE = _ACCOUNTS - {"email"}
"""Those that not even a couple shares, or those who work at one desk."""


class Doubts:
    """What is doubted of pairs.

    Args:
        by: has the roles, their model and the rules.
    """

    def __init__(self, by: Comparison) -> None:
        self.by = by

    def of(self, levels: np.ndarray, others: np.ndarray) -> np.ndarray:
        """Return pairs whose names contradict each other without a shared code, and those of an `only shared` rule.

        Many pairs agree in the same way: each way is judged once.

        Args:
            levels: pairs × roles.
            others: how many further records share what the pair has in common, pairs × roles.
        """
        import numpy as np

        common, rare = self._common(others), self._rare(others)
        ways, first = distinct_rows(np.column_stack([levels + 1, common, rare]))
        return np.asarray(self._judged(levels[first], common[first], rare[first])[ways])

    def _common(self, others: np.ndarray) -> np.ndarray:
        """Return pairs of people whose name many others have."""
        import numpy as np

        names = others[:, self.by.of("person_name")]
        return np.asarray((names >= max(FEW, COMMON * self.by.model.records)).any(axis=1))

    def _rare(self, others: np.ndarray) -> np.ndarray:
        """Return pairs of companies whose brand few others have, and pairs of people of whose company few others are."""
        import numpy as np

        rare = np.zeros(len(others), dtype=bool)
        for index, name in enumerate(self.by.names):
            if self.by.roles[name].compare == "company_name":
                rare |= few(index, self.by, others, FEW)
        return rare

    def _judged(self, levels: np.ndarray, common: np.ndarray, rare: np.ndarray) -> np.ndarray:
        import numpy as np

        doubt, coded, others = (np.zeros(len(levels), dtype=bool) for _ in range(3))
        people, firms = (
            (levels[:, self.by.of(kind)] >= 0).any(axis=1) for kind in ("person_name", "company_name")
        )  # where a table holds both, a pair has the name of one kind
        for index, name in enumerate(self.by.names):
            seen = levels[:, index]
            kind = "" if self.by.roles[name].joint else self.by.roles[name].compare
            if self.by.customers and self.by.roles[name].compare == "company_name":
                # Two shops of a chain are two customers, whoever owns them.
                doubt |= seen == _NAME["branch"]
            if kind in ("company_name", "person_name"):
                doubt |= (seen >= 0) & self._contradicts(index)[seen]
            if kind == "person_name":
                doubt |= self._of_people(index, levels, common, rare) & ~firms
                others |= seen == self.by.model.fields[index].last
            elif kind == "company_name":
                # One owner's shops have one tax number, and so have a school and its campus, and the brands of one kitchen.
                others |= np.isin(seen, (_NAME["other_number"], _NAME["branch"], _NAME["other_trade"]))
                # 众达德 and 众通德 are one owner's, and so are 启明机械 and 启明精密机械; a name in short may be another's.
                doubt |= np.isin(seen, (_NAME["other_character"], _NAME["word_more"], _NAME["short_here"]))
                # Sisters in two cities may have been given one code, or one company has moved.
                doubt |= seen == _NAME["elsewhere"]
                others |= seen == _NAME["elsewhere"]
                # Who keeps a shop in one town may keep another one elsewhere.
                doubt |= (seen == _NAME["keeper"]) & self.by.met("address", levels, (_ELSEWHERE, _OTHER_TOWN))
                doubt |= (seen < 0) & self.by.model.named & ~people  # who names no company may be of any
                namesakes = seen == _NAME["namesake"]
                doubt |= namesakes & ~self._there(levels) & on_service_number(self.by, levels)
                doubt |= namesakes & moved(self.by, levels)
                # Branches share the site and the mailboxes of their company, and have a telephone and an address of their own.
                doubt |= (seen == _NAME["placed"]) & ~self._there(levels)
                doubt |= (seen == _NAME["branch"]) & ~self._there(levels, phone=False)
                doubt |= homophones_elsewhere(self.by, levels) if self.by.of("address") else False
                doubt |= self._unsupported_slip(index, levels) | brand_alone(self.by, index, levels, rare)
            elif kind == "address":
                doubt |= self._far_apart(index, levels)
            elif kind == "country":
                doubt |= seen > 0
            elif name == "id_number" and self.by.rules.object not in PEOPLE:
                doubt |= seen == self.by.model.fields[index].last
            elif name in ("credit_code", "id_number"):
                coded |= seen == 0
        if self.by.model.sites:
            doubt |= self.by.model.sites.doubtful(levels)
        doubt &= ~coded | others  # one identity number and two names: somebody gave that of the wife
        for rule in self.by.rules.rules:
            if rule.kind == "only" and rule.subject in self.by.names:
                at = self.by.names.index(rule.subject)
                positive = self.by.model.weights(levels, np.zeros(levels.shape)) > 0
                positive[:, at] = False
                doubt |= (levels[:, at] == 0) & ~positive.any(axis=1)
        return doubt

    def _of_people(self, index: int, levels: np.ndarray, common: np.ndarray, rare: np.ndarray) -> np.ndarray:
        """Return pairs of people of whom others may be called so, or whom a family, a firm or a shop may have two of."""
        import numpy as np

        seen = levels[:, index]
        doubt = self._nobody_in_particular(index, levels) | self._namesakes(index, levels, common)
        doubt |= self._twins(index, levels) | self._generations(index, levels) | self._siblings(index, levels)
        # Colleagues are called so: 徐红然 and 徐斌然.
        one_off = np.isin(seen, (_PERSON["slip"], _PERSON["one_character"]))
        similar, one_word, letters = (seen == _PERSON["similar"], seen == _PERSON["one_word"], np.isin(seen, _NOT_TOLD))
        # A family has one surname, one telephone, 志强 and 志伟, Rajesh and Rakesh, and Chris and Christine.
        doubt |= one_off & ~self._own(levels)
        # Father and son have a mobile each, and one mailbox: that of their firm.
        sure = self._sure(levels, _ALONE) | (~self._two_mobiles(levels) & self._sure(levels))
        doubt |= np.isin(seen, _TWO) & ~sure & ~born_together(self.by, levels)
        doubt |= similar & ~self._sure(levels, _ALONE) & ~born_together(self.by, levels)
        # An assistant's mailbox and mobile are those by which the foreigners whom she books for are reached.
        by_itself = self._sure(levels, _ALONE) | (self._sure(levels) & born_together(self.by, levels))
        # A couple at home is called 陈大文 and Wong Mei Ling.
        doubt |= (one_word & ~self._sure(levels, _ALONE)) | (letters & ~by_itself)
        return np.asarray(doubt | a_couple(index, self.by, levels, rare & self._own(levels)) & ~self._sure(levels))

    def _unsupported_slip(self, index: int, levels: np.ndarray) -> np.ndarray:
        """Return pairs that share nothing else, whose names only sound alike and that something else contradicts, or one of whose names lacks its place."""
        import numpy as np

        slip = np.isin(levels[:, index], (_NAME["slip_here"], _NAME["heard"], _NAME["slip"]))
        supported = np.zeros(len(levels), dtype=bool)
        shares = np.zeros(len(levels), dtype=bool)
        against = np.zeros(len(levels), dtype=bool)
        for other, name in enumerate(self.by.names):
            if other != index:
                said = levels[:, other] >= 0
                seldom = np.array([level.u <= _SELDOM for level in self.by.model.fields[other].levels], dtype=bool)
                shares |= self.by.shared(name, levels)
                supported |= said & seldom[levels[:, other]]
                against |= said & self._contradicts(other)[levels[:, other]]
        alone = np.isin(levels[:, index], (_NAME["form"], _NAME["namesake"], _NAME["in_pinyin"])) & ~supported
        return np.asarray((slip & against & ~shares) | alone)

    def _nobody_in_particular(self, index: int, levels: np.ndarray) -> np.ndarray:
        """Return pairs of people of whom one has no name, or only a part of one, and that share nothing of their own: so do colleagues."""
        import numpy as np

        nobody = ((levels[:, index] < 0) | np.isin(levels[:, index], _VAGUE)) & ~self._own(levels)
        nobody |= (levels[:, index] == _UNNAMED) & ~self._sure(levels)  # 老板 and 老板娘 have one telephone
        nobody |= np.isin(levels[:, index], _VAGUE) & self._half_shown(levels)
        return np.asarray(nobody & ~self._one_shop(levels) if self.by.customers else nobody)

    def _half_shown(self, levels: np.ndarray) -> np.ndarray:
        """Return pairs of which no more than what is shown of a mobile is one person's, nor is their address the same."""
        import numpy as np

        masked = self.by.met("phone", levels, (_MASKED,)) & ~self.by.met("phone", levels, (0,))
        here = self.by.met("address", levels, _ONE_PLACE)
        return np.asarray(masked & ~here & ~self._sure(levels) & ~born_together(self.by, levels))

    def _one_shop(self, levels: np.ndarray) -> np.ndarray:
        """Return pairs of customers that are one shop, whoever was asked for there: its name, and its address or its telephone."""
        import numpy as np

        companies = [at for at, role in enumerate(self.by.roles.values()) if role.compare == "company_name"]
        return np.asarray(np.isin(levels[:, companies], _ONE_NAME).any(axis=1) & self._there(levels))

    def _there(self, levels: np.ndarray, *, phone: bool = True) -> np.ndarray:
        """Return pairs that share an address, or a telephone if that counts; nor is a service number in any place."""
        here = self.by.met("address", levels, _ONE_PLACE)
        return here | on_one_phone(self.by, levels) if phone else here

    def _namesakes(self, index: int, levels: np.ndarray, common: np.ndarray) -> np.ndarray:
        """Return pairs of people that share nothing of their own and have several things of their own that differ: so do namesakes of one company.

        The whole date of birth speaks for two things, and so do wang1@ and wang2@ of one company, and a mobile where the name is common: two 张伟 of one company have two.
        Where the names only sound alike or differ in a character, one is enough.
        """
        import numpy as np

        differing, far = np.zeros(len(levels), dtype=np.int8), np.zeros(len(levels), dtype=bool)
        for at, name in enumerate(self.by.names):
            kind = self.by.roles[name].compare
            if kind == "email" and name in _PERSONAL:
                differing += 1 * (levels[:, at] >= _OTHER_BOX) + (levels[:, at] == _NUMBERED)
            elif name in _PERSONAL or kind == "date":
                twice = common if name in ("mobile", "phone") else kind == "date"
                differing += (1 + twice) * (levels[:, at] == self.by.model.fields[at].last)
            elif kind == "address":
                far |= levels[:, at] == self.by.model.fields[at].last
        alike = np.isin(levels[:, index], _ALIKE)
        # Two of one name have one birthday in two cities.
        elsewhere = far & (differing > 0) & born_together(self.by, levels) & ~self._sure(levels)
        own = self._own(levels) | self.by.shares(levels, "vehicle")
        return np.asarray(elsewhere | (~own & ((differing > 1) | (alike & (differing > 0)))))

    def _twins(self, index: int, levels: np.ndarray) -> np.ndarray:
        """Return pairs of people born on one day whose names differ in one character and that share no account or identity number: so do twins.

        Beside two mobiles, which are their mother's and their father's, an account of a messenger is the family's.
        """
        import numpy as np

        alike = np.isin(levels[:, index], (_PERSON["one_character"], _PERSON["other_character"]))
        sure = self._sure(levels, _NOT_FAMILYS) | (~self._two_mobiles(levels) & self._sure(levels))
        return np.asarray(alike & born_together(self.by, levels) & ~sure)

    def _two_mobiles(self, levels: np.ndarray) -> np.ndarray:
        """Return pairs of people with a mobile each."""
        import numpy as np

        if "mobile" not in self.by.names:
            return np.zeros(len(levels), dtype=bool)
        at = self.by.names.index("mobile")
        return np.asarray(levels[:, at] == self.by.model.fields[at].last)

    def _generations(self, index: int, levels: np.ndarray) -> np.ndarray:
        """Return pairs of people born on other days whose names are only alike and that share no account or identity number: so do parents and children on one telephone.

        Names that only sound alike (欣怡, 心怡) are those of brothers and sisters too, who have their parents' account.
        """
        import numpy as np

        alike = np.isin(levels[:, index], (*_VAGUE, *_LIKE_KIN, _PERSON["one_word"])) & ~self._sure(levels)
        alike |= np.isin(levels[:, index], (_PERSON["sound"], _PERSON["pinyin"])) & ~self._sure(levels, _NOT_FAMILYS)
        alike |= np.isin(levels[:, index], _NOT_TOLD) & ~self._sure(levels, _ALONE)
        return np.asarray(alike & born_apart(self.by, levels))

    def _siblings(self, index: int, levels: np.ndarray) -> np.ndarray:
        """Return pairs of people whose names differ in one character or are alike in letters, who have accounts of their own and share none: so do siblings on the telephone of their shop."""
        import numpy as np

        own = np.zeros(len(levels), dtype=bool)
        for at, name in enumerate(self.by.names):
            if name in _HELD:
                of_mail = self.by.roles[name].compare == "email"
                own |= levels[:, at] >= (_OTHER_BOX if of_mail else self.by.model.fields[at].last)
        alike = np.isin(levels[:, index], _LIKE_KIN)
        return np.asarray(alike & own & ~self._sure(levels))

    def _sure(self, levels: np.ndarray, accounts: frozenset[str] = _ACCOUNTS) -> np.ndarray:
        """Return pairs of people that share an account or identity number, and not just as a number of the telephone that the family shares."""
        import numpy as np

        sure = np.zeros(len(levels), dtype=bool)
        phone = self.by.shared("mobile", levels) if "mobile" in self.by.names else sure
        for name in accounts.intersection(self.by.names):
            sure = sure | (self._somebody_s(name, levels) & ~((name == "wechat") & phone))
        return sure

    def _somebody_s(self, name: str, levels: np.ndarray) -> np.ndarray:
        """Return pairs that share a value of the role, other than the mailbox of a desk, which all who sit at it share; nor, born on two days, what is shown of a masked number."""
        import numpy as np

        kind, seen = self.by.roles[name].compare, levels[:, self.by.names.index(name)]
        nobodys = seen == {"email": _DESK, "phone": _MASKED}.get(kind, -1)
        if kind == "phone" and nobodys.any():
            nobodys &= born_apart(self.by, levels)
        return np.asarray(self.by.shared(name, levels) & ~nobodys)

    def _own(self, levels: np.ndarray) -> np.ndarray:
        """Return pairs of people that share something that is one person's."""
        import numpy as np

        own = [self._somebody_s(name, levels) for name in self.by.names if name in _PERSONAL]
        return np.asarray(np.logical_or.reduce([born_together(self.by, levels), *own]))

    def _far_apart(self, index: int, levels: np.ndarray) -> np.ndarray:
        """Return pairs at addresses in different places that are not called the same and share at most website and e-mail, or a telephone: so do companies of a group, or of one owner."""
        import numpy as np

        linked, web, phone, placed, alike = np.zeros((5, len(levels)), dtype=bool)
        of_company = bool(self.by.of("company_name"))
        for other, name in enumerate(self.by.names):
            kind = self.by.roles[name].compare
            if kind == "company_name":
                linked |= (levels[:, other] >= 0) & (levels[:, other] <= _NAME["same"])
                placed |= levels[:, other] == _NAME["placed"]
                alike |= levels[:, other] == _NAME["similar"]
            elif kind in ("email", "website"):
                web |= self.by.shared(name, levels)
            elif kind == "phone" and of_company:
                phone |= self.by.shared(name, levels)
            elif not (of_company and self.by.roles[name].joint):
                linked |= self.by.shared(name, levels)
        far = levels[:, index] == self.by.model.fields[index].last
        at = levels[:, index]  # a person may have a house in another town
        far |= of_company & ((at == _OTHER_TOWN) | (alike & (at == _ELSEWHERE)))
        return np.asarray(far & ~linked & ~(phone & web & ~placed))

    def clash(self, levels: np.ndarray, doubtful: np.ndarray) -> np.ndarray:
        """Return pairs that no third record ever brings together: people of other names or born on another day, twins, one core in two legal forms or countries.

        Of a company's name the writings may contradict each other; those of a person's are too short for that.
        """
        import numpy as np

        clash = np.zeros(len(levels), dtype=bool)
        for index, name in enumerate(self.by.names):
            role = self.by.roles[name]
            seen = levels[:, index]
            if role.compare == "person_name" and not role.joint:
                clash |= (seen >= 0) & self._contradicts(index)[seen]
                # Jane Smith and Paul Smith are two, of whomever Smith is said.
                clash |= (seen == _PERSON["one_word"]) & ~born_together(self.by, levels)
                clash |= seen == MAYBE_TWO
                clash |= born_apart(self.by, levels) & ~self._own(levels)
                clash |= self._twins(index, levels) | self._generations(index, levels) | self._siblings(index, levels)
            elif role.compare == "country":
                clash |= seen > 0
            elif role.compare == "company_name" and not role.joint:
                clash |= np.isin(seen, _TWO_COMPANIES)
        return np.asarray(clash & doubtful)

    def _contradicts(self, index: int) -> np.ndarray:
        """Return per level whether it speaks against one thing: as was learnt, or whatever was learnt."""
        import numpy as np

        levels = self.by.model.fields[index].levels
        return np.array([_ALWAYS.get(level.name, level.m < level.u) for level in levels], dtype=bool)
