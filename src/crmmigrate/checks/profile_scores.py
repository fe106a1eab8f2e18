"""Score the quality of data, and hold figures of an audit against gates."""

from __future__ import annotations

import operator
import re
from typing import TYPE_CHECKING

from crmmigrate.errors import ConfigurationError
from crmmigrate.messages import Message
from crmmigrate.model.audit import GateResult
from crmmigrate.model.profile import DIMENSIONS, WAYS_OF_WRITING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crmmigrate.model.profile import Audit, TableProfile

_OPERATORS = {">=": operator.ge, "<=": operator.le, ">": operator.gt, "<": operator.lt, "=": operator.eq}
_RULE = re.compile(r"\s*([a-z_]+)\s*(>=|<=|>|<|=)\s*(-?[0-9]+(?:\.[0-9]+)?)\s*%?\s*\Z")


def scores(profiles: Sequence[TableProfile], dropped: int = 0) -> dict[str, float]:
    """Score the six dimensions of GB/T 36344-2018 at their first level, each from 0 to 1.

    Normativity: cells in the standard form of their meaning. Completeness: filled cells of columns that have a meaning.
    Accuracy: cells without damage other than a way of writing, times rows that repeat no other. Consistency: date, number and phone cells in their column's most
    frequent form, times credit codes with one name. Timeliness: dated rows of the last three years of their table.
    Accessibility: rows read as data among all rows read.

    Args:
        profiles: of all tables.
        dropped: rows that reading set aside as headers, notes or subtotals.

    Returns:
        Only the dimensions for which there is something to measure.
    """
    columns = [column for profile in profiles for column in profile.columns if column.meaning not in ("text", "empty")]
    filled = sum(column.filled for column in columns)
    judged = [column for column in columns if column.conforming is not None]
    formed = [column for column in columns if column.forms and column.meaning in ("date", "mobile", "phone", "amount")]
    rows = sum(profile.rows for profile in profiles)
    repeated = sum(max(profile.duplicate_rows, profile.near_duplicates or 0) for profile in profiles)
    damaged = sum(count for column in columns for kind, count in column.damage.items() if kind not in WAYS_OF_WRITING)
    in_form = sum(column.filled for column in formed)
    other_form = sum(column.damage.get("mixed-forms", 0) for column in formed)
    contradicted = sum(profile.contradictions for profile in profiles)
    codes = sum(column.distinct for column in columns if column.meaning == "credit_code")
    found = {
        "normativity": _share(sum(column.conforming or 0 for column in judged), sum(column.filled for column in judged)),
        "completeness": _share(filled, sum(column.rows for column in columns)),
        "accuracy": _product(_share(filled - damaged, filled), _share(rows - repeated, rows)),
        "consistency": _product(_share(in_form - other_form, in_form), _share(codes - contradicted, codes)),
        "timeliness": _share(sum(p.recent_rows for p in profiles), sum(p.dated_rows for p in profiles)),
        "accessibility": _share(rows, rows + dropped),
    }  # fmt: skip
    return {name: share for name, share in found.items() if share is not None}


def _share(part: int, whole: int) -> float | None:
    return round(max(0.0, part / whole), 4) if whole else None


def _product(*shares: float | None) -> float | None:
    known = [share for share in shares if share is not None]
    result = 1.0
    for share in known:
        result *= share
    return round(result, 4) if known else None


def figures(audit: Audit) -> dict[str, float | None]:
    """Return what gates may ask about: scores and shares in percent, the others as counts. None where nothing shows it."""
    own = [table for table in audit.tables if not table.reference]
    rows = sum(table.rows for table in own if table.near_duplicates is not None)
    near = sum(table.near_duplicates or 0 for table in own)
    percent = {name: None if name not in audit.scores else round(100 * audit.scores[name], 2) for name in DIMENSIONS}
    return {
        "score": round(100 * audit.score, 2) if audit.scores else None,
        **percent,
        "duplicates": round(100 * near / rows, 2) if rows else None,
        "orphans": float(sum(relation.orphans for relation in audit.relations)) if audit.relations else None,
        "contradictions": float(sum(found.differ for found in audit.contradictions) + sum(table.contradictions for table in own)),
        "risks": float(len(audit.risks)),
        "high_risks": float(sum(1 for risk in audit.risks if risk.level >= 6)),
        "repeated_rows": float(sum(table.duplicate_rows for table in own)),
        "person_days": audit.effort.days,
    }  # fmt: skip


def check_gates(rules: Sequence[str]) -> None:
    """Refuse gates that are not written as `name>=number` with a known name.

    Raises:
        ConfigurationError: one is not.
    """
    for rule in rules:
        if not (found := _RULE.match(rule)) or found.group(1) not in GATES:
            raise ConfigurationError(
                "audit.gate", Message("'{rule}' is no gate", rule=rule), "",
                Message("write for example {example}; there are {names}", example="score>=80", names=", ".join(GATES)),
            )  # fmt: skip


def judge_gates(audit: Audit, rules: Sequence[str]) -> tuple[GateResult, ...]:
    """Judge gates; one whose figure nothing in the data shows is not met.

    Raises:
        ConfigurationError: a gate is not written as one.
    """
    check_gates(rules)
    known = figures(audit)
    judged = []
    for rule in rules:
        if found := _RULE.match(rule):
            name, sign, limit = found.groups()
            value = known[name]
            judged.append(
                GateResult(
                    f"{name}{sign}{limit}", value, value is not None and bool(_OPERATORS[sign](value, float(limit)))
                )
            )
    return tuple(judged)


GATES = (
    "score",
    *DIMENSIONS,
    "duplicates",
    "orphans",
    "contradictions",
    "risks",
    "high_risks",
    "repeated_rows",
    "person_days",
)
"""What a gate may ask about."""
