"""Names of official figures: whole names only, the plan's own scope, and what stands in brackets."""

import pytest

from clusters.plan import Plan
from clusters.plan_records import LevelTarget, QuantifiedTarget
from data.indicator_names import indicator_names, key_of, known_indicator, read_name


def test_every_figure_that_the_plan_is_judged_by_has_its_name_scope_and_a_unit_that_fits(plan: Plan) -> None:
    official = {t.id: t for t in plan.quantified_targets if t.kind in ("level", "count_new")}
    listed = {name.target_id: name for name in indicator_names() if name.target_id}
    assert set(listed) == set(official) == {"T1", "T2", "T3", "T5"}
    for target_id, target in official.items():
        assert isinstance(target, QuantifiedTarget)
        name = listed[target_id]
        assert name.name == target.metric
        assert name.scope == ((target.basis or "") if isinstance(target, LevelTarget) else "")
        assert name.fits(target.unit)
        assert name.least < float(target.value) < name.most


def test_no_two_indicators_share_a_name() -> None:
    written = [name.name for name in indicator_names()]
    assert len({key_of(name) for name in written}) == len(written) == 5
    assert all(known_indicator(name) is not None for name in written)


@pytest.mark.parametrize(
    ("written", "name", "bracket"),
    [
        ("数字经济产业增加值", "数字经济产业增加值", None),
        ("全市数字经济产业增加值(市统计局口径)", "数字经济产业增加值", "市统计局口径"),
        ("深圳市软件业务收入（亿元）", "软件业务收入", "亿元"),
        ("信息传输，软件和信息技术服务业 营业收入", "信息传输、软件和信息技术服务业营业收入", None),
        ("ｇｄｐ", "地区生产总值", None),
        ("新增载体", "新建高水平研究院、实验室、创新中心、攻关基地等新型研究机构和创新载体", None),
    ],
)
def test_a_known_name_is_recognized_however_it_is_written(written: str, name: str, bracket: str | None) -> None:
    read = read_name(written)
    assert (read.name, read.bracket) == (name, bracket)
    assert read.known is known_indicator(name)


@pytest.mark.parametrize(
    "written", ["数字经济核心产业增加值", "目标: 数字经济产业增加值", "数字经济产业增加值增速", "（）"]
)
def test_a_name_that_is_only_alike_stays_what_it_is(written: str) -> None:
    read = read_name(written)
    assert read.known is None
    assert read.name == written


def test_money_is_no_percentage_and_a_count_is_no_money() -> None:
    by_target = {name.target_id: name for name in indicator_names()}
    assert [by_target["T1"].fits(unit) for unit in ("亿元", "万元", "%", "家")] == [True, True, False, False]
    assert [by_target["T5"].fits(unit) for unit in ("家", "个", "亿元")] == [True, True, False]
