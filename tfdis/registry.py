"""The one registry: what a name stands for, in Python, in gin files and in saved models.

A new encoder, model, term, data set, ... is one new file whose function or class carries one of the
decorators of this module. Ours are found by importing the modules of their room when a name is first
asked for; a user's file takes part once it is imported: by a script, by gin's `import my_module`, or by
`--import=my_module` of the commands.

Example:
    >>> from tfdis import registry
    >>> @registry.data_set("tiny_example")
    ... def tiny_example():
    ...     return numpy.zeros([10, 8, 8, 1])
    >>> "tiny_example" in registry.DATA_SETS
    True
    >>> del registry.DATA_SETS["tiny_example"]
"""

import collections
import difflib
import functools
import importlib
import inspect
import pkgutil
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, TypeVar

import gin

from tfdis.configuration import unlocked

__all__ = [
    "backbone",
    "data_set",
    "decoder",
    "discriminator",
    "encoder",
    "figures",
    "labeller",
    "model",
    "objective",
    "pooling",
    "split",
    "study",
]

# Decorators give back what they decorate, with its type.
_Function = TypeVar("_Function", bound=Callable)
_Class = TypeVar("_Class", bound=type)
_LOADED: set[str] = set()
_LOADING = threading.RLock()


def load(*names: str) -> None:
    """Imports modules, and every module of packages, so that what they register is known, to gin as well.

    Works while gin's configuration is locked. A package is looked through once in a process.

    Args:
        *names: dotted names of modules and packages.
    """
    with _LOADING, unlocked():
        for name in names:
            if name in _LOADED:
                continue
            # Noted before the import, since the package's own modules may ask for it.
            _LOADED.add(name)
            try:
                path = getattr(importlib.import_module(name), "__path__", ())
                for found in pkgutil.walk_packages(path, f"{name}."):
                    importlib.import_module(found.name)
            except BaseException:
                _LOADED.discard(name)
                raise


class Registry(collections.UserDict):
    """Names of one kind of thing, each with the value that was registered under it.

    A dictionary, sorted by name; before the first look-up it imports the package that registers its
    values.

    Args:
        kind: singular name of the kind of thing, for messages, for example "encoder".
        package: the package whose modules register tfdis's own things of this kind.
    """

    def __init__(self, kind: str, package: str):
        self.kind, self.package = kind, package
        self._facts: dict[str, dict[str, Any]] = {}
        super().__init__()

    def add(self, name: str, value: Any, **facts: Any) -> None:
        """Registers a value under a name.

        Args:
            name: the name to register.
            value: the value that the name stands for, for example a function or a class.
            **facts: further values that are known about it; see `facts`.

        Raises:
            ValueError: another value has the name already.
        """
        if name in self.data:
            raise ValueError(
                f"Expected a new name for a {self.kind}. Received: {name!r}, which "
                f"{self.data[name].__module__} has registered. Fix: choose another name."
            )
        self.data[name] = value
        self._facts[name] = facts

    def find(self, name: str) -> Any:
        """What is registered under a name.

        Raises:
            ValueError: nothing is registered under the name; the message lists the names.
        """
        if name in self:
            return self.data[name]
        close = difflib.get_close_matches(str(name), self, n=1, cutoff=0.5)
        hint = f"did you mean {close[0]!r}? " if close else ""
        raise ValueError(
            f"Expected the name of a {self.kind}, one of {', '.join(self)}. Received: {name!r}. "
            f"Fix: {hint}One of your own has to be imported first, for example by --import=my_module."
        )

    def resolve(self, found: Any) -> Any:
        """What is registered under a name; anything other than text stands for itself."""
        return self.find(found) if isinstance(found, str) else found

    def facts(self, name: str) -> Mapping[str, Any]:
        """Values of one fact that was passed to `add`, by name; names without it are left out."""
        self._load()
        told = {key: self._facts.get(key, {}).get(name) for key in self}
        return {key: fact for key, fact in told.items() if fact}

    def _load(self):
        load(self.package)

    def __contains__(self, name: object) -> bool:
        self._load()
        return name in self.data

    def __getitem__(self, name: str) -> Any:
        self._load()
        return self.data[name]

    def __iter__(self) -> Iterator[str]:
        self._load()
        return iter(sorted(self.data))

    def __len__(self) -> int:
        self._load()
        return len(self.data)


