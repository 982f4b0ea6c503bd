"""disentanglement_lib's own evaluation, given codes in place of images.

While one of its metrics is computed, these names in its modules are replaced. No formula of a
metric is among them.

| module | name | instead |
|---|---|---|
| evaluate | named_data, hub | the data set's image indices; their codes, encoded once |
| utils | generate_batch_factor_code, obtain_representation | the same draws, large batches |
| beta_vae, factor_vae | _generate_training_batch | rehearsed: its images are encoded before |
| dci, utils | ensemble | boosted trees with the evaluation's seed, fitted faster |
| sap_score | svm | the same, to be fitted on all cores |
| the loops over factors | | rehearsed: their models are fitted on all cores |
"""

import contextlib
import copy
import functools
import types
from collections.abc import Callable, Iterator

import gin
import numpy as np

from tfdis.data.streams.codes import FEWEST_SAMPLES, draw_codes
from tfdis.dlib.scoring.coded_data import CodedData
from tfdis.dlib.scoring.image_codes import ImageCodes
from tfdis.dlib.scoring.metric_functions import replaced
from tfdis.dlib.scoring.metric_needs import check_computable, check_grid
from tfdis.dlib.scoring.parallel_fits import ParallelFits


def represent(
    observations: np.ndarray, representation_function: Callable, batch_size: int
) -> np.ndarray:
    """`obtain_representation`: codes `[dim, num]`, encoded in large batches."""
    del batch_size
    return representation_function(observations).T


def _encoded_before(function: Callable) -> Callable:
    """`_generate_training_batch`, but with all of its images encoded before it begins."""

    @functools.wraps(function)
    def rehearsed(data, represent_images, batch_size, num_points, random_state, *rest):
        if num_points < 1 or batch_size < FEWEST_SAMPLES:
            raise ValueError(
                f"Expected at least 1 point of at least {FEWEST_SAMPLES} images. Received: "
                f"{num_points} of {batch_size}. Fix: num_train, num_eval, batch_size."
            )
        if isinstance(data, CodedData):
            if num_points * batch_size >= data.table.num_images:
                data.encode_all()
            else:
                state = random_state.get_state()
                data.encode_for(
                    lambda note: function(data, note, batch_size, num_points, random_state, *rest)
                )
                random_state.set_state(state)
        return function(data, represent_images, batch_size, num_points, random_state, *rest)

    return rehearsed


def _fitted_together(fits: ParallelFits, function: Callable) -> Callable:
    """A loop over factors, with its models fitted on all cores."""

    @functools.wraps(function)
    def run(*args, **kwargs):
        return fits.run(lambda: function(*args, **kwargs))

    return run


def _predicted_together(fits: ParallelFits, function: Callable) -> Callable:
    """The same for a loop that is given a function that builds its models."""

    @functools.wraps(function)
    def run(x_train, y_train, x_test, y_test, predictor_fn):
        def build():
            return fits.model(predictor_fn)

        return fits.run(lambda: function(x_train, y_train, x_test, y_test, build))

    return run


def _intervened_together(fits: ParallelFits, function: Callable) -> Callable:
    """The loop of `strong_downstream_task` over interventions, which draws between its fits.

    It is rehearsed where that costs little: where codes stand for images.
    """

    @functools.wraps(function)
    def run(factors_train, factors_test, predictor_fn, data, represent_images, random_state, *rest):
        states = np.random.get_state(), random_state.get_state()

        def loop():
            np.random.set_state(states[0])
            random_state.set_state(states[1])
            arguments = (data, represent_images, random_state, *rest)
            return function(
                factors_train, factors_test, lambda: fits.model(predictor_fn), *arguments
            )

        return fits.run(loop) if isinstance(data, CodedData) else loop()

    return run


