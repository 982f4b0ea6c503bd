"""Splits: data sets of which a model sees some combinations of factors more often than others, or never."""
