"""Lint a data standard: what reading it finds, and what the rules of `checks/standard_rules.py` find."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crmmigrate.checks import standard_rules
from crmmigrate.errors import ConfigurationError, Findings
from crmmigrate.model.document import Document
from crmmigrate.model.lint import Finding
from crmmigrate.standards import check_standard

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_WARNINGS = frozenset({"standard.part-unknown", "standard.part-twice", "standard.unique-picklist"})


def findings(path: Path) -> Iterator[Finding]:
    """Yield everything that is wrong in a standard.yaml.

    Raises:
        LocationError: it cannot be read.
    """
    try:
        standard = check_standard(path)
    except Findings as errors:
        for error in errors.errors:
            yield Finding.of(error)
        return
    except ConfigurationError as error:
        yield Finding.of(error)
        return
    document = Document.load(path)
    for problem in standard_rules.find(standard):
        place = document.key_place(problem.path) if problem.key else document.place(problem.path)
        name, line, column = place.rsplit(":", 2)
        severity: Any = "warning" if problem.code in _WARNINGS else "error"
        yield Finding(problem.code, severity, problem.message, name, int(line), int(column), problem.hint)
