"""Registry of models: one decorator names a model for gin, for Keras's saving and for the tests."""

import functools
import inspect

import gin
import keras

# gin name -> Keras class.
MODELS: dict[str, type] = {}

# What the training root gives every model that asks for it by name; not for gin's model scope.
GIVEN_BY_THE_ROOT = (
    "image_shape",
    "latent_dim",
    "encoder",
    "decoder",
    "reconstruction_loss",
    "seed",
    "step_counting",
    "discriminator",
    "discriminator_optimizer",
    "factor_sizes",
    "factor_names",
)


def register(gin_name: str):
    """Decorator: registers a model class for saving and under a gin name.

    In gin, `@gin_name()` is not yet a model but its builder, bound to the hyperparameters of that
    scope: the training root calls it after seed, precision and distribution strategy are set.

    Args:
      gin_name: name in gin files, e.g. "beta_tc_vae".
    """

    def decorate(cls):
        cls = keras.saving.register_keras_serializable(package="tfdis")(cls)
        MODELS[gin_name] = cls
        gin.external_configurable(_builder(cls, gin_name), name=gin_name, module="tfdis.models")
        return cls

    return decorate


def _builder(cls, gin_name):
    hyperparameters = _hyperparameters(cls)

    def build(**bound):
        missing = [
            name
            for name, parameter in hyperparameters.items()
            if parameter.default is inspect.Parameter.empty and name not in bound
        ]
        if missing:
            raise ValueError(
                f"{cls.__name__} needs a value for {', '.join(f'{gin_name}.{name}' for name in missing)}. "
                f"Bind it, for example: {gin_name}.{missing[0]} = 4.0"
            )
        return functools.partial(cls, **bound)

    build.__name__ = gin_name
    build.__doc__ = cls.__doc__
    build.__signature__ = inspect.Signature(
        [p.replace(kind=inspect.Parameter.KEYWORD_ONLY) for p in hyperparameters.values()]
    )
    return build


def _hyperparameters(cls):
    """Constructor parameters that are the model's own, by name."""
    hidden = ("self", "own_terms", "hyperparameters", *GIVEN_BY_THE_ROOT)
    return {name: p for name, p in _all_parameters(cls).items() if name not in hidden}


def _all_parameters(cls):
    """Named constructor parameters of the class and of its bases, the class's own first."""
    found = {}
    kinds = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    for base in cls.__mro__:
        if base is keras.Model:
            break
        if "__init__" in vars(base):
            for name, parameter in inspect.signature(base.__init__).parameters.items():
                if parameter.kind in kinds:
                    found.setdefault(name, parameter)
    return found


def constructor_parameters(cls) -> set[str]:
    """Names of everything that the constructors of the class and of its bases take."""
    return set(_all_parameters(cls))
