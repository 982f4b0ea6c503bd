"""Trains and exports a semi-supervised model that a gin file in disentanglement_lib's dialect describes.

dlib_train_semi_supervised --model_dir=runs/s2 --gin_config=s2_vae.gin

Here s2_vae.gin has, besides what every model has: model.model = @s2_vae, s2_vae.beta = 1.,
s2_vae.gamma_sup = 16., supervised_loss.loss_fn = @xent, annealer.anneal_fn = @fixed,
annealer.iteration_threshold = 1, labeller.labeller_fn = @perfect_labeller, the seeds model.model_seed,
model.unsupervised_data_seed and model.supervised_data_seed, model.num_labelled_samples = 100 and
model.train_percentage = 0.9. Other models are @s2_factor_vae, @s2_dip_vae, @s2_beta_tc_vae,
@s2_mine_vae and @supervised. The same command started again goes on where it was stopped.
"""

from tfdis.cli.dlib_train import define_flags, train_as_flags_say
from tfdis.cli.run import run_main


def _main(_) -> None:
    from tfdis.dlib.semi import train_semi_supervised

    train_as_flags_say(train_semi_supervised)


def main() -> None:
    """Runs the command."""
    run_main(_main, define_flags)
