"""The table of data sets: a builder registers itself by name in its own file."""

from collections.abc import Callable

from tfdis.data.ground_truth_data import GroundTruthData

# What it returns may also have disentanglement_lib's interface alone, or be an array: see `adapted.py`.
Builder = Callable[[], GroundTruthData]
_builders: dict[str, Builder] = {}


def register(name: str) -> Callable[[Builder], Builder]:
    """Decorator that registers a builder, a function without required arguments, under a name.

    Raises:
      ValueError: if another builder has the name.

    Example:
      >>> @register("my_data")  # doctest: +SKIP
      ... def my_data():
      ...     return MyData()
    """

    def add(builder: Builder) -> Builder:
        if name in _builders:
            raise ValueError(
                f"Expected a new name for a data set. Received: {name!r}, which "
                f"{_builders[name].__module__} has registered. Fix: choose another name."
            )
        _builders[name] = builder
        return builder

    return add


def registered() -> dict[str, Builder]:
    """All registered builders by name, sorted."""
    return dict(sorted(_builders.items()))
