"""The gin root `finetune`: teaches a feature extractor the factors of labelled data sets."""

import dataclasses
import functools
import os
import time
from collections.abc import Callable, Sequence
from typing import Any

import gin

from tfdis import registry
from tfdis.data.named import get_named_ground_truth_data
from tfdis.data.streams.labelled_sets import LabelledSets, steps_per_epoch
from tfdis.data.streams.labelled_stream import labelled_stream, validation_stream
from tfdis.features.classifier import MultiHeadClassifier
from tfdis.training.callbacks import updates_made
from tfdis.training.fit import Timetable, fit
from tfdis.training.options import check_at_least
from tfdis.training.run_folder import RunFolder
from tfdis.training.runtime import gin_root, runtime_of
from tfdis.training.validation import Validation

_ROOT = "finetune"
# Registers what finetuning names in gin: backbones and poolings; optimisers.
registry.load("tfdis.features", "tfdis.training.optimizer_config")
KEPT = ("last", "best")


@dataclasses.dataclass
class FinetunedRun:
    """The result of `finetune`.

    Attributes:
        classifier: the trained classifier; its `extractor` is the purpose of the run.
        folder: the run's folder.
        results: scores on the validation part, and facts of the run.
    """

    classifier: MultiHeadClassifier
    folder: RunFolder
    results: dict


@gin_root(_ROOT)
def finetune(
    model_dir: str | os.PathLike,
    overwrite: bool = False,
    data_sets: Sequence[str] = gin.REQUIRED,
    extractor: Callable = gin.REQUIRED,
    optimizer_fn: Callable = gin.REQUIRED,
    epochs: int = 5,
    batch_size: int = 512,
    random_seed: int = 0,
    validation_fraction: float = 0.2,
    validation_batches: int | None = None,
    separate_factors: Sequence[str] = (),
    train_backbone: bool = True,
    head_initializer: str = "he_uniform",
    patience: int | None = None,
    keep: str = "last",
    **options: Any,
) -> FinetunedRun:
    """Trains an extractor, with one linear classifier for each factor on top, on labelled data sets.

    Started again on the same folder with the same configuration, it goes on from the last checkpoint
    and ends with the weights of a run that was never stopped (bit for bit with `deterministic`).

    Args:
        model_dir: path of the run's folder.
        overwrite: whether another run in that folder is deleted.
        data_sets: names of the sets, each of which reads its own gin options. `LabelledSets` says
            how factors are matched.
        extractor: function `extractor(image_shape)` that builds the extractor, in gin
            `@feature_extractor`.
        optimizer_fn: function that builds the optimiser, in gin `@RAdamOptimizer`.
        epochs: number of passes over all training images; 0 leaves the extractor untrained, as a
            baseline.
        batch_size: number of images in a step.
        random_seed: seed of weights, split, stream and dropout.
        validation_fraction: fraction of each set that is kept for validation.
        validation_batches: number of batches of each validation, a random sample; None for all
            images.
        separate_factors: names of factors whose values differ from set to set.
        train_backbone: whether the backbone is trained; False leaves it as it is, its batch
            statistics too.
        head_initializer: initialiser of the linear classifiers, "he_uniform" or "pytorch".
        patience: number of epochs without a higher mean accuracy after which the run ends; None for
            never.
        keep: epoch whose weights are the run's result, the "last" or the "best" one.
        **options: options of `Runtime`, in gin `runtime.precision`, or `finetune.precision` for
            this root alone. There is also a checkpoint after every epoch.

    Returns:
        The finetuned run.

    Raises:
        ValueError: an option out of range, or data sets that do not go together.
        TypeError: there is no option of that name.
        FileExistsError: the folder holds something else.
        InUseError: another process trains in the folder.
        NonFiniteLossError: the loss became NaN or infinite.
        Interrupted: SIGTERM or SIGINT came; there is a checkpoint of the last step.

    References:
        Seitzer et al. (2020), "NeurIPS 2019 Disentanglement Challenge: Improved Disentanglement
        through Learned Aggregation of Convolutional Feature Maps". arXiv:2002.12356 (section 2.1).
    """
    check_at_least(_ROOT, 0, epochs=epochs)
    check_at_least(_ROOT, 1, batch_size=batch_size)
    runtime = runtime_of(_ROOT, options)
    if keep not in KEPT:
        raise ValueError(f"Expected {_ROOT}.keep of {KEPT}. Received: {keep!r}.")
    folder = RunFolder(model_dir, gin.config_str(), overwrite)
    runtime.limit_threads()
    sets = LabelledSets(
        [get_named_ground_truth_data(name) for name in data_sets],
        random_seed,
        validation_fraction,
        separate_factors,
    )
    validation_images = validation_stream(sets, batch_size, validation_batches)
    epoch_steps = steps_per_epoch(sets.num_training, batch_size)
    started = time.time()
    with folder.held(), runtime.entered(random_seed) as strategy:
        with strategy.scope():
            network = extractor(sets.image_shape)
            network.backbone.trainable = train_backbone
            classifier = MultiHeadClassifier(network, sets.factor_sizes, head_initializer)
            classifier.compile(optimizer=optimizer_fn(), **runtime.compile_options)
            # The optimiser's variables have to exist when a checkpoint is restored.
            classifier.optimizer.build(classifier.trainable_variables)
        validation = Validation(folder.path, classifier, validation_images, epoch_steps, patience)
        timetable = Timetable(
            epochs * epoch_steps,
            runtime.log_steps,
            runtime.checkpoint_steps,
            epoch_steps,
            f"{_ROOT}.epochs * {epoch_steps}",
        )
        make_stream = functools.partial(labelled_stream, sets, batch_size)
        fit(classifier, make_stream, folder, timetable, validation=validation)
        step = updates_made(classifier.optimizer)
        if keep == "best" and validation.best_step:
            step = validation.best_step
            validation.restore_best()
        results = validation.scores_at(step)
    results |= {"global_step": step, "elapsed_time": time.time() - started} | _facts(sets)
    return FinetunedRun(classifier, folder, results)


def _facts(sets: LabelledSets) -> dict:
    """What the results say of the data sets."""
    splits = {"dataset_split": sets.splits} if sets.splits else {}
    return splits | {
        "num_training_images": sets.num_training,
        "num_validation_images": sets.num_validation,
        "factor_sizes": sets.factor_sizes,
        "dataset_provenance": sets.provenances,
    }
