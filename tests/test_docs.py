"""What the documentation says can be done: its commands, options, files and links exist."""

from __future__ import annotations

import ast
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from tests.test_architecture import dotted

from crmmigrate.cli import INTERNAL, INTERRUPTED
from crmmigrate.cli.root import root
from crmmigrate.errors import WAITING, CrmMigrateError

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", ROOT / "README.zh-CN.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]


def blocks(page: Path) -> Iterator[str]:
    """Yield the lines of a page's code blocks, continued lines joined, a prompt taken off."""
    for block in re.findall(r"^```[a-z]*\n(.*?)^```", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL):
        for line in block.replace("\\\n", " ").splitlines():
            yield line.strip().removeprefix("$ ")


def commands(page: Path) -> Iterator[list[str]]:
    for line in blocks(page):
        if line.startswith("crmmigrate ") and not line.startswith("crmmigrate @"):
            plain = re.sub(r"\$\(.*?\)", "X", line)  # what another program says
            yield shlex.split(plain.partition(" #")[0] if " # " in plain else plain)


def resolve(words: list[str]) -> tuple[click.Command, list[str]]:
    """Return the command that `words` call and what is left of them."""
    command: click.Command = root
    rest = words[1:]
    while isinstance(command, click.Group) and rest and not rest[0].startswith("-"):
        found = command.get_command(click.Context(command), rest[0])
        assert found is not None, f"no such command: {' '.join(words)}"
        command, rest = found, rest[1:]
    return command, rest


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_commands_of_the_documentation_exist(page: Path) -> None:
    for words in commands(page):
        command, rest = resolve(words)
        known = {flag for param in command.params for flag in (*param.opts, *param.secondary_opts)} | {"--help", "-h"}
        used = {word.partition("=")[0] for word in rest if re.match(r"--?[a-z]", word)}
        assert used <= known, f"{' '.join(words)}: {used - known}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_of_the_documentation_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_every_code_of_an_error_stands_on_its_page() -> None:
    """The page is read from where errors are raised; a sentence that is not written there would be lost on it."""
    kinds = {"ConfigurationError", "LocationError", "LimitReached", "AccountingError"}
    raised = set()
    for file in (ROOT / "src" / "crmmigrate").rglob("*.py"):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and node.args]
        linted = {id(node.args[0]) for node in calls if dotted(node.func) == "Finding.of"}  # lint has pages of its own
        for node in calls:
            if dotted(node.func).rpartition(".")[2] in kinds and id(node) not in linted:
                codes = (
                    [node.args[0].body, node.args[0].orelse] if isinstance(node.args[0], ast.IfExp) else node.args[:1]
                )
                raised |= {code.value for code in codes if isinstance(code, ast.Constant)}
    for part in ("", "zh"):
        page = (ROOT / "docs" / part / "reference" / "error-codes.md").read_text(encoding="utf-8")
        assert sorted(code for code in raised if f"`{code}`" not in page) == []


@pytest.mark.parametrize("name", ["README.md", "README.zh-CN.md", "CONTRIBUTING.md"])
def test_make_targets_of_the_documentation_exist(name: str) -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    twins = set(
        re.search(r"ValidateSet\((.*?)\)", (ROOT / "make.ps1").read_text(encoding="utf-8"))[1]
        .replace('"', "")
        .split(", ")
    )  # type: ignore[index]
    text = (ROOT / name).read_text(encoding="utf-8")
    assert set(re.findall(r"(?:^|`)make ([a-z]+)", text, re.MULTILINE)) <= targets
    assert set(re.findall(r"make\.ps1 ([a-z]+)", text)) <= twins


TRANSLATED = [
    str(page.relative_to(ROOT / "docs"))
    for page in sorted((ROOT / "docs").rglob("*.md"))
    if not {"zh", "reference"} & {*page.relative_to(ROOT / "docs").parts}
]
RUN = [
    ROOT / "README.md",
    ROOT / "README.zh-CN.md",
    *(ROOT / "docs" / part / name for part in ("", "zh") for name in TRANSLATED),
]
"""Pages written by hand."""


