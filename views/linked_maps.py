"""Two to four maps side by side, each resting on its district at one scale; moving one moves the others.

Each is a frame of its own, as any map of the app, so that layers, tiles, cards and the keyboard work as everywhere;
``geo/browser/map.js`` lets the frames tell each other how far they were moved. Equal scale comes from equal bounds: the
largest extent of the districts, around the middle of each.
"""

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st
from streamlit_folium import st_folium

from data import columns as c
from geo.layer_records import Bounds
from geo.layers import base_map, bounds_of
from geo.mercator import latitude, mercator
from views import state
from views.comparison import Comparison
from views.map_parts import map_parts
from views.map_scene import display_areas
from views.provenance import map_notice
from views.selection import Selection
from views.words import Words, plain

HEIGHT_PX = 360


def show_linked_maps(found: Comparison, chosen: Selection, t: Words) -> None:
    """A title above each map; on a phone they stand one below the other."""
    look, board = state.look(), found.board
    whole = chosen.with_(subsectors=(), tier="all", precisions=(), focus=None, hide=(), show=())
    names = board.dataset.districts[c.NAME if t.language == "zh" else c.NAME_EN]
    areas = display_areas(board.dataset)
    rests = equal_bounds([bounds_of(areas.loc[[d]]) for d in found.districts])
    for column, d, rest in zip(st.columns(len(found.districts), gap="small"), found.districts, rests, strict=True):
        facts = t("compare.map_title", firms=f"{found.facts[c.FIRMS][d]:,}", parks=f"{found.facts[c.PARKS][d]:,}")
        parts = map_parts(board, whole, look, t, notice=map_notice(board, t), district_id=d, rest=rest)
        words = parts.frame.words | {"map": f"{t('map.map')} {names[d]}", "home": t("compare.home")}
        with column:
            st.markdown(f"**{found.mark(d)} {plain(names[d])}**　:small[:gray[{facts}]]")
            st_folium(
                base_map(replace(parts.frame, bounds=rest, words=words, linked=True), look.palette),
                key=f"map_{d}",
                height=HEIGHT_PX,
                use_container_width=True,
                returned_objects=[],
                feature_group_to_add=list(parts.groups),
            )


def equal_bounds(bounds: Sequence[Bounds]) -> list[Bounds]:
    """Bounds of one size on the map, the largest of those given, around the middle of each.

    Examples
    --------
    >>> equal_bounds([((-1.0, 0.0), (1.0, 4.0)), ((-3.0, 10.0), (3.0, 11.0))])[1]
    ((-3.0, 8.5), (3.0, 12.5))
    """
    boxes = []
    for (south, west), (north, east) in bounds:
        x, y = mercator([west, east], [north, south])
        boxes.append((x.mean(), y.mean(), x[1] - x[0], y[1] - y[0]))
    width, height = max(box[2] for box in boxes), max(box[3] for box in boxes)
    return [
        (
            (round(latitude(y + height / 2), 9), round(float((x - width / 2) * 360 - 180), 9)),
            (round(latitude(y - height / 2), 9), round(float((x + width / 2) * 360 - 180), 9)),
        )
        for x, y, *_ in boxes
    ]
