"""What the audit finds on the b2b sample above the single column, beside the truth: duplicates, overlaps, orphans, references, names.

    python benchmarks/audit_truth_tables.py [--scale 1.0] [--seed 7]

Exit code 1 where a figure lies outside its limit: duplicates per object and overlaps per pair of sources within 10 %, orphans and
blank names exact, references all found and none false.
"""

from __future__ import annotations

import argparse
import csv
import tempfile
import time
from collections import Counter, defaultdict
from pathlib import Path

from crmmigrate.cli.progress import Bars
from crmmigrate.model.project import read_project
from crmmigrate.model.table import Tables
from crmmigrate.runner.execute import Context, execute
from crmmigrate.runner.extract import extraction, project_keys, project_sources
from crmmigrate.runner.packs import generator, lay_out
from crmmigrate.runner.workspace import Workspace
from crmmigrate.stages.audit import examine

OBJECTS = {"company": "account", "person": "contact"}
REFERENCES = {
    ("crm.联系人", "客户编号", "crm.客户"), ("crm.商机", "客户编号", "crm.客户"), ("crm.跟进记录", "客户编号", "crm.客户"),
    ("crm.跟进记录", "联系人编号", "crm.联系人"), ("tickets.tickets", "customer_no", "crm.客户"), ("orders.ERP订单", "客户代码", "erp.ERP客户档案"),
    ("crm.客户", "负责人", "staff.员工名单"), ("crm.商机", "负责人", "staff.员工名单"), ("crm.跟进记录", "跟进人", "staff.员工名单"),
    ("erp.ERP客户档案", "业务员", "staff.员工名单"), ("orders.ERP订单", "业务员", "staff.员工名单"), ("tickets.tickets", "handler", "staff.员工名单"),
    ("staff.员工名单", "交接人", "staff.员工名单"),
}  # fmt: skip
"""The relations of migration.yaml, and the columns its mappings look up in the staff list."""
ORPHANS = {"contact": ("crm.联系人", "客户编号"), "ticket": ("tickets.tickets", "customer_no")}


class Verdicts:
    """Prints lines and remembers whether one was outside its limit."""

    def __init__(self) -> None:
        self.failed = 0

    def line(self, what: str, found: float, true: float, limit: float, note: str = "") -> None:
        """Print one figure beside its truth."""
        off = abs(found - true)
        good = off <= limit * true + 1e-9
        self.failed += not good
        share = f"{found / true - 1:+.1%}" if true else ""
        print(f"{what:<44} {found:>8,.0f} {true:>8,.0f} {share:>8} {'' if good else 'OUTSIDE'} {note}")


def read(folder: Path, name: str) -> list[dict[str, str]]:
    with (folder / "truth" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=7)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        lay_out(folder, "b2b")
        generator("b2b")(folder, seed=arguments.seed, scale=arguments.scale)
        project = read_project(folder / "migration.yaml")
        context = Context(Workspace(folder / "work"), Bars())
        outcome = execute(extraction(project_sources(project), project_keys(project)), {}, None, context)
        tables = Tables(outcome.tables)
        tables.connection  # noqa: B018  (made before the clock starts)
        begun = time.process_time()
        audit = examine(tables, tuple(n for n, s in project.sources.items() if s.reference))
        print(f"audit: {time.process_time() - begun:.1f} s CPU, {sum(t.rows for t in audit.tables):,} rows\n")
        return judge(folder, tables, audit)


def judge(folder, tables, audit) -> int:
    verdicts = Verdicts()
    print(f"{'':<44} {'found':>8} {'truth':>8}")
    entity = {(row["object"], row["origin"]): row["entity"] for row in read(folder, "entities")}
    known = defaultdict(Counter)
    per_source = defaultdict(set)
    for table in audit.tables:
        if table.reference:
            continue
        origins = tables.frame(f'SELECT _origin FROM "{table.name}"')["_origin"]
        for kind, thing in OBJECTS.items():
            ours = [entity[thing, origin] for origin in origins if (thing, origin) in entity]
            known[kind, table.name].update(ours)
            per_source[kind, table.source] |= set(ours)
    duplicates(audit, known, verdicts)
    for overlap in audit.overlaps:
        if true := len(per_source[overlap.kind, overlap.left] & per_source[overlap.kind, overlap.right]):
            inside = "within bounds" if overlap.low <= true <= overlap.high else "out of bounds"
            verdicts.line(f"{overlap.kind} in {overlap.left} and {overlap.right}", overlap.entities, true, 0.1, inside)
    faults = Counter((row["object"], row["kind"]) for row in read(folder, "faults"))
    for thing, (child, column) in ORPHANS.items():
        found = sum(r.orphans for r in audit.relations if (r.child, r.column) == (child, column))
        verdicts.line(f"orphans of {child}/{column}", found, faults[thing, "orphan"], 0)
    nameless = {risk.table: risk.cells for risk in audit.risks if risk.code == "table.nameless"}
    verdicts.line("companies without a name, crm.客户", nameless.get("crm.客户", 0), faults["account", "blank_name"], 0)
    references = {(r.child, r.column, r.parent) for r in audit.relations}
    verdicts.line("references found", len(references & REFERENCES), len(REFERENCES), 0)
    verdicts.line(
        "references that are none", len(references - REFERENCES), 0, 0, ", ".join(map(str, references - REFERENCES))
    )
    contradicted = sum(c.differ for c in audit.contradictions) / max(1, sum(c.compared for c in audit.contradictions))
    print(f"\ncontradictions: {contradicted:.1%} of the compared values; outside their limits: {verdicts.failed}")
    return 1 if verdicts.failed else 0


def duplicates(audit, known, verdicts: Verdicts) -> None:
    for kind in OBJECTS:
        found = true = 0
        for table in audit.tables:
            for estimate in (d for d in table.duplicates if d.kind == kind):
                extra = sum(count - 1 for count in known[kind, table.name].values())
                found, true = found + estimate.estimate, true + extra
                if extra >= 50:  # smaller tables: one row is more than the limit
                    inside = "within bounds" if estimate.low <= extra <= estimate.high else "out of bounds"
                    verdicts.line(f"{kind} repeated in {table.name}", estimate.estimate, extra, 0.1, inside)
                elif extra or estimate.estimate:
                    print(f"  {kind} {table.name}: {estimate.estimate} ({estimate.low}–{estimate.high}), truth {extra}")
        verdicts.line(f"{kind} repeated in all tables", found, true, 0.1)


if __name__ == "__main__":
    raise SystemExit(main())
