"""Run the tests in mapping files, and tell what none of them touches."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from crmmigrate.errors import ConfigurationError, Findings
from crmmigrate.messages import Message
from crmmigrate.model.expression import words_of
from crmmigrate.model.issue import ORIGIN, RECORD, text_frame
from crmmigrate.model.lookup import in_turn, lookup_table
from crmmigrate.model.mapping_tables import value_map
from crmmigrate.model.valuemap import as_text
from crmmigrate.stages.map import RowMapper, steps_of

if TYPE_CHECKING:
    from crmmigrate.model.mapping import Mapping, MappingTest
    from crmmigrate.model.stage import Batch


class Result(NamedTuple):
    """What one test of a mapping file came to.

    Args:
        wrong: what came out otherwise than expected; nothing where the test passes.
        touched: the fields whose value the test looks at.
        codes: (field, target value) that came out of the value maps and is expected.
    """

    wrong: list[Message]
    touched: frozenset[str]
    codes: frozenset[tuple[str, str]]


class Coverage(NamedTuple):
    """What the tests of a mapping file touch.

    Args:
        fields: of the mapping that are not constants; `untouched` those no test expects a value of.
        values: (field, target value) of all value maps; `unseen` those that no test expects.
    """

    fields: tuple[str, ...]
    untouched: tuple[str, ...]
    values: tuple[tuple[str, str], ...]
    unseen: tuple[tuple[str, str], ...]


def run_test(mapping: Mapping, test: MappingTest) -> Result:
    """Run one test of a mapping file through the code that maps the data.

    Raises:
        Findings: the mapping does not fit the program.
    """
    errors: list[ConfigurationError] = []
    mapper = RowMapper(mapping, mapping.object)
    for target, spec in mapping.fields.items():
        try:
            mapper.value_maps.update(value_map(mapping, target, spec))
            steps_of(mapping, target, spec)
        except ConfigurationError as error:
            errors.append(error)
        if spec.lookup and spec.lookup.by:
            made = {}
            for other in spec.lookup.objects:
                rows = [{column: as_text(value) for column, value in row.items()} for row in test.others.get(other, ())]
                made[other] = lookup_table(spec.lookup, rows)
            mapper.lookups[target] = in_turn(made) if spec.lookup.others else made[spec.lookup.object]
    if errors:
        raise Findings(errors)
    given = {RECORD: "test", ORIGIN: mapping.file} | {column: as_text(value) for column, value in test.given.items()}
    read = {column: None for spec in mapping.fields.values() for column in spec.reads}
    row = read | given
    known = {column.casefold() for column in row}
    # SQL finds the columns that the test does not name, too; words that are none do no harm.
    expressions = [mapping.source.where, *(spec.sql for spec in mapping.fields.values())]
    words = {word.casefold(): word for sql in expressions for word in words_of(sql)}
    empty: dict[str, str | None] = {word: None for folded, word in words.items() if folded not in known}
    row = empty | row
    batch = mapper(text_frame([tuple(row.values())], tuple(row)))
    wrong = _differences(test, batch)
    if wrong or test.rejects:
        return Result(wrong, frozenset(), frozenset())
    codes = {(column, str(as_text(value))) for column, value in test.expect.items() if as_text(value) is not None}
    return Result(wrong, frozenset(test.expect), frozenset(codes))


def coverage(mapping: Mapping, results: list[Result]) -> Coverage:
    """Return what the tests that pass touch. Constants need no test: lint looks at them."""
    fields = tuple(name for name, spec in mapping.fields.items() if spec.const is None)
    touched = {name for result in results for name in result.touched}
    values = tuple(
        (name, target)
        for name, spec in mapping.fields.items()
        for target in dict.fromkeys(value_map(mapping, name, spec).get(name, {}).values())
        if target is not None
    )
    seen = {code for result in results for code in result.codes}
    return Coverage(
        fields, tuple(name for name in fields if name not in touched), values, tuple(code for code in values if code not in seen)
    )  # fmt: skip


def _differences(test: MappingTest, batch: Batch) -> list[Message]:
    code = batch.aside[0][4] if batch.aside else ""
    if code != test.rejects:
        expected: str | Message = test.rejects or Message("no rejection")
        return [Message("expected {expected}, got {got}", expected=expected, got=code or Message("no rejection"))]
    wrong = []
    for column, value in test.expect.items() if not code else ():
        if column not in batch.rows.columns:
            wrong.append(Message("no field is called '{name}'", name=column))
            continue
        cell = batch.rows[column].iloc[0]
        got = cell if isinstance(cell, str) else None
        if got != as_text(value):
            wrong.append(
                Message("{column}: expected '{expected}', got '{got}'", column=column, expected=as_text(value) or "", got=got or "")
            )  # fmt: skip
    return wrong
