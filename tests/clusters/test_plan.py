"""The bundled plan is whole, sound and checkable; a damaged file fails in one sentence that names the field."""

import pickle
import re
import shutil
from functools import cache
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from clusters.errors import (
    ClusterError,
    NoRequiredPath,
    PlanError,
    UnknownDistrict,
    UnknownPlan,
    UnknownSubsector,
    UnknownTarget,
    UnknownYear,
)
from clusters.plan import BUNDLED_PLANS, Plan, Reading, find_plans, load_plan, open_plan, required_path
from clusters.plan_records import ClusterCountTarget, FirmCountTarget, LevelTarget

PLAN_ID = "shenzhen-digital-economy-2021-2023"
FILE = BUNDLED_PLANS / f"{PLAN_ID}.yaml"
TEXT = FILE.with_suffix(".txt")

KINDS = {
    "T0": "qualitative", "T1": "level", "T2": "level", "T3": "level", "T4": "qualitative", "T5": "count_new",
    "T6": "qualitative", "T7": "qualitative", "T8": "qualitative", "T9": "firm_count", "T10": "firm_count",
    "T11": "cluster_count", "T12": "cluster_count", "T13": "qualitative", "T14": "qualitative",
}  # fmt: skip
SHORT_NAMES = {
    "S01": "高端软件", "S02": "人工智能", "S03": "区块链", "S04": "大数据", "S05": "云计算", "S06": "信息安全",
    "S07": "互联网", "S08": "工业互联网", "S09": "智慧城市", "S10": "金融科技", "S11": "电子商务", "S12": "数字创意",
}  # fmt: skip
UNITS = {
    "S01": "市工业和信息化局、发展改革委、科技创新委",
    "S02": "市工业和信息化局、发展改革委、科技创新委",
    "S03": "市发展改革委、工业和信息化局、科技创新委、地方金融监管局、政务服务数据管理局",
    "S04": "市工业和信息化局、发展改革委、科技创新委、政务服务数据管理局",
    "S05": "市工业和信息化局、发展改革委、科技创新委",
    "S06": "市工业和信息化局、发展改革委、科技创新委",
    "S07": "市工业和信息化局、发展改革委、科技创新委",
    "S08": "市工业和信息化局、发展改革委、科技创新委",
    "S09": "市工业和信息化局、发展改革委、科技创新委、政务服务数据管理局",
    "S10": "市地方金融监管局、发展改革委、科技创新委、工业和信息化局、政务服务数据管理局、罗湖区政府",
    "S11": "市商务局、发展改革委、科技创新委",
    "S12": "市委宣传部、市科技创新委、工业和信息化局、文化广电旅游体育局",
    "K1": "市科技创新委、发展改革委、工业和信息化局",
    "K2": "市工业和信息化局、发展改革委、科技创新委、各行业主管部门",
    "K3": "市工业和信息化局",
    "K4": "市发展改革委、工业和信息化局、商务局、地方金融监管局",
    "K5": "市规划和自然资源局、各区政府、大鹏新区管委会、深汕特别合作区管委会",
    "K6": "市政务服务数据管理局、市委网信办、市发展改革委、工业和信息化局",
    "K7": "市工业和信息化局、政务服务数据管理局、前海管理局、深圳市通信管理局",
    "K8": "市发展改革委、科技创新委、工业和信息化局",
    "K9": "市委外办、市委大湾区办、市发展改革委、教育局、科技创新委、工业和信息化局、商务局、卫生健康委、前海管理局",
    "G1": "市工业和信息化局",
    "G2": "市人大常委会经济工委、市发展改革委、科技创新委、工业和信息化局、司法局、市场监管局、政务服务数据管理局",
    "G3": "市发展改革委、科技创新委、工业和信息化局、商务局、地方金融监管局、国资委、深圳市税务局",
    "G4": "市人力资源保障局、教育局、住房和建设局、深圳市税务局",
}
FIRST_COUNTS = {  # subsectors, tasks, safeguards
    "市工业和信息化局": (8, 3, 1), "市发展改革委": (1, 2, 1), "市科技创新委": (0, 1, 0), "市地方金融监管局": (1, 0, 0),
    "市商务局": (1, 0, 0), "市委宣传部": (1, 0, 0), "市规划和自然资源局": (0, 1, 0), "市政务服务数据管理局": (0, 1, 0),
    "市委外办": (0, 1, 0), "市人大常委会经济工委": (0, 0, 1), "市人力资源保障局": (0, 0, 1),
}  # fmt: skip
KEEP_THEIR_NAME = {
    "罗湖区政府", "各区政府", "大鹏新区管委会", "深汕特别合作区管委会", "前海管理局", "深圳市税务局",
    "深圳市通信管理局", "各行业主管部门",
}  # fmt: skip

