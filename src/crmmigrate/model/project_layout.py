"""Where on a sheet a table lies, as a migration.yaml says it, where the program found it elsewhere."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crmmigrate.messages import Message

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from crmmigrate.model.document import Document


_ROWS = re.compile(r"\s*([1-9]\d{0,6})\s*(:\s*([1-9]\d{0,6})?)?\s*\Z")
_COLUMNS = re.compile(r"\s*[A-Z]{1,3}(\s*:\s*[A-Z]{1,3})?(\s*,\s*[A-Z]{1,3}(\s*:\s*[A-Z]{1,3})?)*\s*\Z")


@dataclass(frozen=True)
class RegionSpec:
    """Where a table is on its sheet or in its text file, where the program found it elsewhere.

    Rows and columns are named as Excel shows them; in text files a record counts as a row.

    Args:
        header: numbers of the header rows; 0 or an empty list where there is none; found where it is not given.
        columns: `A:K`, or several parts (`A:C,F`); found where it is not given.
        rows: the first and the last row of the table without its header, `5:480`; `5:` to the end.
        drop: rows in it that are no rows of the table: `17`, `200:210`.
    """

    header: tuple[int, ...] | None = None
    columns: str = ""
    rows: str = ""
    drop: tuple[str, ...] = ()


def check_layouts(document: Document, layouts: Mapping[str, Mapping[str, Sequence[RegionSpec]]]) -> None:
    """Report what makes no sense in the `layout` of sources (name → pattern of tables → regions) of a migration.yaml."""
    for name, layout in layouts.items():
        for pattern, regions in layout.items():
            for index, region in enumerate(regions):
                _check_region(document, region, ("sources", name, "layout", pattern, index))


def _check_region(document: Document, region: RegionSpec, path: tuple[str | int, ...]) -> None:
    header = region.header or ()
    regular = header in ((), (0,)) or (header[0] > 0 and header == tuple(range(header[0], header[0] + len(header))))
    if not regular:
        document.report(
            "project.layout", Message("header rows follow each other, from the top"), (*path, "header"),
            Message("for example: {names}", names="2, [3, 4], 0"),
        )  # fmt: skip
    if region.columns and not _COLUMNS.match(region.columns):
        document.report(
            "project.layout", Message("columns are named by their letters"), (*path, "columns"),
            Message("for example: {names}", names='"A:K", "A:C,F"'),
        )  # fmt: skip
    for text, place in [(region.rows, "rows"), *((text, "drop") for text in region.drop)]:
        found = _ROWS.match(text)
        backwards = found and found[3] and int(found[3]) < int(found[1])
        single = found and place == "rows" and not found[2]
        if (text and not found) or backwards or single:
            document.report(
                "project.layout", Message("rows are named by the number of the first and the last one"), (*path, place),
                Message("for example: {names}", names='"5:480", "5:"'),
            )  # fmt: skip
