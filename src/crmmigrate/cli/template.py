"""`crmmigrate template`: fill a CRM's import template, and read what the CRM answered."""

from __future__ import annotations

from pathlib import Path

import click

from crmmigrate.cli.options import Answer, command_of, group_of, project_and_files, project_argument
from crmmigrate.cli.root import COMMANDS
from crmmigrate.messages import Message


def command(name: str) -> click.Group:
    """Return the group `template`."""
    group = group_of(name, COMMANDS[name][1])
    which = click.Option(
        ["--object", "object_"], required=True, help=Message("The business object whose rows are written.").text()
    )
    params: list[click.Parameter] = [
        project_argument(), which,
        click.Option(["--profile"], required=True,
                     help=Message("Limits of the CRM: a name in mappings/imports, or a file.").text()),
        click.Option(["--template"], type=click.Path(path_type=Path, exists=True, dir_okay=False),
                     help=Message("The CRM's own template (.xlsx); not needed for CSV.").text()),
        click.Option(["-o", "--output"], type=click.Path(path_type=Path, file_okay=False), required=True,
                     help=Message("Folder of the files.").text()),
    ]  # fmt: skip
    group.add_command(
        command_of(
            "fill", Message("Write validated rows into copies of the template, as many as its limits ask for."), _fill, params,
            "crmmigrate template fill migration.yaml --object account --profile xtransfer --template 客户导入模板.xlsx -o 导入文件",
        )
    )  # fmt: skip
    results = click.Argument(
        ["results"], nargs=-1, metavar="RESULTS...", type=click.Path(path_type=Path, exists=True, dir_okay=False)
    )
    reason = click.Option(
        ["--reason"], default="", help=Message("The column that says why a row was refused; by default as the profile says.").text()
    )  # fmt: skip
    rows = click.Option(
        ["--rows"], type=click.Choice(["taken", "refused"]),
        help=Message("What the rows are of a file that has no such column.").text(),
    )  # fmt: skip
    group.add_command(
        command_of(
            "collect", Message("Read the CRM's result files: what it took, what it refused, what it did not answer."), _collect,
            [project_argument(), results, which, reason, rows], "crmmigrate template collect migration.yaml 导入结果.xlsx --object account",
        )
    )  # fmt: skip
    return group


def _fill(
    project: Path, object_: str, profile: str, template: Path | None, output: Path, work: Path | None, format_: str
) -> int:
    from crmmigrate.cli.project import open_pipeline
    from crmmigrate.model.issue import CODES
    from crmmigrate.runner.import_template import fill_template, profile_named

    limits = profile_named(profile)
    with open_pipeline(project, work) as pipeline:
        made = fill_template(pipeline, object_, limits, template, output)
        answer = Answer(made.run, files=[str(path) for path in made.files])
        answer.result = [
            Message(
                "{rows} rows in {files} files for {crm}", rows=f"{made.rows:,}", files=len(made.files), crm=limits.title
            ).text()
        ]
        if made.taken:
            answer.lines.append(
                Message("{count} rows are in the CRM already and are not written again", count=f"{made.taken:,}").text()
            )
        if made.removed:
            answer.lines.append(
                Message(
                    "{count} files of an earlier fill that are no part of this one were removed", count=made.removed
                ).text()
            )
        if made.cleared:
            answer.lines.append(
                Message("{count} example rows of the template were taken out", count=made.cleared).text()
            )
        answer.findings = [f"{place}: {why.text()}" for place, why in made.problems]
        answer.findings += [
            Message("{count} rows are in no file: {why}", count=f"{count:,}", why=CODES[code]).text() for code, count in made.rejected.items()
        ]  # fmt: skip
        answer.facts = {"rows": made.rows, "rejected": dict(made.rejected), "problems": len(made.problems)}
        answer.next_step = Message(
            "import the files in the CRM; then: {command}", command=f"crmmigrate template collect {pipeline.named} RESULT… --object {object_}"
        ).text()  # fmt: skip
        return answer.show(format_)


def _collect(
    project: Path,
    results: tuple[Path, ...],
    object_: str,
    reason: str,
    rows: str | None,
    work: Path | None,
    format_: str,
) -> int:
    from crmmigrate.cli.project import open_pipeline
    from crmmigrate.runner.import_answers import Asked, collect_results

    project, results = project_and_files(project, results, "results")
    with open_pipeline(project, work) as pipeline:
        run, found, report = collect_results(pipeline, object_, results, Asked(reason, rows or ""))
        answer = Answer(run, result=[found.sentence().text()], files=[report], facts=dict(vars(found)))
        if not found.agrees:
            answer.findings.append(
                Message("{count} rows are not in the CRM", count=f"{found.rows - found.taken:,}").text()
            )
        return answer.show(format_)
