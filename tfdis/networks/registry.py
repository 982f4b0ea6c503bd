"""Registry of network functions: one decorator gives a network its gin name and its place in the tests."""

import inspect
from collections.abc import Callable

import gin

_GIVEN_BY_THE_CALLER = (
    "input_tensor",
    "num_latent",
    "latent_tensor",
    "output_shape",
    "is_training",
)

ENCODERS: dict[str, Callable] = {}
DECODERS: dict[str, Callable] = {}
DISCRIMINATORS: dict[str, Callable] = {}


def encoder(fn: Callable) -> Callable:
    """Registers `fn(input_tensor, num_latent, is_training) -> (means, log_vars)` under its name."""
    return _register(ENCODERS, fn)


def decoder(fn: Callable) -> Callable:
    """Registers `fn(latent_tensor, output_shape, is_training) -> logits` under its name."""
    return _register(DECODERS, fn)


def discriminator(fn: Callable) -> Callable:
    """Registers `fn(input_tensor, is_training) -> (logits, probs)` under its name."""
    return _register(DISCRIMINATORS, fn)


def _register(table, fn):
    given = [name for name in inspect.signature(fn).parameters if name in _GIVEN_BY_THE_CALLER]
    table[fn.__name__] = gin.configurable(fn, module="tfdis.networks", denylist=given)
    return table[fn.__name__]


def find(table: dict[str, Callable], name: str) -> Callable:
    """Returns the network of that name.

    Raises:
      ValueError: no such network; the message lists the names.
    """
    if name not in table:
        raise ValueError(
            f"Expected the name of a network out of {sorted(table)}. Received: {name!r}."
        )
    return table[name]