def _replacements(
    fits: ParallelFits, fitted_here: list[bool]
) -> Iterator[tuple[types.ModuleType, str, object]]:
    """Tuples (module, name, replacement) for everything but the data and the codes."""
    from disentanglement_lib.evaluation.metrics import (
        beta_vae,
        dci,
        downstream_task,
        factor_vae,
        reduced_downstream_task,
        sap_score,
        strong_downstream_task,
        utils,
    )
    from sklearn.svm import LinearSVC

    from tfdis.dlib.scoring.trees.choice import boosted_trees_class
    from tfdis.dlib.scoring.trees.fitted_by import noting_fits

    @functools.cache
    def noting_class():
        return noting_fits(boosted_trees_class(), fitted_here)

    def boosted_trees(**options):
        return noting_class()(**{"random_state": random_seed(), **options})

    def namespace(**builders):
        noted = {
            name: lambda build=build, **options: fits.model(lambda: build(**options))
            for name, build in builders.items()
        }
        return types.SimpleNamespace(**noted)

    yield utils, "generate_batch_factor_code", draw_codes
    yield utils, "obtain_representation", represent
    for module in (beta_vae, factor_vae):
        name = "_generate_training_batch"
        yield module, name, _encoded_before(getattr(module, name))
    # Models that `utils` builds go through `_predicted_together`, or are fitted alone.
    yield utils, "ensemble", types.SimpleNamespace(GradientBoostingClassifier=boosted_trees)
    yield dci, "ensemble", namespace(GradientBoostingClassifier=boosted_trees)
    yield sap_score, "svm", namespace(LinearSVC=LinearSVC)
    for module, name in ((dci, "compute_importance_gbt"), (sap_score, "compute_score_matrix")):
        yield module, name, _fitted_together(fits, getattr(module, name))
    for module, name in (
        (downstream_task, "_compute_loss"),
        (strong_downstream_task, "_compute_loss"),
        (reduced_downstream_task, "compute_predictive_accuracy"),
    ):
        yield module, name, _predicted_together(fits, getattr(module, name))
    name = "_compute_loss_intervene"
    yield (
        strong_downstream_task,
        name,
        _intervened_together(fits, getattr(strong_downstream_task, name)),
    )


def random_seed() -> int:
    """`evaluation.random_seed` of the gin configuration, also if it is bound to a macro."""
    return int(copy.deepcopy(gin.query_parameter("evaluation.random_seed")))


def _metric_in_gin() -> str:
    """Gin name of the metric that `evaluation.evaluation_fn` is bound to, without scopes and modules."""
    function = gin.query_parameter("evaluation.evaluation_fn")
    return str(getattr(function, "selector", function)).rpartition(".")[2]


@contextlib.contextmanager
def encoding_once(codes: ImageCodes) -> Iterator[list[bool]]:
    """While this context lasts, disentanglement_lib's `evaluate` scores codes of images.

    Args:
        codes: codes of the encoder that is scored.

    Yields:
        A list that gets one entry for each model of boosted trees: whether tfdis fitted it, rather
        than scikit-learn.
    """
    from disentanglement_lib.evaluation import evaluate

    def coded_data():
        # Some metrics draw from NumPy's global generator.
        np.random.seed(random_seed())
        data = codes.coded_data()
        check_grid(_metric_in_gin(), getattr(data, "num_missing", 0))
        if codes.num_latents is not None:
            check_computable(_metric_in_gin(), codes.num_latents, data.num_factors)
        return data

    fits, fitted_here = ParallelFits(), []
    named_data = types.SimpleNamespace(get_named_ground_truth_data=coded_data)
    hub = types.SimpleNamespace(eval_function_for_module=codes.evaluation_function)
    state = np.random.get_state()
    with contextlib.ExitStack() as stack:
        stack.callback(np.random.set_state, state)
        stack.callback(codes.keep)
        # A list, since all originals are looked up before anything is replaced.
        for module, name, value in [
            (evaluate, "named_data", named_data),
            (evaluate, "hub", hub),
            *_replacements(fits, fitted_here),
        ]:
            stack.enter_context(replaced(module, name, value))
        yield fitted_here
