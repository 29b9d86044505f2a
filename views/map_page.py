"""A map as one self-contained HTML document: the parts of the page with title, scope and sources around them."""

from clusters.goals import Board
from geo.layers import standalone_page
from views.figures import scope_words
from views.map_parts import map_parts
from views.provenance import footer_lines, map_notice, sample_sentence
from views.selection import Selection
from views.tokens import Theme, tokens
from views.words import Words


def map_page(board: Board, selection: Selection, t: Words, *, district_id: str = "", theme: Theme = "light") -> str:
    """The document as text.

    Parameters
    ----------
    board : Board
        The city's board.
    selection : Selection
    t : Words
    district_id : str
        Rest the map on one district; empty is the whole city.
    theme : 'light' or 'dark'
    """
    look = tokens(theme)
    parts = map_parts(board, selection, look, t, notice=map_notice(board, t), district_id=district_id, served=False)
    place = board.dataset.districts.loc[district_id] if district_id else None
    name = "" if place is None else str(place["name" if t.language == "zh" else "name_en"])
    scope = scope_words(board, selection, t)
    title = " · ".join(part for part in (t("map.title", city=name or t("city"), year=board.year), scope) if part)
    return standalone_page(
        parts.frame,
        look.palette,
        parts.groups,
        title=title,
        lead=sample_sentence(board, t),
        foot=footer_lines(board, t),
    )
