"""The controls of every model's objective: capacity, beta normalisation, reconstruction weight."""

import dataclasses
import math
from collections.abc import Sequence

from tfdis import objectives
from tfdis.models.batch_kind import BatchKind
from tfdis.objectives import Term
from tfdis.objectives.capacity import Capacity

# Scalars that are logged besides the terms.
_TAKEN = (
    "step",
    "loss",
    "reconstruction_loss",
    "kl_loss",
    "elbo",
    "regularizer",
    "learning_rate",
)


@dataclasses.dataclass(frozen=True)
class Controls:
    """How a model weighs its reconstruction and bounds its KL divergence.

    loss = w R / n_x + (sum_k weight_k term_k) / n_z, with |KL - C| in place of every KL divergence;
    n_x = n_z = 1, or with beta normalisation the numbers of pixel values and of latents.

    Attributes:
        capacity: C in nats, a number or a schedule; None leaves the KL divergence as it is.
        capacity_per_image: as for `tfdis.objectives.capacity.Capacity`.
        beta_normalisation: whether means over pixels and over latents replace the sums:
            beta_normalised = beta_sum * latents / (height * width * channels).
        reconstruction_weight: w, a number or a schedule.
    """

    capacity: objectives.Schedule | float | None = None
    capacity_per_image: bool = False
    beta_normalisation: bool = False
    reconstruction_weight: objectives.Schedule | float = 1.0

    def check(
        self,
        owner: str,
        terms: Sequence[Term],
        batch_kind: BatchKind,
        is_quantised: bool = False,
    ) -> None:
        """Refuses values out of range, and terms that do not go together.

        Raises:
            ValueError: a negative capacity or reconstruction weight; two terms of one name, or one
                with the name of another scalar; a capacity without a KL term, or beside a term that
                brings its own; beta normalisation with a negative weight; terms that need labels
                where batches have none, or quantised codes where they are not.
        """
        options = {"reconstruction_weight": self.reconstruction_weight}
        if self.capacity is not None:
            options["capacity"] = self.capacity
        objectives.check_not_negative(owner, **options)
        _check_names(terms)
        self._check_capacity(owner, terms)
        self._check_normalisation(owner, terms)
        for term in terms:
            if term.needs_labels and batch_kind != BatchKind.LABELLED:
                raise ValueError(
                    f"{owner}: the term {term.name} needs ground-truth labels, and this model's batches "
                    "have none. Add the term to a model that is given labels: CVAE or IFCVAE."
                )
            if term.needs_quantised and not is_quantised:
                raise ValueError(
                    f"{owner}: the term {term.name} needs quantised codes, and this model's are not. Add "
                    "the term to a model that quantises: QLAE or FSQ."
                )

    def scales(self, image_shape: Sequence[int], latent_dim: int) -> tuple[float, float]:
        """Divisors (n_x, n_z) of reconstruction and regulariser."""
        if not self.beta_normalisation:
            return 1.0, 1.0
        return float(math.prod(image_shape)), float(latent_dim)

    def bound(self, outputs: objectives.Outputs) -> objectives.Outputs:
        """Gives the outputs the capacity, if there is one."""
        if self.capacity is None:
            return outputs
        capacity = Capacity(self.capacity, self.capacity_per_image)
        return dataclasses.replace(outputs, capacity=capacity)

    def _check_capacity(self, owner, terms):
        if self.capacity is None:
            if self.capacity_per_image:
                raise ValueError(
                    f"{owner}: capacity_per_image says how capacity is used, and there is none. Give "
                    "capacity, or leave capacity_per_image out."
                )
            return
        own = [term.name for term in terms if term.holds_kl]
        if own:
            raise ValueError(
                f"{owner}: the term {own[0]} has a capacity of its own, or a target. Use it, or the "
                "model's option capacity, not both."
            )
        if not any(term.is_kl for term in terms):
            raise ValueError(
                f"{owner}: capacity bounds a KL divergence, and none of the terms "
                f"{[term.name for term in terms]} is one. Leave capacity out or add the term KL."
            )

    def _check_normalisation(self, owner, terms):
        for term in terms if self.beta_normalisation else ():
            lowest = getattr(term.weight, "minimum", term.weight)
            if not callable(lowest) and lowest < 0:
                raise ValueError(
                    f"{owner}: with beta_normalisation the weight of {term.name} is {lowest:g}, which is "
                    "negative: the objective would reward what it shall penalise. Normalised betas are "
                    "small, and beta-TCVAE weighs its total correlation by beta - 1. Give the terms "
                    "weights of their own (VAE(terms=[KL(...), TotalCorrelation(...)])), or switch "
                    "beta_normalisation off."
                )


def _check_names(terms):
    names = [term.name for term in terms]
    losses = [term.loss_name for term in terms if isinstance(term, objectives.TrainedTerm)]
    taken = sorted(set(names) & {*_TAKEN, *losses})
    if taken:
        raise ValueError(
            "Expected terms whose names no other scalar is logged under. Received: terms named "
            f"{taken}. Fix: give their classes another `name`."
        )
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise ValueError(
            f"Expected terms of different names. Received: {names}. {repeated} stand more than once: "
            "give one of them with the sum of the weights, or leave out what the model brings itself."
        )
