"""One target column: from the raw values of its source columns to the value in the target."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from crmmigrate.messages import Message
from crmmigrate.model.issue import declare_code
from crmmigrate.model.lookup import AMBIGUOUS, name_of
from crmmigrate.model.notable import Notable
from crmmigrate.model.standard import Cleaned, Flag
from crmmigrate.model.valuemap import as_text

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

    from crmmigrate.model.lookup import LookupTable
    from crmmigrate.model.mapping import FieldMapping

REQUIRED = declare_code("map.required", Message("a required value is missing"))
REFERENCE_MISSING = declare_code("map.reference-missing", Message("the record it belongs to is missing"))
UNMAPPED = declare_code("map.unmapped-value", Message("the value map has no such value"))
DEFAULT = declare_code("map.default", Message("the default value was taken"))
DEFERRED = declare_code("map.lookup-deferred", Message("the reference is left for later"))
BLANKED = declare_code("map.blanked", Message("nothing was left of the value"))
NO_PART = declare_code("map.no-part", Message("the value has no such part"))

Raw = tuple[str | None, ...]
_KEPT = 20_000
"""Answers kept for each field."""


class Answer(NamedTuple):
    """What becomes of one value: the target value, what is to be said about it, and why the row is rejected."""

    value: str | None
    flags: tuple[Flag, ...] = ()
    reject: str = ""


@dataclass(frozen=True)
class FieldMapper:
    """One target column: from the raw values of its source columns to an `Answer`. Pure; called once per distinct input.

    Args:
        target: its name.
        spec: as in the mapping file.
        steps: of its `do:` list.
        values: the value map.
        lookup: the table of a lookup by name.
        fold: what makes spellings of one word equal (width, case, traditional characters); asked where `values` does not
            name the word itself.
        whole: the steps for an Arrow array of values; missing where a value has to be looked at by itself.
    """

    target: str
    spec: FieldMapping
    steps: list[Callable[[Any], Any]]
    values: dict[str, str | None] | None
    lookup: LookupTable | None
    fold: Callable[[str], str] | None = None
    whole: Callable[[Any], Any] | None = None

    @cached_property
    def at_once(self) -> dict[str, str] | None:
        """The answers that can be read off a table: value behind the steps → target value; None where there is none."""
        if self.values is None and self.lookup is None:
            return None
        if self.lookup is None:
            return {word: value for word, value in (self.values or {}).items() if value is not None}
        if self.spec.lookup is None or len(self.spec.lookup.by) != 1:
            return None
        found = {word: answer.record for word, answer in self.lookup.found.items() if answer.record and not answer.code}
        if self.values is None:
            return found
        return {word: found[value] for word, value in self.values.items() if value in found}

    @cached_property
    def _folded(self) -> dict[str, str | None]:
        """The value map by folded words; those that two entries answer differently are left out."""
        answers: dict[str, set[str | None]] = {}
        for word, value in (self.values or {}).items():
            answers.setdefault(self.fold(word) if self.fold else word, set()).add(value)
        return {word: next(iter(values)) for word, values in answers.items() if len(values) == 1}

    @property
    def shown(self) -> str:
        """The column a person looks at: the source's, or the target's where the value comes from elsewhere."""
        own = [column for column in self.spec.columns if not column.startswith("_")]
        return " + ".join(own) or self.target

    def before(self, raw: Raw) -> str | None:
        """Return the values of the source columns; of an expression that names none, its result."""
        values = raw[1:] if self.spec.sql and len(raw) > 1 else raw
        return " | ".join(value or "" for value in values) if any(values) else None

    def answer(self, raw: Raw) -> Answer:
        """Read, do the steps, map the value, take the default, look it up, ask whether it is required.

        Args:
            raw: the values of the source columns; of a field with `sql` its result, then the columns that it names.
        """
        spec = self.spec
        flags: list[Flag] = []
        value, blanked = self._stepped(raw, flags)
        if any(flag.severity == "error" for flag in flags):
            code = next(flag.code for flag in flags if flag.severity == "error")
            if spec.on_error == "reject":
                return Answer(None, tuple(flags), code)
            value = value if spec.on_error == "keep" else None
        reject = ""
        if self.values is not None and value is not None:
            value, reject = self._mapped(value, flags)
        if not reject and value is None and spec.default is not None:
            value = as_text(spec.default)
            flags.append(Flag(DEFAULT, "info", "MAP"))
        if not reject and spec.lookup is not None:
            value, reject = self._looked_up(value, flags)
        if not reject and spec.required and value is None:
            reject = REQUIRED
        if blanked and value is None and not reject:
            flags.append(Flag(BLANKED, "warning", "MAP"))
        return Answer(value, tuple(flags), reject)

    @cached_property
    def _answers(self) -> dict[str, Answer]:
        return {}

    def remembered(self, word: str, *, frequent: bool) -> Answer:
        """Return the answer to one value; those that come again are kept, up to a limit, so that memory does not grow with rows."""
        known = self._answers.get(word)
        if known is None:
            known = self.answer((word or None,))
            if frequent and len(self._answers) < _KEPT:
                self._answers[word] = known
        return known

    def _stepped(self, raw: Raw, flags: list[Flag]) -> tuple[str | None, bool]:
        """Return the value behind the steps, and whether something became nothing and no flag tells so."""
        spec = self.spec
        value: Any = raw[0] if raw and (spec.sql or len(raw) == 1) else list(raw) or None
        if spec.lookup is not None and not spec.columns and len(raw) > 1:
            value = next(
                (f"{name}:{record}" for name, record in zip(spec.lookup.objects, raw, strict=True) if record), None
            )
        if spec.const is not None:
            value = as_text(spec.const)
        says = _says(value)
        blanked = bool(spec.sql) and _says(list(raw)) and not says
        for step in self.steps:
            said, before = says, len(flags)
            answered = step(value)
            value = answered if type(answered) is str and answered else self._plain(answered, flags)
            says = _says(value)
            blanked = blanked or (said and not says and len(flags) == before)
        if isinstance(value, list):
            several = spec.lookup is not None and len(spec.lookup.by) > 1
            value = (name_of(value) if several else " ".join(filter(None, value))) or None
        return value, blanked

    @staticmethod
    def _plain(answered: Any, flags: list[Flag]) -> Any:
        if isinstance(answered, Cleaned):
            flags += answered.flags
            return answered.value
        if isinstance(answered, list):
            plain = [FieldMapper._plain(one, flags) for one in answered]
            return [one for value in plain for one in (value if isinstance(value, list) else [value])]
        return answered or None

    def _mapped(self, value: str, flags: list[Flag]) -> tuple[str | None, str]:
        mapped = self.values or {}
        for word in (value, value.strip()):
            if word in mapped:
                return mapped[word], ""
        folded = self.fold(value) if self.fold else value
        if folded in self._folded:
            return self._folded[folded], ""
        if self.spec.unmapped == "reject":
            return None, UNMAPPED
        flags.append(Flag(UNMAPPED, "warning", "MAP"))
        return (value if self.spec.unmapped == "keep" else None), ""

    def _looked_up(self, value: str | None, flags: list[Flag]) -> tuple[str | None, str]:
        spec = self.spec.lookup
        if spec is None or self.lookup is None:
            wanted = self.spec.required or (spec is not None and spec.missing == "reject")
            return value, REFERENCE_MISSING if value is None and wanted else ""
        if value is None:
            return None, ""
        found = self.lookup.find(value)
        if found.record is None and spec.missing == "default" and found.code != AMBIGUOUS:
            flags.append(Flag(DEFAULT, "warning", "MAP"))
            found = self.lookup.find(spec.default)
        if found.record is not None:
            if found.code:
                flags.append(Flag(found.code, "info", "MAP"))
            return found.record, ""
        if spec.missing in ("reject", "default") or found.code == AMBIGUOUS:
            return None, found.code
        flags.append(Flag(found.code if spec.missing == "blank" else DEFERRED, "warning", "MAP"))
        return None, ""


def _says(value: Any) -> bool:
    """Whether a value, or one of several, is more than blanks."""
    if type(value) is str:
        return bool(value) and not value.isspace()
    return any(map(_says, value)) if isinstance(value, list) else bool(value and value.strip())


# A whole column of answers


class Answered(NamedTuple):
    """What becomes of one target column in a batch.

    Args:
        values: an Arrow array, one value per row.
        notable: the rows about which something is to be said, or that are rejected.
    """

    values: Any
    notable: Notable


def text_columns(frame: pd.DataFrame) -> pa.Table:
    """Return a batch as an Arrow table of text."""
    import pyarrow as pa

    plain = pa.Table.from_pandas(frame, preserve_index=False).replace_schema_metadata(None)
    return plain.cast(pa.schema([(name, pa.string()) for name in plain.column_names])).combine_chunks()


def column_of(rows: pa.Table, name: str) -> pa.Array:
    """Return a column as one array of text; of one that is not there, as many missing values."""
    return whole_array(rows.column(name) if name in rows.column_names else None, rows.num_rows)


def cells(rows: pa.Table, column: str) -> list[str | None]:
    """Return a column's values; of one that is not there, as many missing ones."""
    if column not in rows.column_names:
        return [None] * rows.num_rows
    return [value or None for value in rows.column(column).to_pylist()]


