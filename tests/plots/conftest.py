"""A small finished run, made once."""

import functools
import shutil
from pathlib import Path

import pytest
from matplotlib.figure import Figure
from PIL import Image

from tfdis.export.frozen import export_frozen
from tfdis.export.model import vae_signatures
from tfdis.export.results import write_results
from tfdis.models import VAE
from tfdis.networks.mlp import mlp_decoder, mlp_encoder
from tfdis.plots import run as plots_run

GIN = "dataset.name = 'xysquares'\nxysquares.grid_spacing = 4\nreconstruction_loss.activation = None\n"


@pytest.fixture(scope="module")
def finished_run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs") / "model"
    networks = {
        "encoder": functools.partial(mlp_encoder, hidden_units=(4,)),
        "decoder": functools.partial(mlp_decoder, hidden_units=(4,)),
    }
    model = VAE(image_shape=(64, 64, 3), latent_dim=3, **networks)
    export_frozen(vae_signatures(model), str(folder / "tfhub"))
    write_results(str(folder / "results"), "train", {"loss": 1.0}, GIN)
    (folder / "training_log.csv").write_text("step,loss\n1,3.0\n2,2.0\n")
    return folder


@pytest.fixture
def run(finished_run, tmp_path):
    return Path(shutil.copytree(finished_run, tmp_path / "root" / "model"))


@pytest.fixture
def one_pixel_each(monkeypatch):
    """Leaves out what takes long to draw: traversals and reconstructions of a run are files of a pixel."""

    def write(*arguments, **options):
        path = next(value for value in arguments if isinstance(value, str | Path))
        Image.new("L", (1, 1)).save(path)

    for name in ("plot_traversals", "animate_traversals", "plot_reconstructions"):
        monkeypatch.setattr(plots_run, name, write)


@pytest.fixture
def drawn(monkeypatch):
    """The figures that are saved, in order."""
    figures = []
    save = Figure.savefig

    def record(figure, *arguments, **options):
        figures.append(figure)
        return save(figure, *arguments, **options)

    monkeypatch.setattr(Figure, "savefig", record)
    return figures
