"""dedupe: find records of one thing within and across sources, merge them to golden records, repoint their children."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crmmigrate.errors import ConfigurationError
from crmmigrate.messages import Message
from crmmigrate.model.decision import Decision, ReviewGroup, latest, refuse_torn
from crmmigrate.model.dedupe import DedupeRules, read_dedupe
from crmmigrate.model.document import nearest
from crmmigrate.model.issue import ORIGIN, RECORD, REFERENCE, declare_code, text_frame
from crmmigrate.model.stage import Job, Query, Report, StageResult, option, stage
from crmmigrate.model.table import quoted

if TYPE_CHECKING:
    import pandas as pd

    from crmmigrate.matching.engine import Matching
    from crmmigrate.model.project import Project
    from crmmigrate.model.table import Tables

MERGED = declare_code("dedupe.merged", Message("a duplicate that was merged into another record"))
REVIEW_BOOK = "05_疑似重复审核表.xlsx"
CROSSWALK_COLUMNS = ("object", RECORD, "survivor")
SHIPPED = ("account", "contact")


DECISIONS = "decisions"
"""The folder beside a migration.yaml in which reviewed workbooks are kept, oldest name first."""


def _read_rules(path: Path) -> DedupeRules:
    from crmmigrate.matching import COMPARATORS
    from crmmigrate.matching.roles import ROLES, never_rules

    return read_dedupe(path, {name: role.compare for name, role in ROLES.items()}, COMPARATORS, never_rules)


def _read_decisions(path: Path) -> tuple[Decision, ...]:
    from crmmigrate.reports.review import read_review

    return read_review(path)


def kept_decisions(project: Project) -> tuple[Decision, ...]:
    """Return every decision of the workbooks kept beside a migration.yaml, oldest first."""
    books = sorted(project.file(DECISIONS).glob("*.xlsx"))
    return tuple(decision for book in books for decision in _read_decisions(book))


@dataclass(frozen=True)
class DedupeOptions:
    """Which rules, and what people decided before."""

    rules: tuple[DedupeRules, ...] = option(
        "--rules", Message("rules of an object (dedupe.yaml); without it the shipped ones"), read=_read_rules,
        multiple=True,
    )  # fmt: skip
    object: str | None = option("--object", Message("what the table holds, for the shipped rules"), choices=SHIPPED)
    decisions: tuple[Decision, ...] = option(
        "--decisions", Message("a review workbook in which people decided"), read=_read_decisions, default=()
    )

    @classmethod
    def from_project(cls, project: Project) -> DedupeOptions:
        """Read the rules files a project names, in their order, and every decision people ever made in it."""
        rules = tuple(_read_rules(project.file(name)) for name in project.dedupe)
        return cls(rules, decisions=kept_decisions(project))


@stage(
    title=Message("Find duplicates, merge them and repoint their children"), options=DedupeOptions,
    writes=("crosswalk", "pairs", "review"),
)  # fmt: skip
def dedupe(job: Job) -> StageResult:
    """Match, cluster and merge object by object; every table leaves with its references pointing at survivors.

    Returns:
        Every input table; `crosswalk`: every record of a deduplicated object with its survivor; `pairs`: scored pairs.
        `flows`: merged rows are set aside with the code `dedupe.merged`.

    Raises:
        Findings: decisions of people that cannot all hold.
    """
    from crmmigrate.matching.report import pair_table, review_groups

    options: DedupeOptions = job.options
    decisions, contradictions = latest(options.decisions)
    result = StageResult(flows={name: (name,) for name in job.tables})
    state = _State(job.tables)
    pairs: list[pd.DataFrame] = []
    groups: list[ReviewGroup] = []
    for table, rules in _plan(options, job.tables):
        frame = state.frame(table)
        found = _match(frame, rules, decisions)
        refuse_torn(found.torn)
        survivor = state.merge(table, rules, frame, found, result)
        pairs.append(pair_table(rules, frame, found))
        groups += review_groups(rules, state.golden[table], survivor, found)
        result.facts[rules.object] = found.facts
        result.findings += _warnings(rules, found)
        job.progress(len(frame))
    result.tables = {name: state.output(name) for name in job.tables}
    result.tables["crosswalk"] = state.crosswalk()
    result.tables["pairs"] = _stacked(pairs)
    if contradictions:
        result.findings.append(
            Message("{count} decisions are contradicted by later ones; the later ones hold", count=len(contradictions))
        )
    _add_review(result, groups)
    return result


def _add_review(result: StageResult, groups: list[ReviewGroup]) -> None:
    if not groups:
        result.next_step = Message("map the records to the target: crmmigrate run migration.yaml --to map")
        return
    from crmmigrate.reports.review import write_review

    pairs = sum(len(group.rows) - 1 for group in groups)
    result.reports.append(Report(REVIEW_BOOK, lambda path, language: write_review(path, language, groups)))
    result.findings.append(Message(
        "{pairs} pairs may be duplicates: decide on them in {book}, then run again with --decisions {book}",
        pairs=pairs, book=REVIEW_BOOK,
    ))  # fmt: skip
    result.next_step = Message("decide in {book} and run dedupe again with --decisions {book}", book=REVIEW_BOOK)


def _warnings(rules: DedupeRules, found: Matching) -> list[Message]:
    if not found.overruled:
        return []
    return [Message(
        "{object}: {count} merges that people decided are against a never rule; they were done",
        object=rules.object, count=len(found.overruled),
    )]  # fmt: skip


def _plan(options: DedupeOptions, tables: Tables) -> list[tuple[str, DedupeRules]]:
    """Return the tables to deduplicate with their rules, in order.

    Raises:
        ConfigurationError: rules for an object that is not there, or no column to compare by.
    """
    from crmmigrate.matching.roles import of_people, shipped

    alone = next(iter(tables)) if len(tables) == 1 else ""
    if options.rules:
        plan = []
        for rules in options.rules:
            name = rules.object if rules.object in tables else alone
            if not name:
                raise ConfigurationError(
                    "dedupe.unknown-object", Message("no object is called '{name}'", name=rules.object), "dedupe",
                    nearest(rules.object, tables),
                )  # fmt: skip
            if not any(column in tables[name].columns for rule in rules.columns.values() for column in rule.columns):
                raise ConfigurationError(
                    "dedupe.no-columns", Message("the table has none of the columns that the rules compare"), name,
                    Message("its columns are: {words}", words=", ".join(tables[name].data_columns)),
                )  # fmt: skip
            plan.append((name, rules))
        return plan
    wanted = (options.object,) if options.object else SHIPPED
    if alone and not options.object and of_people(tables[alone].columns):
        wanted = ("contact", "account")
    plan = []
    for kind in wanted:
        name = kind if kind in tables else alone
        found = shipped(kind, tables[name].columns) if name else None
        if found:
            plan.append((name, found))
            if alone:
                break
    if not plan and len(tables) == 1:
        raise ConfigurationError(
            "dedupe.no-columns", Message("no column of this table looks like a name to compare by"), alone,
            Message("write a rules file that names the columns and give it with --rules"),
        )  # fmt: skip
    return plan


def _match(frame: pd.DataFrame, rules: DedupeRules, decisions: list[Decision]) -> Matching:
    from crmmigrate.matching.engine import match

    return match(frame, rules, [decision for decision in decisions if decision.object == rules.object])


class _State:
    """The tables while object after object is merged: golden records, and who survived whom."""

    def __init__(self, tables: Tables) -> None:
        self.tables = tables
        self.golden: dict[str, pd.DataFrame] = {}
        self.walks: dict[str, tuple[str, pd.DataFrame]] = {}
        """Object → (table, frame of `_record`, `survivor`)."""

    def frame(self, name: str) -> pd.DataFrame:
        """Return a table's rows sorted by `_record`, its references repointed by the objects merged so far."""
        frame = self.golden[name] if name in self.golden else self.tables[name].frame()
        return self._repointed(frame).sort_values(RECORD, ignore_index=True)

    def _repointed(self, frame: pd.DataFrame) -> pd.DataFrame:
        for kind, (_, walk) in self.walks.items():
            column = REFERENCE + kind
            if column in frame.columns:
                survivors = walk.set_index(RECORD)["survivor"]
                frame = frame.assign(**{column: frame[column].map(survivors).fillna(frame[column]).astype("str")})
        return frame

    def merge(
        self, name: str, rules: DedupeRules, frame: pd.DataFrame, found: Matching, result: StageResult
    ) -> pd.Series:
        """Make the golden records of one table, note its crosswalk and set the merged rows aside."""
        import pandas as pd

        from crmmigrate.matching.survivorship import golden, survivors

        survivor = survivors(frame, pd.Series(found.cluster), rules)
        rows = golden(frame, survivor, rules)
        merged = frame[frame[RECORD] != survivor]
        origins = merged[ORIGIN] if ORIGIN in merged.columns else pd.Series("", index=merged.index)
        result.aside += [
            (name, record, origin, "merged", MERGED, None, None, into)
            for record, origin, into in zip(merged[RECORD], origins, survivor[merged.index], strict=True)
        ]
        walk = pd.DataFrame({RECORD: frame[RECORD], "survivor": survivor})
        if rules.object in self.walks:
            earlier = self.walks[rules.object][1]
            walk = earlier.assign(survivor=earlier["survivor"].map(walk.set_index(RECORD)["survivor"]))
        self.walks[rules.object] = (name, walk)
        own = REFERENCE + rules.object
        if own in rows.columns:
            parents = rows[own].map(walk.set_index(RECORD)["survivor"]).fillna(rows[own])
            rows = rows.assign(**{own: parents.where(parents != rows[RECORD]).astype("str")})
        self.golden[name] = rows
        return survivor

    def output(self, name: str) -> Any:
        """Return what becomes of an input table: golden records, or the same rows with their references repointed."""
        if name in self.golden:
            rows = self._repointed(self.golden[name])
            order = self.tables[name].frame([RECORD])[RECORD]
            return rows.set_index(RECORD, drop=False).reindex(order[order.isin(rows[RECORD])]).reset_index(drop=True)
        wanted = [kind for kind in self.walks if REFERENCE + kind in self.tables[name].columns]
        if not wanted:
            return Query(f"SELECT * FROM {quoted(name)}")
        replaced = ", ".join(
            f"coalesce({quoted('walk_' + kind)}.survivor, rows.{quoted(REFERENCE + kind)}) AS {quoted(REFERENCE + kind)}"
            for kind in wanted
        )
        joins = " ".join(
            f"LEFT JOIN {quoted('walk_' + kind)} ON rows.{quoted(REFERENCE + kind)} = {quoted('walk_' + kind)}.{RECORD}"
            for kind in wanted
        )
        # Row numbers keep the order of the input through the joins.
        sql = (
            f"SELECT rows.* EXCLUDE (walk_row) REPLACE ({replaced}) "
            f"FROM (SELECT *, row_number() OVER () AS walk_row FROM {quoted(name)}) rows {joins} ORDER BY walk_row"
        )
        return Query(sql, {f"walk_{kind}": self._moved(kind) for kind in wanted})

    def _moved(self, kind: str) -> pd.DataFrame:
        walk = self.walks[kind][1]
        return walk[walk[RECORD] != walk["survivor"]]

    def crosswalk(self) -> pd.DataFrame:
        """Return every record of the deduplicated objects with its survivor."""
        frames = [walk.assign(object=kind)[list(CROSSWALK_COLUMNS)] for kind, (_, walk) in self.walks.items()]
        return _stacked(frames) if frames else text_frame([], CROSSWALK_COLUMNS)


def _stacked(frames: list[pd.DataFrame]) -> pd.DataFrame:
    import pandas as pd

    from crmmigrate.matching.report import PAIR_COLUMNS

    filled = [frame for frame in frames if len(frame)]
    if not filled:
        return frames[0] if frames else text_frame([], PAIR_COLUMNS)
    return pd.concat(filled, ignore_index=True).astype("str")
