"""Collect from a workspace what the migration's own sources hold about people, and the words that are nobody's."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from crmmigrate.checks.personal_values import KnownValues
from crmmigrate.errors import LocationError
from crmmigrate.messages import Message
from crmmigrate.model.issue import RECORD
from crmmigrate.model.privacy import HANDED_OUT, PERSONAL_STANDARDS, PUBLIC_STANDARDS, plain
from crmmigrate.model.stage import PROJECT
from crmmigrate.model.standard import read_data_standard
from crmmigrate.runner.execute import reopen
from crmmigrate.runner.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa

    from crmmigrate.model.privacy import Kind
    from crmmigrate.model.project import Project
    from crmmigrate.model.standard import DataStandard
    from crmmigrate.model.table import Table

_STEPS = ("consolidate", "standardise", "fill", "dedupe")
"""Whose newest tables hold the values: as the sources write them, in standard form, filled in, of golden records."""

_MASKED_AS = {"person": ("person", "text"), "phone": ("phone", "text"), "email": ("email", "text"), "identity": ("id", "text"),
              "address": ("text",), "messenger": ("text",), "card": ("text",)}  # fmt: skip
_WORDS = ("field_words.yaml", "industries.csv", "divisions.csv", "trades.txt")
_PARTICIPANTS = (HANDED_OUT, "population", "signed", "waiting", "unsigned", "refused", "named")
"""Facts of runs that name people who take part: key users, those who signed."""

_SEVERAL = str.maketrans(dict.fromkeys("、，,;；/\n", "\x1f"))


@dataclass
class Held:
    """What the sources hold: personal values by kind, public ones, and names that files, tables and participants bear."""

    values: dict[Kind, set[str]] = field(default_factory=lambda: defaultdict(set))
    public: set[str] = field(default_factory=set)
    structure: list[str] = field(default_factory=list)

    def known(self, key: str = "") -> KnownValues:
        """Return the values ready to be searched for.

        Args:
            key: of the masking, to know which values of a trial are made up; empty: none are.
        """
        made_up = _masked(self.values, key) if key else frozenset()
        return KnownValues(self.values, self.public, _words() if self.values else (), self.structure, made_up)


def held(project: Project | None, workspace: Workspace) -> Held:
    """Collect the personal values of the newest tables of a workspace; without a project or its standard nothing is known."""
    if project is None or not project.standard:
        return Held()
    standard = read_data_standard(project.file(project.standard))
    found = Held(structure=_structure(project, workspace))
    for table, spec in _tables(workspace, standard):
        for column, rules in spec.columns.items():
            if column not in table.columns or column == spec.key:
                continue
            kind = PERSONAL_STANDARDS.get(rules.standard)
            texts = _distinct(table, column) if kind or rules.standard in PUBLIC_STANDARDS else ()
            if kind:
                found.values[kind] |= {part for text in texts for part in _parts(text, kind)}
            else:
                found.public |= set(texts)
    return found


def records_of(project: Project, workspace: Workspace, wanted: set[str]) -> dict[str, set[str]]:
    """Return record → the personal values of its row, for the records that are wanted: what a masked row must not show."""
    import pyarrow as pa
    import pyarrow.compute as pc

    standard = read_data_standard(project.file(project.standard)) if project.standard else None
    found: dict[str, set[str]] = defaultdict(set)
    for table, spec in _tables(workspace, standard) if standard else ():
        columns = {c: PERSONAL_STANDARDS[r.standard] for c, r in spec.columns.items()
                   if r.standard in PERSONAL_STANDARDS and c in table.columns and c != spec.key}  # fmt: skip
        if not columns or RECORD not in table.columns:
            continue
        rows = _read(table, [RECORD, *columns])
        chosen = rows.filter(pc.is_in(rows[RECORD], pa.array(sorted(wanted), pa.string())))
        for row in chosen.to_pylist():
            for column, kind in columns.items():
                found[row[RECORD]] |= {part for part in _parts(row[column] or "", kind) if len(part) > 1}
    return found


def _tables(workspace: Workspace, standard: DataStandard) -> Iterator[tuple[Table, Any]]:
    for step in _STEPS:
        newest = workspace.latest(step)
        for name, table in reopen(workspace, newest.run).items() if newest else ():
            if name in standard.objects and table.path.exists():
                _read(table, [])
                yield table, standard.objects[name]


def _read(table: Table, columns: list[str]) -> pa.Table:
    """Return columns of a table.

    Raises:
        LocationError: `work.damaged`: without what it holds, a scan would call clean what it cannot know.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return pq.read_table(table.path, columns=columns)
    except (pa.ArrowException, OSError) as error:
        raise LocationError(
            "work.damaged", Message("the table '{name}' is damaged", name=table.name), str(table.path),
            Message("make it anew: crmmigrate run {project} --from consolidate", project=PROJECT),
        ) from error  # fmt: skip


def _distinct(table: Table, column: str) -> list[str]:
    values: list[str | None] = _read(table, [column])[column].unique().to_pylist()
    return [value for value in values if value]


def _parts(text: str, kind: Kind) -> list[str]:
    """Return the values of a cell: several names or numbers may share one; an address is one, commas and all.

    An extension (`+869317020831;ext=449`, RFC 3966) is behind many a number, and alone nobody's.
    """
    whole = text.strip()
    if not whole or kind == "address":
        return [whole] if whole else []
    parts = (part.strip() for part in whole.translate(_SEVERAL).split("\x1f"))
    return [part for part in parts if part and not part.startswith("ext=")]


def _masked(values: dict[Kind, set[str]], key: str) -> frozenset[str]:
    """Return, in plain form, what the workspace's key makes of the values: in a trial they are somebody's by chance only."""
    from crmmigrate.transforms import find

    masks = {name: find("mask").make(kind=name, key=key) for kinds in _MASKED_AS.values() for name in kinds}
    return frozenset(
        plain(masks[name](value)) for kind, found in values.items() for value in found for name in _MASKED_AS[kind]
    )


@cache
def _words() -> tuple[str, ...]:
    """Return the texts of the program and of its reference tables."""
    data = files("crmmigrate") / "data"
    texts = [(data / name).read_text(encoding="utf-8") for name in _WORDS]
    catalogue = data / "locale" / "zh_CN" / "LC_MESSAGES" / "crmmigrate.po"
    return (*texts, catalogue.read_text(encoding="utf-8")) if catalogue.is_file() else tuple(texts)


def _structure(project: Project, workspace: Workspace) -> list[str]:
    """Return the names that sources, files, tables and runs bear, and those of people who take part in the migration."""
    texts = [text for name, spec in project.sources.items() for text in (name, spec.location, spec.owner)]
    extracted = workspace.latest("extract")
    if extracted:
        texts += extracted.outputs
        listed = reopen(workspace, extracted.run).get("_files")
        if listed is not None and listed.path.exists():
            texts += [value for column in listed.frame().columns[:2] for value in listed.frame()[column].dropna()]
    for manifest in workspace.manifests():
        texts.append(manifest.operator)
        for fact in _PARTICIPANTS:
            told = manifest.facts.get(fact)
            texts += [str(name) for name in told] if isinstance(told, dict | list) else []
            texts += (
                [str(one["by"]) for one in told.values() if isinstance(one, dict) and "by" in one]
                if isinstance(told, dict)
                else []
            )
    return [text for text in texts if text]
