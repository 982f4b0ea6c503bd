"""The codes that one module gives to the images of data sets, kept between metrics and commands."""

import hashlib
import os
import re
from collections.abc import Sequence

import numpy as np
import tensorflow as tf

from tfdis.data import named
from tfdis.data.ground_truth_data import GroundTruthData, IndexedData
from tfdis.dlib.scoring.coded_data import CodeTable
from tfdis.dlib.scoring.identity import data_identity, module_digest
from tfdis.dlib.scoring.image_codes import ImageCodes, check_factors
from tfdis.dlib.scoring.kept_codes import KeptCodes
from tfdis.dlib.stack.hub_module import call_signature
from tfdis.export.postprocess import load_signature
from tfdis.export.results import bound_gin_config, parse_gin_bindings

CODES_FOLDER = "codes"


class ModuleCodes(ImageCodes):
    """Codes by an exported module.

    Args:
        input_dir: path of the folder with the module `tfhub`.
        keep: whether codes are kept in `<input_dir>/codes` and read from there.
        signature: name of a signature of the module, with images as its only input.
        outputs: names of the signature's outputs, which make up a code, one after the other.

    Raises:
        FileNotFoundError: there is no module.
        ValueError: the module has no such signature.
    """

    def __init__(
        self,
        input_dir: str,
        keep: bool = True,
        signature: str = "representation",
        outputs: Sequence[str] = ("default",),
    ):
        super().__init__()
        self.module_path = os.path.join(input_dir, "tfhub")
        self._folder = os.path.join(input_dir, CODES_FOLDER) if keep else None
        self._name, self._outputs = signature, tuple(outputs)
        self._signature = load_signature(self.module_path, signature)
        self._tables: dict[tuple, CodeTable] = {}

    @property
    def num_latents(self) -> int | None:
        """Number of values in a code; None if the module does not say."""
        outputs = self._signature.function.structured_outputs
        return outputs["default"].shape[-1] if "default" in outputs else None

    def encode(self, images: np.ndarray) -> np.ndarray:
        """Codes `[num, dim]` of observations.

        Raises:
            ValueError: images of another shape, or codes that are not finite.
        """
        filled_up = {"images": self._filled_up(images)}
        found = call_signature(self._signature, filled_up, self.module_path)
        parts = [found[name][: len(images)] for name in self._outputs]
        codes = parts[0] if len(parts) == 1 else np.concatenate(parts, axis=-1)
        num_bad = np.count_nonzero(~np.isfinite(codes).all(axis=tuple(range(1, codes.ndim))))
        if num_bad or codes.ndim != 2:
            raise ValueError(
                f"Expected codes of shape [num, dim], all finite, from {self.module_path}. Received: "
                f"shape {codes.shape}, NaN or infinite for {num_bad} of {len(codes)} images. Its "
                "training has diverged if they are not finite; score an earlier checkpoint."
            )
        return codes

    def coded_data(self) -> GroundTruthData:
        """The data set that gin names; its observations are indices of images if those can be counted.

        Raises:
            ValueError: a factor has one value only.
        """
        data = named.get_named_ground_truth_data()
        check_factors(data)
        return self.coded(data)

    def coded(self, data: GroundTruthData) -> GroundTruthData:
        """A data set that gin has built, with indices of images as observations if they can be counted."""
        if not isinstance(data, IndexedData) or self._draws_codes():
            return self._observed_through(None, data)
        options = named.options_of(data.name, parse_gin_bindings(bound_gin_config()))
        key = (data.name, *options)
        if key not in self._tables:
            kept = None if self._folder is None else self._kept(data, options)
            self._tables[key] = CodeTable(data, self.encode, kept=kept)
        return self._observed_through(self._tables[key], data)

    def forget_indices(self) -> None:
        """From now on `codes_of` is given images, as if they could not be counted."""
        self._current = None

    def _kept(self, data: IndexedData, options: Sequence[str]) -> KeptCodes | None:
        identity = data_identity(data, options)
        if identity is None:
            return None
        name = re.sub(r"[^\w.-]", "_", data.name)
        if options:
            name += "-" + hashlib.sha256("\n".join(options).encode()).hexdigest()[:8]
        made_by = {
            "module": module_digest(self.module_path),
            "signature": [self._name, *self._outputs],
            "tensorflow": tf.__version__,
        }
        identity = {**made_by, "data set": identity}
        outputs = self._signature.function.structured_outputs
        dtype = outputs[self._outputs[0]].dtype.as_numpy_dtype
        return KeptCodes(os.path.join(self._folder, name), identity, data.num_images, dtype)

    def _draws_codes(self) -> bool:
        """Whether the module's codes are random, so that an image has no code of its own."""
        graph = self._signature.function.graph.as_graph_def()
        bodies = [graph.node, *(function.node_def for function in graph.library.function)]
        return any("Random" in node.op or node.op == "Multinomial" for b in bodies for node in b)
