"""Matrices of 3 x 3 panels for abstract reasoning: rules, factors, panels, streams."""
