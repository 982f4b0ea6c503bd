"""Ends commands at random moments, starts them again, and counts how often what is there then is not whole.

python benchmarks/kills.py --tries=20
python benchmarks/kills.py --tries=8 --signal=SIGTERM
python benchmarks/kills.py --tries=20 --works=train,evaluate

Each work is done once undisturbed. Then, --tries times, the signal comes at a moment drawn evenly from the
time that it took, and the same command is started again. A line for each round says how often each work was
hit, and how often it fell. A try has fallen if the second start fails, if it ends with other files than the
undisturbed one (times, random names and kept codes aside, which the next scores complete), or if a temporary
file of tfdis is left; after SIGTERM also if the exit code is not 143, the last line does not say so, or there
is a traceback. Commands are forked from a process that has imported their packages: signals come during work.
"""

import dataclasses
import hashlib
import json
import os
import random
import runpy
import shutil
import signal
import sys
import tempfile
import time
import traceback
import zipfile
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
from absl import app, flags

ROOT = Path(__file__).resolve().parent.parent
PRELOADED = ("pandas", "scipy.stats", "sklearn.ensemble", "matplotlib", "keras", "gin")
_TRIES = flags.DEFINE_integer("tries", 20, "Tries of each work.", lower_bound=1)
_SEED = flags.DEFINE_integer("seed", 0, "Seed of the moments.")
_SIGNAL = flags.DEFINE_enum("signal", "SIGKILL", ["SIGKILL", "SIGTERM"], "Signal to send.")
_WORKS = flags.DEFINE_list(
    "works", "train,evaluate,visualize,extract,render,convert", "Names of works, see WORKS."
)

TRAINING = (
    *("DATASET = 'dsprites_hearts'", "model.training_steps = 12", "model.eval_steps = 1"),
    *("model.batch_size = 4", "runtime.log_steps = 3", "runtime.checkpoint_steps = 3"),
    *("runtime.threads = 1", "runtime.deterministic = True"),
)
EXTRACTION = (
    *("xysquares.num_placements = 3", "WEIGHTS = None", "BACKBONE = @mobilenet"),
    *("mobilenet.options = {'alpha': 0.25}", "RESIZE_TO = None", "KERNELS = (1,)"),
    *("STRIDES = (1,)", "extraction.batch_size = 8"),
)
SCORING = [f"{name}.num_train = 300" for name in ("mig", "irs", "sap_score")]
NUM_IMAGES = 4000


def _bound(lines):
    return [f"--gin_bindings={line}" for line in lines]


@dataclasses.dataclass(frozen=True)
class Work:
    """A command that is ended.

    Attributes:
        arguments: its name and flags, given the folder that it writes to.
        begins_with: makes what it starts from in that folder, given a folder of things made once.
    """

    arguments: Callable[[Path], list[str]]
    begins_with: Callable[[Path, Path], None] = lambda shared, out: None


def _train(out):
    return ["train", "--gin_file=gin/betatcvae.gin", f"--model_dir={out}/run", *_bound(TRAINING)]


def _begin_with_a_run(shared, out):
    shutil.copytree(shared / "run", out / "run")


def _begin_with_an_archive(shared, out):
    # The cache's name depends on the file's place.
    os.link(shared / "images.npz", out / "images.npz")


WORKS = {
    "train": Work(_train),
    "evaluate": Work(
        lambda out: [
            *("evaluate", f"--model_dir={out}/run", "--metrics=mig,sap_score,irs,infomec"),
            *("--num_train=300", *_bound([*SCORING, "sap_score.num_test = 100"])),
        ],
        _begin_with_a_run,
    ),
    "visualize": Work(lambda out: ["visualize", f"--model_dir={out}/run"], _begin_with_a_run),
    "extract": Work(
        lambda out: [
            *("extract_features", "--gin_file=gin/papers/stage1/extractor.gin"),
            *("--gin_file=gin/data/xysquares.gin", f"--output_dir={out}/features"),
            *_bound(EXTRACTION),
        ]
    ),
    "render": Work(lambda out: ["dataset_stats", "--dataset=dsprites_full", "--num_images=64"]),
    "convert": Work(
        lambda out: [
            *("dataset_stats", "--gin_file=gin/data/from_files.gin", "--num_images=64"),
            *_bound([f"IMAGES = '{out}/images.npz'"]),
        ],
        _begin_with_an_archive,
    ),
}


def start(arguments: list[str], out: Path, log: Path) -> int:
    """Forks a command, whose data cache is in `out`; returns its process number."""
    pid = os.fork()
    if pid:
        return pid
    code = 1
    # Flags of this file are none of the command's.
    flags.FLAGS.remove_flag_values(("tries", "seed", "signal", "works"))
    flags.FLAGS.unparse_flags()
    try:
        with open(log, "w") as file:
            os.dup2(file.fileno(), 1)
            os.dup2(file.fileno(), 2)
        os.chdir(ROOT)
        os.environ["TFDIS_DATA"] = f"{out}/cache"
        script = str(ROOT / "bin" / arguments[0])
        sys.argv = [script, *arguments[1:]]
        sys.path[0] = str(ROOT / "bin")
        runpy.run_path(script, run_name="__main__")
    except SystemExit as error:
        code = error.code if isinstance(error.code, int) else int(error.code is not None)
    except BaseException:  # noqa: BLE001
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def exit_code(pid: int) -> int:
    """Waits for a process; minus the signal's number if one ended it."""
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def fingerprint(out: Path) -> dict[str, str]:
    """What a work has made: a hash of the content of each file, or "there" where it differs by chance."""
    return {str(p.relative_to(out)): _content(p, out) for p in sorted(out.rglob("*")) if _counts(p)}


