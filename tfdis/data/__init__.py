"""Ground-truth data sets and the tf.data streams that read them.

The files of this folder say what a data set is. The wings, each of which imports only those before
it, are `formats` (files of others), `store` (converted once), `download`, `sets` (one file or
folder for each set or family of sets), `splits` (combinations that are drawn more often, or never) and
`streams`.
`named.get_named_ground_truth_data("dsprites_full")` gives a set by its name;
`streams.image_stream.image_stream(data, batch_size, seed)` gives its batches for training. A new
data set is one new file in `sets` whose builder carries `@registry.data_set("its_name")` of `registry.py`.
"""
