"""The engine on two nodes of this machine: every point once, whatever dies; the steps are files."""

import os
import signal
import subprocess
import sys
import time
import warnings
from pathlib import Path

import pytest

from tfdis.files.folder import held_folder, is_held
from tfdis.sweeps import engine
from tfdis.sweeps.engine import Resources, run_points, started
from tfdis.sweeps.folder import State
from tfdis.sweeps.work import Kind
from tfdis.sweeps.worker import Surroundings, work

ROOT = Path(__file__).resolve().parents[2]
pytestmark = [
    pytest.mark.filterwarnings("ignore::ResourceWarning"),  # Ray's processes outlive its objects.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture(scope="module")
def nodes():
    """A cluster of two nodes of one core each."""
    pytest.importorskip("ray")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from ray.cluster_utils import Cluster

        cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 1})
        cluster.add_node(num_cpus=1)
        yield cluster
        cluster.shutdown()


@pytest.fixture
def cluster(nodes):
    """The cluster's address."""
    return nodes.address


@pytest.fixture
def run(cluster, study, monkeypatch):
    """Runs the four letters; returns kind of outcome by name, and how often each was begun."""
    monkeypatch.setattr(engine, "_BUSY_SECONDS", 1.0)
    folder, points = study

    def run(do, watch=lambda outcome: None):
        def body(surroundings, path, point, steps, *needed):
            import pathlib

            from tfdis.sweeps.folder import StudyFolder
            from tfdis.sweeps.work import attempt

            def counted(folder, point, steps):
                with open(folder.at(point, "begun"), "a") as file:
                    file.write("x")
                do(folder, point)
                results = folder.at(point, "model", "results", "json")
                results.mkdir(parents=True)
                pathlib.Path(results, "train_results.json").write_text("{}")

            return attempt(StudyFolder(path), point, steps, counted)

        resources = Resources(cluster)
        with warnings.catch_warnings(), started(resources) as ray:
            warnings.simplefilter("ignore")
            outcomes = run_points(
                ray, folder, points, ("train",), resources, None, watch=watch, body=body
            )
        notes = {point.name: folder.at(point, "begun") for point in points}
        begun = {name: len(note.read_text()) for name, note in notes.items() if note.exists()}
        return {outcome.name: outcome.kind for outcome in outcomes}, begun

    return run


@pytest.mark.long
def test_every_point_is_done_once_and_after_what_it_needs(run, study):
    folder, points = study
    # One of them another process works on, and it is left to that.
    held, seen = held_folder(folder.at(points[1])), []
    held.__enter__()

    def watch(outcome):
        if outcome is not None:
            seen.append((outcome.name, outcome.kind))
            if seen[-1] == ("b", Kind.BUSY):
                held.__exit__(None, None, None)

    kinds, begun = run(lambda folder, point: None, watch)
    assert set(kinds.values()) == {Kind.DONE} and set(begun.values()) == {1}
    names = [name for name, kind in seen if kind is Kind.DONE]
    assert sorted(names) == ["a", "b", "c", "d"] and names.index("a") < names.index("d")
    assert ("b", Kind.BUSY) in seen
    assert {folder.state(point, ("train",)) for point in points} == {State.DONE}


@pytest.mark.long
def test_a_killed_worker_is_replaced_and_a_failure_stops_only_what_needs_it(run, study):
    def do(folder, point):
        import os
        import signal

        if point.name == "a":
            raise ValueError("Expected another letter. Received: a.")
        if point.name == "b" and len(folder.at(point, "begun").read_text()) < 3:
            os.kill(os.getpid(), signal.SIGKILL)

    _, begun = run(do)
    assert begun == {"a": 1, "b": 3, "c": 1}
    folder, points = study
    states = {point.name: folder.state(point, ("train",)) for point in points}
    assert states["a"] is State.FAILED
    assert folder.failure("a") == "Expected another letter. Received: a."
    assert {states["b"], states["c"]} == {State.DONE}


@pytest.mark.long
def test_the_points_of_a_node_that_is_lost_are_done_by_others(run, study, nodes):
    folder, points = study
    added = [nodes.add_node(num_cpus=1)]

    def wait_for_go(folder, point):
        import time

        while not (folder.path / "go").exists():
            time.sleep(0.1)

    def lose(outcome):
        if added and all(folder.state(p, ("train",)) is State.RUNNING for p in points[:3]):
            nodes.remove_node(added.pop(), allow_graceful=False)
            while all(is_held(folder.at(point)) for point in points[:3]):
                time.sleep(0.1)  # The worker outlives its node for a moment.
            (folder.path / "go").touch()

    kinds, begun = run(wait_for_go, lose)
    assert set(kinds.values()) == {Kind.DONE} and not added
    assert sorted(begun.values()) == [1, 1, 1, 2] and begun["d"] == 1


DRIVER = """
import sys
from pathlib import Path
from tests_body import body
from tfdis.sweeps.engine import Resources, run_points, started
from tfdis.sweeps.folder import StudyFolder

resources, folder = Resources(sys.argv[1]), StudyFolder(sys.argv[2])
with started(resources) as ray:
    run_points(ray, folder, folder.read(), ("train",), resources, None, body=body)
"""
BODY = """
def body(surroundings, path, point, steps, *needed):
    import time
    from tfdis.files.whole import write_text_whole
    from tfdis.sweeps.folder import StudyFolder
    from tfdis.sweeps.work import attempt

    def count(folder, point, steps):
        steps = folder.at(point, "steps")
        done = len(steps.read_text()) if steps.exists() else 0
        for number in range(done, 5):
            with open(steps, "a") as file:
                file.write(str(number))
            while number == 2 and not (folder.path / "go").exists():
                time.sleep(0.05)
        write_text_whole(folder.at(point, "model", "results", "json", "train_results.json"), "{}")

    return attempt(StudyFolder(path), point, steps, count)
"""


