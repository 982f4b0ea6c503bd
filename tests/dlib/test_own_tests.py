"""disentanglement_lib's own tests: a cheap part of them; `bin/dlib_tests` runs all."""

import types
import unittest

import pytest

from tfdis.dlib import own_tests

# Without training on many samples: together a few seconds.
CHEAP = {
    "evaluation.abstract_reasoning.relational_layers_test": 8,
    "methods.shared.optimizers_test": 4,
    "utils.convolute_hub_test": 1,
    "utils.results_test": 5,
}


def test_all_28_files_are_found():
    names = own_tests.test_names()
    assert len(names) == 28 and set(CHEAP) < set(names)
    assert own_tests.test_names("convolute") == ["utils.convolute_hub_test"]
    with pytest.raises(ValueError, match=r"Received: 'no_such'.*utils\.results_test"):
        own_tests.test_names("no_such")


@pytest.mark.parametrize("name", CHEAP)
def test_cheap_files_pass(start_command, name):
    result = start_command("dlib_tests", f"--only={name}", "--num_processes=1")
    assert result.returncode == 0, result.stdout + result.stderr
    assert f"1 files: {CHEAP[name]} passed, 0 failed" in result.stdout


def test_failures_are_counted_and_named(monkeypatch, tmp_path):
    class Tests(unittest.TestCase):
        def test_good(self):
            pass

        def test_wrong(self):
            self.assertEqual(1, 2)

        def test_broken(self):
            raise RuntimeError("no such thing\n  In call to configurable 'x'")

        def test_left_out(self):
            self.skipTest("needs more")

        def test_session(self):
            self.skipTest("Not a test.")

    loader = types.SimpleNamespace(
        loadTestsFromName=lambda name: unittest.TestLoader().loadTestsFromTestCase(Tests)
    )
    monkeypatch.setattr(unittest, "defaultTestLoader", loader)
    passed, reasons = own_tests.run_suite("some_test")
    assert passed == 1
    assert sorted(reasons) == [
        "test_broken: RuntimeError: no such thing",
        "test_left_out: needs more",
        "test_wrong: AssertionError: 1 != 2",
    ]
