"""trial: a sample of the migration that is closed under references, meets what has to be met, and hides personal data."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from crmmigrate.checks.sample_traits import had_by, traits_of
from crmmigrate.checks.set_cover import cover
from crmmigrate.messages import Message
from crmmigrate.model.issue import ORIGIN, RECORD, REFERENCE, text_frame
from crmmigrate.model.mapping import Mapping, read_mappings
from crmmigrate.model.stage import Batch, Job, Report, RowWise, StageResult, option, stage
from crmmigrate.model.standard import DataStandard, read_data_standard
from crmmigrate.model.table import quoted
from crmmigrate.reports.coverage import WORKBOOK, Met, write_coverage

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from collections.abc import Mapping as MappingOf

    import pandas as pd

    from crmmigrate.checks.sample_traits import Trait
    from crmmigrate.model.project import Project
    from crmmigrate.model.table import Tables

SAMPLE, ODDITIES, MAPPED = "_sample", "_oddities", "mapped."
"""The output table that says why a row is in the sample; input tables that only tell what there is to be met."""

SAMPLE_COLUMNS = ("object", RECORD, "leader", "part")
_MASKS = {
    "person_name": "person", "phone": "phone", "email": "email", "resident_id": "id", "vin": "vin", "plate": "plate",
    "address": "text", "text": "text", "wechat": "text", "qq": "text",
}  # fmt: skip
"""Standard → kind of mask. Company names and credit codes are public; codes, dates, amounts and picklists name nobody."""

Sample = dict[str, dict[str, str]]
"""Object → record → `random`, `related` or `cover`: why it is in the sample."""


@dataclass(frozen=True)
class TrialOptions:
    """How the sample is drawn.

    Args:
        rows: of the leading object, drawn at random.
        standard: tells which columns hold personal data; without it, and with a key, every column is masked as text.
        key: the secret of the masking; empty: nothing is masked.
        objects: the tables that are sampled; others pass whole.
        mappings: whose rules and value maps the sample has to meet.
    """

    rows: int = option("--rows", Message("rows of the leading object"), default=500)
    standard: DataStandard | None = option("--standard", Message("the data standard"), read=read_data_standard)
    key: str = ""
    objects: tuple[str, ...] = field(default=())
    mappings: tuple[Mapping, ...] = ()

    @classmethod
    def from_project(cls, project: Project) -> TrialOptions:
        """Take the size of the sample, the standard and the mapping files; the runner adds the key where masking is asked for."""
        standard = read_data_standard(project.file(project.standard)) if project.standard else None
        mappings = read_mappings([project.file(project.mappings)]) if project.mappings else ()
        return cls(project.trial.rows, standard, "", tuple(project.objects), mappings)


@stage(title=Message("Draw a masked sample for the trial migration"), options=TrialOptions)
def trial(job: Job) -> StageResult:
    """Draw rows of the leading object with everything that belongs to them, then the few rows that meet what these do not.

    The leading object is the one most others refer to. Its random part supports a statement about all of its rows; what is
    added to meet every rule, value, gap and oddity does not count there. The same data gives the same sample.
    """
    options: TrialOptions = job.options
    tables: Tables = job.tables
    given = [name for name in tables if name != ODDITIES and not name.startswith(MAPPED)]
    objects = [name for name in options.objects or given if name in tables]
    leader = _leader(objects, tables)
    chosen = _closed_sample(objects, tables, options.rows)
    mappings = [mapping for mapping in options.mappings if mapping.object in objects]
    met = _cover(objects, tables, mappings, chosen)
    kinds = _aligned(mappings, {name: _masked_columns(name, tables, options.standard, mappings) for name in objects})
    result = StageResult(flows={})
    for name in given:
        if name not in chosen:
            result.tables[name] = tables[name]
            continue
        masks = kinds[name] if options.key else {}
        result.tables[name] = RowWise(name, partial(_sample_batch, frozenset(chosen[name]), masks, options.key))
        parts = list(chosen[name].values())
        result.facts[name] = {
            "rows": len(parts), "of": tables[name].rows, "masked": sorted(masks), "random": parts.count("random"), "cover": parts.count("cover"),
        }  # fmt: skip
    result.tables[SAMPLE] = text_frame(list(_told(chosen, tables, leader)), SAMPLE_COLUMNS)
    uncovered = [one for one in met if not one.by]
    result.facts["coverage"] = {
        "leader": leader, "traits": len(met), "met": len(met) - len(uncovered),
        "not_in_data": [f"{o.trait.object}.{o.trait.column}: {o.trait.kind} {o.trait.detail}".strip() for o in uncovered],
    }  # fmt: skip
    result.reports.append(Report(WORKBOOK, partial(write_coverage, met=met, facts=dict(result.facts))))
    if uncovered:
        result.notes.append(
            Message("{count} of {total} things to be met occur in no row; the report lists them", count=len(uncovered), total=len(met))
        )  # fmt: skip
    return result


def _parents(objects: Iterable[str], tables: Tables) -> dict[str, list[str]]:
    return {
        name: [c.removeprefix(REFERENCE) for c in tables[name].columns if c.startswith(REFERENCE)] for name in objects
    }


def _leader(objects: list[str], tables: Tables) -> str:
    parents = _parents(objects, tables)
    return max(objects, key=lambda name: sum(name in found for found in parents.values()))


def _closed_sample(objects: list[str], tables: Tables, rows: int) -> Sample:
    """Return random rows of the leading object, what refers to them, what these refer to, and tables that refer to nothing."""
    parents = _parents(objects, tables)
    leader = _leader(objects, tables)
    chosen: Sample = {name: {} for name in objects}
    query = f"SELECT {RECORD} FROM {quoted(leader)} ORDER BY md5({RECORD}), {RECORD} LIMIT {int(rows)}"
    chosen[leader] = dict.fromkeys(tables.frame(query)[RECORD], "random")
    for name in objects:
        if leader in parents[name]:
            chosen[name].update(dict.fromkeys(_rows_of(tables, name, leader, chosen[leader]), "related"))
    for name in objects:
        if name != leader and not parents[name]:
            chosen[name] = dict.fromkeys(tables.frame(f"SELECT {RECORD} FROM {quoted(name)}")[RECORD], "related")
    _add_parents(tables, parents, chosen)
    return chosen


def _rows_of(tables: Tables, name: str, parent: str, records: Collection[str]) -> list[str]:
    reference = quoted(REFERENCE + parent)
    frame = tables.frame(
        f"SELECT {RECORD} FROM {quoted(name)} WHERE {reference} IN (SELECT unnest(?::VARCHAR[])) ORDER BY 1",
        [sorted(records)],
    )
    return list(frame[RECORD])


def _add_parents(tables: Tables, parents: MappingOf[str, list[str]], chosen: Sample) -> None:
    """Add what chosen rows refer to, until nothing is missing."""
    new = {name: set(records) for name, records in chosen.items()}
    while any(new.values()):
        found: dict[str, set[str]] = {name: set() for name in chosen}
        for name, records in new.items():
            for parent in (parent for parent in parents[name] if parent in chosen):
                found[parent] |= {above for _, above in _above(tables, name, parent, records)}
        new = {name: records - set(chosen[name]) for name, records in found.items()}
        for name, records in new.items():
            chosen[name].update(dict.fromkeys(sorted(records), "related"))


def _above(tables: Tables, name: str, parent: str, records: Collection[str]) -> list[tuple[str, str]]:
    """Return (record, record of its parent) of some rows; a parent that is in no table is left out."""
    reference = quoted(REFERENCE + parent)
    query = (
        f"SELECT r.{RECORD}, r.{reference} FROM {quoted(name)} r JOIN {quoted(parent)} p ON p.{RECORD} = r.{reference} "
        f"WHERE r.{RECORD} IN (SELECT unnest(?::VARCHAR[]))"
    )
    return tables.connection.execute(query, [sorted(records)]).fetchall() if records else []


def _cover(objects: list[str], tables: Tables, mappings: list[Mapping], chosen: Sample) -> list[Met]:
    """Add the few rows, each with what it refers to, that meet what the sample does not, and say what is met by which row."""
    traits = dict(enumerate(trait for mapping in mappings for trait in traits_of(tables, mapping)))
    has = _having(tables, traits, {name: set(records) for name, records in chosen.items()})
    met = {number for found in has.values() for number in found}
    wanted = {number for number, trait in traits.items() if trait.rows and number not in met}
    bundles = _bundles(objects, tables, {(traits[n].object, record) for n in wanted for record in traits[n].candidates})
    free = {key: [row for row in bundle if row[1] not in chosen[row[0]]] for key, bundle in bundles.items()}
    rows = {name: {record for bundle in free.values() for of, record in bundle if of == name} for name in objects}
    has |= _having(tables, traits, rows)
    for key in cover(free, has, wanted):
        for name, record in free[key]:
            chosen[name].setdefault(record, "cover")
    return _met(tables, traits, has, chosen)


def _having(
    tables: Tables, traits: dict[int, Trait], records: MappingOf[str, Collection[str]]
) -> dict[tuple[str, str], frozenset[int]]:
    found: dict[tuple[str, str], frozenset[int]] = {}
    for name, wanted in records.items():
        own = {number: trait for number, trait in traits.items() if trait.object == name}
        if own:
            found |= {(name, record): has for record, has in had_by(tables, name, own, wanted).items()}
    return found


def _bundles(
    objects: list[str], tables: Tables, rows: set[tuple[str, str]]
) -> dict[tuple[str, str], list[tuple[str, str]]]:
    """Return each row with all that it refers to, directly or not."""
    parents = _parents(objects, tables)
    above: dict[tuple[str, str], list[tuple[str, str]]] = {}
    new = set(rows)
    while new:
        for name in objects:
            own = [record for of, record in new if of == name]
            above.update({(name, record): [] for record in own})
            for parent in (parent for parent in parents[name] if parent in objects):
                for record, its in _above(tables, name, parent, own):
                    above[name, record].append((parent, its))
        new = {row for found in above.values() for row in found} - set(above)
    bundles: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for row in sorted(rows):
        bundle = [row]
        for member in bundle:  # grows while it is walked
            bundle += [up for up in above[member] if up not in bundle]
        bundles[row] = bundle
    return bundles


def _met(
    tables: Tables, traits: dict[int, Trait], has: MappingOf[tuple[str, str], frozenset[int]], chosen: Sample
) -> list[Met]:
    """Say of each trait which row of the sample has it; where a person finds that row is looked up for these alone."""
    first: dict[int, tuple[str, str]] = {}
    for row, found in has.items():
        if row[1] in chosen[row[0]]:
            for number in found:
                first.setdefault(number, row)
    places: dict[tuple[str, str], str] = {}
    for name in chosen:
        records = sorted({record for of, record in first.values() if of == name})
        query = f"SELECT {RECORD}, {ORIGIN} FROM {quoted(name)} WHERE {RECORD} IN (SELECT unnest(?::VARCHAR[]))"
        if records:
            places |= {(name, r): o or r for r, o in tables.connection.execute(query, [records]).fetchall()}
    return [Met(trait, places.get(first[n], "") if n in first else "") for n, trait in traits.items()]


def _told(chosen: Sample, tables: Tables, leader: str) -> Iterable[tuple[str, str, str | None, str]]:
    for name, records in chosen.items():
        above: dict[str, str] = {}
        if name == leader:
            above = {record: record for record in records}
        elif REFERENCE + leader in tables[name].columns:
            above = dict(_above(tables, name, leader, records))
        yield from ((name, record, above.get(record), part) for record, part in records.items())


def _masked_columns(
    name: str, tables: Tables, standard: DataStandard | None, mappings: list[Mapping]
) -> dict[str, str]:
    """Return column → kind of mask. What a value map reads, or a condition on the row, is a word of a list and no secret."""
    if standard is None or name not in standard.objects:
        masks = dict.fromkeys(tables[name].data_columns, "text")
    else:
        spec = standard.objects[name]
        masks = {c: "text" for c in tables[name].data_columns if c not in spec.columns}
        for column, rules in spec.columns.items():
            if column in tables[name].columns and rules.standard in _MASKS and column != spec.key and not rules.values:
                masks[column] = _MASKS[rules.standard]
    open_ = {c for mapping in mappings for c in _words_read(mapping, name)}
    return {column: kind for column, kind in masks.items() if column not in open_}


def _words_read(mapping: Mapping, name: str) -> Iterable[str]:
    """Yield the columns of the object `name` that have to be read as they are: by value maps, and by steps that are no masked kind."""
    for spec in mapping.fields.values():
        if mapping.object == name and (spec.values is not None or any(step.name in _EXACT for step in spec.do)):
            yield from spec.columns
        if spec.lookup and name in spec.lookup.objects:
            yield from spec.lookup.active


_EXACT = frozenset({
    "date", "datetime", "date_parse", "date_format", "amount", "number", "percent", "quantity", "bool", "enum", "unit", "division",
    "industry", "between", "postcode",
})  # fmt: skip
"""Steps that understand a value: of a made-up one nothing would be left."""


def _aligned(mappings: list[Mapping], kinds: dict[str, dict[str, str]]) -> dict[str, dict[str, str]]:
    """Mask a column that names a record in the way of the column it is looked up by: else it would find nothing."""
    made = {name: dict(masks) for name, masks in kinds.items()}
    for mapping in mappings:
        for spec in mapping.fields.values():
            if (
                spec.lookup is None
                or not spec.lookup.by
                or spec.lookup.object not in made
                or mapping.object not in made
            ):
                continue
            other = made[spec.lookup.object]
            for column, by in zip(spec.columns, spec.lookup.by, strict=False):
                _follow(made[mapping.object], column, other.get(by, ""))
            if spec.lookup.follow:
                _follow(other, spec.lookup.follow, other.get(spec.lookup.by[0], ""))
    return made


def _follow(masks: dict[str, str], column: str, kind: str) -> None:
    if kind:
        masks[column] = kind
    else:
        masks.pop(column, None)


def _sample_batch(chosen: frozenset[str], masks: MappingOf[str, str], key: str, batch: pd.DataFrame) -> Batch:
    from crmmigrate.transforms import find

    rows: Any = batch[batch[RECORD].isin(chosen)].copy()
    for column, kind in masks.items():
        if column in rows.columns:
            mask = find("mask").make(kind=kind, key=key)
            rows[column] = rows[column].map({value: mask(value) for value in rows[column].dropna().unique()})
    return Batch(rows.astype("str"))
