"""The flags of disentanglement_lib's 16 commands: names and kinds."""

GIN = {"gin_config": "multi_string", "gin_bindings": "multi_string"}
TRAIN = {
    "model_dir": "string",
    "gin_model_dir": "string",
    "gin_file_name": "string",
    "overwrite": "boolean",
    **GIN,
}
PIPELINE = {
    "output_directory": "string",
    "model_dir": "string",
    "gin_bindings": "multi_string",
    "gin_model_config_dir": "string",
    "gin_model_config_name": "string",
    "gin_postprocess_config_glob": "string",
    "gin_evaluation_config_glob": "string",
    "overwrite": "boolean",
}
LABELS = {
    "gin_validation_config_glob": "string",
    "pipeline_seed": "integer",
    "eval_seed": "integer",
    "supervised_seed": "integer",
    "num_labelled_samples": "integer",
    "train_percentage": "float",
    "labeller_fn": "string",
}
# Read off the scripts of 1.5, which an installation of tfdis replaces; tests/dlib/test_flags.py compares.
# The scripts dlib_download_data and dlib_tests are for a shell and have none.
FLAGS_OF = {
    "dlib_aggregate_results": {"result_file_pattern": "string", "output_path": "string"},
    "dlib_download_data": {},
    "dlib_evaluate": {
        "input_dir": "string",
        "output_dir": "string",
        "gin_evaluation_config_glob": "string",
        "overwrite": "boolean",
        **GIN,
    },
    "dlib_postprocess": {
        "model_dir": "string",
        "output_dir": "string",
        "overwrite": "boolean",
        **GIN,
    },
    "dlib_reason": {
        "input_dir": "string",
        "output_dir": "string",
        "overwrite": "boolean",
        **GIN,
    },
    "dlib_reproduce": {
        "study": "string",
        "output_directory": "string",
        "model_dir": "string",
        "model_num": "integer",
        "only_print": "boolean",
        "overwrite": "boolean",
    },
    "dlib_reproduce_jmlr": {
        **PIPELINE,
        "num_eval": "integer",
        "scores_list": "multi_string",
        "evaluation_num_samples_train": "multi_string",
        "random_seed": "integer",
    },
    "dlib_reproduce_semi_supervised": PIPELINE | LABELS,
    "dlib_reproduce_weakly_supervised": PIPELINE | LABELS,
    "dlib_tests": {},
    "dlib_train": TRAIN,
    "dlib_train_semi_supervised": TRAIN,
    "dlib_train_weakly_supervised": TRAIN,
    "dlib_udr": {
        "model_dirs": "list",
        "output_dir": "string",
        "gin_evaluation_config_glob": "string",
        **GIN,
    },
    "dlib_visualize_dataset": {"name": "string", "path": "string"},
    "dlib_visualize_model": {
        "model_dir": "string",
        "output_dir": "string",
        "overwrite": "boolean",
    },
}
