"""What studies show at their end: the tables and figures of each paper in a file of its own."""
