"""Which cases stand for all: `make test` runs those of one model of each kind, `make test-all` every model."""

import pytest

EXHAUSTIVE = pytest.mark.exhaustive
# Models of every kind of batch, of training, of outputs and of state.
MODELS = {"vae", "cvae", "gvae", "ada_gvae", "factor_vae", "ifcvae", "supervised_vae", "qlae"}
MODELS.add("control_vae")


def marked(name, *values):
    """A case of a model, which is exhaustive if another model of its kind stands for it."""
    return pytest.param(name, *values, marks=[] if name in MODELS else [EXHAUSTIVE])
