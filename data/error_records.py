"""An error of one process that another process can put into words: its classes, its values, its own sentence."""

from dataclasses import dataclass, field
from typing import Any

MOST_SHOWN = 20


@dataclass(frozen=True)
class ErrorRecord:
    """What is left of an error when its process has ended.

    Attributes
    ----------
    classes : tuple of str
        Names of its class and of those above it, the nearest first.
    values : mapping of str to str or list of str
        What it carried, as text; of a long list the first ones.
    message : str
        Its own sentence, in English.

    Examples
    --------
    >>> from data.errors import RefusedFile
    >>> kept = ErrorRecord.of(RefusedFile("a.csv", "too_large", mb=900))
    >>> kept.classes[0], kept.values["reason"], kept.values["mb"]
    ('RefusedFile', 'too_large', '900')
    """

    classes: tuple[str, ...]
    values: dict[str, str | list[str]] = field(default_factory=dict)
    message: str = ""

    @classmethod
    def of(cls, error: BaseException) -> "ErrorRecord":
        """Record of an error; the values of a refused file stand beside its own."""
        carried = dict(vars(error))
        inner = carried.get("values")
        if isinstance(inner, dict):
            carried |= {str(name): value for name, value in inner.items()}
        if isinstance(error, OSError):
            carried |= {"file": error.filename or "", "problem": error.strerror or str(error)}
        classes = tuple(one.__name__ for one in type(error).__mro__ if issubclass(one, Exception))
        return cls(classes, {name: _told(value) for name, value in carried.items()}, str(error))

    @classmethod
    def read(cls, kept: dict[str, Any]) -> "ErrorRecord":
        """Record from what was kept as JSON."""
        return cls(tuple(kept["classes"]), dict(kept["values"]), kept["message"])


def _told(value: object) -> str | list[str]:
    if isinstance(value, tuple | list | range):
        return [str(one) for one in value[:MOST_SHOWN]]
    return str(value)
