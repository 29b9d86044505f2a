"""Figures that reach a tier only because they are rounded for display: said beside the table that shows them."""

from collections.abc import Iterable

from clusters.goals import Board
from data import columns as c
from views.figures import accounts_of
from views.words import Words


def seeming(board: Board, t: Words, subsectors: Iterable[str], *, district_id: str = "") -> list[str]:
    """Sentences on such figures: which tier each seems to reach and how many yuan are missing.

    Parameters
    ----------
    board : Board
    t : Words
    subsectors : iterable of str
        Those that are shown.
    district_id : str
        One district; by default the city and every district.
    """
    kept, names = accounts_of(board), board.dataset.districts[c.NAME if t.language == "zh" else c.NAME_EN]
    places = {district_id: ""} if district_id else {"": t("city"), c.UNPLACED: t("word.unplaced")} | names.to_dict()
    said = []
    for subsector in subsectors:
        for place in places:
            amount = kept.cell(subsector, place) if place else kept.total(subsectors=[subsector])
            if amount is not None and amount.seems and amount.gap:
                named = {"subsector": t(f"subsector.{subsector}"), "place": places[place]}
                said.append(t("tier.seems", **named, tier=t.tier(amount.seems), gap=f"{amount.gap.cny:,}").strip())
    return said
