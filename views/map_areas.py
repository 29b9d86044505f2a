"""The districts on a map: fill by class, label, tooltip, card, legend, and an inset for an area far from the rest."""

from itertools import pairwise

from data import columns as c
from data.lookup import short_name
from geo.layer_records import NO_DATA, Area, Card, Inset, Key, Legend
from geo.layers import Layer, draw_areas
from views.figures import is_withheld, scope_words
from views.map_firms import firm_keys
from views.map_scene import Scene
from views.selection import Measure

BREAKS: dict[Measure, tuple[float, ...]] = {
    "revenue": (10**9, 10**10, 10**11),
    "firms": (5, 10, 20),
    "density": (10**7, 10**8, 10**9),  # CNY per official km²
    "share": (0.01, 0.1, 0.5),
}


def district_layer(scene: Scene) -> Layer:
    """Districts by class of the chosen measure."""
    areas = [district_area(scene, d) for d in scene.districts.index]
    inset = None
    if scene.far and not scene.district_id:
        far = next(a for a in areas if a.area_id == scene.far[0])
        title = scene.name[far.area_id] if scene.t.language == "zh" else scene.label[far.area_id]
        inset = Inset(far, title, scene.t("map.inset", value=far.value), scene.t("map.inset_hint"))
    return draw_areas(
        areas,
        scene.tokens.palette,
        name=scene.t("layer.districts"),
        legend=area_legend(scene),
        inset=inset,
        show="districts" not in scene.selection.hide,
    )


def district_area(scene: Scene, district_id: str) -> Area:
    """A district as the map draws it."""
    measure = scene.selection.measure
    value = scene.figures[measure][district_id]
    row = scene.districts.loc[district_id]
    if scene.district_id:  # one area on quiet neighbours: the marks in it speak, not its fill
        step, shown = (0 if district_id == scene.district_id else NO_DATA), ""
    else:
        known = value == value
        step = sum(value >= b for b in BREAKS[measure]) if known else NO_DATA
        shown = (
            _figure(scene, district_id)
            if known
            else scene.t.nothing(withheld=is_withheld(scene.figures.loc[district_id]))
        )
    # among tiles a click is answered by the server, which then opens the card of what was hit
    opens = not scene.tiled or scene.is_focus("district", district_id)
    return Area(
        area_id=district_id,
        label=scene.label[district_id],
        value=shown,
        step=int(step),
        lon=row[c.LABEL_LON],
        lat=row[c.LABEL_LAT],
        tip=_area_tip(scene, district_id),
        card=_area_card(scene, district_id) if opens else None,
        focus=district_id == scene.district_id or scene.is_focus("district", district_id),
        lifted=bool((scene.firms[c.PLACE_ID] == district_id).any()),
    )


def _figure(scene: Scene, district_id: str) -> str:
    measure, t, row = scene.selection.measure, scene.t, scene.figures.loc[district_id]
    if measure == "revenue":
        return t.amount(row["amount"], unit=False)
    if measure == "density":
        return t.density(row["density"]).split(" ")[0]
    return t.share(row["shown_share"]) if measure == "share" else f"{row[c.FIRMS]:,.0f}"


def _area_tip(scene: Scene, district_id: str) -> tuple[str, ...]:
    row = scene.figures.loc[district_id]
    if row[c.TOTAL_CNY] != row[c.TOTAL_CNY]:
        firms = (scene.t.firms(row[c.FIRMS]),) if is_withheld(row) else ()
        return (scene.name[district_id], scene.nothing_in(district_id), *firms)
    facts = (
        scene.t.amount(row["amount"]),
        scene.t.firms(row[c.FIRMS]),
        scene.t("map.of_shown" if scene.is_filtered else "map.of_city", share=scene.t.share(row["shown_share"])),
    )
    return (scene.name[district_id], " · ".join(facts), scene.t("map.stamp", year=scene.board.year))


def _area_card(scene: Scene, district_id: str) -> Card:
    t, row, place = scene.t, scene.figures.loc[district_id], scene.districts.loc[district_id]
    rows = [(t("field.kind"), t(f"kind.{place[c.KIND]}"))]
    if scope := scope_words(scene.board, scene.selection, t):
        rows.append((t("scope.label"), scope))
    if row[c.TOTAL_CNY] == row[c.TOTAL_CNY]:
        rows += [
            (t("measure.revenue"), t.amount(row["amount"])),
            (t("measure.firms"), t.firms(row[c.FIRMS])),
            (t("measure.share_shown" if scene.is_filtered else "measure.share"), t.share(row["shown_share"])),
            (t("measure.density"), t.density(row["density"])),
            (t("field.top_firm"), _top_firm(scene, row[c.TOP_FIRM_ID])),
        ]
    else:
        rows.append((t("measure.revenue"), scene.nothing_in(district_id)))
        rows += [(t("measure.firms"), t.firms(row[c.FIRMS]))] if is_withheld(row) else []
    rows.append((t("field.official_area"), f"{place[c.OFFICIAL_AREA_M2] / 1e6:,.2f} km²"))
    small = (t("map.stamp", year=scene.board.year), t("map.area_source", source=place[c.AREA_SOURCE]))
    return Card(scene.name[district_id], tuple(rows), small)


def _top_firm(scene: Scene, firm_id: object) -> str:
    return short_name(scene.dataset, firm_id) if isinstance(firm_id, str) else scene.t("word.withheld")


def area_legend(scene: Scene) -> Legend:
    """Legend of the districts and, unless there are too many, of the firms."""
    measure, palette, t = scene.selection.measure, scene.tokens.palette, scene.t
    firms = () if scene.dataset.has_many_firms else ((t("map.firm_legend"), firm_keys(scene)),)
    if scene.district_id:
        return Legend(firms)
    edges = BREAKS[measure]
    written = [
        t.money_step(round(e)) if measure in ("revenue", "density") else t.share(e) if measure == "share" else f"{e:g}"
        for e in edges
    ]
    steps = [
        f"< {written[0]}",
        *(f"{a} – {b}" for a, b in pairwise(written)),
        f"≥ {written[-1]}",
    ]
    keys = [Key(words, fill) for words, fill in zip(steps, palette.ramp, strict=True)]
    lacking = t("word.no_data") if scene.dataset.release is None else t("release.no_data_or_withheld")
    nothing = Key(lacking, palette.no_data, palette.edge_no_data, dash="dashed")
    scope = scope_words(scene.board, scene.selection, t)
    heading = " · ".join(part for part in (scope, t(f"measure.{measure}")) if part)
    title = t("map.legend_title", measure=heading, unit=t(f"measure_unit.{measure}"), year=scene.board.year)
    note = (
        t("map.legend_note_sample", n=f"{scene.board.coverage['firms']:,}")
        if scene.dataset.basis == "listed_sample"
        else ""
    )
    return Legend(((title, (*reversed(keys), nothing)), *firms), note)
