"""Gates: the value at the limit is met, the next one is not, and what was not measured is not judged."""

from __future__ import annotations

import pytest

from crmmigrate.checks.gates import Evidence, judge
from crmmigrate.model.project import GateSpec


@pytest.mark.parametrize(
    ("name", "inside", "outside"),
    [
        ("collection_error_rate", 0.01, 0.0101),
        ("duplicate_rate", 0.05, 0.0501),
        ("conformity_rate", 0.95, 0.9499),
        ("restore_success", 1.0, 0.9999),
    ],
)
def test_the_shipped_limits(name, inside, outside):
    assert {gate.name: gate.met for gate in judge(GateSpec(), Evidence(**{name: inside}))}[name] is True
    assert {gate.name: gate.met for gate in judge(GateSpec(), Evidence(**{name: outside}))}[name] is False


def test_what_was_not_measured_is_not_judged():
    gates = judge(GateSpec(), Evidence())
    assert [gate.met for gate in gates] == [None] * 4
    assert all("not judged" in gate.sentence().text("en") for gate in gates)


def test_a_gate_that_is_not_met_says_so_in_both_languages():
    gate = judge(GateSpec(duplicate_rate=0.01), Evidence(duplicate_rate=0.02))[1]
    assert "NOT met: 2.00%, limit 1.00%" in gate.sentence().text("en")
    assert "2.00%" in gate.sentence().text("zh")
