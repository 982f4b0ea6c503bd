"""disentanglement_lib's own scores, made fast: each image encoded once, independent fits on all cores."""
