"""How many files of public labelled sets of text files are read right, beside others in the same run.

    python benchmarks/public_text.py pollock FOLDER     # github.com/HPI-Information-Systems/Pollock: with polluted_files/
    python benchmarks/public_text.py delimiters FOLDER  # github.com/ws-garcia/CSVsniffer: CSV, W3C-CSVW, CSV_Wrangling
    python benchmarks/public_text.py vcards FOLDER      # github.com/mangstadt/ez-vcard: src/test, with the tests beside the cards

`--half even` or `--half odd` takes every second file, so that rules made on one half can be confirmed on the other;
`--show` names the files that are not right. The sets are fetched by whoever runs this; they are no part of the project.

pollock: a file is exact where the names of the header are the set's (a placeholder for an empty name counts as empty) and
each record's text is, in order. As in Pollock's own measure the cells of a record are joined for that: where a delimiter was
taken out of a file, nobody can tell where it stood. F1 of cells is given beside it.
"""

from __future__ import annotations

import argparse
import csv
import json
import re
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

from crmmigrate.errors import CrmMigrateError
from crmmigrate.model.location import Location
from crmmigrate.model.source import SourceTable
from crmmigrate.sources import read_location

Rows = list[list[str]]
WORDS = {
    "comma": ",", "semicolon": ";", "tab": "\t", "vslash": "|", "space": " ", "nsign": "#", "doublequote": '"',
    "singlequote": "'",
}  # fmt: skip
SETS = (
    ("Pollock", "Dialect_annotations.txt", "CSV"),
    ("W3C", "W3C-CSVW-Dialect_annotations.txt", "W3C-CSVW"),
    ("Wrangling", "CSV_Wrangling/data/github/Manual_Dialect_Annotation.txt", "CSV_Wrangling/data/github/Curated files"),
)


def halved(items: list, half: str) -> list:
    """Return all items, or every second one."""
    return items if half == "all" else items[half == "odd" :: 2]


# Pollock


def ours(path: Path, _: dict) -> Rows:
    """Read with crmmigrate; the header is the first row where the file has one."""
    try:
        table: SourceTable = next(read_location(Location(str(path))))
    except CrmMigrateError as error:
        if error.code in ("file.empty", "source.empty"):
            return []
        raise
    rows: Rows = []
    for frame in table.batches():
        cells = frame[list(table.columns)].astype(object)
        rows += cells.where(cells.notna(), "").to_numpy().tolist()
    names = [re.sub(r"^列[A-Z]+$", "", name).replace("/", " ") for name in table.columns]
    names = [re.sub(r" \(\d+\)$", "", name) for name in names]
    return [names, *rows] if table.facts["header"] else rows


def with_csv(path: Path, said: dict) -> Rows:
    """Read with Python's csv, told the file's dialect by the set."""
    with path.open(encoding=said["encoding"] or "utf-8", newline="") as file:
        escape = said["escapechar"] if said["escapechar"] not in ("", said["quotechar"]) else None
        options = {
            "delimiter": (said["delimiter"] or ",")[0],
            "quotechar": said["quotechar"] or '"',
            "escapechar": escape,
        }
        rows = list(csv.reader(file, skipinitialspace=len(said["delimiter"]) > 1, **options))
    return [row for row in rows if row]


def with_pandas(path: Path, said: dict) -> Rows:
    """Read with pandas, told the file's dialect by the set; lines that do not fit are skipped."""
    import pandas as pd

    quote = said["quotechar"] or '"'
    frame = pd.read_csv(
        path, sep=said["delimiter"] or ",", quotechar=quote, header=None, dtype=str, keep_default_na=False,
        engine="python", on_bad_lines="skip", encoding=said["encoding"] or "utf-8",
    )  # fmt: skip
    return frame.fillna("").to_numpy().tolist()


def with_duckdb(path: Path, _: dict) -> Rows:
    """Read with DuckDB, which finds out the dialect and forgives what does not fit."""
    import duckdb

    question = "SELECT * FROM read_csv(?, all_varchar = true, null_padding = true{more})"
    try:
        relation = duckdb.sql(question.format(more=""), params=[str(path)])
    except duckdb.Error:
        relation = duckdb.sql(question.format(more=", strict_mode = false, ignore_errors = true"), params=[str(path)])
    return [list(relation.columns), *([cell or "" for cell in row] for row in relation.fetchall())]


