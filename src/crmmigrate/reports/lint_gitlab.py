"""Findings of lint as a Code Quality report, which GitLab shows in merge requests.

Source:
    GitLab Docs, "Code Quality", section "Import code quality results from a CI/CD job".
"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import PurePath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from crmmigrate.messages import Message
    from crmmigrate.model.lint import Finding


def render(found: Sequence[Finding], files: Sequence[str], titles: Mapping[str, Message]) -> str:
    """Return a JSON array, errors first. Fingerprints stay the same when lines move."""
    del files, titles
    ordered = sorted(found, key=lambda finding: finding.severity != "error")
    seen: Counter[str] = Counter()
    entries = []
    for finding in ordered:
        path = PurePath(finding.file).as_posix()
        message = finding.message.text() + (f" → {finding.hint.text()}" if finding.hint else "")
        mark = f"{path}|{finding.code}|{finding.message.text('en')}"
        seen[mark] += 1
        entries.append({
            "description": message, "check_name": finding.code, "fingerprint": _digest(f"{mark}|{seen[mark]}"),
            "severity": "major" if finding.severity == "error" else "minor",
            "location": {"path": path, "lines": {"begin": finding.line}},
        })  # fmt: skip
    return json.dumps(entries, ensure_ascii=False, indent=1) + "\n"


def _digest(text: str) -> str:
    import hashlib

    return hashlib.sha256(text.encode()).hexdigest()[:40]
