"""`crmmigrate mapping`: lint and test mapping files; the other commands of the group are in the files `mapping_*` beside this."""

from __future__ import annotations

import json
from importlib import import_module
from pathlib import Path

import click

from crmmigrate.cli.lint import FORMATS, lint
from crmmigrate.cli.options import command_of
from crmmigrate.messages import Message
from crmmigrate.model.document import Document
from crmmigrate.model.mapping import build_mapping, mapping_files

_BESIDE = ("mapping_schema", "mapping_suggest", "mapping_diff", "mapping_sheet", "mapping_explain")
"""The files of this room with further commands of the group."""
_PATHS = click.Argument(["paths"], nargs=-1, required=True, type=click.Path(path_type=Path))


def command(name: str) -> click.Group:
    """Return the group `mapping`."""
    group = click.Group(
        name,
        help=Message("Suggest, lint, test and compare mapping files, and have the business confirm them.").text(),
        no_args_is_help=True,
    )
    group.add_command(_lint_command())
    group.add_command(command_of("test", Message("Run the tests in mapping files."), run_tests, [_PATHS],
                                 "crmmigrate mapping test mappings/"))  # fmt: skip
    for module in _BESIDE:
        for made in import_module(f"crmmigrate.cli.{module}").commands():
            group.add_command(made)
    return group


def _lint_command() -> click.Command:
    params: list[click.Parameter] = [
        _PATHS,
        click.Option(["--schema"], type=click.Path(path_type=Path),
                     help=Message("A description of the target's tables (schema.yaml) to check against.").text()),
        click.Option(["--data"], help=Message("Source data whose columns must all be mapped or ignored.").text()),
    ]  # fmt: skip
    made = command_of("lint", Message("Find mistakes in mapping files."), lint, params,
                      "crmmigrate mapping lint mappings/ --schema schema.yaml")  # fmt: skip
    for param in made.params:
        if param.name == "format_":
            param.type = click.Choice(FORMATS)
    return made


def run_tests(paths: tuple[Path, ...], work: Path | None, format_: str) -> int:
    """Run the tests in mapping files through the code of the stage map. Answer 1 where one fails."""
    del work
    from crmmigrate.stages.map import run_test

    passed, failed = 0, []
    for file in dict.fromkeys(file for path in paths for file in mapping_files(path)):
        document = Document.load(file)
        mapping = build_mapping(document)
        document.check()
        for index, test in enumerate(mapping.tests):
            wrong = run_test(mapping, test)
            passed += not wrong
            failed += [(document.place(("tests", index)), message) for message in wrong]
    counts = {"passed": passed, "failed": len({place for place, _ in failed})}
    if format_ == "json":
        findings = [{"place": place, "message": message.text()} for place, message in failed]
        status = "findings" if failed else "ok"
        click.echo(
            json.dumps({"status": status, "run": None, "counts": counts, "findings": findings}, ensure_ascii=False)
        )
        return 1 if failed else 0
    for place, message in failed:
        click.echo(f"{place}: {message.text()} [mapping.test-failed]")
    click.echo(Message("{passed} tests passed, {failed} failed", **counts).text(), err=True)
    return 1 if failed else 0
