"""The gin root `model`: trains a model on a data set, resuming exactly where it was stopped."""

import dataclasses
import functools
import os
import time
from collections.abc import Callable, Sequence
from typing import Any

import gin
import keras

from tfdis.data import named
from tfdis.data.ground_truth_data import GroundTruthData
from tfdis.data.splits.split_data import SplitData
from tfdis.models import VAE
from tfdis.models.step_counting import num_updates
from tfdis.training import streams
from tfdis.training.build import bound_builder, build_model
from tfdis.training.callbacks import saved_steps, updates_made
from tfdis.training.fit import Timetable, fit
from tfdis.training.memory import check_batch_fits
from tfdis.training.optimizer_config import make_vae_optimizer
from tfdis.training.options import check_at_least
from tfdis.training.plateau import LearningRatePlateau
from tfdis.training.run_folder import RunFolder
from tfdis.training.runtime import Runtime, gin_root, runtime_of
from tfdis.training.supervision import SUPERVISION_OPTIONS, labelled_set_of, take_supervision
from tfdis.training.time_budget import TimeBudget
from tfdis.training.warm_start import warm_start as start_from


@dataclasses.dataclass
class TrainedRun:
    """The result of `train`.

    Attributes:
        model: the trained model.
        folder: the run's folder.
        results: scalars of the final evaluation, and facts of the run.
    """

    model: VAE
    folder: RunFolder
    results: dict


