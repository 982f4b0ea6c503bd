"""The gin configuration of this process, borrowed for a while and given back as it was found."""

from tfdis.configuration.borrowed import configured, emptied, preserved, unlocked
from tfdis.configuration.lazy import lazy_names
from tfdis.configuration.misspelt import explaining_names
from tfdis.configuration.names import without_names_of
from tfdis.configuration.old_gin import accept_old_gin
from tfdis.configuration.origin import current_origin
from tfdis.configuration.places import search_folders
from tfdis.configuration.typed import configurable
from tfdis.configuration.unused import unused_bindings
from tfdis.configuration.values import parse_gin_bindings, resolved, unquoted
from tfdis.configuration.warning import leaving_unused_to, warn_of_unused

__all__ = [
    "accept_old_gin",
    "configurable",
    "configured",
    "current_origin",
    "emptied",
    "explaining_names",
    "lazy_names",
    "leaving_unused_to",
    "parse_gin_bindings",
    "preserved",
    "resolved",
    "search_folders",
    "unlocked",
    "unquoted",
    "unused_bindings",
    "warn_of_unused",
    "without_names_of",
]
