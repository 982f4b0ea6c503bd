"""Published numbers: read, compared with the spread of seeds, and a verdict for each of them."""

import math

import numpy as np
import pytest
from run_helpers import rows_of

from tfdis import registry
from tfdis.cli.papers import print_published
from tfdis.files.json_object import DamagedFileError
from tfdis.report.build import build_report
from tfdis.report.html import write_page
from tfdis.report.markdown import to_markdown
from tfdis.report.published import INSIDE, NO_SPREAD, NOT_SCORED, OUTSIDE, read_published
from tfdis.report.scores import SUM
from tfdis.report.statistics import new_observation
from tfdis.report.write import write_tables

FIVE = ("dci/disentanglement", "factor_vae/eval_accuracy", "sap/SAP_score", "mig/discrete_mig")
FIVE = (*FIVE, "irs/IRS")
HEADER = "paper,place,group,note," + ",".join(FIVE) + ",sum,normalised sum\n"


@pytest.fixture
def paper(tmp_path):
    """Registers a study with the published rows that it is given."""
    path = tmp_path / "published.csv"

    def register(*rows):
        path.write_text(HEADER + "".join(f"{row}\n" for row in rows))
        registry.STUDIES.data.pop("a_paper", None)
        registry.study("a_paper", published=path)(lambda: [])
        return path

    yield register
    registry.STUDIES.data.pop("a_paper", None)


@pytest.fixture
def study(tmp_path, write_point, write_study):
    """A study of that name with two methods, of three seeds and of one."""
    folder = tmp_path / "study"
    for method, seeds in (("good", 3), ("bad", 1)):
        for seed in range(seeds):
            scores = dict.fromkeys(FIVE, (0.4 if method == "good" else 0.2) + 0.01 * seed)
            write_point(folder, f"{method},seed={seed}", seed, scores, {"vae.beta": method})
    write_study(folder, "a_paper")
    return folder


def _verdicts(study):
    table = build_report([study]).published
    return {(row["group"], row["score"]): row for _, row in table.iterrows()}


def test_a_number_is_inside_where_one_more_seed_may_lie(paper, study):
    # Mean .41, standard deviation .01, n = 3: 4.302653 * .01 * sqrt(4 / 3) = .04968 to each side.
    paper("P,Table 1,good,server,0.457,0.459,0.3603,0.3602,0.36,2.05,", "P,Table 1,bad,,0.2,,,,,,")
    found = _verdicts(study)
    verdicts = [found["good", name]["verdict"] for name in FIVE]
    assert verdicts == [INSIDE, INSIDE, INSIDE, OUTSIDE, INSIDE]
    row = found["good", FIVE[0]]
    half = 4.302653 * 0.01 * math.sqrt(4 / 3)
    assert (row["low"], row["high"]) == pytest.approx((0.41 - half, 0.41 + half), abs=1e-7)
    assert (row["n"], row["note"], row["images"]) == (3, "server", "re-rendered")
    # The sum of the five scores of each seed: 2.0, 2.05, 2.1.
    assert found["good", "sum"]["mean"] == pytest.approx(2.05)
    assert found["bad", FIVE[0]]["verdict"] == NO_SPREAD
    assert set(found) == {("good", name) for name in (*FIVE, "sum")} | {("bad", FIVE[0])}


def test_a_number_is_inside_if_it_was_before_it_was_rounded(paper, study):
    # The interval ends at .45968.
    paper("P,Table 1,good,,0.4601,0.460,0.46,0.6,0.41,,")
    found = _verdicts(study)
    assert [found["good", name]["verdict"] for name in FIVE] == [
        *(OUTSIDE, INSIDE, INSIDE, OUTSIDE, INSIDE)
    ]


def test_what_is_not_scored_has_no_verdict(paper, study):
    paper("P,Table 1,absent,,0.5,,,,,,")
    row = _verdicts(study)["absent", FIVE[0]]
    assert row["verdict"] == NOT_SCORED and row["n"] == 0 and math.isnan(row["mean"])


