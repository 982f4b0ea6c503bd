"""Studies: many runs described as data, and the engine (Ray) that carries them out."""
