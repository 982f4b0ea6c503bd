"""Speed of the engine of bin/study: empty points, and short equal runs against bare processes.

python benchmarks/study.py --empty=1000         seconds of the engine for each point that does nothing
python benchmarks/study.py --empty=100000 --nofolders    the same without folders: what the command can do
python benchmarks/study.py --runs=8 --steps=600     equal runs by bin/study, one after the other, two by two
"""

import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from absl import app, flags

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
FLAGS = flags.FLAGS
flags.DEFINE_integer("empty", 0, "Number of points that do nothing.")
flags.DEFINE_boolean(
    "folders", True, "Whether points that do nothing have folders, locks and logs."
)
flags.DEFINE_integer("runs", 0, "Number of runs.")
flags.DEFINE_integer("steps", 600, "Steps of each run.")
flags.DEFINE_list("ways", ["study", "alone", "pairs"], "Ways to do the runs, each timed by itself.")
flags.DEFINE_list("metrics", [], "Metrics that bin/study computes as well.")
flags.DEFINE_string("gin_file", "gin/betatcvae.gin", "What they train.")
flags.DEFINE_multi_string("gin_bindings", ["DATASET = 'dsprites_hearts'"], "Further gin lines.")


def time_empty_points(number: int, folder: Path) -> None:
    from tfdis.sweeps import engine
    from tfdis.sweeps.engine import Resources, run_points, started
    from tfdis.sweeps.folder import StudyFolder
    from tfdis.sweeps.point import Point
    from tfdis.sweeps.progress import Progress, count_states

    def nothing(surroundings, path, point, steps, *needed):
        from tfdis.sweeps.work import Kind, Outcome

        return Outcome(point.name, Kind.DONE)

    def body(surroundings, path, point, steps, *needed):
        from tfdis.sweeps.folder import StudyFolder
        from tfdis.sweeps.work import attempt

        return attempt(StudyFolder(path), point, steps, lambda folder, point, steps: None)

    if not FLAGS.folders:
        # New processes, one for every twenty points, would be most of the time.
        engine._POINTS_OF_A_PROCESS = 0
    study, points = StudyFolder(folder), [Point(str(i)) for i in range(number)]
    start = time.perf_counter()
    study.write("empty", points)
    print(f"noting {number} points: {time.perf_counter() - start:.2f} s")
    start = time.perf_counter()
    count_states(study, points, ("train",))
    print(f"looking how far they are: {time.perf_counter() - start:.2f} s", flush=True)
    resources = Resources()
    start = time.perf_counter()
    with started(resources) as ray:
        print(f"starting Ray: {time.perf_counter() - start:.1f} s")
        start = time.perf_counter()
        watch, chosen = Progress(study, points), body if FLAGS.folders else nothing
        before, own = resident_megabytes(), time.process_time()
        outcomes = run_points(ray, study, points, ("train",), resources, None, watch, chosen)
        seconds, own = time.perf_counter() - start, time.process_time() - own
    done = sum(outcome.kind == "done" for outcome in outcomes)
    print(f"{done} empty points: {seconds:.1f} s, {1000 * seconds / number:.2f} ms each,", end=" ")
    print(f"of which the command computes {1000 * own / number:.2f} ms")
    print(f"memory of the command: {before:.0f} MB before, {resident_megabytes():.0f} MB after")


def resident_megabytes() -> float:
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(dict(line.split(":", 1) for line in lines)["VmRSS"].split()[0]) / 1e3


def time_runs(number: int, folder: Path) -> None:
    bindings = [*FLAGS.gin_bindings, f"model.training_steps = {FLAGS.steps}"]
    described = [f"--gin_file={FLAGS.gin_file}", *(f"--gin_bindings={line}" for line in bindings)]
    seconds = {}

    def timed(name, call):
        start = time.perf_counter()
        call()
        seconds[name] = time.perf_counter() - start
        print(
            f"{name}: {seconds[name]:.0f} s, {3600 * number / seconds[name]:.1f} models an hour",
            flush=True,
        )

    def start_train(seed, kind):
        flags = [
            f"--gin_bindings=model.random_seed = {seed}",
            f"--model_dir={folder / kind / str(seed)}",
        ]
        if kind == "pairs":
            flags.append("--gin_bindings=runtime.threads = 1")
        return subprocess.Popen([sys.executable, ROOT / "bin/train", *described, *flags], **quiet)

    def one_after_the_other():
        for seed in range(number):
            start_train(seed, "alone").wait()

    def two_by_two():
        for seed in range(0, number, 2):
            pair = [start_train(s, "pairs") for s in range(seed, min(seed + 2, number))]
            for process in pair:
                process.wait()

    def study():
        flags = [f"--seeds=0:{number}", f"--output_dir={folder / 'study'}"]
        flags += [f"--metrics={','.join(FLAGS.metrics)}"] if FLAGS.metrics else ["--steps=train"]
        process = subprocess.Popen(
            [sys.executable, ROOT / "bin/study", *described, *flags], **quiet
        )
        largest = watch_workers(process)
        if process.returncode:
            sys.exit((folder / "log.txt").read_text())
        for pid, peak in largest.items():
            print(
                f"worker {pid}: at most {peak['VmHWM']:.0f} MB, of which its own {peak['RssAnon']:.0f}"
            )

    with open(folder / "log.txt", "w") as log:
        quiet = {"stdout": log, "stderr": log, "cwd": ROOT}
        if "study" in FLAGS.ways:
            timed("bin/study", study)
        if "alone" in FLAGS.ways:
            timed("bin/train, one after the other, all cores", one_after_the_other)
        if "pairs" in FLAGS.ways:
            timed("bin/train, two at a time, one core each", two_by_two)


def watch_workers(process: subprocess.Popen) -> dict[str, dict[str, float]]:
    """Largest memory in MB of every process that has done a point, until the command ends."""
    largest = {}
    while process.poll() is None:
        for place in Path("/proc").glob("[0-9]*"):
            try:
                if b"ray::work" in (place / "cmdline").read_bytes():
                    lines = (place / "status").read_text().splitlines()
                    sizes = dict(line.split(":", 1) for line in lines)
                    found = {
                        name: int(sizes[name].split()[0]) / 1e3 for name in ("VmHWM", "RssAnon")
                    }
                    before = largest.setdefault(place.name, found)
                    largest[place.name] = {n: max(before[n], found[n]) for n in found}
            except OSError:
                continue  # It has ended.
        time.sleep(0.5)
    return largest


def main(_) -> None:
    folder = Path(tempfile.mkdtemp())
    try:
        if FLAGS.empty:
            time_empty_points(FLAGS.empty, folder / "empty")
        if FLAGS.runs:
            time_runs(FLAGS.runs, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    app.run(main)
