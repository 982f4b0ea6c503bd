"""Studies: many runs described as data, and the engine (Ray) that carries them out."""

from tfdis.sweeps.point import Point, Step

__all__ = ["Point", "Step"]
