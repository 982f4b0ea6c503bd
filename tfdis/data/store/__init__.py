"""Images in one file in the cache, converted or rendered once, then read in place."""
