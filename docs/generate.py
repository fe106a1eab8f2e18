"""Write docs/reference from the program itself, so that it never says anything else.

python docs/generate.py            write the pages
python docs/generate.py --check    exit 1 where a page is not what the program says
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from functools import partial
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


EXAMPLES = Path(__file__).parent.parent / "tests" / "checks" / "broken"
_LEVELS = {
    "file": "the mapping file alone", "schema": "a snapshot of the target's tables (`--schema`, or that of migration.yaml)",
    "data": "source data (`--data`)", "live": "the target itself (`--live`)",
}  # fmt: skip


def lint_index() -> str:
    """Return the page that lists the rules of lint."""
    from crmmigrate.cli.lint import titles
    from crmmigrate.model.lint import READING

    levels = _rules()
    rows = []
    for code, title in titles().items():
        level, severity = levels.get(code, ("file", "error"))
        changed = "no" if code in READING else "yes"
        rows.append((f"[`{code}`](lint/{code}.md)", title.text(), level, severity, changed))
    header = ("rule", "finds", "looks at", "severity", "may be changed")
    return (
        f"# Rules of `mapping lint`\n\n{MADE}\nSeverities are changed in migration.yaml: `lint: {{mapping.no-tests: off}}` "
        "(`off`, `warning` or `error`).\n\n" + _table(header, rows)
    )


def _rules() -> dict[str, tuple[str, str]]:
    """Return code → level and severity of the rules; the others are found while files are read."""
    from crmmigrate.cli.lint import all_rules

    found = {}
    for rule in all_rules():
        found |= dict.fromkeys((rule.code, *(code for code, _ in rule.others)), (rule.level, rule.severity))
    return found


def lint_page(code: str) -> str:
    """Return the page of one rule: what it needs, and an example before and after. The examples are those of the tests."""
    from crmmigrate.cli.lint import titles

    level, severity = _rules().get(code, ("file", "error"))
    title = titles()[code].text()
    parts = [f"# {code}\n\n{MADE}\nFinds {title}. Severity: {severity}. Looks at {_LEVELS[level]}.\n"]
    sound = _body(EXAMPLES / "sound.crmmap.yaml")
    for file in sorted(EXAMPLES.glob("*.crmmap.yaml")):
        given = _said(file)
        if given.get("expect", "").split()[0] == code:
            parts += _example(file, given, sound)
    return "\n".join(parts)


def _said(file: Path) -> dict[str, str]:
    lines = [line for line in file.read_text(encoding="utf-8").splitlines() if line.startswith("# ")]
    return dict(line.removeprefix("# ").split(": ", 1) for line in lines if ": " in line)


def _body(file: Path) -> list[str]:
    return [line for line in file.read_text(encoding="utf-8").splitlines() if not line.startswith("# ")]


def _example(file: Path, given: Mapping[str, str], sound: list[str]) -> list[str]:
    """Show the lines that differ from a sound file, as they are and as they should be."""
    import difflib

    body = _body(file)
    bad: list[str] = []
    good: list[str] = []
    for what, a, b, c, d in difflib.SequenceMatcher(None, body, sound, autojunk=False).get_opcodes():
        if what != "equal":
            bad += body[a:b] or body[max(a - 1, 0) : a]
            good += sound[c:d] or sound[max(c - 1, 0) : c]
    line = int(given["expect"].split()[1]) - len(given)
    parts = [f"## {file.name.partition('.')[0].replace('_', ' ')}\n"]
    if "data" in given:
        data = EXAMPLES / "data" / given["data"]
        files = [data] if data.is_file() else sorted(data.iterdir())
        parts += [f"With {one.name}:\n\n```\n{one.read_text(encoding='utf-8').strip()}\n```\n" for one in files]
    if "live" in given:
        parts.append(f"After this in the target:\n\n```sql\n{given['live']}\n```\n")
    parts.append(f"Bad:\n\n```yaml\n{chr(10).join(bad or [body[line - 1]])}\n```\n")
    good = given["good"].split("\\n") if "good" in given else good
    if good:
        anew = (
            f", with a new snapshot (`crmmigrate mapping schema URL -o schema.yaml`), which says `{given['snapshot']}`"
            if "snapshot" in given else ""
        )  # fmt: skip
        parts.append(f"Good{anew}:\n\n```yaml\n{chr(10).join(good)}\n```\n")
    return parts


def _lint_pages() -> dict[str, Callable[[], str]]:
    from crmmigrate.cli.lint import titles

    return {f"lint/{code}.md": partial(lint_page, code) for code in titles()}


PAGES: dict[str, Callable[[], str]] = {
    "lint.md": lint_index,
    **_lint_pages(),
    "commands.md": commands,
    "standards.md": standards,
    "transforms.md": transforms,
}


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
    for name, make in PAGES.items():
        (FOLDER / name).parent.mkdir(parents=True, exist_ok=True)
        (FOLDER / name).write_text(make(), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
