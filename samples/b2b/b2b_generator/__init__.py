"""The world behind the b2b sample, its sources, and the dirt in them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from b2b_generator.cards import CardsWriter
from b2b_generator.crm import FILE, CrmWriter
from b2b_generator.erp import ErpWriter
from b2b_generator.plan import Plan
from b2b_generator.registers import REGISTRY_FILE, STAFF_FILE, TICKETS_FILE, write_registry, write_staff, write_tickets
from b2b_generator.sales import SalesWriter
from b2b_generator.writers import Truth


def write_sample(
    out: Path, seed: int, scale: float, progress: Callable[[int, int], None] | None = None
) -> dict[str, int]:
    """Write `in/` and `truth/` below `out`.

    Args:
        out: a folder; it is made where it is missing.
        seed: another seed is another world.
        scale: 1.0 is the full set.
        progress: called now and then with the steps done and all steps.

    Returns:
        Source rows per object.
    """
    plan = Plan(seed, scale)
    size = plan.size
    total = 4 * size.customers + 2 * size.erp + size.sales
    done = 0

    def tick(steps: int) -> None:
        nonlocal done
        done += steps
        if progress:
            progress(done, total)

    inputs = out / "in"
    inputs.mkdir(parents=True, exist_ok=True)
    truth = Truth(out / "truth")
    write_staff(plan, truth, inputs / STAFF_FILE)
    crm = CrmWriter(plan, truth, tick)
    crm.write(inputs / FILE)
    ErpWriter(plan, truth, tick).write(inputs)
    SalesWriter(plan, truth, tick).write(inputs / "销售")
    CardsWriter(plan, truth).write(inputs / "通讯录")
    write_tickets(plan, truth, inputs / TICKETS_FILE)
    crm.note_unreachable()
    write_registry(plan, inputs / REGISTRY_FILE)
    tick(total - done)
    return truth.close()
