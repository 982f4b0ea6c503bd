"""Users' files written as disentanglement_lib's examples are: `blacklist=`, `whitelist=`, `import gin.tf`."""

import gin
import pytest
from gin import config as gin_state

import tfdis  # noqa: F401  Importing it is what is tested.


def _cup(content, size=1):
    return content, size


@pytest.mark.parametrize("decorators", [gin, gin_state], ids=["gin", "gin.config"])
@pytest.mark.parametrize("kind", ["configurable", "external_configurable"])
@pytest.mark.parametrize(
    "arguments", [{"blacklist": ["content"]}, {"whitelist": ["size"]}, {"denylist": ["content"]}]
)
def test_arguments_by_either_name_say_what_may_be_bound(decorators, kind, arguments):
    name = f"old_{decorators.__name__.replace('.', '_')}_{kind}_{next(iter(arguments))}"
    if kind == "configurable":
        cup = decorators.configurable(name, module="test_old_gin", **arguments)(_cup)
    else:
        cup = decorators.external_configurable(_cup, name, module="test_old_gin", **arguments)
    gin.parse_config(f"{name}.size = 5")
    assert cup("tea") == ("tea", 5)
    with pytest.raises(ValueError, match="content"):
        gin.parse_config(f"{name}.content = 'milk'")


def test_gin_tf_may_be_imported_by_python_and_by_gin_files():
    gin.parse_config("import gin.tf\nimport gin.tf.external_configurables")
    from gin.tf import external_configurables

    assert external_configurables is gin.tf.external_configurables
