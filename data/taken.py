"""What the rows of a file give: the tables of their kind, where they lie, and what is still open."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from data.mapping import Question
from geo.datum_evidence import Diagnosis


@dataclass(frozen=True, eq=False)
class Places:
    """Where the rows of a file lie.

    Attributes
    ----------
    x, y : ndarray of float64
        As written; NaN where a row has no coordinate.
    lon, lat : ndarray of float64
        Degrees, WGS84; NaN while the datum is not known.
    diagnosis : Diagnosis or None
        Of the datum; ``None`` when there was nothing to judge.
    """

    x: NDArray[np.float64]
    y: NDArray[np.float64]
    lon: NDArray[np.float64]
    lat: NDArray[np.float64]
    diagnosis: Diagnosis | None


@dataclass(frozen=True, eq=False)
class Taken:
    """Tables of one kind of file.

    Attributes
    ----------
    tables : mapping of str to table
        Fields of ``data.store.Brought``.
    questions : tuple of Question
        What nobody may guess; the tables are not to be kept while there is one.
    places : Places or None
    """

    tables: Mapping[str, Any]
    questions: tuple[Question, ...] = field(default=())
    places: Places | None = None
