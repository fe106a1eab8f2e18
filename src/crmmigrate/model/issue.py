"""What is wrong or was changed in one cell or row: data, not an exception."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from crmmigrate.messages import Message

if TYPE_CHECKING:
    from collections.abc import Sequence

RECORD = "_record"
ORIGIN = "_origin"
REFERENCE = "_ref_"
"""`_ref_account` holds the `_record` of the account a row belongs to."""

ISSUES = "_issues"
ASIDE = "_aside"
"""Our own tables in the folder of a run; a source or object may well be called `issues`."""

SEVERITIES = ("info", "warning", "error")
"""info: a change that was made; warning: somebody should look; error: the row is rejected where the value is required."""

CLASSES = ("MAP", "FMT", "LOGIC")
"""Field-mapping error, incompatible format, logical error in the data."""

CONFIDENCES = ("certain", "likely", "suggested")

ISSUE_COLUMNS = (
    "table", RECORD, ORIGIN, "column", "code", "severity", "class", "before", "after", "rule", "confidence",
)  # fmt: skip

ASIDE_REASONS: dict[str, Message] = {
    "out_of_scope": Message("out of scope"), "merged": Message("merged"), "quarantined": Message("set aside"), "rejected": Message("rejected"),
}  # fmt: skip
"""The ways in which a row may leave the road to the target, in this order, with their words for people."""

FAULTY = ("quarantined", "rejected")
"""Those of them that are a fault, which people may correct."""
OF_A_FAULT = "reason IN ('quarantined', 'rejected')"

ASIDE_COLUMNS = ("table", RECORD, ORIGIN, "reason", "code", "column", "value", "into")
"""`code` says why, `column` and `value` where it shows, `into` the surviving record of a merged row."""

CODES: dict[str, Message] = {}
"""Every issue and reject code with its title; filled by `declare_code` beside the code that raises it."""


def declare_code(code: str, title: Message) -> str:
    """Give `code` its title and return it. The same code may be declared twice only with the same title."""
    if CODES.setdefault(code, title) != title:
        raise ValueError(code)
    return code


@dataclass(frozen=True, slots=True)
class Issue:
    """One finding about one cell, or about a row where `column` is empty. Fields as in `ISSUE_COLUMNS`."""

    table: str
    record: str
    origin: str
    column: str
    code: str
    severity: str = "warning"
    kind: str = "FMT"
    before: str | None = None
    after: str | None = None
    rule: str = ""
    confidence: str = ""

    def row(self) -> tuple[str | None, ...]:
        """Return the values in the order of `ISSUE_COLUMNS`."""
        return (self.table, self.record, self.origin, self.column, self.code, self.severity, self.kind,
                self.before, self.after, self.rule, self.confidence)  # fmt: skip


def text_frame(rows: Sequence[Sequence[Any]], columns: Sequence[str]) -> Any:
    """Return `rows` as a DataFrame of nullable text with exactly `columns`, also when there are none."""
    import pandas as pd

    return pd.DataFrame(list(rows), columns=list(columns), dtype="str")


def issue_table(rows: Any) -> Any:
    """Return issues as an Arrow table of text with the columns `ISSUE_COLUMNS`; what is one already comes back as it is."""
    import pyarrow as pa

    if isinstance(rows, pa.Table):
        return rows
    columns = zip(*rows, strict=True) if rows else ((),) * len(ISSUE_COLUMNS)
    return pa.table({name: pa.array(cells, pa.string()) for name, cells in zip(ISSUE_COLUMNS, columns, strict=True)})
