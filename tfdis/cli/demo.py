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

FLAGS = flags.FLAGS

_METRICS = "unsupervised_study_v1/metric_configs/"
# Row of the table -> (gin file of dlib, key of its result).
SCORES = {
    "MIG": (_METRICS + "mig.gin", "discrete_mig"),
    "FactorVAE": (_METRICS + "factor_vae_metric.gin", "eval_accuracy"),
    "DCI disentanglement": (_METRICS + "dci.gin", "disentanglement"),
    "DCI completeness": (_METRICS + "dci.gin", "completeness"),
    "DCI informativeness": (_METRICS + "dci.gin", "informativeness_test"),
    "SAP": (_METRICS + "sap_score.gin", "SAP_score"),
    "BetaVAE": (_METRICS + "beta_vae_sklearn.gin", "eval_accuracy"),
    "IRS": ("sample/irs/irs.gin", "IRS"),
}
# Sizes below disentanglement_lib's own, so that scoring takes a minute and not twenty.
REDUCED = {
    "factor_vae_metric": [
        "factor_vae_score.num_train = 1000",
        "factor_vae_score.num_eval = 500",
        "factor_vae_score.num_variance_estimate = 2000",
    ],
    "dci": ["dci.num_train = 1000", "dci.num_test = 500"],
    "beta_vae_sklearn": ["beta_vae_sklearn.num_train = 500", "beta_vae_sklearn.num_eval = 500"],
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
    for config in dict.fromkeys(config for config, _ in SCORES.values()):
        scores = folder / "metrics" / "mean" / Path(config).stem
        if not scores.exists():
            missing.append((config, str(scores), REDUCED.get(Path(config).stem, [])))
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

    run = Run.open(root / "trained")
    results = run.results()
    title = f"{run.data_set} ({results['dataset_provenance']}), {results['global_step']} steps"
    scores = {}
    for name, (config, key) in SCORES.items():
        mark = " *" if Path(config).stem in REDUCED else ""
        scores[name + mark] = [read_score(root / variant, config, key) for variant in VARIANTS]
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
    for path in sorted((root / "trained" / "visualizations").iterdir()):
        console.print(f"{path}")


def main() -> None:
    """Entry point of `bin/demo` and `tfdis_demo`."""
    run_main(_run, _define_flags)


if __name__ == "__main__":
    main()
