"""What other programs read of lint: GitHub, GitLab, SARIF, JUnit."""

from __future__ import annotations

import json
import os
import xml.etree.ElementTree as ET
from importlib import import_module
from pathlib import Path

import jsonschema
import pytest
from sarif_pydantic import Sarif

from crmmigrate.messages import Message
from crmmigrate.model.lint import Finding

SCHEMA = os.environ.get("CRMMIGRATE_TEST_SARIF")
"""OASIS's schema (docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json), which is not ours to ship."""

FOUND = [
    Finding("mapping.useless-step", "warning", Message("'{step}' was done just before", step="trim"), "映射/a b.crmmap.yaml", 3, 5, Message("take it out")),
    Finding("mapping.no-source", "error", Message("'{name}' gets its value from nowhere", name="50%,x:y\n<&\x01"), "映射/a b.crmmap.yaml", 9, 1),
    Finding("mapping.no-source", "error", Message("'{name}' gets its value from nowhere", name="z"), "b.crmmap.yaml", 2, 1),
]  # fmt: skip
FILES = ["映射/a b.crmmap.yaml", "b.crmmap.yaml", "clean.crmmap.yaml"]
TITLES = {"mapping.no-source": Message("a field must have exactly one source")}


def render(format_: str, found: list[Finding] = FOUND) -> str:
    return str(import_module(f"crmmigrate.reports.lint_{format_}").render(found, FILES, TITLES))


@pytest.mark.parametrize("found", [FOUND, []])
def test_sarif_is_what_its_models_say(found) -> None:
    report = json.loads(render("sarif", found))
    read = Sarif.model_validate(report)
    assert read.version == "2.1.0"
    assert (
        json.loads(read.model_dump_json(by_alias=True, exclude_none=True))["runs"][0]["results"]
        == report["runs"][0]["results"]
    )
    [run] = report["runs"]
    assert [result["ruleId"] for result in run["results"]] == [finding.code for finding in found]
    for result in run["results"]:
        assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
        uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        assert uri.isascii()
        assert " " not in uri


@pytest.mark.skipif(not SCHEMA, reason="CRMMIGRATE_TEST_SARIF does not name a copy of the schema of SARIF")
@pytest.mark.parametrize("found", [FOUND, []])
def test_sarif_is_what_its_schema_says(found) -> None:
    schema = json.loads(Path(str(SCHEMA)).read_text("utf-8"))
    jsonschema.Draft4Validator(schema).validate(json.loads(render("sarif", found)))


def test_github_shows_the_worst_first_and_each_on_one_line() -> None:
    lines = render("github").splitlines()
    assert [line.split(" ")[0] for line in lines] == ["::error", "::error", "::warning"]
    assert "50%25,x:y%0A" in lines[0]
    assert ",title=mapping.no-source::" in lines[0]


def test_gitlab_has_a_fingerprint_of_its_own_for_each() -> None:
    report = json.loads(render("gitlab", [*FOUND, FOUND[2]._replace(line=7)]))
    assert len({entry["fingerprint"] for entry in report}) == 4
    assert [entry["severity"] for entry in report] == ["major", "major", "major", "minor"]
    assert all(entry.keys() == {"description", "check_name", "fingerprint", "severity", "location"} for entry in report)
    moved = json.loads(render("gitlab", [finding._replace(line=finding.line + 10) for finding in FOUND]))
    assert [entry["fingerprint"] for entry in moved] == [entry["fingerprint"] for entry in json.loads(render("gitlab"))]


def test_junit_has_a_suite_for_each_file_and_a_failure_for_each_error() -> None:
    suites = ET.fromstring(render("junit"))
    assert (suites.get("tests"), suites.get("failures")) == ("4", "2")
    assert [(suite.get("name"), suite.get("tests"), suite.get("failures")) for suite in suites] == [
        (FILES[0], "2", "1"), (FILES[1], "1", "1"), (FILES[2], "1", "0"),
    ]  # fmt: skip
    assert len(suites.findall(".//failure")) == 2
    assert len(suites.findall(".//system-out")) == 1
