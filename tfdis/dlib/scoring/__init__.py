"""disentanglement_lib's own scores, faster: each image encoded once, independent fits on all cores."""
