"""How does a table show a figure that is not for its reader? In words, and so does its whole column.

A grid draws nothing but its placeholder where a number is missing, and a number in its place would be a lie in every
file made from the table. So a column with such a figure holds the words of all its figures; the price is that a reader
who sorts by it sorts words.
"""

from collections.abc import Mapping, Sequence

import pandas as pd

from views.words import Words


def words_for_withheld(
    table: pd.DataFrame, said: Mapping[str, Sequence[str | None]], withheld: Mapping[str, Sequence[bool]], t: Words
) -> set[str]:
    """Turn columns with withheld figures into words, in the table itself.

    Parameters
    ----------
    table : DataFrame
        Its columns of these names are replaced where need be.
    said : mapping of str to sequence
        Words for each figure of a column, none where there is none.
    withheld : mapping of str to sequence of bool
        Whether there is a figure that the reader may not see.
    t : Words

    Returns
    -------
    set of str
        Columns that are words now.
    """
    worded = {name for name, rows in withheld.items() if any(rows)}
    for name in worded:
        pairs = zip(said[name], withheld[name], strict=True)
        table[name] = pd.Series([t("word.withheld") if hides else text for text, hides in pairs], dtype=object)
    return worded