SMALL = """\
schema: cluster-plan/0.1
plan:
  id: nanshan-example
  title: 南山区示例方案
  city: {name: 深圳市, adcode: "440300"}
  period: {start: 2022, end: 2025}
  extends: shenzhen-digital-economy-2021-2023
targets:
  - id: N1
    kind: cluster_count
    geography: "440305"
    metric: 百亿级细分领域产业集群
    cluster_threshold: {value: 100, unit: 亿元}
    operator: ">="
    value: 4
    unit: 个
    by: 2025
"""


@pytest.fixture(scope="module")
def plan() -> Plan:
    return open_plan(PLAN_ID)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    shutil.copy(TEXT, tmp_path / TEXT.name)
    return Path(shutil.copy(FILE, tmp_path / FILE.name))


@pytest.fixture
def small(tmp_path: Path) -> Path:
    path = tmp_path / "nanshan.yaml"
    path.write_text(SMALL, encoding="utf-8")
    return path


def edit(path: Path, old: str, new: str) -> Path:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return path


def quotes(node: object) -> list[str]:
    if isinstance(node, dict):
        own = [value for key, value in node.items() if isinstance(value, str) and "quote" in str(key)]
        return own + [quote for value in node.values() for quote in quotes(value)]
    return [quote for each in node for quote in quotes(each)] if isinstance(node, list) else []


def level(plan: Plan, target_id: str) -> LevelTarget:
    target = plan.target(target_id)
    assert isinstance(target, LevelTarget)
    return target


# ---------------------------------------------------------------- the bundled plan is whole


def test_every_target_keeps_its_kind_and_its_place(plan: Plan) -> None:
    assert {target.id: target.kind for target in plan.targets} == KINDS
    assert {target.geography for target in plan.targets} == {plan.city.adcode} == {"440300"}
    assert [target.id for target in plan.quantified_targets] == ["T1", "T2", "T3", "T5", "T9", "T10", "T11", "T12"]
    assert all(target.is_quantified == (target.kind != "qualitative") for target in plan.targets)


def test_goals_are_the_published_numbers(plan: Plan) -> None:
    goals = {target.id: (target.operator, target.goal, target.unit, target.by) for target in plan.quantified_targets}
    assert goals == {
        "T1": (">", 1900 * 10**8, "亿元", 2023),
        "T2": (">", 9000 * 10**8, "亿元", 2023),
        "T3": (">", 10000 * 10**8, "亿元", 2023),
        "T5": ("=", 10, "家", 2023),
        "T9": (">=", 15, "家", 2023),
        "T10": (">=", 70, "家", 2023),
        "T11": (">=", 3, "个", 2023),
        "T12": (">=", 6, "个", 2023),
    }
    assert [level(plan, target_id).cagr_pct for target_id in ("T1", "T2", "T3")] == [6.5, 15.3, 10.8]
    assert [level(plan, target_id).basis for target_id in ("T1", "T2", "T3")] == ["市统计局口径"] * 2 + ["工信部口径"]


def test_thresholds_are_whole_cny_beside_the_printed_value(plan: Plan) -> None:
    firms = [target.firm_threshold for target in plan.targets if isinstance(target, FirmCountTarget)]
    clusters = [target.cluster_threshold for target in plan.targets if isinstance(target, ClusterCountTarget)]
    assert [(each.operator, each.value, each.unit, each.value_cny) for each in firms] == [
        (">", 50, "亿元", 5 * 10**9),
        (">", 10, "亿元", 10**9),
    ]
    assert [(each.measure, each.value, each.unit, each.value_cny) for each in clusters] == [
        (None, 1000, "亿元", 10**11),
        (None, 100, "亿元", 10**10),
    ]


def test_floors_agree_with_the_derived_checks(plan: Plan) -> None:
    # clusters: 3 x 1000 + 6 x 100 = 3600, nested 3 x 1000 + 3 x 100 = 3300
    # firms: 15 x 50 + 70 x 10 = 1450, nested 15 x 50 + 55 x 10 = 1300
    large, medium = (target for target in plan.targets if isinstance(target, ClusterCountTarget))
    lead, key = (target for target in plan.targets if isinstance(target, FirmCountTarget))
    cluster_yi = [int(target.cluster_threshold.value) for target in (large, medium)]
    firm_yi = [int(target.firm_threshold.value) for target in (lead, key)]
    claims = {check.id: check.claim for check in plan.derived_checks}
    assert list(claims) == ["C1", "C2", "C3", "C4", "C5"]
    assert f"= {large.value * cluster_yi[0] + medium.value * cluster_yi[1]} 亿元" in claims["C1"]
    assert f"= {large.value * cluster_yi[0] + (medium.value - large.value) * cluster_yi[1]} 亿元" in claims["C1"]
    assert f"= {lead.value * firm_yi[0] + key.value * firm_yi[1]} 亿元" in claims["C2"]
    assert f"= {lead.value * firm_yi[0] + (key.value - lead.value) * firm_yi[1]};" in claims["C2"]


