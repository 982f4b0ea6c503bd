"""Which cases stand for all: `make test` runs those of one model of each kind, `make test-all` every case."""

import pytest

EXHAUSTIVE = pytest.mark.exhaustive
# Models of every kind of batch, of training, of outputs and of state.
MODELS = {"vae", "cvae", "ada_gvae", "factor_vae", "ifcvae", "supervised_vae", "qlae"}
MODELS.add("control_vae")


def marked(name, *values):
    """A case of a model, which is exhaustive if another model of its kind stands for it."""
    return case(name in MODELS, name, *values)


def case(stands_for_others, *values):
    """A case with these parameters, which is exhaustive unless it stands for others."""
    return pytest.param(*values, marks=[] if stands_for_others else [EXHAUSTIVE])
