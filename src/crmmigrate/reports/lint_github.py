"""Findings of lint as workflow commands, which GitHub shows beside the lines.

Source:
    GitHub Docs, "Workflow commands for GitHub Actions"; a step shows ten errors and ten warnings, so the worst come first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from crmmigrate.messages import Message
    from crmmigrate.model.lint import Finding


def render(found: Sequence[Finding], files: Sequence[str], titles: Mapping[str, Message]) -> str:
    """Return one command for each finding, errors first; paths with `/`, as in the repository."""
    del files, titles
    ordered = sorted(found, key=lambda finding: finding.severity != "error")
    return "".join(f"{_command(finding)}\n" for finding in ordered)


def _command(finding: Finding) -> str:
    """Write a workflow command; `%`, line ends and, in properties, `:` and `,` are escaped as GitHub asks."""
    message = finding.message.text() if finding.hint is None else f"{finding.message.text()}\n→ {finding.hint.text()}"
    return (
        f"::{finding.severity} file={_property(finding.file)},line={finding.line},col={finding.column},"
        f"title={_property(finding.code)}::{_escaped(message)}"
    )


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _escaped(text).replace(":", "%3A").replace(",", "%2C")
