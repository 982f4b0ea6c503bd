"""The data sets, one file or folder for each set or family; each registers itself by its name."""
