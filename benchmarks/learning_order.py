"""Do models whose capacity grows learn the factors first that a reconstruction loss sees best?

python benchmarks/learning_order.py runs/learning_order --evidence=docs/evidence/learning_order

Appendix A of Michlo et al. (2023), arXiv:2202.13341, sets the perceived distances of dSprites' factors beside
the order in which Burgess et al. (2018), arXiv:1804.03599, saw a VAE learn them while its capacity grew. The
argument is a folder of runs with `scores.csv` of the metric r2 (docs/evidence.md has the command). What is
learned earlier has more area under its curve: the R2 of random forests that predict the factor from the
codes, averaged over the steps. Writes order.csv (one row for each factor and run), groups.csv
(mean and interval over the runs), correlations.csv (Spearman's rank correlation of area and mean perceived
distance, one for each run) and order.png.
"""

import os
import sys
from pathlib import Path

from absl import app, flags

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

_EVIDENCE = flags.DEFINE_string("evidence", None, "Folder to write to.", required=True)
_PAIRS = flags.DEFINE_integer("num_pairs", 50_000, "Pairs for each distance.", lower_bound=2)
_SCORE = "r2/nonlinear/factor_"


def read_curves(runs: Path):
    """One row for each run, step and factor: its R2."""
    import pandas as pd

    files = sorted(runs.rglob("scores.csv"))
    if not files:
        raise FileNotFoundError(f"Expected runs with scores.csv below {runs}. Received: none.")
    tables = []
    for run, file in enumerate(files):
        table = pd.read_csv(file).set_index("step").filter(like=_SCORE)
        table.columns = [int(name.removeprefix(_SCORE)) for name in table.columns]
        long = table.rename_axis(columns="factor").stack().rename("r2").reset_index()
        tables.append(long.assign(run=run))
    return pd.concat(tables)


def draw_curves(curves, names, path: Path) -> None:
    """The mean R2 of each factor over the steps, with the lowest and highest of the runs."""
    from matplotlib.figure import Figure

    from tfdis.plots.figure import COLOURS, plain_frame, save_figure

    figure = Figure(figsize=(5, 3), layout="constrained")
    axes = figure.add_subplot()
    for colour, (factor, part) in zip(COLOURS, curves.groupby("factor"), strict=False):
        each = part.groupby("step").r2
        axes.plot(each.mean(), color=colour, label=names[factor])
        axes.fill_between(each.mean().index, each.min(), each.max(), color=colour, alpha=0.2)
    axes.set_xlabel("updates", fontsize=8)
    axes.set_ylabel("R2 of random forests", fontsize=8)
    axes.legend(fontsize=7)
    plain_frame(axes)
    save_figure(figure, path, overwrite=True)


def main(arguments) -> None:
    from scipy.stats import spearmanr

    from tfdis import analysis
    from tfdis.data.named import get_named_ground_truth_data
    from tfdis.report.evidence import groups_of

    if len(arguments) != 2:
        raise app.UsageError("Expected one folder of runs.")
    curves = read_curves(Path(arguments[1]))
    data = get_named_ground_truth_data("dsprites_full")
    names = list(data.factor_names)
    distances = analysis.perceived_distances(data, _PAIRS.value)["mean"]
    order = curves.groupby(["run", "factor"]).r2.agg(area="mean", last="last").reset_index()
    order["factor"] = [names[index] for index in order.factor]
    order["distance"] = order.factor.map(distances)
    correlations = order.groupby("run")[["area", "distance"]].apply(
        lambda part: spearmanr(part.area, part.distance).statistic
    )
    folder = Path(_EVIDENCE.value)
    folder.mkdir(parents=True, exist_ok=True)
    order.to_csv(folder / "order.csv", index=False)
    groups = groups_of(order.rename(columns={"run": "seed"}), ["factor"], ["area", "last"])
    groups.to_csv(folder / "groups.csv", index=False, float_format="%.6g")
    correlations.rename("spearman").to_csv(folder / "correlations.csv")
    draw_curves(curves, names, folder / "order.png")
    print(order.pivot(index="factor", columns="run", values="area").assign(distance=distances))
    print(correlations)


if __name__ == "__main__":
    app.run(main)
