"""Loops whose models are fitted side by side give what they give one after the other."""

import _thread
import signal
import threading
import weakref

import numpy as np
import pytest
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.tree import DecisionTreeClassifier

from tfdis.dlib.scoring.parallel_fits import ParallelFits

RNG = np.random.RandomState(0)
LABELS = RNG.randint([2, 3, 4], size=(60, 3)).T
SAMPLES = LABELS.T @ RNG.normal(size=(3, 5)) + RNG.normal(size=(60, 5))


def _loop(build):
    """What disentanglement_lib's loops do with their models."""
    found = []
    for labels in LABELS:
        model = build()
        model.fit(SAMPLES, labels)
        found.append((model.predict(SAMPLES), model.feature_importances_))
    return found


def test_the_results_are_those_of_the_loop_alone():
    def build():
        return GradientBoostingClassifier(n_estimators=5, random_state=3)

    fits = ParallelFits(num_threads=2)
    received = fits.run(lambda: _loop(lambda: fits.model(build)))
    for ours, theirs in zip(received, _loop(build), strict=True):
        np.testing.assert_array_equal(ours[0], theirs[0])
        np.testing.assert_array_equal(ours[1], theirs[1])


def test_models_are_fitted_at_the_same_time():
    barrier = threading.Barrier(2, timeout=20)

    class Waiting(DecisionTreeClassifier):
        def fit(self, x, y):
            if len(np.unique(y)) > 2:
                barrier.wait()
            return super().fit(x, y)

    fits = ParallelFits(num_threads=2)
    assert len(fits.run(lambda: _loop(lambda: fits.model(Waiting)))) == 3
    assert not barrier.broken


def test_models_are_asked_at_the_same_time_and_let_go_of():
    living = weakref.WeakSet()

    class Counted(DecisionTreeClassifier):
        def fit(self, x, y):
            living.add(self)
            return super().fit(x, y)

        def predict(self, x):
            predicted_in.add(threading.get_ident())
            return super().predict(x)

    predicted_in = set()
    fits = ParallelFits(num_threads=2)
    received = fits.run(lambda: _loop(lambda: fits.model(Counted)))
    assert not living and len(received) == 3
    # The model with the fewest classes is fitted at once, by the thread of the loop.
    assert predicted_in - {threading.get_ident()}


def test_outside_of_a_loop_models_are_plain():
    fits = ParallelFits()
    assert type(fits.model(DecisionTreeClassifier)) is DecisionTreeClassifier


def test_a_single_label_is_refused_and_the_next_loop_runs():
    fits = ParallelFits()

    def constant():
        fits.model(DecisionTreeClassifier).fit(SAMPLES, np.zeros(60))

    with pytest.raises(ValueError, match="one value in 60 samples.*num_train"):
        fits.run(constant)
    assert len(fits.run(lambda: _loop(lambda: fits.model(DecisionTreeClassifier)))) == 3


def test_a_loop_that_fits_something_else_the_second_time_is_refused():
    fits, rng = ParallelFits(), np.random.RandomState(1)

    def drawing():
        fits.model(DecisionTreeClassifier).fit(SAMPLES, rng.randint(2, size=60))

    with pytest.raises(RuntimeError, match="encode_once=False"):
        fits.run(drawing)

    samples = iter([SAMPLES, SAMPLES + 1])

    def asking():
        fits.model(DecisionTreeClassifier).fit(SAMPLES, LABELS[0]).predict(next(samples))

    with pytest.raises(RuntimeError, match="encode_once=False"):
        fits.run(asking)


def test_boosted_trees_that_nobody_waits_for_end_after_a_stage():
    """Stopped as Ray stops a task: without a signal of the system."""
    fits, stages = ParallelFits(num_threads=1), []

    class Long(GradientBoostingClassifier):
        def _fit_stage(self, stage, *args, **options):
            stages.append(stage)
            if len(stages) == 3:
                _thread.interrupt_main()
            return super()._fit_stage(stage, *args, **options)

    def loop():
        fits.model(lambda: Long(n_estimators=1)).fit(SAMPLES, LABELS[0])
        fits.model(lambda: Long(n_estimators=10_000)).fit(SAMPLES, LABELS[1])

    # A shell's background jobs ignore Ctrl-C, and so would this process if it were one.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            fits.run(loop)
    finally:
        signal.signal(signal.SIGINT, before)
    for thread in threading.enumerate():
        if thread.name.startswith("tfdis"):
            thread.join()
    assert len(stages) < 5_000
