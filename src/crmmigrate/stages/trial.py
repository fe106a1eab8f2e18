"""trial: a sample of the migration that is closed under references, covers the oddities, and hides personal data."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from crmmigrate.messages import Message
from crmmigrate.model.issue import RECORD, REFERENCE
from crmmigrate.model.stage import Batch, Job, RowWise, StageResult, option, stage
from crmmigrate.model.standard import DataStandard, read_data_standard
from crmmigrate.model.table import quoted

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from crmmigrate.model.project import Project
    from crmmigrate.model.table import Tables

_MASKS = {
    "person_name": "person",
    "phone": "phone",
    "email": "email",
    "resident_id": "id",
    "address": "text",
    "text": "text",
}
"""Standard → kind of mask. Company names and credit codes are public; codes, dates, amounts and picklists name nobody."""

_LISTED = 40
"""A column with at most so many different values counts as a picklist: each of its values is sampled."""


@dataclass(frozen=True)
class TrialOptions:
    """How the sample is drawn.

    Args:
        rows: of the leading object.
        standard: tells which columns hold personal data; without it, and with a key, every column is masked as text.
        key: the secret of the masking; empty: nothing is masked.
        objects: the tables that are sampled; others pass whole.
    """

    rows: int = option("--rows", Message("rows of the leading object"), default=500)
    standard: DataStandard | None = option("--standard", Message("the data standard"), read=read_data_standard)
    key: str = ""
    objects: tuple[str, ...] = field(default=())

    @classmethod
    def from_project(cls, project: Project) -> TrialOptions:
        """Take the size of the sample and the standard; the runner adds the key where masking is asked for."""
        standard = read_data_standard(project.file(project.standard)) if project.standard else None
        return cls(project.trial.rows, standard, "", tuple(project.objects))


@stage(title=Message("Draw a masked sample for the trial migration"), options=TrialOptions)
def trial(job: Job) -> StageResult:
    """Choose rows of the leading object, then everything that belongs to them and everything they refer to.

    The leading object is the one most others refer to. First come rows that cover its picklist values, gaps and
    longest values; the rest is drawn evenly. The same data gives the same sample.
    """
    options: TrialOptions = job.options
    objects = [name for name in options.objects or tuple(job.tables) if name in job.tables]
    chosen = _closed_sample(objects, job.tables, options.rows)
    result = StageResult(flows={})
    for name in job.tables:
        if name not in chosen:
            result.tables[name] = job.tables[name]
            continue
        masks = _masked_columns(name, job.tables, options.standard) if options.key else {}
        result.tables[name] = RowWise(name, partial(_sample_batch, chosen[name], masks, options.key))
        result.facts[name] = {"rows": len(chosen[name]), "of": job.tables[name].rows, "masked": sorted(masks)}
    return result


def _closed_sample(objects: list[str], tables: Tables, rows: int) -> dict[str, frozenset[str]]:
    parents = {
        name: [c.removeprefix(REFERENCE) for c in tables[name].columns if c.startswith(REFERENCE)] for name in objects
    }
    leader = max(objects, key=lambda name: sum(name in found for found in parents.values()))
    chosen: dict[str, set[str]] = {name: set() for name in objects}
    chosen[leader] = _leading_rows(tables, leader, rows)
    for name in objects:
        if leader in parents[name]:
            chosen[name] |= _rows_of(tables, name, leader, chosen[leader])
    for name in objects:
        if name != leader and not parents[name]:
            chosen[name] = set(tables.frame(f"SELECT {RECORD} FROM {quoted(name)}")[RECORD])
    _add_parents(tables, parents, chosen)
    return {name: frozenset(records) for name, records in chosen.items()}


def _rows_of(tables: Tables, name: str, parent: str, records: set[str]) -> set[str]:
    reference = quoted(REFERENCE + parent)
    frame = tables.frame(f"SELECT {RECORD}, {reference} AS parent FROM {quoted(name)}")
    return set(frame.loc[frame["parent"].isin(records), RECORD])


def _add_parents(tables: Tables, parents: Mapping[str, list[str]], chosen: dict[str, set[str]]) -> None:
    """Add what chosen rows refer to, until nothing is missing."""
    grown = True
    while grown:
        grown = False
        for name, names in parents.items():
            for parent in names:
                if parent not in chosen:
                    continue
                reference = quoted(REFERENCE + parent)
                frame = tables.frame(
                    f"SELECT {RECORD}, {reference} AS parent FROM {quoted(name)} WHERE {reference} IS NOT NULL"
                )
                needed = set(frame.loc[frame[RECORD].isin(chosen[name]), "parent"]) - chosen[parent]
                grown = grown or bool(needed)
                chosen[parent] |= needed


def _leading_rows(tables: Tables, name: str, rows: int) -> set[str]:
    table = quoted(name)
    found: set[str] = set()
    for column in tables[name].data_columns:
        c = quoted(column)
        extremes = (
            f"(SELECT {RECORD} FROM {table} WHERE {c} IS NOT NULL ORDER BY length({c}) DESC, {RECORD} LIMIT 1) "
            f"UNION (SELECT {RECORD} FROM {table} WHERE {c} IS NULL ORDER BY {RECORD} LIMIT 1)"
        )
        found |= set(tables.frame(extremes)[RECORD])
        if tables.value(f"SELECT count(DISTINCT {c}) FROM {table}") <= _LISTED:
            found |= set(
                tables.frame(f"SELECT min({RECORD}) AS {RECORD} FROM {table} WHERE {c} IS NOT NULL GROUP BY {c}")[
                    RECORD
                ]
            )
    evenly = tables.frame(f"SELECT {RECORD} FROM {table} ORDER BY md5({RECORD}), {RECORD} LIMIT {int(rows)}")
    for record in evenly[RECORD]:
        if len(found) >= rows:
            break
        found.add(record)
    return found


def _masked_columns(name: str, tables: Tables, standard: DataStandard | None) -> dict[str, str]:
    """Return column → kind of mask."""
    if standard is None or name not in standard.objects:
        return dict.fromkeys(tables[name].data_columns, "text")
    spec = standard.objects[name]
    masks = {c: "text" for c in tables[name].data_columns if c not in spec.columns}
    for column, rules in spec.columns.items():
        if column in tables[name].columns and rules.standard in _MASKS and column != spec.key:
            masks[column] = _MASKS[rules.standard]
    return masks


def _sample_batch(chosen: frozenset[str], masks: Mapping[str, str], key: str, batch: pd.DataFrame) -> Batch:
    from crmmigrate.transforms import find

    rows: Any = batch[batch[RECORD].isin(chosen)].copy()
    for column, kind in masks.items():
        mask = find("mask").make(kind=kind, key=key)
        rows[column] = rows[column].map({value: mask(value) for value in rows[column].dropna().unique()})
    return Batch(rows.astype("str"))
