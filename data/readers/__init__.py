"""Files of strangers: read in a walled-off process, by what they hold and not by what they are called."""

from data.readers.limits import Limits
from data.readers.reading import read_file

__all__ = ["Limits", "read_file"]
