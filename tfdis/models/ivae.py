"""The identifiable VAE."""

from collections.abc import Callable, Sequence

import tensorflow as tf
import tensorflow_probability as tfp

from tfdis import registry
from tfdis.data.label_factors import DEFAULT_LABEL_FACTORS, label_classes
from tfdis.models.labelled_vae import LabelledEncoderVAE
from tfdis.models.posterior import gaussian
from tfdis.objectives import ConditionalPriorKL


@registry.model("ivae")
class IVAE(LabelledEncoderVAE):
    """iVAE: a prior p(z|u) that depends on a label u makes z identifiable; gin: `@ivae()`.

      log p(x|z) - beta KL(q(z|x,u) || p(z|u)),  p(z|u) = N(0, diag exp(MLP(u)))

    The encoder sees the label as in `CVAE`, the decoder sees z alone. The divergence is in its closed
    form, of which the published code's sampled ratio is an estimate. Trained on (images, factors).
    Called without labels, the encoder takes the label as unknown, which training never shows it: the
    signature `conditional_encoder` takes labels. The score of identifiability is `mcc`.

    Args:
        factor_sizes: numbers of values of all ground-truth factors; in gin, the data set's.
        label_factors: positions or names of the ground-truth factors that are the label.
        beta: weight of the KL divergence, 0 or more; a number or a schedule.
        factor_names: names of all ground-truth factors; in gin, the data set's.
        latent_dim: number of latents.
        prior_units: numbers of units of the prior's hidden layers.
        **kwargs: further arguments of `VAE`; a Keras model as encoder as for `CVAE`.

    Raises:
        ValueError: a negative beta, or label factors that are not the data set's.

    References:
        Khemakhem et al. (2020), "Variational Autoencoders and Nonlinear ICA: A Unifying Framework",
        AISTATS. arXiv:1907.04809.
    """

    def __init__(
        self,
        factor_sizes: Sequence[int],
        label_factors: Sequence[int | str] = DEFAULT_LABEL_FACTORS,
        beta: float | Callable = 1.0,
        factor_names: Sequence[str] | None = None,
        latent_dim: int = 10,
        prior_units: Sequence[int] = (50, 50),
        **kwargs,
    ):
        classes = label_classes(factor_sizes, label_factors, factor_names)
        kl = ConditionalPriorKL(classes, latent_dim, beta, prior_units)
        super().__init__(own_terms=[kl], latent_dim=latent_dim, **kwargs)
        self.prior_units = list(prior_units)

    def prior_of(self, labels: tf.Tensor) -> tfp.distributions.Distribution:
        """The prior p(z|u) given ground-truth factors `[batch, factors]`."""
        log_var = self.terms[0].prior_log_var(labels)
        return gaussian(tf.zeros_like(log_var), log_var)
