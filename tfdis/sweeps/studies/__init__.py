"""One study in each file: a builder that `tfdis.registry.study` registers and that yields its points."""
