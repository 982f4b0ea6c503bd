"""Every gin file of the repository says what it is and parses; those at the root build their model."""

from pathlib import Path

import gin
import pytest
import tensorflow as tf
from one_of_each_kind import case

from tfdis import evaluation, export, features  # noqa: F401 (their gin names)
from tfdis.data.named import get_named_ground_truth_data
from tfdis.dlib.stack.importing import install
from tfdis.evaluation import scores_while_training, udr_models  # noqa: F401
from tfdis.runs import challenge as challenge_config  # noqa: F401
from tfdis.runs import extract as extraction_run  # noqa: F401
from tfdis.runs import finetune as finetune_run  # noqa: F401
from tfdis.runs import train as training_run  # noqa: F401
from tfdis.training import train  # noqa: F401
from tfdis.training.build import build_model

ROOT = Path(__file__).parents[2]
FILES = sorted(path.relative_to(ROOT) for path in (ROOT / "gin").rglob("*.gin"))
MODELS = [path for path in FILES if path.parent.name == "gin"]
# One of every kind of batch, of training, of outputs and of state.
KINDS = {"betatcvae", "cvae", "adagvae", "factorvae", "ifcvae", "supervised", "qlae", "controlvae"}
LABELLED = ("cvae", "ifcvae", "ivae")
SUPERVISED = {path.stem for path in MODELS if path.stem.startswith(("s2_", "supervised"))}


@pytest.fixture(scope="module", autouse=True)
def dlibs_gin_names():
    install()
    from disentanglement_lib.evaluation import evaluate  # noqa: F401


@pytest.fixture(autouse=True)
def from_the_repository(monkeypatch):
    """gin files include each other by their path from the repository's root."""
    monkeypatch.chdir(ROOT)


@pytest.mark.parametrize("file", FILES, ids=str)
def test_a_file_says_what_it_is_and_parses(file):
    assert file.read_text().startswith("# ")
    gin.parse_config_file(str(file), skip_unknown=False)
    gin.finalize()


@pytest.mark.long
@pytest.mark.parametrize(
    "file", [case(file.stem in KINDS, file) for file in MODELS], ids=lambda file: file.stem
)
def test_a_file_at_the_root_builds_its_model(file):
    gin.parse_config_file(str(file), skip_unknown=False)
    if file.stem in LABELLED:
        gin.bind_parameter("LABEL_FACTORS/macro.value", ["scale"])
    data = get_named_ground_truth_data("dsprites_hearts")
    reference = gin.query_parameter("model.model")
    builder = reference.scoped_configurable_fn()
    supervised = file.stem in SUPERVISED
    sizes = data.factors_num_values if supervised else None
    model = build_model(builder, data, random_seed=0, label_sizes=sizes)
    assert model.is_semi_supervised == supervised
    images = tf.zeros([2, *data.observation_shape])
    if file.stem not in LABELLED:
        assert model(images)["reconstruction"].shape == images.shape
    assert model.latent_dim > 1
