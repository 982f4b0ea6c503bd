"""The challenge's protocol: finetune (stage 2), extract, train, export, score with disentanglement_lib.

bin/challenge --gin_file=gin/papers/stage1/arm3d.gin --output_dir=runs/stage1 --seeds=0,1,2
bin/challenge --gin_file=gin/papers/stage1/arm3d.gin --output_dir=runs/stage1 --seeds=0,1,2 \
    --control=random --control=pixels

Writes OUTPUT_DIR/<system>/ with finetuned, features and seed_<n>/{model, postprocessed, metrics},
where <system> is `method`, or a control: `random` (the same with random backbone weights) or
`pixels` (a beta-VAE on the images). It also writes scores.md and scores.csv of all systems that are
there. Started again, it does not repeat what is done; seeds share the features. Another
configuration needs another folder.
"""

import ast
import json
import sys
from pathlib import Path

from absl import flags

from tfdis.cli import gin_files
from tfdis.cli.run import run_main
from tfdis.registry import METRICS
from tfdis.report.challenge import scoring_lines, write_table

FLAGS = flags.FLAGS

METHOD, RANDOM, PIXELS = "method", "random", "pixels"
_POSTPROCESS = "unsupervised_study_v1/postprocess_configs/mean.gin"


def define_flags() -> None:
    """Defines the command's flags."""
    gin_files.define_gin_flags()
    flags.DEFINE_string(
        "output_dir", None, "Folder of everything that the command writes.", required=True
    )
    flags.DEFINE_list("seeds", ["0"], "Seeds of the VAE, separated by commas.")
    flags.DEFINE_multi_enum(
        "control", [], [RANDOM, PIXELS], "Run this control in place of the method; may be repeated."
    )
    flags.DEFINE_boolean(
        "keep_codes",
        True,
        "Keep the codes of images in the folder codes beside each representation, for later commands.",
    )


def _main(_) -> None:
    from tfdis.runs.challenge import check_factors, read_challenge_config

    if not FLAGS.gin_file:
        raise ValueError("Expected --gin_file, for example --gin_file=gin/papers/stage1/arm3d.gin.")
    gin_files.check_gin_files(FLAGS.gin_file)
    gin_files.add_search_paths()
    seeds = _seeds()
    config = read_challenge_config(FLAGS.gin_file, FLAGS.gin_bindings)
    scoring = scoring_lines(config.scoring)
    check_factors([*config.data, *FLAGS.gin_file], FLAGS.gin_bindings)
    root = Path(FLAGS.output_dir)
    for system in FLAGS.control or [METHOD]:
        _run_system(root / system, system, config, seeds, scoring)
    sys.stdout.write(write_table(root, config.system))


def _seeds():
    try:
        return [int(seed) for seed in FLAGS.seeds]
    except ValueError as error:
        raise ValueError(
            f"Expected --seeds of integers, as --seeds=0,1,2. Received: {','.join(FLAGS.seeds)}."
        ) from error


def _run_system(folder, system, config, seeds, scoring):
    """Runs everything of the method or of one control."""
    from tfdis.runs.challenge import step_bindings, unused_by_all_steps

    unused = unused_by_all_steps(config, FLAGS.gin_file, is_on_pixels=system == PIXELS)
    bindings = ["WEIGHTS = None"] if system == RANDOM else []
    if system == PIXELS:
        files = [*config.pixels, *config.data]
    else:
        files = list(config.vae)
        bindings.append(f"FEATURES = {str(folder / 'features')!r}")
        with unused:
            _extract(folder, config, bindings)
    for seed in seeds:
        of_seed = [*bindings, f"model.random_seed = {seed}"]
        of_steps = [*step_bindings(FLAGS.gin_bindings), *of_seed]
        with unused:
            _train(folder / f"seed_{seed}", [*files, *FLAGS.gin_file], of_steps)
        _score(folder / f"seed_{seed}", scoring)


def _extract(folder, config, bindings):
    """Finetunes the extractor if the configuration says so, and extracts the features."""
    from tfdis.runs.challenge import step_bindings
    from tfdis.runs.extract import extract_with_gin

    files = [*config.data, *config.extractor, *FLAGS.gin_file]
    bindings = [*step_bindings(FLAGS.gin_bindings), *bindings]
    if config.finetune:
        from tfdis.runs.finetune import finetune_with_gin

        finetuned = folder / "finetuned"
        finetune_with_gin(finetuned, False, [*config.finetune, *FLAGS.gin_file], bindings)
        bindings.append(f"extraction.extractor = {str(finetuned)!r}")
    extract_with_gin(folder / "features", False, files, bindings)


def _train(folder, files, bindings):
    import keras

    from tfdis.runs.train import train_with_gin

    # Models refer to themselves: without this, the earlier runs stay in memory.
    keras.backend.clear_session()
    train_with_gin(folder / "model", False, files, bindings)


def _score(folder, scoring):
    from tfdis.dlib import commands

    model, representation = folder / "model", folder / "postprocessed" / "mean"
    if not representation.exists():
        commands.postprocess(str(model), str(representation), [_POSTPROCESS])
    missing = []
    for name, wanted in scoring.items():
        scores = folder / "metrics" / "mean" / METRICS[name].folder
        if scores.exists():
            _check_scored_with(scores, wanted)
        else:
            missing.append((METRICS[name].gin_file, str(scores), wanted))
    if missing:
        commands.evaluate_all(str(representation), missing, keep_codes=FLAGS.keep_codes)


def _check_scored_with(folder, bindings):
    """Refuses existing scores that were computed with other options."""
    path = folder / "results" / "json" / "evaluation_config.json"
    used = json.loads(path.read_text(encoding="utf-8"))
    for binding in bindings:
        name, value = (part.strip() for part in binding.split("=", 1))
        if name not in used or ast.literal_eval(used[name]) != ast.literal_eval(value):
            raise FileExistsError(
                f"{folder} has scores with {name} = {used.get(name, 'its default')}. Received: "
                f"{binding}. Choose another folder, or delete these scores to compute them again."
            )


def main() -> None:
    """Entry point of `bin/challenge` and `tfdis_challenge`."""
    run_main(_main, define_flags)


if __name__ == "__main__":
    main()
