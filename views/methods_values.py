"""A live value for a measure: one sentence with the value and the number of firms behind it, on the current data.

A measure without a line in ``VALUES`` shows none. A function takes the board that the reader looks at (its dataset,
year, place, plan) and the words; it says why where a value is withheld or would keep the page waiting, and gives
``None`` when these data have no value.
"""

from collections.abc import Mapping

from clusters.goals import Board
from views.methods_comparison import COMPARISON
from views.methods_distances import DISTANCES
from views.methods_facts import Value
from views.methods_gaps import GAPS
from views.methods_growth import GROWTH
from views.methods_places import PLACES
from views.methods_structure import STRUCTURE
from views.methods_sums import SUMS
from views.methods_suppression import SUPPRESSION
from views.words import Words

VALUES: Mapping[str, Value] = {
    **STRUCTURE,
    **DISTANCES,
    **PLACES,
    **GROWTH,
    **SUMS,
    **SUPPRESSION,
    **COMPARISON,
    **GAPS,
}
"""One line for each measure with a live value."""


def value_of(measure_id: str, board: Board, t: Words) -> str | None:
    """The sentence of a measure; ``None`` when it has none here."""
    return VALUES[measure_id](board, t) if measure_id in VALUES else None
