"""Requirements of disentanglement_lib's metrics, and the errors where they are not met.

Otherwise such metrics end in an IndexError (the gap between the two best latents of a single
latent), in NaN (an entropy to the base of one factor, a correlation with a constant) or inside
scikit-learn.
"""

import contextlib
import dataclasses
import traceback
from collections.abc import Iterator

from tfdis.registry import METRICS


class NotComputableError(ValueError):
    """A metric that has no value for the codes and factors at hand; the others may have one."""


@dataclasses.dataclass(frozen=True)
class Needs:
    """The requirements of a metric.

    Attributes:
        num_latents: smallest number of latents.
        num_factors: smallest number of factors; 0 for metrics that look at codes alone.
        varying: whether every latent has to vary.
    """

    num_latents: int = 1
    num_factors: int = 1
    varying: bool = False

    def lacking(self, num_latents: int, num_factors: int, num_constant: int = 0) -> str:
        """What codes and factors lack, in words; empty if nothing is missing.

        Example:
            >>> Needs(num_latents=2).lacking(num_latents=1, num_factors=5)
            'at least 2 latents. Received: 1'
        """
        if num_latents < self.num_latents:
            return f"at least {self.num_latents} latents. Received: {num_latents}"
        if not num_factors and self.num_factors:
            return (
                "a data set whose factors are known. Received: images alone. Fix: give their factors, for "
                "example from_files.factors"
            )
        if num_factors < self.num_factors:
            return f"at least {self.num_factors} factors. Received: {num_factors}"
        if self.varying and num_constant:
            return f"latents that vary. Received: {num_constant} of {num_latents} that are constant"
        return ""


def check_computable(
    metric: str, num_latents: int, num_factors: int, num_constant: int = 0
) -> None:
    """Refuses codes and factors for which a metric has no value.

    Args:
        metric: name of the metric in gin; one that the table of metrics does not know passes.
        num_latents: number of latents of the codes.
        num_factors: number of factors of variation.
        num_constant: number of latents whose code is the same for every image, as far as that is
            known.

    Raises:
        NotComputableError: something is lacking; the message says what.
    """
    for row in METRICS.values():
        lacking = row.needs.lacking(num_latents, num_factors, num_constant)
        if row.evaluation_fn == metric and lacking:
            raise NotComputableError(f"Expected {lacking}.")


def check_grid(metric: str, num_missing: int) -> None:
    """Refuses a data set that lacks images for a metric that draws every combination of factor values.

    Args:
        metric: name of the metric in gin; one that the table of metrics does not know passes.
        num_missing: number of combinations that have no image.

    Raises:
        NotComputableError: some have none.
    """
    if num_missing and any(
        row.needs_grid and row.evaluation_fn == metric for row in METRICS.values()
    ):
        raise NotComputableError(
            f"Expected images of every combination of factor values. Received: {num_missing:,} combinations "
            "without one. Fix: metrics of pairs of codes and factors, such as mig, dci, sap, infomec."
        )


@contextlib.contextmanager
def explaining_scikit_learn() -> Iterator[None]:
    """Turns errors of scikit-learn inside a metric into one line that says what to do.

    Raises:
        NotComputableError: in place of an IndexError or ValueError of code that scikit-learn
            called.
    """
    try:
        yield
    except (IndexError, ValueError) as error:
        if isinstance(error, NotComputableError) or not _comes_from_scikit_learn(error):
            raise
        raise NotComputableError(
            "Expected codes and samples that the metric can be computed on. Received from scikit-learn: "
            f"{str(error).partition(chr(10))[0]} Fix, most often: more samples (num_train, num_test), so "
            "that every value of every factor is among them."
        ) from error


def _comes_from_scikit_learn(error: BaseException) -> bool:
    names = [
        frame.f_globals.get("__name__", "") for frame, _ in traceback.walk_tb(error.__traceback__)
    ]
    return any(name.startswith("sklearn.") for name in names)


def check_numbers(scores: dict) -> None:
    """Raises NotComputableError if one of a metric's scores is NaN."""
    if missing := names_without_number(scores):
        raise NotComputableError(
            f"Expected a number for every score. Received: NaN for {', '.join(missing)}. Most often a "
            "latent is the same for every image, or the samples are too few."
        )


def names_without_number(scores: dict) -> list[str]:
    """Names of the scores that are NaN.

    Example:
        >>> names_without_number({"D": float("nan"), "C": 0.5})
        ['D']
    """
    return [name for name, value in scores.items() if isinstance(value, float) and value != value]
