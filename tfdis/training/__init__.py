"""Training: the gin root `model`, its callbacks, optimisers and run folders."""
