"""Ground-truth data sets, one a file, and the tf.data streams that read them.

`named.get_named_ground_truth_data("dsprites_full")` gives a data set by its name;
`stream.image_stream(data, batch_size, seed)` gives its batches for training. A new data set is one
new file here whose builder carries `@register("its_name")` of `registry.py`.
"""
