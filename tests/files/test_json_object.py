"""Reading of JSON files: a file that is not what it should be is named, with what is wrong with it."""

import pytest

from tfdis.files.error_text import is_expected
from tfdis.files.json_object import DamagedFileError, read_object


def test_an_object_is_read(tmp_path):
    path = tmp_path / "results.json"
    path.write_text('{"loss": 1.5, "name": "VAE für Würfel"}', encoding="utf-8")
    assert read_object(path) == {"loss": 1.5, "name": "VAE für Würfel"}


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b'{"loss": 1.5', "is not JSON"),
        (b"", "is not JSON"),
        (b"[1, 2]", "expected an object, received a list"),
        (b"\xff{}", "is not UTF-8 text"),
        (b"[" * 100_000, "is not JSON"),
    ],
    ids=["truncated", "empty", "list", "no text", "too deep"],
)
def test_a_damaged_file_is_named(tmp_path, content, reason):
    path = tmp_path / "results.json"
    path.write_bytes(content)
    with pytest.raises(DamagedFileError, match=reason) as raised:
        read_object(path)
    assert str(raised.value).startswith(f"{path}: ") and raised.value.path == path
    assert is_expected(raised.value)


def test_a_missing_file_and_a_folder(tmp_path):
    with pytest.raises(FileNotFoundError, match="absent.json"):
        read_object(tmp_path / "absent.json")
    with pytest.raises(DamagedFileError, match="directory"):
        read_object(tmp_path)
