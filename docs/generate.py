"""Write docs/reference and docs/zh/reference from the program itself, so that they never say anything else.

python docs/generate.py [en|zh]     write the pages (of one language)
python docs/generate.py --check     exit 1 where a page is not what the program says
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from code_pages import audit_codes, error_codes, issue_codes
from file_pages import files
from lint_pages import lint_index, lint_pages
from page_parts import MADE, codes, page, say, table, words

from crmmigrate.messages import bind_click, speak

if TYPE_CHECKING:
    import click

HERE = Path(__file__).parent
FOLDERS = {"en": HERE / "reference", "zh": HERE / "zh" / "reference"}


def commands() -> str:
    """Return the page of all commands with their help."""
    from crmmigrate.cli.help import Context
    from crmmigrate.cli.root import root

    parts = [f"# {say('Commands', '命令')}\n\n{MADE}"]
    for path, context in _walk(Context(root, info_name="crmmigrate", terminal_width=80)):
        parts.append(f"## {path}\n\n```text\n{context.get_help()}\n```\n")
    return "\n".join(parts)


def _walk(context: click.Context) -> Iterator[tuple[str, click.Context]]:
    import click

    from crmmigrate.cli.help import Context

    yield context.command_path, context
    if isinstance(context.command, click.Group):
        for name in context.command.list_commands(context):
            command = context.command.get_command(context, name)
            if command is not None:
                yield from _walk(Context(command, info_name=name, parent=context, terminal_width=80))


def standards() -> str:
    """Return the page of the standards of values."""
    from crmmigrate import standards as shelf

    rows = []
    for name in shelf.NAMES:
        standard = shelf.load(name)
        rows.append((f"`{name}`", standard.title.text(), words(standard.options), codes(standard.codes)))
    header = (
        say("standard", "标准"), say("what it writes", "写成什么"), say("options", "选项"), say("issues it may find", "可能报告的问题"),
    )  # fmt: skip
    title = say("Standards of values", "值的标准")
    told = say(
        "A column of standard.yaml names one of them, as does `crmmigrate standardise … --column COLUMN=STANDARD`.",
        "standard.yaml 的列可指定其中之一，`crmmigrate standardise … --column 列=标准` 也可以。",
    )
    return page(title, told, table(header, rows))


def transforms() -> str:
    """Return the page of the steps a field of a mapping file may take."""
    from crmmigrate import transforms as shelf

    rows = []
    for name in shelf.NAMES:
        step = shelf.find(name)
        required = say("(required)", "（必填）")
        options = [f"{option} {required}" if option in step.required else option for option in step.options]
        rows.append((f"`{name}`", step.title.text(), words(options), codes(dict(step.codes))))
    header = (
        say("transform", "转换"), say("what it does", "做什么"), say("options", "选项"), say("issues it may find", "可能报告的问题"),
    )  # fmt: skip
    title = say("Transforms", "转换步骤")
    told = say(
        "The steps of a field's `do:` list. A [standard of values](standards.md) may stand there too.",
        "字段 `do:` 列表中的步骤；也可以写[值的标准](standards.md)。",
    )
    return page(title, told, table(header, rows))


def gates() -> str:
    """Return the page of the quality gates with their defaults."""
    from crmmigrate.checks.gates import DUE, LEAKS, TITLES
    from crmmigrate.checks.profile_scores import GATES
    from crmmigrate.messages import Message
    from crmmigrate.model.gate import GateSpec

    defaults = GateSpec()
    titles = {**TITLES, LEAKS: Message("leaks of personal data")}
    rows = [
        (f"`{name}`", title.text(), f"`{getattr(defaults, name)}`", f"`{DUE[name]}`") for name, title in titles.items()
    ]
    header = (
        say("gate", "质量门"),
        say("is about", "内容"),
        say("default", "默认值"),
        say("is due after", "应在何环节后判断"),
    )
    title = say("Quality gates", "质量门")
    told = say(
        "Limits under `gates:` of migration.yaml; `off` switches one off. `rules:` limits what rules find: "
        "`{stock.*: 0, vehicle.vin: 2%}`. `crmmigrate gates` shows all with their values over the runs.",
        "migration.yaml 中 `gates:` 下的限值；`off` 表示关闭。`rules:` 限制业务规则发现的数量：`{stock.*: 0, vehicle.vin: 2%}`。"
        "`crmmigrate gates` 显示全部质量门及其历次数值。",
    )
    audit = say(
        "`crmmigrate audit --gate 'NAME>=NUMBER'` may ask about: ", "`crmmigrate audit --gate '名称>=数值'` 可以使用："
    )
    named = ", ".join(f"`{name}`" for name in GATES)
    return page(title, told, table(header, rows), f"{audit}{named}.\n")


PAGES: dict[str, Callable[[], str]] = {
    "lint.md": lint_index,
    **lint_pages(),
    "commands.md": commands,
    "standards.md": standards,
    "transforms.md": transforms,
    "issue-codes.md": issue_codes,
    "audit-codes.md": audit_codes,
    "error-codes.md": error_codes,
    "files.md": files,
    "gates.md": gates,
}


def outdated(language: str) -> list[str]:
    """Return the pages that do not say what the program says, and those that it does not make."""
    folder = FOLDERS[language]
    old = [
        name
        for name, make in PAGES.items()
        if not (folder / name).exists() or (folder / name).read_text(encoding="utf-8") != make()
    ]
    made = {folder / name for name in PAGES}
    left = [str(path.relative_to(folder)) for path in folder.rglob("*.md") if path not in made and MADE in path.read_text("utf-8")]  # fmt: skip
    return [*old, *left]


def main() -> None:
    """Write the pages, or check them, each language in a process of its own: commands are built in one language."""
    check = "--check" in sys.argv
    asked = [word for word in sys.argv[1:] if word in FOLDERS]
    if not asked:
        answers = [subprocess.run([sys.executable, *sys.argv, one], check=False).returncode for one in FOLDERS]
        sys.exit(max(answers))
    [language] = asked
    speak(language)
    if language == "zh":
        bind_click()
    if check:
        old = outdated(language)
        sys.exit(f"not current, run `make docs`: {', '.join(old)}" if old else 0)
    for name, make in PAGES.items():
        (FOLDERS[language] / name).parent.mkdir(parents=True, exist_ok=True)
        (FOLDERS[language] / name).write_text(make(), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
