"""The kinds of a model's training batches."""

import enum


class BatchKind(enum.StrEnum):
    """Kinds of training batches, equal to their names; the streams of data/streams/ make them."""

    IMAGES = "images"
    # (images, factors).
    LABELLED = "labelled"
    PAIRS = "pairs"
    # (pairs, which factors differ).
    LABELLED_PAIRS = "labelled_pairs"

    @property
    def has_pairs(self) -> bool:
        """Whether the model sees pairs of images."""
        return self in (BatchKind.PAIRS, BatchKind.LABELLED_PAIRS)

    @property
    def has_labels(self) -> bool:
        """Whether labels of the factors, or of their differences, come with the images."""
        return self in (BatchKind.LABELLED, BatchKind.LABELLED_PAIRS)
