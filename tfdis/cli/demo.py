"""From nothing to a scored model: trains, exports, scores with disentanglement_lib, draws.

make demo
bin/demo --output_dir=runs/demo

Writes disentanglement_lib's layout (model, postprocessed, metrics, visualizations) below the output
folder, once for the trained model and once for the same network untrained, and ends with a table of
the scores of both. Started again, it goes on where it was stopped.
"""

from pathlib import Path

from absl import flags

from tfdis.cli import gin_files
from tfdis.cli.run import run_main
from tfdis.registry import METRICS

FLAGS = flags.FLAGS

SCORES = (
    "mig/discrete_mig",
    "factor_vae/eval_accuracy",
    "dci/disentanglement",
    "dci/completeness",
    "dci/informativeness_test",
    "sap/SAP_score",
    "beta_vae/eval_accuracy",
    "irs/IRS",
)
# Sizes below disentanglement_lib's own, so that scoring takes a minute rather than twenty.
REDUCED = {
    "factor_vae": [
        "factor_vae_score.num_train = 1000",
        "factor_vae_score.num_eval = 500",
        "factor_vae_score.num_variance_estimate = 2000",
    ],
    "dci": ["dci.num_train = 1000", "dci.num_test = 500"],
    "beta_vae": ["beta_vae_sklearn.num_train = 500", "beta_vae_sklearn.num_eval = 500"],
}
VARIANTS = {"trained": [], "untrained": ["STEPS = 0"]}


def _define_flags():
    gin_files.define_gin_flags()
    flags.DEFINE_string("output_dir", "runs/demo", "Folder of everything the demo writes.")


def _run(_):
    gin_files.add_search_paths()
    root = Path(FLAGS.output_dir)
    files = FLAGS.gin_file or ["gin/demo.gin"]
    gin_files.check_gin_files(files)
    for variant, bindings in VARIANTS.items():
        _run_variant(root / variant, files, [*FLAGS.gin_bindings, *bindings])
    _show(root)


def _run_variant(folder, files, bindings):
    from tfdis.dlib import commands
    from tfdis.plots.run import plot_run
    from tfdis.runs.train import train_with_gin

    model, representation = folder / "model", folder / "postprocessed" / "mean"
    train_with_gin(model, gin_config_files=files, gin_bindings=bindings)
    if not representation.exists():
        config = "unsupervised_study_v1/postprocess_configs/mean.gin"
        commands.postprocess(str(model), str(representation), [config])
    missing = []
    for name in dict.fromkeys(score.partition("/")[0] for score in SCORES):
        scores = folder / "metrics" / "mean" / METRICS[name].folder
        if not scores.exists():
            missing.append((METRICS[name].gin_file, str(scores), REDUCED.get(name, [])))
    if missing:
        commands.evaluate_all(str(representation), missing)
    pictures = folder / "visualizations"
    if not pictures.exists():
        plot_run(model, pictures)


def _show(root):
    from rich.console import Console

    from tfdis.export.run import Run
    from tfdis.report.console import score_table
    from tfdis.report.read import read_score
    from tfdis.report.scores import label

    run = Run.open(root / "trained")
    results = run.results()
    title = f"{run.data_set} ({results['dataset_provenance']}), {results['global_step']} steps"
    scores = {}
    for score in SCORES:
        mark = " *" if score.partition("/")[0] in REDUCED else ""
        scores[label(score) + mark] = [read_score(root / variant, score) for variant in VARIANTS]
    console = Console()
    console.print(score_table(title, list(VARIANTS), scores))
    console.print("* on fewer samples than disentanglement_lib's own files ask for:")
    for bindings in REDUCED.values():
        console.print("  " + ", ".join(bindings))
    for path in (
        "model/tfhub",
        "model/saved_model",
        "model/model.keras",
        "postprocessed/mean/tfhub",
    ):
        console.print(f"{root / 'trained' / path}")
    for path in sorted((root / "trained" / "visualizations").glob("[!.]*")):
        console.print(f"{path}")


def main() -> None:
    """Entry point of `bin/demo` and `tfdis_demo`."""
    run_main(_run, _define_flags)
