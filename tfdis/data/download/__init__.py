"""Published files: where they lie, where they come from, how they are fetched and unpacked."""
