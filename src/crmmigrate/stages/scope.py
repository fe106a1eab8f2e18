"""scope: set aside the records that are not to be migrated, each with its reason."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import translate
from typing import TYPE_CHECKING

from crmmigrate.errors import ConfigurationError
from crmmigrate.messages import Message
from crmmigrate.model.document import nearest
from crmmigrate.model.issue import ASIDE_COLUMNS, ORIGIN, RECORD, REFERENCE, declare_code
from crmmigrate.model.scope import KeepRule, ObjectScope, ScopeRules, read_scope
from crmmigrate.model.stage import PROJECT, Job, Query, Report, StageResult, option, stage
from crmmigrate.model.table import quoted

if TYPE_CHECKING:
    import pandas as pd

    from crmmigrate.model.project import Project
    from crmmigrate.model.table import Tables

NO_RULE = declare_code("scope.no-rule-holds", Message("no scope rule keeps the record"))
PARENT_OUT = declare_code("scope.parent-out", Message("its parent is out of scope"))


@dataclass(frozen=True)
class ScopeOptions:
    """The rules to apply."""

    rules: ScopeRules = option("--rules", Message("the scope rules (scope.yaml)"), read=read_scope, required=True)

    @classmethod
    def from_project(cls, project: Project) -> ScopeOptions:
        """Read the scope.yaml that a project names; without one everything is kept."""
        return cls(read_scope(project.file(project.scope)) if project.scope else ScopeRules(1))


@stage(title=Message("Set aside what is not to be migrated"), options=ScopeOptions, writes=("rejects",))
def scope(job: Job) -> StageResult:
    """Keep records for which a rule of their object holds, then the children of what is kept.

    Dates are read by the `date` standard; one that cannot be read keeps nothing, and excludes nothing by itself.
    """
    rules: ScopeRules = job.options.rules
    for name in rules.objects:
        if name not in job.tables and len(job.tables) > 1:
            raise ConfigurationError(
                "scope.unknown-object", Message("no object is called '{name}'", name=name), "scope",
                nearest(name, job.tables),
            )  # fmt: skip
    kept = _kept_records(rules, job.tables)
    result = StageResult()
    out: dict[str, dict[str, list[str]]] = {}
    for name in job.tables:
        table = quoted(name)
        if name not in kept:
            result.tables[name] = job.tables[name]
            continue
        frame = kept[name]
        result.tables[name] = Query(
            f"SELECT t.* FROM {table} t WHERE t.{RECORD} IN (SELECT {RECORD} FROM kept)", {"kept": frame}
        )
        aside = _set_aside(name, frame, rules.objects[name], job.tables)
        result.aside += aside
        out[name] = _by_reason(aside)
        result.facts[name] = {"kept": len(frame), "of": job.tables[name].rows}
    if out:
        result.reports.append(_form(rules, job.tables, out))
    result.next_step = Message(
        "write values the standard way: crmmigrate run {project} --to standardise", project=PROJECT
    )
    return result


def _by_reason(aside: list[tuple[str | None, ...]]) -> dict[str, list[str]]:
    """Return code of the reason → the `_record`s set aside for it."""
    code, record = ASIDE_COLUMNS.index("code"), ASIDE_COLUMNS.index(RECORD)
    found: dict[str, list[str]] = {}
    for row in aside:
        found.setdefault(row[code] or "", []).append(row[record] or "")
    return found


def _form(rules: ScopeRules, tables: Tables, out: dict[str, dict[str, list[str]]]) -> Report:
    from crmmigrate.reports.scope_sheet import WORKBOOK, write_scope

    return Report(WORKBOOK, lambda path, language: write_scope(path, language, rules, tables, out))


def _kept_records(rules: ScopeRules, tables: Tables) -> dict[str, pd.DataFrame]:
    """Return, per object with rules, a frame of the `_record`s that stay; parents are decided before children."""
    kept: dict[str, pd.DataFrame] = {}
    waiting = {name: scope for name, scope in rules.objects.items() if name in tables}
    while waiting:
        ready = [name for name, scope in waiting.items() if not scope.follow or scope.follow not in waiting]
        if not ready:
            raise ConfigurationError(
                "scope.cycle", Message("'follow' goes round in a circle: {names}", names=", ".join(waiting)), "scope"
            )
        for name in ready:
            kept[name] = _kept_of(name, waiting.pop(name), kept, tables)
    return kept


def _kept_of(name: str, scope: ObjectScope, kept: dict[str, pd.DataFrame], tables: Tables) -> pd.DataFrame:
    table = quoted(name)
    if scope.follow:
        parent = quoted(REFERENCE + scope.follow)
        if scope.follow not in kept:
            return tables.frame(f"SELECT {RECORD} FROM {table}")
        rows = tables.frame(f"SELECT {RECORD}, {parent} AS parent FROM {table}")
        stays = rows["parent"].isna() | rows["parent"].isin(kept[scope.follow][RECORD])
        return rows.loc[stays, [RECORD]]
    if not scope.keep:
        return tables.frame(f"SELECT {RECORD} FROM {table}")
    import pandas as pd

    found = [_kept_by(name, rule, tables) for rule in scope.keep]
    return pd.concat(found).drop_duplicates()


def _kept_by(name: str, rule: KeepRule, tables: Tables) -> pd.DataFrame:
    owner, identity = (rule.child, REFERENCE + name) if rule.child else (name, RECORD)
    if owner not in tables:
        return tables.frame(f"SELECT {RECORD} FROM {quoted(name)} WHERE false")
    chosen = f"SELECT {quoted(identity)} AS {RECORD}"
    if rule.column:
        _check_column(owner, rule.column, tables)
        chosen += f", {quoted(rule.column)} AS value"
    rows = tables.frame(f"{chosen} FROM {quoted(owner)} WHERE {quoted(identity)} IS NOT NULL")
    if rule.source:
        pattern = "|".join(translate(f"{source}/*") for source in rule.source)
        rows = rows[rows[RECORD].str.match(pattern)]
    if rule.since:
        rows = rows[rows["value"].map(_dates(rows["value"])) >= rule.since]
    if rule.values:
        wanted = {_folded(value) for value in rule.values}
        rows = rows[rows["value"].map(_folded, na_action="ignore").isin(wanted)]
    return rows[[RECORD]].drop_duplicates()


def _check_column(owner: str, column: str, tables: Tables) -> None:
    if column not in tables[owner].columns:
        raise ConfigurationError(
            "scope.no-column", Message("'{owner}' has no column '{column}'", owner=owner, column=column), "scope",
            nearest(column, tables[owner].data_columns)
            or Message("there are: {columns}", columns=", ".join(tables[owner].data_columns)),
        )  # fmt: skip


def _dates(values: pd.Series) -> dict[str, str]:
    """Return distinct raw value → ISO date, for those that are dates."""
    from crmmigrate.standards import load

    clean = load("date").make()
    answers = {value: clean(value) for value in values.dropna().unique()}
    return {value: cleaned.value[:10] for value, cleaned in answers.items() if cleaned.value and cleaned.usable}


def _folded(value: str) -> str:
    import unicodedata

    return unicodedata.normalize("NFKC", value).strip().casefold()


def _set_aside(name: str, kept: pd.DataFrame, scope: ObjectScope, tables: Tables) -> list[tuple[str | None, ...]]:
    rows = tables.frame(f"SELECT {RECORD}, {ORIGIN} FROM {quoted(name)}")
    out = rows[~rows[RECORD].isin(kept[RECORD])]
    code = PARENT_OUT if scope.follow else NO_RULE
    frame = out.assign(table=name, reason="out_of_scope", code=code).reindex(columns=list(ASIDE_COLUMNS))
    frame = frame.astype(object).where(frame.notna(), None)
    return [tuple(row) for row in frame.itertuples(index=False)]
