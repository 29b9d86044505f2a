"""What a map shows for a board and a selection: areas, parks, stacks of firms, focus. No Streamlit here.

The page and the HTML export draw the same parts.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely.geometry.base import BaseGeometry

from clusters.goals import Board
from clusters.standing import cluster_totals, observed_firms, select
from data import columns as c
from data.dataset import Dataset
from geo.boundaries import simplify_areas
from geo.layers import (
    NO_DATA,
    Area,
    Bounds,
    Card,
    Focus,
    Frame,
    Inset,
    Key,
    Layer,
    Legend,
    Ring,
    Stack,
    bounds_of,
    draw_areas,
    draw_focus,
    draw_stacks,
)
from views.selection import Measure, Selection
from views.tokens import Tokens, seals
from views.words import Words

DISPLAY_TOLERANCE_M = 60.0
PARK_UNCERTAINTY_M = 500.0  # bus-stop proxies: notes of the source say 300–500 m
BREAKS: dict[Measure, tuple[float, ...]] = {
    "revenue": (10**9, 10**10, 10**11),
    "firms": (5, 10, 20),
    "density": (10**7, 10**8, 10**9),  # CNY per official km²
    "share": (0.01, 0.1, 0.5),
}
NEAR_DEGREES = 0.015


@dataclass(frozen=True)
class MapParts:
    """A frame that stays and the layers on it, the focus last."""

    frame: Frame
    groups: tuple[Layer, ...]


def subsectors_shown(board: Board, selection: Selection) -> list[str]:
    """Subsectors that the filters leave, in the order of the plan; a cluster in focus stands alone."""
    if selection.focus and selection.focus.kind == "cluster":
        return [selection.focus.id]
    tiers = board.clusters[c.TIER]
    return [
        s
        for s in board.clusters.index
        if (not selection.subsectors or s in selection.subsectors)
        and (selection.tier == "all" or (tiers[s] == selection.tier if isinstance(tiers[s], str) else False))
    ]


def district_figures(board: Board, shown: Iterable[str]) -> pd.DataFrame:
    """Per district: total_cny, firms, density (CNY/km²) and share of the city; missing without a firm."""
    dataset = board.dataset
    observed = select(observed_firms(dataset, place=board.place), year=board.year)
    observed = observed[observed[c.SUBSECTOR_ID].isin(list(shown))]
    figures = cluster_totals(observed, [c.DISTRICT_ID]).reindex(dataset.districts.index)
    city = observed[c.REVENUE_CNY].sum()
    figures["revenue"] = figures[c.TOTAL_CNY]
    figures["density"] = figures[c.TOTAL_CNY] / (dataset.districts[c.OFFICIAL_AREA_M2] / 1e6)
    figures["share"] = figures[c.TOTAL_CNY] / city if city else np.nan
    return figures


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
    drawing = _Drawing(board, selection, tokens, t, district_id)
    city = bounds_of(drawing.areas.drop(index=drawing.far))
    words = {key: t(f"map.{key}") for key in ("map", "zoom_in", "zoom_out", "home")}
    groups = (drawing.district_layer(), drawing.park_layer(), drawing.firm_layer(), drawing.focus_layer(city))
    return MapParts(Frame(city, notice, words), groups)


@lru_cache(maxsize=4)
def _areas_of(dataset: Dataset) -> gpd.GeoDataFrame:
    """Outlines with fewer points, shared edges kept shared; for display only. A dataset is its own key."""
    return simplify_areas(dataset.districts, DISPLAY_TOLERANCE_M)


class _Drawing:
    """One map: the tables it needs and its layers."""

    def __init__(self, board: Board, selection: Selection, tokens: Tokens, t: Words, district_id: str) -> None:
        self.board, self.selection, self.tokens, self.t, self.district_id = board, selection, tokens, t, district_id
        self.dataset = board.dataset
        self.districts = self.dataset.districts
        self.areas = _areas_of(self.dataset)
        self.shown = subsectors_shown(board, selection)
        self.figures = district_figures(board, self.shown)
        self.label = self.districts[c.LABEL_ZH if t.language == "zh" else c.LABEL_EN]
        self.name = self.districts[c.NAME if t.language == "zh" else c.NAME_EN]
        # an area far from the rest would halve the map: it gets a frame of its own
        centre = self.districts[c.LABEL_LON].median()
        self.far = [d for d in self.districts.index if abs(self.districts[c.LABEL_LON][d] - centre) > 0.6]
        self.firms = self._placed_firms()

    # areas ---------------------------------------------------------------------------------------------------------

    def district_layer(self) -> Layer:
        areas = [self._area(d) for d in self.districts.index]
        inset = None
        if self.far and not self.district_id:
            far = next(a for a in areas if a.area_id == self.far[0])
            title = self.name[far.area_id] if self.t.language == "zh" else self.label[far.area_id]
            inset = Inset(far, title, self.t("map.inset", value=far.value), self.t("map.inset_hint"))
        return draw_areas(
            areas,
            self.tokens.palette,
            name=self.t("layer.districts"),
            legend=self._area_legend(),
            inset=inset,
            show="districts" not in self.selection.hide,
        )

    def _area(self, district_id: str) -> Area:
        measure = self.selection.measure
        value = self.figures[measure][district_id]
        row = self.districts.loc[district_id]
        if self.district_id:  # one area on quiet neighbours: the marks in it speak, not its fill
            step, shown = (0 if district_id == self.district_id else NO_DATA), ""
        else:
            known = value == value
            step = sum(value >= b for b in BREAKS[measure]) if known else NO_DATA
            shown = self._figure(value) if known else self.t("word.no_data")
        return Area(
            area_id=district_id,
            geometry=self.areas.geometry[district_id],
            label=self.label[district_id],
            value=shown,
            step=int(step),
            lon=row[c.LABEL_LON],
            lat=row[c.LABEL_LAT],
            tip=self._area_tip(district_id),
            card=self._area_card(district_id),
            focus=district_id == self.district_id or self._is_focus("district", district_id),
            lifted=bool((self.firms[c.PLACE_ID] == district_id).any()),
        )

    def _figure(self, value: float, *, unit: bool = False) -> str:
        measure, t = self.selection.measure, self.t
        if measure == "revenue":
            return t.money(value, unit=unit)
        if measure == "density":
            return t.density(value) if unit else t.density(value).split(" ")[0]
        return t.share(value) if measure == "share" else (t.firms(value) if unit else f"{value:,.0f}")

    def _area_tip(self, district_id: str) -> tuple[str, ...]:
        row = self.figures.loc[district_id]
        if row[c.TOTAL_CNY] != row[c.TOTAL_CNY]:
            return (self.name[district_id], self.t("map.no_firm"))
        facts = (
            self.t.money(row[c.TOTAL_CNY]),
            self.t.firms(row[c.FIRMS]),
            self.t("map.of_city", share=self.t.share(row["share"])),
        )
        return (self.name[district_id], " · ".join(facts), self.t("map.stamp", year=self.board.year))

    def _area_card(self, district_id: str) -> Card:
        t, row, place = self.t, self.figures.loc[district_id], self.districts.loc[district_id]
        rows = [(t("field.kind"), t(f"kind.{place[c.KIND]}"))]
        if row[c.TOTAL_CNY] == row[c.TOTAL_CNY]:
            rows += [
                (t("measure.revenue"), t.money(row[c.TOTAL_CNY])),
                (t("measure.firms"), t.firms(row[c.FIRMS])),
                (t("measure.share"), t.share(row["share"])),
                (t("measure.density"), t.density(row["density"])),
                (t("field.top_firm"), str(self.dataset.firms[c.SHORT_NAME][row[c.TOP_FIRM_ID]])),
            ]
        else:
            rows.append((t("measure.revenue"), t("map.no_firm")))
        rows.append((t("field.official_area"), f"{place[c.OFFICIAL_AREA_M2] / 1e6:,.2f} km²"))
        small = (t("map.stamp", year=self.board.year), t("map.area_source", source=place[c.AREA_SOURCE]))
        return Card(self.name[district_id], tuple(rows), small)

    def _area_legend(self) -> Legend:
        measure, palette, t = self.selection.measure, self.tokens.palette, self.t
        firms = (t("map.firm_legend"), self._firm_keys())
        if self.district_id:
            return Legend((firms,))
        edges = BREAKS[measure]
        written = [
            t.money_step(round(e))
            if measure in ("revenue", "density")
            else t.share(e)
            if measure == "share"
            else f"{e:g}"
            for e in edges
        ]
        steps = [
            f"< {written[0]}",
            *(f"{a} – {b}" for a, b in pairwise(written)),
            f"≥ {written[-1]}",
        ]
        keys = [Key(words, fill) for words, fill in zip(steps, palette.ramp, strict=True)]
        nothing = Key(t("word.no_data"), palette.no_data, palette.edge_no_data, dash="dashed")
        heading = t(f"measure.{measure}")
        if self.selection.focus and self.selection.focus.kind == "cluster":
            heading = f"{t('subsector.' + self.selection.focus.id)} · {heading}"
        title = t("map.legend_title", measure=heading, unit=t(f"measure_unit.{measure}"), year=self.board.year)
        note = t("map.legend_note_sample") if self.dataset.basis == "listed_sample" else ""
        return Legend(((title, (*reversed(keys), nothing)), firms), note)

    # places --------------------------------------------------------------------------------------------------------

    def park_layer(self) -> Layer:
        parks = self.dataset.parks
        parks = parks[parks[c.LON].notna()]
        if self.district_id:
            parks = parks[parks[c.DISTRICT_ID] == self.district_id]
        stacks = [
            Stack(
                kind="park",
                stack_id=p[c.PARK_ID],
                lon=p[c.LON],
                lat=p[c.LAT],
                radius_px=4,
                fill="",
                ink="",
                ring="park",
                tip=(p[c.NAME], self.t("map.park_precision")),
                cards=(self._park_card(p),),
                label=p[c.NAME],
                uncertainty_m=PARK_UNCERTAINTY_M,
            )
            for p in parks.to_dict("records")
        ]
        return draw_stacks(
            stacks, self.tokens.palette, name=self.t("layer.parks"), show="parks" not in self.selection.hide
        )

    def _park_card(self, park: dict[str, str]) -> Card:
        t = self.t
        rows = [
            (
                t("field.district"),
                self.name[park[c.DISTRICT_ID]] if park[c.DISTRICT_ID] in self.name.index else t("word.no_data"),
            )
        ]
        for key, column in (("field.operator", c.OPERATOR), ("field.area", c.AREA_TEXT), ("field.focus", c.FOCUS)):
            rows.append((t(key), park[column] or t("word.no_data")))
        rows.append((t("field.precision"), t("map.park_precision")))
        return Card(park[c.NAME], tuple(rows), (t("map.source", source=park[c.SOURCE]), t(f"status.{park[c.STATUS]}")))

    def _placed_firms(self) -> pd.DataFrame:
        """Firms with a point, with the year's revenue where there is one, after the filters."""
        firms = self.dataset.firms
        year = select(observed_firms(self.dataset, place=self.board.place), year=self.board.year).set_index(c.FIRM_ID)
        firms = firms.join(year[[c.REVENUE_CNY, c.STATUS, c.DISTRICT_ID]]).join(year[c.SOURCE].rename("revenue_source"))
        counted = firms[c.DISTRICT_ID].fillna(firms[c.REGISTERED_DISTRICT_ID])
        keep = firms[c.LON].notna() & firms[c.SUBSECTOR_ID].isin(self.shown)
        if self.board.place == "operating":
            keep &= firms[c.OPERATING_DISTRICT_ID].fillna("") != c.OUTSIDE
        if self.selection.precisions:
            keep &= firms[c.LOCATION_PRECISION].isin(self.selection.precisions)
        if self.district_id:
            keep &= counted == self.district_id
        return firms[keep].sort_values([c.REVENUE_CNY, c.FIRM_ID], ascending=[False, True], na_position="last")

    def firm_layer(self) -> Layer:
        places = self.firms.groupby(c.PLACE_ID, sort=False)
        stacks = [self._stack(str(place_id), group) for place_id, group in places]
        stacks.sort(key=lambda s: -s.radius_px)  # small marks lie on top of large ones
        return draw_stacks(
            stacks, self.tokens.palette, name=self.t("layer.firms"), show="firms" not in self.selection.hide
        )

    def _stack(self, place_id: str, group: pd.DataFrame) -> Stack:
        t, first = self.t, group.iloc[0]
        total, alone = group[c.REVENUE_CNY].sum(min_count=1), len(group) == 1
        kinds = group[c.SUBSECTOR_ID].unique()
        seal = seals(self.tokens.theme, t.language)[kinds[0]]
        fill, ink = (seal.fill, seal.ink) if len(kinds) == 1 else (self.tokens.outline, self.tokens.palette.page)
        ring: Ring = first[c.LOCATION_PRECISION]
        figure = t.money(total) if total == total else t("map.no_revenue", year=self.board.year)
        head = first[c.SHORT_NAME] if alone else t("map.stack", place=self._place_name(place_id), n=len(group))
        return Stack(
            kind="firm" if alone else "stack",
            stack_id=first[c.FIRM_ID] if alone else place_id,
            lon=first[c.LON],
            lat=first[c.LAT],
            radius_px=max(radius_px(total), 8 if not alone else 0),
            fill=fill if total == total else "",
            ink=ink if total == total else self.tokens.palette.text,
            ring=ring,
            tip=(head, figure, t("map.precision", precision=t(f"precision.{ring}"))),
            cards=tuple(self._firm_card(f) for f in group.to_dict("records")),
            count=len(group),
        )

    def _firm_card(self, firm: dict[str, object]) -> Card:
        t, revenue = self.t, firm[c.REVENUE_CNY]
        subsector = str(firm[c.SUBSECTOR_ID])
        seal = seals(self.tokens.theme, t.language)[subsector]
        district = firm[c.REGISTERED_DISTRICT_ID]
        known = isinstance(revenue, float | int) and revenue == revenue
        rows = [
            (t("field.subsector"), t(f"subsector.{subsector}")),
            (t("field.revenue", year=self.board.year), t.money(float(revenue)) if known else t("word.no_data")),
            (t("field.registered"), self.name[district] if district in self.name.index else t("word.no_data")),
            (t("field.address"), str(firm[c.ADDRESS] or t("word.no_data"))),
            (t("field.precision"), t(f"precision.{firm[c.LOCATION_PRECISION]}")),
        ]
        small = []
        if firm[c.PLACE_CONFLICT]:
            small.append(t("map.conflict"))
        if firm[c.OPERATING_DISTRICT_ID] == c.OUTSIDE:
            small.append(t("map.office_outside"))
        if known:
            small.append(t("map.revenue_source", source=firm["revenue_source"], status=t(f"status.{firm[c.STATUS]}")))
        small.append(t("map.source", source=firm[c.SOURCE] or t("word.no_data")))
        return Card(
            f"{firm[c.SHORT_NAME]} {firm[c.FIRM_ID]}", tuple(rows), tuple(small), seal.character, seal.fill, seal.ink
        )

    def _place_name(self, place_id: str) -> str:
        for table in (self.dataset.parks, self.dataset.streets):
            if place_id in table.index:
                return str(table[c.NAME][place_id])
        return str(self.name[place_id])

    def _firm_keys(self) -> tuple[Key, ...]:
        t, palette = self.t, self.tokens.palette
        return (
            Key(t("map.key_park"), palette.muted, palette.page, dot=True),
            Key(t("map.key_street"), palette.muted, palette.text, dot=True, dash="dashed"),
            Key(t("map.key_district"), palette.muted, palette.text, dot=True, dash="dotted"),
            Key(t("map.key_hollow"), palette.page, palette.muted, dot=True),
        )

    # focus ---------------------------------------------------------------------------------------------------------

    def focus_layer(self, city: Bounds) -> Layer:
        home = bounds_of(self.areas.loc[[self.district_id]]) if self.district_id else city
        focus = self.selection.focus
        key = f"{self.district_id}|{focus or ''}"
        bounds: Bounds | None = None
        card, at, geometry, point = "", None, None, None
        if focus is not None and focus.kind == "district":
            geometry, bounds = self._outline(focus.id)
            if focus.id != self.district_id:
                card, at = (
                    str(focus),
                    (float(self.districts[c.LABEL_LAT][focus.id]), float(self.districts[c.LABEL_LON][focus.id])),
                )
        elif focus is not None and focus.kind == "cluster":
            bounds = self._cluster_bounds()
        elif focus is not None:
            point, card = self._point(focus.kind, focus.id)
            bounds = (
                ((point[1] - NEAR_DEGREES, point[0] - NEAR_DEGREES), (point[1] + NEAR_DEGREES, point[0] + NEAR_DEGREES))
                if point
                else None
            )
        if geometry is None and self.district_id:
            geometry, _ = self._outline(self.district_id)
        return draw_focus(
            Focus(key, home, bounds, card, at, clear=bool(self.district_id)),
            self.tokens.palette,
            name="focus",
            geometry=geometry,
            point=point,
        )

    def _outline(self, district_id: str) -> tuple[BaseGeometry, Bounds]:
        return self.areas.geometry[district_id], bounds_of(self.areas.loc[[district_id]])

    def _cluster_bounds(self) -> Bounds | None:
        if self.district_id or self.firms.empty:
            return None
        held = [d for d in self.figures.index[self.figures[c.TOTAL_CNY].notna()] if d not in self.far]
        return bounds_of(self.areas.loc[held]) if held else None

    def _point(self, kind: str, asked: str) -> tuple[tuple[float, float] | None, str]:
        """Point (lon, lat) of a park, street, firm or stack, and the card to open."""
        if kind == "firm":
            firm = self.dataset.firms.loc[asked]
            if firm[c.LON] != firm[c.LON]:
                return None, ""
            mates = self.firms[self.firms[c.PLACE_ID] == firm[c.PLACE_ID]]
            return (float(firm[c.LON]), float(firm[c.LAT])), f"stack:{firm[c.PLACE_ID]}" if len(
                mates
            ) > 1 else f"firm:{asked}"
        if kind == "stack":
            mates = self.firms[self.firms[c.PLACE_ID] == asked]
            return (
                ((float(mates[c.LON].iloc[0]), float(mates[c.LAT].iloc[0])), f"stack:{asked}")
                if len(mates)
                else (None, "")
            )
        place = (self.dataset.parks if kind == "park" else self.dataset.streets).loc[asked]
        return (None if place[c.LON] != place[c.LON] else (float(place[c.LON]), float(place[c.LAT]))), f"{kind}:{asked}"

    def _is_focus(self, kind: str, asked: str) -> bool:
        focus = self.selection.focus
        return focus is not None and focus.kind == kind and focus.id == asked


def radius_px(total_cny: float) -> float:
    """Radius whose area grows with revenue; 4 px without any."""
    return 4.0 if total_cny != total_cny else 4.0 + 0.3 * float(np.sqrt(total_cny / 10**8))
