"""A reconciliation as a JUnit report, which nearly every CI server shows: a suite for each object, a test for each thing that must hold.

Source:
    JUnit's XML format as Jenkins and GitLab read it.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from crmmigrate.messages import Message
from crmmigrate.model.reconciliation import KINDS, TOTAL_PLACES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from crmmigrate.model.reconciliation import Difference, ObjectReconciliation, Reconciliation

JUNIT = "reconcile.junit.xml"
_NAMED = 20
"""Places in the text of one failure."""

Case = tuple[str, list[str]]
"""The name of a test, and the lines of its failure; none where it passes."""


def write_reconciliation_junit(path: Path, language: str, found: Reconciliation) -> None:
    """Write the report; places are named, values are not.

    Args:
        path: the .xml file.
        language: `en` or `zh`, of the failures.
        found: what was found out.
    """
    suites = [(one.name, list(_cases(one, language))) for one in found.objects]
    if not suites:
        suites = [("tables", list(_differences(found.differences, language)))]
    root = ET.Element(
        "testsuites", {"name": "crmmigrate reconcile"} | _counts([case for _, cases in suites for case in cases])
    )
    for name, cases in suites:
        suite = ET.SubElement(root, "testsuite", {"name": _allowed(name)} | _counts(cases))
        for title, lines in cases:
            case = ET.SubElement(suite, "testcase", classname=f"reconcile.{_allowed(name)}", name=_allowed(title))
            if lines:
                ET.SubElement(case, "failure", type=_allowed(title), message=_allowed(lines[0])).text = _allowed(
                    "\n".join(lines)
                )
    ET.indent(root)
    ET.ElementTree(root).write(path, encoding="utf-8", xml_declaration=True)


def _counts(cases: Sequence[Case]) -> dict[str, str]:
    return {"tests": str(len(cases)), "failures": str(sum(bool(lines) for _, lines in cases))}


def _cases(one: ObjectReconciliation, language: str) -> Iterator[Case]:
    off = []
    if one.equation.unaccounted:
        off.append(
            Message(
                "{object}: the equation is off by {count} rows", object=one.name, count=one.equation.unaccounted
            ).text(language)
        )
    if one.equation.difference:
        off.append(Message("{count} expected rows are not in the target", count=one.equation.difference).text(language))
    yield "equation", off
    yield from _differences(one.differences, language)
    for total in one.declared:
        by = f" by {', '.join(total.by)}" if total.by else ""
        lines = [
            f"{'/'.join(line.group) or '*'}: {TOTAL_PLACES[check.at].text(language)}: {check.difference:+f}"
            for line in total.off
            for check in line.checks
            if not check.agrees
        ]
        yield f"total {total.column or 'rows'}{by}", lines[:_NAMED]


def _differences(differences: Sequence[Difference], language: str) -> Iterator[Case]:
    """Yield a case for rows and cells each; with differences one for each kind of them."""
    kinds = Counter(difference.kind for difference in differences)
    if not kinds:
        yield "rows and cells", []
    for kind, count in kinds.most_common():
        places = (
            f"{d.origin or (d.record if d.object else '')} {d.column}".strip() for d in differences if d.kind == kind
        )
        named = [place for place, _ in zip(dict.fromkeys(places), range(_NAMED), strict=False)]
        yield kind, [f"{KINDS[kind].text(language)}: {count:,}", *named]


def _allowed(text: str) -> str:
    """Return the text without what XML 1.0 cannot hold."""
    return "".join(
        sign if sign in "\t\n" or " " <= sign <= "\ud7ff" or "\ue000" <= sign <= "\ufffd" or sign > "\uffff" else "?"
        for sign in text
    )