def by_value(mapper: FieldMapper, raws: list[Raw]) -> Answered:
    """Answer each row, asking once per distinct input."""
    import pyarrow as pa

    answers = {raw: mapper.answer(raw) for raw in dict.fromkeys(raws)}
    entries = [(raw, answer) for raw, answer in answers.items() if answer.flags or answer.reject]
    numbers = {raw: number for number, (raw, _) in enumerate(entries)}
    rows = [row for row, raw in enumerate(raws) if raw in numbers] if entries else []
    notable = Notable(rows, [numbers[raws[row]] for row in rows], entries)
    return Answered(pa.array([answers[raw].value for raw in raws], pa.string()), notable)


def by_columns(
    mapper: FieldMapper, columns: list[pa.ChunkedArray | None], rows: int, merged: Callable[[list[Any]], Any]
) -> Answered:
    """Answer each row of a field that reads several columns and whose first step makes one value of them.

    Args:
        mapper: of the field, without that step.
        columns: text; None where the table lacks one.
        rows: of the batch.
        merged: the first step for whole arrays.
    """
    import pyarrow as pa

    there = [whole_array(column, rows) for column in columns]
    answered = by_column(mapper, pa.chunked_array([merged(there)], pa.string()), rows)
    entries = [(tuple(column[row].as_py() or None for column in there), answer) for row, _, answer in answered.notable]
    return Answered(answered.values, Notable(answered.notable.rows, range(len(entries)), entries))


