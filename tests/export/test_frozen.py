"""The frozen format: what it holds, what it refuses."""

import os
import pathlib

import numpy as np
import pytest
import tensorflow as tf

from tfdis.export.frozen import Signature, export_frozen
from tfdis.export.model import computing_in_float32, vae_signatures

PAIR = tf.TensorSpec([None, 2], tf.float32)


def test_signatures_with_several_inputs_and_outputs(tmp_path):
    def combine(zebra, apple):
        return {"sum": zebra + apple, "difference": zebra - apple}

    signatures = {
        "combine": Signature(combine, {"zebra": PAIR, "apple": PAIR}),
        "also": Signature(lambda apple: {"default": 3.0 * apple}, {"apple": PAIR}),
    }
    export_frozen(signatures, str(tmp_path / "m"))
    module = tf.saved_model.load(str(tmp_path / "m"))
    z, a = tf.constant([[5.0, 7.0]]), tf.constant([[1.0, 2.0]])
    combined = module.signatures["combine"](zebra=z, apple=a)
    np.testing.assert_array_equal(combined["sum"], [[6.0, 9.0]])
    np.testing.assert_array_equal(combined["difference"], [[4.0, 5.0]])
    np.testing.assert_array_equal(module.signatures["also"](apple=a)["default"], [[3.0, 6.0]])


def test_layout_of_the_file(run_dir, read_meta_graph):
    assert sorted(os.listdir(f"{run_dir}/tfhub")) == ["saved_model.pb", "tfhub_module.pb"]
    assert pathlib.Path(f"{run_dir}/tfhub/tfhub_module.pb").read_bytes() == b"\x08\x03"
    meta_graph = read_meta_graph(f"{run_dir}/tfhub")
    assert not meta_graph.meta_info_def.tags
    assert not meta_graph.collection_def
    assert not meta_graph.graph_def.library.function
    signatures = {
        name: (sorted(signature.inputs), sorted(signature.outputs))
        for name, signature in meta_graph.signature_def.items()
    }
    assert signatures == {
        "gaussian_encoder": (["images"], ["logvar", "mean"]),
        "reconstructions": (["images"], ["images"]),
        "decoder": (["latent_vectors"], ["images"]),
    }
    shape = meta_graph.signature_def["decoder"].outputs["images"].tensor_shape
    assert [dim.size for dim in shape.dim] == [-1, 8, 8, 1]


def test_tensorflow_1_14_knows_every_op_and_attribute(
    run_dir, read_meta_graph, unknown_to_tensorflow_1_14
):
    meta_graph = read_meta_graph(f"{run_dir}/tfhub")
    assert unknown_to_tensorflow_1_14(meta_graph.graph_def) == []


def test_the_table_notices_newer_ops(tmp_path, read_meta_graph, unknown_to_tensorflow_1_14):
    stateless = Signature(
        lambda x: {"default": x + tf.random.stateless_normal(tf.shape(x), [1, 2])}, {"x": PAIR}
    )
    einsum = Signature(lambda x: {"default": tf.einsum("ij,ij->i", x, x)}, {"x": PAIR})
    export_frozen({"a": stateless, "b": einsum}, str(tmp_path / "m"))
    meta_graph = read_meta_graph(tmp_path / "m")
    ops = {op for op, _ in unknown_to_tensorflow_1_14(meta_graph.graph_def)}
    assert "Einsum" in ops
    assert any(op.startswith("Stateless") for op in ops)


def test_variables_become_constants(tmp_path):
    variable = tf.Variable([1.0, 2.0])
    shift = Signature(lambda x: {"default": x + variable}, {"x": PAIR})
    export_frozen({"shift": shift}, str(tmp_path / "m"))
    variable.assign([100.0, 100.0])
    module = tf.saved_model.load(str(tmp_path / "m"))
    output = module.signatures["shift"](x=tf.zeros([1, 2]))["default"]
    np.testing.assert_array_equal(output, [[1.0, 2.0]])


def test_a_function_with_control_flow_runs(tmp_path, read_meta_graph, unknown_to_tensorflow_1_14):
    @tf.function
    def halve(x):
        while tf.reduce_max(x) > 1.0:
            x = x / 2.0
        return x

    export_frozen({"f": Signature(lambda x: {"y": halve(x)}, {"x": PAIR})}, str(tmp_path / "m"))
    module = tf.saved_model.load(str(tmp_path / "m"))
    np.testing.assert_array_equal(
        module.signatures["f"](x=tf.constant([[8.0, 4.0]]))["y"], [[1.0, 0.5]]
    )
    meta_graph = read_meta_graph(tmp_path / "m")
    assert unknown_to_tensorflow_1_14(meta_graph.graph_def) == []


def test_refuses_what_cannot_be_frozen(tmp_path):
    counter = tf.Variable(0.0)

    def count(x):
        counter.assign_add(1.0)
        return {"default": x + counter}

    with pytest.raises(ValueError, match="only read variables"):
        export_frozen({"count": Signature(count, {"x": PAIR})}, str(tmp_path / "m"))
    with pytest.raises(ValueError, match="at least one signature"):
        export_frozen({}, str(tmp_path / "m"))
    assert os.listdir(tmp_path) == []


def test_refuses_an_occupied_folder_before_tracing(tmp_path):
    def never(x):
        pytest.fail("traced")

    with pytest.raises(FileExistsError):
        export_frozen({"a": Signature(never, {"x": PAIR})}, str(tmp_path))


@pytest.mark.long
def test_mixed_precision_is_exported_in_float32(
    tmp_path, model, images, read_meta_graph, build_small_vae
):
    mixed = build_small_vae("mixed_bfloat16")
    mixed.set_weights(model.get_weights())
    policies = [layer.dtype_policy.name for layer in mixed._flatten_layers()]
    with computing_in_float32(mixed):
        export_frozen(vae_signatures(mixed), str(tmp_path / "m"))
    assert [layer.dtype_policy.name for layer in mixed._flatten_layers()] == policies
    module = tf.saved_model.load(str(tmp_path / "m"))
    mean = module.signatures["gaussian_encoder"](images=tf.constant(images))["mean"]
    assert mean.dtype == tf.float32
    np.testing.assert_allclose(mean, model.encoder(images)[0], atol=1e-6)
    meta_graph = read_meta_graph(tmp_path / "m")
    types = {value.type for node in meta_graph.graph_def.node for value in node.attr.values()}
    assert tf.bfloat16.as_datatype_enum not in types
