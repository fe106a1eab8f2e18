"""trace: say where a record came from and what became of it, in the reader's language."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crmmigrate.cli.options import Answer
from crmmigrate.messages import Message, shell_line
from crmmigrate.model.issue import ASIDE_REASONS, CODES
from crmmigrate.model.text_width import display_width, padded

if TYPE_CHECKING:
    from pathlib import Path

_WORDS = {
    "column": Message("column"),
    "code": Message("why"),
    "rule": Message("rule"),
    "reason": Message("became"),
    "into": Message("goes on as"),
    "survivor": Message("goes on as"),
    "winner": Message("value from"),
    "policy": Message("chosen by"),
    "target_key": Message("key in the target"),
}
_POLICIES = {
    "most_complete": Message("the most complete"),
    "newest": Message("the newest"),
    "most_frequent": Message("the most frequent"),
    "longest": Message("the longest"),
    "source_priority": Message("the most trusted source"),
    "verified_first": Message("the verified one"),
    "union": Message("all of them"),
    "valid_first": Message("valid before empty or invalid"),
}


def show_trace(key: str, work: Path | None, format_: str) -> int:
    """Trace one key and print what is known."""
    from crmmigrate.cli.workspaces import existing_workspace, hints_beside
    from crmmigrate.runner.tracing import trace
    from crmmigrate.stages import declare_codes

    workspace = existing_workspace(work)
    with hints_beside(workspace):
        found = trace(workspace, key)
    declare_codes()
    tables = max((display_width(step["table"]) for step in found.steps), default=0)
    lines = [f"{step['stage']:<12} {padded(step['table'], tables)} {_said(step)}" for step in found.steps]
    step = ""
    if not found.steps:
        count = len(found.candidates)
        lines = [Message("{count} records are called '{key}':", count=count, key=key).text()]
        lines += [f"  {record}" for record in found.candidates]
        step = Message("name one of them: crmmigrate trace {record}", record=shell_line(found.candidates[0])).text()
    facts = {"steps": found.steps, "candidates": found.candidates}
    return Answer(result=lines, next_step=step, facts=facts).show(format_)


def _said(step: dict[str, Any]) -> str:
    """Return what one run did with a record: words in the reader's language, codes in brackets behind their meaning."""
    told = "; ".join(
        f"{_WORDS[name].text() if name in _WORDS else name}: {_meaning(name, value)}"
        for name, value in step["told"].items()
    )
    line = f"{step['record']} ({step['origin']}) {told}".rstrip()
    if step.get("undone"):
        line += " – " + Message("rolled back by {run}: it is as before the load", run=step["undone"]).text()
    return line


def _meaning(name: str, value: str) -> str:
    if name == "code" and value in CODES:
        return f"{CODES[value].text()} [{value}]"
    words = {"reason": ASIDE_REASONS, "policy": _POLICIES}.get(name, {})
    return words[value].text() if value in words else value
