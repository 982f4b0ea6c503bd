"""Finished runs compared: their results read, grouped over seeds, written as tables and as one page."""
