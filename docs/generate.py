"""Write docs/reference from the program itself, so that it never says anything else.

python docs/generate.py            write the pages
python docs/generate.py --check    exit 1 where a page is not what the program says
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from crmmigrate.messages import Message, speak

if TYPE_CHECKING:
    import click

FOLDER = Path(__file__).parent / "reference"
MADE = "<!-- made by docs/generate.py from the program; do not edit -->\n"


def commands() -> str:
    """Return the page of all commands with their help."""
    import click

    from crmmigrate.cli.root import root

    parts = [f"# Commands\n\n{MADE}"]
    settings = root.context_settings
    for path, context in _walk(click.Context(root, info_name="crmmigrate", terminal_width=100, **settings)):
        parts.append(f"## {path}\n\n```\n{context.get_help()}\n```\n")
    return "\n".join(parts)


def _walk(context: click.Context) -> Iterator[tuple[str, click.Context]]:
    import click

    yield context.command_path, context
    if isinstance(context.command, click.Group):
        for name in context.command.list_commands(context):
            command = context.command.get_command(context, name)
            if command is not None:
                settings = command.context_settings
                child = click.Context(command, info_name=name, parent=context, terminal_width=100, **settings)
                yield from _walk(child)


def standards() -> str:
    """Return the page of the standards of values."""
    from crmmigrate import standards as shelf

    rows = []
    for name in shelf.NAMES:
        standard = shelf.load(name)
        rows.append((f"`{name}`", standard.title.text(), _words(standard.options), _codes(standard.codes)))
    header = ("standard", "what it writes", "options", "issues it may find")
    return (
        f"# Standards of values\n\n{MADE}\nA column of standard.yaml names one of them, as does "
        "`crmmigrate standardise … --column COLUMN=STANDARD`.\n\n" + _table(header, rows)
    )


def transforms() -> str:
    """Return the page of the steps a field of a mapping file may take."""
    from crmmigrate import transforms as shelf

    rows = []
    for name in shelf.NAMES:
        step = shelf.find(name)
        options = [f"{option} (required)" if option in step.required else option for option in step.options]
        rows.append((f"`{name}`", step.title.text(), _words(options), _codes(dict(step.codes))))
    header = ("transform", "what it does", "options", "issues it may find")
    return (
        f"# Transforms\n\n{MADE}\nThe steps of a field's `do:` list. A standard of values may stand there too.\n\n"
        + _table(header, rows)
    )


def _words(names: object) -> str:
    return (
        ", ".join(f"`{name}`" if " " not in name else name for name in names) if isinstance(names, list | tuple) else ""
    )


def _codes(codes: Mapping[str, Message]) -> str:
    return "<br>".join(f"`{code}` {title.text()}" for code, title in codes.items())


def _table(header: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [header, tuple("---" for _ in header), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines) + "\n"


PAGES = {"commands.md": commands, "standards.md": standards, "transforms.md": transforms}


def outdated() -> list[str]:
    """Return the pages that do not say what the program says."""
    speak("en")
    return [
        name
        for name, make in PAGES.items()
        if not (FOLDER / name).exists() or (FOLDER / name).read_text(encoding="utf-8") != make()
    ]


def main() -> None:
    """Write the pages, or check them."""
    if "--check" in sys.argv:
        old = outdated()
        sys.exit(f"not current, run `make docs`: {', '.join(old)}" if old else 0)
    speak("en")
    FOLDER.mkdir(exist_ok=True)
    for name, make in PAGES.items():
        (FOLDER / name).write_text(make(), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
