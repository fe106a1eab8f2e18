"""What one run of a stage did, for machines: its manifest."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from crmmigrate.messages import Message

STATES = {
    "running": Message("running"),
    "done": Message("done"),
    "stopped": Message("stopped"),
    "failed": Message("failed"),
    "rolled_back": Message("rolled back"),
    "rolled_back_in_part": Message("rolled back in part"),
    "gone": Message("done, folder gone"),
    "outdated": Message("out of date"),
}
"""States of a run for people; `rolled_back` is a load that was undone since, `gone` one of which only the log and the target know, `outdated` what was
said of a target in which a load or a rollback has come only half way since."""


@dataclass
class Manifest:
    """One run of one stage.

    Args:
        run: `<utc>-<stage>-<id>`, also the folder's name.
        stage: the stage's name.
        state: running, done, stopped, failed.
        started: UTC, ISO 8601; `ended` likewise.
        operator: user name on host.
        parent: the run whose tables it was given (of a rollback: the load it undoes), or empty.
        options: digest of the options and of the files they came from.
        inputs: table → {rows, sha256}; `outputs` likewise with its path relative to the run folder, and `filled`: column → cells with a value.
        accounting: table → {in, out, out_of_scope, merged, quarantined, rejected}.
        issues: code → how many were noted; `noted` the same per {table, column, code, severity, class}, with `n`.
        facts: figures of the stage.
        versions: of the program, Python and the libraries that decide results.
        findings: sentences for people, as template and blanks, so that they can be told again in any language.
        exit_code: as the command returned it.
    """

    run: str
    stage: str
    state: str = "running"
    started: str = ""
    ended: str = ""
    operator: str = ""
    parent: str = ""
    options: str = ""
    inputs: dict[str, dict[str, Any]] = field(default_factory=dict)
    outputs: dict[str, dict[str, Any]] = field(default_factory=dict)
    accounting: dict[str, dict[str, int]] = field(default_factory=dict)
    issues: dict[str, int] = field(default_factory=dict)
    noted: list[dict[str, Any]] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)
    reports: list[str] = field(default_factory=list)
    findings: list[dict[str, Any]] = field(default_factory=list)
    exit_code: int = 0

    def as_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return asdict(self)
