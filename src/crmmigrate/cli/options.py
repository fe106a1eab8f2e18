"""The options every command takes, and how a command says what came of it."""

from __future__ import annotations

import json
import math
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from crmmigrate.cli.help import Command, Group
from crmmigrate.errors import ConfigurationError, CrmMigrateError
from crmmigrate.messages import LANGUAGES, Message, clauses, labelled, shell_line
from crmmigrate.model.issue import ASIDE_REASONS
from crmmigrate.model.stage import PROJECT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from click.shell_completion import CompletionItem

    from crmmigrate.runner.execute import Outcome


def _ignore(*_: Any) -> None:
    """The language is settled before commands are built (`cli._choose_language`)."""


def _language_option() -> click.Option:
    return click.Option(
        ["--lang"], type=click.Choice(LANGUAGES), expose_value=False, callback=_ignore,
        help=Message("Language of messages and reports (also CRMMIGRATE_LANG).").text(),
    )  # fmt: skip


GLOBAL_OPTIONS = [_language_option()]


def refuse_twice(option: str, given: Iterable[str], end: Literal["first", "last"] = "first") -> None:
    """Refuse an option that says something of one name twice, as NAME=VALUE: only one of the two would count.

    Args:
        option: as it is written.
        given: what it was given.
        end: whether the name ends at the `first` '=' or at the `last`: columns may have one in their names.

    Raises:
        ConfigurationError: `usage.twice`.
    """
    names = Counter((text.partition("=") if end == "first" else text.rpartition("="))[0].strip() for text in given)
    for name, count in names.items():
        if name and count > 1:
            raise ConfigurationError(
                "usage.twice", Message("'{name}' is given twice", name=name), option,
                Message("give it once; only one of them would count"),
            )  # fmt: skip


class Place(click.ParamType[str]):
    """A location as the user writes it: a file, a folder, a database, `-`; shells complete it as a file."""

    name = "text"

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """Let the shell complete file names."""
        from click.shell_completion import CompletionItem

        del ctx, param
        return [CompletionItem(incomplete, type="file")]


class Number(click.FloatRange):
    """A number within bounds; `nan` and `inf`, which Python reads as numbers, are none."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Read the number."""
        found = float(super().convert(value, param, ctx))
        if not math.isfinite(found):
            self.fail(Message("'{value}' is not a number", value=value).text(), param, ctx)
        return found


EXISTING_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)
"""The kind of a parameter that names a file which must be there."""


def project_argument() -> click.Argument:
    """Return the argument that names the migration.yaml; without it, that of the current folder is meant."""
    return click.Argument(["project"], type=click.Path(path_type=Path), default=Path(PROJECT))


def project_file(named: Path) -> Path:
    """Return the migration.yaml that was named: itself, or the one in a folder."""
    return named / PROJECT if named.is_dir() else named


def project_and_files(
    project: Path, files: tuple[Path, ...], name: str, *, some: bool = True
) -> tuple[Path, tuple[Path, ...]]:
    """Return the project and the files that were named behind it; where a file comes first, the project of the current folder is meant.

    Args:
        project: what was named first.
        files: what was named behind it.
        name: of the argument that takes the files.
        some: whether there has to be one.

    Raises:
        click.MissingParameter: there is none.
    """
    if project.suffix.lower() not in ("", ".yaml", ".yml") and not project.is_dir():
        project, files = Path(PROJECT), (project, *files)
    if some and not files:
        context = click.get_current_context()
        asked = next(param for param in context.command.params if param.name == name)
        raise click.MissingParameter(ctx=context, param=asked)
    return project, files


def named_project(path: Path, work: Path | None) -> str:
    """Return a project as a command line names it; `--work` belongs to it where it was given."""
    return shell_line(path) if work is None else shell_line(path, "--work", work)


def undo_line(named: str, workspace: Path, *words: str) -> str:
    """Return the command that rolls a load back.

    Args:
        named: the project, as `named_project` names it; the command finds it by its workspace where it is called migration.yaml.
        workspace: its folder.
        words: the run, and what else the command is given.
    """
    file = named.partition(" --work ")[0].strip("'\"")
    if Path(file).name == "migration.yaml":
        return shell_line("crmmigrate", "rollback", *words, "--work", workspace)
    return f"{shell_line('crmmigrate', 'rollback', *words)} --project {named}"


@contextmanager
def hints_naming(path: Path, work: Path | None) -> Iterator[None]:
    """Let what is told of an error name the project, and its workspace, as the user did.

    Args:
        path: the migration.yaml; it may be missing where a workspace alone is used.
        work: the folder of the workspace, where it is not the project's own.
    """
    folder = work or path.parent / "work"
    beside = [] if folder == Path("work") else ["--work", folder]
    project = ["--project", path] if path.exists() else []
    filled = {
        "project": named_project(path, work), "migration": shell_line(path), "runs": shell_line("crmmigrate", "runs", *beside),
        "scan": shell_line("crmmigrate", "pii", "scan", *project, *(beside if work or not project else [])),
    }  # fmt: skip
    try:
        yield
    except CrmMigrateError as error:
        told = explained(error)
        for one in (told, *getattr(told, "errors", ())):
            one.hint = one.hint and one.hint.filled(**filled)
        if told is error:
            raise
        raise told from error