@pytest.mark.long
def test_a_command_that_is_killed_goes_on_where_its_points_are(cluster, study, tmp_path):
    folder, points = study
    (tmp_path / "tests_body.py").write_text(BODY)
    (tmp_path / "driver.py").write_text(DRIVER)
    command = [sys.executable, "driver.py", cluster, str(folder.path)]
    there = os.environ | {"PYTHONPATH": os.pathsep.join(map(str, (ROOT, *sys.path)))}
    with subprocess.Popen(
        command, cwd=tmp_path, env=there, stderr=subprocess.PIPE, text=True
    ) as first:
        while sum(folder.at(point, "steps").exists() for point in points) < 2:
            assert first.poll() is None, first.stderr.read()
            time.sleep(0.05)
        first.kill()
    while any(
        folder.is_held(point) for point in points
    ):  # Ray ends the workers of a driver that died.
        time.sleep(0.05)
    (folder.path / "go").touch()
    exec(BODY, names := {})
    resources = Resources(cluster)
    with warnings.catch_warnings(), started(resources) as ray:
        warnings.simplefilter("ignore")
        run_points(ray, folder, points, ("train",), resources, None, body=names["body"])
    assert {folder.at(point, "steps").read_text() for point in points} == {"01234"}


@pytest.mark.long
def test_a_signal_ends_the_running_points_and_takes_back_the_others(run, study):
    def slow(folder, point):
        import time

        for _ in range(6000):
            time.sleep(0.1)

    sent = []

    def stop(outcome):
        folder, points = study
        if not sent and folder.state(points[1], ("train",)) is State.RUNNING:
            sent.append(signal.SIGTERM)
            os.kill(os.getpid(), signal.SIGTERM)

    before = time.monotonic()
    with pytest.raises(KeyboardInterrupt, match="stopped by SIGTERM"):
        run(slow, stop)
    assert time.monotonic() - before < 60
    folder, points = study
    assert not any(is_held(folder.at(point)) for point in points)
    assert {folder.state(point, ("train",)) for point in points} == {State.WAITING}


@pytest.mark.long
def test_the_processes_that_got_ready_do_the_points(cluster, study, monkeypatch, tmp_path):
    def note_process(surroundings):
        import os
        import pathlib
        import time

        place, end = pathlib.Path(surroundings), time.monotonic() + 60
        (place / str(os.getpid())).touch()
        while len([*place.glob("[0-9]*")]) < 2 and time.monotonic() < end:
            time.sleep(0.1)  # Or one process would do all.

    def body(surroundings, path, point, steps, *needed):
        from tfdis.sweeps.work import Kind, Outcome

        note_process(surroundings)
        return Outcome(point.name, Kind.DONE)

    monkeypatch.setattr(engine, "get_ready", note_process)
    folder, points = study
    resources, place, handler = Resources(cluster), str(tmp_path), signal.getsignal(signal.SIGTERM)
    (tmp_path / "ready").mkdir()
    with warnings.catch_warnings(), started(resources) as ray:
        warnings.simplefilter("ignore")
        assert signal.getsignal(signal.SIGTERM) is handler  # And not one of Ray's.
        engine.warm_up(ray, resources, str(tmp_path / "ready"), 9)
        run_points(ray, folder, points, ("train",), resources, place, body=body)
    ready, used = os.listdir(tmp_path / "ready"), {p.name for p in tmp_path.glob("[0-9]*")}
    assert len(ready) == 2 and used == {*ready}


@pytest.mark.long
def test_points_that_are_refused_end_ray_with_what_gets_ready(cluster):
    with (
        warnings.catch_warnings(),
        pytest.raises(ValueError, match="refused"),
        started(Resources(cluster)) as ray,
    ):
        warnings.simplefilter("ignore")
        engine.warm_up(ray, Resources(cluster), None, 1)
        raise ValueError("refused")
    assert not ray.is_initialized()


@pytest.mark.parametrize(
    ("options", "message"),
    [({"cpus": 0}, "cpus_per_run of at least 1"), ({"gpus": -0.5}, "gpus_per_run of at least 0")],
)
def test_resources_that_make_no_sense_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        Resources(**options)


@pytest.mark.long
def test_a_run_that_no_node_can_start_is_refused(cluster):
    with (
        pytest.raises(ValueError, match="node with 64 cores.*Received nodes with 1 and 0; 1 and 0"),
        started(Resources(cluster, cpus=64)),
    ):
        pass


@pytest.mark.parametrize("address", ["127.0.0.1:9", "ray://127.0.0.1:9", "nonsense"])
def test_a_cluster_that_cannot_be_reached_is_one_line(address):
    message = f"Expected a Ray cluster at {address}.*Fix: `ray start"
    with pytest.raises(ConnectionError, match=message), started(Resources(address)):
        pass


def test_a_worker_with_another_version_is_refused(study):
    folder, points = study
    outcome = work(Surroundings("9.9", ".", (), (), 1), str(folder.path), points[0], ("train",))
    assert outcome.kind is Kind.FAILED
    assert "Expected tfdis 9.9 on every node" in outcome.error and "Fix: install" in outcome.error
    assert not folder.points_dir.exists()


@pytest.mark.long
def test_without_ray_one_line_says_how_to_get_it():
    code = (
        "import sys; sys.modules['ray'] = None\n"
        "from tfdis.sweeps.engine import import_ray\nimport_ray()"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert result.stderr.splitlines()[-1].startswith("ImportError: Expected ray, which")
    assert "pip install 'tfdis[study]'" in result.stderr
