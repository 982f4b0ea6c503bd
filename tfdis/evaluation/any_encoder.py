"""Scores of any encoder on a data set, as disentanglement_lib's driver computes them."""

from collections.abc import Callable, Sequence

from tqdm import tqdm

from tfdis.configuration import warn_of_unused
from tfdis.data.adapted import as_ground_truth_data
from tfdis.data.ground_truth_data import GroundTruthData
from tfdis.dlib.commands import unused_by_all
from tfdis.dlib.driver import score_codes
from tfdis.dlib.scoring.callable_codes import CallableCodes
from tfdis.dlib.scoring.coded_data import ENCODING_BATCH
from tfdis.dlib.scoring.metric_needs import NotComputableError
from tfdis.evaluation.chosen import bindings_of, chosen_metrics
from tfdis.evaluation.score import report_left_out


def evaluate(
    encode: Callable,
    data: GroundTruthData,
    metrics: str | Sequence[str] = "all",
    seed: int = 0,
    num_train: int = 10000,
    gin_bindings: Sequence[str] = (),
    batch_size: int = ENCODING_BATCH,
) -> dict[str, float]:
    """Scores any encoder on a data set: the draws, sample sizes and scores of disentanglement_lib's driver.

    Images that can be counted are encoded once for all metrics, models are fitted on all cores. The gin
    configuration of this process plays no part, and is left as it was.

    Args:
        encode: function from images `[batch, height, width, channels]`, float32 in [0, 1], to codes
            `[batch, dim]`: an array or a tensor of TensorFlow or PyTorch, or a dict with one of
            them (or the entry "default"). It may be a Keras model, a signature of a TF Hub module,
            ... It is called by one thread at a time.
        data: a `GroundTruthData`, or an object with disentanglement_lib's interface.
        metrics: names of metrics as `bin/evaluate` takes them, or "all".
        seed: seed of everything that the metrics draw, `evaluation.random_seed`.
        num_train: number of samples for the metrics that disentanglement_lib lacks; its own have
            the sizes of its gin files.
        gin_bindings: further gin lines for every metric, such as "mig.num_train = 1000".
        batch_size: number of images that are encoded at once.

    Returns:
        Values by `<metric>/<score>`. A metric that has no value for these codes and factors is left
        out, and the reason is logged.

    Raises:
        NotComputableError: no metric has a value; the message gives the reason for each.
        ValueError: an unknown metric or binding, a data set without the interface, or an `encode`
            that does not return one row of finite numbers for each image.

    Example:
        >>> from tfdis.data.named import get_named_ground_truth_data
        >>> data = get_named_ground_truth_data("dummy_data")
        >>> scores = evaluate(lambda images: images[:, :4, 0, 0], data, ["mcc"], num_train=100)
        >>> sorted(scores)
        ['mcc/strong', 'mcc/strong_spearman', 'mcc/weak']
    """
    chosen = chosen_metrics([metrics] if isinstance(metrics, str) else metrics)
    if not chosen:
        raise ValueError("Expected one or more metrics. Received: none.")
    codes = CallableCodes(encode, as_ground_truth_data(data), batch_size)
    scores, left_out, unused = {}, {}, []
    for metric in tqdm(chosen, desc="metrics", unit="metric"):
        bindings = [*bindings_of(metric, num_train), f"evaluation.random_seed = {seed}"]
        try:
            found, without_use = score_codes(codes, metric.gin_file, [*bindings, *gin_bindings])
        except NotComputableError as error:
            left_out[metric.name] = str(error).splitlines()[0]  # gin adds lines about its call.
            continue
        scores |= {f"{metric.name}/{name}": value for name, value in found.items()}
        unused.append(without_use)
    given = {line.partition("=")[0].strip() for line in gin_bindings}
    if not left_out:  # What is left out may have been what needed a binding.
        by_all = unused_by_all(unused)
        warn_of_unused({name: by_all[name] for name in given & set(by_all)})
    report_left_out(left_out, bool(scores))
    return scores
