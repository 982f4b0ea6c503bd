"""The grids of three papers of disentanglement_lib's authors: their size, their lines, and that they train."""

import inspect

import gin
import pytest
from one_of_each_kind import case

from tfdis import registry
from tfdis.configuration import configured
from tfdis.dlib.studies import find_study, model_configs
from tfdis.sweeps.build import build_points
from tfdis.sweeps.check import load_names, training_files
from tfdis.sweeps.folder import State, StudyFolder
from tfdis.sweeps.work import Kind, attempt

# Points of one seed, and seeds.
STUDIES = {
    "jmlr_study": (8 * 36, 50),
    "weakly_supervised_study": (5 * 4 * 2 * 6, 10),
    "semi_supervised_study": (4 * 2 * 5 * 36, 1),
    "semi_supervised_study_imprecise": (4 * 3 * 2 * 5 * 36, 1),
}
SMALL = (
    "dataset.name = 'dsprites_hearts'",
    "model.training_steps = 2",
    "model.eval_steps = 1",
    "model.batch_size = 4",
    "encoder.encoder_fn = @mlp_encoder",
    "decoder.decoder_fn = @mlp_decoder",
    "mlp_encoder.hidden_units = (8,)",
    "mlp_decoder.hidden_units = (8,)",
)


@pytest.mark.parametrize("name", STUDIES)
def test_a_study_has_its_points_and_gin_reads_them(name):
    number, num_seeds = STUDIES[name]
    points = build_points(name, seeds=range(2))
    assert len(points) == 2 * number
    assert len({point.training for point in points}) == len(points)
    seeds = inspect.signature(registry.STUDIES[name]).parameters["seeds"].default
    assert seeds == range(num_seeds)
    load_names()
    for point in points[:: number // 9]:
        with configured(training_files(point), point.bindings):
            for line in point.bindings:
                key, _, value = line.partition(" = ")
                if not value.startswith("@"):
                    assert repr(gin.query_parameter(key)) == value


def test_the_unsupervised_models_are_those_of_disentanglement_lib():
    """Of the seven data sets that its own study has; its 36 models of each are in another order."""
    study = find_study("unsupervised_study_v1")
    left_out = ("model.random_seed", "model.model_num", "encoder.", "decoder.", "model.name")

    def lines(bindings):
        return frozenset(
            tuple(line.replace('"', "'").split(" = "))
            for line in bindings
            if not line.startswith(left_out)
        )

    theirs = {lines(b) for b, _ in model_configs(study, range(0, 12600, 50))}
    ours = [p for p in build_points("jmlr_study", seeds=range(1)) if "mpi3d" not in p.name]
    as_numbers = {
        frozenset((k, v.removesuffix(".0")) for k, v in config)
        for config in map(lines, (point.bindings for point in ours))
    }
    assert {
        frozenset((k, v.removesuffix(".0")) for k, v in config) for config in theirs
    } == as_numbers
    assert len(as_numbers) == len(ours) == 7 * 36


@pytest.mark.long
@pytest.mark.usefixtures("eagerly")
@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("jmlr_study", "factor_vae,gamma=10"),
        case(False, "weakly_supervised_study", "mlvae_argmax,k=-1,beta=4"),
        case(False, "weakly_supervised_study", "group_vae_labels,k=1,beta=4"),
        ("semi_supervised_study", "s2_dip_vae_ii,lambda_od=5,gamma_sup=20,perfect=100"),
        case(
            False, "semi_supervised_study_imprecise", "s2_beta_tc_vae,beta=4,gamma_sup=6,noisy=1000"
        ),
    ],
)
def test_a_sample_trains(name, part, tmp_path):
    points = [p for p in build_points(name, gin_bindings=SMALL, seeds=range(1)) if part in p.name]
    folder = StudyFolder(tmp_path)
    outcome = attempt(folder, points[0], ("train",))
    assert outcome.kind is Kind.DONE, outcome.error
    assert folder.is_trained(points[0].name)
    assert folder.state(points[0]) is not State.DONE  # Its scores are missing.