def test_twelve_subsectors_have_a_short_name_and_a_focus(plan: Plan) -> None:
    assert {subsector.id: subsector.short_name for subsector in plan.subsectors} == SHORT_NAMES
    assert all(subsector.name == f"{subsector.short_name}产业" for subsector in plan.subsectors)
    assert [len(subsector.focus) for subsector in plan.subsectors] == [12, 7, 9, 7, 8, 12, 3, 6, 7, 6, 6, 9]


def test_nine_tasks_and_four_safeguards_are_kept(plan: Plan) -> None:
    assert [task.id for task in plan.tasks] == [f"K{n}" for n in range(1, 10)]
    assert [safeguard.id for safeguard in plan.safeguards] == ["G1", "G2", "G3", "G4"]
    assert [task.serves_targets for task in plan.tasks] == [
        ("T5", "T6"), ("T5", "T6"), ("T14",), ("T1", "T2"), ("T11", "T12", "T14"), (), ("T7",), ("T5", "T7"), ("T7",),
    ]  # fmt: skip
    assert [task.id for task in plan.tasks if task.spatial] == ["K5"]


def test_every_list_of_units_is_the_texts_in_its_order(plan: Plan) -> None:
    assert {duty.id: "、".join(duty.units) for _, duty in plan.duties} == UNITS
    text = re.sub(r"\s", "", TEXT.read_text(encoding="utf-8"))
    in_text = re.findall("（责任单位：(.*?)）", text)
    assert len(in_text) == 25
    assert in_text == list(UNITS.values())


def test_all_87_quotes_stand_in_the_text(plan: Plan) -> None:
    text = re.sub(r"\s", "", TEXT.read_text(encoding="utf-8"))
    found = quotes(yaml.safe_load(FILE.read_text(encoding="utf-8")))
    assert len(found) == 87
    assert [quote for quote in found if re.sub(r"\s", "", quote) not in text] == []
    assert plan.text_checked


def test_fifteen_ambiguities_keep_question_default_and_alternatives(plan: Plan) -> None:
    assert [ambiguity.id for ambiguity in plan.ambiguities] == [f"A{n}" for n in range(1, 16)]
    axes = {each.id: (each.axis, each.options, each.applies_to) for each in plan.ambiguities if each.axis}
    assert axes == {
        "A1": ("measure", ("revenue", "gross_output", "value_added"), ("T11", "T12")),
        "A2": ("nesting", ("disjoint", "nested"), ("T12",)),
        "A3": ("base_year", (2020, 2019, 2021), ("T1", "T2", "T3", "T9", "T10")),
        "A6": ("place", ("registered", "operating"), ("T9", "T10", "T11", "T12")),
        "A8": ("firm_nesting", ("nested", "disjoint"), ("T10",)),
        "A9": ("counting", ("stock", "net_new"), ("T9", "T10")),
    }


def test_places_and_the_parts_that_name_districts_are_kept(plan: Plan) -> None:
    named = {place.name: (place.district_id, place.as_unit) for place in plan.places.districts_named}
    assert named == {
        "宝安区": ("440306", None),
        "罗湖区": ("440303", "罗湖区政府"),
        "大鹏新区": ("440307-DP", "大鹏新区管委会"),
        "深汕特别合作区": ("441521-SS", "深汕特别合作区管委会"),
        "前海": (None, "前海管理局"),
    }
    assert {duty.id: duty.districts for _, duty in plan.duties if duty.districts} == {
        "S04": ("宝安区",),
        "S10": ("罗湖区",),
        "K5": ("大鹏新区", "深汕特别合作区"),
        "K7": ("前海",),
        "K9": ("前海",),
    }
    places = plan.places
    assert places.districts_by_collective is not None
    assert places.districts_by_collective.text == "各区政府"
    assert [len(each) for each in (places.parks_and_sites, places.research_and_computing, places.infrastructure)] == [
        7, 11, 4,
    ]  # fmt: skip


def test_definition_approach_and_district_lenses_are_kept(plan: Plan) -> None:
    assert plan.definition is not None
    assert plan.definition.derived_industry_codes["core"] == {
        "I63": "电信、广播电视和卫星传输服务",
        "I64": "互联网和相关服务",
        "I65": "软件和信息技术服务业",
    }
    assert plan.approach is not None
    assert plan.approach.main_lines == ("数字产业化", "产业数字化")
    assert [key.split("_")[0] for key in plan.fair_district_tracking] == [
        "rule", "L1", "L2", "L3", "L4", "L5", "L6", "guards",
    ]  # fmt: skip
    assert len(plan.fair_district_tracking["guards"]) == 4


