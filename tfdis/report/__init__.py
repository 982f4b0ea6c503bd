"""Finished runs compared: results read, grouped over seeds, written as tables and as one page."""
