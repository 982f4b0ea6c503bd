"""Trains and exports a weakly supervised model that a gin file in disentanglement_lib's dialect describes.

dlib_train_weakly_supervised --model_dir=runs/adagvae --gin_config=adagvae.gin

Here adagvae.gin has, besides what every model has: model.model = @group_vae_argmax(),
group_vae_argmax.beta = 1., dynamics.k = -1. The model learns from pairs of images. Other models are
@group_vae_labels(), @mlvae_argmax() and @mlvae_labels(). The same command started again goes on
where it was stopped.
"""

from tfdis.cli.dlib_train import define_flags, train_as_flags_say
from tfdis.cli.run import run_main


def _main(_) -> None:
    from tfdis.dlib.weak import train_weakly_supervised

    train_as_flags_say(train_weakly_supervised)


def main() -> None:
    """Runs the command."""
    run_main(_main, define_flags)