def test_a_plan_travels_between_processes_and_cannot_be_changed(plan: Plan) -> None:
    assert pickle.loads(pickle.dumps(plan)) == plan  # noqa: S301
    with pytest.raises(ValueError, match="frozen"):
        plan.targets[0].section = "elsewhere"


# ---------------------------------------------------------------- units


def test_a_unit_counts_under_its_full_name(plan: Plan) -> None:
    for short, full in plan.units_full.items():
        if short in KEEP_THEIR_NAME:
            assert full == short
        elif short == "市场监管局":  # 市 + 市场监管局: its first character is no prefix
            assert full == "市市场监管局"
        else:
            assert full == (short if short.startswith("市") else f"市{short}")
    assert {unit for _, duty in plan.duties for unit in duty.units} == set(plan.units_full)


def test_who_is_listed_first_agrees_with_the_counts_of_the_file(plan: Plan) -> None:
    counted = {unit: (c.subsectors, c.tasks, c.safeguards) for unit, c in plan.lead_counts_derived.items()}
    assert counted == FIRST_COUNTS
    duties = plan.unit_duties()
    for unit, (subsectors, tasks, safeguards) in FIRST_COUNTS.items():
        first = duties[unit].listed_first
        assert [sum(duty.startswith(part) for duty in first) for part in "SKG"] == [subsectors, tasks, safeguards]
    assert sum(len(each.listed_first) for each in duties.values()) == 25
    assert {unit for unit, each in duties.items() if each.listed_first} == set(FIRST_COUNTS)


def test_duties_hold_every_listing_once(plan: Plan) -> None:
    listed = sum(len(units.split("、")) for units in UNITS.values())
    assert (
        sum(len(d.subsectors) + len(d.tasks) + len(d.safeguards) for d in plan.unit_duties().values()) == listed == 99
    )
    luohu = plan.unit_duties()["罗湖区政府"]
    assert (luohu.subsectors, luohu.tasks, luohu.safeguards, luohu.listed_first) == (("S10",), (), (), ())


# ---------------------------------------------------------------- readings


@pytest.mark.parametrize(
    ("target_id", "count"),
    [("T0", 1), ("T1", 3), ("T2", 3), ("T3", 3), ("T5", 1), ("T9", 8), ("T10", 16), ("T11", 6), ("T12", 12)],
)
def test_readings_are_the_product_of_the_open_questions(plan: Plan, target_id: str, count: int) -> None:
    readings = plan.readings(target_id)
    assert len(readings) == len(set(readings)) == len({reading.id for reading in readings}) == count
    assert [reading.is_default for reading in readings] == [True] + [False] * (count - 1)


def test_default_readings_are_the_plans_defaults(plan: Plan) -> None:
    assert {target_id: plan.readings(target_id)[0].id for target_id in ("T0", "T1", "T9", "T10", "T11", "T12")} == {
        "T0": "as_stated",
        "T1": "base_year=2020",
        "T9": "place=registered;counting=stock",
        "T10": "place=registered;firm_nesting=nested;counting=stock",
        "T11": "measure=revenue;place=registered",
        "T12": "measure=revenue;nesting=disjoint;place=registered",
    }


def test_only_net_new_firms_have_a_base_year(plan: Plan) -> None:
    for reading in (*plan.readings("T9"), *plan.readings("T10")):
        assert (reading.base_year is not None) == (reading["counting"] == "net_new")
    assert [reading.base_year for reading in plan.readings("T1")] == [2020, 2019, 2021]


def test_a_reading_is_a_mapping_that_can_be_a_key() -> None:
    reading = Reading((("measure", "revenue"), ("place", "registered")), is_default=True)
    assert reading == {"measure": "revenue", "place": "registered"}
    assert {reading: 1}[Reading((("place", "registered"), ("measure", "revenue")))] == 1
    assert reading.get("nesting") is None
    assert pickle.loads(pickle.dumps(reading)).is_default  # noqa: S301


# ---------------------------------------------------------------- required paths


@pytest.mark.parametrize(
    ("target_id", "path_yi"),
    [
        ("T1", [1572.9, 1675.2, 1784.0, 1900.0]),
        ("T2", [5871.6, 6769.9, 7805.7, 9000.0]),
        ("T3", [7351.6, 8145.6, 9025.3, 10000.0]),
    ],
)
def test_required_path_reproduces_the_derived_path(plan: Plan, target_id: str, path_yi: list[float]) -> None:
    target = level(plan, target_id)
    path = required_path(target, 2020)
    assert all(isinstance(cny, int) for cny in path.values())
    assert [round(cny / 10**8, 1) for cny in path.values()] == path_yi
    assert path[2023] == target.goal
    assert target.derived is not None
    assert target.derived.path_yi == dict(zip(range(2020, 2024), path_yi, strict=True))
    assert target.derived.base_yi == path_yi[0]
    assert target.derived.added_over_base_yi == round((path[2023] - path[2020]) / 10**8, 1)


