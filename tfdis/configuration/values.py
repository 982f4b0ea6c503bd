"""Gin bindings and their values as text."""

import re
from collections.abc import Mapping

# A binding starts in the first column; the lines that continue it are indented.
_BINDING = re.compile(r"^([\w./-]+) = (.*)$")
# A string, or else a macro.
_STRING_OR_MACRO = re.compile(r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|%([\w/.]+)""")


def unquoted(value: str) -> str:
    """A gin value as people write it: a string without its quotes.

    Example:
        >>> unquoted("'dsprites_full'"), unquoted("4.0")
        ('dsprites_full', '4.0')
    """
    return str(value).strip().strip("'\"")


def parse_gin_bindings(config: str) -> dict[str, str]:
    r"""Reads bindings out of the text of a gin file, values as text.

    Args:
        config: text of an operative gin config.

    Returns:
        Values by name, e.g. `{"dataset.name": "'dsprites_full'"}`. Comments, imports and includes
        are left out.

    Example:
        >>> parse_gin_bindings("# comment\nvae.beta = 4.0\nencoder.encoder_fn = @conv_encoder")
        {'vae.beta': '4.0', 'encoder.encoder_fn': '@conv_encoder'}
    """
    bindings: dict[str, str] = {}
    name = None
    for line in config.splitlines():
        match = _BINDING.match(line)
        if match:
            name, value = match.groups()
            bindings[name] = value.removesuffix("\\").strip()
        elif name is not None and line[:1].isspace() and line.strip():
            bindings[name] = f"{bindings[name]} {line.removesuffix(chr(92)).strip()}".strip()
        else:
            name = None
    return bindings


def resolved(bindings: Mapping[str, str]) -> dict[str, str]:
    """Bindings with the values of macros in the place of their names, and without the macros.

    Args:
        bindings: values as text by name, as of `parse_gin_bindings`.

    Example:
        >>> resolved({"BETA": "4.0", "vae.beta": "%BETA", "a.b": "[%BETA, '%BETA']"})
        {'vae.beta': '4.0', 'a.b': "[4.0, '%BETA']"}
    """

    def value_of(match, within=()):
        name = match[1]
        if name not in bindings or name in within:
            return match[0]
        return _STRING_OR_MACRO.sub(lambda inner: value_of(inner, (*within, name)), bindings[name])

    return {
        name: _STRING_OR_MACRO.sub(value_of, value)
        for name, value in bindings.items()
        if "." in name
    }
