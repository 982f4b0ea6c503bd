"""disentanglement_lib runs here, and nobody else notices."""

import importlib.metadata
import os
import sys
import textwrap

import pytest
from command_server import ROOT

import tfdis.dlib
from tfdis.dlib.stack import importing


@pytest.fixture
def run_code(_command_client, tmp_path):
    """Runs code in a process of its own, a fork of one that has imported TensorFlow alone."""

    def run(code):
        script = tmp_path / "script.py"
        start = f"import sys; sys.path.insert(0, {str(ROOT)!r})\n"
        script.write_text(start + textwrap.dedent(code))
        return _command_client.run(script, [], tmp_path, {**os.environ}, tmp_path)

    return run


def test_install_twice_adds_one_finder():
    tfdis.dlib.install()
    tfdis.dlib.install()
    assert sum(isinstance(finder, importing._DlibFinder) for finder in sys.meta_path) == 1


@pytest.mark.parametrize("version", ["1.4", "2.0", None])
def test_another_version_is_refused(monkeypatch, version):
    def find_version(name):
        if version is None:
            raise importlib.metadata.PackageNotFoundError(name)
        return version

    monkeypatch.setattr(importlib.metadata, "version", find_version)
    monkeypatch.setattr(sys, "meta_path", list(sys.meta_path))
    sys.meta_path[:] = [f for f in sys.meta_path if not isinstance(f, importing._DlibFinder)]
    received = "it is not installed" if version is None else f"version {version}"
    with pytest.raises(ImportError, match=f"Received: {received}.*pip install --no-deps") as info:
        tfdis.dlib.install()
    assert "\n" not in str(info.value)


@pytest.mark.long
def test_install_after_dlib_was_imported_is_refused(run_code):
    result = run_code(
        """
        import disentanglement_lib.data.ground_truth.util
        import tfdis.dlib
        tfdis.dlib.install()
        """
    )
    assert result.returncode == 1
    assert "before disentanglement_lib is imported" in result.stderr


@pytest.mark.long
def test_everybody_else_sees_the_real_modules(run_code):
    result = run_code(
        """
        import builtins, sys
        import gin, numpy as np
        from disentanglement_lib.data.ground_truth import ground_truth_data
        import tfdis.dlib
        before = (gin.configurable, builtins.__import__, set(vars(gin)))
        tfdis.dlib.install()
        from disentanglement_lib.evaluation import evaluate
        from disentanglement_lib.postprocessing import postprocess
        import disentanglement_lib.data.ground_truth.dummy_data
        dummy_data = disentanglement_lib.data.ground_truth.dummy_data
        assert dummy_data.ground_truth_data is ground_truth_data  # Imported before, and needs nothing.
        assert evaluate.gin is gin and evaluate.hub.eval_function_for_module
        assert (gin.configurable, builtins.__import__, set(vars(gin))) == before
        assert not hasattr(np, "float_")
        assert "tensorflow.contrib" not in sys.modules
        assert np.float64 is evaluate.np.float_
        """
    )
    assert result.returncode == 0, result.stderr


def test_dlib_s_own_loader_registry_is_never_run():
    tfdis.dlib.install()
    from disentanglement_lib.data.ground_truth import named_data

    from tfdis.data.named import get_named_ground_truth_data

    assert named_data.get_named_ground_truth_data is get_named_ground_truth_data
    assert not hasattr(named_data, "dsprites")


def test_denylist_of_dlib_s_configurables_is_kept():
    import gin

    tfdis.dlib.install()
    import disentanglement_lib.evaluation.metrics.mig  # noqa: F401

    gin.parse_config("mig.num_train = 3")
    with pytest.raises(ValueError, match="random_state"):
        gin.parse_config("mig.random_state = 3")


@pytest.mark.parametrize(
    "module",
    [
        "config.unsupervised_study_v1.sweep",
        "evaluation.metrics.unified_scores",
        "utils.aggregate_results",
        "visualize.visualize_model",
    ],
)
def test_further_modules_import(module):
    tfdis.dlib.install()
    importlib.import_module(f"disentanglement_lib.{module}")


def test_dlib_finds_its_own_files():
    tfdis.dlib.install()
    from disentanglement_lib.utils import resources

    folder = "config/unsupervised_study_v1/metric_configs"
    found = sorted(resources.get_files_in_folder(folder))
    assert len(found) == 9
    assert resources.get_file(f"{folder}/mig.gin") in found


def test_what_is_gone_says_so():
    from tfdis.dlib.stack.compat import STAND_INS

    with pytest.raises(AttributeError, match="tensorflow.contrib has no 'slim'"):
        _ = STAND_INS["tensorflow.contrib"]().slim


@pytest.mark.long
def test_its_own_training_code_runs_beside_the_models_of_tfdis(run_code, tmp_path):
    """Both have registered `vae`, `model` and the optimisers, and Keras 3 is loaded already."""
    result = run_code(
        f"""
        import gin, tfdis.dlib, tfdis.training.train
        from tfdis.configuration import configured
        tfdis.dlib.install()
        from disentanglement_lib.methods.unsupervised import train
        from disentanglement_lib.utils import resources
        file = resources.get_file("config/tests/methods/unsupervised/train_test.gin")
        train.train_with_gin({str(tmp_path / "run")!r}, gin_config_files=[file])
        assert not gin.config_is_locked() and gin.config_str() == ""
        with configured(bindings=["vae.beta = 3."]):
            assert gin.query_parameter("tfdis.models.vae.beta") == 3
        """
    )
    assert result.returncode == 0, result.stderr
    assert {"tfhub", "results"} <= {path.name for path in (tmp_path / "run").iterdir()}