def outline(page: Path) -> list[str]:
    """Return what a page is made of: the levels of its headings, its blocks of code with what is in them but comments, the rows of its tables."""
    found, code = [], False
    for line in page.read_text(encoding="utf-8").splitlines():
        if line.startswith("```"):
            code = not code
            found.append(line)
        elif not code and (head := re.match(r"#+ ", line)):
            found.append(head[0])
        elif not code and line.startswith("|"):
            found.append("row of " + str(line.replace(r"\|", "").count("|") - 1))
    return found


@pytest.mark.parametrize("name", TRANSLATED)
def test_every_page_has_its_chinese_twin_with_the_same_headings_blocks_and_tables(name: str) -> None:
    assert outline(ROOT / "docs" / "zh" / name) == outline(ROOT / "docs" / name)


@pytest.mark.parametrize("name", TRANSLATED)
def test_both_languages_show_the_same_files(name: str) -> None:
    """YAML and what a person does by hand are the same but for comments; a page that shows what is printed differs."""
    both = [(ROOT / "docs" / part / name).read_text(encoding="utf-8") for part in ("", "zh")]
    pattern = r"^```yaml\n(.*?)^```"
    files = [
        [re.sub(r"\s+#.*", "", block) for block in re.findall(pattern, text, re.MULTILINE | re.DOTALL)] for text in both
    ]
    assert files[0] == files[1]
    if name.startswith("how-to/"):
        hands = [re.findall(r"^<!-- by hand:\n(.*?)^-->", text, re.MULTILINE | re.DOTALL) for text in both]
        assert hands[0] == hands[1]


@pytest.mark.parametrize("page", RUN, ids=lambda page: str(page.relative_to(ROOT)))
def test_commands_are_run_or_it_is_said_why_not(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for before, kind, block in re.findall(r"([^\n]*)\n```(\w*)\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
        if kind != "console" and re.search(r"^(crmmigrate|make|pipx?|uvx) ", block, re.MULTILINE):
            assert re.fullmatch(r"<!-- not run: .+ -->", before), block


def test_every_page_with_commands_is_run_in_one_language() -> None:
    ci = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    named = re.findall(r"(?<![\w/])((?:docs/)?(?:zh/)?(?:how-to/)?)(?:\{([\w,-]+)\}|([\w.-]+))\.md", ci)
    run = {
        f"{folder}{name}.md".replace("docs/zh/", "docs/")
        for folder, names, one in named
        for name in (names or one).split(",")
    }
    with_commands = {
        str(page.relative_to(ROOT)).replace("docs/zh/", "docs/")
        for page in RUN
        if "```console" in page.read_text(encoding="utf-8")
    }
    assert with_commands <= run


@pytest.mark.parametrize("name", ["README", *TRANSLATED])
def test_both_languages_show_the_same_commands(name: str) -> None:
    pages = (
        (ROOT / "README.md", ROOT / "README.zh-CN.md")
        if name == "README"
        else (ROOT / "docs" / name, ROOT / "docs" / "zh" / name)
    )
    english, chinese = (
        [line for line in blocks(page) if re.match(r"(crmmigrate|make|pip|pipx|uvx|cd|cp|ls|cat) ?", line)]
        for page in pages
    )
    assert english == chinese


def test_every_exit_code_is_explained() -> None:
    codes = {str(kind.exit_code) for kind in (CrmMigrateError, *CrmMigrateError.__subclasses__())} | {str(WAITING)}
    for folder in ("docs", "docs/zh"):
        told = (ROOT / folder / "reference" / "exit-codes.md").read_text(encoding="utf-8")
        assert codes | {"0", "1", "6", str(INTERNAL), str(INTERRUPTED)} <= set(
            re.findall(r"^\| (\d+) ", told, re.MULTILINE)
        )


def test_the_reference_says_what_the_program_says() -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "docs" / "generate.py", "--check"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_every_fragment_of_the_changelog_is_taken_up() -> None:
    named = [path.name for path in (ROOT / "changes").iterdir() if path.name != ".gitignore"]
    assert [name for name in named if not re.fullmatch(r"[+\w-]+\.(feature|fix|change)\.md", name)] == []
