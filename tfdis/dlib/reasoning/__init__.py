"""Abstract reasoning with disentanglement_lib's gin names: stages, streams, the gin root."""
