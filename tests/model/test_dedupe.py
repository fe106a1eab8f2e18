"""Thresholds as people write them, in a rules file and on the command line."""

from __future__ import annotations

import pytest

from crmmigrate.errors import ConfigurationError, Findings
from crmmigrate.model.dedupe import read_dedupe, read_thresholds


@pytest.mark.parametrize(
    ("text", "merge", "precision"), [("auto", 0.95, 0.995), ("auto:0.9", 0.95, 0.9), ("0.9,0.6", 0.9, None), ("0.6", 0.6, None)]
)  # fmt: skip
def test_thresholds_of_the_command_line(text, merge, precision):
    found = read_thresholds(text)
    assert (found.merge, found.precision) == (merge, precision)
    assert found.fits


@pytest.mark.parametrize(
    ("written", "precision", "review"), [("auto", 0.995, 0.4), ("{auto: 0.99, review: 0.6}", 0.99, 0.6), ("{merge: 0.9}", None, 0.4)]
)  # fmt: skip
def test_thresholds_of_a_rules_file(tmp_path, written, precision, review):
    path = tmp_path / "dedupe.yaml"
    text = "version: 1\nobject: account\ncolumns: {name: 名称}\nthresholds: "
    path.write_text(f"{text}{written}\n", encoding="utf-8")
    found = read_dedupe(path, {"name": ""}, ()).thresholds
    assert (found.precision, found.review) == (precision, review)
    for wrong in ("often", "{auto: 1.5}", "{merge: 0.3}"):
        path.write_text(f"{text}{wrong}\n", encoding="utf-8")
        with pytest.raises(Findings) as error:
            read_dedupe(path, {"name": ""}, ())
        assert [problem.code for problem in error.value.errors] == ["dedupe.thresholds"]


@pytest.mark.parametrize("text", ["", "0", "2", "0.5,0.7", "auto:2", "auto:0.1", "much"])
def test_what_are_no_thresholds(text):
    with pytest.raises(ConfigurationError) as error:
        read_thresholds(text)
    assert error.value.code == "dedupe.thresholds"
