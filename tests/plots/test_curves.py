"""Loss curves from training logs."""

import numpy as np
import pytest
from PIL import Image

from tfdis.plots.curves import _limits, plot_curves, read_training_log

LOG = "step,elbo,kl_loss,loss,learning_rate\n100,-9.5,1.0,9.5,1e-3\n200,-8.0,2.0,8.0,1e-3\n"


@pytest.fixture
def log_path(tmp_path):
    path = tmp_path / "training_log.csv"
    path.write_text(LOG)
    return path


def test_read_training_log(log_path):
    log = read_training_log(log_path)
    assert list(log) == ["step", "elbo", "kl_loss", "loss", "learning_rate"]
    np.testing.assert_array_equal(log["step"], [100, 200])
    np.testing.assert_array_equal(log["elbo"], [-9.5, -8.0])


def test_a_last_line_that_was_cut_off_is_left_out(log_path):
    log_path.write_text(LOG + "300,-7.")
    np.testing.assert_array_equal(read_training_log(log_path)["step"], [100, 200])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "columns are step"),
        ("time,loss\n1,2\n", "columns are step"),
        ("step\n1\n", "columns are step"),
        ("step,loss\n", "at least one row"),
        ("step,loss\n1,2\n2,high\n3,4\n", "2 numbers in every row"),
        ("step,loss\n1,2\n2\n3,4\n", "2 numbers in every row"),
    ],
)
def test_what_is_no_log_is_refused(text, message, log_path, tmp_path):
    log_path.write_text(text)
    with pytest.raises(ValueError, match=message):
        plot_curves(log_path, tmp_path / "c.png")
    assert not (tmp_path / "c.png").exists()


def test_a_setting_that_never_changes_is_no_panel(log_path, tmp_path, drawn):
    log_path.write_text("step,loss,learning_rate,weight,accuracy\n1,3,1e-3,2,1\n2,2,1e-3,1,1\n")
    plot_curves(log_path, tmp_path / "c.png")
    shown = [axes.get_title(loc="left") for axes in drawn[0].axes if axes.get_visible()]
    assert shown == ["loss", "weight", "accuracy"]
    assert "(throughout: learning rate 0.001)" in drawn[0].get_suptitle()


@pytest.mark.long
@pytest.mark.parametrize(("unit", "said"), [("nats", "nats"), ("", "")])
def test_an_axis_has_the_unit_of_its_scalar(unit, said, log_path, tmp_path, drawn):
    """The unit of the reconstruction loss is the likelihood's; a divergence is in nats with all of them."""
    units = {
        "loss": said,
        "elbo": "nats",
        "reconstruction_loss": said,
        "kl_loss": "nats",
        "total_correlation": "nats",
        "factor_tc_network_loss": "nats",
        "dip_penalty": "no unit",
        "mmd": "no unit",
        "accuracy/shape": "no unit",
    }
    row = ",".join("1" for _ in units)
    log_path.write_text(f"step,{','.join(units)}\n1,{row}\n2,{row}\n")
    plot_curves(log_path, tmp_path / "c.png", unit)
    shown = [axes.get_ylabel() for axes in drawn[0].axes if axes.get_visible()]
    assert shown == list(units.values())


@pytest.mark.parametrize("rows", [1, 2])
def test_a_picture_is_written(rows, log_path, tmp_path):
    log_path.write_text("".join(LOG.splitlines(keepends=True)[: rows + 1]))
    path = plot_curves(log_path, tmp_path / "c.png")
    with Image.open(path) as picture:
        pixels = np.asarray(picture.convert("RGB")).astype(int)
    # The colour of the lines, #1f5a99, is there.
    assert np.any(np.abs(pixels - [0x1F, 0x5A, 0x99]).sum(axis=-1) < 12)


def test_values_that_are_not_finite_are_left_out(log_path, tmp_path, drawn):
    log_path.write_text("step,loss,kl_loss\n1,nan,nan\n2,3.0,nan\n3,inf,nan\n4,2.0,nan\n")
    plot_curves(log_path, tmp_path / "c.png")
    (loss,), (kl,) = (axes.lines for axes in drawn[0].axes[:2])
    assert loss.get_xydata().tolist() == [[2, 3.0], [4, 2.0]]
    assert kl.get_xydata().size == 0


def test_limits_do_not_follow_the_first_tenth():
    values = np.concatenate([[1e6, 1e5], np.linspace(2.0, 1.0, 18)])
    low, high = _limits(values)
    assert 0.9 < low < 1.0
    assert 2.0 < high < 2.1
    assert _limits(np.array([5.0]))[0] < 5.0 < _limits(np.array([5.0]))[1]
