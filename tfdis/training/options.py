"""The options that every gin root of training has: checks, and which of them change no result."""

# They say how fast a run is, and when it logs and saves. Sums may be rounded otherwise.
OPTIONS_WITHOUT_EFFECT = ("threads", "log_steps", "checkpoint_steps", "steps_per_execution")
_ROOTS = ("runtime", "model", "finetune", "abstract_reasoning")
NAMES_WITHOUT_EFFECT = tuple(
    f"{root}.{option}" for root in _ROOTS for option in OPTIONS_WITHOUT_EFFECT
)


def check_at_least(root: str, least: int, **values: int) -> None:
    """Refuses values that are not integers of at least `least`.

    Args:
        root: name of the gin root, for the message.
        least: the smallest value.
        **values: values by name of option.

    Raises:
        ValueError: a value is refused; the message names the first one.

    Example:
        >>> check_at_least("model", 1, batch_size=0)
        Traceback (most recent call last):
        ValueError: Expected model.batch_size to be an integer of at least 1. Received: 0.
    """
    for name, value in values.items():
        if isinstance(value, bool) or not isinstance(value, int) or value < least:
            raise ValueError(
                f"Expected {root}.{name} to be an integer of at least {least}. Received: {value!r}."
            )
