"""docs/logged.md names every scalar that is logged, who logs it and its unit; and nothing else."""

import re
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf
from logged_cases import CASES, OF_ONE_MODEL, batch
from run_helpers import rows_of

from tfdis import models
from tfdis.features.classifier import MultiHeadClassifier
from tfdis.plots import curves
from tfdis.training.callbacks import ProgressBar, ScalarLog
from tfdis.training.validation import Validation

DOCS = Path(__file__).resolve().parent.parent / "docs" / "logged.md"
COLUMNS = ["name", "what it is", "unit", "logged by", "in `loss`"]
OF_THE_LOG = {"step", "learning_rate"}


def _table(heading):
    """Rows of the table below a heading: name -> column -> text."""
    section = DOCS.read_text(encoding="utf-8").split(f"\n## {heading}\n")[1].split("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    rows = [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]
    assert rows[0] == COLUMNS
    return {row[0].strip("`"): dict(zip(COLUMNS, row, strict=True)) for row in rows[2:]}


def _who(text):
    """Names of models and terms in a cell: those of "every model but `these`", or `these`."""
    named = set(re.findall(r"`(\w+)`", text))
    return set(models.MODELS) - named if text.startswith("every model") else named


@pytest.mark.long
def test_every_logged_name_is_in_the_table_with_who_logs_it_and_no_other_is():
    of_every_vae = set(models.VAE(terms=[]).statistics.names)
    logged_by = {name: set(models.MODELS) for name in OF_THE_LOG}
    for case in CASES:
        names = set(case.build().statistics.names)
        for name in names if case.is_model else names - of_every_vae:
            logged_by.setdefault(name, set()).add(case.name)
    for term, name in OF_ONE_MODEL.items():
        if name not in of_every_vae:
            logged_by[name].add(term)
    assert {name: _who(row["logged by"]) for name, row in _table("Training").items()} == logged_by


def test_the_table_says_what_is_in_the_loss():
    summed = {"loss", "reconstruction_loss", "regularizer"}
    summed |= {name for case in CASES for name in case.weights}
    table = _table("Training")
    assert {name for name, row in table.items() if row["in `loss`"] != "no"} == summed


@pytest.mark.long
def test_names_of_finetuning_are_in_its_table_and_no_others(tmp_path):
    extractor = keras.Sequential([keras.Input((4, 4, 1)), keras.layers.Flatten()])
    classifier = MultiHeadClassifier(extractor, {"shape": 3, "size": 2})
    classifier.compile(keras.optimizers.SGD(0.1), run_eagerly=True)
    examples = tf.zeros([2, 4, 4, 1]), tf.constant([[0, 1], [2, 0]])
    stream = tf.data.Dataset.from_tensors(examples)
    callbacks = [ScalarLog(tmp_path, 0), Validation(tmp_path, classifier, stream, epoch_steps=1)]
    classifier.fit(stream, shuffle=False, verbose=0, callbacks=callbacks)
    trained, validated = (set(rows_of(file)[0]) for file in sorted(tmp_path.glob("*_log.csv")))
    expected = dict.fromkeys(trained, "training") | dict.fromkeys(validated, "validation")
    expected |= dict.fromkeys(trained & validated, "both")
    expected = {re.sub("/.*", "/<factor>", name): who for name, who in expected.items()}
    table = _table("Finetuning")
    assert {name: row["logged by"] for name, row in table.items()} == expected


@pytest.mark.parametrize(
    ("heading", "of_the_loss"), [("Training", "its own"), ("Finetuning", "nats")]
)
def test_curves_have_the_units_of_the_table(heading, of_the_loss):
    words = {"none": "no unit", "of the loss": of_the_loss}
    for name, row in _table(heading).items():
        expected = words.get(row["unit"], row["unit"].split()[0])
        if name not in ("step", "epoch"):
            assert curves._unit_of(name, of_the_loss) == expected, name


@pytest.mark.long
def test_all_places_show_one_value(tmp_path, monkeypatch):
    """Progress bar, CSV file, TensorBoard and the picture of the curves, of the mean over two updates."""
    model = next(case for case in CASES if case.name == "factor_vae").build()
    model.compile(keras.optimizers.SGD(0.0), run_eagerly=True)
    seen, losses_of = [], model.losses_of
    monkeypatch.setattr(
        model, "losses_of", lambda *given: seen.append(losses_of(*given)) or seen[-1]
    )
    progress = ProgressBar(0, 2)
    stream = tf.data.Dataset.from_tensors(batch(model)).repeat()
    log = ScalarLog(tmp_path, 0)
    model.fit(stream, steps_per_epoch=2, shuffle=False, verbose=0, callbacks=[progress, log])
    shown = progress._bar.postfix
    progress.close()
    (row,) = rows_of(tmp_path / "training_log.csv")
    for name in seen[0]:
        mean = np.mean([float(step[name]) for step in seen])
        assert float(row[name]) == pytest.approx(mean, rel=1e-5, abs=1e-6), name
    assert shown == ", ".join(f"{name}={float(row[name]):.4g}" for name in ("loss", "kl_loss"))
    assert _tensorboard(tmp_path) == pytest.approx(
        {f"train/{name}": float(row[name]) for name in row.keys() - {"step"}}, rel=1e-6
    )
    figures = []
    monkeypatch.setattr(curves, "save_figure", lambda figure, *_: figures.append(figure))
    curves.plot_curves(tmp_path / "training_log.csv", tmp_path / "curves.png")
    drawn = {a.get_title(loc="left"): a.lines[0].get_ydata() for a in figures[0].axes if a.lines}
    for name in row.keys() - OF_THE_LOG:
        assert drawn.pop(curves._in_words(name)) == [float(row[name])]
    assert drawn == {}


def _tensorboard(folder):
    (path,) = (folder / "tensorboard").glob("events*")
    events = tf.compat.v1.train.summary_iterator(str(path))
    return {v.tag: float(tf.make_ndarray(v.tensor)) for e in events for v in e.summary.value}
