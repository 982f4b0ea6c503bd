"""What every room needs on disk: written whole, made once, held by one process, read literally."""
