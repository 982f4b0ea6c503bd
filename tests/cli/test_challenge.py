"""bin/challenge: the whole protocol on 64 images, its table, and how it refuses."""

import pytest
from run_helpers import rows_of

from tfdis import registry
from tfdis.report.build import build_report
from tfdis.report.challenge import SCORES
from tfdis.sweeps.build import build_points
from tfdis.sweeps.folder import StudyFolder

STAGE1 = "gin/papers/stage1/arm3d.gin"
BACKBONE = """
import keras
import tensorflow
from tfdis import registry

tensorflow.config.run_functions_eagerly(True)  # A few small steps take less time than to trace one.


@registry.backbone
def a_backbone_of_one_layer(image_shape):
    images = keras.Input(image_shape)
    return keras.Model(images, keras.layers.Conv2D(4, 3, strides=4, activation="relu")(images))
"""
SMALL = [
    "DATA = ['gin/data/xysquares.gin']",
    "xysquares.num_placements = 2",
    "WEIGHTS = None",
    "EPOCH_IMAGES = 64",
    "VAE_EPOCHS = 1",
    "PIXEL_EPOCHS = 1",
    "model.eval_steps = 1",
    "mlp_encoder.hidden_units = (8,)",
    "mlp_decoder.hidden_units = (8,)",
]
SCORING = [
    "factor_vae_score.num_train = 20",
    "factor_vae_score.num_eval = 20",
    "factor_vae_score.num_variance_estimate = 64",
    "dci.num_train = 40",
    "dci.num_test = 20",
    "sap_score.num_train = 40",
    "sap_score.num_test = 20",
    "irs.num_train = 40",
    "mig.num_train = 40",
]


@pytest.fixture
def known_here():
    """Lets this process know the name of the commands' backbone."""

    @registry.backbone
    def a_backbone_of_one_layer(image_shape):
        raise NotImplementedError

    yield
    del registry.BACKBONES["a_backbone_of_one_layer"]


def _flags(folder, *bindings, scoring=SCORING):
    bindings = [*SMALL, f"challenge.scoring = {scoring!r}", *bindings]
    return [
        f"--gin_file={STAGE1}",
        f"--output_dir={folder}",
        *(f"--gin_bindings={binding}" for binding in bindings),
    ]


@pytest.mark.long
@pytest.mark.usefixtures("known_here")
def test_the_whole_protocol_and_nothing_twice(start_command, tmp_path):
    (tmp_path / "tiny_backbone.py").write_text(BACKBONE)
    # From the folder of the module, for a backbone that is built, extracted with and exported in no time.
    own = ["--import=tiny_backbone", "--gin_bindings=BACKBONE = @a_backbone_of_one_layer"]
    own.append("--gin_bindings=WEIGTHS = None")
    out = tmp_path / "out"

    def start(*flags):
        return start_command("challenge", *flags, *own, cwd=tmp_path)

    result = start(*_flags(out), "--seeds=0")
    assert result.returncode == 0, result.stderr
    (warning,) = [line for line in result.stderr.splitlines() if "Nothing used" in line]
    assert "WEIGTHS (did you mean WEIGHTS?)" in warning and "EPOCHS" not in warning
    done = {
        path: path.stat().st_mtime_ns
        for name in ("method,features", "method,seed=0")
        for path in (out / "points" / name).rglob("*")
    }
    assert len([path for path in done if path.name == "features.npy"]) == 1
    result = start(*_flags(out), "--control=random", "--control=pixels")
    assert result.returncode == 0, result.stderr
    assert {path: path.stat().st_mtime_ns for path in done} == done
    rows = rows_of(out / "scores.csv")
    systems = ["stage 1", "stage 1, random backbone", "beta-VAE on pixels"]
    assert [row["system"] for row in rows] == systems
    assert [row["seed"] for row in rows] == ["0", "0", "0"]
    assert {row["dataset"] for row in rows} == {"xysquares"}
    for row in rows:
        scores = [float(row[name]) for name in SCORES]
        assert all(0 <= score <= 1 for score in scores)
        assert float(row["sum"]) == pytest.approx(sum(scores))
    table = (out / "scores.md").read_text()
    assert table in result.stdout
    for flags in (["--study=challenge", *_flags(out), *own], ["--import=tiny_backbone"]):
        result = start_command("study", f"--output_dir={out}", *flags, cwd=tmp_path)
        assert result.returncode == 0 and table in result.stdout, result.stderr
    # The study goes on in the same folder, and the report reads it.
    lines = [flag.partition("=")[2] for flag in (*_flags(out), *own) if "bindings" in flag]
    study = StudyFolder(out)
    every = build_points("challenge", [STAGE1], (), lines, seeds=range(2))
    left = [point.name for point in study.write("challenge", every) if study.lacks(point)]
    assert sorted(left) == ["method,seed=1", "pixels,seed=1", "random,seed=1"]
    (figure,) = build_report([out]).papers[out]
    assert figure.table["sum/mean"].tolist() == [float(row["sum"]) for row in rows]
    other = [line.replace("= 40", "= 41") for line in SCORING]
    result = start(*_flags(out, scoring=other))
    assert result.returncode == 1 and "dci.num_train = 41" in result.stderr
    assert "error: " in result.stderr and "Traceback" not in result.stderr


@pytest.mark.long
@pytest.mark.parametrize(
    "flags, message",
    [
        (["--output_dir=x"], "Expected --gin_file"),
        (["--output_dir=x", "--gin_file=absent.gin"], "absent.gin"),
        ([*_flags("x"), "--seeds=0,a"], "--seeds of numbers"),
        (_flags("x", scoring=["dcii.num_train = 4"]), "dcii.num_train"),
        (_flags("x", "xysquares.num_placements = 1"), "one value"),
    ],
)
def test_one_line_and_nothing_written(start_command, tmp_path, flags, message):
    flags = [
        f"--output_dir={tmp_path / 'x'}" if flag == "--output_dir=x" else flag for flag in flags
    ]
    result = start_command("challenge", *flags)
    assert result.returncode == 1 and message in result.stderr
    assert "Traceback" not in result.stderr and not (tmp_path / "x").exists()


def test_a_folder_of_the_old_layout_is_refused_as_it_is(start_command, tmp_path):
    (tmp_path / "method" / "seed_0").mkdir(parents=True)
    result = start_command("challenge", *_flags(tmp_path))
    assert result.returncode == 1 and not (tmp_path / "points").exists()
    (line,) = result.stderr.splitlines()
    assert line.startswith("error: Expected a new folder") and "earlier version in method." in line
