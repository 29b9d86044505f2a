"""Hubs on a map: metro and railway stations, border crossings, ports, airports, each a dot with the letter of its kind.

An extra layer, off unless a reader switches it on; a served map sends its marks only then. Kinds differ by letter,
never by a colour. Far away stations of the metro go, nearer by they are dots, and near they have their letter too.
"""

from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd

from data import columns as c
from data.hub_kinds import HUB_KINDS
from geo.layer_records import Badge, Card, Key, Legend
from geo.layers import Layer, draw_badges
from views.map_scene import Scene
from views.words import Words

LAYER = "hubs"
DRAWN_FIRST = ("airport", "rail", "port", "border", "metro")
"""Of letters that would lie on each other the first drawn stays, so rare kinds go first."""

MOST_DRAWN = 500
BUNDLED_PRECISION = "bus stop(s) of that name, about 300 m"


def has_hubs(scene: Scene) -> bool:
    """Whether there is anything for the layer to draw."""
    return c.KIND in scene.dataset.hubs and len(scene.dataset.hubs) > 0


def hub_layer(scene: Scene) -> Layer:
    """Hubs of the whole city: one beyond the border of a district serves it too."""
    show, t = LAYER in scene.selection.show, scene.t
    drawn = drawn_hubs(scene.dataset.hubs) if show or not scene.served else scene.dataset.hubs.iloc[:0]
    badges = [_badge(hub, t) for hub in drawn.to_dict("records")]
    return draw_badges(
        badges,
        scene.tokens.palette,
        name=t("layer.hubs"),
        legend=_legend(drawn, len(scene.dataset.hubs), scene),
        show=show,
    )


def drawn_hubs(hubs: pd.DataFrame) -> pd.DataFrame:
    """Hubs with rare kinds first, at most ``MOST_DRAWN``."""
    order = hubs[c.KIND].map({kind: rank for rank, kind in enumerate(DRAWN_FIRST)})
    return hubs.loc[order.sort_values(kind="stable").index[:MOST_DRAWN]]


def hub_precision(written: object, t: Words) -> str:
    """How well a point is known, as its file says it; that of the bundled set in the reader's language."""
    if written == BUNDLED_PRECISION:
        return t("map.hub_precision")
    return written if isinstance(written, str) and written else t("word.no_data")


def _badge(hub: Mapping[Hashable, Any], t: Words) -> Badge:
    kind, precision = t(f"hub_kind.{hub[c.KIND]}"), hub_precision(hub.get(c.PRECISION), t)
    source = hub.get(c.SOURCE)
    named = source if isinstance(source, str) and source else t("word.no_data")
    return Badge(
        badge_id=str(hub[c.HUB_ID]),
        lon=hub[c.LON],
        lat=hub[c.LAT],
        letter=t(f"hub_letter.{hub[c.KIND]}"),
        tip=(hub[c.NAME], kind, t("map.precision", precision=precision)),
        card=Card(
            hub[c.NAME],
            ((t("field.hub_kind"), kind), (t("field.precision"), precision)),
            (t("map.source", source=named), t(f"status.{hub[c.STATUS]}")),
        ),
        minor=hub[c.KIND] == "metro",
    )


def _legend(drawn: pd.DataFrame, known: int, scene: Scene) -> Legend:
    t, palette = scene.t, scene.tokens.palette
    kinds = [kind for kind in HUB_KINDS if (drawn[c.KIND] == kind).any()] if len(drawn) else []
    keys = tuple(Key(t(f"hub_kind.{kind}"), palette.page, palette.text, mark=t(f"hub_letter.{kind}")) for kind in kinds)
    note = t("map.hubs_cut", drawn=f"{len(drawn):,}", n=f"{known:,}") if keys and known > len(drawn) else ""
    return Legend(((t("layer.hubs"), keys),) if keys else (), note)
