"""Images per second of feature extraction, as a ratio to bare `predict` of the same extractor.

Extraction reads uint8 images from a store on disk, scales them, runs the extractor and appends the features
to a file that is synced to the disk after each block; `predict` is given the same images as floats in memory.
Rounds are interleaved and the median of their ratios is shown, so that it holds on a busy machine too. Both
are timed after their first images: tracing is not counted.
Example: `python benchmarks/extraction.py --backbone=mobilenet --images=4096 --rounds=5`
"""

import functools
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

from absl import app, flags

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

_BACKBONE = flags.DEFINE_enum("backbone", "mobilenet", ["mobilenet", "vgg16", "vgg19"], "Network.")
_IMAGES = flags.DEFINE_integer("images", 4096, "Images in a round.", lower_bound=2048)
_ROUNDS = flags.DEFINE_integer("rounds", 5, "Interleaved rounds.", lower_bound=1)
_BATCH_SIZE = flags.DEFINE_integer("batch_size", 64, "Images of one call.", lower_bound=1)
_SHAPE = (64, 64, 3)


def build_data(folder: Path, num_images: int):
    """Random images in a store, with one factor."""
    import numpy as np

    from tfdis.data.store.image_store import ImageStore, write_store
    from tfdis.data.store.store_format import StoreMetadata
    from tfdis.data.store.stored_data import StoredData

    metadata = StoreMetadata(
        name="noise",
        num_images=num_images,
        image_shape=_SHAPE,
        encoding="bytes",
        provenance="generated",
        source="benchmark",
    )
    folder.mkdir()
    state = np.random.RandomState(0)
    rows = (
        state.randint(0, 256, (64, metadata.row_bytes), np.uint8) for _ in range(num_images // 64)
    )
    write_store(folder, metadata, rows)
    return StoredData("noise", ImageStore.open(folder), ["number"], [num_images])


def build_extractor(name: str):
    """The backbone with random weights: they cost what trained ones do."""
    from tfdis import features

    options = {"options": {"alpha": 0.25}} if name == "mobilenet" else {}
    backbone = features.BACKBONES[name](_SHAPE, weights=None, **options)
    return features.FeatureExtractor(_SHAPE, backbone, features.RMAC(kernels=(1,), strides=(1,)))


def extraction_rate(data, extractor, folder: Path) -> float:
    """Images per second of a whole extraction, from its first block on."""
    from tfdis.features import extraction

    marks = []
    append = extraction.GrowingArray.append

    @functools.wraps(append)
    def timed(self, rows):
        append(self, rows)
        marks.append((time.perf_counter(), self.num_rows))

    extraction.GrowingArray.append = timed
    try:
        extraction.extract(data, extractor, folder, batch_size=_BATCH_SIZE.value)
    finally:
        extraction.GrowingArray.append = append
    (start, first), (end, last) = marks[0], marks[-1]
    return (last - first) / (end - start)


def main(argv):
    del argv
    import numpy as np

    num_images = _IMAGES.value // 64 * 64
    with tempfile.TemporaryDirectory() as temporary:
        root = Path(temporary)
        data = build_data(root / "store", num_images)
        extractor = build_extractor(_BACKBONE.value)
        images = data.images_at(np.arange(num_images)).astype(np.float32) / 255
        predict = functools.partial(extractor.predict, batch_size=_BATCH_SIZE.value, verbose=0)
        predict(images[: 4 * _BATCH_SIZE.value])
        extracted, predicted = [], []
        for round_number in range(_ROUNDS.value):
            extracted.append(extraction_rate(data, extractor, root / f"round_{round_number}"))
            start = time.perf_counter()
            predict(images)
            predicted.append(num_images / (time.perf_counter() - start))
    ratio = statistics.median(a / b for a, b in zip(extracted, predicted, strict=True))
    print(f"{_BACKBONE.value}, {num_images} images of 64x64, batch {_BATCH_SIZE.value}")
    print(f"extraction  {statistics.median(extracted):8.0f} images/s")
    print(f"predict     {statistics.median(predicted):8.0f} images/s")
    print(f"ratio       {ratio:8.2f}")


if __name__ == "__main__":
    app.run(main)
