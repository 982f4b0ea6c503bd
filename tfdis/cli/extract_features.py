"""Extracts the features of a data set's images with a pretrained network, once, to disk.

bin/extract_features --gin_file=gin/data/arm3d_real.gin --gin_file=gin/papers/stage1/extractor.gin \
    --output_dir=features/vgg19
bin/extract_features --gin_file=gin/data/arm3d_real.gin --extractor=runs/finetuned \
    --output_dir=features/finetuned

The folder gets features.npy (float32 [images, features]), features.json (their description),
extractor.keras and tfhub (the extractor as a frozen TF Hub module). Train on it with the data set
`features` (gin/data/features.gin). The same command started again goes on where it was stopped.
"""

from absl import flags

from tfdis.cli import gin_files
from tfdis.cli.run import run_main

FLAGS = flags.FLAGS


def define_flags() -> None:
    """Defines the command's flags."""
    gin_files.define_gin_flags()
    flags.DEFINE_string("output_dir", None, "Folder of the extraction.", required=True)
    flags.DEFINE_string(
        "extractor", None, "Extractor to use: a .keras file, or the folder of bin/finetune."
    )
    flags.DEFINE_integer(
        "num_samples",
        None,
        "Number of images to draw with replacement; by default every image is taken once.",
    )
    flags.DEFINE_bool("overwrite", False, "Whether to delete another extraction in the folder.")


def _main(_) -> None:
    example = "gin/data/arm3d_real.gin and --gin_file=gin/papers/stage1/extractor.gin"
    gin_files.check_gin_files(FLAGS.gin_file, example)
    gin_files.add_search_paths()
    bindings = list(FLAGS.gin_bindings)
    for name in ("extractor", "num_samples"):
        if FLAGS[name].value is not None:
            bindings.append(f"extraction.{name} = {FLAGS[name].value!r}")
    from tfdis.runs.extract import extract_with_gin

    extract_with_gin(FLAGS.output_dir, FLAGS.overwrite, FLAGS.gin_file, bindings)


def main() -> None:
    """Entry point of `bin/extract_features` and `tfdis_extract_features`."""
    run_main(_main, define_flags)
