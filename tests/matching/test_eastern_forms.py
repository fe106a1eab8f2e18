"""Companies of Malaysia, Singapore and Taiwan, as their names are written short, and with what somebody noted of an account."""

from __future__ import annotations

import numpy as np
import pytest

from crmmigrate.matching.companies.eastern_forms import written_out
from crmmigrate.matching.company_name import LEVELS, make
from crmmigrate.matching.texts.folding import fold


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("lian hup trading s/b", "lian hup trading sdn bhd"),
        ("lian hup trading (m) sdn bhd", "lian hup trading sdn bhd"),
        ("lian hup trading (m) s/b - ipoh branch", "lian hup trading sdn bhd - ipoh branch"),
        ("lian hup (s) private limited", "lian hup private limited"),
        ("lian hup p/l", "lian hup ltd"),
        ("lian hup hldgs pte ltd", "lian hup holdings pte ltd"),
        ("lian hup opto-electronics", "lian hup optoelectronics"),
        ("s/b trading", "s/b trading"),
        ("lian hup (m)", "lian hup (m)"),
        ("lian hup (s) services", "lian hup (s) services"),
        ("auto-parts express", "auto-parts express"),
    ],
)
def test_names_are_read_as_they_are_registered(text, whole):
    assert written_out(text) == whole


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        ("Lian Hup Trading (M) Sdn Bhd", "LIAN HUP TRADING S/B", "whole"),
        ("Lian Hup Trading (S) Pte Ltd", "Lian Hup Trading P/L (USD)", "whole"),
        ("Lian Hup Trading (S) Pte Ltd [NEW]", "Lian Hup Trading Pte. Ltd.", "whole"),
        ("Lian Hup Trading Pte Ltd - A/C 2", "Lian Hup Trading Private Limited", "whole"),
        ("Lian Hup Electric Pte Ltd", "Lian Hup Electrical Pte Ltd", "longer"),
        ("Lian Hup Elec. Pte Ltd", "Lian Hup Electronics Pte Ltd", "longer"),
        ("Lian Hup Ent. Sdn Bhd", "Lian Hup Enterprises Sdn Bhd", "whole"),
        ("Lian Hup Trading Sdn Bhd", "Lian Hup Trading (S) Pte Ltd", "other_law"),
        ("Lian Hup Trading Pte Ltd (Jurong)", "Lian Hup Trading Pte Ltd (Tuas)", "elsewhere"),
        ("Lian Hup Trading Pte Ltd", "Lian Hup Hldgs Pte Ltd", "other_company"),
        ("Lian Hup Electrical Pte Ltd", "Lian Hup Electronics Pte Ltd", "sister"),
        ("Kah Fu Technology 嘉富科技行", "嘉富科技行", "same"),
    ],
)
def test_how_far_such_names_are_one(one, other, level):
    found = make(fold([one, other]), np.ones(2, dtype=np.int64)).compare(np.array([0, 1]), np.array([1, 0]))
    assert [LEVELS[at].name for at in found] == [level] * 2
