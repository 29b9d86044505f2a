"""Errors as one sentence in the reader's language; the table is ``error.*`` of the text files."""

from data.errors import RefusedFile
from views.words import Words


def sentence(error: Exception, t: Words) -> str:
    """What came, what was expected and the way out.

    An error without words of its own keeps its message: every error of ours is one English sentence already.
    """
    for cls in type(error).__mro__:
        key = f"error.{cls.__name__}"
        if isinstance(error, RefusedFile) and cls is RefusedFile:
            key = f"{key}.{error.reason}"
        if key in t:
            named = {name: _plain(value) for name, value in vars(error).items()}
            if isinstance(error, RefusedFile):
                named |= {name: _plain(value) for name, value in error.values.items()}
            if isinstance(error, OSError):
                named |= {"file": str(error.filename or ""), "problem": str(error.strerror or error)}
            return t(key, **named)
    return str(error)


def _plain(value: object) -> str:
    if isinstance(value, tuple | list | range):
        return ", ".join(str(v) for v in value)
    return str(value)
