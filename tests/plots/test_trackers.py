"""Trackers: what TensorBoard, Weights & Biases and MLflow are told; the packages, where they are installed."""

import sys
import types

import gin
import pytest
import tensorflow as tf
from run_helpers import assert_same_weights

from tfdis.plots import trackers
from tfdis.training import train as train_room

CONFIG = """
dataset.name = "xysquares"
xysquares.grid_spacing = 8
model.model = @vae()
vae.beta = 1.
encoder.num_latent = 2
encoder.encoder_fn = @mlp_encoder
mlp_encoder.hidden_units = (4,)
decoder.decoder_fn = @mlp_decoder
mlp_decoder.hidden_units = (4,)
reconstruction_loss.loss_fn = @bernoulli_loss
vae_optimizer.optimizer_fn = @AdamOptimizer
model.batch_size = 4
model.random_seed = 0
model.training_steps = {steps}
model.log_steps = 2
model.eval_steps = 1
"""


pytestmark = pytest.mark.usefixtures("eagerly")


def train(folder, steps=4, tracker=None):
    gin.clear_config()
    gin.parse_config(CONFIG.format(steps=steps))
    return train_room.train(folder, callbacks=[tracker] if tracker else ())


class Recorder(trackers.Tracker):
    """Notes what it is told."""

    def __init__(self, **options):
        super().__init__(**options)
        self.told = []

    def open(self, folder, hyperparameters):
        self.told.append(("open", hyperparameters["vae.beta"]))

    def log_scalars(self, step, scalars):
        self.told.append((step, sorted(scalars)))

    def log_picture(self, step, name, path):
        self.told.append((step, name, tf.io.decode_png(tf.io.read_file(path)).shape[2]))

    def close(self):
        self.told.append("close")


@pytest.mark.long
def test_a_tracker_sees_every_interval_and_changes_no_weight(tmp_path):
    recorder = Recorder(every_steps=4)
    tracked = train(tmp_path / "run", tracker=recorder)
    first, two, four, traversals, reconstructions, final, last = recorder.told
    assert first == ("open", "1.0") and last == "close"
    assert (two[0], four[0]) == (2, 4) and "kl_loss" in two[1]
    assert traversals[:2] == (4, "traversals") and reconstructions[:2] == (4, "reconstructions")
    assert final[0] == 4 and "final/loss" in final[1]
    names = {path.name for path in (tmp_path / "run/pictures").iterdir()}
    assert names == {"traversals_4.png", "reconstructions_4.png"}
    plain = train(tmp_path / "plain")
    assert_same_weights(tracked.model, plain.model)


@pytest.mark.long
def test_tensorboard_gets_pictures_and_hyperparameters(tmp_path):
    train(tmp_path / "run", tracker=trackers.TensorBoardPictures(every_steps=4))
    tags = {}
    for path in (tmp_path / "run/tensorboard").iterdir():
        for event in tf.compat.v1.train.summary_iterator(str(path)):
            for value in event.summary.value:
                tags[value.tag] = value.metadata.plugin_data.plugin_name
    assert tags["traversals"] == tags["reconstructions"] == "images"
    assert "hparams" in tags.values()


class _Wandb(types.ModuleType):
    """A stand-in that notes calls."""

    def __init__(self):
        super().__init__("wandb")
        self.calls = []
        self.Image = lambda path: ("picture", path.rpartition("/")[2])

    def init(self, **options):
        self.calls.append(options)
        return types.SimpleNamespace(
            log=lambda values, step: self.calls.append((step, values)),
            finish=lambda: self.calls.append("finish"),
        )


@pytest.mark.long
def test_a_resumed_run_goes_on_in_its_record_of_weights_and_biases(tmp_path, monkeypatch):
    wandb = _Wandb()
    monkeypatch.setitem(sys.modules, "wandb", wandb)
    train(tmp_path / "run", 2, trackers.WandbTracker(project="p", every_steps=2))
    options, _, traversals, *_, finish = wandb.calls
    identity = options["id"]
    assert len(identity) > 8 and options["mode"] == "offline" and options["project"] == "p"
    assert options["config"]["vae.beta"] == "1.0" and options["name"] == "run"
    assert traversals == (2, {"traversals": ("picture", "traversals_2.png")}) and finish == "finish"
    wandb.calls.clear()
    train(tmp_path / "run", 4, trackers.WandbTracker(project="p", every_steps=2))
    assert wandb.calls[0]["id"] == identity and wandb.calls[1][0] == 4


