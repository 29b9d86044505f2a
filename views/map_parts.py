"""What a map shows for a board and a selection; the page and the HTML export draw the same parts. No Streamlit here."""

from dataclasses import dataclass

from clusters.goals import Board
from geo.layer_records import Frame
from geo.layers import Layer, bounds_of
from views.map_areas import district_layer
from views.map_atlas import map_atlas
from views.map_firms import firm_layer
from views.map_focus import focus_layer
from views.map_ground import ground_layer, is_drawn
from views.map_hubs import has_hubs, hub_layer
from views.map_parks import park_layer
from views.map_scene import Scene
from views.map_tiles import firm_picture, firm_tiles
from views.selection import Selection
from views.tokens import Tokens
from views.words import Words


@dataclass(frozen=True)
class MapParts:
    """A frame that stays and the layers on it, the focus last."""

    frame: Frame
    groups: tuple[Layer, ...]


def map_parts(
    board: Board,
    selection: Selection,
    tokens: Tokens,
    t: Words,
    *,
    notice: str,
    district_id: str = "",
    served: bool = True,
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
    served : bool
        Whether there is a server that draws tiles; a document has none.
    """
    scene = Scene(board, selection, tokens, t, district_id, served)
    city = bounds_of(scene.areas.drop(index=scene.far))
    words = {key: t(f"map.{key}") for key in ("map", "zoom_in", "zoom_out", "home", "layers", "close")}
    draw_firms = firm_layer
    if board.dataset.has_many_firms and scene.shown:
        draw_firms = firm_tiles if served else firm_picture
    ground = [ground_layer(scene)] if is_drawn(scene) else []
    hubs = [hub_layer(scene)] if has_hubs(scene) else []
    layers = (district_layer(scene), park_layer(scene), draw_firms(scene), *hubs, *ground, focus_layer(scene, city))
    atlas = map_atlas(board.dataset, t.language, tokens.theme)
    watermark = t("map.watermark") if board.dataset.synthetic else ""
    return MapParts(Frame(city, notice, atlas, words=words, watermark=watermark), layers)
