"""隐私扫描报告: personal data where it does not belong. No value stands in it, only its place, its kind and its token."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

from crmmigrate.messages import Message
from crmmigrate.model.privacy import KINDS, UNSEARCHED
from crmmigrate.reports.worksheet import Column, Sheet, write_workbook

if TYPE_CHECKING:
    from pathlib import Path

    from crmmigrate.model.privacy import Scanned

WORKBOOK, DATA = "隐私扫描报告.xlsx", "privacy.json"
_NOTES = (
    Message("This report lists personal data that was found where it does not belong: in the log, in manifests and reports, and unmasked in the data of a trial. It shows no value; somebody with the key of the workspace finds a value by its token: crmmigrate pii token VALUE."),
    Message("Tables of the runs and the target are customer data by their nature and are not looked through; neither are reports that say of themselves that they hold personal data."),
)  # fmt: skip


def write_privacy(path: Path, language: str, found: Scanned) -> None:
    """Write the workbook.

    Raises:
        OSError: the file can't be written.
    """
    leaks = Sheet(
        Message("Leaks"),
        [Column(Message("Kind")), Column(Message("File")), Column(Message("Place")), Column(Message("Value, masked")),
         Column(Message("Times"), number=True), Column(Message("Known from")), Column(Message("Token"))],
        [[KINDS[leak.kind], leak.file, leak.place, leak.shown, leak.times,
          Message("a value of the sources") if leak.known else Message("its form"), leak.token] for leak in found.leaks],
    )  # fmt: skip
    declared = Sheet(Message("Personal by design"), [Column(Message("Report"))], [[name] for name in found.declared])
    unread = Sheet(
        Message("Not looked through"), [Column(Message("File")), Column(Message("Why"))], list(found.unread.items())
    )
    figures: list[list[object]] = [[Message("files looked through"), found.files], [Message("cells and lines"), found.cells]]  # fmt: skip
    figures += [[Message("searched for: {kind}", kind=KINDS[kind]), count] for kind, count in found.searched.items()]
    figures += [
        [Message("names not searched for: {why}", why=UNSEARCHED[why]), count]
        for why, count in found.unsearched.items()
    ]
    numbers = Sheet(Message("Figures"), [Column(Message("What")), Column(Message("Count"), number=True)], figures)
    title = Message("Privacy scan: {count} leaks", count=len(found.leaks))
    write_workbook(path, language, [leaks, declared, unread, numbers], title=title, notes=_NOTES)


def write_privacy_data(path: Path, language: str, found: Scanned) -> None:
    """Write the same for machines."""
    del language
    told = {
        "leaks": [asdict(leak) for leak in found.leaks], "files": found.files, "cells": found.cells,
        "declared": found.declared, "unread": {name: why.text("en") for name, why in found.unread.items()},
        "searched": dict(found.searched), "unsearched": dict(found.unsearched),
    }  # fmt: skip
    path.write_text(json.dumps(told, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
