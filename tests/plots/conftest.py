"""A small finished run, made once."""

import shutil
from pathlib import Path

import pytest
from matplotlib.figure import Figure

from tfdis.export.frozen import export_frozen
from tfdis.export.model import vae_signatures
from tfdis.export.results import write_results
from tfdis.models import VAE

GIN = "dataset.name = 'xysquares'\nxysquares.grid_spacing = 4\nreconstruction_loss.activation = None\n"


@pytest.fixture(scope="module")
def finished_run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs") / "model"
    model = VAE(image_shape=(64, 64, 3), latent_dim=3)
    export_frozen(vae_signatures(model), str(folder / "tfhub"))
    write_results(str(folder / "results"), "train", {"loss": 1.0}, GIN)
    (folder / "training_log.csv").write_text("step,loss\n1,3.0\n2,2.0\n")
    return folder


@pytest.fixture
def run(finished_run, tmp_path):
    return Path(shutil.copytree(finished_run, tmp_path / "root" / "model"))


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
