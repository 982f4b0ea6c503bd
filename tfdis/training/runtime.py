"""Options of a run, whatever it trains: precision, devices, threads, determinism, logs, checkpoints.

Every gin root has these options. `runtime.precision = "mixed_bfloat16"` sets one for all roots,
`model.precision` or `finetune.precision` for that root alone.
"""

import contextlib
import dataclasses
import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TypeVar

import gin
import keras
import tensorflow as tf
from absl import logging

from tfdis.training.options import check_at_least

_MODULE = "tfdis.training"
_NOT_IN_GIN = ("model_dir", "overwrite")
_STRATEGIES = {
    "one_device": tf.distribute.get_strategy,
    "mirrored": tf.distribute.MirroredStrategy,
    "multi_worker_mirrored": tf.distribute.MultiWorkerMirroredStrategy,
}
_CHOICES = {
    "precision": ("float32", "mixed_bfloat16", "mixed_float16"),
    "strategy": tuple(_STRATEGIES),
}
_LEAST = {"threads": 0, "log_steps": 1, "checkpoint_steps": 1, "steps_per_execution": 1}


@gin.configurable("runtime", module=_MODULE)
@dataclasses.dataclass(frozen=True)
class Runtime:
    """The options that all gin roots of training share; gin: `runtime`.

    Args:
        precision: "float32", "mixed_bfloat16" or "mixed_float16"; variables and losses are float32
            in all of them.
        strategy: "one_device", "mirrored" (all visible GPUs) or "multi_worker_mirrored" (the
            cluster described by TF_CONFIG).
        deterministic: whether every kernel gives the same bits in every run with the same number of
            threads.
        jit_compile: whether XLA compiles the training step: True, False, or "auto" for yes where
            there is a GPU.
        steps_per_execution: number of updates in one call of the compiled function, which divides
            log_steps. The last call of a run or an epoch makes fewer if the number of updates is no
            multiple.
        threads: number of threads with which TensorFlow computes an operation; 0 for all that there
            are, or what the process has set. TensorFlow starts once in a process, so that the
            number of the first run holds. A run may be resumed with another number, but sums are
            then rounded differently.
        log_steps: number of steps between two rows of scalars.
        checkpoint_steps: number of steps between two checkpoints.
    """

    precision: str = "float32"
    strategy: str = "one_device"
    deterministic: bool = False
    jit_compile: bool | str = "auto"
    steps_per_execution: int = 1
    threads: int = 0
    log_steps: int = 100
    checkpoint_steps: int = 1000

    def limit_threads(self) -> None:
        """Tells TensorFlow how many threads to use, or warns that it has started with another number."""
        if not self.threads:
            return
        try:
            tf.config.threading.set_intra_op_parallelism_threads(self.threads)
        except RuntimeError:
            number = tf.config.threading.get_intra_op_parallelism_threads()
            logging.warning(
                "Expected the number of threads, %d, before TensorFlow starts. Received: it has started in "
                "this process, with %s, and goes on so. Start the run in a process of its own.",
                self.threads,
                number or "as many as there are",
            )

    @contextlib.contextmanager
    def entered(self, random_seed: int) -> Iterator[tf.distribute.Strategy]:
        """Sets seeds, determinism and Keras's dtype policy; afterwards the policy is as it was.

        Determinism cannot be undone in this process.

        Args:
            random_seed: seed of Python, NumPy and TensorFlow.

        Yields:
            The distribution strategy, in whose scope a model is to be built.
        """
        if self.deterministic:
            tf.config.experimental.enable_op_determinism()
        keras.utils.set_random_seed(random_seed)
        before = keras.mixed_precision.dtype_policy()
        keras.mixed_precision.set_dtype_policy(self.precision)
        try:
            yield _STRATEGIES[self.strategy]()
        finally:
            keras.mixed_precision.set_dtype_policy(before)

    @property
    def compile_options(self) -> dict:
        """The options that `keras.Model.compile` takes."""
        return {"steps_per_execution": self.steps_per_execution, "jit_compile": self.jit_compile}


_Function = TypeVar("_Function", bound=Callable)
_OPTIONS = tuple(field.name for field in dataclasses.fields(Runtime))


def gin_root(name: str, further: Sequence[str] = ()) -> Callable[[_Function], _Function]:
    """Makes a function of `(model_dir, overwrite, ..., **options)` the gin root of that name.

    gin knows its own parameters, the options of `Runtime` and further ones, and no others.

    Args:
        name: the gin name.
        further: names of options that the function takes out of **options itself.

    Returns:
        A decorator.
    """

    def register(function):
        parameters = inspect.signature(function).parameters.values()
        own = [p.name for p in parameters if p.kind is not p.VAR_KEYWORD]
        known = [option for option in (*own, *_OPTIONS, *further) if option not in _NOT_IN_GIN]
        return gin.configurable(name, module=_MODULE, allowlist=known)(function)

    return register


def runtime_of(root: str, given: Mapping) -> Runtime:
    """The options of a run: those given to its root, the others from gin's `runtime`.

    Args:
        root: gin name of the root.
        given: options of `Runtime` that the root was called with.

    Raises:
        TypeError: there is no such option.
        ValueError: an option out of range, or one that gin binds to two values.
    """
    unknown = sorted(set(given) - set(_OPTIONS))
    if unknown:
        raise TypeError(f"Expected options of {root} among {_OPTIONS}. Received: {unknown}.")
    _check_bound_once(root, given)
    runtime = Runtime(**given)
    _check(runtime, lambda option: root if option in given else "runtime")
    return runtime


def _check_bound_once(root, given):
    """Raises ValueError if gin binds an option to one value for this root, and to another for all."""
    own = gin.get_bindings(f"{_MODULE}.{root}", resolve_references=False)
    for option, value in gin.get_bindings(f"{_MODULE}.runtime").items():
        if option in own and given[option] != value:
            raise ValueError(
                f"Expected one value of {root}.{option} and runtime.{option}, which are the same option. "
                f"Received: {given[option]!r} and {value!r}. Leave one of the two out."
            )


def _check(runtime, home):
    """Raises ValueError unless every option is in range; `home(option)` is its gin name."""
    for option, allowed in _CHOICES.items():
        value = getattr(runtime, option)
        if value not in allowed:
            raise ValueError(
                f"Expected {home(option)}.{option} to be one of {allowed}. Received: {value!r}."
            )
    for option, least in _LEAST.items():
        check_at_least(home(option), least, **{option: getattr(runtime, option)})
    if runtime.log_steps % runtime.steps_per_execution:
        raise ValueError(
            f"Expected {home('steps_per_execution')}.steps_per_execution to divide "
            f"{home('log_steps')}.log_steps. Received: {runtime.steps_per_execution} and "
            f"{runtime.log_steps}."
        )
