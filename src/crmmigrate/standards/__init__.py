"""Standards of values, one file each; the file's name is its name in YAML, on the command line and in the docs.

Every one is total (no text raises), idempotent (cleaning twice changes nothing) and gives a value in its declared format or the raw text
with a flag. What is uncertain is not guessed: it is flagged, with candidates.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crmmigrate.errors import ConfigurationError
from crmmigrate.messages import Message
from crmmigrate.model.document import Document, nearest
from crmmigrate.model.issue import declare_code
from crmmigrate.model.standard import Cleaned, ColumnStandard, DataStandard, Flag, read_data_standard
from crmmigrate.model.valuemap import folded_word
from crmmigrate.standards._beside import Beside, without
from crmmigrate.standards._pandera import load_schema as load_pandera_schema
from crmmigrate.standards._pandera import pandera_schema

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from crmmigrate.model.standard import Cleaner, Standard

__all__ = [
    "CHANGED", "NAMES", "Beside", "beside", "check_standard", "cleaner", "is_standard", "learned", "learns", "load", "load_pandera_schema", "pandera_schema",
    "read_values", "same_word", "standard_name", "suggested", "without",
]  # fmt: skip

NAMES = tuple(sorted(path.stem for path in Path(__file__).parent.glob("[!_]*.py")))
"""The standards there are, found without importing one."""

CHANGED = declare_code("standard.changed", Message("written in the standard form"))
WITHHELD = Flag(
    declare_code(
        "standard.withheld", Message("a likely change was left to people: this column takes only certain ones")
    )
)


WITHHELD_REQUIRED = Flag(WITHHELD.code, "error")
"""A row needs its required values in standard form: until people decide, this one is unusable."""


@cache
def load(name: str) -> Standard:
    """Return the standard called `name`.

    Raises:
        ConfigurationError: there is none (`standard.unknown`).
    """
    if name not in NAMES:
        raise ConfigurationError(
            "standard.unknown", Message("no standard is called '{name}'", name=name), "",
            nearest(name, NAMES) or Message("known are: {words}", words=", ".join(NAMES)),
        )  # fmt: skip
    standard: Standard = import_module(f"crmmigrate.standards.{name}").STANDARD
    for code, title in standard.codes.items():
        declare_code(code, title)
    return standard


def standard_name(column: ColumnStandard) -> str:
    """Return the standard a column is cleaned by: `enum` where it only has values, `text` where it has nothing."""
    return column.standard or ("text" if column.values is None else "enum")


def cleaner(column: ColumnStandard, folder: Path | None = None, told: Mapping[str, str] | None = None) -> Cleaner:
    """Return the pure function from a cell's raw text to its standard form.

    Args:
        column: what the column must look like; its `values` and `options` go to the standard, its `apply` says which
            changes are made.
        folder: where the paths of lists of values and of other tables start.
        told: what other columns of the row say, as `Beside` does.

    Raises:
        ConfigurationError: an unknown standard or option, or a list of values that can't be read.
    """
    standard = load(standard_name(column))
    _check_options(standard, column)
    options = {**column.options, **(told or {})}
    if column.values is not None:
        options["values"] = read_values(column.values, folder)
    options |= {name: str((folder or Path()) / str(options[name])) for name in standard.paths if options.get(name)}
    try:
        clean = standard.make(**options)
    except (TypeError, ValueError) as error:
        raise ConfigurationError(
            "standard.option-value",
            Message("the options of standard '{name}' don't fit: {why}", name=standard.name, why=error),
        ) from error
    if column.apply == "likely":
        return clean
    return _only_certain(clean, WITHHELD_REQUIRED if column.required else WITHHELD)


def same_word(text: str) -> str:
    """Return a key that the spellings of one word share: width, case, blanks and traditional characters make no difference."""
    from crmmigrate.standards._fold import simplified

    return folded_word(simplified(text))


def is_standard(cleaned: Cleaned, raw: str) -> bool:
    """Whether `raw`, to which `cleaned` is the answer, is in standard form: nothing was changed, and no change withheld."""
    return cleaned.value == raw and all(flag.code != WITHHELD.code for flag in cleaned.flags)


def _only_certain(clean: Cleaner, withheld: Flag) -> Cleaner:
    def careful(raw: str) -> Cleaned:
        """Return what is certain; what is only likely becomes a suggestion."""
        cleaned = clean(raw)
        if cleaned.confidence != "likely" or cleaned.value == raw:
            return cleaned
        candidates = (cleaned.value,) if cleaned.value is not None else ()
        return Cleaned(raw, (*cleaned.flags, withheld), "suggested", candidates=candidates)

    return careful


def learned(column: ColumnStandard, values: Iterable[str]) -> dict[str, Any]:
    """Return the options that the distinct raw values of a column prove and that were not given.

    Raises:
        ConfigurationError: an unknown standard.
    """
    learn = load(standard_name(column)).learn
    found = {} if learn is None else learn(values)
    return {option: value for option, value in found.items() if option not in column.options}


def learns(column: ColumnStandard) -> bool:
    """Whether the column's standard looks at the whole column first."""
    return load(standard_name(column)).learn is not None


