"""The gin configuration of this process: borrowed for a while, and given back as it was found."""

from tfdis.configuration.borrowed import configured, emptied, preserved, unlocked

__all__ = ["configured", "emptied", "preserved", "unlocked"]
