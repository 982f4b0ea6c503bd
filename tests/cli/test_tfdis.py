"""`tfdis`: lists what there is, explains it, and is every other command."""

import re
import subprocess

import pytest
from command_server import ROOT

from tfdis import registry
from tfdis.cli.catalogue import KINDS, explanation, files_of, listing, reference_of, summary_of
from tfdis.cli.tfdis import command_names


def test_alone_it_lists_every_command(start_command, tmp_path):
    result = start_command("tfdis", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    shown = re.findall(r"^  (\w+) +\S.*\.$", result.stdout, re.M)
    assert shown == command_names()
    assert "train" in shown and "tfdis" not in shown


@pytest.mark.long
@pytest.mark.parametrize("kind", KINDS)
def test_everything_of_a_kind_is_listed_with_a_sentence(kind, start_command, tmp_path):
    result = start_command("tfdis", "list", kind, cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    rows = re.findall(r"^  (\w+) {2,}\S", result.stdout, re.M)
    assert rows[0] == "name" and rows[1:] == list(KINDS[kind]())


@pytest.mark.long
def test_a_model_is_explained_with_its_gin_parameters(start_command, tmp_path):
    result = start_command("tfdis", "explain", "beta_tc_vae", cwd=tmp_path)
    assert "arXiv:1802.04942" in result.stdout
    assert re.search(r"beta_tc_vae\.beta +\(has to be bound\)", result.stdout)
    assert "beta_tc_vae.estimator = 'mws'" in result.stdout
    # What the root gives is not gin's to bind.
    assert "beta_tc_vae.encoder" not in result.stdout


def test_everything_can_be_explained():
    assert "from_files.factors = None" in explanation("from_files")
    root = explanation("model")
    assert "model.time_budget_hours = None" in root
    assert "model.precision  (runtime.precision unless it is bound)" in root
    assert "AdamOptimizer.learning_rate = 0.001" in explanation("AdamOptimizer")
    for names in KINDS.values():
        for name in names():
            assert len(explanation(name)) > len(name) + 20, name
    assert registry.METRICS["mig"].about in explanation("mig")


def test_a_metric_of_disentanglement_lib_is_explained_with_what_its_gin_file_binds(monkeypatch):
    said = explanation("mig")
    assert "gin parameters, as bound in unsupervised_study_v1/metric_configs/mig.gin" in said
    assert "    mig.num_train = 10000\n" in said and "    discretizer.num_bins = 20\n" in said
    assert "evaluation_fn" not in said and "dataset.name" not in said

    def not_installed(path):
        raise FileNotFoundError(path)

    monkeypatch.setattr("tfdis.dlib.configs.find_config", not_installed)
    assert "metric_configs/mig.gin" in explanation("mig")


def test_options_are_those_of_some_rooms_whatever_else_is_imported():
    registry.load("tfdis.dlib.reasoning")
    assert "model" in KINDS["options"]() and "abstract_reasoning" not in KINDS["options"]()


def test_a_data_set_is_described_with_how_its_files_are_got(tmp_path, monkeypatch, capsys):
    """Those to be put somewhere by hand are missed there, and found there."""
    monkeypatch.setenv("COLUMNS", "300")
    monkeypatch.setenv("DISENTANGLEMENT_LIB_DATA", str(tmp_path))
    places = registry.DATA_SETS.facts("place")
    assert {"celeba", "isaac3d", "kitti_masks", "sprites"} <= places.keys()
    for name, place in places.items():
        assert files_of(name) == f"by hand: $DISENTANGLEMENT_LIB_DATA/{place}"
        with pytest.raises(FileNotFoundError, match=place):
            registry.DATA_SETS[name]()
    (tmp_path / places["celeba"]).mkdir(parents=True)
    listing("data")
    said = {line.split()[0]: line for line in capsys.readouterr().out.splitlines() if line.split()}
    assert said["celeba"].split()[-1] == "there" and "by hand" in said["sprites"]
    assert files_of("shapes3d") == "bin/download_data shapes3d"
    assert files_of("dsprites_full") == "re-rendered, or bin/download_data dsprites_full"
    assert files_of("arm3d_toy") == "drawn by MuJoCo" and not files_of("xysquares")


@pytest.mark.parametrize("kind", KINDS)
def test_a_narrow_terminal_cuts_nothing_off(kind, monkeypatch, capsys):
    monkeypatch.setenv("COLUMNS", "80")
    listing(kind)
    assert "…" not in capsys.readouterr().out


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "zoo"])
def test_a_sentence_tells_what_a_name_is_and_not_that_it_is_built(kind):
    sentences = {name: summary_of(found) for name, found in KINDS[kind]().items()}
    assert len({*sentences.values()}) == len(sentences)
    assert not [name for name, text in sentences.items() if text.startswith(("Builds", "Makes"))]


def test_the_reference_of_a_data_set_is_that_of_its_class():
    assert "arXiv:1411.7766" in reference_of(registry.DATA_SETS["celeba"])
    assert not reference_of(registry.DATA_SETS["from_tfds"])


def test_it_is_every_other_command(start_command, tmp_path):
    result = start_command("tfdis", "download_data", "--list", "cars3d", cwd=tmp_path)
    assert result.returncode == 0 and "cars3d" in result.stdout


@pytest.mark.long
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["lst", "models"], "Received: lst"),
        (["list"], "one of models, terms"),
        (["list", "modls"], "Received: modls"),
        (["explain", "beta_tc_va"], "did you mean beta_tc_vae"),
        (["completion"], "the name of a shell, bash. Received: nothing"),
        (["completion", "tcsh"], "Expected tfdis completion bash. Received: tcsh"),
    ],
)
def test_bad_input_is_one_line(arguments, message, start_command, tmp_path):
    result = start_command("tfdis", *arguments, cwd=tmp_path)
    assert result.returncode == 1 and "Traceback" not in result.stderr
    assert message in result.stderr


def test_bash_completes_commands_kinds_flags_and_files(start_command, tmp_path):
    script = start_command("tfdis", "completion", "bash", cwd=tmp_path).stdout
    (tmp_path / "completion").write_text(script)
    (tmp_path / "own.gin").touch()

    def completed(*words):
        quoted = " ".join(f"'{word}'" for word in words)
        lines = f"""source completion
            COMP_WORDS=('{ROOT}/bin/tfdis' {quoted}); COMP_CWORD={len(words)}
            _tfdis; echo "${{COMPREPLY[@]}}" """
        result = subprocess.run(["bash", "-c", lines], cwd=tmp_path, capture_output=True, text=True)
        assert not result.stderr
        return set(result.stdout.split())

    assert completed("") == {"list", "explain", "completion", *command_names()}
    assert completed("tr") == {"train"} and completed("completion", "") == {"bash"}
    assert completed("list", "") == {*KINDS}
    assert completed("study", "--gin") == {"--gin_file", "--gin_bindings"}
    assert completed("evaluate", "--overw") == {"--overwrite"}
    assert completed("train", "--gin_file", "=", "o") == {"own.gin"}
    assert completed("train", "--gin_file", "=") == {"own.gin", "completion"}
