"""Children that name their parent by a key of several records, while these are being merged (`model.ambiguous`)."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from crmmigrate.messages import Message
from crmmigrate.model.ambiguous import (
    CANDIDATE_COLUMNS,
    CANDIDATES,
    CHILD_COLUMNS,
    CHILDREN,
    LINKED,
    LINKED_COLUMNS,
    NOT_MERGED,
)
from crmmigrate.model.issue import RECORD, REFERENCE, text_frame

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    import pandas as pd
    import pyarrow as pa

    from crmmigrate.matching.golden.merging import Merging
    from crmmigrate.model.stage import StageResult
    from crmmigrate.model.table import Tables


_PLACEHOLDER = 10
"""A key of so many records, or more, is none: nobody is asked whether they are one."""


class OpenLinks:
    """Who the parents of these children are, as far as it is known.

    Args:
        tables: as the stage was given them; without such children there are no tables of theirs.
    """

    def __init__(self, tables: Tables) -> None:
        there = CHILDREN in tables
        self._children = tables[CHILDREN].frame() if there else text_frame([], CHILD_COLUMNS)
        self._candidates = tables[CANDIDATES].frame() if there else text_frame([], CANDIDATE_COLUMNS)
        self._links: dict[str, dict[str, pd.Series]] = {}
        self._left_out: dict[str, frozenset[str]] = {}
        self.settle({})

    def settle(self, moved: Mapping[str, pd.Series]) -> None:
        """Link the children of every key of whose records one is left.

        Args:
            moved: object → `_record` of those merged into another → that one.
        """
        into = _now(self._candidates, moved).groupby(self._candidates["keyed"]).agg(["first", "nunique"])
        children = self._children
        children["into"] = children["keyed"].map(into["first"].where(into["nunique"] == 1)).astype("str")
        children["now"] = _now(children, moved)
        known = children[children["into"].notna()]
        # What was merged into a child speaks for it where it says nothing itself.
        known = known.iloc[(known["record"] != known["now"]).argsort(kind="stable")]
        self._links = {str(name): {} for name in children["object"].unique()}
        for (name, parent), rows in known.groupby(["object", "parent"]):
            self._links[str(name)][f"{REFERENCE}{parent}"] = rows.drop_duplicates("now").set_index("now")["into"]

    def of(self, name: str) -> dict[str, pd.Series]:
        """Return `_ref_<parent>` → `_record` of the children of a table → the record of the parent."""
        return self._links.get(name, {})

    def children(self, kind: str) -> Counter[str]:
        """Return record of an object → how many of these children belong to it; where nobody knows that, to each that may be their parent."""
        own = self._children[self._children["parent"] == kind]
        count = Counter(own["into"].dropna())
        asked = Counter(own.loc[own["into"].isna(), "keyed"])
        for record, keyed in zip(self._candidates["record"], self._candidates["keyed"], strict=True):
            if keyed in asked:
                count[record] += asked[keyed]
        return count

    def questions(self, kind: str) -> list[tuple[str, str]]:
        """Return pairs of records of an object of which children say that they belong to one of them, they are one or the key is wrong."""
        waiting = set(self._children.loc[(self._children["parent"] == kind) & self._children["into"].isna(), "keyed"])
        asked = self._candidates[(self._candidates["object"] == kind) & self._candidates["keyed"].isin(waiting)]
        pairs: dict[tuple[str, str], None] = {}
        for _, records in asked.groupby("keyed")["record"]:
            first, *others = sorted(records.unique())
            if len(others) + 1 < _PLACEHOLDER:
                pairs |= dict.fromkeys((first, other) for other in others)
        return list(pairs)

    def __contains__(self, name: object) -> bool:
        return name in self._links

    def __iter__(self) -> Iterator[str]:
        return iter(self._links)

    def leave_out(self, name: str, batches: Iterable[pd.DataFrame]) -> pd.DataFrame:
        """Return the children of a table whose parent is not known, each once; those that must have one are left out from now on.

        Args:
            name: of the table.
            batches: its rows as they are now, `_record` and the links: one may have come from a record that was merged into the child.

        Returns:
            `CHILD_COLUMNS`, and `now`: the record that each became.
        """
        import pandas as pd

        waiting = self._children[(self._children["object"] == name) & self._children["into"].isna()]
        if not len(waiting):
            return waiting
        blank = {parent: [waiting["now"][:0]] for parent in waiting["parent"].unique()}
        for batch in batches:
            asked = batch[batch[RECORD].isin(waiting["now"])]
            for parent, records in blank.items():
                records.append(asked.loc[asked[REFERENCE + parent].isna(), RECORD])
        found = [rows[rows["now"].isin(pd.concat(blank[parent]))] for parent, rows in waiting.groupby("parent")]
        lost: pd.DataFrame = pd.concat([waiting[:0], *found])
        # A row speaks for itself before what was merged into it.
        lost = lost.assign(other=lost["record"] != lost["now"])
        lost = lost.sort_values(["required", "other"], ascending=[False, True], kind="stable")
        lost = lost.drop_duplicates("now").drop(columns="other").sort_index()
        self._left_out[name] = frozenset(lost.loc[lost["required"] == "true", "now"])
        return lost

    def kept(self, name: str, rows: pa.Table) -> pa.Table:
        """Return the rows of a table without those that are left out."""
        import pyarrow as pa
        import pyarrow.compute as pc

        out = self._left_out.get(name)
        return rows.filter(pc.invert(pc.is_in(rows[RECORD], pa.array(sorted(out), rows[RECORD].type)))) if out else rows

    def linked(self) -> pd.DataFrame:
        """Return the children that found their parent (`LINKED_COLUMNS`)."""
        found: pd.DataFrame = self._children[self._children["into"].notna()][list(LINKED_COLUMNS)]
        return found


def _now(rows: pd.DataFrame, moved: Mapping[str, pd.Series]) -> pd.Series:
    """Return the record that each of `record`, of the object `object`, has become."""
    now = rows["record"].copy()
    for name, into in moved.items():
        own = rows["object"] == name
        now[own] = now[own].map(into).astype("str").fillna(now[own])
    return now.astype("str")


def close_links(state: Merging, result: StageResult) -> None:
    """Say what became of the children of several parents; those that must have one and have none are set aside.

    Args:
        state: all objects are merged.
        result: of the stage, with its tables.
    """
    for name in (CHILDREN, CANDIDATES):
        result.tables.pop(name, None)
    linked = state.open.linked()
    if len(linked):
        result.tables[LINKED] = linked
    for (name, parent), count in Counter(zip(linked["object"], linked["parent"], strict=True)).items():
        result.notes.append(Message(
            "{object}: {count} rows name a key that several records of '{parent}' had; these became one, and the rows belong to it",
            object=name, parent=parent, count=f"{count:,}",
        ))  # fmt: skip
    rejected: Counter[tuple[str, str]] = Counter()
    for name in state.open:
        for row in _cells(state.unlinked(name)):
            if row["required"] == "true":
                rejected[name, row["parent"] or ""] += 1
                result.aside.append((name, row["now"], row["origin"], "rejected", NOT_MERGED, row["column"], row["value"], None))  # fmt: skip
            else:
                told = ("warning", "LOGIC", row["value"], None, f"relation {row['parent']}", "certain")
                result.issues.append((name, row["now"], row["origin"], row["column"], NOT_MERGED, *told))
    for (name, parent), count in rejected.items():
        result.findings.append(Message(
            "{object}: {count} rows are rejected: several records of '{parent}' have the key that they name and were not merged into one; "
            "decide when reviewing duplicates that these are one, or correct the keys",
            object=name, parent=parent, count=f"{count:,}",
        ))  # fmt: skip


def _cells(rows: pd.DataFrame) -> list[dict[str, str | None]]:
    cells: Any = rows.astype(object).where(rows.notna(), None).to_dict("records")
    return list(cells)
