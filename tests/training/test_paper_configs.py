"""The gin files of this room's models and of the papers: each parses and takes a step."""

import pathlib

import gin
import numpy as np
import pytest
from one_of_each_kind import case

from tfdis.models.label_networks import build_label_discriminator
from tfdis.training import train as train_room

ROOT = pathlib.Path(__file__).parents[2]
MODELS = ["factorvae", "cvae", "ifcvae", "adagvae", "adamlvae", "gvae", "mlvae"]
KINDS = MODELS[:4]
PAPERS = ["study", "library"]
FILES = [ROOT / "gin" / f"{name}.gin" for name in MODELS]
PAPER_FILES = sorted(
    file for paper in PAPERS for file in (ROOT / "gin/papers" / paper).glob("*.gin")
)
QUICK = [
    "model.training_steps = 1",
    "model.batch_size = 4",
    "model.eval_steps = 1",
    "DATASET = 'xyobject'",
]


@pytest.fixture(autouse=True)
def from_the_repository(monkeypatch):
    """gin files include each other by their path from the repository's root."""
    monkeypatch.chdir(ROOT)


def _train(folder, file, *bindings):
    gin.clear_config()
    gin.parse_config_files_and_bindings([str(file)], [*QUICK, *bindings])
    return train_room.train(folder)


@pytest.mark.long
@pytest.mark.usefixtures("eagerly")
@pytest.mark.parametrize("file", [case(f.stem in KINDS, f) for f in FILES], ids=lambda f: f.stem)
def test_a_model_trains(file, tmp_path):
    bindings = ["encoder.num_latent = 10"]
    if file.stem in ("cvae", "ifcvae"):
        bindings.append("LABEL_FACTORS = ['scale']")
    run = _train(tmp_path / "run", file, *bindings)
    assert np.isfinite(run.results["loss"])


@pytest.mark.long
@pytest.mark.usefixtures("eagerly")
@pytest.mark.parametrize(
    ("paper", "names"),
    [
        case(True, "library", ["betatcvae_mpi3d_real", "ifcvae_code"]),
        *(case(False, paper, None) for paper in PAPERS),
    ],
)
def test_a_papers_runs_train_one_after_the_other(paper, names, tmp_path):
    files = [file for file in PAPER_FILES if file.parent.name == paper]
    pretrained = _train(tmp_path / "pretrained", ROOT / f"gin/papers/{paper}/pretrain.gin")
    pretrained.model.save(tmp_path / "pretrained" / "model.keras")
    kinds = {type(pretrained.model).__name__}
    for file in files:
        if file.stem == "pretrain" or (names and file.stem not in names):
            continue
        bindings = []
        name = file.stem.partition("_")[0]
        if name in ("cvae", "ifcvae"):
            bindings = [f"{name}.label_factors = ['scale']"]
        else:
            bindings = [f"WARM_START = '{tmp_path / 'pretrained'}'"]
        run = _train(tmp_path / file.stem, file, *bindings)
        assert np.isfinite(run.results["loss"]), file
        kinds.add(type(run.model).__name__)
    if paper == "study":
        assert kinds == {"BetaVAE", "BetaTCVAE", "FactorVAE", "DIPVAE", "InfoVAE"}


def test_the_study_has_each_method_as_in_its_paper_and_as_in_its_code():
    methods = ["betatcvae", "betavae", "dipvae_i", "dipvae_ii", "factorvae", "infovae"]
    expected = [f"{m}_{kind}" for m in methods for kind in ("code", "paper")] + ["pretrain"]
    assert sorted(f.stem for f in PAPER_FILES if f.parent.name == "study") == sorted(expected)


