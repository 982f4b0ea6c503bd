"""The stages of a reasoning model under disentanglement_lib's gin names, and what they see."""

import dataclasses
import os
from collections.abc import Callable

import gin
import keras
import numpy as np

from tfdis import registry
from tfdis.data.matrices.matrix_data import MatrixData, make_matrix_data
from tfdis.data.matrices.matrix_stream import draw_matrices
from tfdis.data.named import get_named_ground_truth_data
from tfdis.data.splits.split_data import SplitData
from tfdis.dlib.scoring.image_codes import ImageCodes
from tfdis.dlib.scoring.module_codes import ModuleCodes
from tfdis.training.optimizer_config import adam_optimizer

_MODULE = "tfdis.dlib"
_FACTORS = ("values", "onehot")
registry.load("tfdis.networks")


@dataclasses.dataclass(frozen=True)
class TwoStage:
    """The choice of a model for reasoning, built later; see `two_stage_model`."""

    embedding: str | Callable
    reasoning: Callable
    optimizer: Callable


@gin.configurable("TwoStageModel", module=_MODULE)
def two_stage_model(
    embedding_model_class: str | Callable = gin.REQUIRED,
    reasoning_model_class: Callable = gin.REQUIRED,
    optimizer_fn: Callable | None = None,
) -> TwoStage:
    """The two stages of a reasoning model, in gin `abstract_reasoning.model = @TwoStageModel()`.

    Args:
        embedding_model_class: what the network sees of a panel: "values" or "onehot" for its
            factors, `@HubEmbedding` for codes of an exported representation, or a function that
            builds a Keras layer for images, in gin `@BaselineCNNEmbedder`.
        reasoning_model_class: function that builds the layer that scores answers, in gin
            `@OptimizedWildRelNet`.
        optimizer_fn: function that builds the optimiser; None for gin's `AdamOptimizer`.

    Raises:
        ValueError: another text.
    """
    if isinstance(embedding_model_class, str) and embedding_model_class not in _FACTORS:
        raise ValueError(
            f"Expected TwoStageModel.embedding_model_class of {_FACTORS}, @HubEmbedding or "
            f"@BaselineCNNEmbedder. Received: {embedding_model_class!r}."
        )
    optimizer = optimizer_fn or gin.get_configurable(adam_optimizer)
    return TwoStage(embedding_model_class, reasoning_model_class, optimizer)


@gin.configurable("HubEmbedding", module=_MODULE)
def hub_embedding(
    hub_path: str = gin.REQUIRED, name: str = "HubEmbedding", keep_codes: bool = True
) -> ModuleCodes:
    """Codes of an exported representation, each image of a data set encoded at most once.

    Args:
        hub_path: path of the module, `<representation>/tfhub`; `dlib_reason --input_dir` binds it.
        name: accepted as disentanglement_lib's class has it.
        keep_codes: whether codes are kept beside the module, for other commands.

    Raises:
        FileNotFoundError: there is no module.
        ValueError: the module is no representation.
    """
    del name
    return ModuleCodes(os.path.dirname(hub_path.rstrip("/")), keep_codes)


@dataclasses.dataclass(frozen=True)
class View:
    """What the network sees of the panels.

    Attributes:
        data: the matrices.
        seen: one of `tfdis.data.matrices.matrix_stream.SEEN`.
        codes: codes of images, if the network sees them.
        layer: layer that embeds images, if the network sees them.
    """

    data: MatrixData
    seen: str
    codes: ImageCodes | None = None
    layer: keras.layers.Layer | None = None

    @classmethod
    def of(cls, embedding: str | Callable) -> "View":
        """The view that `TwoStageModel.embedding_model_class` stands for, of gin's data set."""
        data = get_named_ground_truth_data()
        if isinstance(data, SplitData):
            raise ValueError(
                "Expected a data set without dataset.split, since matrices have any combination of factors. "
                f"Received: {data.split.describe()}."
            )
        if isinstance(embedding, str):
            return cls(make_matrix_data(data), embedding)
        made = embedding()
        if isinstance(made, ImageCodes):
            return cls(make_matrix_data(made.coded(data)), "codes", codes=made)
        return cls(make_matrix_data(data), "images", layer=made)

    def draw(
        self, batch_size: int, random_state: np.random.RandomState
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Draws a batch; see `tfdis.data.matrices.matrix_stream.draw_matrices`."""
        encode = self.codes and self.codes.codes_of
        return draw_matrices(self.data, batch_size, random_state, self.seen, encode)

    def keep(self) -> None:
        """Keeps the codes for other processes."""
        if self.codes is not None:
            self.codes.keep()
