"""Sections of published evidence: written from runs, marked when old, computed again, refused when damaged."""

import json
import math
import sys
import types
from pathlib import Path

import pandas as pd
import pytest

from tfdis.dlib.old_environment import VARIABLE, old_python
from tfdis.files.json_object import DamagedFileError
from tfdis.report import provenance as provenance_module
from tfdis.report import recheck as recheck_module
from tfdis.report.build import build_report
from tfdis.report.evidence import (
    SECTION_FILE,
    read_section,
    write_report_section,
    write_section,
)
from tfdis.report.provenance import provenance
from tfdis.report.recheck import (
    FAILED,
    INSIDE,
    LEFT_OUT,
    OUTSIDE,
    check_section,
    section_folders,
)

MIG = "mig/discrete_mig"
EVIDENCE = Path(__file__).parents[2] / "docs" / "evidence"


@pytest.fixture
def study(tmp_path, write_point, write_study):
    """A study of two values of beta with three seeds."""
    folder = tmp_path / "study"
    for beta in ("1.0", "4.0"):
        for seed in range(3):
            scores = {MIG: float(beta) / 10 + 0.1 * seed}
            write_point(folder, f"beta={beta},seed={seed}", seed, scores, {"vae.beta": beta})
    write_study(folder, "betas", "bin/study --output_dir=runs/betas")
    return folder


@pytest.fixture
def section(study, tmp_path):
    """The section of that study, as written."""
    folder = tmp_path / "evidence" / "betas"
    return write_report_section(build_report([study]), folder, [study], [], "Betas")


def _declare(section, *checks):
    path = section.folder / SECTION_FILE
    content = json.loads(path.read_text()) | {"checks": list(checks)}
    path.write_text(json.dumps(content))
    return list(check_section(section.folder))


def _rows(**other):
    check = {"what": "mean", "file": "runs.csv", "rows": {"vae.beta": "4.0"}, "column": MIG}
    return check | {"value": 0.5, "tolerance": 1e-9} | other


def test_a_section_has_rows_statistics_and_what_made_them(section):
    runs = pd.read_csv(section.folder / "runs.csv", dtype=str)
    assert list(runs[MIG]) == [
        "0.1",
        "0.2",
        "0.30000000000000004",
        "0.4",
        "0.5",
        "0.6000000000000001",
    ]
    assert list(runs["seed"]) == list("012012")
    group = pd.read_csv(section.folder / "groups.csv").iloc[1]
    assert (group["vae.beta"], group["score"], group["n"], group["seeds"]) == (4.0, MIG, 3, "0 1 2")
    # t_{0.975, 2} = 4.302653, from tables.
    half = 4.302653 * 0.1 / math.sqrt(3)
    wanted = {"mean": 0.5, "min": 0.4, "max": 0.6, "low": 0.5 - half, "high": 0.5 + half}
    assert {name: group[name] for name in wanted} == pytest.approx(wanted)
    found = read_section(section.folder)
    assert found == section and found.title == "Betas"
    assert found.commands == ["bin/study --output_dir=runs/betas"]
    assert found.images == {"dsprites_hearts": "re-rendered"}
    assert found.made["tfdis"] == "0.1" and len(found.made["date"]) == 10


def test_paths_below_the_study_are_those_of_a_reader(study, tmp_path, write_point):
    """Runs that start from another one of the study name it, wherever the study was."""
    for seed, start in enumerate(("pretrained", "other")):
        configuration = {"vae.beta": "4.0", "model.warm_start": f"'{study}/points/{start}'"}
        write_point(study, f"started={start}", seed, {MIG: 0.5}, configuration)
    folder = tmp_path / "section"
    write_report_section(build_report([study]), folder, [study], [], "Betas")
    for name in ("runs.csv", "groups.csv"):
        text = (folder / name).read_text()
        assert "study/points/pretrained" in text
        assert str(tmp_path) not in text


def test_a_section_of_other_versions_is_marked_and_read(section):
    assert section.mark().startswith("betas: made with tfdis 0.1, now ")
    mine = write_section(section.folder, pd.DataFrame({"seed": [0]}), [], [], ["x"], {})
    assert mine.mark() == "" and mine.title == "Betas" and mine.made["machine"]


