"""Objects with a configuration: how losses and terms are saved, compared and named in gin."""

import inspect

import keras


class Configurable:
    """Base of losses and terms: `get_config`, `from_config`, `repr` and equality from the constructor.

    Subclasses store every constructor argument in an attribute of the same name.

    Attributes:
      layer: a built Keras layer with variables of the loss or term, or None. The model tracks it: its
        variables are trained by the model's loss, saved and checkpointed with the model.
    """

    layer = None

    def get_config(self) -> dict:
        """Returns the constructor's arguments, serialisable by Keras."""
        names = inspect.signature(type(self).__init__).parameters
        return {
            name: keras.saving.serialize_keras_object(getattr(self, name))
            for name in names
            if name != "self"
        }

    @classmethod
    def from_config(cls, config: dict):
        """Rebuilds the object from `get_config`'s dictionary."""
        return cls(**{k: keras.saving.deserialize_keras_object(v) for k, v in config.items()})

    def __eq__(self, other):
        return type(self) is type(other) and self.get_config() == other.get_config()

    def __hash__(self):
        return hash(type(self).__name__)

    def __repr__(self):
        names = [
            name for name in inspect.signature(type(self).__init__).parameters if name != "self"
        ]
        return f"{type(self).__name__}({', '.join(f'{n}={getattr(self, n)!r}' for n in names)})"


def check_not_negative(owner: str, **weights: float) -> None:
    """Raises ValueError unless every given weight is zero or more; of schedules, their minimum.

    Other callables of the step are not checked.
    """
    for name, weight in weights.items():
        lowest = getattr(weight, "minimum", weight)
        if not callable(lowest) and not lowest >= 0:
            raise ValueError(f"{owner}: expected {name} to be 0 or more. Received: {weight!r}.")
