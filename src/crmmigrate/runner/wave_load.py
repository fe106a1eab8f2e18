"""Load one wave: its rows that are not in the target yet, beside those of the waves before it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmmigrate.checks.load_answers import ABSORBS
from crmmigrate.errors import ConfigurationError
from crmmigrate.messages import Message
from crmmigrate.model.document import nearest
from crmmigrate.model.issue import RECORD
from crmmigrate.model.load_part import LoadPart
from crmmigrate.model.table import Table, Tables, quoted
from crmmigrate.runner.left_out import Missing, as_aside, missing, set_aside
from crmmigrate.runner.standing import standing_loads

if TYPE_CHECKING:
    from crmmigrate.runner.pipeline import Pipeline, Step


def load_wave(pipeline: Pipeline, name: str) -> list[Step]:
    """Run the stages up to validate and load the rows of one wave; the others wait, or are in the target already.

    Those that are there are left alone, whatever the sources say of them by now: in the departments that came first people work with them, and a
    delta asks field by field. References of theirs that were left blank, because they name rows that come only now, are filled. What the load before
    refused is tried again.

    Raises:
        ConfigurationError: there is no such wave, or no such column.
    """
    waves = pipeline.project.waves
    if name not in waves:
        raise ConfigurationError(
            "load.unknown-wave", Message("no wave is called '{name}'", name=name), str(pipeline.project.file("migration.yaml")),
            nearest(name, waves) or Message("name it under 'waves' in migration.yaml"),
        )  # fmt: skip
    pipeline.run("", "validate")
    with pipeline.open_target() as target:
        found = missing(pipeline, target, wave=name)
        newest = standing_loads(pipeline.context.workspace, target.runs(), in_part=True)[-1:]
    held = {known: set_aside(pipeline, [(load, None) for load in newest], known, ABSORBS) & due for known, due in found.due.items()}  # fmt: skip
    carried = as_aside(pipeline, found.left_out)
    return pipeline.load_part(LoadPart(found.due, held, _refill(pipeline, found), wave=name, carried=carried))


def _refill(pipeline: Pipeline, found: Missing) -> dict[str, frozenset[str]]:
    """Return the rows in the target that refer to a row which comes only now."""
    refill: dict[str, frozenset[str]] = {}
    for mapping in pipeline.options("load").mappings:
        table = pipeline.by_step["validate"].get(mapping.object)
        if table is None:
            continue
        tables = Tables({"now": Table("now", table.path)}, confined=False)
        rows: set[str] = set()
        for column, parents in mapping.references.items():
            several = parents.split("|")
            come = {f"{parent}:{record}" if len(several) > 1 else record for parent in several for record in found.due.get(parent, ())}  # fmt: skip
            if come and column in table.columns:
                query = f"SELECT {RECORD} FROM now WHERE {quoted(column)} IN (SELECT unnest(?::VARCHAR[]))"
                rows |= set(tables.sql(query, [sorted(come)]).column(0).to_pylist())
        if there := rows - found.absent(mapping.object):
            refill[mapping.object] = frozenset(there)
    return refill
