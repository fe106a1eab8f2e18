"""Gates: the value at the limit is met, the next one is not, and what was not measured is not judged."""

from __future__ import annotations

import pytest

from crmmigrate.checks.gates import Evidence, Found, judge
from crmmigrate.model.gate import GateSpec


@pytest.mark.parametrize(
    ("name", "inside", "outside"),
    [
        ("collection_error_rate", 0.01, 0.0101),
        ("duplicate_rate", 0.05, 0.0501),
        ("conformity_rate", 0.95, 0.9499),
        ("restore_success", 1.0, 0.9999),
        ("process_order", 1.0, 0.9999),
        ("privacy_leaks", 0, 1),
    ],
)
def test_the_shipped_limits(name, inside, outside):
    assert {gate.name: gate.met for gate in judge(GateSpec(), Evidence(**{name: inside}))}[name] is True
    assert {gate.name: gate.met for gate in judge(GateSpec(), Evidence(**{name: outside}))}[name] is False


def test_what_was_not_measured_is_not_judged_before_its_step():
    gates = judge(GateSpec(rules={"stock.*": 0}), Evidence())
    assert [gate.met for gate in gates] == [None] * 7
    assert all("not judged" in gate.sentence().text("en") for gate in gates)


@pytest.mark.parametrize(
    ("step", "name"),
    [
        ("standardise", "collection_error_rate"), ("dedupe", "duplicate_rate"), ("validate", "conformity_rate"),
        ("load", "restore_success"), ("load", "process_order"), ("pii", "privacy_leaks"), ("rules", "rules stock.*"),
    ],
)  # fmt: skip
def test_behind_its_step_a_gate_that_cannot_be_judged_is_not_met(step, name):
    gates = {gate.name: gate for gate in judge(GateSpec(rules={"stock.*": 0}), Evidence(), [step])}
    assert gates[name].met is False
    assert "cannot be judged and counts as not met" in gates[name].sentence().text("en")
    assert gates[name].lacking is not None
    assert gates[name].lacking.text("zh") != gates[name].lacking.text("en")


def test_a_gate_can_be_switched_off_by_name_only():
    gate = judge(GateSpec(duplicate_rate="off"), Evidence(duplicate_rate=0.9), ["dedupe"])[1]
    assert gate.met is None
    assert "switched off" in gate.sentence().text("en")


@pytest.mark.parametrize(
    ("limit", "found", "met"),
    [
        (3, {"stock.a": Found(1, 10), "stock.b": Found(2, None)}, True),
        (2, {"stock.a": Found(1, 10), "stock.b": Found(2, None)}, False),
        ("2%", {"stock.a": Found(2, 100), "stock.b": Found(0, 0)}, True),
        ("2%", {"stock.a": Found(3, 100)}, False),
        ("2%", {"stock.a": Found(0, None)}, False),
        (0, {"sale.a": Found(0, 10)}, False),
    ],
)
def test_gates_of_rules(limit, found, met):
    gate = judge(GateSpec(rules={"stock.*": limit}), Evidence(rules=found), ["rules"])[-1]
    assert gate.met is met


def test_a_gate_that_is_not_met_says_so_in_both_languages():
    gate = judge(GateSpec(duplicate_rate=0.01), Evidence(duplicate_rate=0.02))[1]
    assert "NOT met: 2.00%, limit 1.00%" in gate.sentence().text("en")
    assert "2.00%" in gate.sentence().text("zh")
