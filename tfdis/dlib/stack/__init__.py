"""What disentanglement_lib lacks on a current stack, and the import that supplies it."""
