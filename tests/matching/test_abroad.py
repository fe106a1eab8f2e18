"""What company names in letters say beside brand and trade."""

from __future__ import annotations

import numpy as np
import pytest

from crmmigrate.matching.companies.bodies_abroad import called_after
from crmmigrate.matching.companies.foreign_name import take_foreign_apart
from crmmigrate.matching.companies.legal_forms import ABROAD, ALIKE, OTHER, related
from crmmigrate.matching.companies.levels import LEVELS
from crmmigrate.matching.company_name import make
from crmmigrate.matching.texts.folding import fold


def level(one: str, other: str) -> str:
    names = make([one, other], np.ones(2, dtype=np.int64))
    found = names.compare(np.array([0, 1]), np.array([1, 0]))
    assert found[0] == found[1]
    return LEVELS[found[0]].name


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("Krause GmbH & Co. KG", "co gmbh kg"), ("Krause Gesellschaft mit beschränkter Haftung", "gmbh"), ("Acme Ltd.", "ltd"), ("Acme Pvt. Limited", "ltd pvt"),
        ("Acme S.A. de C.V.", "sadecv"), ("Acme S. de R.L. de C.V.", "srldecv"), ("Acme Sp. z o.o.", "spzoo"), ("Acme S.p.A.", "spa"), ("Acme Kabushiki Kaisha", "kk"),
        ("AG Barr plc", "plc"), ("Acme", ""), ("Acme Inc. - Dallas", "inc"),
    ],
)  # fmt: skip
def test_the_legal_form_at_the_end(name, form):
    assert take_foreign_apart(fold([name])[0]).abroad.form == form


@pytest.mark.parametrize(
    ("one", "other", "wanted"),
    [
        ("gmbh", "inc", ABROAD), ("kk", "ltd", OTHER), ("kk", "inc", OTHER), ("inc", "llc", OTHER), ("ltd pvt", "ltd", ALIKE), ("", "gmbh", ALIKE),
        ("ltd pvt", "sarl", ABROAD), ("ltda", "sadecv", ABROAD), ("sas", "srl", OTHER), ("co", "gmbh", OTHER),
    ],
)  # fmt: skip
def test_how_legal_forms_relate(one, other, wanted):
    assert related(one, other) == related(other, one) == wanted


@pytest.mark.parametrize(
    ("name", "base", "tail", "number"),
    [
        ("Acme Foods - Dallas", "acmefood", "dallas", ""), ("Acme Foods - DO NOT USE", "", "", ""), ("Acme Foods *VIP*", "", "", ""), ("Jean-Pierre Transports", "", "", ""),
        ("Acme Foods #012", "acmefood", "#12", "12"), ("Acme Foods Store No. 12", "acmefood", "#12", "12"), ("Pine Valley Lodge No 4", "pinevalley", "#4", "4"),
        ("Harrow Storage Unit B", "harrowstorage", "#b", "b"), ("Studio 54", "studio", "", "54"), ("Acme - Logistics GmbH", "", "", ""),
    ],
)  # fmt: skip
def test_what_stands_behind_a_name(name, base, tail, number):
    found = take_foreign_apart(fold([name])[0]).abroad
    assert (found.base, found.tail, found.number) == (base, tail, number)


@pytest.mark.parametrize(
    ("one", "other", "wanted"),
    [
        ("Acme Foods Inc.", "Acme Foods LLC", "form"), ("Acme Foods Inc.", "Acme Foods GmbH", "other_law"), ("Acme Foods GmbH", "Acme Inc.", "other_company"),
        ("Acme Foods #12", "Acme Foods Store 40", "other_number"), ("Acme Foods #12", "Acme Foods Store No. 12", "same"), ("Acme Foods - Dallas", "Acme Foods LLC", "placed"),
        ("Acme Foods (Dallas)", "Acme Foods LLC", "placed"), ("Acmere Foods (AFI)", "Acmere Foods Inc.", "whole"), ("Zordane Textile Co., Ltd", "Zordane Textiles Company Limited", "whole"), ("Çelikbey Makina San. ve Tic. Ltd. Şti.", "Celikbey Makina", "whole"), ("Al Ghadeer Home Supplies", "El Ghadir Home Supply LLC", "slip"), ("Telcon Trading", "Tilcon Trading", "one_character"), ("Wexley High School", "WEXLEY HIGH SCHOOL", "namesake"),
        ("Brantovo Maschinenbau GmbH", "Brantovo Bau GmbH", "sister"), ("Acme Consultants Ltd", "Acme Consulting Ltd", "similar"), ("Acme Holding AG", "Acme Software AG", "other_company"),
        ("Menuiserie Acme SA", "Acme Holding SA", "other_company"), ("Acme Installatie", "Acme Holding B.V.", "other_company"), ("Wexley, Martin & Thompson Realty LLC", "Wexley, Martin & Thompson Tech", "sister"),
        ("Acme Foods Properties", "Acme Foods", "inside"), ("Captial Plumbing", "Capital Plumbing Inc.", "slip"), ("Acme Foods", "Acme Steel", "different"), ("Acme Foods Ltd", "启明食品有限公司", "other_script"),
    ],
)  # fmt: skip
def test_levels(one, other, wanted):
    assert level(one, other) == wanted


@pytest.mark.parametrize(
    ("name", "part", "within"),
    [
        ("michigan state university", "", False), ("the university of michigan", "", False), ("michigan state university school of medicine", "medicine", True),
        ("michigan state univ. hosp.", "hospital", True), ("alumni association, manchester metropolitan university", "alumni", True), ("miami university - library", "library", True),
        ("iit bombay dept. of chemistry", "chemistry", True), ("springfield police department", "police", True), ("city of springfield", "", False), ("mercy hospital", "hospital", False),
        ("mercy hospital foundation", "foundation hospital", True), ("universitatsklinikum heidelberg", "hospital", True), ("presses universitaires de lyon", "press", True),
        ("universiteitsbibliotheek gent", "library", True), ("universidad de sevilla facultad de derecho", "derecho", True), ("msu press", "press", True), ("acme press ltd", "press", False),
        ("massachusetts institute of technology", "", False), ("lyon 2 college of engineering", "engineering", True), ("college of william mary", "william", False),
        ("abc department store", "", False), ("law office of john smith", "", False), ("acme, a division of beta", "", False), ("press", "press", False),
    ],
)  # fmt: skip
def test_what_of_a_body_a_name_is(name, part, within):
    assert called_after(name) == (part, within)


@pytest.mark.parametrize(
    ("one", "other", "wanted"),
    [
        ("Wexley State University", "Wexley State University Press", "called_after"), ("Wexley State University - Library", "Wexley State Univ.", "called_after"),
        ("College of Law, University of Wexley", "The University of Wexley", "called_after"), ("Wexley State University Press", "Wexley State University - Library", "called_after"),
        ("Wexley State University Hospital", "Wexley State Univ. Hosp.", "namesake"), ("Wexley State University Press", "Wexley State University Pres", "short"), ("Wexley State University Press", "Wexley State University Perss", "slip"),
        ("The University of Wexley", "Univ. of Wexley", "whole"), ("Mercy", "Mercy Hospital", "inside"), ("Mercy Hospital", "Mercy Hospital Foundation", "called_after"),
        ("Universität Dremmel", "Universitätsklinikum Dremmel", "called_after"), ("Wexley Press", "Wexley Press Ltd", "whole"),
    ],
)  # fmt: skip
def test_what_is_called_after_a_body(one, other, wanted):
    assert level(one, other) == wanted
