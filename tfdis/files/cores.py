"""How many cores this process may compute on: those that the system gives it, or fewer of them."""

import os

from threadpoolctl import threadpool_limits

_LIMIT: list[int] = []


def num_cores() -> int:
    """The number of threads that are worth starting in this process."""
    if not hasattr(os, "sched_getaffinity"):  # Of Linux alone.
        return min([os.cpu_count() or 1, *_LIMIT])
    return min([len(os.sched_getaffinity(0)), *_LIMIT])


def limit_cores(number: int) -> None:
    """Lets everything but TensorFlow, which has an option for it, compute on a number of cores.

    What tfdis fits and encodes itself asks `num_cores`; scikit-learn's `n_jobs=-1` asks joblib, which
    reads an environment variable whenever it is asked; libraries of linear algebra are told.

    Args:
        number: number of cores, for as long as this process lives.
    """
    _LIMIT[:] = [number]
    os.environ["LOKY_MAX_CPU_COUNT"] = os.environ["OMP_NUM_THREADS"] = str(number)
    threadpool_limits(number)
