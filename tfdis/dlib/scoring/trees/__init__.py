"""scikit-learn's boosted trees, fitted in a fraction of the time: the same model, bit for bit.

scikit-learn's `GradientBoostingClassifier` sorts every column of the samples again in every node of every
tree. Here each column is sorted once for a fit. The rows of a node in the order of a column are then found by
dividing those of its parent, and all that is left to do in a node is one pass over each column.

The model is the same only if every sum is made in the order in which scikit-learn makes it, since rounding
decides between cuts that are equally good. This determines the order:

| what | file |
|---|---|
| the columns of a node are sorted in a random order, and the rows stay as the last sort left them | draws.py |
| the sort is not stable: the order of equal values depends on the order before it | ties.py |
| values within 1e-7 are not cut apart; sums run forwards, and near the end backwards | cuts.py |
| a node's rows are divided by exchanges with its last ones; children are summed in that order | exchange.py |
| the value of a leaf is a mean as numpy computes it, in pairs | leaves.py |

blocks.py moves many rows at once, for the sort and the exchanges. search.py finds the order of equal values
only where it can decide something, and loose.py tells where the order before a sort does not matter. cutting.py
and growth.py make nodes and trees, columns.py sorts, boosting.py is the model, and compiled.py compiles the
kernels. choice.py says where scikit-learn's own trees are fitted instead.
"""
