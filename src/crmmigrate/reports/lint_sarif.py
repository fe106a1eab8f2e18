"""Findings of lint in SARIF 2.1.0, for GitHub code scanning, Azure DevOps and editors.

Source:
    OASIS, Static Analysis Results Interchange Format (SARIF) Version 2.1.0.
"""

from __future__ import annotations

import json
from pathlib import PurePath
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from crmmigrate import __version__

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from crmmigrate.messages import Message
    from crmmigrate.model.lint import Finding

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


def render(found: Sequence[Finding], files: Sequence[str], titles: Mapping[str, Message]) -> str:
    """Return one run with the rules that found something and their results."""
    del files
    codes = list(dict.fromkeys(finding.code for finding in found))
    driver = {
        "name": "crmmigrate", "version": __version__, "semanticVersion": __version__,
        "rules": [
            {"id": code, "shortDescription": {"text": titles[code].text() if code in titles else code}} for code in codes
        ],
    }  # fmt: skip
    run = {
        "tool": {"driver": driver}, "columnKind": "unicodeCodePoints",
        "results": [_result(finding, codes.index(finding.code)) for finding in found],
    }  # fmt: skip
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, ensure_ascii=False, indent=1) + "\n"


def _result(finding: Finding, rule: int) -> dict[str, Any]:
    message = finding.message.text() + (f"\n→ {finding.hint.text()}" if finding.hint else "")
    return {
        "ruleId": finding.code, "ruleIndex": rule, "level": finding.severity, "message": {"text": message},
        "locations": [{"physicalLocation": {
            "artifactLocation": {"uri": _uri(finding.file)},
            "region": {"startLine": finding.line, "startColumn": finding.column},
        }}],
    }  # fmt: skip


def _uri(file: str) -> str:
    path = PurePath(file)
    return path.as_uri() if path.is_absolute() else quote(path.as_posix())
