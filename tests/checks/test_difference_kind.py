"""The kind of a difference is told of any two cells, however odd the numbers in them."""

import pytest

from crmmigrate.checks.difference_kind import difference_kind


@pytest.mark.parametrize(
    ("expected", "actual", "kind"),
    [
        ("1200", "1.2e3", "value.notation"),
        ("123456", "1.23E+5", "value.precision"),
        ("95", "1e2", "value.precision"),
        ("1", "1e99999999", "value.other"),
        ("-05", "-051e99999999", "value.other"),
        ("0.0009", "1e9999999900", "value.other"),
    ],
)
def test_an_exponent_of_any_size_is_read(expected, actual, kind):
    assert difference_kind(expected, actual) == kind
