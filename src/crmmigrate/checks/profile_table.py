"""Profile a table: counts, forms, damage and meaning of each column, keys and repeated rows. Only SQL sees every value."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from crmmigrate.checks.profile_meaning import PATTERNS, guess_meaning, hidden
from crmmigrate.model.profile import ColumnProfile, Form, TableProfile
from crmmigrate.model.table import quoted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crmmigrate.model.table import Table, Tables

_CELLS_AT_ONCE = 8_000_000
_SAMPLE, _FORMS, _MASKED = 400, 6, 24
_VALUES = "crmm_profile_values"

_DAMAGE: dict[str, str] = {
    "full-width": "[０-９Ａ-Ｚａ-ｚ＋＠．]",
    "invisible": r"[\x{a0}\x{ad}\x{200b}-\x{200f}\x{2028}-\x{202e}\x{2060}\x{feff}]",
    "mojibake": r"\x{fffd}|锟斤拷|烫烫|Ã[\x{80}-\x{bf}]|â€|[\x{e000}-\x{f8ff}]|[一-鿿]\?{2,}|\?{2,}[一-鿿]",
    "control": r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]",
    "outer-blanks": r"^[\s\x{3000}]|[\s\x{3000}]$",
    "placeholder": r"^(?:无|没有|暂无|不详|未知|待补|空|—+|-+|/+|\?+|(?i:n/?a|none|null|nil|tbd|unknown))$",
    "error-value": r"^#(?:N/A|REF!|VALUE!|DIV/0!|NAME\?|NULL!|NUM!)$",
    "formula": r"^[=@]|^[+-][A-Za-z(]",
    "scientific": r"^[0-9](?:\.[0-9]+)?[eE]\+?[0-9]{1,2}$",
}
"""Kinds of damage that show in any column."""

_DAMAGE_OF_MEANING: dict[str, tuple[str, frozenset[str]]] = {
    "float-number": (r"^[0-9]+\.0+$", frozenset({"mobile", "phone", "id", "credit_code", "id_number", "messenger"})),
    "lost-digits": (r"^[0-9]{15}0{3}$|^[0-9]\.[0-9]+[eE]\+?17$", frozenset({"id_number", "credit_code", "id"})),
    "serial-date": (r"^[1-9][0-9]{4}(?:\.[0-9]+)?$", frozenset({"date"})),
    "several-values": (r"[0-9][^0-9]*[;；、,，/|\n][^0-9]*[0-9]{5}", frozenset({"mobile", "phone"})),
}
"""Kinds of damage that are damage only where the column means one of these."""

_ONE_FORM = frozenset({"date", "mobile"})
_MASK = (
    "regexp_replace(regexp_replace(translate(left(v, 40), '0123456789０１２３４５６７８９', '99999999999999999999'), "
    r"'[\p{Latin}\p{Greek}\p{Cyrillic}\p{Hangul}\p{Hiragana}\p{Katakana}]', 'A', 'g'), '\p{Han}', '汉', 'g')"
)


def profile_table(tables: Tables, table: Table, *, reference: bool = False) -> TableProfile:
    """Profile one table.

    Args:
        tables: holds `table`; its connection does the counting.
        table: all columns text.
        reference: whether the table is only looked things up in.

    Returns:
        The profile; near duplicates, contradictions and age are left to `profile_duplicates`.
    """
    columns = table.data_columns
    step = max(1, _CELLS_AT_ONCE // max(table.rows, 1))
    profiles: list[ColumnProfile] = []
    for start in range(0, len(columns), step):
        profiles += _profile_columns(tables, table, columns[start : start + step])
    keys = tuple(column.name for column in profiles if column.rows and column.distinct == column.filled == column.rows)
    repeated = 0
    if columns and not keys:
        names = ", ".join(map(quoted, columns))
        repeated = table.rows - int(
            tables.value(f"SELECT count(*) FROM (SELECT DISTINCT {names} FROM {quoted(table.name)})")
        )
    return TableProfile(table.name, table.rows, tuple(profiles), keys, repeated, reference=reference)


def _profile_columns(tables: Tables, table: Table, columns: Sequence[str]) -> list[ColumnProfile]:
    run = tables.connection.execute
    listed = ", ".join(map(quoted, columns))
    run(
        f"CREATE OR REPLACE TEMP TABLE {_VALUES} AS SELECT c, v, count(*) AS n FROM "
        f"(UNPIVOT (SELECT {listed} FROM {quoted(table.name)}) ON {listed} INTO NAME c VALUE v) WHERE v <> '' GROUP BY c, v"
    )
    counts = {
        row[0]: row[1:]
        for row in run(
            f"SELECT c, sum(n)::BIGINT, count(*), min(length(v)), max(length(v)) FROM {_VALUES} GROUP BY c"
        ).fetchall()
    }
    samples = _samples(tables)
    meanings = {}
    for name in columns:
        filled, distinct, *_ = counts.get(name, (0, 0, 0, 0))
        meanings[name] = guess_meaning(name, samples[name], filled, distinct)
    conforming = _conforming(tables, meanings)
    damage = _damage(tables, meanings)
    forms = _forms(tables, [name for name, (meaning, _) in meanings.items() if meaning != "text"])
    run(f"DROP TABLE {_VALUES}")
    profiles = []
    for name in columns:
        meaning, confidence = meanings[name]
        filled, distinct, shortest, longest = counts.get(name, (0, 0, 0, 0))
        own, written = damage[name], forms.get(name, ())
        if meaning in _ONE_FORM and written and (other := filled - written[0].cells):
            own["mixed-forms"] = other
        profiles.append(
            ColumnProfile(
                table.name, name, meaning, confidence, table.rows, filled, distinct, shortest, longest,
                conforming.get(name), written, own,
            )
        )  # fmt: skip
    return profiles


def _samples(tables: Tables) -> dict[str, list[str]]:
    """Return up to `_SAMPLE` distinct values per column, picked by their hash, so that order plays no part."""
    found: dict[str, list[str]] = defaultdict(list)
    query = f"SELECT c, v FROM {_VALUES} QUALIFY row_number() OVER (PARTITION BY c ORDER BY hash(v), v) <= {_SAMPLE}"
    for name, value in tables.connection.execute(query).fetchall():
        found[name].append(value)
    return found


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _conforming(tables: Tables, meanings: dict[str, tuple[str, float]]) -> dict[str, int]:
    """Count the cells of each column that look as its meaning asks."""
    judged = {name: PATTERNS[meaning].conform for name, (meaning, _) in meanings.items() if meaning in PATTERNS}
    return _count_by_column(tables, {name: rf"\A(?:{pattern})\z" for name, pattern in judged.items() if pattern})


def _count_by_column(tables: Tables, patterns: dict[str, str]) -> dict[str, int]:
    """Count, per column, the cells in which its own pattern is found."""
    if not patterns:
        return {}
    cases = " ".join(
        f"WHEN {_literal(name)} THEN regexp_matches(v, {_literal(pattern)})" for name, pattern in patterns.items()
    )
    query = f"SELECT c, coalesce(sum(n) FILTER (CASE c {cases} ELSE false END), 0)::BIGINT FROM {_VALUES} GROUP BY c"
    return {name: count for name, count in tables.connection.execute(query).fetchall() if name in patterns}


def _damage(tables: Tables, meanings: dict[str, tuple[str, float]]) -> dict[str, dict[str, int]]:
    """Count the cells of each column per kind of damage; kinds that don't occur are left out."""
    found: dict[str, dict[str, int]] = {name: {} for name in meanings}
    suspicious = "|".join(f"(?:{pattern})" for pattern in _DAMAGE.values())
    kinds = ", ".join(
        f"coalesce(sum(n) FILTER (regexp_matches(v, {_literal(pattern)})), 0)::BIGINT" for pattern in _DAMAGE.values()
    )
    query = f"SELECT c, {kinds} FROM {_VALUES} WHERE regexp_matches(v, {_literal(suspicious)}) GROUP BY c"
    for name, *row in tables.connection.execute(query).fetchall():
        found[name] = {kind: count for kind, count in zip(_DAMAGE, row, strict=True) if count}
    for kind, (pattern, where) in _DAMAGE_OF_MEANING.items():
        chosen = {name: pattern for name, (meaning, _) in meanings.items() if meaning in where}
        for name, count in _count_by_column(tables, chosen).items():
            if count:
                found[name][kind] = count
    return found


def _forms(tables: Tables, columns: Sequence[str]) -> dict[str, tuple[Form, ...]]:
    """Return the most frequent masks per column. Long runs of Chinese are one mark, so that names don't each have a form."""
    found: dict[str, list[Form]] = defaultdict(list)
    if columns:
        chosen = ", ".join(map(_literal, columns))
        query = (
            f"WITH m AS (SELECT c, regexp_replace({_MASK}, '汉{{5,}}', '汉…', 'g') AS mask, sum(n)::BIGINT AS cells, min(v) AS example "
            f"FROM {_VALUES} WHERE c IN ({chosen}) GROUP BY ALL) "
            f"SELECT c, mask, cells, example FROM m QUALIFY row_number() OVER (PARTITION BY c ORDER BY cells DESC, mask) <= {_FORMS}"
        )
        rows: list[tuple[Any, ...]] = tables.connection.execute(query).fetchall()
        for name, mask, cells, example in sorted(rows, key=lambda row: (-row[2], row[1])):
            found[name].append(Form(mask[:_MASKED], cells, hidden(example)))
    return {name: tuple(forms) for name, forms in found.items()}
