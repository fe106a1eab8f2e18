"""What a CRM takes as an import file: its published limits, with where and when they were read (`mappings/imports/*.yaml`)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from crmmigrate.messages import Message
from crmmigrate.model.document import Document

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class LimitSource:
    """Where limits were read: address, day, and what stands there in short; or a note on what does not stand there."""

    url: str = ""
    read_on: str = ""
    says: str = ""
    note: str = ""


@dataclass(frozen=True)
class ResultSpec:
    """How the CRM's result file is read.

    Args:
        key: the column with the CRM's own number of the record; empty where it gives none.
        failed: columns that say why a row was refused; a row in which all of them are empty was taken.
    """

    key: str = ""
    failed: tuple[str, ...] = ()


@dataclass(frozen=True)
class ImportProfile:
    """The limits of one kind of import file; 0 where none is published.

    Args:
        title: of the CRM.
        sources: of the limits.
        format: of the files.
        template_required: whether only the CRM's own template is taken.
        header_row: where the header has to stand; found in the template where it is 0.
        first_row: the first row of data; the one below the header where it is 0.
        max_rows: rows of data in a file.
        max_columns: columns of a file.
        max_bytes: size of a file.
        max_cell: characters of a cell.
        max_record_characters: characters of all cells of a row together.
        merged_cells: whether cells may be merged.
        digits_only: columns that hold digits and nothing else; separators and `+86` are taken off, anything else is refused.
        required: columns that may not be empty.
        unique: columns in which no value may come twice, over all files.
        result: how the answer is read.
    """

    version: int
    title: str
    sources: tuple[LimitSource, ...]
    format: Literal["xlsx", "csv"] = "xlsx"
    template_required: bool = False
    header_row: int = 0
    first_row: int = 0
    max_rows: int = 0
    max_columns: int = 0
    max_bytes: int = 0
    max_cell: int = 0
    max_record_characters: int = 0
    merged_cells: bool = True
    digits_only: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    unique: tuple[str, ...] = ()
    result: ResultSpec = field(default_factory=ResultSpec)


@dataclass(frozen=True)
class Layout:
    """Where an import template takes its values.

    Args:
        sheet: its name; empty for a file without a template.
        header_row: number of the header's row.
        first_row: of the first row of data.
        columns: name → number of the column, both from 1.
    """

    sheet: str
    header_row: int
    first_row: int
    columns: dict[str, int]


def read_profile(path: Path) -> ImportProfile:
    """Read a profile.

    Raises:
        LocationError: it cannot be read.
        Findings: everything wrong in it, a limit without a source included.
    """
    document = Document.load(path)
    profile = document.read(ImportProfile)
    if not document.errors and not any(source.url and source.read_on for source in profile.sources):
        document.report(
            "profile.no-source", Message("the limits have no source"), ("sources",),
            Message("say where they are published (url) and when that was read (read_on)"),
        )  # fmt: skip
    document.check()
    return profile
