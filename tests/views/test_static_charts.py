"""Charts for paper: names and figures are there as text, marks where values are, nothing where there is none."""

import re
import warnings

import pytest

from tests.views.paper import HOSTILE, written_in
from views.static_charts import (
    LadderRow,
    PairRow,
    QuadrantMark,
    dumbbell_svg,
    quadrant_svg,
    tier_ladder_svg,
)
from views.static_figure import drawable, measure, shortened, spread, wrapped
from views.tokens import tokens
from views.words import words

NAN = float("nan")
ZH = words("zh")


def every_chart(names: tuple[str, ...]) -> list[str]:
    """Each kind with these names; the last row of each has no value."""
    values = [10**9 * (n + 1) for n in range(len(names) - 1)] + [None]
    some = [float(v) if v else NAN for v in values]
    return [
        tier_ladder_svg(
            [LadderRow(n, v, "1.0 亿元" if v else "无数据") for n, v in zip(names, values, strict=True)], ZH
        ),
        dumbbell_svg([PairRow(n, v, 2e9, "甲", "乙") for n, v in zip(names, values, strict=True)], names[:2]),
        dumbbell_svg([PairRow(n, v, 0, "甲", "乙") for n, v in zip(names, values, strict=True)], names[:2], log=True),
        quadrant_svg(
            [QuadrantMark(n, 0.1, v / 10**9 if v == v else NAN, 0.5, 9) for n, v in zip(names, some, strict=True)],
            x_title=names[0],
            y_title=names[1],
            cut=0.2,
            corners=names[:4],
        ),
    ]


def test_names_from_a_file_are_drawn_as_they_are_written() -> None:
    for svg in every_chart((*HOSTILE, "最后")):
        said = written_in(svg)
        for name in ("$x^2$ 深圳", "*b* _i_", "=1+1", "{{ 7*7 }}"):
            assert any(name in text for text in said), name
        assert "<script" not in svg
        links = re.findall(r'(?:href|src)="([^"]*)"', svg)
        assert all(link.startswith(("#", "data:image/png;base64,")) for link in links)


def test_the_same_rows_give_the_same_drawing_and_no_row_gives_an_empty_one() -> None:
    assert every_chart(("甲", "乙", "丙")) == every_chart(("甲", "乙", "丙"))
    assert tier_ladder_svg([], ZH).startswith("<?xml")
    assert dumbbell_svg([], ("甲", "乙"), log=True).startswith("<?xml")
    assert quadrant_svg([], x_title="", y_title="").startswith("<?xml")


def test_a_ladder_names_both_tiers_and_says_what_is_missing() -> None:
    said = written_in(
        tier_ladder_svg([LadderRow("大数据", 2.0e11, "2,000.0 亿元"), LadderRow("区块链", None, "无数据")], ZH)
    )
    assert {"★ 千亿级", "☆ 百亿级", "大数据", "2,000.0 亿元", "区块链", "无数据", "亿元", "1,000"} <= set(said)


def test_a_value_has_a_mark_and_a_missing_one_none() -> None:
    names = ("甲", "乙")
    one = dumbbell_svg([PairRow("a", 1.0, 2.0, "1", "2"), PairRow("b", 0.5, None, "0.5", "无数据")], names)
    two = dumbbell_svg([PairRow("a", 1.0, NAN, "1", "无数据"), PairRow("b", None, None, "—", "—")], names)
    fill = f"fill: {tokens('light').palette.accent.lower()}; stroke"
    assert len(re.findall(f"<use[^>]*{fill}", one)) - len(re.findall(f"<use[^>]*{fill}", two)) == 1


def test_characters_that_the_font_lacks_are_shown_to_be_lacking() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert drawable("😀a\nb\x00") == "□a b"
        assert drawable("深圳 Nanshan ★☆ ≥") == "深圳 Nanshan ★☆ ≥"


@pytest.mark.parametrize(
    ("wanted", "placed"), [([1.0, 5.0], [1.0, 5.0]), ([2.0, 2.0], [1.5, 2.5]), ([3.0, 1.0], [3.0, 1.0]), ([], [])]
)
def test_labels_are_spread_as_little_as_they_need(wanted: list[float], placed: list[float]) -> None:
    assert spread(wanted, 1.0) == pytest.approx(placed)


def test_labels_stay_below_their_limit() -> None:
    assert spread([1.0, 1.0, 1.0], 0.25, most=1.0) == pytest.approx([0.5, 0.75, 1.0])


def test_text_is_measured_cut_and_wrapped_in_halves_of_a_chinese_character() -> None:
    assert measure("深圳ab") == 6
    assert shortened("深圳市南山区", 8) == "深圳市…"
    assert shortened("abc", 3) == "abc"
    assert wrapped("深圳市南山区", 8) == ["深圳市南", "山区"]
    assert wrapped("", 8) == []
    assert all(measure(line) <= 10 for line in wrapped("营收 total of 深圳 and the rest", 10))
