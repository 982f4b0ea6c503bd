"""What a training batch of a model is."""

import enum


class BatchKind(enum.StrEnum):
    """Kinds of training batches, equal to their names; see data/streams/ for what makes them."""

    IMAGES = "images"
    # (images, factors).
    LABELLED = "labelled"
    PAIRS = "pairs"
    # (pairs, which factors differ).
    LABELLED_PAIRS = "labelled_pairs"

    @property
    def has_pairs(self) -> bool:
        """Whether what the model sees are pairs of images."""
        return self in (BatchKind.PAIRS, BatchKind.LABELLED_PAIRS)

    @property
    def has_labels(self) -> bool:
        """Whether labels of the factors, or of their differences, come with it."""
        return self in (BatchKind.LABELLED, BatchKind.LABELLED_PAIRS)