def pollock(folder: Path, half: str, *, show: bool) -> None:
    """Score the readers on Pollock's polluted files."""
    folder = folder / "polluted_files" if (folder / "polluted_files").exists() else folder
    files = halved(sorted((folder / "csv").glob("*.csv")), half)
    for name, read in (
        ("crmmigrate", ours),
        ("csv, told", with_csv),
        ("pandas, told", with_pandas),
        ("DuckDB", with_duckdb),
    ):
        exact, cells_f1 = 0, 0.0
        kinds: Counter[str] = Counter()
        begun = time.process_time()
        for path in files:
            said = json.loads((folder / "parameters" / f"{path.name}_parameters.json").read_text())
            with (folder / "clean" / path.name).open(encoding="utf-8-sig", newline="") as file:
                clean = list(csv.reader(file))
            try:
                rows = read(path, said)
            except Exception as error:  # noqa: BLE001 -- whatever a reader stumbles over counts as wrong
                rows = [["", type(error).__name__]]
            right = is_exact(clean, rows)
            exact += right
            cells_f1 += f1(clean, rows)
            if not right:
                kinds[re.sub(r"\d+", "N", path.stem) if path.stem.startswith("row") else path.stem] += 1
                if show and name == "crmmigrate":
                    print("  not exact:", path.name)
        spent = time.process_time() - begun
        share, mean = exact / len(files), cells_f1 / len(files)
        print(f"{name:<14} exact {exact} of {len(files)} = {share:.3f}, F1 of cells {mean:.3f}, {spent:.0f} s")
        print("   not exact:", dict(kinds.most_common(12)))


def is_exact(clean: Rows, rows: Rows) -> bool:
    """Whether header and records are those of the clean file."""
    if not clean or not rows:
        return not clean and not rows
    header = [" ".join(name.split()) for name in rows[0] if name]
    texts = ["".join(row).strip() for row in rows[1:]]
    return header == [" ".join(name.split()) for name in clean[0] if name] and texts == [
        "".join(row).strip() for row in clean[1:]
    ]


def f1(clean: Rows, rows: Rows) -> float:
    """Return how far the cells that are not empty are the same."""
    wanted, found = (Counter(cell for row in table for cell in row if cell) for table in (clean, rows))
    total = wanted.total() + found.total()
    return 2 * (wanted & found).total() / total if total else 1.0


# Delimiters


def delimiter_by_us(path: Path) -> tuple[str, str]:
    """Return delimiter and quotation mark as crmmigrate finds them."""
    table = next(read_location(Location(str(path))))
    return table.facts["delimiter"], table.facts["quote"]


def delimiter_by_sniffer(path: Path) -> tuple[str, str]:
    """Return those of Python's Sniffer."""
    found = csv.Sniffer().sniff(path.read_bytes().decode("utf-8", "replace")[:65536])
    return found.delimiter, found.quotechar or ""


def delimiter_by_duckdb(path: Path) -> tuple[str, str]:
    """Return those of DuckDB's sniffer, told to forgive."""
    import duckdb

    question = (
        "SELECT Delimiter, Quote FROM sniff_csv(?, strict_mode = false, ignore_errors = true, null_padding = true)"
    )
    return duckdb.execute(question, [str(path)]).fetchone()


def labelled(folder: Path) -> Iterator[tuple[str, Path, str, str]]:
    """Yield set, path, delimiter and quotation mark of each file that is there."""
    for name, list_name, inside in SETS:
        for line in (folder / list_name).read_text(encoding="utf-8", errors="replace").splitlines()[2:]:
            file, _, delimiter, quote, *_ = line.split("|")
            if (folder / inside / file).exists():
                yield name, folder / inside / file, WORDS[delimiter], WORDS.get(quote, "")


def delimiters(folder: Path, half: str, *, show: bool) -> None:
    """Score the sniffers on CSVsniffer's sets."""
    files = halved(list(labelled(folder)), half)
    ways: dict[str, Callable[[Path], tuple[str, str]]] = {
        "crmmigrate": delimiter_by_us, "csv.Sniffer": delimiter_by_sniffer, "DuckDB": delimiter_by_duckdb,
    }  # fmt: skip
    for name, sniff in ways.items():
        right: Counter[str] = Counter()
        quotes = 0
        begun = time.process_time()
        for group, path, delimiter, quote in files:
            try:
                found = sniff(path)
            except Exception as error:  # noqa: BLE001 -- whatever a sniffer stumbles over counts as wrong
                found = ("", type(error).__name__)
            hit = found[0] == delimiter or found[0].strip(" ") == delimiter
            right[group] += hit
            quotes += hit and found[1] == quote
            if show and not hit and name == "crmmigrate":
                print(f"  {group}: {path.name}: {delimiter!r} is right, found {found}")
        spent = time.process_time() - begun
        print(
            f"{name:<12} {right.total()} of {len(files)} delimiters, {quotes} with the mark, {spent:.0f} s; {dict(right)}"
        )


