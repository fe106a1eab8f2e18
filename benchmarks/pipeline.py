"""Where the time of a migration goes: rows per second and share of each stage, on the b2b sample.

    python benchmarks/pipeline.py [--scale 1.0] [--target URL] [--work DIR]

Rows are those of the stage's manifest (what it read; of extract, what it wrote). At the end stands the highest memory the
process needed.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path
from typing import Any

from crmmigrate.cli.progress import Bars
from crmmigrate.model.project import read_project
from crmmigrate.model.schema import read_target_schema
from crmmigrate.runner.execute import Context
from crmmigrate.runner.packs import generator, lay_out
from crmmigrate.runner.pipeline import Pipeline
from crmmigrate.runner.workspace import Workspace


class Timed(Pipeline):
    """A pipeline that takes the time of each of its steps."""

    def _step(self, name: str, **how: Any) -> None:
        begun = time.perf_counter()
        super()._step(name, **how)
        self.seconds[name] = time.perf_counter() - begun

    @property
    def seconds(self) -> dict[str, float]:
        """Seconds by step."""
        taken: dict[str, float] = self.__dict__.setdefault("taken", {})
        return taken


def walk(folder: Path, scale: float, target: str) -> Timed:
    """Make the sample in `folder` and run everything."""
    lay_out(folder, "b2b")
    generator("b2b")(folder, scale=scale)
    path = folder / "migration.yaml"
    if target:
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace(read_project(path).target.url, target), encoding="utf-8")
    project = read_project(path)
    pipeline = Timed(project, Context(Workspace(folder / "work"), Bars()))
    with pipeline.open_target(to_create=True) as opened:
        opened.create(read_target_schema(project.file(project.target.schema)))
    pipeline.run()
    return pipeline


def report(pipeline: Timed) -> None:
    """Print a line per stage."""
    whole = sum(pipeline.seconds.values())
    print(f"{'stage':<12} {'rows':>9} {'seconds':>8} {'rows/s':>10} {'share':>6}")
    for step in pipeline.steps:
        manifest = step.manifest
        tables = manifest.outputs if step.name == "extract" else manifest.inputs
        rows = sum(int(table["rows"]) for table in tables.values())
        taken = pipeline.seconds[step.name]
        print(f"{step.name:<12} {rows:>9,} {taken:>8.2f} {rows / taken:>10,.0f} {taken / whole:>6.0%}")
    print(f"{'all':<12} {'':>9} {whole:>8.2f}")
    try:
        import resource
    except ModuleNotFoundError:
        return
    print(f"highest memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MB")


def main() -> None:
    """Run and report."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--target", default="", help="database URL of an empty database; SQLite by default")
    parser.add_argument("--work", type=Path, help="an empty folder to keep the run in")
    asked = parser.parse_args()
    if asked.work:
        report(walk(asked.work, asked.scale, asked.target))
        return
    with tempfile.TemporaryDirectory(prefix="crmmigrate-benchmark-") as folder:
        report(walk(Path(folder) / "project", asked.scale, asked.target))


if __name__ == "__main__":
    main()