class _Client:
    """A stand-in for MLflow's client that notes calls."""

    calls = []

    def __init__(self, tracking_uri):
        self.calls.append(tracking_uri)

    def get_experiment_by_name(self, name):
        return None

    def create_experiment(self, name):
        return f"experiment {name}"

    def create_run(self, experiment, run_name):
        self.calls.append((experiment, run_name))
        return types.SimpleNamespace(info=types.SimpleNamespace(run_id="r1"))

    def __getattr__(self, name):
        return lambda *arguments, **options: self.calls.append((name, *arguments, options))


@pytest.mark.long
def test_mlflow_gets_parameters_metrics_and_pictures(tmp_path, monkeypatch):
    module = types.ModuleType("mlflow")
    module.MlflowClient = _Client
    monkeypatch.setitem(sys.modules, "mlflow", module)
    monkeypatch.setattr(_Client, "calls", [])
    train(tmp_path / "run", 2, trackers.MLflowTracker("e", "file:x", every_steps=2))
    calls = _Client.calls
    assert calls[:2] == ["file:x", ("experiment e", "run")]
    assert ("log_param", "r1", "vae.beta", "1.0", {}) in calls
    assert any(call[:3] == ("log_metric", "r1", "kl_loss") for call in calls)
    assert [call[3]["artifact_path"] for call in calls if call[0] == "log_artifact"] == [
        "traversals",
        "reconstructions",
    ]
    assert calls[-1] == ("set_terminated", "r1", {})


def test_the_packages_themselves_write_files(tmp_path, monkeypatch):
    pytest.importorskip("wandb")
    monkeypatch.setenv("WANDB_SILENT", "true")
    train(tmp_path / "run", 2, trackers.WandbTracker(every_steps=2))
    assert list((tmp_path / "run/wandb").glob("offline-run-*/*.wandb"))


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # MLflow's own, of SQLAlchemy 2.1.
@pytest.mark.parametrize("place", ["file:{}/records", "sqlite:///{}/mlflow.db"])
def test_mlflow_itself_keeps_records(place, tmp_path, monkeypatch):
    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
    monkeypatch.chdir(tmp_path)
    mlflow = pytest.importorskip("mlflow")
    if place.startswith("sqlite"):
        pytest.importorskip("alembic")
    place = place.format(tmp_path)
    train(tmp_path / "run", 2, trackers.MLflowTracker("e", place, every_steps=2))
    client = mlflow.MlflowClient(tracking_uri=place)
    identity = (tmp_path / "run/mlflow_id.txt").read_text()
    record = client.get_run(identity)
    assert record.data.params["vae.beta"] == "1.0" and record.data.metrics["final/loss"] > 0
    assert [file.path for file in client.list_artifacts(identity, "traversals")]


def test_what_mlflow_refuses_is_said_with_the_fix(tmp_path, monkeypatch):
    pytest.importorskip("mlflow")
    monkeypatch.delenv("MLFLOW_ALLOW_FILE_STORE", raising=False)
    tracker = trackers.MLflowTracker("e", f"file:{tmp_path}/records")
    with pytest.raises(ValueError, match="maintenance mode.*Fix: .*'sqlite:///mlflow.db'"):
        tracker.open(tmp_path, {})
    monkeypatch.setitem(sys.modules, "sqlalchemy", None)
    monkeypatch.setitem(sys.modules, "alembic", None)
    tracker = trackers.MLflowTracker("e", f"sqlite:///{tmp_path}/mlflow.db")
    with pytest.raises(ImportError, match=r"Expected alembic sqlalchemy.*'tfdis\[mlflow\]'"):
        tracker.open(tmp_path, {})


@pytest.mark.parametrize("name", ["wandb", "mlflow"])
def test_a_package_that_is_missing_is_named_with_its_extra(name, monkeypatch):
    monkeypatch.setitem(sys.modules, name, None)
    cls = {"wandb": trackers.WandbTracker, "mlflow": trackers.MLflowTracker}[name]
    with pytest.raises(ImportError, match=rf"Expected {name}.*pip install 'tfdis\[{name}\]'"):
        cls()


def test_bad_input_is_refused():
    with pytest.raises(ValueError, match="every_steps of at least 1. Received: 0"):
        trackers.TensorBoardPictures(every_steps=0)
    with pytest.raises(ValueError, match=r"Expected start_run"):
        Recorder().on_train_begin()
