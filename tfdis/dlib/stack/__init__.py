"""What disentanglement_lib misses on a current stack, and the import that gives it."""