@pytest.mark.parametrize("target_id", ["T1", "T2", "T3"])
def test_base_lies_in_the_range_that_the_rounded_rate_allows(plan: Plan, target_id: str) -> None:
    target = level(plan, target_id)
    assert target.cagr_pct is not None
    assert target.derived is not None
    slower, faster = (target.value / (1 + (target.cagr_pct + half) / 100) ** 3 for half in (-0.05, 0.05))
    assert target.derived.base_rounding_range_yi == (round(faster, 1), round(slower, 1))


def test_base_year_sensitivity_is_reproduced(plan: Plan) -> None:
    expected = {
        "T1": {2021: 1675.2, 2020: 1572.9, 2019: 1476.9},
        "T2": {2021: 6769.9, 2020: 5871.6, 2019: 5092.4},
        "T3": {2021: 8145.6, 2020: 7351.6, 2019: 6635.0},
    }
    assert plan.base_year_sensitivity_yi == expected
    for target_id, bases in expected.items():
        for year, base in bases.items():
            assert round(required_path(plan.target(target_id), year)[year] / 10**8, 1) == base


@pytest.mark.parametrize(("target_id", "base_year"), [("T9", 2020), ("T0", 2020), ("T1", 2023)])
def test_no_path_without_a_growing_level_and_an_earlier_base(plan: Plan, target_id: str, base_year: int) -> None:
    with pytest.raises(NoRequiredPath, match=target_id):
        required_path(plan.target(target_id), base_year)


@given(
    value=st.integers(1, 10**6),
    cagr=st.decimals(-50, 100, places=1, allow_nan=False).map(float),
    base_year=st.integers(2000, 2022),
)
def test_a_path_grows_at_its_rate_and_ends_at_its_goal(value: int, cagr: float, base_year: int) -> None:
    target = LevelTarget.model_validate(
        {"id": "X", "kind": "level", "geography": "440300", "metric": "营收", "operator": ">", "value": value,
         "unit": "亿元", "by": 2023, "cagr_pct": cagr}
    )  # fmt: skip
    path = required_path(target, base_year)
    assert list(path) == list(range(base_year, 2024))
    assert path[2023] == target.goal == value * 10**8
    for year in range(base_year, 2023):
        assert path[year + 1] == pytest.approx(path[year] * (1 + cagr / 100), rel=1e-12, abs=3)


@pytest.mark.parametrize(("target_id", "at_goal"), [("T1", False), ("T5", True), ("T9", True), ("T12", True)])
def test_only_a_breakthrough_is_strict(plan: Plan, target_id: str, at_goal: bool) -> None:
    target = next(target for target in plan.quantified_targets if target.id == target_id)
    assert target.is_met_by(target.goal) is at_goal
    assert target.is_met_by(target.goal + 1)
    assert not target.is_met_by(target.goal - 1)


# ---------------------------------------------------------------- names


@pytest.mark.parametrize("subsector_id", SHORT_NAMES)
def test_a_subsector_is_found_by_id_and_by_either_name(plan: Plan, subsector_id: str) -> None:
    short = SHORT_NAMES[subsector_id]
    for value in (subsector_id, subsector_id.lower(), short, f"{short}产业", f" {short} "):
        assert plan.subsector(value).id == subsector_id


def test_unknown_names_say_what_is_known(plan: Plan) -> None:
    with pytest.raises(
        UnknownSubsector, match="unknown subsector '芯片'; expected one of: S01 高端软件, S02"
    ) as caught:
        plan.subsector("芯片")
    assert caught.value.value == "芯片"
    assert len(caught.value.known) == 12
    with pytest.raises(UnknownTarget, match="T99"):
        plan.readings("T99")
    with pytest.raises(UnknownSubsector):
        plan.subsector("")


@pytest.mark.parametrize(
    "error",
    [
        UnknownYear(year=2031, known=range(2015, 2024)),
        UnknownDistrict("440399", ["440303", "440304"]),
        UnknownPlan("x", []),
        NoRequiredPath("T1", "why"),
        PlanError("a.yaml", "plan.id", "is wrong; correct it"),
    ],
)
def test_errors_are_value_errors_that_survive_pickling(error: ClusterError) -> None:
    again = pickle.loads(pickle.dumps(error))  # noqa: S301
    assert isinstance(again, ValueError)
    assert type(again) is type(error)
    assert str(again) == str(error)
    assert vars(again) == vars(error)


# ---------------------------------------------------------------- damaged copies fail in one sentence


