"""Ranked parks on a map: the first ten with their numbers, rings and firms of the chain around the one in focus.

The districts are quiet ground here; the numbers speak. The page and whatever is exported draw the same parts.
"""

from dataclasses import dataclass

from clusters.goals import Board
from clusters.site_neighbors import SiteNeighbors
from clusters.site_records import NEIGHBORHOODS_M
from data import columns as c
from geo.layer_records import NO_DATA, Area, Bounds, Card, Focus, Frame, Key, Legend, Ring, Stack
from geo.layers import Layer, bounds_of, draw_areas, draw_focus, draw_rings, draw_stacks
from views.map_atlas import map_atlas
from views.map_hubs import has_hubs, hub_layer
from views.map_parks import PARK_UNCERTAINTY_M
from views.map_parts import MapParts
from views.map_scene import Scene
from views.selection import Selection
from views.sites_facts import (
    AS_CARDS,
    MOST_LISTED,
    Listing,
    district_of,
    firm_name,
    leading_reasons,
    name_of,
    park_facts,
    ranks_text,
    short_reason,
)
from views.tokens import Tokens
from views.words import Words

MARK_PX, FIRM_PX = 11.0, 5.0
MOST_FIRMS_DRAWN = 150
EDGE_DEGREES = 0.015
AROUND_DEGREES = (0.049, 0.053)  # five kilometres and a little, as latitude and longitude


@dataclass(frozen=True)
class SitesOnMap:
    """What a map of sites shows: the ranking, if there is one, the park in focus and its neighbors."""

    listing: Listing | None = None
    park_id: str = ""
    near: SiteNeighbors | None = None


def sites_map(
    board: Board, selection: Selection, tokens: Tokens, t: Words, shown: SitesOnMap, *, notice: str
) -> MapParts:  # fmt: skip
    """Frame and layers of the map, the focus last.

    Parameters
    ----------
    board : Board
        The city's board.
    selection : Selection
    tokens, t : Tokens, Words
        Theme and language.
    shown : SitesOnMap
    notice : str
        Printed on the map.
    """
    scene = Scene(board, selection.with_(subsectors=(), focus=None), tokens, t)
    city = bounds_of(scene.areas.drop(index=scene.far))
    words = {key: t(f"map.{key}") for key in ("map", "zoom_in", "zoom_out", "home", "layers", "close")}
    around = [_rings(scene, shown), _firms(scene, shown)] if shown.near is not None else []
    hubs = [hub_layer(scene)] if has_hubs(scene) else []
    layers = (_ground(scene, shown), *hubs, *around, _parks(scene, shown), _view(scene, shown, city))
    watermark = t("map.watermark") if board.dataset.synthetic else ""
    atlas = map_atlas(board.dataset, t.language, tokens.theme)
    return MapParts(Frame(city, notice, atlas, words=words, watermark=watermark), layers)


def _listed(shown: SitesOnMap) -> tuple[str, ...]:
    return () if shown.listing is None else shown.listing.ids[:MOST_LISTED]


def _ground(scene: Scene, shown: SitesOnMap) -> Layer:
    """The districts without figures; where only one is looked at, the others lie back."""
    only = "" if shown.listing is None else shown.listing.ranking.request.district_id or ""
    areas = []
    for district_id, row in scene.districts.iterrows():
        asked = str(district_id)
        areas.append(
            Area(
                area_id=asked,
                label=scene.label[asked],
                value="",
                step=NO_DATA if only and asked != only else 0,
                lon=row[c.LABEL_LON],
                lat=row[c.LABEL_LAT],
                tip=(scene.name[asked],),
                card=None,
            )
        )
    return draw_areas(
        areas,
        scene.tokens.palette,
        name=scene.t("layer.districts"),
        legend=_legend(scene, shown),
        show="districts" not in scene.selection.hide,
    )


def _legend(scene: Scene, shown: SitesOnMap) -> Legend:
    t, palette = scene.t, scene.tokens.palette
    others = Key(t("sites.key_others"), palette.page, palette.muted, dot=True)
    keys: tuple[Key, ...] = (
        Key(t("sites.key_first", n=AS_CARDS), palette.accent, palette.accent, dot=True),
        Key(t("sites.key_next", first=AS_CARDS + 1, last=MOST_LISTED), palette.page, palette.accent, dot=True),
        others,
    )
    shown_keys: tuple[Key, ...] = keys if _listed(shown) else (others,)
    if shown.near is not None:
        dot = Key(t("sites.key_firms"), scene.tokens.outline, palette.page, dot=True)
        shown_keys += (dot, Key(t("sites.key_rings"), "transparent", palette.accent, dot=True, dash="dashed"))
    return Legend(((t("sites.key_parks"), shown_keys),))


def _parks(scene: Scene, shown: SitesOnMap) -> Layer:
    """Other parks as the atlas holds them, and the listed ones as numbers, the first on top."""
    listed = _listed(shown)
    parks = scene.dataset.parks
    placed = [str(p) for p in parks.index[parks[c.LON].notna()]]
    others = [f"park:{p}" for p in placed if p not in listed]
    marks = [_mark(scene, shown.listing, p) for p in reversed(listed) if p in placed] if shown.listing else []
    return draw_stacks(
        [*others, *marks],
        scene.tokens.palette,
        name=scene.t("layer.parks"),
        show="parks" not in scene.selection.hide,
    )


