"""Run a project: the sources, then the stages in order; what is up to date is not run again."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from crmmigrate.checks.strangers import Owner, identity_of
from crmmigrate.errors import ConfigurationError, CrmMigrateError, Findings, LimitReached, LocationError
from crmmigrate.messages import Message, shell_line
from crmmigrate.model.ambiguous import LINKED
from crmmigrate.model.issue import ASIDE, ASIDE_COLUMNS
from crmmigrate.model.load_part import LoadPart
from crmmigrate.model.load_window import closing
from crmmigrate.model.manifest import Manifest
from crmmigrate.model.rule import declare_rules, read_rules
from crmmigrate.model.stage import PROJECT
from crmmigrate.model.table import Table
from crmmigrate.runner.deciding import ALWAYS, key_of
from crmmigrate.runner.evidence import rehearsals
from crmmigrate.runner.execute import Outcome, execute, reopen
from crmmigrate.runner.extract import project_extraction
from crmmigrate.runner.overwriting import Edits, find_edits
from crmmigrate.runner.parts import keep_part, kept_part
from crmmigrate.runner.rereading import read_alike
from crmmigrate.runner.standing import standing_loads, unfinished_load
from crmmigrate.runner.tables import TableWriter
from crmmigrate.stages import ORDER, load_stage
from crmmigrate.targets import open_target

if TYPE_CHECKING:
    from crmmigrate.model.project import Project
    from crmmigrate.runner.execute import Context

STEPS = ("extract", *ORDER)


@dataclass
class Step:
    """One step of a pipeline, done or reused.

    Args:
        name: extract or a stage.
        manifest: of the run that made its tables.
        reused: whether that run is an earlier one.
        outcome: of a run made now.
    """

    name: str
    manifest: Manifest
    reused: bool
    outcome: Outcome | None = None


@dataclass
class Pipeline:
    """One project and its workspace, on the way through the stages.

    Args:
        project: the migration.yaml.
        context: workspace, progress and parent run.
        named: the project as the next command has to name it, with its `--work`.
        ignore_window: whether a load goes on when its window ends.
        take_over: whether rows that another project has loaded are taken for its own.
        edits: what people did in the target that a load of all rows writes over, and whether it may.
    """

    project: Project
    context: Context
    tables: dict[str, Table] = field(default_factory=dict)
    by_step: dict[str, dict[str, Table]] = field(default_factory=dict)
    asides: list[Table] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    named: str = PROJECT
    ignore_window: bool = False
    take_over: bool = False
    edits: Edits = field(default_factory=Edits)

    def run(self, first: str = "", last: str = "reconcile", *, resume: str = "") -> list[Step]:
        """Run the steps up to `last`; those from `first` on even if they are up to date.

        Args:
            first: a step to begin with; what lies before is taken from earlier runs.
            last: the last step.
            resume: the id of a load run to go on with.

        Raises:
            ConfigurationError: a step's name is unknown, or a step before `first` was never run.
            Findings: mistakes in the files of any of these steps, before anything is done.
        """
        forced = False
        _check_order(first, last)
        self._check_files(last)
        self.context.engine.check()
        for name in STEPS[: _index(last) + 1]:
            forced = forced or name == first
            self._step(name, forced=forced, must_exist=bool(first) and not forced, resume=resume)
        return self.steps

    def plan(self, first: str = "", last: str = "reconcile", *, changed: str = "") -> list[tuple[str, bool]]:
        """Return step and whether it is up to date; what `run` would do, by the same comparison. Tables of a server are read for it.

        Args:
            first: a step to begin with.
            last: the last step.
            changed: a step that is about to be given something new, so that it will not be up to date.
        """
        planned: list[tuple[str, bool]] = []
        current = True
        _check_order(first, last)
        self._check_files(last)
        for name in STEPS[: _index(last) + 1]:
            current = current and name not in (first, changed) and name not in ALWAYS
            found = self._earlier(name) or self._read_alike(name) if current else None
            current = current and found is not None
            if found is not None:
                self._take(name, reopen(self.context.workspace, found.run), self.aside_of(found))
            planned.append((name, found is not None))
        return planned

    def _check_files(self, last: str) -> None:
        """Read what people wrote for every step up to `last`, so that a mistake is told at once and not when its step comes.

        Raises:
            Findings: all mistakes, each with its place.
        """
        found: dict[tuple[str, str], ConfigurationError] = {}
        for name in ORDER[: _index(last)]:
            try:
                self.options(name)
            except Findings as errors:
                found |= {(error.code, error.place): error for error in errors.errors}
            except CrmMigrateError as error:  # a file that is not there yet is told when its step comes
                if isinstance(error, ConfigurationError) and error.code.startswith("yaml."):
                    found[error.code, error.place] = error
        if found:
            raise Findings(list(found.values()))

    def up_to_date(self) -> dict[str, Manifest]:
        """Return step → the completed run that `run` would take as it is, up to the first step that it would run anew."""
        found: dict[str, Manifest] = {}
        for name in STEPS:
            earlier = None if name in ALWAYS else self._earlier(name)
            if earlier is None:
                break
            self._take(name, reopen(self.context.workspace, earlier.run), self.aside_of(earlier))
            found[name] = earlier
        return found

    def load_chain(self) -> list[Manifest]:
        """Return the newest completed load that stands, behind the very runs it came from, whatever was run since.

        One of which people took back a chosen part stands. Where none stands any more it is the newest of all.

        Raises:
            ConfigurationError: nothing was loaded here, or a run it came from is gone.
        """
        return self.chain_of(self.standing_load(in_part=True) or self.context.workspace.latest("load"))

    def standing_load(self, *, in_part: bool = False) -> Manifest | None:
        """Return the newest completed load of this workspace that stands in the target.

        Args:
            in_part: also one of which a chosen part was rolled back.

        Raises:
            ConfigurationError: `run.folder-gone`: its folder is gone.
        """
        found = self.standing_loads(in_part=in_part)
        return found[-1] if found else None

    def standing_loads(self, *, in_part: bool = False, deltas_in_part: bool = True) -> list[Manifest]:
        """Return the completed loads of this workspace that stand in the target, oldest first, as of `runner.standing`."""
        workspace = self.context.workspace
        if workspace.latest("load") is None and not workspace.logged("load"):
            return []
        with self.open_target() as target:
            return standing_loads(workspace, target.runs(), in_part=in_part, deltas_in_part=deltas_in_part)

    def chain_of(self, found: Manifest | None) -> list[Manifest]:
        """Return a load behind the very runs it came from.

        Raises:
            ConfigurationError: there is none, or a run it came from is gone.
        """
        known = {manifest.run: manifest for manifest in self.context.workspace.manifests()}
        chain: list[Manifest] = []
        while found is not None:
            chain.insert(0, found)
            found = known.get(found.parent)
        if [manifest.stage for manifest in chain] != list(STEPS[: _index("load") + 1]):
            raise ConfigurationError(
                "run.no-load", Message("no completed load with all the runs it came from is in this workspace"),
                str(self.context.workspace.folder),
                Message("finish it first: crmmigrate load {project} --resume", project=PROJECT) if unfinished_load(self)
                else Message("run: crmmigrate run {project}", project=PROJECT),
            )  # fmt: skip
        return chain

    def reopen_load(self) -> None:
        """Take the tables of the newest completed load that stands, and of the very runs it came from.

        Raises:
            ConfigurationError: as of `load_chain`.
        """
        for manifest in self.load_chain():
            self._take(manifest.stage, reopen(self.context.workspace, manifest.run), self.aside_of(manifest))
            self.steps.append(Step(manifest.stage, manifest, reused=True))

    def load_part(self, part: LoadPart) -> list[Step]:
        """Load only a part of the rows that were validated, and return all steps.

        Which part is kept in the folder of the run, so that it is the same when the load is resumed.
        """
        run = self.context.workspace.new_name("load")
        keep_part(self.context.workspace, run, part)
        self._step("load", forced=True, must_exist=False, resume=run)
        return self.steps

    def run_only(self, name: str) -> list[Step]:
        """Run one step on the tables taken so far, and return it."""
        self._step(name, forced=True, must_exist=False, resume="")
        return self.steps[-1:]

    def aside(self, name: str = ASIDE) -> Table:
        """Return all rows set aside so far, as one table, kept in the workspace under `name`."""
        folder = self.context.workspace.folder / "tables"
        folder.mkdir(parents=True, exist_ok=True)
        writer = TableWriter(ASIDE, folder / f"{name}.parquet", ASIDE_COLUMNS)
        for table in self.asides:
            for batch in table.batches():
                writer.write(batch)
        return writer.close()

    def objects(self) -> tuple[str, ...]:
        """Return the names of the business objects."""
        return tuple(self.project.objects)

    def inputs(self, name: str) -> dict[str, Table]:
        """Return the tables that the step `name` is given."""
        if name == "load":
            return {o: self.tables[o] for o in self.objects() if o in self.tables}
        if name != "reconcile":
            return dict(self.tables)
        given = {"aside": self.aside()}
        if self.project.waves:
            from crmmigrate.runner.waves import wave_table

            given["waves"] = wave_table(self)
        if LINKED in self.by_step["dedupe"]:
            given[LINKED] = self.by_step["dedupe"][LINKED]
        for prefix, step in (("source", "consolidate"), ("expected", "validate"), ("loaded", "load")):
            made = self.by_step[step]
            given |= {f"{prefix}.{o}": Table(f"{prefix}.{o}", made[o].path) for o in self.objects() if o in made}
        return given

    def _step(self, name: str, *, forced: bool, must_exist: bool, resume: str) -> None:
        found = None if forced or name in ALWAYS else self._earlier(name)
        if must_exist and found is None:
            found = self.context.workspace.latest(name)
            if found is None:
                raise ConfigurationError(
                    "run.no-earlier", Message("the step '{name}' was never completed in this workspace", name=name),
                    str(self.context.workspace.folder), Message("leave --from out, so that all steps are run"),
                )  # fmt: skip
            for table in (*reopen(self.context.workspace, found.run).values(), self.aside_of(found)):
                table.present()
        if found is not None:
            self._take(name, reopen(self.context.workspace, found.run), self.aside_of(found))
            self.steps.append(Step(name, found, reused=True))
            return
        outcome = self._execute(name, resume)
        self._take(name, outcome.tables, outcome.aside)
        self.steps.append(Step(name, outcome.run.manifest, reused=False, outcome=outcome))

    def _execute(self, name: str, resume: str) -> Outcome:
        if name == "extract":
            stage = project_extraction(self.project)
            return execute(stage, {}, None, self.context, key=self.key(name))
        stage = load_stage(name)
        options = self.options(name)
        if name == "load":
            ends = None if self.ignore_window else closing(self.project.window, datetime.now())  # noqa: DTZ005  # it is local time
            part = kept_part(self.context.workspace, resume) if resume else None
            options = replace(options, closes=ends.timestamp() if ends else None, owner=self.owner, part=part)
            find_edits(self, resumed=bool(resume))
        accounted = None if name in ("consolidate", "load") else self.objects()
        context = replace(self.context, accounted=accounted, parent=self.steps[-1].manifest.run)
        if not stage.needs_target:
            return execute(stage, self.inputs(name), options, context, key=self.key(name))
        with self.open_target() as target:
            run = resume if name == "load" else ""
            try:
                return execute(stage, self.inputs(name), options, context, target=target, run=run, key=self.key(name))
            except (LimitReached, LocationError) as error:
                if name == "load":
                    from crmmigrate.runner.so_far import tell_stopped

                    tell_stopped(self, target, error)
                raise

    @property
    def owner(self) -> Owner:
        """Who loads."""
        return Owner(identity_of(self.project.file(".")), frozenset(self.context.workspace.loads()), self.take_over)

    def options(self, name: str) -> Any:
        """Return the options of a stage as the project and the command line give them."""
        options = load_stage(name).options.from_project(self.project)  # type: ignore[attr-defined]
        if name == "reconcile":
            workspace = self.context.workspace
            options = replace(options, earlier=rehearsals(workspace), loads=frozenset(workspace.loads()))
        return options

    def open_target(self, *, to_create: bool = False) -> Any:
        """Open the project's target.

        Args:
            to_create: tables are to be created in it; only then may a SQLite file be missing.

        Raises:
            ConfigurationError: the project names none.
            LocationError: it cannot be reached.
        """
        from crmmigrate.model.schema import read_target_schema

        spec = self.project.target
        if spec is None:
            raise ConfigurationError(
                "project.no-target", Message("the migration.yaml names no target"), str(self.project.folder),
                Message('add for example  target: {url: "sqlite:///work/crm.db", schema: schema.yaml}'),
            )  # fmt: skip
        schema = read_target_schema(self.project.file(spec.schema)) if spec.schema else None
        location = self.project.location(spec.url)
        if location.file is not None and not location.file.exists():
            if not to_create:
                described = self.project.file(spec.schema or "schema.yaml")
                example = shell_line("crmmigrate", "target", "create", location.shown, "--schema", described)
                raise LocationError(
                    "target.missing", Message("the database file does not exist"), location.shown,
                    Message("check the path, or create its tables: {command}", command=example),
                )  # fmt: skip
            location.file.parent.mkdir(parents=True, exist_ok=True)
        return open_target(location, schema=schema, journal=self.context.workspace.folder / "target")

    def _take(self, name: str, tables: dict[str, Table], aside: Table) -> None:
        self.by_step[name] = tables
        if (
            name == "rules" and self.project.rules
        ):  # later reports name what rules rejected, in this run or an earlier one
            declare_rules(read_rules([self.project.file(self.project.rules.files)]))
        if name in {"extract", "consolidate"}:
            self.tables = dict(tables)
        elif name not in ("audit", *ALWAYS):
            self.tables |= tables
        self.asides.append(aside)

    def aside_of(self, manifest: Manifest) -> Table:
        """Return the rows that a run set aside."""
        return Table(ASIDE, self.context.workspace.runs_folder / manifest.run / "tables" / f"{ASIDE}.parquet")

    def key(self, name: str) -> str:
        """Return a digest of everything that decides the step's result; empty where that cannot be told."""
        return key_of(name, self.project, self.tables, self.context.workspace.folder)

    def _earlier(self, name: str) -> Manifest | None:
        key = self.key(name)
        return self._whole(self.context.workspace.latest(name, key) if key else None)

    def _read_alike(self, name: str) -> Manifest | None:
        """Return the run that read the same from sources that have to be read to know."""
        return self._whole(read_alike(self.project, self.context)) if name == "extract" else None

    def _whole(self, found: Manifest | None) -> Manifest | None:
        """Return a run of which all tables are there."""
        if found is None:
            return None
        folder = self.context.workspace.runs_folder / found.run
        whole = all((folder / output["path"]).exists() for output in found.outputs.values())
        return found if whole and self.aside_of(found).path.exists() else None


def _check_order(first: str, last: str) -> None:
    if first and _index(first) > _index(last):
        raise ConfigurationError(
            "run.stage-order", Message("'{first}' comes after '{last}': there is nothing to run", first=first, last=last),
            "", Message("give --from a stage that is not behind --to"),
        )  # fmt: skip


def _index(name: str) -> int:
    if name not in STEPS:
        from crmmigrate.model.document import nearest

        raise ConfigurationError(
            "run.unknown-stage", Message("no stage is called '{name}'", name=name), "",
            nearest(name, STEPS) or Message("one of: {words}", words=", ".join(STEPS)),
        )  # fmt: skip
    return STEPS.index(name)
