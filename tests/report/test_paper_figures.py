"""The papers' tables and figures at the end of their studies: whole, narrowed, incomplete, damaged."""

import json

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from run_helpers import write_step

from tfdis import registry
from tfdis.configuration import configured
from tfdis.export.results import bound_gin_config, parse_gin_bindings
from tfdis.report.build import build_report
from tfdis.report.html import write_page
from tfdis.report.markdown import to_markdown
from tfdis.report.paper_figures import (
    PaperFigure,
    figures_of,
    statistics_table,
    write_figures,
)
from tfdis.report.papers.preliminary_study import PUBLISHED
from tfdis.report.scores import SUM, SUMMED
from tfdis.sweeps.build import build_points
from tfdis.sweeps.check import load_names, training_files
from tfdis.sweeps.folder import StudyFolder
from tfdis.sweeps.only import only

RESULTS = {
    "mig": ("@mig", "discrete_mig"),
    "dci": ("@dci", "disentanglement"),
    "sap_score": ("@sap_score", "SAP_score"),
    "irs": ("@irs", "IRS"),
    "factor_vae_metric": ("@factor_vae_score", "eval_accuracy"),
}


@pytest.fixture
def scored(tmp_path):
    """Notes points of a study, and writes results of them as bin/study does, without models."""

    def write(study, axes, score, seeds=None, lines=(), left_out=()):
        load_names()
        folder = StudyFolder(tmp_path / "study")
        points = only(build_points(study, gin_bindings=lines, seeds=seeds), axes)
        folder.write(study, points)
        for number, point in enumerate(points):
            with configured(training_files(point), folder.bindings_of(point)):
                config = parse_gin_bindings(bound_gin_config())
            trained = {"uuid": point.name, "dataset_provenance": "generated"}
            write_step(folder.at(point, "model"), "train", config, trained)
            if point.name in left_out or number in left_out:
                continue
            for step in point.metrics:
                place = folder.at(point, step.output_dir)
                function, name = RESULTS[place.name]
                write_step(place, "train", config, trained)
                settings = {"evaluation.evaluation_fn": function, "dataset.name": "'auto'"}
                found = {name: score(config, place.name), "uuid": f"{point.name} {place.name}"}
                write_step(place, "evaluation", settings, found)
        return folder.path

    return write


def _by_spacing(config, metric):
    """A score that falls with the spacing and grows with the seed."""
    seed, spacing = int(config["model.random_seed"]), int(config["xysquares.grid_spacing"])
    return 1.0 / spacing + 0.01 * seed if metric == "mig" else 0.5


def test_figure_9_of_a_narrowed_study(scored):
    axes = ["GRID_SPACING=8,4", "BETA=0.001"]
    folder = scored("overlap", axes, _by_spacing, range(3), ["model.training_steps = 2000"])
    (figure,) = figures_of(folder)
    assert figure.name == "figure_9" and "missing" not in figure.title
    assert "Trained for 2,000 steps; the paper 57,600." in figure.caption
    table = figure.table
    assert len(table) == 4 and set(table["beta"]) == {0.001} and set(table["runs"]) == {3}
    means = table.set_index(["framework", "spacing"])["mig/discrete_mig/mean"]
    assert means["beta-VAE", 8] == means["Ada-GVAE", 8] == pytest.approx(1 / 8 + 0.01)
    assert means["beta-VAE", 4] == pytest.approx(1 / 4 + 0.01)
    # t_{0.975, 2} = 4.302653, from tables.
    half = table["mig/discrete_mig/high"] - table["mig/discrete_mig/mean"]
    np.testing.assert_allclose(half, 4.302653 * 0.01 / np.sqrt(3), rtol=1e-6)
    write_figures(folder, [figure])
    pd.testing.assert_frame_equal(pd.read_csv(folder / "figures" / "figure_9.csv"), table)
    with Image.open(folder / "figures" / "figure_9.png") as picture:
        assert picture.format == "PNG"


def test_what_is_missing_is_said_wherever_the_figure_is(scored, tmp_path):
    axes = ["GRID_SPACING=8,1", "BETA=0.001", "gin_file=overlap_betavae"]
    folder = scored("overlap", axes, _by_spacing, range(2), left_out=[1, 2, 3])
    report = build_report([folder], confidence=0.5)
    (figure,) = report.papers[folder]
    assert figure.title.endswith("(3 of 4 points are missing)")
    assert figure.caption.startswith("3 of 4 points are missing: not trained or not scored yet.")
    assert len(figure.table) == 1 and np.isnan(figure.table["mig/discrete_mig/high"][0])
    write_page(report, tmp_path / "page.html")
    page = (tmp_path / "page.html").read_text()
    assert f"<h2>{figure.title}</h2>" in page and "data:image/png" in page
    assert "| beta-VAE | 0.001 | 8 | 1 | 0.125 | 0.500 |" in to_markdown(report)
    write_page(report, tmp_path / "page.html", max_megabytes=0)
    assert "data:image" not in (tmp_path / "page.html").read_text()


