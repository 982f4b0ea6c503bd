"""Bindings that had no effect are named, with what was probably meant; all others are not."""

import gin
import pytest
from absl import logging

from tfdis.configuration import configured, leaving_unused_to, unused_bindings, warn_of_unused


@gin.configurable(module="test_unused.drinks")
def unused_tea(sugar=0, milk=None):
    return sugar, milk


@gin.configurable(module="test_unused.drinks")
def unused_coffee(sugar=0, milk_first=False):
    return sugar, milk_first


@gin.configurable(module="test_unused.rooms")
def unused_kitchen(drink=None):
    return drink


@pytest.mark.parametrize(
    ("bindings", "expected"),
    [
        ([], {}),
        (["unused_tea.sugar = 2", "hot/unused_tea.milk = 1", "cup/unused_kitchen.drink = 1"], {}),
        (["unused_coffee.sugar = 2"], {"unused_coffee.sugar": ["unused_tea.sugar"]}),
        (["cold/unused_tea.sugar = 2"], {"cold/unused_tea.sugar": ["unused_tea.sugar"]}),
        (["ho/unused_tea.sugar = 2"], {"ho/unused_tea.sugar": ["unused_tea.sugar"]}),
        (["hot/deep/unused_tea.sugar = 2"], {"hot/deep/unused_tea.sugar": ["unused_tea.sugar"]}),
        # What is referred to may be called later; the same name in another scope will not be.
        (["unused_coffee.sugar = 2", "unused_kitchen.drink = @unused_coffee"], {}),
        (["SUGAR = 3"], {"SUGAR": []}),
        (["iced/unused_coffee.sugar = 2", "unused_kitchen.drink = @iced/unused_coffee"], {}),
    ],
)
def test_what_nothing_used_is_named_with_what_was_meant(bindings, expected):
    with configured(bindings=bindings):
        unused_tea()
        with gin.config_scope("hot"):
            unused_tea()
        with gin.config_scope("cup"):
            unused_kitchen()
        found = unused_bindings()
    assert {
        name: meant[:1] and [meant[0].rpartition("/")[2]] for name, meant in found.items()
    } == expected


def test_another_parameter_is_guessed_where_none_has_the_name():
    with configured(bindings=["unused_coffee.milk_first = True"]):
        unused_tea()
        assert unused_bindings()["unused_coffee.milk_first"][0] == "unused_tea.milk"
    with configured(bindings=["unused_coffee.milk_first = True", "unused_tea.sugar = 2"]):
        unused_tea()
        assert unused_bindings()["unused_coffee.milk_first"] == ["unused_tea.sugar"]


def test_one_warning_names_all_and_none_is_given_without_cause(warnings_given):
    warn_of_unused({})
    with configured(bindings=["unused_coffee.sugar = 2"]):
        unused_tea()
        warn_of_unused()
    assert warnings_given == [
        "Nothing used the gin bindings of unused_coffee.sugar (did you mean unused_tea.sugar?). "
        "They have no effect."
    ]


def test_what_included_files_bind_for_any_choice_is_not_named_unless_it_is_said_again(tmp_path):
    base, root = tmp_path / "base.gin", tmp_path / "root.gin"
    base.write_text("SUGAR = 1\nunused_coffee.sugar = %SUGAR\nunused_coffee.milk_first = True\n")
    root.write_text(f"include '{base}'\nunused_tea.sugar = %SUGAR\n")
    with configured([str(root)], ["hot/unused_coffee.sugar = %SUGAR"]):
        unused_tea()
        assert unused_bindings() == {}
    for stated in ("unused_coffee.milk_first = False", "unused_coffee.sugar = 2"):
        with configured([str(root)], [stated]):
            unused_tea()
            assert list(unused_bindings()) == [stated.partition(" = ")[0]]


def test_a_macro_that_no_file_offers_and_nothing_reads_is_named(tmp_path):
    (tmp_path / "root.gin").write_text("SUGAR = 1\nMILK = 2\nunused_tea.sugar = %SUGAR\n")
    with configured([str(tmp_path / "root.gin")], ["SUGER = 3", "MILK = 3", "HONEY = 1"]):
        unused_tea()
        assert unused_bindings() == {"SUGER": ["SUGAR"], "HONEY": []}


def test_what_surrounds_steps_may_take_what_they_would_warn_of(monkeypatch):
    said, taken = [], []
    monkeypatch.setattr(logging, "warning", lambda text, *values: said.append(values[0]))
    with configured(bindings=["unused_coffee.sugar = 2"]):
        with leaving_unused_to(taken.append):
            unused_tea()
            warn_of_unused()
        assert taken == [{"unused_coffee.sugar": ["unused_tea.sugar"]}] and said == []
        warn_of_unused()
    assert said == ["unused_coffee.sugar (did you mean unused_tea.sugar?)"] and len(taken) == 1
