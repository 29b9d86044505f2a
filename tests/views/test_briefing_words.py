"""Every finding and warning of a briefing in both languages, with its n, and nothing where nothing is known."""

from dataclasses import replace

import pytest

from clusters.accounts import accounts
from clusters.briefing import district_briefing
from clusters.briefing_records import Briefing, Headline, HeadlineKind
from clusters.cautions import RULES, Caution
from clusters.plan import Plan
from clusters.profile import Finding
from clusters.release import release
from clusters.roles import Role, Viewer
from clusters.tiers import ScaleTier
from data import columns as c
from data.dataset import Basis, Dataset
from views.briefing_tables import change_table, dependence_table
from views.briefing_words import (
    caution_rules,
    caution_sentence,
    cautions_note,
    coverage_sentence,
    headline_sentence,
    path_quotes,
    path_sentence,
    shown_share,
    told_headlines,
)
from views.words import LANGUAGES, Language, words

ZH, EN = words("zh"), words("en")


@pytest.fixture(scope="module")
def futian(plan: Plan, dataset: Dataset) -> Briefing:
    return district_briefing(plan, dataset, "440304", previous=replace(dataset, version="before"))


def said(found: Briefing, kind: HeadlineKind, language: Language = "zh") -> str:
    (headline,) = [each for each in found.headlines if each.kind is kind]
    return headline_sentence(headline, found, words(language))


def test_headlines_say_the_figures_of_the_tables_and_their_n(futian: Briefing) -> None:
    assert said(futian, HeadlineKind.TOTAL) == (
        "福田区 2021 年样本营收 367.5 亿元，占全市样本的 3.8%（本区 12 家，全市 58 家）。"
    )
    assert said(futian, HeadlineKind.NEAREST) == (
        "互联网在本区为 44.1 亿元，占全市该集群的 0.8%；距百亿级门槛 100.0 亿元 还差 55.9 亿元（1 家）。"
    )
    assert said(futian, HeadlineKind.CHANGE) == "与版本 before 相比，本区 2021 年合计没有变化（12 家）。"
    assert said(futian, HeadlineKind.PATH, "en") == (
        "The mix of firms leans to the plan's path 'Expansion into emerging fields' (n=12)."
    )
    assert "95% 区间" in said(futian, HeadlineKind.GROWTH)
    assert said(futian, HeadlineKind.ROOM, "en") == "6 parks; vacant area is known of none."


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_headline_of_every_district_has_words(plan: Plan, dataset: Dataset, language: Language) -> None:
    t = words(language)
    for district_id in dataset.districts.index:
        found = district_briefing(plan, dataset, district_id)
        lines = [headline_sentence(each, found, t) for each in found.headlines]
        lines += [caution_sentence(each, found, t) for each in found.cautions]
        lines += [line for fit in found.paths for line in (path_sentence(fit, t), *path_quotes(fit, t))]
        lines += [coverage_sentence(found, t)]
        assert all(line and "{" not in line and "nan" not in line for line in lines)


def test_shares_of_the_districts_add_up_as_they_are_shown(plan: Plan, dataset: Dataset) -> None:
    found = [district_briefing(plan, dataset, district_id) for district_id in dataset.districts.index]
    shares = [shown_share(each) for each in found]
    unplaced = accounts(dataset, year=2021).shares().get(c.UNPLACED, 0.0)
    assert sum(share for share in shares if share == share) + unplaced == pytest.approx(1)


def test_a_warning_is_not_told_twice(futian: Briefing) -> None:
    assert [(each.kind, each.subsector_id) for each in futian.cautions] == [("tier_of_one", "S11"), ("one_firm", None)]
    assert HeadlineKind.DEPENDENCE in {each.kind for each in futian.headlines}
    assert HeadlineKind.DEPENDENCE not in {each.kind for each in told_headlines(futian)}
    assert caution_sentence(futian.cautions[0], futian, ZH) == (
        "电子商务的百亿级只靠一家：深圳华强占 89.9%，去掉后为 25.7 亿元，未达百亿（2 家）。"
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_warnings_that_the_sample_does_not_show_have_words_too(futian: Briefing, language: Language) -> None:
    t = words(language)
    near = Caution("tier_near", "S11", 9, 0.03, 3 * 10**8, tier=ScaleTier.CNY_1E10, tier_then=ScaleTier.BELOW)
    decline = Caution("decline", None, 7, -0.12)
    for each, shown in ((near, "3.0%"), (decline, "-12.0%")):
        assert shown in caution_sentence(each, futian, t)
    assert len(caution_rules(t)) == len(RULES)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("difference", "firms"), [(0, 0), (0, 2), (10**9, 0), (-(10**9), -1)])
def test_a_change_is_told_with_its_direction(futian: Briefing, language: Language, difference: int, firms: int) -> None:
    figures = {"before": "7", "difference_cny": difference, "total_cny": 10**10, "firms": firms}
    headline = Headline(HeadlineKind.CHANGE, figures, 12, 1.0, "register", "", False)
    line = headline_sentence(headline, futian, words(language))
    assert "7" in line
    assert ("+2" in line) == (firms == 2)


def test_every_finding_on_a_path_has_words(futian: Briefing) -> None:
    for t in (ZH, EN):
        lines = {path_sentence(replace(futian.paths[2], finding=finding), t) for finding in Finding}
        assert len(lines) == len(Finding)


def test_withheld_figures_are_said_to_be_withheld(plan: Plan, dataset: Dataset) -> None:
    firms = dataset.firms.assign(**{c.CONFIDENTIALITY: "statistical"})
    secret = release(replace(dataset, basis=Basis.REGISTER, digest="secret", firms=firms), Viewer(Role.PUBLIC))
    found = district_briefing(plan, secret, "440307")
    assert cautions_note(found, ZH) == "工业互联网、智慧城市的数据未公开，无法判断是否需要提醒。"
    assert dependence_table(found, ZH).rows == ()
    assert change_table(found, ZH) is None


def test_a_change_table_adds_up_as_it_is_shown(plan: Plan, dataset: Dataset) -> None:
    seen = dataset.observations
    more = seen.assign(**{c.REVENUE_CNY: seen[c.REVENUE_CNY] * 1.1 // 1})
    later = replace(dataset, version="later", digest="later", observations=more)
    found = district_briefing(plan, later, "440304", previous=dataset)
    table = change_table(found, ZH)
    assert table is not None
    assert len(table.rows) == 7
    for _, before, after, change, *_ in table.rows:
        figures = [float(cell.text.split()[0].replace(",", "")) for cell in (before, after, change)]
        assert figures[0] + figures[2] == pytest.approx(figures[1])
        assert (before.value or 0) + (change.value or 0) == after.value