def test_what_is_not_known_or_not_whole_is_refused(study, tmp_path):
    report, folder = build_report([study]), tmp_path / "section"
    with pytest.raises(ValueError, match="Expected --command"):
        write_report_section(report, folder, [study / "points"], [], "")
    write_report_section(report, folder, [study / "points"], ["bin/train"], "")
    assert read_section(folder).commands == ["bin/train"]
    results = study / "points/beta=1.0,seed=0/metrics/mean/mig/results/json"
    (results / "evaluation_results.json").write_text("{")
    with pytest.raises(ValueError, match="evaluation_results.json, which is not JSON"):
        write_report_section(build_report([study]), folder, [study], [], "")
    (study / "points/beta=1.0,seed=1/versions.json").write_text("[")
    with pytest.raises(DamagedFileError, match=r"versions.json: is not JSON"):
        write_report_section(
            build_report([study / "points/beta=1.0,seed=1"]), folder, [study], [], ""
        )


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"title": "a", "made": 3}'])
def test_a_damaged_section_is_one_clear_error(section, text):
    (section.folder / SECTION_FILE).write_text(text)
    with pytest.raises(
        ValueError, match=r"section.json to describe .* Fix: take it from git"
    ) as error:
        read_section(section.folder)
    assert "\n" not in str(error.value)


def test_committed_rows_give_the_committed_number_or_not(section):
    within, outside, least = _declare(
        section, _rows(), _rows(value=0.51), _rows(statistic="min", value=0.4)
    )
    assert (within.verdict, within.found) == (INSIDE, pytest.approx(0.5))
    assert outside.verdict == OUTSIDE and outside.is_bad
    assert least.verdict == INSIDE


def test_a_value_that_is_not_known_yet_is_recorded_on_request(section):
    (finding,) = _declare(section, _rows(value=None))
    assert finding.verdict == LEFT_OUT and not finding.is_bad
    (finding,) = check_section(section.folder, record=True)
    assert read_section(section.folder).checks[0]["value"] == finding.found == pytest.approx(0.5)
    assert next(check_section(section.folder)).verdict == INSIDE


@pytest.mark.long
@pytest.mark.parametrize(
    ("other", "reason"),
    [
        ({"file": "absent.csv"}, "absent.csv"),
        ({"column": "absent"}, "absent"),
        ({"rows": {"vae.beta": "5.0"}}, "received 0 rows"),
        ({"statistic": "mode"}, "'mode'"),
        ({"commands": ["rm -r x"]}, "Expected a command of bin/"),
        ({"commands": ["python ../x.py"]}, "Expected a command of bin/"),
        ({"commands": ["bin/challenge --output_dir={out}/none"]}, "Expected --gin_file"),
    ],
)
def test_what_cannot_be_computed_again_has_failed_and_says_why(section, other, reason):
    (finding,) = _declare(section, _rows(**other))
    assert finding.verdict == FAILED and finding.is_bad
    assert reason in finding.reason and "\n" not in finding.reason


@pytest.mark.long
def test_a_command_of_bin_makes_the_file_that_is_read(section, study, start_command, monkeypatch):
    def run_in_a_fork(words, cwd, **options):
        assert words[0] == sys.executable
        return start_command(*words[1:], cwd=cwd)

    monkeypatch.setattr(recheck_module, "subprocess", types.SimpleNamespace(run=run_in_a_fork))
    command = f"bin/report {study} --output_dir={{out}}/report --max_megabytes=0"
    (finding,) = _declare(section, _rows(commands=[command], file="{out}/report/runs.csv"))
    assert (finding.verdict, finding.found) == (INSIDE, pytest.approx(0.5)), finding.reason


def test_a_check_without_its_old_environment_is_left_out(section, monkeypatch, tmp_path):
    monkeypatch.delenv(VARIABLE, raising=False)
    (finding,) = _declare(section, _rows(commands=[f"${VARIABLE} benchmarks/study.py"]))
    assert finding.verdict == LEFT_OUT and not finding.is_bad
    assert f"Expected {VARIABLE} to be the path" in finding.reason
    python = tmp_path / "python"
    with pytest.raises(FileNotFoundError, match="cannot be started"):
        old_python(str(python))
    for version, reason in (("2.21.0", "has TensorFlow 2.21.0"), ("", "has no TensorFlow")):
        python.write_text(f"#!/bin/sh\necho {version}\n")
        python.chmod(0o755)
        with pytest.raises(FileNotFoundError, match=reason):
            old_python(str(python))
    python.write_text("#!/bin/sh\necho 1.14.0\n")
    monkeypatch.setenv(VARIABLE, str(python))
    assert old_python() == str(python)


