"""Every gin name of disentanglement_lib, walked in its source, has a counterpart here, with its parameters."""

import ast
import importlib.util
import inspect
from pathlib import Path

import gin
import pytest

from tfdis import registry
from tfdis.sweeps.check import load_names

DLIB = "disentanglement_lib"
# Name -> why it has no counterpart.
WITHOUT_COUNTERPART = {"export_as_tf_hub": "it takes no option"}
# Names of its repository that its package lacks; some of their parameters.
OF_THE_REPOSITORY = {
    "annealer": ["anneal_fn", "iteration_threshold"],
    "bin_labeller": ["num_bins"],
    "dynamics": ["k"],
    "embed": ["sigma", "use_order"],
    "group_vae": ["beta"],
    "group_vae_argmax": ["beta"],
    "group_vae_labels": ["beta"],
    "l2": ["learn_scale"],
    "labeller": ["labeller_fn"],
    "mlvae": ["beta"],
    "mlvae_argmax": ["beta"],
    "mlvae_labels": ["beta"],
    "model": ["num_labelled_samples", "train_percentage", "model_seed", "supervised_data_seed"],
    "noisy_labeller": ["prob_random"],
    "partial_labeller": ["num_observed_factors"],
    "s2_beta_tc_vae": ["beta", "gamma_sup"],
    "s2_dip_vae": ["lambda_od", "lambda_d_factor", "gamma_sup", "dip_type"],
    "s2_factor_vae": ["gamma", "gamma_sup"],
    "s2_mine_vae": ["beta", "gamma_sup"],
    "s2_vae": ["beta", "gamma_sup"],
    "supervised_loss": ["loss_fn"],
    "udr_sklearn": [
        "num_data_points",
        "correlation_matrix",
        "filter_low_kl",
        "include_raw_correlations",
    ],
    "weak_loss": ["loss_fn"],
    "validation": ["validation_fn", "num_labelled_samples", "random_seed"],
    **dict.fromkeys(
        ("cov", "fine_tune", "fixed", "anneal", "mine", "perfect_labeller", "permuted_labeller")
        + ("supervised", "xent"),
        [],
    ),
}


def walked_names(source):
    """Yields name and bindable parameters of everything that a file makes a gin configurable."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            continue
        for decorator in node.decorator_list:
            call = decorator if isinstance(decorator, ast.Call) else None
            if ast.unparse(call.func if call else decorator) != "gin.configurable":
                continue
            literals = {k.arg: ast.literal_eval(k.value) for k in (call.keywords if call else [])}
            name = ast.literal_eval(call.args[0]) if call and call.args else node.name
            hidden = {"self", "cls", *literals.get("blacklist", ())}
            shown = literals.get("whitelist", _parameters(node))
            yield name, [p for p in shown if p not in hidden]


def _parameters(node):
    if isinstance(node, ast.ClassDef):
        found = [n for n in node.body if getattr(n, "name", "") == "__init__"]
        return _parameters(found[0]) if found else []
    return [argument.arg for argument in (*node.args.args, *node.args.kwonlyargs)]


def _walked():
    root = Path(importlib.util.find_spec(DLIB).submodule_search_locations[0])
    files = [path for path in sorted(root.rglob("*.py")) if not path.stem.endswith("_test")]
    return dict(pair for path in files for pair in walked_names(path.read_text()))


@pytest.fixture(scope="module")
def known():
    """Name -> parameters that gin binds, of all that is registered here; tfdis's where both have one."""
    load_names()
    registry.load(
        "tfdis.dlib.reason", "tfdis.dlib.validation_options", "tfdis.evaluation.udr_models"
    )
    entries = sorted(gin.config._REGISTRY.items(), key=lambda item: item[0].startswith("tfdis."))
    return {selector.rpartition(".")[2]: _bindable(entry) for selector, entry in entries}


def _bindable(entry):
    if entry.allowlist:
        return set(entry.allowlist)
    return set(inspect.signature(entry.wrapped).parameters)


def missing_names(wanted, known):
    """Names, and parameters as `name.parameter`, that are wanted and not known."""
    names = {name for name in wanted if name not in known}
    return names | {
        f"{name}.{parameter}"
        for name in set(wanted) - names
        for parameter in wanted[name]
        if parameter not in known[name]
    }


def test_every_name_of_the_package_has_a_counterpart(known):
    walked = _walked()
    assert len(walked) > 60 and "pgm" in walked and walked["vae"] == ["beta"]
    assert missing_names(walked, known) == set(WITHOUT_COUNTERPART)


def test_every_name_of_the_repository_alone_has_a_counterpart(known):
    assert missing_names(OF_THE_REPOSITORY, known) == set()


def test_a_name_that_is_missing_is_seen():
    source = '@gin.configurable("weak_loss", blacklist=["x"])\ndef f(x, c_max, gamma=1):\n    pass'
    walked = dict(walked_names(source))
    assert walked == {"weak_loss": ["c_max", "gamma"]}
    assert missing_names(walked, {}) == {"weak_loss"}
    assert missing_names(walked, {"weak_loss": {"gamma"}}) == {"weak_loss.c_max"}