# vCards

COLUMNS = {
    "family": ("FAMILY",), "given": ("GIVEN",), "FormattedName": ("FN",), "telephone": ("TEL", "TEL_CELL", "TEL_WORK", "TEL_HOME"),
    "email": ("EMAIL",), "Organization": ("ORG", "UNIT"), "Title": ("TITLE",), "Note": ("NOTE",), "Url": ("URL",),
}  # fmt: skip
_JAVA = re.compile(r'"((?:[^"\\]|\\.)*)"')


def expected(java: str) -> dict[str, list[list[tuple[str, str]]]]:
    """Return what the set's own tests expect: file → per card a list of property and value."""
    found: dict[str, list[list[tuple[str, str]]]] = {}
    for part in re.split(r'(?== read\(")', java)[1:]:
        name = _JAVA.search(part).group(1)
        cards = re.split(r"asserter\.next\(", part)[1:]
        found[name] = [list(_properties(card)) for card in cards]
    return found


def _properties(card: str) -> Iterator[tuple[str, str]]:
    for block in re.findall(r"asserter\.(\w+(?:\([\w.]*\)))(.*?)\.noMore\(\)", card, re.DOTALL):
        kind = re.sub(r"^\w+\((\w*)\.?.*", r"\1", block[0]) or re.sub(r"\W.*", "", block[0])
        for method, said in re.findall(r"\.(family|given|value|values|text)\((.*?)\)\s*(?=\.|$)", block[1], re.DOTALL):
            wanted = method if kind == "structuredName" else kind
            if wanted not in COLUMNS or "char" in said:
                continue
            parts = _JAVA.findall(said)
            texts = ["".join(parts)] if method != "values" or "+" in said else parts
            yield from ((wanted, json.loads(f'"{text}"', strict=False)) for text in texts)


def vcards(folder: Path, half: str, *, show: bool) -> None:
    """Count the files of which every expected name, telephone, address of mail, company, title, note and link is read."""
    tests = "".join(path.read_text(encoding="utf-8") for path in sorted(folder.rglob("SampleVCardsTest.java")))
    wanted = expected(tests)
    if not wanted:
        raise SystemExit(f"{folder} has no SampleVCardsTest.java, which says what is to be read")
    files = halved(sorted(folder.rglob("*.vcf")), half)
    right = 0
    for path in files:
        cards = cards_of(path)
        missing = [
            (kind, value)
            for number, card in enumerate(wanted.get(path.name, []))
            for kind, value in card
            if not holds(cards[number] if number < len(cards) else {}, kind, value)
        ]
        right += bool(cards) and not missing and len(cards) >= len(wanted.get(path.name, [1]))
        values = sum(map(len, wanted.get(path.name, [])))
        print(
            f"  {path.name}: {len(cards)} cards, {values} values expected, {len(missing)} missing",
            missing[:3] if show else "",
        )
    print(f"crmmigrate: {right} of {len(files)} files")


def cards_of(path: Path) -> list[dict[str, str]]:
    """Return the cells of each card."""
    try:
        table = next(read_location(Location(str(path))))
        frames = [frame[list(table.columns)].astype(object) for frame in table.batches()]
    except CrmMigrateError:
        return []
    return [row for frame in frames for row in frame.where(frame.notna(), "").to_dict("records")]


def holds(card: dict[str, str], kind: str, value: str) -> bool:
    """Whether a card has the value in a column of its kind; white space does not count: the tests name line ends by a constant."""
    text = "; ".join(card.get(column, "") for column in COLUMNS[kind])
    return "".join(value.split()) in "".join(text.split())


def main() -> None:
    """Run the part that is asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("part", choices=("pollock", "delimiters", "vcards"))
    parser.add_argument("folder", type=Path)
    parser.add_argument("--half", choices=("all", "even", "odd"), default="all")
    parser.add_argument("--show", action="store_true")
    asked = parser.parse_args()
    csv.field_size_limit(sys.maxsize)
    {"pollock": pollock, "delimiters": delimiters, "vcards": vcards}[asked.part](
        asked.folder, asked.half, show=asked.show
    )


if __name__ == "__main__":
    main()
