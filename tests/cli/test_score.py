"""bin/score: two files in, a table out."""

import json

import numpy as np
import pandas as pd
import pytest

from tfdis.evaluation import score

FACTORS = np.random.RandomState(0).randint(4, size=(300, 3))
CODES = FACTORS + 0.3 * np.random.RandomState(1).normal(size=(300, 3))


@pytest.fixture
def files(tmp_path):
    np.save(tmp_path / "codes.npy", CODES)
    np.save(tmp_path / "factors.npy", FACTORS)
    np.savez(tmp_path / "both.npz", codes=CODES, factors=FACTORS)
    pd.DataFrame(CODES).to_csv(tmp_path / "codes.csv")
    pd.DataFrame(FACTORS, index=range(1, 301)).to_csv(tmp_path / "other.csv")
    return tmp_path


@pytest.mark.parametrize(
    "names", [["codes.npy", "factors.npy"], ["both.npz"], ["codes.csv", "factors.npy"]]
)
def test_a_table_and_json(start_command, files, names):
    result = start_command(
        "score", *names, "--metrics=mcc,mig,beta_vae", "--output=scores.json", cwd=files
    )
    assert result.returncode == 0, result.stderr
    expected = score(CODES, FACTORS, ["mcc", "mig"])
    assert json.loads((files / "scores.json").read_text()) == pytest.approx(expected)
    lines = dict(line.split() for line in result.stdout.splitlines())
    assert lines == {name: f"{value:.4f}" for name, value in expected.items()}
    # The table of 300 random samples lacks a few of the 64 combinations.
    assert "beta_vae is left out" in result.stderr


def test_options(start_command, files):
    flags = ["--metrics=mcc", "--bootstrap=20", "--random_seed=3", "--standardise"]
    result = start_command("score", "both.npz", *flags, cwd=files)
    expected = score(CODES, FACTORS, ["mcc"], seed=3, bootstrap=20, standardise=True)
    first = result.stdout.splitlines()[0].split()
    low, high = (f"{expected[f'mcc/strong/{end}']:.4f}" for end in ("low", "high"))
    assert first == ["mcc/strong", f"{expected['mcc/strong']:.4f}", f"[{low},", f"{high}]"]


@pytest.mark.parametrize(
    "arguments, message",
    [
        ([], "one .npz file with both. Received: none"),
        (["codes.npy"], "one .npz file with both. Received: codes.npy"),
        (["codes.npy", "none.npy"], "the file none.npy"),
        (["codes.csv", "other.csv"], "same index"),
        (["both.npz", "--metrics=mgi"], "mig"),
        (["both.npz", "--output=codes.npy"], "codes.npy, which exists"),
    ],
)
def test_bad_input_is_one_line(start_command, files, arguments, message):
    result = start_command("score", *arguments, cwd=files)
    assert result.returncode == 1 and result.stdout == ""
    (line,) = [line for line in result.stderr.splitlines() if line.startswith("error: ")]
    assert message in line and "Traceback" not in result.stderr
