"""Files of others, read in pieces and never executed: arrays, matrices, pictures, tables."""
