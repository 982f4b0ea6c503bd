"""A command as text that a shell reads as the same command, and people too."""

import re
import shlex

# What a shell replaces between double quotes.
_REPLACED = re.compile(r'["$`\\\\!]')


def command_text(*words: str) -> str:
    """The text of a command; words with single quotes in them are between double quotes, if possible.

    Example:
        >>> print(command_text("bin/train", "--gin_bindings=DATASET = 'cars3d'"))
        bin/train "--gin_bindings=DATASET = 'cars3d'"
        >>> print(command_text("echo", "it's $5"))
        echo 'it'"'"'s $5'
    """
    return " ".join(
        f'"{word}"' if "'" in word and not _REPLACED.search(word) else shlex.quote(word)
        for word in words
    )