def _counts(path):
    # A checkpoint of the last step is as good as one of another step before it; codes are a cache.
    left_out = {"tensorboard", "checkpoints", "codes"} & set(path.parts)
    return path.is_file() and not left_out and path.suffix != ".npz"


def _content(path, out):
    if path.suffix == ".json":
        text = json.dumps(_lasting(json.loads(path.read_text())), sort_keys=True)
        return text.replace(str(out), "OUT")
    if path.suffix == ".keras":
        with zipfile.ZipFile(path) as file:
            return _hash(file.read("model.weights.h5"))
    if path.name == "training_log.csv":
        return path.read_text().splitlines()[-1]
    if path.suffix in (".npy", ".csv", ".png", ".gif"):
        return _hash(path.read_bytes().replace(str(out).encode(), b"OUT"))
    return "there"


def _lasting(value):
    """Results without times, random names, and the hashes that depend on these."""
    changing = ("uuid", "elapsed_time", "seconds", "module", "created", "pid")
    if isinstance(value, dict):
        return {k: _lasting(v) for k, v in value.items() if not k.endswith(changing)}
    return [_lasting(v) for v in value] if isinstance(value, list) else value


def _hash(data):
    return hashlib.md5(data, usedforsecurity=False).hexdigest()


def prepare(shared: Path) -> None:
    """Makes what works begin with, once: a trained run, and an archive of images."""
    (shared / "run").parent.mkdir(parents=True, exist_ok=True)
    code = exit_code(start(_train(shared), shared, shared / "log"))
    if code:
        raise RuntimeError(f"Expected a trained run. Received: {(shared / 'log').read_text()}")
    images = np.random.RandomState(0).randint(256, size=(NUM_IMAGES, 64, 64, 3), dtype=np.uint8)
    np.savez_compressed(shared / "images.npz", images=images)


def problems(
    work: Work, shared: Path, out: Path, moment: float, expected: dict
) -> list[str] | None:
    """What is wrong after one try; None if the command had ended before the signal."""
    out.mkdir(parents=True)
    work.begins_with(shared, out)
    log, number = out.with_suffix(".log"), getattr(signal, _SIGNAL.value)
    pid = start(work.arguments(out), out, log)
    time.sleep(moment)
    if os.waitpid(pid, os.WNOHANG) != (0, 0):
        return None
    os.kill(pid, number)
    code, found = exit_code(pid), []
    if number == signal.SIGTERM:
        lines = log.read_text(errors="replace").replace("\r", "\n").split("\n")
        last = [line for line in lines if line.strip()][-1:]
        found += [] if code == 128 + number else [f"exit code {code}"]
        found += [] if last and last[0].startswith("stopped by") else [f"last line {last}"]
        found += ["traceback"] if any("Traceback" in line for line in lines) else []
    if code := exit_code(start(work.arguments(out), out, log)):
        return [*found, f"exit code {code} of the second start: {log.read_text()[-500:]}"]
    made = fingerprint(out)
    found += [f"temporary {name}" for name in made if ".tfdis-" in name and name not in expected]
    found += [f"other {n}" for n in sorted({*made, *expected}) if made.get(n) != expected.get(n)]
    return found


def main(_) -> None:
    for name in PRELOADED:
        __import__(name)
    moments = random.Random(_SEED.value)
    folder = Path(tempfile.mkdtemp(prefix="kills"))
    hit, fallen = dict.fromkeys(_WORKS.value, 0), dict.fromkeys(_WORKS.value, 0)
    try:
        prepare(folder / "shared")
        whole = {name: undisturbed(WORKS[name], folder, name) for name in _WORKS.value}
        for number in range(_TRIES.value):
            for name, (seconds, expected) in whole.items():
                out, moment = folder / name / str(number), seconds * moments.random()
                found = problems(WORKS[name], folder / "shared", out, moment, expected)
                hit[name] += found is not None
                fallen[name] += bool(found)
                for line in found or ():
                    print(f"{name} at {moment:.1f} of {seconds:.1f} s: {line}", flush=True)
                shutil.rmtree(out, ignore_errors=True)
            texts = [f"{name} {hit[name]}/{fallen[name]}" for name in whole]
            print(f"{number + 1}: {', '.join(texts)}", flush=True)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        print(f"{_SIGNAL.value}: {sum(hit.values())} hit, {sum(fallen.values())} fell")


def undisturbed(work: Work, folder: Path, name: str) -> tuple[float, dict[str, str]]:
    """(seconds that a work takes, what it makes)."""
    out = folder / name / "whole"
    out.mkdir(parents=True)
    work.begins_with(folder / "shared", out)
    begun = time.time()
    if exit_code(start(work.arguments(out), out, out.with_suffix(".log"))):
        raise RuntimeError(out.with_suffix(".log").read_text())
    return time.time() - begun, fingerprint(out)


if __name__ == "__main__":
    app.run(main)