def by_column(mapper: FieldMapper, column: pa.ChunkedArray | None, rows: int) -> Answered:
    """Answer each row of a field that reads one column.

    Values that the steps leave alone, and those whose answer can be read off a table, are dealt with all together; the
    others once per distinct value.

    Args:
        mapper: of the field.
        column: text; None where the table lacks it.
        rows: of the batch.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    whole = whole_array(column, rows)
    nothing = mapper.answer((None,))
    plain = mapper.at_once is None and mapper.values is None and mapper.lookup is None and mapper.spec.lookup is None
    silent = nothing.value is None and not nothing.flags and not nothing.reject
    if plain and mapper.whole is not None and (silent or not whole.null_count):
        answered = mapper.whole(whole)
        if answered.null_count == whole.null_count:
            return Answered(answered, Notable())
    encoded = whole.dictionary_encode()
    words = encoded.dictionary
    known = _known(mapper, words, plain=plain)
    values: list[str | None] = []
    told: dict[int, Answer] = {}
    frequent = 2 * len(words) < rows  # words that come again in this batch will come again in the next
    for number, (word, value) in enumerate(zip(words.to_pylist(), known, strict=True)):
        if value is not None:
            values.append(value)
            continue
        answer = mapper.remembered(word, frequent=frequent)
        values.append(answer.value)
        if answer.flags or answer.reject:
            told[number] = answer
    values.append(nothing.value)
    if nothing.flags or nothing.reject:
        told[len(words)] = nothing
    indices = encoded.indices.fill_null(len(words))
    answered = pc.take(pa.array(values, pa.string()), indices)
    return Answered(answered, _told_rows(indices, words, told) if told else Notable())


def whole_array(column: pa.ChunkedArray | None, rows: int) -> pa.Array:
    """Return a column as one array; of one that is not there, as many missing values."""
    import pyarrow as pa

    if column is None:
        return pa.nulls(rows, pa.string())
    return column.chunk(0) if column.num_chunks == 1 else pa.concat_arrays([*column.chunks, pa.array([], pa.string())])


def _known(mapper: FieldMapper, words: pa.Array, *, plain: bool) -> list[str | None]:
    """Return, for each distinct value, its answer where it need not be asked one by one, else None."""
    if mapper.whole is None or (mapper.at_once is None and not plain):
        return [None] * len(words)
    answers: list[str | None] = mapper.whole(words).to_pylist()
    if mapper.at_once is None:
        return answers
    table = mapper.at_once
    return [table.get(answer) if answer else None for answer in answers]


def _told_rows(indices: pa.Array, words: pa.Array, told: dict[int, Answer]) -> Notable:
    import numpy as np

    entry_of = np.full(len(words) + 1, -1)
    entry_of[list(told)] = range(len(told))
    which = entry_of[indices.to_numpy(zero_copy_only=False)]
    rows = np.nonzero(which >= 0)[0]
    spelled = [words[number].as_py() or None if number < len(words) else None for number in told]
    entries = [((word,), answer) for word, answer in zip(spelled, told.values(), strict=True)]
    return Notable(rows, which[rows], entries)
