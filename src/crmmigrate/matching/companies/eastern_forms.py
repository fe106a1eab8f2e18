"""Names in letters of companies of Malaysia and Singapore: legal forms written with a stroke, and the country in brackets before them, which many leave out."""

from __future__ import annotations

import re

_STROKES = {"s/b": "sdn bhd", "s.b.": "sdn bhd", "p/l": "ltd"}
"""P/L is Pte Ltd in Singapore and Pty Ltd in Australia."""

_STROKE = re.compile(r"(?<=[\w)] )(?:s/b|s\.b\.|p/l)(?![\w/])")
_COUNTRY = re.compile(
    r"\s*\((?:m|s|malaysia|singapore)\)\s*(?=(?:sdn|s/b|s\.b\.|bhd|berhad|pte|pvt|private|p/l|p\.l\.)(?![a-z]))"
)
"""Kong Seng Electronics (S) Pte Ltd: its legal form says so too."""

_HOLDINGS = re.compile(r"\bhldgs?\b\.?")
_TWO_PARTS = re.compile(r"\b(opto|micro|nano|bio|electro|photo|petro|agro|thermo)-(?=[a-z]{4})")


def written_out(folded: str) -> str:
    """Return a folded name in letters as it is registered: S/B is Sdn Bhd, (M) Sdn Bhd too, Hldgs is Holdings, Opto-Electronics Optoelectronics."""
    if folded.isalnum():
        return folded
    if "(" in folded:
        folded = _COUNTRY.sub(" ", folded)
    folded = _STROKE.sub(lambda found: _STROKES[found.group()], folded)
    if "hldg" in folded:
        folded = _HOLDINGS.sub("holdings", folded)
    return _TWO_PARTS.sub(r"\1", folded) if "-" in folded else folded
