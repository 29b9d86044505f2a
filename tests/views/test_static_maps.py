"""Maps for paper: every district, its figure, the legend, the scale and the notice, and what must not be there."""

from dataclasses import replace

import numpy as np
import pytest

from clusters.goals import Board, tally_goals
from clusters.plan import Plan
from data import columns as c
from data.dataset import Dataset
from tests.views.paper import pictures, texts, written_in
from views.document import Document, Figure, Section
from views.document_pdf import document_pdf
from views.document_svg import inline_svg
from views.selection import Selection
from views.static_maps import city_map_svg, district_map_svg
from views.tokens import tokens
from views.words import LANGUAGES, Language, words

RAMP = tokens("light").palette.ramp


def said(svg: str) -> str:
    return "\n".join(written_in(svg))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_city_has_every_district_legend_scale_inset_and_notice(board: Board, language: Language) -> None:
    t = words(language)
    svg = city_map_svg(board, Selection(lang=language), t)
    shown = said(svg)
    labels = board.dataset.districts[c.LABEL_ZH if language == "zh" else c.LABEL_EN]
    assert [label for label in labels if label not in shown] == []
    sketch = t("notice.sketch").split("，")[0]
    for part in ("20 km", t("word.no_data"), t("map.inset", value=t("word.no_data")), sketch[:20]):
        assert part in shown, part
    assert ("9,015.9" if language == "zh" else "901.59") in shown
    for colour in RAMP[1:]:
        assert svg.count(colour.lower()) >= 2  # a district and its key


def test_a_district_is_outlined_on_quiet_neighbours(board: Board) -> None:
    t = words("zh")
    svg = district_map_svg(board, "440305", Selection(), t)
    assert "南山" in said(svg)
    assert "9,015.9" not in said(svg)
    assert tokens("light").palette.accent.lower() in svg


def test_it_is_drawn_on_the_page_of_a_pdf(board: Board) -> None:
    t = words("zh")
    svg = city_map_svg(board, Selection(), t)
    made = document_pdf(Document("zh", "图", "", "", (Section("图", (Figure(svg, "全市"),)),), ()))
    (page,) = pictures(made)
    for colour in RAMP[1:]:
        rgb = [int(colour[i : i + 2], 16) for i in (1, 3, 5)]
        assert (np.abs(page.astype(int) - rgb).max(axis=2) < 6).sum() > 200, colour
    assert "光明" in texts(made)[0]
    assert "光明" in inline_svg(svg, "f-", "")


def test_hidden_layers_and_filters_are_respected(board: Board) -> None:
    t = words("zh")
    whole = city_map_svg(board, Selection(), t)
    bare = city_map_svg(board, Selection(hide=("districts", "parks", "firms")), t)
    assert len(bare) < len(whole) / 3
    assert "9,015.9" not in said(bare)
    one = said(city_map_svg(board, Selection(subsectors=("S05",)), t))
    assert "9,015.9" not in one
    assert "云计算" in one


def test_hostile_names_are_text(board: Board) -> None:
    data = board.dataset
    label = ["$x_{1}$", "<script>alert(1)</script>", "😀", *data.districts[c.LABEL_ZH].iloc[3:]]
    hostile = replace(data, districts=data.districts.assign(**{c.LABEL_ZH: label}))
    shown = city_map_svg(tally_goals(board.plan, hostile), Selection(), words("zh"))
    assert "$x_{1}$" in said(shown)
    assert "<script" not in shown
    assert "□" in said(shown)


def test_many_firms_are_counted_in_cells_within_the_drawing(plan: Plan, many_firms: Dataset) -> None:
    board, t = tally_goals(plan, many_firms), words("zh")
    for svg in (city_map_svg(board, Selection(), t), district_map_svg(board, "440305", Selection(), t)):
        assert svg.count("data:image/png;base64,") == 1
        assert "km" in said(svg)
        assert len(svg) < 2_000_000