def test_a_check_that_declares_too_little_is_an_error(section):
    with pytest.raises(ValueError, match="without tolerance"):
        _declare(section, {"what": "x", "file": "runs.csv", "column": MIG})


def test_folders_without_a_section_are_said(section):
    (section.folder.parent / "other").mkdir()
    found = section_folders([section.folder.parent])
    assert [path.name for path in found] == ["betas", "other"]
    assert section_folders([section.folder]) == [section.folder]
    (finding,) = check_section(found[1])
    assert finding.verdict == LEFT_OUT and "no section.json" in finding.reason
    with pytest.raises(FileNotFoundError, match="does not exist"):
        section_folders([section.folder / "absent"])


@pytest.mark.long
def test_tables_of_another_command_become_a_section(start_command, tmp_path):
    folder = tmp_path / "evidence" / "other"
    flags = (f"--evidence={folder}", "--title=Others", "--command=python benchmarks/study.py")
    result = start_command("report", *flags)
    assert result.returncode == 1 and "Received: neither" in result.stderr
    folder.mkdir(parents=True)
    (folder / "rows.csv").write_text("method,MIG\na,0.25\na,0.75\nb,\n")
    result = start_command("report", *flags, "--images=dsprites_full=redrawn")
    assert result.returncode == 1 and "an origin of original, re-rendered" in result.stderr
    result = start_command("report", *flags, "--images=dsprites_full=re-rendered")
    assert result.returncode == 0, result.stderr
    section = read_section(folder)
    assert section.images == {"dsprites_full": "re-rendered"} and section.mark() == ""
    check = {"what": "x", "file": "rows.csv", "column": "MIG", "value": 0.5, "tolerance": 0.0}
    (finding,) = _declare(section, check | {"rows": {"method": "a"}})
    assert finding.verdict == INSIDE
    start_command("report", f"--evidence={folder}", "--command=again")
    assert read_section(folder).checks and read_section(folder).title == "Others"


@pytest.mark.long
def test_the_command_prints_a_table_and_fails_outside(start_command, study, tmp_path):
    folder = tmp_path / "evidence" / "betas"
    result = start_command("report", study, f"--evidence={folder}", "--title=Betas")
    assert result.returncode == 0 and "declares no check yet" in result.stderr, result.stderr
    section = read_section(folder)
    _declare(section, _rows())
    result = start_command("report", "--check", folder.parent)
    assert result.returncode == 0 and INSIDE in result.stdout, result.stdout + result.stderr
    assert "betas: made with tfdis 0.1, now" in result.stdout
    _declare(section, _rows(value=0.6))
    result = start_command("report", "--check", folder.parent)
    assert result.returncode == 1 and OUTSIDE in result.stdout


def test_the_commit_is_that_of_the_clone_and_of_no_repository_around_it(monkeypatch, tmp_path):
    answers = {"rev-parse --show-toplevel": str(provenance_module._ROOT), "status": ""}
    answers["rev-parse --short=12"] = "0123456789ab"

    def git(*arguments):
        return next(
            text for start, text in answers.items() if " ".join(arguments).startswith(start)
        )

    monkeypatch.setattr(provenance_module, "_git", git)
    assert provenance_module._commit() == "0123456789ab"
    answers["status"] = " M tfdis/registry.py"
    assert provenance_module._commit() == "0123456789ab+changes"
    answers["rev-parse --show-toplevel"] = str(tmp_path)
    assert provenance_module._commit() == ""
    assert {"tfdis", "tensorflow", "keras", "numpy", "machine"} <= set(provenance())


@pytest.mark.parametrize(
    "path", sorted(EVIDENCE.glob("*/section.json")), ids=lambda path: path.parent.name
)
def test_what_is_committed_can_be_checked(path):
    """Checks of committed rows are done here, the others by `make evidence-fast`."""
    section = read_section(path.parent)
    assert section.commands and section.images
    for check in section.checks:
        assert isinstance(check["value"], float) and check["tolerance"] >= 0
        if not check.get("commands"):
            assert recheck_module._check(section, check).verdict == INSIDE
