"""Findings of lint as a JUnit report, which nearly every CI server shows: a test suite for each file, a failure for each error.

Source:
    JUnit's XML format as Jenkins and GitLab read it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from crmmigrate.messages import Message
    from crmmigrate.model.lint import Finding


def render(found: Sequence[Finding], files: Sequence[str], titles: Mapping[str, Message]) -> str:
    """Return the report; a file without findings is a test that passes, a warning is one that passes and says something."""
    del titles
    by_file: dict[str, list[Finding]] = {file: [] for file in files}
    for finding in found:
        by_file.setdefault(finding.file, []).append(finding)
    errors = sum(finding.severity == "error" for finding in found)
    tests = sum(max(1, len(its)) for its in by_file.values())
    suites = "".join(_suite(file, its) for file, its in by_file.items())
    head = (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="crmmigrate" tests="{tests}" failures="{errors}">\n'
    )
    return f"{head}{suites}</testsuites>\n"


def _suite(file: str, found: list[Finding]) -> str:
    failures = sum(finding.severity == "error" for finding in found)
    cases = (
        "".join(_case(file, finding) for finding in found)
        or f'  <testcase classname={_attribute(file)} name="lint"/>\n'
    )
    head = f'<testsuite name={_attribute(file)} tests="{max(1, len(found))}" failures="{failures}">\n'
    return f"{head}{cases}</testsuite>\n"


def _case(file: str, finding: Finding) -> str:
    place = f"{finding.file}:{finding.line}:{finding.column}"
    text = f"{place}: {finding.message.text()}" + (f"\n→ {finding.hint.text()}" if finding.hint else "")
    name = f"{finding.code} {finding.line}:{finding.column}"
    if finding.severity == "error":
        message = _attribute(finding.message.text())
        inner = f"<failure type={_attribute(finding.code)} message={message}>{escape(_allowed(text))}</failure>"
    else:
        inner = f"<system-out>{escape(_allowed(text))}</system-out>"
    return f"  <testcase classname={_attribute(file)} name={_attribute(name)}>{inner}</testcase>\n"


def _attribute(text: str) -> str:
    return quoteattr(_allowed(text), {"\n": "&#10;"})


def _allowed(text: str) -> str:
    """Return the text without what XML 1.0 cannot hold."""
    return "".join(
        sign if sign in "\t\n" or " " <= sign <= "\ud7ff" or "\ue000" <= sign <= "\ufffd" or sign > "\uffff" else "?"
        for sign in text
    )
