"""What the generated pages have in common: their mark, tables, and words in both languages."""

from __future__ import annotations

from collections.abc import Mapping

from crmmigrate.messages import Message, spoken

MADE = "<!-- made by docs/generate.py from the program; do not edit -->\n"


def say(english: str, chinese: str) -> str:
    """Return the words of the page's own language."""
    return chinese if spoken() == "zh" else english


def words(names: object) -> str:
    """Return names as code, those of several words as they are."""
    return (
        ", ".join(f"`{name}`" if " " not in name else name for name in names) if isinstance(names, list | tuple) else ""
    )


def codes(codes: Mapping[str, Message]) -> str:
    """Return codes with their titles, one below the other."""
    return "<br>".join(f"`{code}` {title.text()}" for code, title in codes.items())


def page(title: str, told: str, *parts: str) -> str:
    """Return a page: its title, what it says first, and the tables or text below."""
    return "\n".join([f"# {title}\n\n{MADE}\n{told}\n", *parts])


def table(header: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    """Return a table in Markdown."""
    lines = [header, tuple("---" for _ in header), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines) + "\n"
