"""gin is given back as it was found: bindings, record of use, imports, singletons, scopes, lock."""

import subprocess
import sys

import gin
import pytest
from gin import config as gin_state

from tfdis.configuration import configured, emptied, preserved, unlocked


@gin.configurable(module="test_borrowed")
def borrowed_cup(size=1):
    return size


@gin.configurable(module="test_borrowed")
def borrowed_bowl(content=None):
    return content


def _state():
    imports = sorted(statement.format() for statement in gin_state._IMPORTS)
    singletons = dict(gin_state._SINGLETONS)
    return (
        gin.config_str(),
        gin.operative_config_str(),
        imports,
        singletons,
        gin.config_is_locked(),
        gin.current_scope_str(),
    )


def _fill(locked):
    gin.parse_config(
        ["import colorsys", "SIZE = 7", "borrowed_cup.size = %SIZE", "big/borrowed_cup.size = 70"]
        + [
            "borrowed_bowl.content = @one/gin.singleton()",
            "one/gin.singleton.constructor = @borrowed_cup",
        ]
    )
    borrowed_cup(), borrowed_bowl()
    if locked:
        gin.finalize()


def _disturb():
    """What entry points and the code that they call do to gin."""
    gin.clear_config()
    gin.parse_config(
        ["import calendar", "borrowed_cup.size = 8", "test_borrowed.borrowed_bowl.content = 4"]
    )
    borrowed_cup()
    gin.finalize()


@pytest.mark.parametrize("locked", [False, True])
@pytest.mark.parametrize("context", [preserved, emptied, configured])
@pytest.mark.parametrize("fails", [False, True])
def test_gin_is_given_back_as_it_was_found(context, locked, fails):
    _fill(locked)
    with gin.config_scope("big"):
        before = _state()
        try:
            with context():
                if gin.config_is_locked():
                    gin_state._set_config_is_locked(False)
                _disturb()
                if fails:
                    raise LookupError
        except LookupError:
            assert fails
        assert _state() == before
        assert borrowed_cup() == 70
    assert borrowed_bowl() == 7 and len(gin_state._SINGLETONS) == 1


def test_a_change_of_a_parameter_that_was_bound_before_is_taken_back():
    gin.parse_config("borrowed_cup.size = 2")
    with preserved():
        gin.bind_parameter("borrowed_cup.size", 3)
        assert borrowed_cup() == 3
    assert borrowed_cup() == 2
    assert "borrowed_cup.size = 2" in gin.operative_config_str()


def test_nested_configurations_are_each_given_back():
    with configured(bindings=["borrowed_cup.size = 2"]):
        with configured(bindings=["borrowed_cup.size = 3"]):
            with emptied():
                assert borrowed_cup() == 1
            assert borrowed_cup() == 3 and gin.config_is_locked()
        assert borrowed_cup() == 2 and gin.config_is_locked()
    assert borrowed_cup() == 1 and not gin.config_is_locked()


def test_a_configuration_is_that_of_its_files_and_bindings_alone(tmp_path):
    file = tmp_path / "borrowed_cup.gin"
    file.write_text("import colorsys\nborrowed_cup.size = 2\n")
    gin.parse_config("borrowed_bowl.content = 5")
    with gin.config_scope("big"), configured([str(file)], ["big/borrowed_cup.size = 9"]):
        assert (borrowed_cup(), borrowed_bowl()) == (2, None)
        with pytest.raises(RuntimeError, match="locked"):
            gin.bind_parameter("borrowed_cup.size", 4)


@pytest.mark.parametrize(
    ("wrong", "error"), [("borrowed_cup.weight = 1", "weight"), ("no_such.size = 1", "no_such")]
)
def test_a_wrong_binding_changes_nothing(wrong, error):
    _fill(locked=True)
    before = _state()
    with (
        pytest.raises(ValueError, match=error),
        configured(bindings=["borrowed_cup.size = 3", wrong]),
    ):
        pass
    assert _state() == before


@pytest.mark.parametrize("hook_fails", [False, True])
def test_what_a_hook_of_the_user_binds_or_refuses_stays_inside(monkeypatch, hook_fails):
    def hook(config):
        if hook_fails:
            raise LookupError("refused")
        return {"borrowed_cup.size": 11}

    monkeypatch.setattr(gin_state, "_FINALIZE_HOOKS", [*gin_state._FINALIZE_HOOKS, hook])
    before = _state()
    if hook_fails:
        with pytest.raises(LookupError, match="refused"), configured():
            pass
    else:
        with configured():
            assert borrowed_cup() == 11
    assert _state() == before


def test_the_lock_survives_what_fails_while_it_is_open():
    gin.finalize()
    with pytest.raises(ValueError, match="no_such"), unlocked():
        gin.bind_parameter("no_such.size", 1)
    assert gin.config_is_locked()


def test_rooms_are_loaded_also_after_the_configuration_was_locked():
    """Their modules bring gin names; an import by gin itself would be refused."""
    names = "tfdis.get_named_ground_truth_data, tfdis.plots.plot_run, tfdis.export.frozen"
    code = f"import gin, tfdis; gin.finalize(); {names}; assert gin.config_is_locked()"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120)
