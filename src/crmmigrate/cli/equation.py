"""What a reconciliation says in the terminal: the equation of every object, or how many rows of two tables agree."""

from __future__ import annotations

from typing import Any

from crmmigrate.messages import Message


def reconciled_lines(facts: dict[str, Any]) -> list[str]:
    """Return one line per object of a migration, or one for two tables that agree; `facts` are those of the stage."""
    lines = [equation_line(name, figures) for name, figures in facts.get("objects", {}).items()]
    if "rows" in facts and facts["agrees"] and any(facts["rows"]):
        rows = f"{facts['rows'][0]:,}"
        told = Message(
            "the two tables agree in all {rows} rows (columns beside the key: {columns})",
            rows=rows,
            columns=facts["columns"],
        )
        lines.append(told.text())
    return lines


def equation_line(name: str, f: dict[str, int]) -> str:
    """Return the equation of one object; `f` has the figures of `EQUATION_COLUMNS`."""
    return Message(
        "{name}: {source} source − {out} out of scope − {merged} merged − {aside} set aside − {rejected} rejected = "
        "{expected} expected = {actual} in target",
        name=name, source=f"{f['source']:,}", out=f"{f['out_of_scope']:,}", merged=f"{f['merged']:,}",
        aside=f"{f['quarantined']:,}", rejected=f"{f['rejected']:,}", expected=f"{f['expected']:,}",
        actual=f"{f['in_target']:,}",
    ).text() if not f["difference"] else Message(
        "{name}: {expected} expected, {actual} in target: {difference} MISSING",
        name=name, expected=f["expected"], actual=f["in_target"], difference=f["difference"],
    ).text()  # fmt: skip
