"""Findings of lint as text: one line each, and a second for the hint."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmmigrate.messages import Message

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from crmmigrate.model.lint import Finding


def render(found: Sequence[Finding], files: Sequence[str], titles: Mapping[str, Message]) -> str:
    """Return `file:line:column: message [code]` for each finding, in the order given."""
    del files, titles
    return "".join(f"{_line(finding)}\n" for finding in found)


def _line(finding: Finding) -> str:
    mark = "" if finding.severity == "error" else Message("warning: ").text()
    line = f"{finding.file}:{finding.line}:{finding.column}: {mark}{finding.message.text()} [{finding.code}]"
    return line if finding.hint is None else f"{line}\n  → {finding.hint.text()}"
