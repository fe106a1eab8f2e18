"""Read back the workbooks that people filled in: by their headers in either language, so that they may sort, filter and hide."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, time
from typing import TYPE_CHECKING

from crmmigrate.errors import ConfigurationError, Findings, LocationError
from crmmigrate.messages import LANGUAGES, Message
from crmmigrate.model.system_words import os_reason
from crmmigrate.reports.seal import BATCH, seal, titles_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
    from pathlib import Path
    from typing import Any


ROLE, FULL_NAME, AGREED = Message("Role"), Message("Full name"), Message("Agreed (yes / no)")
"""Headers of the sheet for signatures."""
YES, NO = Message("yes"), Message("no")
KEEP, REMOVE = Message("keep"), Message("take out")
"""Words that people choose from in more than one workbook."""


@dataclass(frozen=True)
class Line:
    """One row of a workbook that came back.

    Args:
        place: `book.xlsx!sheet!12`.
        cells: meaning of the column → text without blanks around it; empty where the cell or the column is.
        rest: header → text of the columns without a meaning, where they were asked for.
        code: what the codes of errors about it begin with.
    """

    place: str
    cells: Mapping[str, str]
    rest: Mapping[str, str] = field(default_factory=dict)
    code: str = ""

    def __getitem__(self, name: str) -> str:
        return self.cells.get(name, "")

    def word(self, name: str, words: Mapping[Message, str]) -> str:
        """Return what a chosen word stands for, in either language; empty where nothing was chosen.

        Raises:
            ConfigurationError: `<code>.word`: it is none of `words`.
        """
        cell = self[name].casefold()
        known = {message.text(language).casefold(): word for message, word in words.items() for language in LANGUAGES}
        if cell and cell not in known:
            raise ConfigurationError(
                f"{self.code}.word", Message("'{word}' is not allowed here", word=self[name]), self.place,
                Message("one of: {words}", words=", ".join(message.text() for message in words)),
            )  # fmt: skip
        return known.get(cell, "")

    def hidden(self, name: str, anew: Message) -> Any:
        """Return what was hidden in the row when the workbook was made.

        Args:
            name: of the column.
            anew: what to do where it is damaged.

        Raises:
            ConfigurationError: `<code>.key-damaged`.
        """
        import json

        try:
            return json.loads(self[name])
        except ValueError as error:
            raise ConfigurationError(
                f"{self.code}.key-damaged", Message("the hidden keys of this row are damaged"), self.place, anew
            ) from error


def read_back(  # noqa: PLR0913
    path: Path,
    columns: Mapping[str, Message | str],
    needed: Collection[str],
    *,
    code: str,
    made_by: Message,
    rest: bool = False,
    blanks: bool = False,
    altered: list[ConfigurationError] | None = None,
) -> Iterator[Line]:
    """Yield the rows of every sheet that has the needed columns; rows without a text are left out.

    A row that shows something else than was handed out, in a column that nobody was asked to write into, is not yielded but
    told in `altered`. Rows that people added have no hidden cells, and are yielded.

    Args:
        path: the .xlsx file.
        columns: meaning → header.
        needed: the meanings without which a sheet is none of ours.
        code: what the codes of the errors begin with.
        made_by: what to do where this is another workbook.
        rest: whether the other columns are wanted too.
        blanks: whether these keep the blanks around their texts.
        altered: takes the errors `<code>.altered`; None where the rows have no seal (`Sheet.batch`).

    Raises:
        LocationError: the file cannot be read.
        ConfigurationError: `<code>.not-a-workbook`; `<code>.no-sheet` where no sheet is one of ours; `<code>.altered` where the
            seals of a sheet are gone.
    """
    found = False
    for title, rows in _sheets(path, code):
        header = next(rows, ())
        at = _positions(header, columns)
        if set(needed) <= set(at):
            found = True
            heads = [_text(head) for head in header]
            check = None if altered is None else _Seals(heads, f"{path.name}!{title}", code, made_by)
            for number, row in enumerate(rows, start=2):
                if check and altered is not None and (error := check.of(row, number)):
                    altered.append(error)
                    continue
                cells = {name: _text(row[index]) for name, index in at.items() if index < len(row)}
                others = (
                    {
                        _text(head): _whole(value) if blanks else _text(value)
                        for head, value in zip(header, row, strict=False)
                    }
                    if rest
                    else {}
                )
                if any(cells.values()):
                    yield Line(f"{path.name}!{title}!{number}", cells, others, code)
    if not found:
        raise ConfigurationError(
            f"{code}.no-sheet", Message("no sheet of this workbook has the columns that are expected"), str(path), made_by,
        )  # fmt: skip


class _Seals:
    """Holds the rows of a sheet against what was handed out.

    Raises:
        ConfigurationError: `<code>.altered`: the hidden columns are gone, or one of those that the seal is over.
    """

    def __init__(self, headers: list[str], sheet: str, code: str, made_by: Message) -> None:
        self._sheet, self._code, self._made_by = sheet, code, made_by
        head = next((index for index, text in enumerate(headers) if titles_of(text) is not None), -1)
        titles = titles_of(headers[head]) if head >= 0 else None
        if titles is None or BATCH not in headers:
            raise self._error(sheet, Message("its hidden columns are gone"))
        if gone := [title for title in titles if headers.count(title) != 1]:
            raise self._error(sheet, Message("the column '{column}' is gone or stands there twice", column=gone[0]))
        self._at = [headers.index(BATCH), *map(headers.index, titles)]
        self._seal = head
        self._keys = [index for index, text in enumerate(headers) if text.startswith("_")]

    def of(self, row: Sequence[Any], number: int) -> ConfigurationError | None:
        """Return what is wrong with a row; None where it is as it was handed out, or was added."""
        cells = (*row, *(None,) * (max(self._keys) + 1 - len(row)))
        if not any(_text(cells[index]) for index in self._keys):
            return None
        place = f"{self._sheet}!{number}"
        if not _text(cells[self._seal]):
            return self._error(place, Message("the hidden keys of this row are gone"))
        if _text(cells[self._seal]) != seal([cells[index] if index < len(cells) else None for index in self._at]):
            return self._error(place, Message("this row shows something else than was handed out"))
        return None

    def _error(self, place: str, why: Message) -> ConfigurationError:
        return ConfigurationError(
            f"{self._code}.altered", Message("the workbook was altered: {why}", why=why), place, self._made_by
        )


def signed_by(path: Path, code: str) -> str:
    """Return whose name stands on the sheet for signatures; empty where there is none, or more than one.

    Raises:
        LocationError: the workbook cannot be read.
    """
    names = signers(path, code)
    return names.pop() if len(names) == 1 else ""


def signers(path: Path, code: str) -> set[str]:
    """Return all names that stand on the sheet for signatures.

    Raises:
        LocationError: the workbook cannot be read.
    """
    names = set()
    for _, rows in _sheets(path, code):
        at = _positions(next(rows, ()), {"role": ROLE, "by": FULL_NAME, "agreed": AGREED})
        if len(at) == 3:
            names |= {_text(row[at["by"]]) for row in rows if at["by"] < len(row)}
    names.discard("")
    return names


def or_unreadable(read: Callable[[], bool]) -> bool:
    """Return what `read` says of a workbook: whether it holds what stands nowhere else. One that cannot be read is taken to."""
    try:
        return read()
    except (Findings, ConfigurationError, LocationError):
        return True


def _sheets(path: Path, code: str) -> Iterator[tuple[str, Iterator[tuple[Any, ...]]]]:
    """Yield the sheets with their rows, a row at a time: a workbook of thousands of groups must not fill the memory.

    Raises:
        LocationError: the file cannot be read.
        ConfigurationError: it is no workbook, or a damaged one.
    """
    from openpyxl import load_workbook

    with _said(path, code):
        book = load_workbook(path, data_only=True, read_only=True)
    try:
        for sheet in book.worksheets:
            sheet.reset_dimensions()  # some programs write wrong ones, and cells beyond them would be passed over
            yield sheet.title, _rows(sheet, path, code)
    finally:
        book.close()


def _rows(sheet: Any, path: Path, code: str) -> Iterator[tuple[Any, ...]]:
    with _said(path, code):
        yield from sheet.iter_rows(values_only=True)


@contextmanager
def _said(path: Path, code: str) -> Iterator[None]:
    """Turn what goes wrong with a workbook into an error for people."""
    import zipfile
    import zlib
    from xml.etree.ElementTree import ParseError

    from openpyxl.utils.exceptions import InvalidFileException

    try:
        yield
    except OSError as error:
        raise LocationError(
            "file.unreadable", Message("the file cannot be read: {why}", why=os_reason(error)), str(path)
        ) from error
    except (ValueError, KeyError, EOFError, ParseError, zlib.error, zipfile.BadZipFile, InvalidFileException) as error:
        hint = Message("save it as .xlsx and try again")
        if path.name.startswith("~$"):  # what Excel and WPS leave beside a workbook for as long as it is open
            hint = Message("{name} is open: save and close it there, then try again", name=path.name.removeprefix("~$"))
        raise ConfigurationError(
            f"{code}.not-a-workbook", Message("this is no .xlsx workbook"), str(path), hint
        ) from error


def _positions(header: Sequence[Any], columns: Mapping[str, Message | str]) -> dict[str, int]:
    titles = [_text(title) for title in header]
    at: dict[str, int] = {}
    for name, titled in columns.items():
        words = {titled.text(language) for language in LANGUAGES} if isinstance(titled, Message) else {titled}
        position = next((index for index, title in enumerate(titles) if title in words), None)
        if position is not None:
            at[name] = position
    return at


def _text(value: Any) -> str:
    """Return a cell as text without blanks around it."""
    return _whole(value).strip()


def _whole(value: Any) -> str:
    """Return a cell as text: a date that Excel made of what somebody typed as an ISO date, whole numbers without a point."""
    if isinstance(value, datetime):
        value = value.date() if value.time() == time() else value.isoformat(timespec="seconds")
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return "" if value is None else str(value)
