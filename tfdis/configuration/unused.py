"""Bindings that nothing used: `vae.beta = 4.` of a run whose model is `@factor_vae()`."""

import difflib
from collections.abc import Mapping

from absl import logging
from gin import config as gin_state

# disentanglement_lib's shared.gin binds these for whichever model a run then chooses; `evaluation` is
# read, not called, where its package lacks the evaluation (UDR).
_SHARED_SELECTORS = (
    "tfdis.training.discriminator_optimizer",
    "disentanglement_lib.evaluation.evaluate.evaluation",
)
# A configuration of several steps, each of which gets the bindings of all.
_SEVERAL_STEPS = "tfdis.export.challenge"
_SHARED_BINDINGS = {("", "tfdis.models.vae", "beta"): 1.0}


def unused_bindings() -> dict[str, list[str]]:
    """Bindings of the active configuration that nothing has used so far.

    A binding is used once its configurable was called in that scope. One that is referred to
    (`@AdamOptimizer`) may be called later, and macros may serve several files: neither is listed,
    nor what a configuration of the challenge binds for one of its steps.

    Returns:
        Name of each binding -> names of what has been used of which one was probably meant, the most
        alike first.

    Example:
        >>> import gin
        >>> from tfdis.configuration import configured
        >>> tea = gin.external_configurable(lambda sugar=0: sugar, "tea", "drinks")
        >>> coffee = gin.external_configurable(lambda sugar=0: sugar, "coffee", "drinks")
        >>> with configured(bindings=["coffee.sugar = 2"]):
        ...     _ = tea()
        ...     unused_bindings()
        {'coffee.sugar': ['tea.sugar']}
    """
    if any(selector == _SEVERAL_STEPS for _, selector in gin_state._CONFIG):
        return {}
    called = list(gin_state._OPERATIVE_CONFIG)
    references = gin_state.iterate_references(gin_state._CONFIG)
    used = called + [("/".join(r.scopes), r.configurable.selector) for r in references]
    unused = [
        (scope, selector, parameter)
        for (scope, selector), parameters in gin_state._CONFIG.items()
        if not selector.startswith("gin.")
        if not any(_serves(scope, selector, *key) for key in used)
        for parameter, value in parameters.items()
        if not _is_shared(scope, selector, parameter, value)
    ]
    known = [(*key, name) for key in called for name in _parameters(key)]
    return {_name(*binding): _meant(binding, known) for binding in unused}


def warn_of_unused(unused: Mapping[str, list[str]] | None = None) -> None:
    """Logs one warning for bindings that had no effect.

    Args:
        unused: what `unused_bindings` returned; None for that of now.
    """
    unused = unused_bindings() if unused is None else unused
    if unused:
        names = [
            f"{name} (did you mean {' or '.join(meant)}?)" if meant else name
            for name, meant in unused.items()
        ]
        logging.warning(
            "Nothing used the gin bindings of %s. They have no effect.", ", ".join(names)
        )


def _serves(scope, selector, called_scope, called_selector):
    """Whether a binding in a scope is seen by a call in a scope: that one, or one within it."""
    within = not scope or f"{called_scope}/".startswith(f"{scope}/")
    return within and selector == called_selector


def _is_shared(scope, selector, parameter, value):
    if selector in _SHARED_SELECTORS:
        return True
    key = (scope, selector, parameter)
    return key in _SHARED_BINDINGS and value == _SHARED_BINDINGS[key]


def _name(scope, selector, parameter):
    short = selector.rpartition(".")[2]
    return f"{scope}/{short}.{parameter}" if scope else f"{short}.{parameter}"


def _parameters(key):
    """Names of what a call had, by default or bound, of what gin can write down."""
    return {**gin_state._OPERATIVE_CONFIG[key], **gin_state._CONFIG.get(key, {})}


def _meant(binding, known):
    """Parameters like a binding's: of its gin module, and of its name or else bound, if there are any."""
    _, selector, parameter = binding
    module = selector.rpartition(".")[0]
    related = [key for key in known if key[1].rpartition(".")[0] == module] or known
    same = [_name(*key) for key in related if key[2] == parameter]
    bound = [_name(*key) for key in related if key[2] in gin_state._CONFIG.get(key[:2], {})]
    names = same or bound or [_name(*key) for key in related]
    return difflib.get_close_matches(_name(*binding), names, n=1 if same else 3, cutoff=0.4)
