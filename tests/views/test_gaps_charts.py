"""The gap lab's charts: every range has its ends, the fan its target, and what is nothing has no mark on a log axis."""

import pytest

from clusters.gap_records import Mix
from data.reference import load_reference
from tests.conftest import YI
from tests.views.paper import written_in
from views import loaded
from views.gaps_answer import gap_page
from views.gaps_charts import change_chart, fan_chart, mixes_chart
from views.gaps_figures import fan_svg, mixes_svg
from views.selection import Selection
from views.tokens import tokens
from views.words import words

LOOK, T = tokens("light"), words("zh")
MIXES = (
    Mix(0.0, "none", 60 * YI, 40 * YI, 2, 4, None, None, "unknown"),
    Mix(0.1, "middle", 100 * YI, 0, 0, 0, 0, None, "unknown"),
)


def test_a_range_without_an_end_goes_on_as_an_arrow() -> None:
    chart = mixes_chart(MIXES, LOOK, T)
    assert chart["yAxis"][0]["data"] == ["不增长", "照旧增长 +10.0%"]
    assert chart["yAxis"][1]["data"] == ["4（2 至 不限）", "不须新企业"]
    series = chart["series"][0]
    assert series["data"] == [[4, 0], [0, 1]]
    (whisker,) = series["markLine"]["data"]
    assert [end["coord"][0] for end in whisker] == [2, 4]
    assert whisker[1]["symbol"] == "arrow"


def test_the_fan_reaches_from_the_first_year_to_the_last_with_its_target(monkeypatch: pytest.MonkeyPatch) -> None:
    """S09: a band of 5 to 925 亿元 in 2026 asks for a log axis; the target is 1,000 亿元."""
    monkeypatch.setattr(loaded, "dataset", load_reference)
    page = gap_page(Selection().on("gaps", subsector="S09"))
    chart = fan_chart(page, LOOK, T)
    assert chart["xAxis"]["data"] == [str(year) for year in range(2019, 2027)]
    assert chart["yAxis"]["type"] == "log"
    seen = chart["series"][-1]
    assert seen["markLine"]["data"] == [{"yAxis": 1000.0}]
    assert seen["data"][2] == pytest.approx(120.9, abs=0.05)
    assert chart["series"][2]["data"][:2] == [None, None]
    said = written_in(fan_svg(page, T))
    assert {"目标", "中位数", "2026"} <= set(said)
    assert "4（2 至 不限）" in written_in(mixes_svg(MIXES, T))


def test_what_was_nothing_has_no_ring_on_a_log_axis() -> None:
    chart = change_chart(["福田", "宝安"], [367.5 * YI, 0.0], [5_969.2 * YI, 30.0 * YI], LOOK, T)
    rings, dots = chart["series"]
    assert rings["data"] == [[367.5, 0]]
    assert dots["data"] == [[pytest.approx(5969.2), 0], [pytest.approx(30.0), 1]]
    assert chart["yAxis"][1]["data"][1] == "— → 30.0"
    assert len(rings["markLine"]["data"]) == 1
