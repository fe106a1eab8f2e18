"""The command `crmmigrate` and the list of its commands; a command's module is imported when it is called."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import click

from crmmigrate import __version__
from crmmigrate.cli.help import Group, write_examples
from crmmigrate.cli.options import GLOBAL_OPTIONS
from crmmigrate.messages import Message

COMMANDS: dict[str, tuple[str, Message]] = {
    "demo": ("demo", Message("Walk a made-up migration from dirty files to a reconciled CRM database")),
    "init": ("init", Message("Make a migration project to fill with your own files")),
    "run": ("project", Message("Run the stages of a migration.yaml in order")),
    "audit": ("audit", Message("Take stock of the sources and of the quality of their data")),
    "scope": ("stage", Message("Set aside what is not to be migrated")),
    "standardise": ("stage", Message("Write values the way the data standard says")),
    "fill": ("stage", Message("Fill gaps from reference tables")),
    "dedupe": ("stage", Message("Find and merge records of the same customer or person")),
    "rules": ("rules", Message("Lint, test and run the rules of the business over the records")),
    "decisions": ("decisions", Message("List what people decided about duplicates, split a merge again")),
    "standard": ("standard", Message("Lint the data standard, let the business sign it, export it")),
    "tasks": ("tasks", Message("Hand out what only people can settle, and take their answers back")),
    "mapping": (
        "mapping",
        Message("Suggest, lint, test and compare mapping files, and have the business confirm them"),
    ),
    "guard": ("guard", Message("See that no customer data goes into version control")),
    "map": ("stage", Message("Turn records into rows of the target's tables")),
    "validate": ("stage", Message("Check rows before they are loaded")),
    "trial": ("project", Message("Load a small masked sample into a scratch database, reconcile it, roll it back")),
    "load": ("project", Message("Load into the target, journalled and resumable")),
    "delta": ("delta", Message("Bring the target up to date with the sources, keeping what people edited")),
    "reconcile": ("project", Message("Prove that everything arrived, to the row")),
    "uat": ("uat", Message("Have key users judge their own customers, and say what their verdicts prove")),
    "rollback": ("rollback", Message("Undo a load, keeping what people edited since")),
    "close": ("rollback", Message("End the undo window of a load and purge its images")),
    "target": ("target", Message("Create the tables of a schema.yaml in a database")),
    "report": ("report", Message("Show the whole migration on one page, for those who answer for it")),
    "gates": ("gates", Message("Judge the quality gates by what was run, and show how they developed")),
    "template": ("template", Message("Fill the import template of a CRM within its limits, and read its answer")),
    "pii": ("pii", Message("Look for personal data in logs, reports and trial data")),
    "golive": ("golive", Message("Decide on going live: checklist, runbook, risks, evidence")),
    "purge": ("purge", Message("Destroy the personal data of a finished migration, with a record of it")),
    "trace": ("inspect", Message("Say where a record came from and what became of it")),
    "status": ("status", Message("Show how far the migration has come")),
    "runs": ("inspect", Message("List the runs in the workspace")),
    "schema": ("schema", Message("Print the JSON Schemas of the files people write, for editors")),
    "completion": ("completion", Message("Print the script that lets a shell complete commands and options")),
    "doctor": ("inspect", Message("Check this machine: versions, drivers of databases, what the console can show")),
}
_FIRST_STEPS = ("crmmigrate demo", "crmmigrate audit 客户.xlsx -o audit/", "crmmigrate init my-migration --pack b2b")
ALIASES = {"standardize": "standardise"}


class LazyGroup(Group):
    """A group that knows the names and titles of its commands, and imports one only when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order of the work."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return a command; None where no command has this name."""
        del ctx
        name = ALIASES.get(cmd_name, cmd_name)
        if name not in COMMANDS:
            return None
        module = import_module(f"crmmigrate.cli.{COMMANDS[name][0]}")
        made: click.Command = module.command(name)
        return made

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write names and titles without importing anything."""
        del ctx
        with formatter.section(Message("Commands").text()):
            formatter.write_dl([(name, title.text()) for name, (_, title) in COMMANDS.items()])

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write how one begins."""
        del ctx
        write_examples(formatter, _FIRST_STEPS)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Name the nearest command where the one asked for does not exist; `dedupe undo` is `decisions undo`."""
        if args[:2] == ["dedupe", "undo"] and not Path("undo").exists():
            args = ["decisions", *args[1:]]
        if args and args[0] not in COMMANDS and args[0] not in ALIASES and not args[0].startswith("-"):
            from crmmigrate.model.document import nearest

            hint = nearest(args[0], COMMANDS) or Message("crmmigrate --help lists them")
            message = Message("no command is called '{name}'; {hint}", name=args[0], hint=hint)
            raise click.UsageError(message.text(), ctx)
        return super().resolve_command(ctx, args)


root = LazyGroup(
    name="crmmigrate",
    help=Message(
        "Move a company's customer data into a new CRM: audit, cleanse, de-duplicate, map, load, reconcile, roll back. "
        "Start with: crmmigrate demo"
    ).text(),
    params=[
        *GLOBAL_OPTIONS,
        click.Option(
            ["--version"],
            is_flag=True,
            is_eager=True,
            expose_value=False,
            callback=lambda ctx, _, value: _version(ctx) if value else None,
            help=Message("Show the version and exit.").text(),
        ),
    ],
    callback=lambda: None,
    no_args_is_help=True,
)


def _version(ctx: click.Context) -> None:
    click.echo(f"crmmigrate {__version__}")
    ctx.exit()