def beside(column: ColumnStandard, folder: Path | None = None) -> Beside | None:
    """Return what reads a column's cells with the help of other columns of their rows; None where none is named."""
    for option, (argument, tell) in load(standard_name(column)).beside.items():
        named = column.options.get(option)
        if named:
            others = (named,) if isinstance(named, str) else tuple(map(str, named))

            def make(said: str, argument: str = argument) -> Cleaner:
                return cleaner(column, folder, {argument: said} if said else None)

            return Beside(others, tell, make)
    return None


def suggested(column: ColumnStandard, value: str) -> Mapping[str, str]:
    """Return the parts that a value in standard form only makes probable."""
    suggest = load(standard_name(column)).suggest
    return suggest(value) if suggest is not None else {}


def _check_options(standard: Standard, column: ColumnStandard) -> None:
    given = [*column.options, *(["values"] if column.values is not None else [])]
    for name in given:
        if name not in standard.options:
            raise _unknown_option(standard, name)


def _unknown_option(standard: Standard, name: str) -> ConfigurationError:
    known = [option for option in standard.options if option != "values"] + [
        "required", "unique", "parts", "values", "max_length", "apply",
    ]  # fmt: skip
    return ConfigurationError(
        "standard.unknown-option",
        Message("the standard '{standard}' has no option '{name}'", standard=standard.name, name=name), "",
        nearest(name, known) or Message("known are: {words}", words=", ".join(known)),
    )  # fmt: skip


def read_values(values: Any, folder: Path | None = None) -> dict[str, str]:
    """Return each allowed word or synonym with the value it stands for.

    Args:
        values: a list of values; names with their synonyms, `{制造业: 制造|生产}`; or the path of a CSV with the columns
            `value` and `synonyms` (separated by `|`).
        folder: where the path starts.

    Raises:
        ConfigurationError: the file can't be read or has no column `value`.
    """
    if isinstance(values, str):
        return _values_of_file(Path(folder or ".") / values)
    if isinstance(values, list):
        return {str(value): str(value) for value in values}
    return _with_synonyms({str(value): str(words or "") for value, words in values.items()})


def _with_synonyms(synonyms: dict[str, str]) -> dict[str, str]:
    words = {value: value for value in synonyms}
    for value, others in synonyms.items():
        for other in others.split("|"):
            if other.strip():
                words.setdefault(other.strip(), value)
    return words


def _values_of_file(path: Path) -> dict[str, str]:
    import csv

    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ConfigurationError(
            "standard.values-unreadable", Message("the list of values cannot be read: {why}", why=type(error).__name__),
            str(path), Message("give a CSV in UTF-8 with the columns value and synonyms"),
        ) from error  # fmt: skip
    if not rows or "value" not in rows[0]:
        raise ConfigurationError(
            "standard.values-empty", Message("the list of values has no column 'value' or no rows"), str(path),
            Message("give a CSV in UTF-8 with the columns value and synonyms"),
        )  # fmt: skip
    return _with_synonyms({row["value"]: row.get("synonyms") or "" for row in rows if row["value"]})


def check_standard(path: Path) -> DataStandard:
    """Read a data standard and check that every standard, option, list of values and part in it exists.

    Raises:
        LocationError: the file can't be read.
        Findings: everything wrong in it, each with file, line and column.
    """
    return read_data_standard(path, _check)


def _check(document: Document, data: DataStandard) -> None:
    for object_name, spec in data.objects.items():
        for column_name, column in spec.columns.items():
            at = ("objects", object_name, "columns", column_name)
            try:
                standard = load(standard_name(column))
            except ConfigurationError as error:
                document.report(error.code, error.message, (*at, "standard"), error.hint)
                continue
            before = len(document.errors)
            for option in column.options:
                if option not in standard.options:
                    unknown = _unknown_option(standard, option)
                    document.report(unknown.code, unknown.message, (*at, "options", option), unknown.hint)
            if len(document.errors) == before:
                try:
                    cleaner(column, data.folder)
                except ConfigurationError as error:
                    document.report(
                        error.code, error.message, (*at, "values" if column.values is not None else ""), error.hint
                    )
