"""scikit-learn's boosted trees, fitted in a fraction of the time: the same model, bit for bit.

scikit-learn's `GradientBoostingClassifier` sorts every column of the samples again in every node of every
tree. Here each column is sorted once for a fit. A node's rows in the order of a column are then found by
dividing its parent's, and what is left of a node is one pass over each column.

The model is the same only if every sum is made in the order in which scikit-learn makes it, as rounding
decides between cuts that are equally good. What determines that order, and where it is followed:

| what decides | file |
|---|---|
| the columns of a node are sorted in a random order; the rows stay as the last sort left them | draws.py |
| the sort is not stable: the order of equal values depends on the order before it | ties.py |
| neighbours within 1e-7 are not cut apart; sums run forwards, near the end backwards | cuts.py |
| dividing a node's rows swaps them with the last ones; children are summed in that order | growth.py |
| the value of a leaf is a mean as numpy computes it, in pairs | leaves.py |

columns.py sorts, boosting.py is the model, compiled.py compiles the kernels, choice.py says where
scikit-learn's own trees are fitted instead.
"""
