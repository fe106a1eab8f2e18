"""Say which rows of the target records are linked to, and what has become of these rows since."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmmigrate.model.issue import RECORD, text_frame
from crmmigrate.model.load_plan import LoadPlan
from crmmigrate.model.table import to_text_frame
from crmmigrate.model.target import EVERYTHING, LOADED_COLUMNS
from crmmigrate.targets.crosswalk import parts
from crmmigrate.targets.ended import ENDED, UNLINKED, has_ended, linked
from crmmigrate.targets.lasting import Standings
from crmmigrate.targets.reading import Reading, texts, values_of
from crmmigrate.targets.scope import scope_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    import pandas as pd
    import pyarrow as pa
    import sqlalchemy as sa

    from crmmigrate.model.load_plan import ObjectLoad
    from crmmigrate.model.target import TargetRun
    from crmmigrate.targets.dialect import Dialect
    from crmmigrate.targets.journal import Journal


class Linking(Reading):
    """The part of a database target that answers from its crosswalk; see `model.target.Target` for what its methods promise."""

    dialect: Dialect
    journal: Journal

    def loaded(self, object_name: str) -> Iterator[pd.DataFrame]:
        """Yield the crosswalk of an object as `LOADED_COLUMNS`."""
        import sqlalchemy as sa

        with self.session.transaction(write=False) as connection:
            loads = self._loads_of(connection, object_name)
            if not loads:
                yield text_frame([], LOADED_COLUMNS)
                return
            live = self._table(connection, loads[-1][1].table)
            walk, run = self.journal.table("crosswalk"), self.journal.table("run")
            key = live.sql.c[live.key]
            link = key == self.dialect.key_cast(walk.c.target_key, live.key_column)
            query = (
                sa.select(walk.c.source_key, walk.c.target_key, sa.case((key.is_(None), "false"), else_="true"), walk.c.run, run.c.since)
                .select_from(walk.outerjoin(live.sql, link).outerjoin(run, run.c.run == walk.c.run))
                .where(walk.c.object == object_name, *linked(connection, self.journal)).order_by(walk.c.source_key)
            )  # fmt: skip
            yield from map(to_text_frame, texts(connection, query, LOADED_COLUMNS))

    def crosswalk(self, object_name: str) -> Iterator[pa.Table]:
        """Yield the crosswalk of an object as Arrow tables of text, in no order: `_record`, `key`, and `adopted`, `true` or nothing."""
        import sqlalchemy as sa

        with self.session.transaction(write=False) as connection:
            loads = self._loads_of(connection, object_name)
            walk = self.journal.table("crosswalk")
            kept = sa.case((sa.or_(walk.c.adopted == 1, walk.c.run.not_in(_newest(loads))), "true"), else_=None)
            query = sa.select(walk.c.source_key, walk.c.target_key, kept)
            query = query.where(walk.c.object == object_name, *linked(connection, self.journal))
            yield from texts(connection, query if loads else query.where(sa.false()), ("_record", "key", "adopted"))

    def held(self, object_name: str, table: str, columns: Sequence[str]) -> Iterator[pa.Table]:
        """Yield the rows of a table as Arrow tables of text: the `_record` of an object that is linked to each, and some columns."""
        import pyarrow as pa
        import sqlalchemy as sa

        with self.session.transaction(write=False) as connection:
            live, walk = self._table(connection, table), self.journal.table("crosswalk")
            row = live.sql.alias("t")
            link = row.c[live.key] == self.dialect.key_cast(walk.c.target_key, live.key_column)
            mine = sa.and_(link, walk.c.object == object_name, *linked(connection, self.journal))
            query = sa.select(walk.c.source_key, *(row.c[name] for name in columns)).select_from(
                row.outerjoin(walk, mine)
            )
            for records, *cells in values_of(connection, query, 1 + len(columns)):
                shown = [live.columns[name].shown(values) for name, values in zip(columns, cells, strict=True)]
                yield pa.table([pa.array(records, pa.string()), *shown], [RECORD, *columns])

    def edited(self, object_name: str, keys: Sequence[str]) -> dict[str, frozenset[str]]:
        """Return key → the columns that people have changed since loads last went over the row, as far as its images tell."""
        with self.session.transaction(write=False) as connection:
            loads = self._loads_of(connection, object_name)
            if not loads or not keys:
                return {}
            standings = Standings(connection, self.journal, self._table(connection, loads[-1][1].table), object_name)
            return standings.edited(keys, _newest(loads))

    def taken_back(self, object_name: str, records: Sequence[str], by: Collection[str] | None = None) -> set[str]:
        """Return those of `records` whose link a rollback (one of `by`) has taken out: with its batch, or by itself."""
        import sqlalchemy as sa

        found: set[str] = set()
        with self.session.transaction(write=False) as connection:
            if not records or not self.journal.exists(connection):
                return found
            walk, gone, run = (self.journal.table(name) for name in ("crosswalk", UNLINKED, "run"))
            backwards = sa.select(run.c.run).where(
                run.c.kind == "rollback", *([] if by is None else [run.c.run.in_(by)])
            )
            out: list[tuple[sa.Table, sa.ColumnElement[bool]]] = [(gone, gone.c.run.in_(backwards))]
            if self.journal.knows(connection, ENDED):
                out.append((walk, has_ended(self.journal, walk, backwards)))
            for part in parts(records):
                for table, is_out in out:
                    mine = (table.c.object == object_name, self.dialect.among(table.c.source_key, part), is_out)
                    found.update(connection.execute(sa.select(table.c.source_key).where(*mine)).scalars())
        return found

    def given_back(self, object_name: str, run: str) -> set[str]:
        """Return the records in whose rows rollbacks have undone, at least in part, what the load `run` had changed."""
        import sqlalchemy as sa

        with self.session.transaction(write=False) as connection:
            steps = {step.object: step for step in LoadPlan.from_text(self.journal.run(connection, run).plan).objects}
            if object_name not in steps:
                return set()
            scope = scope_of(self.journal, self.journal.runs(connection), "", run, EVERYTHING)
            image = self.journal.image(self._table(connection, steps[object_name].table), object_name)
            walk = self.journal.table("crosswalk")
            query = (
                sa.select(walk.c.source_key).select_from(image.join(walk, walk.c.target_key == image.c.target_key))
                .where(walk.c.object == object_name, image.c.action == "update", scope.given_back(image, object_name), *linked(connection, self.journal))
            )  # fmt: skip
            return set(connection.execute(query).scalars())

    def _loads_of(self, connection: sa.Connection, object_name: str) -> list[tuple[TargetRun, ObjectLoad]]:
        """Return the loads of an object, oldest first, each with its first step of it."""
        loads = [run for run in self.journal.runs(connection) if run.kind == "load"]
        steps = [(run, step) for run in loads for step in LoadPlan.from_text(run.plan).objects[::-1]]
        return list({run.run: (run, step) for run, step in steps if step.object == object_name}.values())


def _newest(loads: Sequence[tuple[TargetRun, ObjectLoad]]) -> list[str]:
    """Return the newest load that was given all rows of an object, and those after it: they leave alone what was there before them."""
    standing = [(run.run, step.partial) for run, step in loads if run.state != "rolled_back"]
    whole = [place for place, (_, partial) in enumerate(standing) if not partial]
    return [run for run, _ in standing[whole[-1] if whole else 0 :]]
