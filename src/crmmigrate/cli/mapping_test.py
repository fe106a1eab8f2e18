"""`crmmigrate mapping test`: run the tests in mapping files, and say what none of them touches."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from crmmigrate.cli.options import command_of
from crmmigrate.messages import Message
from crmmigrate.model.document import Document
from crmmigrate.model.mapping import build_mapping, mapping_files

if TYPE_CHECKING:
    from crmmigrate.runner.mapping_tests import Coverage

_NAMED = 12
"""Values that a line about untested ones names; the rest is hinted at."""


def commands() -> list[click.Command]:
    """Return `mapping test`."""
    paths = click.Argument(["paths"], nargs=-1, required=True, type=click.Path(path_type=Path))
    return [command_of("test", Message("Run the tests in mapping files."), run_tests, [paths],
                       "crmmigrate mapping test mappings/")]  # fmt: skip


def run_tests(paths: tuple[Path, ...], work: Path | None, format_: str) -> int:
    """Run the tests in mapping files through the code of the stage map. Answer 1 where one fails."""
    del work
    from crmmigrate.runner.mapping_tests import coverage, run_test

    passed, failed, covered = 0, [], []
    for file in dict.fromkeys(file for path in paths for file in mapping_files(path)):
        document = Document.load(file)
        mapping = build_mapping(document)
        document.check()
        results = [run_test(mapping, test) for test in mapping.tests]
        for index, result in enumerate(results):
            passed += not result.wrong
            failed += [(document.place(("tests", index)), message) for message in result.wrong]
        covered.append((str(file), coverage(mapping, results)))
    counts = {"passed": passed, "failed": len({place for place, _ in failed})}
    if format_ == "json":
        findings = [{"place": place, "message": message.text()} for place, message in failed]
        body = {"status": "findings" if failed else "ok", "run": None, "counts": counts, "findings": findings,
                "coverage": {name: _coverage_json(found) for name, found in covered}}  # fmt: skip
        click.echo(json.dumps(body, ensure_ascii=False))
        return 1 if failed else 0
    for place, message in failed:
        click.echo(f"{place}: {message.text()} [mapping.test-failed]")
    for name, found in covered:
        for line in _coverage_lines(name, found):
            click.echo(line, err=True)
    click.echo(Message("{passed} tests passed, {failed} failed", **counts).text(), err=True)
    return 1 if failed else 0


def _coverage_json(found: Coverage) -> dict[str, Any]:
    return {
        "fields": len(found.fields), "untouched_fields": list(found.untouched), "values": len(found.values),
        "untouched_values": [{"field": field, "value": value} for field, value in found.unseen],
    }  # fmt: skip


def _coverage_lines(name: str, found: Coverage) -> list[str]:
    """Say how many fields and picklist values tests touch, and which they do not."""
    told = Message(
        "{file}: tests touch {fields} of {all_fields} fields and {values} of {all_values} mapped values", file=name,
        fields=len(found.fields) - len(found.untouched), all_fields=len(found.fields),
        values=len(found.values) - len(found.unseen), all_values=len(found.values),
    )  # fmt: skip
    lines = [told.text()]
    if found.untouched:
        lines.append("  " + Message("no test of: {names}", names=", ".join(found.untouched)).text())
    by_field: dict[str, list[str]] = {}
    for field, value in found.unseen:
        by_field.setdefault(field, []).append(value)
    for field, values in by_field.items():
        listed = ", ".join(values[:_NAMED]) + (" …" if len(values) > _NAMED else "")
        lines.append("  " + Message("no test of {field} with: {names}", field=field, names=listed).text())
    return lines
