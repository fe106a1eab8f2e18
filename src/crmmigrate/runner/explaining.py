"""Explain how one row becomes its target row: each step is run by the code of the stage map, one more at a time."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from crmmigrate import standards
from crmmigrate.errors import ConfigurationError
from crmmigrate.messages import Message
from crmmigrate.model.explanation import Column, Explanation, Step
from crmmigrate.model.issue import ORIGIN, RECORD, issue_table
from crmmigrate.model.rewriting import written
from crmmigrate.model.table import Table, Tables, quoted
from crmmigrate.model.valuemap import meanings_of
from crmmigrate.stages import ORDER
from crmmigrate.stages.map import prepare

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

    from crmmigrate.model.mapping import FieldMapping, Lookup, Mapping
    from crmmigrate.runner.workspace import Workspace

_REJECT = 4
"""Where the code stands in a row that the stage map sets aside."""


def explain(mapping: Mapping, tables: Tables, key: str) -> Explanation:
    """Follow one row of the table called `mapping.object`.

    Args:
        mapping: the mapping file.
        tables: the object's table, and those that values are looked up in; a lookup in another is left out.
        key: a `_record`, an `_origin`, the end of a `_record`, or the row's number from 1.

    Raises:
        ConfigurationError: `explain.no-row`: no row is called so; `explain.several`: several are.
        Findings: the mapping does not fit the table.
    """
    frame = _row(tables, mapping.object, key)
    columns = tuple(_column(mapping, tables, name, spec, frame) for name, spec in mapping.fields.items())
    record, origin = str(frame[RECORD].iloc[0]), str(frame[ORIGIN].iloc[0]) if ORIGIN in frame.columns else ""
    return Explanation(record, origin, mapping.target.table, columns)


def tables_before_map(workspace: Workspace, object_: str) -> Tables:
    """Return the newest tables that the stage map would read, or did.

    Raises:
        ConfigurationError: `explain.no-table`: no completed run made a table of the object.
    """
    found: dict[str, Table] = {}
    latest = {manifest.stage: manifest for manifest in workspace.manifests() if manifest.state == "done"}
    for stage in ORDER[: ORDER.index("map")]:
        if stage in latest:
            folder = workspace.runs_folder / latest[stage].run
            found |= {name: Table(name, folder / out["path"]) for name, out in latest[stage].outputs.items()}
    if object_ not in found:
        raise ConfigurationError(
            "explain.no-table", Message("no completed run made a table '{name}'", name=object_), str(workspace.folder),
            Message("give the rows with --data LOCATION"),
        )  # fmt: skip
    found[object_].present()
    return Tables({name: table for name, table in found.items() if table.path.exists()})


def _row(tables: Tables, name: str, key: str) -> pd.DataFrame:
    source = quoted(name)
    origin = f" OR {ORIGIN} = ?" if ORIGIN in tables[name].columns else ""
    frame = tables.frame(f"SELECT * FROM {source} WHERE {RECORD} = ?{origin}", [key] * (2 if origin else 1))
    if frame.empty:
        frame = tables.frame(f"SELECT * FROM {source} WHERE ends_with({RECORD}, ?)", [f"/{key}"])
    if frame.empty and key.isdecimal() and 0 < int(key) <= tables[name].rows:
        frame = tables.frame(f"SELECT * FROM {source} LIMIT 1 OFFSET {int(key) - 1}")
    if frame.empty:
        raise ConfigurationError(
            "explain.no-row", Message("no row of '{table}' is called '{key}'", table=name, key=key), "",
            Message("give a record id such as crm/客户/C00012, an origin such as file.xlsx#sheet!12, or the row's number"),
        )  # fmt: skip
    if len(frame) > 1:
        raise ConfigurationError(
            "explain.several", Message("{count} rows are called '{key}'", count=len(frame), key=key), "",
            Message("name one of them: {records}", records=", ".join(map(str, frame[RECORD].head(5)))),
        )  # fmt: skip
    return frame


def _column(mapping: Mapping, tables: Tables, name: str, spec: FieldMapping, frame: pd.DataFrame) -> Column:
    steps = [Step(column, _cell(frame, column)) for column in spec.reads]
    raw = _cell(frame, spec.columns[0]) if len(spec.columns) == 1 else None
    found: tuple[str | None, tuple[str, ...], str] = (raw, (), "")
    before: tuple[str, ...] = ()
    mapped = False
    for what, partial in _stages(mapping, spec, tables):
        if partial is None:
            steps.append(Step(what, None))
            found = (None, (), "")
            continue
        asked = found[0]
        found = _mapped(mapping, tables, name, partial, frame)
        is_map = partial.values is not None and not mapped
        meaning = _meant(mapping, spec, asked) if is_map and asked else ""
        mapped = mapped or is_map
        steps.append(Step(what, found[0], tuple(code for code in found[1] if code not in before), meaning))
        before = found[1]
        if found[2]:
            break
    return Column(name, tuple(steps), found[0], found[2])


def _stages(
    mapping: Mapping, spec: FieldMapping, tables: Tables
) -> Iterator[tuple[Message | str, FieldMapping | None]]:
    """Yield what each step does, and the field as it would be if it ended there; None where the step is left out here."""
    bare = replace(spec, do=(), values=None, lookup=None, default=None, required=False, on_error="keep")
    if spec.const is not None:
        yield Message("the constant {value}", value=written(spec.const)), bare
    elif spec.sql:
        yield Message("the SQL expression"), bare
    elif spec.kind_of:
        found_in = mapping.fields[spec.kind_of].lookup if spec.kind_of in mapping.fields else None
        if found_in is not None and (absent := _absent(found_in, tables)):
            yield _not_here(found_in, absent), None
            return
        yield Message("the kind of '{field}'", field=spec.kind_of), bare
    elif not spec.do and not spec.lookup:
        yield Message("joined by blanks") if len(spec.columns) > 1 else Message("as it is"), bare
    for count, step in enumerate(spec.do, start=1):
        said = written({step.name: step.value if step.value is not None else dict(step.options)}).strip("{}")
        is_last = count == len(spec.do)
        yield (
            (said if step.value is not None or step.options else step.name),
            replace(bare, do=spec.do[:count], on_error=spec.on_error if is_last else "keep"),
        )
    done = replace(bare, do=spec.do, on_error=spec.on_error)
    if spec.values is not None:
        done = replace(done, values=spec.values, unmapped=spec.unmapped)
        named = spec.values if isinstance(spec.values, str) else Message("its value map")
        yield Message("mapped by {name}, what it does not name: {unmapped}", name=named, unmapped=spec.unmapped), done
    if spec.default is not None:
        done = replace(done, default=spec.default)
        yield Message("where empty: {value}", value=written(spec.default)), done
    if spec.lookup is not None:
        if absent := _absent(spec.lookup, tables):
            yield _not_here(spec.lookup, absent), None
            return
        done = replace(done, lookup=spec.lookup)
        yield Message("looked up in {object} by {by}", object=", ".join(spec.lookup.objects), by=_by(spec.lookup)), done
    if spec.required:
        yield Message("it is required"), replace(done, required=True)


def _absent(lookup: Lookup, tables: Tables) -> str:
    """Return the first object that a lookup asks for and that is not here; empty where it can be done."""
    return next((name for name in lookup.objects if lookup.by and name not in tables), "")


def _by(lookup: Lookup) -> str:
    return " + ".join(lookup.by) or RECORD


def _not_here(lookup: Lookup, absent: str) -> Message:
    return Message(
        "looked up in {object} by {by}: not here, give --reference {object}=LOCATION", object=absent, by=_by(lookup)
    )


def _meant(mapping: Mapping, spec: FieldMapping, value: str) -> str:
    """Return what the business means by a value; spellings that the value map takes for one word mean the same."""
    meanings = meanings_of(mapping, spec)
    exact = meanings.get(value) or meanings.get(value.strip())
    alike = {meaning for known, meaning in meanings.items() if standards.same_word(known) == standards.same_word(value)}
    return exact or (alike.pop() if len(alike) == 1 else "")


def _mapped(
    mapping: Mapping, tables: Tables, name: str, spec: FieldMapping, frame: pd.DataFrame
) -> tuple[str | None, tuple[str, ...], str]:
    """Run one column over one row: value, codes that were noted, code of a rejection."""
    fields = {name: spec}
    if spec.kind_of in mapping.fields:  # whatever becomes of the reference is told where it stands itself
        reference = mapping.fields[spec.kind_of]
        lookup = replace(reference.lookup, missing="blank") if reference.lookup else None
        fields = {spec.kind_of: replace(reference, lookup=lookup, required=False, on_error="keep"), **fields}
    alone = replace(mapping, fields=fields)
    object.__setattr__(alone, "file", mapping.file)
    batch = prepare(alone, tables, mapping.object)(frame)
    codes = tuple(map(str, issue_table(batch.issues).column("code").to_pylist()))
    if batch.aside:
        return None, codes, str(batch.aside[0][_REJECT])
    cell: Any = batch.rows[name].iloc[0]
    return (cell if isinstance(cell, str) else None), codes, ""


def _cell(frame: pd.DataFrame, column: str) -> str | None:
    value = frame[column].iloc[0] if column in frame.columns else None
    return value if isinstance(value, str) and value else None
