"""Objects with a configuration: how losses, terms and models are saved, compared and named in gin."""

from typing import Any, Self

import keras

from tfdis.registry import parameters_of


class Saved:
    """Base of what Keras saves as its constructor's arguments, each an attribute of the same name."""

    # Arguments that a subclass gives to its base, so that they are nobody else's and not saved.
    given_by_subclasses = ()

    def get_config(self, **built: Any) -> dict:
        """Returns the constructor's arguments, serialisable by Keras.

        Args:
            **built: values to save for arguments that no attribute of their name holds; for
                subclasses.
        """
        names = [n for n in parameters_of(type(self)) if n not in self.given_by_subclasses]
        values = {n: built[n] if n in built else getattr(self, n) for n in names}
        if isinstance(self, keras.Layer):
            values["name"] = self.name
        return {n: keras.saving.serialize_keras_object(value) for n, value in values.items()}

    @classmethod
    def from_config(cls, config: dict) -> Self:
        """Rebuilds the object from `get_config`'s dictionary."""
        return cls(**{k: keras.saving.deserialize_keras_object(v) for k, v in config.items()})


class Configurable(Saved):
    """Base of losses, terms and schedules: saved, equal and printed by their constructor's arguments.

    Attributes:
        layer: a built Keras layer with variables of the loss or term, or None. The model tracks it:
            its variables are trained by the model's loss, and saved and checkpointed with the
            model.
    """

    layer = None

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self.get_config() == other.get_config()

    def __hash__(self) -> int:
        return hash(type(self).__name__)

    def __repr__(self) -> str:
        arguments = [f"{name}={getattr(self, name)!r}" for name in parameters_of(type(self))]
        return f"{type(self).__name__}({', '.join(arguments)})"


def check_not_negative(owner: str, **weights: float) -> None:
    """Raises ValueError unless every given weight is zero or more; for schedules, their minimum.

    Other callables of the step are not checked.
    """
    for name, weight in weights.items():
        lowest = getattr(weight, "minimum", weight)
        if not callable(lowest) and not lowest >= 0:
            raise ValueError(f"{owner}: expected {name} to be 0 or more. Received: {weight!r}.")
