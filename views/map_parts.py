"""What a map shows for a board and a selection; the page and the HTML export draw the same parts. No Streamlit here."""

from dataclasses import dataclass

from clusters.goals import Board
from geo.layer_records import Frame
from geo.layers import Layer, bounds_of
from views.map_areas import district_layer
from views.map_focus import focus_layer
from views.map_places import firm_layer, park_layer
from views.map_scene import Scene
from views.selection import Selection
from views.tokens import Tokens
from views.words import Words


@dataclass(frozen=True)
class MapParts:
    """A frame that stays and the layers on it, the focus last."""

    frame: Frame
    groups: tuple[Layer, ...]


def map_parts(
    board: Board, selection: Selection, tokens: Tokens, t: Words, *, notice: str, district_id: str = ""
) -> MapParts:
    """Everything that a map draws.

    Parameters
    ----------
    board : Board
        The city's board; its place reading is the selection's.
    selection : Selection
    tokens, t : Tokens, Words
        Theme and language.
    notice : str
        Printed on the map: 示意图 notice and 审图号.
    district_id : str
        Rest the map on this district and draw only what lies in it; empty is the whole city.
    """
    scene = Scene(board, selection, tokens, t, district_id)
    city = bounds_of(scene.areas.drop(index=scene.far))
    words = {key: t(f"map.{key}") for key in ("map", "zoom_in", "zoom_out", "home", "layers", "close")}
    layers = (district_layer(scene), park_layer(scene), firm_layer(scene), focus_layer(scene, city))
    watermark = t("map.watermark") if board.dataset.synthetic else ""
    return MapParts(Frame(city, notice, words, watermark), layers)
