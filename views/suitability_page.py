"""The map of squares as one self-contained HTML document, and the squares as a table to take away."""

import geopandas as gpd
import pandas as pd

from clusters.goals import Board
from clusters.site_records import SiteRequest
from clusters.suitability import Suitability
from clusters.suitable_areas import suitability_classes
from data import columns as c
from geo.crs import STORAGE_CRS
from geo.layers import standalone_page
from views.map_suitability import SquaresOnMap, mask_sentence, suitability_map
from views.provenance import footer_lines, map_notice, sample_sentence, stamp
from views.selection import Selection
from views.tokens import Theme, tokens
from views.words import Words

FORMATS = ("geojson", "gpkg", "parquet", "csv", "xlsx")
WEIGHTS, MASK, STATUS = "weights", "mask", "indicative"
CLASS = "suitability_class"


def suitability_page(
    board: Board, selection: Selection, t: Words, shown: SquaresOnMap, request: SiteRequest, *, theme: Theme = "light"
) -> str:  # fmt: skip
    """The document as text."""
    look = tokens(theme)
    parts = suitability_map(board, selection, look, t, shown, notice=map_notice(board, t), served=False)
    title = t("suitability.page_title", city=t("city"), subsector=t(f"subsector.{request.subsector_id}"))
    foot = [
        mask_sentence(shown, t),
        t("suitability.weights", weights=weights_text(shown.found, t)),
        *footer_lines(board, t),
    ]
    return standalone_page(
        parts.frame, look.palette, parts.groups, title=title, lead=sample_sentence(board, t), foot=foot
    )  # fmt: skip


def weights_text(found: Suitability, t: Words) -> str:
    """The weights as used, the largest first."""
    used = found.scoring.weights[found.scoring.weights > 0].sort_values(ascending=False)
    return t.listed([f"{t(f'site.criterion.{name}')} {t.share(weight)}" for name, weight in used.items()])


def squares_table(found: Suitability) -> gpd.GeoDataFrame:
    """Every square in WGS84: district, score, class, whether it is ruled out, each criterion with its contribution."""
    cells = found.cells.to_crs(STORAGE_CRS)
    told: dict[str, pd.Series] = {
        CLASS: suitability_classes(cells[c.SCORE]).of_cell,
        c.BASE_YEAR: pd.Series(found.base_year, cells.index),
        c.YEAR: pd.Series(found.year, cells.index),
    }
    for name, each in found.criteria.items():
        if each.off is None:
            told[name] = each.values.reindex(cells.index)
            told[f"{name}_contribution"] = found.scoring.contributions[name].reindex(cells.index)
    return gpd.GeoDataFrame(cells.assign(**told).reset_index(), geometry=cells.geometry.to_numpy(), crs=cells.crs)


def squares_stamp(board: Board, t: Words, shown: SquaresOnMap) -> dict[str, str | bool]:
    """What every row says of where it comes from: also its weights, and its mask by name and digest, or none."""
    mask = "" if shown.mask is None else f"{shown.mask_means}:{shown.mask.digest} {shown.mask.name}"
    return stamp(board, t) | {
        WEIGHTS: ";".join(f"{name}:{weight:.6g}" for name, weight in shown.found.scoring.weights.items()),
        MASK: mask,
        STATUS: shown.found.indicative,
    }
