"""Universities, hospitals, museums and cities in letters, and what is called after each: its press, its library, a department."""

from __future__ import annotations

import re

_OF = r"\s+(?:of|for|fur|de|des|du|di|da|do|voor|van)\s+(?:(?:the|la|las|los|les)\s+)?"
_SORTS = {
    "press": r"press|presses|\w*verlag|editions|editorial|ediciones|editora|uitgeverij|publishing",
    "library": r"library|libraries|\w*bibliothek|bibliotheque|biblioteca|\w*bibliotheek",
    "hospital": r"hospitals?|hosp|\w*klinikum|\w*kliniken|(?:universitats|uni)klinik|unikliniek|\w*krankenhaus|\w*ziekenhuis|\w*spital|chu(?=\s+de\b)|hopital|hopitaux|ospedale|centre hospitalier|medisch centrum|"
    r"med(?:ical)?\s+(?:center|centre|ctr)|health\s*(?:systems?|care|sciences)",
    "athletics": r"athletics?(?:\s+(?:department|dept))?",
    "alumni": r"alumni(?:\s+(?:association|assn|assoc|club|office|center))?",
    "foundation": r"foundation|fdn|stiftung|fondation|fundacion|fundacao|fondazione|stichting|endowment|auxiliary",
    "students": r"students?\s+(?:union|government|association)|studentenwerk|studierendenwerk",
    "shop": r"bookstore|book\s*shop|book\s+store|buchhandlung|librairie|libreria|(?:campus|museum|gift)\s+(?:store|shop)",
    "bank": r"(?:federal\s+)?credit\s+union|fcu",
    "pharmacy": r"pharmacy|apotheke|pharmacie|farmacia",
    "museum": r"museums?|musee|museo|museu",
    "schools": r"(?:public|city|county|community)\s+schools(?=\W*$)|(?:school|sch)\s+(?:district|dist)|isd",
    "chamber": r"chamber\s+of\s+commerce",
    "housing": r"housing\s+authority",
    "medicine": r"(?:medical|med)\s+(?:school|faculty)",
    "law": r"law\s+(?:school|faculty)",
    "business": r"business\s+school",
}  # fmt: skip
"""What may be called after a body, by what it is."""

_SUBJECT = (
    rf"(?:school|sch|college|coll|institute|inst|center|centre|ecole|escuela|escola|institut|instituto)\.?{_OF}(?P<taught>(?!technology)[a-z]+)"
    rf"|(?:faculty|fac|department|dept|fakultat|faculte|facultad|faculdade|faculteit|facolta|departement|departamento|lehrstuhl)\.?{_OF}(?P<done>[a-z]+)"
    rf"|(?P<desk>[a-z]+)\s+(?:department(?!\s+store)|dept|faculty)\b(?!\.?{_OF})"
)
_PART = re.compile(
    rf"\b(?:{'|'.join(f'(?P<{sort}>{words})' for sort, words in _SORTS.items())}|{_SUBJECT})(?![a-z])\.?"
)
_STEMS = (
    "press", "verlag", "editi", "edito", "edici", "uitgev", "publish", "libr", "bibliot", "hosp", "klini", "krankenhaus", "ziekenhuis", "spital", "chu", "hopita", "ospedale", "medi", "med ", "health",
    "athletic", "alumni", "foundation", "fdn", "stift", "sticht", "fond", "fund", "endow", "auxil", "student", "studier", "book", "buch", "store", "shop", "credit", "fcu", "pharm", "apothek",
    "farma", "muse", "school", "sch", "isd", "chamber", "housing", "law", "business", "college", "coll", "inst", "center", "centre", "ecole", "esc", "fac", "fakul", "dep", "lehrstuhl",
)  # fmt: skip
"""Letters that stand in all of these: most names have none of them, and looking for letters is soon done."""

_NAMED = frozenset(("taught", "done", "desk"))
_ALONE = frozenset(("library", "athletics", "alumni", "students", "schools", "chamber", "housing", "done", "desk"))
"""What nobody leaves out, whatever it is called after: Springfield is not Springfield Library, but Mercy is Mercy Hospital."""

_FIELDS = frozenset(("medicine", "medecine", "medizin", "medicina", "engineering", "nursing", "dentistry"))
"""What is taught at schools that are as good as always a university's."""

_BODY = re.compile(
    r"\b(?:univ|universi\w+|college(?!\s+of)|polytechnic\w*|politecnico|\w*hochschule|hogeschool|institute of technology|instituto tecnologico|(?:city|town|county|village|state)\s+of|stadt|ville de|"
    r"mit|eth|epfl|iit|rwth|suny|cuny|u)\b"
)
"""What others are called after."""

_SHORT = re.compile(
    r"(?!(?:ups|usa?|uk|uno|una|une?|du|au|eu|neu|bau|blau|eau|lou|tau|leu|ulm|uhu|ubs|usu|uber)$)(?:u[a-z]{1,3}|[a-z]{1,3}u)"
)
"""UM, MSU and TU are universities written short, if nothing else stands there and what is called after them is no shop: Bau is an apothecary."""

_OF_ANYBODY = frozenset(("pharmacy", "museum", "shop", "foundation"))


def called_after(plain: str) -> tuple[str, bool]:
    """Return what of a body a name in letters is, empty for the body itself, and whether something else is called so without that.

    Miami University - Library is a library, and Miami University is none; of Mercy Hospital nobody knows whether Mercy is another.

    Args:
        plain: a folded name without accents.
    """
    found = list(_PART.finditer(plain)) if any(stem in plain for stem in _STEMS) else []
    if not found:
        return "", False
    kinds = {part.lastgroup or "" for part in found}
    sorts = {part[kind] if (kind := part.lastgroup or "") in _NAMED else kind for part in found}
    rest = _PART.sub(" ", plain)
    alone = not (_ALONE.isdisjoint(kinds) and _FIELDS.isdisjoint(sorts))
    # Universitätsklinikum says both in one word.
    in_one_word = any(part.group().startswith("uni") for part in found)
    short = _SHORT.fullmatch(rest.strip(" ,.-")) is not None and not _OF_ANYBODY.issuperset(kinds)
    within = len(sorts) > 1 or alone or in_one_word or short or _BODY.search(rest) is not None
    return " ".join(sorted(sorts)), within and bool(rest.strip(" ,.-"))
