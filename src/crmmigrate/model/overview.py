"""A migration as its manifests tell it: where the rows went, how good the columns are, what was run. Figures and names only, no values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from crmmigrate.messages import Message
from crmmigrate.model.issue import ASIDE_REASONS

STEP_TITLES: dict[str, Message] = {
    "extract": Message("Reading"), "audit": Message("Audit"), "consolidate": Message("Consolidation"), "scope": Message("Scope"),
    "standardise": Message("Standardisation"), "fill": Message("Filling"), "dedupe": Message("Merging duplicates"), "rules": Message("Rules"),
    "map": Message("Mapping"), "validate": Message("Validation"), "load": Message("Load"), "reconcile": Message("Reconciliation"),
    "rollback": Message("Rollback"), "rehearsal": Message("Rehearsed rollback"), "trial": Message("Trial"), "delta": Message("Delta"),
    "uat": Message("Acceptance, handed out"), "acceptance": Message("Acceptance"), "privacy": Message("Privacy scan"),
    "tasks": Message("Worklists, handed out"), "checklist": Message("Go-live workbooks"), "golive": Message("Go-live check"), "close": Message("End of the undo window"), "purge": Message("Destruction"),
    "template": Message("Import template"), "import": Message("Import"), "proof": Message("Proof of the rollback"),
}  # fmt: skip
"""What a run is about, in a word or two; a stage that is not here is called by its name."""

SEVERITY_TITLES: dict[str, Message] = {
    "info": Message("for information"), "warning": Message("to be looked at"), "error": Message("error"),
}  # fmt: skip
CLASS_TITLES: dict[str, Message] = {
    "FMT": Message("Format (FMT)"), "LOGIC": Message("Logic of the data (LOGIC)"), "MAP": Message("Field mapping (MAP)"),
}  # fmt: skip
"""The three classes of errors."""


@dataclass(frozen=True)
class Flow:
    """Where the rows of one object went.

    Args:
        object: its name.
        source: rows of the sources.
        aside: reason (`ASIDE_REASONS`) → rows that left the road for it.
        in_target: rows of the migration in the target; None where nothing was reconciled.
        expected: rows that should be there: of the sources less those aside.
    """

    object: str
    source: int
    aside: Mapping[str, int]
    expected: int
    in_target: int | None = None

    @property
    def agrees(self) -> bool | None:
        """Whether all that is expected arrived; None where nothing was reconciled."""
        if self.in_target is None:
            return None
        left = self.source - sum(self.aside.get(reason, 0) for reason in ASIDE_REASONS)
        return self.in_target == self.expected == left


@dataclass(frozen=True)
class ColumnStory:
    """One column of an object on its way.

    Args:
        object: its name; `column` the column's.
        fates: `model.standard.FATES` → cells; empty where no standard looks at it.
        filled: step → share of rows that hold a value after it, 0 to 1.
    """

    object: str
    column: str
    fates: Mapping[str, int]
    filled: Mapping[str, float]

    @property
    def before(self) -> float | None:
        """Share of filled cells that were in the standard form in the sources, 0 to 1."""
        cells = sum(self.fates.values())
        return self.fates["right"] / cells if cells else None

    @property
    def after(self) -> float | None:
        """Share of cells in the standard form of those that are filled after standardising."""
        cells = sum(self.fates.values()) - self.fates.get("emptied", 0)
        return (self.fates["right"] + self.fates["mended"]) / cells if cells > 0 else None


@dataclass(frozen=True)
class Noted:
    """How often a step noted one kind of issue in one column; fields as in `ISSUE_COLUMNS`. `href` leads to the rows."""

    stage: str
    table: str
    column: str
    code: str
    severity: str
    kind: str
    count: int
    href: str = ""


@dataclass(frozen=True)
class RunLine:
    """One run, for the timeline.

    Args:
        run: its id; `stage`, `state`, `operator` as in its manifest.
        began: with its zone; `ended` likewise, None while it has not.
        rows: that it was given in the tables whose rows are accounted for; `aside` of them that left the road.
        trial: whether it belongs to a trial.
        href: of its page; empty where there is none.
        reports: name and path of its reports that are there.
    """

    run: str
    stage: str
    state: str
    operator: str
    began: datetime
    ended: datetime | None
    rows: int
    aside: int
    trial: bool = False
    href: str = ""
    reports: Sequence[tuple[str, str]] = ()

    @property
    def title(self) -> Message | str:
        """What it is about."""
        return STEP_TITLES.get(self.stage, self.stage)

    @property
    def seconds(self) -> float | None:
        """How long it took."""
        return None if self.ended is None else (self.ended - self.began).total_seconds()


@dataclass(frozen=True)
class GateLine:
    """A quality gate as it was judged.

    Args:
        title: for people; `value` and `limit` as people write them, `value` empty where nothing was measured.
        met: None where it is not judged or switched off.
        off: whether it is switched off.
        lacking: what is to be done where it cannot be judged.
        trend: its values over the runs, the oldest first, and the same as text.
    """

    title: Message | str
    value: str
    limit: str
    met: bool | None
    off: bool = False
    lacking: Message | str = ""
    trend: Sequence[float] = ()
    trend_text: str = ""


@dataclass
class Overview:
    """A migration.

    Args:
        name: of its folder.
        flows: per object.
        columns: of the objects; `target_columns` of the target's tables: (object, column, share filled).
        noted: issues of the newest run of each step.
        score: of the audit, 0 to 100; `dimensions` its parts, 0 to 1; None and empty before an audit.
        duplicates: object → facts of dedupe.
        reconciled: facts of the newest reconciliation with the target; `outdated` whether it is about an earlier load than the newest.
        undone: the rollback that took the newest load back; empty where one stands.
        reworked: steps that were run again after the newest load.
        gates: judged.
        runs: the newest, the oldest of them first; `more` runs before them.
        places: name of a report → path of that of the newest run of its step, where it is there.
        log_whole: whether the chain of the log is unbroken.
    """

    name: str
    flows: list[Flow] = field(default_factory=list)
    columns: list[ColumnStory] = field(default_factory=list)
    target_columns: list[tuple[str, str, float]] = field(default_factory=list)
    noted: list[Noted] = field(default_factory=list)
    score: float | None = None
    dimensions: dict[str, float] = field(default_factory=dict)
    duplicates: dict[str, dict[str, Any]] = field(default_factory=dict)
    reconciled: dict[str, Any] | None = None
    outdated: bool = False
    undone: str = ""
    reworked: list[str] = field(default_factory=list)
    gates: list[GateLine] = field(default_factory=list)
    runs: list[RunLine] = field(default_factory=list)
    more: int = 0
    places: dict[str, str] = field(default_factory=dict)
    log_whole: bool = True


@dataclass(frozen=True)
class Example:
    """A row behind an issue or behind the rows set aside: where it is, and what was found, values by their first and last character.

    Args:
        place: as people find it.
        column: the column, or empty.
        before: masked; `after` likewise.
        rule: what decided.
    """

    place: str
    column: str
    before: str
    after: str
    rule: str


@dataclass
class RunStory:
    """One run.

    Args:
        line: as in the timeline.
        parent: the run whose tables it was given.
        exit_code: as the command returned it.
        accounting: table → {in, out, one figure per reason}.
        findings: sentences.
        noted: its issues; `examples` code → some of the rows; `anchors` code → anchor.
        aside: (reason, code) → rows; `aside_examples` likewise some of them.
        tables: name, rows, columns, share of cells filled.
        versions: of program and libraries.
    """

    line: RunLine
    parent: str = ""
    exit_code: int = 0
    accounting: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    findings: Sequence[Message] = ()
    noted: Sequence[Noted] = ()
    anchors: Mapping[str, str] = field(default_factory=dict)
    examples: dict[str, Sequence[Example]] = field(default_factory=dict)
    aside: dict[tuple[str, str], int] = field(default_factory=dict)
    aside_examples: dict[tuple[str, str], Sequence[Example]] = field(default_factory=dict)
    tables: Sequence[tuple[str, int, int, float | None]] = ()
    versions: Mapping[str, str] = field(default_factory=dict)
