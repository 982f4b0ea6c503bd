import sys

import tensorflow as tf

p=sys.argv[1]
r=tf.train.load_checkpoint(p)
names=sorted(r.get_variable_to_shape_map())
for n in names:
    if "stack" in n or "aggreg" in n or "pooling" in n: print(n, r.get_tensor(n).ravel()[:3] if not n.startswith('_CH') else '')
print(len(names)); print([n for n in names if 'extractor' in n][:6])