def test_figure_11_puts_the_losses_side_by_side(scored):
    def score(config, metric):
        return 0.8 if "box_blur" in config["reconstruction_loss.loss_fn"] else 0.1

    (figure,) = figures_of(scored("augmented", ["BETA=0.0001"], score, range(2)))
    assert figure.name == "figure_11" and "as in the paper" in figure.caption
    means = figure.table.set_index(["framework", "loss"])["dci/disentanglement/mean"]
    assert means.to_dict() == pytest.approx(
        {
            ("Ada-GVAE", "BoxBlurMSE"): 0.8,
            ("Ada-GVAE", "MSE"): 0.1,
            ("beta-VAE", "BoxBlurMSE"): 0.8,
            ("beta-VAE", "MSE"): 0.1,
        }
    )
    assert figure.png.startswith(b"\x89PNG")


@pytest.mark.long
def test_figure_6_has_every_data_set_and_every_beta(scored):
    def score(config, metric):
        return float(config["BETA"]) * (0.1 if "xysquares" in config["DATASET"] else 1.0)

    axes = ["DATASET='xysquares','dsprites_full'", "BETA=0.001,0.1,1.0", "LATENTS=9"]
    whole, over_beta = figures_of(scored("adversarial", axes, score))
    medians = whole.table.set_index(["framework", "data set"])["MIG median"]
    assert medians["beta-VAE", "xysquares"] == pytest.approx(0.01)
    assert medians["Ada-GVAE", "dsprites_full"] == pytest.approx(0.1)
    assert whole.table["DCI disentanglement highest"].max() == 1.0
    assert len(over_beta.table) == 12 and set(over_beta.table["latents"]) == {9}
    assert whole.png != over_beta.png


def test_table_1_is_normalised_among_its_own_and_beside_the_published(scored):
    values = dict(
        zip(
            ["dci", "factor_vae_metric", "sap_score", "mig", "irs"],
            (0.4, 0.5, 0.1, 0.2, 0.6),
            strict=True,
        )
    )

    def score(config, metric):
        is_best = config["model.model"] == "@factor_vae()"
        return values[metric] * (1.0 if is_best else 0.5 if metric != "irs" else 0.8)

    axes = ["gin_file=factorvae_paper,dipvae_i_paper,dipvae_ii_paper"]
    folder = scored("preliminary_study", axes, score)
    for point, step in (("factorvae,seed=0", 0.3), ("dipvae_i,seed=0", 0.1)):
        log = f"step,dci_lasso/disentanglement,mig/discrete_mig\n0,0,0\n10,{step},0.5\n"
        (folder / "points" / point / "model" / "scores.csv").write_text(log)
    first, correlations, curves = figures_of(folder)
    assert "missing" not in first.title  # The pre-training has no scores to wait for.
    ours = first.table[first.table["source"] == "this study"]
    assert ours["method"].tolist() == ["FactorVAE", "DIP-VAE-I", "DIP-VAE-II"]
    assert ours[SUM].tolist() == pytest.approx([5.0, 2.8, 2.8])
    published = first.table[first.table["source"] == "published"].set_index("method")
    # The normalised sums that the paper prints.
    printed = [4.706, 4.611, 4.599, 4.591, 4.351, 4.023]
    np.testing.assert_allclose(published[SUM][list(PUBLISHED)], printed, atol=7e-3)
    assert published[f"{SUMMED[0]}/mean"]["beta-TCVAE"] == 0.392
    assert correlations.table.set_index("score").loc["MIG", "IRS"] == pytest.approx(1.0)
    assert set(curves.table["method"]) == {"FactorVAE", "DIP-VAE-I"}
    last = curves.table[curves.table["step"] == 10].set_index(["method", "score"])["mean"]
    assert last["FactorVAE", "dci lasso disentanglement"] == 0.3
    assert curves.png.startswith(b"\x89PNG")
    report = build_report([folder])
    text = to_markdown(report)
    assert "| FactorVAE | this study | 1 | 5 | 0.400 |" in text
    assert "| dci lasso disentanglement | FactorVAE | 10 | 0.3 |" in text


def test_studies_without_figures_or_scores_have_none(scored, tmp_path):
    folder = scored("overlap", ["GRID_SPACING=8"], _by_spacing, range(1), left_out=range(9))
    assert figures_of(folder) == []
    write_figures(folder, [])
    assert not (folder / "figures").exists()
    content = json.loads((folder / "study.json").read_text())
    (folder / "study.json").write_text(json.dumps(content | {"study": "another"}))
    assert figures_of(folder) == []


def test_a_damaged_list_of_points_is_named_in_the_report(scored):
    folder = scored("overlap", ["GRID_SPACING=8"], _by_spacing, range(1))
    (folder / "study.json").write_text("{}")
    report = build_report([folder])
    assert report.papers == {} and len(report.runs) == 4
    assert [bad.path.name for bad in report.unreadable] == ["study.json"]


def test_registered_figures_of_ones_own_study_are_drawn(scored):
    folder = scored("overlap", ["GRID_SPACING=8"], _by_spacing, range(1))
    content = json.loads((folder / "study.json").read_text())
    (folder / "study.json").write_text(json.dumps(content | {"study": "my_own"}))

    @registry.figures("my_own")
    def mine(runs, describe):
        table = statistics_table({("all",): runs}, ("which",), ("mig/discrete_mig",), describe)
        yield PaperFigure("mine", "Mine", "All runs.", table, ("which",))

    try:
        (figure,) = figures_of(folder)
    finally:
        del registry.FIGURES["my_own"]
    assert figure.table["runs"].tolist() == [4] and figure.png is None
    write_figures(folder, [figure])
    assert [path.name for path in (folder / "figures").iterdir()] == ["mine.csv"]