@gin_root("model", SUPERVISION_OPTIONS)
def train(
    model_dir: str | os.PathLike,
    overwrite: bool = False,
    model: Callable = gin.REQUIRED,
    training_steps: int = gin.REQUIRED,
    random_seed: int = gin.REQUIRED,
    batch_size: int = gin.REQUIRED,
    eval_steps: int = 1000,
    name: str = "",
    model_num: int | None = None,
    warm_start: str = "",
    plateau: LearningRatePlateau | None = None,
    standardise: bool = False,
    step_counting: str = "updates",
    time_budget_hours: float | None = None,
    callbacks: Sequence[keras.callbacks.Callback] = (),
    **options: Any,
) -> TrainedRun:
    """Trains the model that gin describes; the data set is gin's `dataset.name`.

    Started again on the same folder with the same configuration, it goes on from the last checkpoint
    and ends with the weights of a run that was never stopped (bit for bit with `deterministic`).

    Args:
        model_dir: path of the run's folder.
        overwrite: whether another run in that folder is deleted.
        model: builder of the model, in gin `@vae()`, `@beta_tc_vae()`, ..., or `@vae`.
        training_steps: number of updates or, with the step counting "dlib", number of steps as
            counted there; 0 leaves the network untrained, as a baseline.
        random_seed: seed of the weights, the data stream and the posterior samples.
        batch_size: number of images in a step; of pairs, for models that learn from pairs.
        eval_steps: number of batches of the final evaluation.
        name: text that is only kept in the saved configuration.
        model_num: number that is only kept in the saved configuration.
        warm_start: path of another run's folder, or of a .keras file, whose encoder and decoder to
            start from.
        plateau: rule that lowers the learning rate, in gin `@learning_rate_plateau()`.
        standardise: whether encoder and loss see images standardised with the data set's published
            constants; the loss needs the activation "linear".
        step_counting: what training_steps and every schedule count. "updates" counts updates of the
            weights. "dlib" counts as disentanglement_lib, where every optimiser advances the step
            counter: 2 steps per update of FactorVAE, 1 for models with one optimiser. All other
            numbers of steps (log_steps, checkpoint_steps, in files and pictures) count updates.
        time_budget_hours: hours of training after which the run ends as if `training_steps` were reached:
            with a checkpoint, the final evaluation and the export, which are not counted. The same
            command with a larger budget goes on from there. None for no limit.
        callbacks: further callbacks, in gin `[@scores_while_training()]`. Those that have
            `start_run(run_dir, data)` get a call of it, those with `end_run(results)` one at the end.
        **options: options of `Runtime`, in gin `runtime.precision`, or `model.precision` for this
            root alone; and options of `Supervision`, in gin `model.num_labelled_samples`.

    Returns:
        The trained run.

    Raises:
        ValueError: an option out of range.
        TypeError: there is no option of that name.
        FileExistsError: the folder holds something else.
        FileNotFoundError: there is nothing at `warm_start` to start from.
        InUseError: another process trains in the folder.
        NonFiniteLossError: the loss became NaN or infinite.
        Interrupted: SIGTERM or SIGINT came; there is a checkpoint of the last step.
    """
    del name, model_num  # They are only kept in the saved configuration.
    check_at_least("model", 0, training_steps=training_steps)
    check_at_least("model", 1, batch_size=batch_size, eval_steps=eval_steps)
    supervision, options = take_supervision(options)
    supervision = supervision.with_seeds(random_seed)
    runtime = runtime_of("model", options)
    folder = RunFolder(model_dir, gin.config_str(), overwrite)
    budget = None if time_budget_hours is None else TimeBudget(time_budget_hours, folder.path)
    runtime.limit_threads()
    data = named.get_named_ground_truth_data()
    builder = bound_builder(model)
    labelled = labelled_set_of(builder, data, supervision)
    if labelled is not None and not overwrite:
        labelled.check(folder.path)
    callbacks = [*callbacks, *(own for own in (labelled, budget) if own is not None)]
    started = time.time()
    with folder.held(), runtime.entered(supervision.model_seed) as strategy:
        with strategy.scope():
            network = build_model(
                builder,
                data,
                supervision.model_seed,
                standardise,
                step_counting,
                labelled and labelled.factor_sizes,
            )
            check_batch_fits(network, batch_size)
            network.compile(optimizer=make_vae_optimizer(), **runtime.compile_options)
        if warm_start and (overwrite or not saved_steps(folder.checkpoints)):
            start_from(network, warm_start)
        timetable = _timetable(network, training_steps, runtime)
        if plateau is not None and plateau.epoch_steps is None:
            # Keras's own epochs are not used, since a run that is stopped and resumed has one more of them.
            plateau.epoch_steps = runtime.log_steps
        if budget is not None:
            budget.start(anew=overwrite)
        _call(callbacks, "start_run", folder.path, data)
        drawn = (network, data, batch_size, supervision.unsupervised_data_seed)
        fit(
            network,
            functools.partial(streams.training_stream, *drawn, labelled and labelled.training),
            folder,
            timetable,
            further=callbacks,
            plateau=plateau,
        )
        if labelled is not None:
            labelled.save()
        evaluated = streams.evaluation_stream(*drawn, eval_steps, labelled and labelled.evaluation)
        results = network.evaluate(evaluated, verbose=0, return_dict=True)
    results |= _facts(network, data, step_counting, time.time() - started)
    if budget is not None:
        results["time_budget_reached"] = budget.report(results["updates"], timetable.total)
    _call(callbacks, "end_run", results)
    return TrainedRun(network, folder, results)


def _timetable(network: VAE, training_steps: int, runtime: Runtime) -> Timetable:
    """The run's timetable in updates, which is what callbacks count."""
    per_update = network.steps_per_update
    return Timetable(
        num_updates(training_steps, per_update),
        runtime.log_steps,
        runtime.checkpoint_steps,
        option=f"model.training_steps{'' if per_update == 1 else f' / {per_update}'}",
    )


def _call(callbacks: Sequence[keras.callbacks.Callback], method: str, *arguments: Any) -> None:
    """Calls a method of those callbacks that have it."""
    for callback in callbacks:
        if hasattr(callback, method):
            getattr(callback, method)(*arguments)


def _facts(network: VAE, data: GroundTruthData, step_counting: str, seconds: float) -> dict:
    """What the results say of a run besides its final evaluation."""
    updates = updates_made(network.optimizer)
    facts = {
        "global_step": updates * network.steps_per_update,
        "updates": updates,
        "step_counting": step_counting,
        "elapsed_time": seconds,
        "dataset_provenance": data.provenance,
    }
    if isinstance(data, SplitData):
        facts["dataset_split"] = data.split.describe()
    return facts
