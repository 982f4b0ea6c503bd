"""Packages that may be missing."""

import sys

import pytest

from tfdis.files.optional import optional_module


def test_a_package_that_is_there_is_imported():
    assert optional_module("json", "reads JSON") is sys.modules["json"]


@pytest.mark.parametrize(("extra", "install"), [(None, "json"), ("some", "'tfdis[some]'")])
def test_one_line_says_what_is_missing_and_how_to_get_it(extra, install, monkeypatch):
    monkeypatch.setitem(sys.modules, "json", None)
    with pytest.raises(ImportError) as raised:
        optional_module("json", "reads JSON", extra)
    text = str(raised.value)
    assert text.startswith("Expected json, which reads JSON. Received: import of json halted")
    assert text.endswith(f". Fix: pip install {install}") and "\n" not in text