def test_the_normalised_sum_is_that_of_each_seed_over_all_methods(paper, study, write_point):
    paper("P,Table 1,good,,,,,,,,5.0", "P,Table 1,bad,,,,,,,,2.5")
    assert _verdicts(study)["good", SUM]["n"] == 1  # One seed has both methods.
    write_point(study, "bad,seed=1", 1, dict.fromkeys(FIVE, 0.205), {"vae.beta": "bad"})
    found = _verdicts(study)
    assert found["good", SUM]["mean"] == pytest.approx(5.0)
    assert found["bad", SUM]["mean"] == pytest.approx(2.5)
    assert found["bad", SUM]["verdict"] == INSIDE


def test_a_paper_of_figures_says_so(paper, study, capsys):
    paper("P,Figure 6,,figures only,,,,,,,")
    report = build_report([study])
    assert not len(report.published)
    assert "P: Figure 6 has figures only, so that no number is compared." in report.notes
    print_published(report.published)
    assert not capsys.readouterr().out


def test_the_report_has_the_verdicts_everywhere(paper, study, tmp_path):
    paper("P,Table 1,good,server,0.41,,,,,,")
    report = build_report([study])
    (tmp_path / "report").mkdir()
    write_tables(report, tmp_path / "report")
    (row,) = rows_of(tmp_path / "report" / "published.csv")
    assert (row["published"], row["verdict"], row["n"]) == ("0.41", INSIDE, "3")
    write_page(report, tmp_path / "report.html", 0)
    for text in (to_markdown(report), (tmp_path / "report.html").read_text()):
        assert "Published numbers" in text and INSIDE in text and "server" in text
    # So has a report of several studies, which are not the folder itself.
    assert len(build_report([study.parent]).published) == 1
    (study / "study.json").write_text("{")
    report = build_report([study])
    assert not len(report.published) and [bad.path.name for bad in report.unreadable] == [
        "study.json"
    ]


@pytest.mark.long
def test_the_command_prints_them(study, write_study, start_command, tmp_path):
    write_study(study, "preliminary_study")
    for seed in range(3):
        (study / "points" / f"good,seed={seed}").rename(study / "points" / f"betavae,seed={seed}")
    flags = (f"--output_dir={tmp_path / 'report'}", "--max_megabytes=0")
    result = start_command("report", study, *flags)
    assert result.returncode == 0, result.stderr
    assert "arXiv:1911.11791, Table 1" in result.stdout and "outside" in result.stdout
    assert (tmp_path / "report" / "published.csv").is_file()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "no column paper, place"),
        ("paper,place,group\nP,T,g\n", "no column note"),
        (HEADER + "P,T,g,,many\n", "could not convert"),
    ],
)
def test_damaged_files_are_named(tmp_path, text, reason):
    path = tmp_path / "published.csv"
    path.write_text(text)
    with pytest.raises(DamagedFileError, match=reason):
        read_published(path)
    with pytest.raises(DamagedFileError, match=r"absent.csv: cannot be read"):
        read_published(tmp_path / "absent.csv")


@pytest.mark.long
def test_one_more_value_lies_in_the_interval_as_often_as_it_says():
    draws = np.random.RandomState(0).normal(0.5, 0.1, size=[4000, 4])
    inside = []
    for *seeds, one in draws:
        low, high = new_observation(np.array(seeds))
        inside.append(low < one < high)
    # Binomial with p = .95: standard deviation .0035.
    assert np.mean(inside) == pytest.approx(0.95, abs=0.012)


def test_the_published_sums_are_those_of_their_rows():
    """Every shipped file can be read, and its sums agree with its scores as far as these are printed."""
    files = registry.STUDIES.facts("published")
    assert {"paper_stage1", "paper_stage2", "preliminary_study", "overlap"} <= {*files}
    for path in files.values():
        for row in read_published(path):
            if row.get("sum"):
                assert sum(float(row[name]) for name in FIVE) == pytest.approx(
                    float(row["sum"]), abs=0.0011
                )
