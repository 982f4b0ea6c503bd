"""One study in a file: a builder that `tfdis.registry.study` registers and that yields its points."""