@pytest.mark.parametrize(
    ("old", "new", "field", "problem"),
    [
        ("quote: 部分细分领域发展领跑全国", "quote: 部分细分领域发展领跑全球", "targets[T4].quote", "is not in"),
        ("quote2: 率先建成", "quote2: 首先建成", "tasks[K7].quote2", "copy the words of the text"),
        ("quote3: 以“互联网", "quote3: 靠“互联网", "tasks[K5].quote3", "is not in"),
        ("units_quote: （责任", "units_quote: （牵头", "subsectors[S01].units_quote", "is not in"),
        ("quote: 主要包括软件", "quote: 主要涵盖软件", "definition.quote", "is not in"),
        ("    quote: 部分细分领域发展领跑全国\n", "", "targets[T4].quote", "is missing"),
        ("quote: 部分细分领域发展领跑全国\n", "quote:\n", "targets[T4].quote", "is missing"),
        ("    units: [市工业和信息化局]\n    units_quote", "    units_quote", "tasks[K3].units_quote", "does not list"),
        ("units: [市工业和信息化局, 发展改革委, 科技创新委]", "units: [市工业和信息化局, 科技创新委, 发展改革委]",
         "subsectors[S01].units", "in its order"),
        ("units: [市发展改革委, 工业和信息化局, 商务局, 地方金融监管局]", "units: [市发展改革委, 工业和信息化局]",
         "tasks[K4].units", "is not a whole list"),
        ("name: 宝安区", "name: 宝安新区", "places.districts_named[0].name", "that the text names"),
        ("name: 宝安区", "name: 宝安", "subsectors[S04].districts", "names 宝安区, which places.districts_named lacks"),
        ("  司法局: 市司法局\n", "", "safeguards[G2].units", "names 司法局, which units_full lacks"),
        ("    kind: qualitative", "    kind: qualitative\n    weight: 3", "targets[T0].weight", "remove it"),
        ("    kind: qualitative", "    kind: qualitative\n    value: 3", "targets[T0].value", "remove it"),
        ("    firm_threshold: {metric: 年营收, operator: \">\", value: 50, unit: 亿元, value_cny: 5000000000}\n", "",
         "targets[T9].firm_threshold", "is missing; add it"),
        ("kind: count_new", "kind: counted", "targets[T5].kind", "write one of 'qualitative', 'level'"),
        ("    kind: count_new\n", "", "targets[T5].kind", "is missing"),
        ("id: T4", "id: T3", "targets[T3].id", "is used twice"),
        ("id: S12", "id: K9", "subsectors[K9].id", "is used twice"),
        ("short_name: 数字创意", "short_name: 云计算", "subsectors[S05].name", "is the name of two subsectors"),
        ("value_cny: 190000000000", "value_cny: 1900", "targets[T1]", "is 190000000000; correct one of them"),
        ("unit: 亿元\n    value_cny: 190000000000", "unit: 亿", "targets[T1]", "has the unit '亿'"),
        ("value: 1900\n", "value: 突破\n", "targets[T1].value", "write a"),
        ("cagr_pct: 6.5", "cagr_pct: 6.6", "targets[T1].derived.path_yi", "compute it again"),
        ("T1: {2021: 1675.2", "T1: {2021: 1675.3", "base_year_sensitivity_yi.T1.2021", "compute it again"),
        ("市委外办: {tasks: 1}", "市委外办: {tasks: 2}", "lead_counts_derived", "count again"),
        ('geography: "440300"', "geography: 440300", "targets[T0].geography", "is 440300, not text; put it in quotes"),
        ('geography: "440300"', "geography: city", "targets[T0].geography", "is 'city'"),
        ("serves_targets: [T14]", "serves_targets: [T15]", "tasks[K3].serves_targets", "names T15"),
        ("serves_targets: [T14]", "serves_targets: T14", "tasks[K3].serves_targets", "write it as [a, b]"),
        ("applies_to: [T12]", "applies_to: [T21]", "ambiguities[A2].applies_to", "names T21"),
        ("axis: nesting", "axis: nestling", "ambiguities[A2].axis", "write one of"),
        ("axis: nesting\n", "ui2: x\n", "ambiguities[A2].ui2", "remove it"),
        ("    axis: nesting\n", "", "ambiguities[A2].axis", "name the axis"),
        ("options: [disjoint, nested]", "options: [disjoint, loose]", "ambiguities[A2].options", "disjoint, nested"),
        ("options: [2020, 2019, 2021]", 'options: ["2020"]', "ambiguities[A3].options", "without quotes"),
        ("options: [registered, operating]", "options: [operating, operating]", "ambiguities[A6].options", "twice"),
        ("    options: [registered, operating]\n", "", "ambiguities[A6].options", "list the default first"),
        ("    applies_to: [T12]\n", "", "ambiguities[A2].applies_to", "list the targets"),
        ("only_with: {counting: net_new}", "only_with: {counting: new}", "ambiguities[A3].only_with", "correct it"),
        ("axis: nesting\n    options: [disjoint, nested]", "axis: measure\n    options: [revenue]",
         "ambiguities[A2].axis", "already applies to T12"),
        ("end: 2023", "end: 2020", "plan.period.end", "put the two years in order"),
        ("start: 2021, end: 2023", "start: 2024, end: 2025", "targets[T1].by", "before the plan starts"),
        ("  title: 深圳市", "  titel: 深圳市", "plan.title", "is missing; add it (and 1 more to repair)"),
        ("schema: cluster-plan/0.1", "schema: cluster-plan/9", "schema", "write one of 'cluster-plan/0.1'"),
        ("schema: cluster-plan/0.1", "schema: cluster-plan/0.1\norigin: {}", "origin", "remove it"),
        ("    name: 高端软件产业\n", "    name: ' '\n", "subsectors[S01].name", "is empty"),
        ("city: {name: 深圳市, adcode: \"440300\"}", "city: 深圳市", "plan.city", "write its keys below it"),
        ("  - id: T1\n", "  - id: T1\n    id: T1\n", "line 40", "repeats the key 'id'; keep one"),
        ("tasks:\n", "tasks: [\n", "line 2", "is not YAML"),
    ],
)  # fmt: skip
def test_a_damaged_copy_fails_in_a_sentence_that_names_the_field(
    copy: Path, old: str, new: str, field: str, problem: str
) -> None:
    with pytest.raises(PlanError) as caught:
        load_plan(edit(copy, old, new))
    assert caught.value.path == copy
    assert caught.value.field.startswith(field) if field.startswith("line") else caught.value.field == field
    assert problem in caught.value.problem
    assert str(caught.value) == f"plan file {copy}: {caught.value.field} {caught.value.problem}"
    assert "\n" not in str(caught.value)


