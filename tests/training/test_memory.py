"""Batches that cannot fit are refused before anything is allocated."""

import pytest

from tfdis import models
from tfdis.training import memory


def _model():
    return models.VAE(image_shape=(64, 64, 1), latent_dim=10)


def test_activations_are_counted_layer_by_layer():
    # Image, encoder (input, e1-e4, flatten, e5, two heads, their two float32 copies), decoder (input, d1,
    # d2, reshape, d3-d6, float32 copy).
    encoder = 4096 + 32768 + 8192 + 4096 + 1024 + 1024 + 256 + 4 * 10
    decoder = 10 + 256 + 1024 + 1024 + 4096 + 8192 + 32768 + 4096 + 4096
    assert memory.activation_bytes(_model()) == 2 * 4 * (4096 + encoder + decoder)


def test_a_batch_larger_than_memory_is_refused_with_both_sizes(monkeypatch):
    monkeypatch.setattr(memory, "available_bytes", lambda: 10**9)
    memory.check_batch_fits(_model(), 64)
    with pytest.raises(MemoryError, match=r"1.0 GB.*batch_size = 5000.*fewer than 1\d\d\d"):
        memory.check_batch_fits(_model(), 5000)


@pytest.mark.long
def test_this_machine_has_memory():
    assert 10**8 < memory.available_bytes() < 10**14
