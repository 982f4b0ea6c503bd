"""Gin values as text."""


def unquoted(value: str) -> str:
    """A gin value as people write it: a string without its quotes.

    Example:
        >>> unquoted("'dsprites_full'"), unquoted("4.0")
        ('dsprites_full', '4.0')
    """
    return str(value).strip().strip("'\"")