def test_a_changed_text_is_noticed_too(copy: Path) -> None:
    edit(copy.with_suffix(".txt"), "（责任单位：市商务局、发展改革委", "（责任单位：市商务局、市发展改革委")
    with pytest.raises(PlanError, match=r"subsectors\[S11\]"):
        load_plan(copy)


def test_an_empty_optional_field_is_an_absent_one(copy: Path) -> None:
    loaded = load_plan(
        edit(copy, "    units_quote: （责任单位：市工业和信息化局、发展改革委、科技创新委）", "    units_quote:")
    )
    assert loaded.subsector("S01").units_quote is None


def test_without_its_text_a_plan_is_not_text_checked(copy: Path) -> None:
    copy.with_suffix(".txt").unlink()
    assert not load_plan(edit(copy, "quote: 部分细分领域发展领跑全国", "quote: 领跑全球")).text_checked


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "is not a mapping"),
        (b"- a\n- b\n", "is not a mapping"),
        (b"schema: [", "is not YAML"),
        (b"schema: \xff\xfe", "is not UTF-8"),
        (b"a: &x 1\nb: *x\n", "holds an alias"),
        (b"? [a, b]\n: 1\n", "is no word"),
        (b"day: 2021-13-45\n", "is not YAML"),
        (b"a: !!python/object/apply:os.system [ls]\n", "is not YAML"),
        (b"[" * 5000, "is not YAML"),
        (b"2020: 1\n", "is missing; add it"),
        (b"schema: cluster-plan/0.1\nplan:\ntargets:\n", "write its keys below it (and 1 more to repair)"),
        (b"schema: cluster-plan/0.1\nplan: {}\ntargets: []\n", "is missing; add it"),
        (
            b"schema: cluster-plan/0.1\nplan: {id: 7}\ntargets: [1, [2], {kind: [level]}]\n",
            "is 7, not text; put it in quotes",
        ),
    ],
)
def test_a_file_that_is_no_plan_fails_in_a_sentence(tmp_path: Path, content: bytes, problem: str) -> None:
    path = tmp_path / "odd.yaml"
    path.write_bytes(content)
    with pytest.raises(PlanError) as caught:
        load_plan(path)
    assert problem in caught.value.problem
    assert "\n" not in str(caught.value)


def test_a_missing_file_fails_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(PlanError, match="cannot be read"):
        load_plan(tmp_path / "none.yaml")


def test_a_text_in_another_encoding_fails_in_a_sentence(copy: Path) -> None:
    text = copy.with_suffix(".txt")
    text.write_bytes(text.read_text(encoding="utf-8").encode("gb18030"))
    with pytest.raises(PlanError, match="is not UTF-8"):
        load_plan(copy)


# ---------------------------------------------------------------- a district's own small plan


