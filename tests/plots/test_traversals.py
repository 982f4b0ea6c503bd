"""Traversals: which latents are shown, what is decoded, what is written."""

import numpy as np
import pytest
import tensorflow_probability as tfp
from PIL import Image

from tfdis.plots.animation import _HEADER
from tfdis.plots.traversals import (
    animate_traversals,
    mean_kl,
    plot_traversals,
    select_latents,
)

# Latent 1 says most, then 3, then 0; 2 says nothing.
SCALES = np.array([0.5, 3.0, 0.0, 1.0], np.float32)
IMAGES = np.linspace(0, 1, 6 * 8 * 8, dtype=np.float32).reshape(6, 8, 8, 1)


def encoder(images):
    level = images.mean(axis=(1, 2, 3))[:, None]
    return level * SCALES, np.zeros([len(images), 4], np.float32)


class Decoder:
    """Remembers the codes; every pixel's logit is the sum of the code."""

    def __init__(self, channels=1):
        self.codes = []
        self._channels = channels

    def __call__(self, codes):
        self.codes.append(codes.copy())
        return np.broadcast_to(
            codes.sum(axis=1)[:, None, None, None], [len(codes), 8, 8, self._channels]
        )


def test_mean_kl_equals_that_of_the_distributions():
    random_state = np.random.RandomState(0)
    mean, log_var = random_state.normal(size=[2, 50, 3])
    normal = tfp.distributions.Normal(mean, np.exp(log_var / 2))
    expected = normal.kl_divergence(tfp.distributions.Normal(np.float64(0), 1)).numpy()
    np.testing.assert_allclose(mean_kl(mean, log_var), expected.mean(axis=0), rtol=1e-10)


def test_select_latents_orders_and_leaves_out():
    kl = np.array([0.02, 3.0, 0.0, 1.0])
    assert select_latents(kl).tolist() == [1, 3]
    assert select_latents(kl, ignored_below=0.02).tolist() == [1, 3, 0]
    assert select_latents(kl, ignored_below=0).tolist() == [1, 3, 0, 2]
    assert select_latents(kl, ignored_below=9).tolist() == [1, 3, 0, 2]


def test_rows_move_one_latent_and_keep_the_others(tmp_path):
    decoder = Decoder()
    path = plot_traversals(
        encoder, decoder, IMAGES, tmp_path / "t.png", ignored_below=0, num_columns=5
    )
    code = encoder(IMAGES)[0][0]
    assert [int(np.argmax(np.ptp(codes, axis=0))) for codes in decoder.codes] == [1, 3, 0, 2]
    for latent, codes in zip([1, 3, 0, 2], decoder.codes, strict=True):
        np.testing.assert_allclose(codes[:, latent], [-2, -1, 0, 1, 2])
        others = np.delete(np.arange(4), latent)
        np.testing.assert_array_equal(codes[:, others], np.tile(code[others], [5, 1]))
    assert path == str(tmp_path / "t.png")
    with Image.open(path) as picture:
        assert np.asarray(picture).min() < 128


def test_ignored_latents_are_left_out(tmp_path):
    decoder = Decoder()
    plot_traversals(encoder, decoder, IMAGES, tmp_path / "t.png", ignored_below=1e-3)
    assert len(decoder.codes) == 3


def test_every_latent_ignored_still_gives_a_picture(tmp_path):
    decoder = Decoder()
    plot_traversals(encoder, decoder, IMAGES * 0, tmp_path / "t.png")
    assert len(decoder.codes) == 4


@pytest.mark.long
@pytest.mark.parametrize(
    ("channels", "activation", "shown"),
    [
        (1, "logits", lambda x: 1 / (1 + np.exp(-x))),
        (3, "tanh", lambda x: np.tanh(x) / 2 + 0.5),
    ],
)
def test_animation_goes_there_and_back(channels, activation, shown, tmp_path):
    images = np.repeat(IMAGES * 0, channels, axis=-1)
    path = animate_traversals(
        encoder,
        Decoder(channels),
        images,
        tmp_path / "t.gif",
        ignored_below=0,
        activation=activation,
    )
    levels = []
    scale = 13  # Cells of 8 + 2 pixels are shown about 128 pixels wide.
    with Image.open(path) as animation:
        assert animation.n_frames == 40
        # 3 images down below the labels; the image and 4 latents across.
        assert animation.size == (scale * (5 * 10 - 2), _HEADER + scale * (3 * 10 - 2))
        for frame in range(40):
            animation.seek(frame)
            levels.append(np.asarray(animation.convert("L"))[_HEADER + 4, scale * 14])
    values = np.concatenate([np.linspace(-2, 2, 21), np.linspace(1.8, -1.8, 19)])
    np.testing.assert_allclose(levels, 255 * shown(values), atol=3)


@pytest.mark.parametrize("draw", [plot_traversals, animate_traversals])
def test_nothing_is_overwritten_and_nothing_is_left_half(draw, tmp_path):
    path = tmp_path / "t.gif"
    path.write_text("mine")
    with pytest.raises(FileExistsError, match="overwrite"):
        draw(encoder, Decoder(), IMAGES, path)
    with pytest.raises(ValueError, match="Received: 'relu'"):
        draw(encoder, Decoder(), IMAGES, path, activation="relu", overwrite=True)
    assert path.read_text() == "mine"
    draw(encoder, Decoder(), IMAGES, path, overwrite=True)
    with Image.open(path) as picture:
        assert picture.size[0] > 0
    assert [p.name for p in tmp_path.iterdir()] == ["t.gif"]
