"""Branches of companies in letters: Acme Industrial Co., Ltd. Dongguan Branch; Dongguan Branch of Acme Industrial Co., Ltd."""

from __future__ import annotations

import re

_COMPANY = (
    r".*\b(?:ltd|limited|inc|incorporated|corp|corporation|co|company|llc|llp|plc|gmbh|ag|kg|ab|oyj?|jsc|bhd|pte|pty|pvt|fzc?o?|fze|dmcc|sarl|s\.?a\.?s?|s\.?r\.?l|ltda|b\.?v|n\.?v|k\.?k"
    r"|bank(?:\s+of\s+[a-z]+)?)\b[.)]*"
)
_WORD = "branch"
_BEHIND = re.compile(
    rf"({_COMPANY})[\s,(–—-]+((?:[a-z][a-z'-]*\s+){{1,4}}?{_WORD})(?:\s+(?:office|co(?:mpany)?\b\.?))?\)?\Z"
)
_BEFORE = re.compile(rf"((?:[a-z][a-z'-]*\s+){{1,4}}?{_WORD})(?:\s+(?:office|company))?,?\s+of\s+({_COMPANY})\Z")
_IN_BRACKETS = re.compile(rf"((?:[a-z][a-z'-]*\s+){{1,4}}?{_WORD})(?:\s+(?:office|company))?")


def split_branch(text: str, behind: str) -> tuple[str, str, str]:
    """Return a folded name in letters without its branch, what else stands in brackets behind it, and the branch (`dongguan branch`).

    Args:
        text: the name.
        behind: what stands in brackets behind it.
    """
    if _WORD not in text and _WORD not in behind:
        return text, behind, ""
    if found := _IN_BRACKETS.fullmatch(behind.strip()):
        return text, "", _plain(found[1])
    if found := _BEHIND.fullmatch(text):
        return found[1], behind, _plain(found[2])
    if found := _BEFORE.fullmatch(text):
        return found[2], behind, _plain(found[1])
    return text, behind, ""


def _plain(branch: str) -> str:
    """Return a branch without an article and with single blanks."""
    return " ".join(branch.removeprefix("the ").replace("sub-branch", "sub branch").split())