ENCODERS = Registry("encoder", "tfdis.networks")
DECODERS = Registry("decoder", "tfdis.networks")
DISCRIMINATORS = Registry("discriminator", "tfdis.networks")
# Losses, terms and schedules.
OBJECTIVES = Registry("loss, term or schedule", "tfdis.objectives")
DATA_SETS = Registry("data set", "tfdis.data")
SPLITS = Registry("split", "tfdis.data.splits")
LABELLERS = Registry("labeller", "tfdis.data")
MODELS = Registry("model", "tfdis.models")
BACKBONES = Registry("backbone", "tfdis.features")
POOLINGS = Registry("pooling layer", "tfdis.features")
# Rows of the table of metrics; `tfdis.evaluation.metric` adds one.
METRICS = Registry("metric", "tfdis.evaluation.metrics")
STUDIES = Registry("study", "tfdis.sweeps.studies")
FIGURES = Registry("study's figures", "tfdis.report.papers")


def encoder(function: _Function) -> _Function:
    """Registers `f(input_tensor, num_latent, is_training) -> (means, log_vars)` under its own name."""
    return _network(ENCODERS, function, "input_tensor", "num_latent", "is_training")


def decoder(function: _Function) -> _Function:
    """Registers `f(latent_tensor, output_shape, is_training) -> logits` under its own name."""
    return _network(DECODERS, function, "latent_tensor", "output_shape", "is_training")


def discriminator(function: _Function) -> _Function:
    """Registers `f(input_tensor, is_training) -> (logits, probabilities)` under its own name."""
    return _network(DISCRIMINATORS, function, "input_tensor", "is_training")


def backbone(function: _Function) -> _Function:
    """Registers `f(image_shape, ...) -> keras.Model`, images to feature maps, under its own name."""
    return _network(BACKBONES, function, "image_shape")


def labeller(function: _Function) -> _Function:
    """Registers `f(labels, dataset, random_state, ...) -> (labels, factor_sizes)` under its own name."""
    return _network(LABELLERS, function, "labels", "dataset", "random_state")


def _network(table: Registry, function: _Function, *given: str) -> _Function:
    """Registers a function; gin binds all that its caller does not give."""
    given = [name for name in inspect.signature(function).parameters if name in given]
    configurable = gin.configurable(function, module=table.package, denylist=given)
    table.add(function.__name__, configurable)
    return configurable


def data_set(name: str, **facts: Any) -> Callable[[_Function], _Function]:
    """Decorator: registers a builder of a data set, a function without required arguments.

    It returns a `GroundTruthData`, an object with disentanglement_lib's interface alone, or images.

    Args:
        name: the value of `dataset.name` in gin files.
        **facts: `files`, the published files as a sequence of `RemoteFile`; `place`, the path below the
            folder of original files where a user has to put published files; `source`, in words where
            its images come from, for lists; `standardisation`, the published constants; `matrix_sizes`,
            the numbers of values to which matrices of abstract reasoning reduce the factors.

    Raises:
        ValueError: another data set has the name.
    """

    def decorate(builder: _Function) -> _Function:
        DATA_SETS.add(name, builder, **facts)
        return builder

    return decorate


def study(name: str, **facts: Any) -> Callable[[_Function], _Function]:
    """Decorator: registers a builder of a study, for `bin/study --study=name`.

    It returns or yields `tfdis.sweeps.point.Point`. If it takes `seeds` or `models`, these are the numbers of
    the flags of these names, as a range; `gin_files` and `gin_bindings` are those of the command.

    Args:
        name: name of the study.
        **facts: `published`, the path of a csv file of published numbers, see
            `tfdis.report.published`.

    Raises:
        ValueError: another study has the name.
    """

    def decorate(builder: _Function) -> _Function:
        STUDIES.add(name, builder, **facts)
        return builder

    return decorate


def figures(study: str) -> Callable[[_Function], _Function]:
    """Decorator: registers what a study shows at its end, `f(runs, describe)` for the study of a name.

    It gets the study's scored runs, a list of `tfdis.report.runs.Run`, and a function from the scores of
    several seeds to their statistics, as `tfdis.report.statistics.describe`. It returns or yields
    `tfdis.report.paper_figures.PaperFigure`.

    Raises:
        ValueError: another function draws this study's figures.
    """

    def decorate(builder: _Function) -> _Function:
        FIGURES.add(study, builder)
        return builder

    return decorate


