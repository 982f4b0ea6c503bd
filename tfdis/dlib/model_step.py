"""What is done with a trained model: a representation, or scores of one."""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Step:
    """One postprocessing, metric or validation of a model; paths are below the folder of all its steps.

    Attributes:
        output_dir: path of the folder that it writes, for example `metrics/mean/mig`.
        input_dir: path of the folder that it reads.
        gin_file: path of its gin file, see `tfdis.dlib.find_config`; None if the bindings say
            everything.
        bindings: further gin lines, among them its random seed.
    """

    output_dir: str
    input_dir: str
    gin_file: str | None = None
    bindings: tuple[str, ...] = ()