def test_a_small_district_plan_uses_the_subsectors_of_its_city(small: Path, plan: Plan) -> None:
    district = load_plan(small)
    assert (district.id, district.text_checked) == ("nanshan-example", False)
    assert district.subsectors == plan.subsectors
    assert district.origin.subsectors_from == PLAN_ID
    assert district.subsector("云计算").id == "S05"
    (target,) = district.quantified_targets
    assert isinstance(target, ClusterCountTarget)
    assert (target.geography, target.cluster_threshold.value_cny, target.quote) == ("440305", 10**10, None)


def test_the_citys_units_and_ambiguities_stay_with_the_city(small: Path) -> None:
    district = load_plan(small)
    assert district.unit_duties() == {}
    assert district.ambiguities == ()
    assert [reading.id for reading in district.readings("N1")] == ["as_stated"]


def test_a_district_plan_can_ask_its_own_questions(small: Path) -> None:
    small.write_text(
        SMALL + "ambiguities:\n  - {id: B1, question: q, text: t, default: d, axis: place, "
        "options: [operating, registered], applies_to: [N1]}\n",
        encoding="utf-8",
    )
    assert [reading.id for reading in load_plan(small).readings("N1")] == ["place=operating", "place=registered"]


def test_a_district_plan_with_a_text_is_checked_against_it(small: Path) -> None:
    small.with_suffix(".txt").write_text("到2025年，建成4个 百亿级\n产业集群", encoding="utf-8")
    with pytest.raises(PlanError, match=r"targets\[N1\]\.quote is missing"):
        load_plan(small)
    edit(small, "    by: 2025\n", "    by: 2025\n    quote: 建成4个百亿级产业集群\n")
    assert load_plan(small).text_checked


def test_a_plan_may_bring_its_own_subsectors(small: Path) -> None:
    small.write_text(SMALL + "subsectors:\n  - {id: D1, name: 低空经济产业}\n", encoding="utf-8")
    district = load_plan(small)
    assert [subsector.short_name for subsector in district.subsectors] == ["低空经济"]
    assert district.origin.subsectors_from == "nanshan-example"


def test_a_parent_in_the_same_folder_is_found_first(small: Path, copy: Path) -> None:
    edit(copy, "short_name: 云计算", "short_name: 云")
    assert load_plan(small).subsector("S05").short_name == "云"


@pytest.mark.parametrize("parent", ["nanshan-example", "futian-example"])
def test_plans_that_extend_each_other_are_refused(small: Path, parent: str) -> None:
    other = SMALL.replace("nanshan-example", "futian-example").replace(PLAN_ID, "nanshan-example")
    (small.parent / "futian.yaml").write_text(other, encoding="utf-8")
    with pytest.raises(PlanError, match=r"plan\.extends is .* leads back"):
        load_plan(edit(small, PLAN_ID, parent))


def test_an_unknown_parent_is_named_with_the_known_ones(small: Path) -> None:
    with pytest.raises(PlanError, match=f"'atlantis', which is no plan; choose from .*{PLAN_ID}"):
        load_plan(edit(small, PLAN_ID, "atlantis"))


# ---------------------------------------------------------------- finding plans


def test_plans_are_found_in_the_given_folders_and_then_the_bundled(small: Path, copy: Path) -> None:
    assert find_plans()[PLAN_ID] == FILE
    assert find_plans(small.parent) == {PLAN_ID: copy, "nanshan-example": small}
    assert open_plan("nanshan-example", small.parent).origin.path == small
    assert open_plan(small) == open_plan(str(small)) == load_plan(small)


def test_an_unknown_plan_is_named_with_the_known_ones(tmp_path: Path) -> None:
    for value in ("atlantis", "atlantis.yaml", tmp_path / "atlantis.yaml"):
        with pytest.raises(UnknownPlan, match=PLAN_ID):
            open_plan(value, tmp_path)


def test_a_broken_file_is_listed_and_says_why_when_opened(tmp_path: Path) -> None:
    (tmp_path / "broken.yaml").write_text("plan: [", encoding="utf-8")
    assert "broken" in find_plans(tmp_path)
    assert open_plan(PLAN_ID, tmp_path).id == PLAN_ID
    with pytest.raises(PlanError, match="is not YAML"):
        open_plan("broken", tmp_path)


def test_the_same_id_twice_in_a_folder_is_refused(small: Path) -> None:
    shutil.copy(small, small.with_name("twin.yaml"))
    with pytest.raises(PlanError, match=r"as in nanshan\.yaml"):
        find_plans(small.parent)


@given(value=st.text())
def test_any_text_is_a_subsector_or_unknown(value: str) -> None:
    plan = open_once()
    names = {name for subsector in plan.subsectors for name in (subsector.id, subsector.short_name, subsector.name)}
    if value.strip() not in names:
        with pytest.raises(UnknownSubsector):
            plan.subsector(value)


@cache
def open_once() -> Plan:
    return open_plan(PLAN_ID)
