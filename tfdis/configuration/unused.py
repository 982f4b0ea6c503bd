"""Bindings that nothing used: `vae.beta = 4.` of a run whose model is `@factor_vae()`."""

import difflib
from collections.abc import Iterator
from typing import Any

from gin import config as gin_state

from tfdis.configuration.origin import MACRO, current_origin

# disentanglement_lib's shared.gin and example.gin bind these for whichever model a run then chooses.
# `evaluation` is read, not called, where its package lacks the evaluation (UDR). `challenge` names the files of
# each step, and is read before any of them.
_SHARED_SELECTORS = (
    "tfdis.training.discriminator_optimizer",
    "tfdis.networks.BaselineCNNEmbedder",
    "disentanglement_lib.evaluation.evaluate.evaluation",
    "tfdis.export.challenge",
)
_SHARED_BINDINGS = {("", "tfdis.models.vae", "beta"): 1.0}


def unused_bindings() -> dict[str, list[str]]:
    """Bindings of the active configuration that nothing has used so far.

    A binding is used once its configurable was called in that scope. Four kinds are never listed:
    one that is referred to (`@AdamOptimizer`), since it may be called later; one that only passes
    on a macro which something else used (`vgg16.layer = %LAYER`); one that `configured` read from
    an included file, which is a default for whatever is chosen; and macros that a file offers. A
    macro that the command alone binds is listed if nothing refers to it.

    Returns:
        For the name of each binding, the names that were used and that the user probably meant, the
        most alike first.

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
    called = list(gin_state._OPERATIVE_CONFIG)
    references = gin_state.iterate_references(gin_state._CONFIG)
    used = called + [("/".join(r.scopes), r.configurable.selector) for r in references]
    unused = [
        binding
        for binding, value in _bindings()
        if not any(_serves(*binding[:2], *key) for key in used)
        if not _is_exempt(binding, value, called)
    ]
    known = [(*key, name) for key in called for name in _parameters(key)]
    return {_name(*binding): _meant(binding, known) for binding in unused}


def _bindings() -> Iterator[tuple[tuple[str, str, str], Any]]:
    """Yields ((scope, selector, parameter), value) of the active configuration."""
    for (scope, selector), parameters in gin_state._CONFIG.items():
        for parameter, value in parameters.items():
            yield (scope, selector, parameter), value


def _serves(scope, selector, called_scope, called_selector):
    """Whether a call in one scope sees a binding of another: in the same one, or from within it."""
    within = not scope or f"{called_scope}/".startswith(f"{scope}/")
    return within and selector == called_selector


def _is_exempt(binding, value, called):
    """Whether a binding is not the user's own statement, or is meant for whatever is chosen."""
    scope, selector, _ = binding
    origin = current_origin()
    if selector == MACRO:
        return origin is None or scope in origin.knobs
    if selector.startswith("gin.") or selector in _SHARED_SELECTORS:
        return True
    if isinstance(value, gin_state.ConfigurableReference):
        macro = ("/".join(value.scopes), value.configurable.selector)
        if macro[1] == MACRO and macro in called:
            return True
    defaults = _SHARED_BINDINGS | (dict(origin.defaults) if origin else {})
    return binding in defaults and value == defaults[binding]


def _name(scope, selector, parameter):
    if selector == MACRO:
        return scope
    short = selector.rpartition(".")[2]
    return f"{scope}/{short}.{parameter}" if scope else f"{short}.{parameter}"


def _parameters(key):
    """Names of a call's parameters, by default or bound, that gin can write down."""
    return {**gin_state._OPERATIVE_CONFIG[key], **gin_state._CONFIG.get(key, {})}


def _meant(binding, known):
    """Parameters that a binding may mean: of its gin module, and if possible of its name or bound."""
    _, selector, parameter = binding
    if selector == MACRO:
        return difflib.get_close_matches(_name(*binding), current_origin().knobs, n=1)
    module = selector.rpartition(".")[0]
    related = [key for key in known if key[1].rpartition(".")[0] == module] or known
    same = [_name(*key) for key in related if key[2] == parameter]
    bound = [_name(*key) for key in related if key[2] in gin_state._CONFIG.get(key[:2], {})]
    names = same or bound or [_name(*key) for key in related]
    return difflib.get_close_matches(_name(*binding), names, n=1 if same else 3, cutoff=0.4)
