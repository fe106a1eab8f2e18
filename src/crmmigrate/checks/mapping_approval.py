"""Lint rules about the approval of a mapping file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmmigrate.messages import Message
from crmmigrate.model.lint import LintRule, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crmmigrate.model.lint import Subject


def _changed(subject: Subject) -> Iterator[Problem]:
    approved = subject.mapping.approved
    if not approved.digest:
        return
    from crmmigrate.model.approval import digest, value_map_texts

    value_maps = value_map_texts(subject.mapping)
    now = digest(subject.document, value_maps)
    if now != approved.digest:
        what = (
            Message("the file or one of its value maps ({names}) changed after {who} approved it; their digest is now {digest}",
                    who=approved.by or "?", digest=now, names=", ".join(value_maps))
            if value_maps
            else Message("the file changed after {who} approved it; its digest is now {digest}", who=approved.by or "?", digest=now)
        )  # fmt: skip
        yield Problem(
            what,
            ("approved", "digest"), Message("have it approved again, then write the new digest here"),
        )  # fmt: skip


def _incomplete(subject: Subject) -> Iterator[Problem]:
    approved = subject.mapping.approved
    given = [approved.by, approved.on, approved.digest]
    missing = [name for name, value in zip(("by", "on", "digest"), given, strict=True) if not value]
    if missing and any(given):
        yield Problem(
            Message("an approval names who (by), when (on) and what (digest)"),
            ("approved",),
            Message("add what is missing: {words}", words=", ".join(missing)),
            key=True,
        )


RULES = (
    LintRule("mapping.approval-changed", Message("a file that changed after its approval"), _changed, "warning"),
    LintRule("mapping.approval-incomplete", Message("an approval that lacks a part"), _incomplete, "warning"),
)
