"""What the migration.yaml that a mapping file belongs to says about lint: severities of rules, and the snapshot of the target."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from crmmigrate.errors import CrmMigrateError
from crmmigrate.messages import Message
from crmmigrate.model.document import Document, nearest
from crmmigrate.model.lint import Finding
from crmmigrate.model.stage import PROJECT

if TYPE_CHECKING:
    from crmmigrate.model.schema import TargetSchema

SEVERITIES = ("off", "warning", "error")
_ABOVE = 3
"""How many folders above a mapping file its migration.yaml may lie."""


@dataclass(frozen=True)
class LintSettings:
    """What a project says about lint.

    Args:
        file: the migration.yaml; None where there is none.
        severities: code → `off`, `warning` or `error`.
        schema_file: the snapshot of the target's tables that the project names.
        findings: what is wrong in what it says.
    """

    file: Path | None = None
    severities: dict[str, Literal["off", "warning", "error"]] = field(default_factory=dict)
    schema_file: Path | None = None
    findings: tuple[Finding, ...] = ()

    def schema(self) -> TargetSchema | None:
        """Return the snapshot; None where the project names none, or it cannot be read: `run` says so."""
        path = self.schema_file
        return _schema(path, path.stat().st_mtime_ns) if path and path.is_file() else None


def settings_of(file: Path, codes: frozenset[str]) -> LintSettings:
    """Return the settings of the project to which a mapping file belongs.

    Args:
        file: the mapping file; its folder and those above are looked through.
        codes: of the rules whose severity may be changed.
    """
    folder = file.parent
    for above in (folder, *folder.absolute().parents[:_ABOVE]):
        if (above / PROJECT).is_file():
            return _read(above / PROJECT, codes, (above / PROJECT).stat().st_mtime_ns)
    return LintSettings()


@cache
def _read(path: Path, codes: frozenset[str], written: int) -> LintSettings:
    del written  # a file that changed since is read again
    try:
        document = Document.load(path)
    except CrmMigrateError:
        return LintSettings(path)  # every other command says what is wrong with it
    value = document.value if isinstance(document.value, dict) else {}
    target = value.get("target")
    named = target.get("schema") if isinstance(target, dict) else None
    asked = value.get("lint") or {}
    severities: dict[str, Literal["off", "warning", "error"]] = {}
    document.errors.clear()
    for code, severity in asked.items() if isinstance(asked, dict) else ():
        if code not in codes:
            document.report("lint.unknown-rule", Message("no rule of lint is called '{name}'", name=code), ("lint", code),
                            nearest(code, codes), key=True)  # fmt: skip
        elif severity not in SEVERITIES:
            document.report("lint.severity", Message("a severity is one of: {words}", words=", ".join(SEVERITIES)),
                            ("lint", code))  # fmt: skip
        else:
            severities[code] = severity
    if not isinstance(asked, dict):
        document.report("yaml.type", Message("names and values are expected here"), ("lint",))
    schema = path.parent / str(named) if named else None
    return LintSettings(path, severities, schema, tuple(Finding.of(error) for error in document.errors))


@cache
def _schema(path: Path, written: int) -> TargetSchema | None:
    del written
    from crmmigrate.model.schema import read_target_schema

    try:
        return read_target_schema(path)
    except CrmMigrateError:
        return None
