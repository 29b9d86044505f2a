"""Errors as one sentence in the reader's language; the table is ``error.*`` of the text files."""

from data.error_records import ErrorRecord
from views.words import Words

BY_REASON = ("RefusedFile", "UnusableMask")
"""Errors whose words depend on their reason."""


def sentence(error: Exception | ErrorRecord, t: Words) -> str:
    """What came, what was expected and the way out; of an error of this process, or of the record of another's.

    An error without words of its own keeps its message: every error of ours is one English sentence already.
    """
    kept = error if isinstance(error, ErrorRecord) else ErrorRecord.of(error)
    for name in kept.classes:
        key = f"error.{name}.{kept.values.get('reason')}" if name in BY_REASON else f"error.{name}"
        if key in t:
            return t(key, **{name: _plain(value) for name, value in kept.values.items()})
    return kept.message


def _plain(value: str | list[str]) -> str:
    return ", ".join(value) if isinstance(value, list) else value