def objective(name: str) -> Callable[[_Class], _Class]:
    """Decorator: registers a loss, term or schedule for gin (`@name()`) and for saving.

    Raises:
        ValueError: another loss, term or schedule has the name.
    """

    def decorate(cls: _Class) -> _Class:
        OBJECTIVES.add(name, _saved(cls))
        return gin.register(name, module=OBJECTIVES.package)(cls)

    return decorate


def split(name: str) -> Callable[[_Class], _Class]:
    """Decorator: registers a subclass of `Split` for gin, `dataset.split = @name()`.

    Args:
        name: the split's name in gin.

    Raises:
        ValueError: another split has the name.
    """

    def decorate(cls: _Class) -> _Class:
        SPLITS.add(name, cls)
        return gin.register(name, module=SPLITS.package)(cls)

    return decorate


def pooling(name: str) -> Callable[[_Class], _Class]:
    """Decorator: registers a Keras layer, maps `[batch, h, w, c]` to features `[batch, D]`.

    Raises:
        ValueError: another pooling layer has the name.
    """

    def decorate(cls: _Class) -> _Class:
        POOLINGS.add(name, _saved(cls))
        _tell_gin(POOLINGS, name, cls, lambda **bound: cls(**bound), parameters_of(cls).values())
        return cls

    return decorate


def model(name: str) -> Callable[[_Class], _Class]:
    """Decorator: registers a subclass of `VAE` for gin and for saving.

    In gin, `@name()` is not yet a model but its builder, bound to the hyperparameters of that scope:
    the training root calls it after seed, precision and distribution strategy are set. What the root
    gives (`VAE.given_by_the_root`) is not gin's to bind here.

    Raises:
        ValueError: another model has the name.
    """

    def decorate(cls: _Class) -> _Class:
        MODELS.add(name, _saved(cls))
        hidden = {*cls.given_by_subclasses, *cls.given_by_the_root}
        own = [p for p in parameters_of(cls).values() if p.name not in hidden]
        _tell_gin(MODELS, name, cls, functools.partial(_bound_model, cls, name, own), own)
        return cls

    return decorate


def _bound_model(cls, name, own, **bound):
    needed = [p.name for p in own if p.default is p.empty]
    missing = [f"{name}.{parameter}" for parameter in needed if parameter not in bound]
    if missing:
        raise ValueError(
            f"{cls.__name__} needs a value for {', '.join(missing)}. "
            f"Bind it, for example: {missing[0]} = 4.0"
        )
    return functools.partial(cls, **bound)


def parameters_of(cls: type) -> dict[str, inspect.Parameter]:
    """Named constructor parameters of a class and, as far as it passes **kwargs on, of its bases.

    The class's own come first; those of Keras's classes are left out.
    """
    found = {}
    named = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    for base in cls.__mro__:
        if base.__module__.startswith("keras."):
            break
        if "__init__" in vars(base):
            _, *parameters = inspect.signature(base.__init__).parameters.values()
            found |= {p.name: p for p in parameters if p.kind in named and p.name not in found}
            if all(p.kind != inspect.Parameter.VAR_KEYWORD for p in parameters):
                break
    return found


def arguments_of(cls: type, *args: Any, **kwargs: Any) -> dict[str, Any]:
    """Arguments of the constructor call `cls(*args, **kwargs)` by name, with the defaults of the rest."""
    bound = inspect.signature(cls.__init__).bind_partial(None, *args, **kwargs).arguments
    parameters = parameters_of(cls)
    defaults = {n: p.default for n, p in parameters.items() if p.default is not p.empty}
    return defaults | {n: v for n, v in (bound | kwargs).items() if n in parameters}


def _saved(cls: _Class) -> _Class:
    """Registers a class for Keras's files."""
    import keras

    return keras.saving.register_keras_serializable(package="tfdis")(cls)


def _tell_gin(
    table: Registry,
    name: str,
    of: Any,
    call: Callable,
    parameters: Iterable[inspect.Parameter],
) -> None:
    """Gives gin a function of keyword arguments; gin refuses bindings of any other argument."""

    def configurable(**bound):
        return call(**bound)

    configurable.__name__ = name
    configurable.__doc__ = of.__doc__
    configurable.__signature__ = inspect.Signature(
        [p.replace(kind=inspect.Parameter.KEYWORD_ONLY) for p in parameters]
    )
    gin.external_configurable(configurable, name=name, module=table.package)
