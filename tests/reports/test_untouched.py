"""What is not as the program wrote it is not written over, whatever has become of it."""

from __future__ import annotations

import zipfile

import pytest

from crmmigrate.errors import ConfigurationError
from crmmigrate.messages import Message
from crmmigrate.reports.untouched import MARK, PROPERTIES, refuse_changed


def _encrypted(data: bytes, entry: int, directory: int) -> bytes:
    """Return a package that says of its only part that a password opens it."""
    flags = ((entry + 6, 1), (directory + 8, 1))
    return bytes(byte | dict(flags).get(place, 0) for place, byte in enumerate(data))


def _packed_oddly(data: bytes, entry: int, directory: int) -> bytes:
    """Return a package whose only part is packed in a way that nobody knows."""
    methods = {entry + 8: 97, directory + 10: 97}
    return bytes(methods.get(place, byte) for place, byte in enumerate(data))


def _garbled(data: bytes, entry: int, directory: int) -> bytes:
    """Return a package whose only part holds nothing that could be unpacked."""
    start = entry + 30 + len(PROPERTIES)
    return data[:start] + b"\xff" * (directory - start) + data[directory:]


def _cut(data: bytes, entry: int, directory: int) -> bytes:
    """Return a package of whose only part more is told than there is."""
    del entry
    return data[: directory + 20] + b"\xff\xff\x00\x00" + data[directory + 24 :]


@pytest.mark.parametrize("damage", [_encrypted, _packed_oddly, _garbled, _cut])
def test_a_package_that_cannot_be_read_is_none_of_ours(tmp_path, damage):
    path = tmp_path / "book.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr(PROPERTIES, f"<creator>{MARK}</creator>" * 20)
    data = path.read_bytes()
    path.write_bytes(damage(data, data.index(b"PK\3\4"), data.index(b"PK\1\2")))
    assert zipfile.is_zipfile(path)
    with pytest.raises(ConfigurationError) as caught:
        refuse_changed(path, Message("move it away, or name another with -o"))
    assert caught.value.code == "file.not-ours"
