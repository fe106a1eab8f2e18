"""The standard of one kind of value (a file in `standards/`), and the data standard of a project (standard.yaml)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from crmmigrate.errors import ConfigurationError
from crmmigrate.messages import Message
from crmmigrate.model.document import Document, nearest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    Cleaner = Callable[[str], "Cleaned"]
    Learner = Callable[[Iterable[str]], Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Flag:
    """What a standard says about one value: a change it made, or a doubt.

    Args:
        code: an issue code, e.g. `phone.not-mobile`.
        severity: `info` for a change that is right, `warning` to look at, `error` where the value is unusable.
        kind: MAP, FMT or LOGIC.
    """

    code: str
    severity: Literal["info", "warning", "error"] = "warning"
    kind: Literal["MAP", "FMT", "LOGIC"] = "FMT"


FATES = ("right", "mended", "emptied", "doubtful", "unusable")
"""What becomes of a filled cell: right as it is; mended; emptied, because it says nothing; kept though doubtful; kept though unusable."""

_NO_PARTS: Mapping[str, str] = {}


class Cleaned(NamedTuple):
    """The answer of a standard to one cell; a tuple, because one is made for every distinct value, and a frozen dataclass takes three times as long.

    Args:
        value: the standard form; None where the cell says "nothing" (无, -, N/A); the raw text where it can't be mended.
        flags: what was changed or is doubtful; empty where the value was already right.
        confidence: `certain`, `likely`, or `suggested`. Only the first two are applied; a suggestion leaves `value` raw.
        parts: named parts of the value (`{"省": "浙江省", "市": "杭州市"}`), for columns that ask for them.
        candidates: possible values where it is not certain which.
    """

    value: str | None
    flags: tuple[Flag, ...] = ()
    confidence: Literal["certain", "likely", "suggested"] = "certain"
    parts: Mapping[str, str] = _NO_PARTS
    candidates: tuple[str, ...] = ()

    @property
    def usable(self) -> bool:
        """Whether the value may be loaded: no flag is an error."""
        return not any(flag.severity == "error" for flag in self.flags)


@dataclass(frozen=True)
class Standard:
    """The standard of one kind of value.

    Args:
        name: its name in YAML, on the command line and in the docs: the module's name.
        make: called with the column's options (`region="CN"`), returns a pure function from raw text to `Cleaned`.
        options: the option names that `make` takes.
        title: for people.
        codes: the issue codes it may use, with their titles.
        learn: called with the distinct raw values of a whole column, returns the options that they prove (the order of
            day and month); options that are given are never overruled.
        suggest: called with a value in standard form, returns parts that it only makes probable (省 and 市 of a telephone
            number). They fill nothing: the stage fill proposes them to people for the columns that `parts` names.
        paths: options that are paths of files, which start where the data standard lies.
        beside: an option that names other columns of the row → the argument of `make` that they give, and the function from such a column's
            value to it; empty where it gives nothing (`area_from: 城市` gives a telephone number the area code of its row's city).
    """

    name: str
    make: Callable[..., Cleaner]
    title: Message
    options: tuple[str, ...] = ()
    codes: Mapping[str, Message] = field(default_factory=dict)
    learn: Learner | None = None
    suggest: Callable[[str], Mapping[str, str]] | None = None
    paths: tuple[str, ...] = ()
    beside: Mapping[str, tuple[str, Callable[[str], str]]] = field(default_factory=dict)


@dataclass(frozen=True)
class ColumnStandard:
    """What one column must look like.

    Args:
        standard: a name in `standards/`; `text` where none is given.
        required: a row whose value is missing or unusable is rejected by validate.
        wanted: an empty cell goes to the worksheet for filling in, as that of a required column does.
        unique: no two records may share the value.
        parts: name of a part → the column it fills where that is empty, or for which it is only suggested (a telephone number's
            省); a list means columns of the same names.
        values: for picklists: a list; values with their synonyms, `{制造业: 制造|生产}`; or the path of a CSV of `value,synonyms`.
        apply: the least confidence of a change that is made without asking; `certain` leaves likely ones to people; until they decide, the value
            is not in standard form, and in a required column unusable.
        options: whatever else is given goes to the standard, e.g. `region: CN`.
    """

    standard: str = ""
    required: bool = False
    wanted: bool = False
    unique: bool = False
    parts: dict[str, str] = field(default_factory=dict)
    values: str | list[str] | dict[str, str] | None = None
    max_length: int | None = None
    apply: Literal["certain", "likely"] = "likely"
    options: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Reference:
    """A table that fills gaps, joined by the first key that finds exactly one row.

    Args:
        table: the reference table, e.g. `registry.工商登记`.
        by: own column → column of the reference, tried in order.
        columns: own column → column of the reference that fills it where it is empty.
    """

    table: str
    by: list[dict[str, str]]
    columns: dict[str, str]


@dataclass(frozen=True)
class ObjectStandard:
    """The columns of one business object (account, contact, …).

    Args:
        key: the column that names a record in its source; empty where there is none.
        owner: the column that names who answers for a record; children have their parent's, others their source's owner.
        known_by: the columns by which people recognise a record; by default the key and the first required ones.
        columns: by column name.
        fill: reference joins, in order.
    """

    key: str = ""
    owner: str = ""
    known_by: tuple[str, ...] = ()
    columns: dict[str, ColumnStandard] = field(default_factory=dict)
    fill: list[Reference] = field(default_factory=list)


@dataclass(frozen=True)
class DataStandard:
    """A standard.yaml. `folder` is where relative paths in it start."""

    version: int
    objects: dict[str, ObjectStandard]
    folder: Any = None


def read_data_standard(path: Path, check: Callable[[Document, DataStandard], None] | None = None) -> DataStandard:
    """Read a data standard; column options that are not keys of `ColumnStandard` go to the value standard.

    Args:
        path: a standard.yaml.
        check: reports more mistakes to the document, so that all are raised together; `standards.check_standard`
            checks the names of standards and of their options this way.

    Raises:
        Findings: unknown keys and wrong types, each with its place.
    """
    document = Document.load(path)
    _gather_options(document)
    standard = document.read(DataStandard)
    if check is not None and not document.errors:
        check(document, standard)
    document.check()
    return standard


def object_standards(data: DataStandard, tables: list[str], asked: str | None) -> dict[str, ObjectStandard]:
    """Return the standard of each table by name; a single table with no object of its name takes the only one, or the one asked for.

    Raises:
        ConfigurationError: the object asked for is unknown, or a single table matches none of several.
    """
    if asked is not None and asked not in data.objects:
        raise ConfigurationError(
            "standard.unknown-object", Message("the standard has no object '{name}'", name=asked), "--object",
            nearest(asked, data.objects) or Message("known are: {words}", words=", ".join(data.objects)),
        )  # fmt: skip
    if asked is not None and len(tables) == 1:
        return {tables[0]: data.objects[asked]}
    found = {name: data.objects[name] for name in tables if name in data.objects and asked in (None, name)}
    if found or len(tables) != 1:
        return found
    if len(data.objects) == 1:
        return {tables[0]: next(iter(data.objects.values()))}
    raise ConfigurationError(
        "standard.which-object", Message("the standard has several objects; which one is '{table}'?", table=tables[0]), "",
        Message("give --object with one of: {words}", words=", ".join(data.objects)),
    )  # fmt: skip


def _gather_options(document: Document) -> None:
    """Move what is not a key of `ColumnStandard` into its `options`, and turn `parts: [省]` into `{省: 省}`."""
    from dataclasses import fields

    known = {f.name for f in fields(ColumnStandard)}
    objects = document.value.get("objects") if isinstance(document.value, dict) else None
    for name, spec in (objects or {}).items():
        for column, rules in ((spec or {}).get("columns") or {}).items():
            if not isinstance(rules, dict):
                continue
            parts = rules.get("parts")
            if isinstance(parts, list):
                rules["parts"] = {str(part): str(part) for part in parts}
            extra = {key: rules.pop(key) for key in list(rules) if key not in known}
            if extra:
                rules["options"] = extra
                for key in extra:
                    at = ("objects", name, "columns", column)
                    document.marks[(*at, "options", key)] = document.marks[(*at, key, "@key")]