def explained(error: CrmMigrateError) -> CrmMigrateError:
    """Say of a table that is gone who destroyed it, and when, where a purge did."""
    from crmmigrate.model.table import GONE

    if error.code != GONE:
        return error
    from crmmigrate.runner.workspace import destroyed_with

    return destroyed_with(Path(error.place)) or error


def output_option(help: Message) -> click.Option:
    """Return `-o`, the file that a command writes."""
    return click.Option(["-o", "--output"], type=click.Path(path_type=Path, dir_okay=False), help=help.text())


def common_options(formats: Sequence[str]) -> list[click.Parameter]:
    """Return `--work`, `--format` and `--lang`."""
    return [
        click.Option(
            ["--work"], type=click.Path(path_type=Path, file_okay=False),
            help=Message("Folder of the runs, their tables and reports.").text(),
        ),
        click.Option(
            ["--format", "format_"], type=click.Choice(formats), default="text", show_default=True,
            help=Message("How the result is written to standard output.").text(),
        ),
        _language_option(),
    ]  # fmt: skip


def command_of(
    name: str, help: Message, callback: Callable[..., int | None], params: Iterable[click.Parameter], examples: str = "",
    formats: Sequence[str] = ("text", "json"),
) -> click.Command:  # fmt: skip
    """Build a command with the common options behind its own; `examples` are command lines, `formats` those it can answer in."""
    return Command(
        name, callback=callback, params=[*params, *common_options(formats)], help=help.text(),
        examples=examples.splitlines(),
    )  # fmt: skip


def group_of(name: str, help: Message, commands: Iterable[click.Command] = ()) -> Group:
    """Build a group of commands."""
    return Group(name, list(commands), help=help.text(), params=[*GLOBAL_OPTIONS], no_args_is_help=True)


def by_whom(names: Iterable[str]) -> list[str]:
    """Tell in a line how much each person changed; no line where nobody changed anything.

    Args:
        names: who made each change; empty where nobody is named.
    """
    counts = Counter(name or Message("without a name").text() for name in names)
    told = clauses([f"{name} {count:,}" for name, count in counts.most_common()])
    return [Message("changed by: {who}", who=told).text()] if counts else []


@dataclass
class Answer:
    """What a command says at its end.

    Args:
        run: the id of its (last) run.
        counts: table → figures.
        findings: what a person should know.
        files: where results lie.
        next_step: what a user would do next.
        facts: anything else for `--format json`.
        result: lines that are what was asked for; they go to standard output.
        lines: lines about the work.
    """

    run: str = ""
    counts: dict[str, Any] = field(default_factory=dict)
    findings: list[str] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    next_step: str = ""
    facts: dict[str, Any] = field(default_factory=dict)
    result: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, outcome: Outcome, project: str = PROJECT) -> Answer:
        """Collect what one run of a stage has to say; `project` as a command line names it."""
        manifest, result = outcome.run.manifest, outcome.result
        return cls(
            manifest.run, dict(manifest.accounting), [finding.filled(project=project).text() for finding in result.findings],
            [str(outcome.run.folder / "reports" / name) for name in manifest.reports],
            result.next_step.filled(project=project).text() if result.next_step else "", dict(manifest.facts),
            lines=[note.filled(project=project).text() for note in result.notes],
        )  # fmt: skip

    def show(self, format_: str, *, quiet_counts: bool = False) -> int:
        """Write the answer and return the exit code: 0, or 1 with findings.

        Standard output gets `result`, or the JSON; the rest goes to standard error, because data may go to the former.
        """
        if format_ == "json":
            status = "findings" if self.findings else "ok"
            body = {"status": status, "run": self.run, "counts": self.counts, "findings": self.findings,
                    "files": self.files, "facts": self.facts}  # fmt: skip
            click.echo(json.dumps(body, ensure_ascii=False, default=str))
            return 1 if self.findings else 0
        if not quiet_counts:
            for table, figures in self.counts.items():
                click.echo(count_line(table, figures), err=True)
        for line in self.result:
            click.echo(line)
        for line in self.lines:
            click.echo(line, err=True)
        for finding in self.findings:
            click.echo(f"! {finding}", err=True)
        for name in self.files:
            click.echo(f"  {name}", err=True)
        if self.next_step:
            click.echo(Message("next: {step}", step=self.next_step).text(), err=True)
        return 1 if self.findings else 0


def count_line(table: str, figures: dict[str, int]) -> str:
    """Return one line of row accounting: in = out + set aside by reason."""
    left = " + ".join(
        f"{figures[key]:,} {title.text()}" for key, title in ASIDE_REASONS.items() if figures.get(key)
    )  # fmt: skip
    tail = f" + {left}" if left else ""
    return labelled(table, f"{figures['in']:,} = {figures['out']:,}{tail}")