def _mark(scene: Scene, listing: Listing, park_id: str) -> Stack:
    t, palette, park = scene.t, scene.tokens.palette, scene.dataset.parks.loc[park_id]
    rank, name = listing.rank(park_id), name_of(scene.dataset, park_id)
    first = rank <= AS_CARDS
    points = listing.points_text(park_id, t)
    return Stack(
        kind="park",
        stack_id=park_id,
        lon=park[c.LON],
        lat=park[c.LAT],
        radius_px=MARK_PX,
        fill=palette.accent if first else palette.page,
        ink=palette.page if first else palette.accent,
        ring="park",
        tip=(name, f"{t('sites.rank', n=rank)} · {points}", t("map.precision", precision=t("map.park_precision"))),
        cards=(_card(listing, park_id, name, points, t),),
        uncertainty_m=PARK_UNCERTAINTY_M,
        mark=str(rank),
        edge=palette.accent,
        front=10 * (1 + MOST_LISTED - rank) * 100,
    )


def _card(listing: Listing, park_id: str, name: str, points: str, t: Words) -> Card:
    facts = dict(park_facts(listing.dataset, park_id, t))
    rows = [
        (t("field.district"), district_of(listing.dataset, park_id, t)),
        (t("sites.score"), points),
        (t("sites.rank_field"), ranks_text(listing, park_id, t)),
        (t("field.operator"), facts[t("field.operator")]),
    ]
    small = [short_reason(r, t) for r in leading_reasons(listing.ranking, park_id)]
    return Card(name, tuple(rows), (*small, t("map.precision", precision=t("map.park_precision"))))


def _rings(scene: Scene, shown: SitesOnMap) -> Layer:
    park = scene.dataset.parks.loc[shown.park_id]
    rings = [(float(m), scene.t("sites.ring", km=f"{m / 1000:g}")) for m in NEIGHBORHOODS_M]
    return draw_rings(park[c.LON], park[c.LAT], rings, scene.tokens.palette, name=scene.t("sites.key_rings"))


def _firms(scene: Scene, shown: SitesOnMap) -> Layer:
    """The largest firms of the chain within the farthest ring; those at one point as one mark."""
    near = shown.near
    if near is None:
        return draw_stacks([], scene.tokens.palette, name=scene.t("sites.key_firms"))
    marks = []
    for at, ((lon, lat), group) in enumerate(near.firms.head(MOST_FIRMS_DRAWN).groupby([c.LON, c.LAT], sort=False)):
        t, first = scene.t, group.iloc[0]
        ring: Ring = first[c.LOCATION_PRECISION]
        names = t.listed([firm_name(row, t) for _, row in group.head(5).iterrows()])
        n = t("sites.firms_here", n=len(group), names=names) if len(group) > 1 else names
        precision = t("map.precision", precision=t(f"precision.{ring}"))
        distance = t("sites.away", m=f"{float(first[c.DISTANCE_M]):,.0f}")
        marks.append(
            Stack(
                kind="neighbors",
                stack_id=str(at),
                lon=float(lon),
                lat=float(lat),
                radius_px=FIRM_PX if len(group) == 1 else 8,
                fill=scene.tokens.outline,
                ink=scene.tokens.palette.page,
                ring=ring,
                tip=(n, distance, precision),
                cards=(Card(n, ((t("sites.distance"), distance),), (precision, t("site.straight_line"))),),
                count=len(group),
            )
        )
    return draw_stacks(marks, scene.tokens.palette, name=scene.t("sites.key_firms"))


def _view(scene: Scene, shown: SitesOnMap, city: Bounds) -> Layer:
    """Home is where the listed parks are; a park in focus is shown with its rings."""
    listed = [p for p in _listed(shown) if p not in _far_parks(scene)]
    home = _bounds(scene, listed) if listed else city
    name, bounds, point, card = ",".join(listed), None, None, ""
    if shown.park_id:
        park = scene.dataset.parks.loc[shown.park_id]
        if park[c.LON] == park[c.LON]:
            lon, lat, (north, east) = float(park[c.LON]), float(park[c.LAT]), AROUND_DEGREES
            bounds, point = ((lat - north, lon - east), (lat + north, lon + east)), (lon, lat)
            name = f"park:{shown.park_id}"
    goal = Focus(f"sites|{name}", home, bounds, card, None, clear=True)
    return draw_focus(goal, scene.tokens.palette, name="focus", point=point)


def _far_parks(scene: Scene) -> set[str]:
    parks = scene.dataset.parks
    return set(map(str, parks.index[parks[c.DISTRICT_ID].isin(scene.far).to_numpy()]))


def _bounds(scene: Scene, park_ids: list[str]) -> Bounds:
    parks = scene.dataset.parks.loc[park_ids]
    south, west = float(parks[c.LAT].min()) - EDGE_DEGREES, float(parks[c.LON].min()) - EDGE_DEGREES
    return ((south, west), (float(parks[c.LAT].max()) + EDGE_DEGREES, float(parks[c.LON].max()) + EDGE_DEGREES))
