"""Abstract reasoning: how many matrices a Wild Relation Network solves, by what it sees of the panels.

python benchmarks/reasoning.py --seen=values,onehot,noise --steps=3000

"values" and "onehot" are the factors themselves; "noise" are codes that are drawn anew, whatever the
image; the folder of a representation (`<run>/postprocessed/mean`) stands for its codes. Chance is 1/6.
"""

import json
import os
import sys
import tempfile
import time
from pathlib import Path

import gin
import numpy as np
from absl import app, flags

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from tfdis.data.matrices.quantised import QuantisedData  # noqa: E402
from tfdis.dlib.reason import reason_with_gin  # noqa: E402
from tfdis.dlib.scoring.image_codes import ImageCodes  # noqa: E402

_SEEN = flags.DEFINE_list("seen", ["values", "onehot", "noise"], "What the network sees.")
_DATASET = flags.DEFINE_string("dataset", "abstract_dsprites", "Data set.")
_TYPE = flags.DEFINE_string("pgm_type", "easy1", "Kind of matrices.")
_STEPS = flags.DEFINE_integer("steps", 3000, "Updates of every network.", lower_bound=3)
_SEEDS = flags.DEFINE_list("seeds", ["0"], "Seeds of weights and matrices.")
_PRECISION = flags.DEFINE_string("precision", "float32", "float32 or mixed_bfloat16.")
_EXAMPLE = "abstract_reasoning_study_v1/stage2/example.gin"


class Unseen(QuantisedData):
    """A data set whose images are not drawn."""

    def sample_observations_from_factors(self, factors, random_state):
        """Nothing, for every image."""
        return np.zeros((len(factors), 1), np.float32)


class Noise(ImageCodes):
    """Codes of 10 values, drawn from a normal distribution."""

    num_latents = 10

    def __init__(self):
        super().__init__()
        self._random_state = np.random.RandomState(0)

    def encode(self, images: np.ndarray) -> np.ndarray:
        """Codes that know nothing of the images."""
        return self._random_state.normal(size=(len(images), self.num_latents))

    def coded_data(self):
        """Not used."""
        raise NotImplementedError

    def coded(self, data):
        """The data set without its images, which nobody looks at."""
        return Unseen(data, data.factors_num_values)


gin.external_configurable(Noise, "noise", module="benchmarks")


def _reason(folder: str, seen: str, seed: int) -> dict:
    """The results of one network."""
    is_folder = seen not in ("values", "onehot", "noise")
    embedding = f"'{seen}'"
    if seen == "noise":
        embedding = "@noise"
    elif is_folder:
        embedding = "@HubEmbedding"
    bindings = [
        f"dataset.name = '{_DATASET.value}'",
        f"pgm.pgm_type = '{_TYPE.value}'",
        f"TwoStageModel.embedding_model_class = {embedding}",
        f"abstract_reasoning.random_seed = {seed}",
        "abstract_reasoning.num_iterations = 3",
        f"abstract_reasoning.training_steps_per_iteration = {_STEPS.value // 3}",
        "abstract_reasoning.eval_steps_per_iteration = 50",
        f"abstract_reasoning.precision = '{_PRECISION.value}'",
        "OptimizedWildRelNet.edge_mlp = [128, 128]",
        "OptimizedWildRelNet.graph_mlp = [128]",
        "OptimizedWildRelNet.dropout_in_last_graph_layer = None",
    ]
    reason_with_gin(seen if is_folder else None, folder, [_EXAMPLE], bindings)
    path = Path(folder) / "results/json/abstract_reasoning_results.json"
    return json.loads(path.read_text())


def main(_) -> None:
    print("| seen | seed | test accuracy after a third, two thirds, all | best | seconds |")
    print("|---|---|---|---|---|")
    for seen in _SEEN.value:
        for seed in map(int, _SEEDS.value):
            started = time.time()
            with tempfile.TemporaryDirectory() as folder:
                found = _reason(os.path.join(folder, "run"), seen, seed)
            third = _STEPS.value // 3
            scores = [found[f"step{i * third}.test.accuracy"] for i in range(3)]
            shown = ", ".join(f"{score:.3f}" for score in scores)
            best = found["best.test.accuracy"]
            print(
                f"| {seen} | {seed} | {shown} | {best:.3f} | {time.time() - started:.0f} |",
                flush=True,
            )


if __name__ == "__main__":
    app.run(main)
