"""The data sets: one, or one family, a file or folder; each registers itself by its name."""