@pytest.mark.parametrize("method, scope", [
    ("betavae", "vae"), ("betatcvae", "beta_tc_vae"), ("factorvae", "factor_vae"),
    ("dipvae_i", "dip_vae"), ("dipvae_ii", "dip_vae"), ("infovae", "info_vae"),
])  # fmt: skip
@pytest.mark.parametrize("kind", ["paper", "code"])
def test_the_studys_shared_settings(method, scope, kind):
    """Table 2 and section 3 of the study."""
    gin.parse_config_file(f"gin/papers/study/{method}_{kind}.gin")
    expected = {
        "dataset.name": "mpi3d_toy",
        "model.training_steps": 200000,
        "model.batch_size": 64,
        "encoder.num_latent": 20,
        "vae/AdamOptimizer.learning_rate": 1e-3,
        "vae/AdamOptimizer.form": "pytorch",
        "vae/AdamOptimizer.beta1": 0.9,
        "vae/AdamOptimizer.beta2": 0.999,
        "learning_rate_plateau.factor": 0.95,
        "learning_rate_plateau.min_learning_rate": 1e-4,
        "capacity_schedule.c_max": 25.0,
        "capacity_schedule.iteration_threshold": 2000,
        f"{scope}.capacity_per_image": kind == "paper",
    }
    for name, value in expected.items():
        assert _bound(name) == value, name


@pytest.mark.parametrize("data", ["real", "realistic"])
def test_the_librarys_headline_run_reaches_its_capacity(data):
    """The authors' challenge script: 25 nats after 2,000 of 90,000 steps."""
    gin.parse_config_file(f"gin/papers/library/betatcvae_mpi3d_{data}.gin")
    expected = {
        "model.training_steps": 90000,
        "capacity_schedule.c_max": 25.0,
        "capacity_schedule.iteration_threshold": 2000,
        "beta_tc_vae.beta": 2.0,
        "encoder.num_latent": 20,
        "learning_rate_plateau.min_learning_rate": 5e-5,
    }
    for name, value in expected.items():
        assert _bound(name) == value, name


def _bound(name):
    value = gin.query_parameter(name)
    if isinstance(value, gin.config.ConfigurableReference):  # A macro.
        return gin.query_parameter(f"{value.scoped_selector.split('/')[0]}/macro.value")
    return value


@pytest.mark.parametrize("file", [*FILES, *PAPER_FILES], ids=lambda f: f.stem)
def test_every_file_says_what_it_is_and_how_to_run_it(file):
    header = file.read_text().split("\n\ninclude")[0]
    assert all(line.startswith("#") for line in header.splitlines())
    assert f"--gin_file={file.relative_to(ROOT)}" in header
    assert "Needs:" in header
    if "papers" in file.parts:
        assert "Expected score" in header and "Cost:" in header


# The files about features and pixels of arms on their own train nothing of the paper's.
_PYTORCH_FILES = [
    file
    for paper in ("study", "library", "reconstruction", "stage1")
    for file in sorted(pathlib.Path(ROOT, "gin/papers", paper).glob("*.gin"))
    if file.stem not in ("arm3d", "pixels_arm3d", "extractor")
]


@pytest.mark.parametrize("file", _PYTORCH_FILES, ids=lambda file: f"{file.parent.name}-{file.stem}")
def test_every_adam_of_the_pytorch_papers_has_pytorchs_form(file):
    gin.parse_config_file(str(file))
    text = gin.config_str()
    for scope in ("vae", "discriminator"):
        if f"{scope}/AdamOptimizer.learning_rate" in text:
            assert gin.query_parameter(f"{scope}/AdamOptimizer.form") == "pytorch"


def test_the_label_encoder_learns_from_reconstructions_in_the_code_alone():
    for kind in ("paper", "code"):
        gin.clear_config()
        gin.parse_config_file(f"gin/papers/library/ifcvae_{kind}.gin")
        bound = gin.get_bindings("ifcvae").get("learns_from_reconstructions", False)
        assert bound == (kind == "code")


def test_the_adversary_of_ifcvae_has_the_authors_size():
    """8 latents, 3 shapes, 5 hidden layers of 1000 units."""
    assert build_label_discriminator(8, num_classes=3).count_params() == 4_016_003
