"""Training steps per second: tfdis's loop, a bare Keras fit and plain PyTorch on the same network.

beta-TCVAE (beta 4, 10 latents), disentanglement_lib's convolutional networks, 64x64x1 images, batch 64,
Adam. Every competitor is a process of its own and only one works at a time; rounds are interleaved, so
that ratios hold on a busy machine too. PyTorch, if installed, is measured in both memory layouts.
Example: `python benchmarks/train_step.py --rounds=9 --steps=20`

`--all_models` measures every model's step against beta-VAE's instead; see models.py.
"""

import importlib.util
import json
import os
import statistics
import subprocess
import sys

import models  # Of this folder.
from absl import app, flags

_FOLDER = os.path.dirname(os.path.abspath(__file__))
_WORKERS = os.path.join(_FOLDER, "train_step_workers.py")

_ROUNDS = flags.DEFINE_integer("rounds", 9, "Interleaved rounds.", lower_bound=1)
_STEPS = flags.DEFINE_integer("steps", 20, "Steps a competitor makes in a round.", lower_bound=1)
_PRECISIONS = flags.DEFINE_multi_enum(
    "precision",
    ["float32", "bfloat16"],
    ["float32", "bfloat16"],
    "Precisions to measure.",
)
_WORKERS_TO_RUN = flags.DEFINE_list(
    "competitors",
    ["tfdis", "keras", "torch_channels_last", "torch_nchw"],
    "What to measure.",
)
_ALL_MODELS = flags.DEFINE_boolean("all_models", False, "Measure every model against beta-VAE.")
_MODELS = flags.DEFINE_multi_string(
    "model", [], "With --all_models, only these lines of models.CONFIGURATIONS and beta-VAE."
)
_JSON = flags.DEFINE_string("json", "", "Also write every round's rates to this file.")


class Competitor:
    """A process that trains when told to.

    Args:
        name: a worker of train_step_workers.py.
        precision: "float32" or "bfloat16".
    """

    def __init__(self, name: str, precision: str):
        self.name = name
        self.rates: list[float] = []
        self._process = subprocess.Popen(
            [sys.executable, _WORKERS, name, precision],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._answer()  # Built and warmed up.

    def measure(self, num_steps: int) -> None:
        """Trains `num_steps` steps and keeps the rate."""
        self._process.stdin.write(f"{num_steps}\n")
        self._process.stdin.flush()
        self.rates.append(float(self._answer()))

    def close(self) -> None:
        self._process.stdin.close()
        self._process.wait()

    def _answer(self):
        line = self._process.stdout.readline()
        while line and not line.startswith("benchmark:"):
            line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self.name} stopped:\n{self._process.stderr.read()[-4000:]}")
        return line.removeprefix("benchmark:")


def measure(precision: str) -> dict[str, list[float]]:
    """Steps per second of every competitor in every round."""
    names = [
        name
        for name in _WORKERS_TO_RUN.value
        if not name.startswith("torch") or importlib.util.find_spec("torch")
    ]
    competitors = [Competitor(name, precision) for name in names]
    for _ in range(_ROUNDS.value):
        for competitor in competitors:
            competitor.measure(_STEPS.value)
    for competitor in competitors:
        competitor.close()
    return {competitor.name: competitor.rates for competitor in competitors}


def report(precision: str, rates: dict[str, list[float]]) -> None:
    """Prints the table of one precision."""
    print(f"\n{precision}: steps/s, median [lowest .. highest] of {_ROUNDS.value} rounds")
    for name, values in rates.items():
        print(f"  {name:22}{_spread(values)}")
    layouts = [name for name in rates if name.startswith("torch")]
    if layouts:
        # Its best layout, chosen once by its median and not anew in every round.
        best = max(layouts, key=lambda name: statistics.median(rates[name]))
        rates = {**rates, f"PyTorch's best ({best})": rates[best]}
    rivals = [name for name in rates if name == "keras" or name.startswith("PyTorch")]
    for name in rivals if "tfdis" in rates else []:
        ratios = [ours / theirs for ours, theirs in zip(rates["tfdis"], rates[name], strict=True)]
        print(f"  tfdis / {name}: {_spread(ratios)}; best rounds {_of_best(rates, name):.2f}")


def _of_best(rates, name):
    return max(rates["tfdis"]) / max(rates[name])


def _spread(values):
    return f"{statistics.median(values):7.2f} [{min(values):.2f} .. {max(values):.2f}]"


def main(argv):
    del argv
    if _ALL_MODELS.value:
        models.measure(_ROUNDS.value, _STEPS.value, _MODELS.value)
        return
    results = {}
    for precision in _PRECISIONS.value:
        results[precision] = measure(precision)
        report(precision, results[precision])
    if _JSON.value:
        with open(_JSON.value, "w", encoding="utf-8") as file:
            json.dump(results, file, indent=1)


if __name__ == "__main__":
    app.run(main)
