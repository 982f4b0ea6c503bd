"""gin is given back as it was found: bindings, record of use, imports, singletons, scopes, lock."""

import subprocess
import sys

import gin
import pytest
from gin import config as gin_state

from tfdis.configuration import configured, emptied, preserved, unlocked


@gin.configurable(module="test_borrowed")
def spam(size=1):
    return size


@gin.configurable(module="test_borrowed")
def drawer(content=None):
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
        ["import colorsys", "SIZE = 7", "spam.size = %SIZE", "big/spam.size = 70"]
        + ["drawer.content = @one/gin.singleton()", "one/gin.singleton.constructor = @spam"]
    )
    spam(), drawer()
    if locked:
        gin.finalize()


def _disturb():
    """What entry points and the code that they call do to gin."""
    gin.clear_config()
    gin.parse_config(["import calendar", "spam.size = 8", "test_borrowed.drawer.content = 4"])
    spam()
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
        assert spam() == 70
    assert drawer() == 7 and len(gin_state._SINGLETONS) == 1


def test_a_change_of_a_parameter_that_was_bound_before_is_taken_back():
    gin.parse_config("spam.size = 2")
    with preserved():
        gin.bind_parameter("spam.size", 3)
        assert spam() == 3
    assert spam() == 2
    assert "spam.size = 2" in gin.operative_config_str()


def test_nested_configurations_are_each_given_back():
    with configured(bindings=["spam.size = 2"]):
        with configured(bindings=["spam.size = 3"]):
            with emptied():
                assert spam() == 1
            assert spam() == 3 and gin.config_is_locked()
        assert spam() == 2 and gin.config_is_locked()
    assert spam() == 1 and not gin.config_is_locked()


def test_a_configuration_is_that_of_its_files_and_bindings_alone(tmp_path):
    file = tmp_path / "spam.gin"
    file.write_text("import colorsys\nspam.size = 2\n")
    gin.parse_config("drawer.content = 5")
    with gin.config_scope("big"), configured([str(file)], ["big/spam.size = 9"]):
        assert (spam(), drawer()) == (2, None)
        with pytest.raises(RuntimeError, match="locked"):
            gin.bind_parameter("spam.size", 4)


@pytest.mark.parametrize(
    ("wrong", "error"), [("spam.weight = 1", "weight"), ("no_such.size = 1", "no_such")]
)
def test_a_wrong_binding_changes_nothing(wrong, error):
    _fill(locked=True)
    before = _state()
    with pytest.raises(ValueError, match=error), configured(bindings=["spam.size = 3", wrong]):
        pass
    assert _state() == before


@pytest.mark.parametrize("hook_fails", [False, True])
def test_what_a_hook_of_the_user_binds_or_refuses_stays_inside(monkeypatch, hook_fails):
    def hook(config):
        if hook_fails:
            raise LookupError("refused")
        return {"spam.size": 11}

    monkeypatch.setattr(gin_state, "_FINALIZE_HOOKS", [*gin_state._FINALIZE_HOOKS, hook])
    before = _state()
    if hook_fails:
        with pytest.raises(LookupError, match="refused"), configured():
            pass
    else:
        with configured():
            assert spam() == 11
    assert _state() == before


def test_the_lock_survives_what_fails_while_it_is_open():
    gin.finalize()
    with pytest.raises(ValueError, match="no_such"), unlocked():
        gin.bind_parameter("no_such.size", 1)
    assert gin.config_is_locked()


def test_rooms_are_loaded_also_after_the_configuration_was_locked():
    """Their modules bring gin names; an import by gin itself would be refused."""
    code = "import gin, tfdis; gin.finalize(); tfdis.get_named_ground_truth_data; assert gin.config_is_locked()"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120)
