"""Go-live: no-go for each single item that is missing, failed or stale, go only when all stand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from crmmigrate.checks.gates import Evidence, judge
from crmmigrate.checks.golive import Shown, decide
from crmmigrate.model.gate import GateSpec
from crmmigrate.model.golive import GROUPS, ITEMS, Tick

LOAD = "20261126T031932061Z-load-db2b25"
GOOD = Evidence(0.001, 0.01, 0.99, 1.0, 1.0, 0)


def gates(evidence: Evidence = GOOD) -> dict:
    return {
        gate.name: gate for gate in judge(GateSpec(), evidence, {"standardise", "dedupe", "validate", "load", "pii"})
    }


PROVEN = {"digest_equal": True, "unchanged": True, "error": 0, "seconds": 90.0, "changes": 12}
ALL = Shown(
    load=LOAD,
    reconciled=(LOAD, {"agrees": True, "differences": 0}),
    gates=gates(),
    privacy=(0, 0, False),
    rehearsed={"first wave": PROVEN, LOAD: PROVEN},
    accepted={
        "load": LOAD,
        "wrong": 0,
        "complete": True,
        "unsure": 0,
        "refused": [],
        "unsigned": [],
        "waiting": [],
        "signed": {"王敏": {}},
        "judged": 9,
        "drawn": 9,
    },
    owners=(0, 40),
)
BY_HAND = [item for item in ITEMS if not item.by_evidence]
TICKS = {item.code: Tick(item.code, True, "李建国", "2026-11-26", "", LOAD) for item in BY_HAND}

SPOILED = [
    ("data.load", "missing", {"load": ""}),
    ("data.load", "stale", {"changed": ("map",)}),
    ("data.load", "missing", {"left_out": {"load.other-wave": 3}}),
    ("data.load", "missing", {"left_out": {"load.no-wave": 3}}),
    ("data.load", "missing", {"left_out": {"load.taken-back": 3}}),
    ("data.load", "missing", {"taken_back": 3}),
    ("data.reconciled", "missing", {"reconciled": None}),
    ("data.reconciled", "stale", {"reconciled": ("an earlier load", {"agrees": True})}),
    ("data.reconciled", "failed", {"reconciled": (LOAD, {"agrees": False, "differences": 3})}),
    ("data.quality", "failed", {"gates": gates(replace(GOOD, conformity_rate=0.9))}),
    ("data.quality", "failed", {"gates": gates(replace(GOOD, collection_error_rate=0.02))}),
    ("data.quality", "failed", {"gates": gates(replace(GOOD, process_order=0.9))}),
    ("data.quality", "missing", {"gates": gates(replace(GOOD, conformity_rate=None))}),
    ("data.duplicates", "failed", {"gates": gates(replace(GOOD, duplicate_rate=0.06))}),
    ("data.duplicates", "missing", {"gates": gates(replace(GOOD, duplicate_rate=None))}),
    ("data.privacy", "missing", {"privacy": None}),
    ("data.privacy", "failed", {"privacy": (1, 0, False)}),
    ("data.privacy", "failed", {"privacy": (0, 1, False)}),
    ("data.privacy", "stale", {"privacy": (0, 0, True)}),
    ("system.rollback", "missing", {"rehearsed": {}}),
    ("system.rollback", "missing", {"rehearsed": {**ALL.rehearsed, "first wave": None}}),
    ("system.rollback", "failed", {"rehearsed": {LOAD: {**PROVEN, "digest_equal": False}}}),
    ("system.rollback", "failed", {"rehearsed": {LOAD: {**PROVEN, "unchanged": False}}}),
    ("system.rollback", "failed", {"rehearsed": {LOAD: PROVEN, "first wave": {**PROVEN, "error": 1}}}),
    ("users.owners", "missing", {"owners": None}),
    ("users.owners", "failed", {"owners": (1, 40)}),
    ("users.accepted", "missing", {"accepted": None}),
    ("users.accepted", "stale", {"accepted": {**ALL.accepted, "load": "an earlier load"}}),
    ("users.accepted", "failed", {"accepted": {**ALL.accepted, "wrong": 1}}),
    ("users.accepted", "failed", {"accepted": {**ALL.accepted, "unsure": 1}}),
    ("users.accepted", "failed", {"accepted": {**ALL.accepted, "refused": ["赵丽"]}}),
    ("users.accepted", "missing", {"accepted": {**ALL.accepted, "unsigned": ["赵丽"]}}),
    ("users.accepted", "missing", {"accepted": {k: v for k, v in ALL.accepted.items() if k != "refused"}}),
    ("users.accepted", "missing", {"accepted": {**ALL.accepted, "waiting": ["赵丽"]}}),
    ("users.accepted", "missing", {"accepted": {**ALL.accepted, "complete": False}}),
    ("users.accepted", "missing", {"accepted": {**ALL.accepted, "signed": {}}}),
]  # fmt: skip


def test_go_when_every_item_stands():
    decision = decide(ALL, TICKS)
    assert decision.go
    assert decision.open == []
    assert {one.item.group for one in decision.items} == set(GROUPS)


def test_a_gate_that_is_switched_off_or_allows_some_blocks_nothing():
    reached = {"standardise", "dedupe", "validate", "load", "pii"}
    limits = GateSpec(duplicate_rate="off", privacy_leaks="off")
    off = {gate.name: gate for gate in judge(limits, replace(GOOD, duplicate_rate=None, privacy_leaks=None), reached)}
    decision = decide(replace(ALL, gates=off, privacy=(7, 2, True)), TICKS)
    assert decision.go
    told = {one.item.code: str(one.told) for one in decision.items}
    assert all("is switched off" in told[code] for code in ("data.duplicates", "data.privacy")), "whoever signs sees it"
    some = {gate.name: gate for gate in judge(GateSpec(privacy_leaks=2), replace(GOOD, privacy_leaks=2), reached)}
    assert decide(replace(ALL, gates=some, privacy=(2, 0, False)), TICKS).go


@pytest.mark.parametrize(("code", "state", "spoiled"), SPOILED)
def test_no_go_for_each_single_evidence_that_is_missing_failed_or_stale(code, state, spoiled):
    decision = decide(replace(ALL, **spoiled), TICKS)
    assert not decision.go
    assert not decision.only_people
    found = {one.item.code: one.state for one in decision.open}
    assert found[code] == state
    if spoiled.get("load") != "":  # without a load, everything about it falls too
        assert found == {code: state}


@pytest.mark.parametrize("item", BY_HAND, ids=lambda item: item.code)
def test_no_go_for_each_single_tick_that_is_missing_or_a_no(item):
    for ticks, state in (
        ({code: tick for code, tick in TICKS.items() if code != item.code}, "waiting"),
        ({**TICKS, item.code: replace(TICKS[item.code], yes=False)}, "refused"),
    ):
        decision = decide(ALL, ticks)
        assert [(one.item.code, one.state) for one in decision.open] == [(item.code, state)]
        assert decision.only_people


@pytest.mark.parametrize("item", BY_HAND, ids=lambda item: item.code)
def test_a_tick_about_a_load_does_not_hold_for_another_one(item):
    decision = decide(ALL, {**TICKS, item.code: replace(TICKS[item.code], load="an earlier load")})
    assert decision.go != item.per_load


def test_every_item_by_evidence_can_be_lost():
    assert {code for code, _, _ in SPOILED} == {item.code for item in ITEMS if item.by_evidence}
