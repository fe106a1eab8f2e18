"""`crmmigrate mapping lint` with all its options; `cli.lint` does the plain calls without click."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from crmmigrate.cli.drafts import write_text
from crmmigrate.cli.lint import FORMATS, Around, TableData, changeable, files_of, find, ordered, read_schema, show
from crmmigrate.cli.options import command_of
from crmmigrate.errors import CrmMigrateError
from crmmigrate.messages import Message
from crmmigrate.model.document import Document
from crmmigrate.model.lint_settings import settings_of
from crmmigrate.model.mapping import build_mapping

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crmmigrate.model.lint import Finding
    from crmmigrate.model.mapping import Mapping
    from crmmigrate.model.schema import TargetColumn, TargetSchema

_MOST_ROUNDS = 20
"""Mending one thing may show another; a file that is still not in order then stays as it is."""


def commands() -> list[click.Command]:
    """Return `mapping lint`."""
    params: list[click.Parameter] = [
        click.Argument(["paths"], nargs=-1, required=True, type=click.Path(path_type=Path)),
        click.Option(["--schema"], type=click.Path(path_type=Path),
                     help=Message("A description of the target's tables (schema.yaml) to check against.").text()),
        click.Option(["--data"], help=Message("Source data to try the mapping files on: a file, folder or database.").text()),
        click.Option(["--live"], help=Message("The target itself, to see whether it still is as its description says.").text()),
        click.Option(["--fix"], is_flag=True, help=Message("Mend in the files what can be mended for certain.").text()),
    ]  # fmt: skip
    return [command_of("lint", Message("Find mistakes in mapping files."), _lint, params,
                      "crmmigrate mapping lint mappings/ --schema schema.yaml", formats=FORMATS)]  # fmt: skip


def _lint(
    paths: tuple[Path, ...], schema: Path | None, data: str | None, live: str | None, fix: bool, work: Path | None,
    format_: str,
) -> int:  # fmt: skip
    files = files_of(paths)
    around = look_around(files, read_schema(schema), data, live, work)
    if fix:
        mended = mend(files, around)
        print(Message("{count} findings mended", count=mended).text(), file=sys.stderr)
    return show(ordered(find(files, around=around)), [str(file) for file in files], format_)


def look_around(
    files: Sequence[Path], schema: TargetSchema | None, data: str | None, live: str | None, work: Path | None
) -> Around:
    """Bring together what `--data` and `--live` are about; this reads them and takes the time that takes."""
    mappings = _readable(files) if data or live else []
    tables: dict[str, TableData] | None = None
    described = None
    if data:
        from crmmigrate.cli.workspaces import context_for
        from crmmigrate.model.location import Location
        from crmmigrate.runner.mapping_data import table_data

        with context_for(work) as context:
            found = table_data(mappings, _schemas(mappings, schema), Location.parse(data), context)
        tables = {name: TableData(columns, figures) for name, (columns, figures) in found.items()}
    if live:
        described = _live_tables(live, {mapping.target.table for mapping in mappings})
    return Around(schema, None, tables, described)


def _live_tables(live: str, names: set[str]) -> dict[str, dict[str, TargetColumn]]:
    """Return table → column → what the target says of it."""
    from crmmigrate.model.location import Location
    from crmmigrate.targets import APIS, open_connector, open_target
    from crmmigrate.targets.drift import described_tables

    location = Location.parse(live)
    if location.scheme in APIS:
        connector = open_connector(location)
        try:
            return {name: spec.columns for name, spec in connector.describe(sorted(names)).tables.items()}
        finally:
            connector.close()
    with open_target(location) as target:
        return described_tables(target, names)


def _readable(files: Sequence[Path]) -> list[Mapping]:
    """Return the mapping files that can be tried; what is wrong with the others, the rules say."""
    mappings = []
    for file in files:
        try:
            document = Document.load(file)
        except CrmMigrateError:
            continue
        mapping = build_mapping(document)
        if not document.errors:
            mappings.append(mapping)
    return mappings


def _schemas(mappings: Sequence[Mapping], schema: TargetSchema | None) -> dict[str, TargetSchema | None]:
    return {mapping.file: schema or settings_of(Path(mapping.file), changeable()).schema() for mapping in mappings}


def mend(files: Sequence[Path], around: Around) -> int:
    """Mend what can be mended, file by file, until nothing more can; return how many findings that were.

    Raises:
        LocationError: a file cannot be written.
    """
    return sum(_mend(file, around) for file in files)


def _mend(file: Path, around: Around) -> int:
    import yaml

    from crmmigrate.model.rewriting import repaired

    done = 0
    for _ in range(_MOST_ROUNDS):
        found: list[Finding] = list(find([file], around=around))
        repairs = [finding.repair for finding in found if finding.repair is not None and finding.file == str(file)]
        if not repairs:
            break
        raw = file.read_bytes()
        before = raw.decode("utf-8-sig")
        mark = "\ufeff" if raw.startswith(b"\xef\xbb\xbf") else ""
        try:
            after = repaired(before, repairs)
        except (
            yaml.YAMLError
        ):  # PyYAML's own parser, which knows the places of brackets, refuses some tabs that libyaml takes
            break
        if after == before:
            break
        write_text(file, mark + after)
        left = sum(finding.repair is not None for finding in find([file], around=around))
        done += max(len(repairs) - left, 1)
    return done
