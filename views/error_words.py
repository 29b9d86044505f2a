"""Errors as one sentence in the reader's language; the table is ``error.*`` of the text files."""

from data.error_records import ErrorRecord
from views.words import Words

BY = {
    "RefusedFile": "reason",
    "UnusableMask": "reason",
    "BadBackup": "reason",
    "BadValue": "what",
    "UnusableEngine": "reason",
}
"""Errors whose words depend on one of their values: the reason, or the field that holds the bad value."""


def sentence(error: Exception | ErrorRecord, t: Words) -> str:
    """What came, what was expected and the way out; of an error of this process, or of the record of another's.

    An error without words of its own keeps its message: every error of ours is one English sentence already. Of bad
    values those that a reader can bring have words; the others are of measures.
    """
    kept = error if isinstance(error, ErrorRecord) else ErrorRecord.of(error)
    for name in kept.classes:
        key = f"error.{name}.{_first_word(kept.values.get(BY[name], ''))}" if name in BY else f"error.{name}"
        if key in t:
            return t(key, **{name: _plain(value) for name, value in kept.values.items()})
    return kept.message


def _first_word(value: str | list[str]) -> str:
    """Name of a field without what it belongs to, as in ``hubs_within_m of metro``."""
    return _plain(value).partition(" ")[0]


def _plain(value: str | list[str]) -> str:
    return ", ".join(value) if isinstance(value, list) else value
