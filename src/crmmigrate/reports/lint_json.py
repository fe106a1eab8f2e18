"""Findings of lint as one JSON object, for scripts."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from crmmigrate.messages import Message
    from crmmigrate.model.lint import Finding


def render(found: Sequence[Finding], files: Sequence[str], titles: Mapping[str, Message]) -> str:
    """Return status, counts and findings in one line."""
    del titles
    errors = sum(finding.severity == "error" for finding in found)
    body = {
        "status": "findings" if errors else "ok", "run": None,
        "counts": {"files": len(files), "errors": errors, "warnings": len(found) - errors},
        "findings": [
            {"file": one.file, "line": one.line, "column": one.column, "code": one.code, "severity": one.severity,
             "message": one.message.text(), "hint": one.hint.text() if one.hint else None, "fixable": one.repair is not None}
            for one in found
        ],
    }  # fmt: skip
    return json.dumps(body, ensure_ascii=False) + "\n"
