"""Tables of the gap lab, the same on the page and on paper: mixes, largest firms, chances, a scenario's figures."""

import pandas as pd

from clusters.accounts import UNIT_CNY, Amount
from clusters.gap_records import Mix
from clusters.goals import Board
from clusters.plan_records import ClusterCountTarget
from clusters.scenario_results import ScenarioResult, scenario_goals
from clusters.tiers import ScaleTier, scale_tier
from data import columns as c
from data.lookup import short_name
from views.document import Cell, Column, Table
from views.document_columns import COUNT, SHARE, money_column
from views.figures import accounts_of
from views.gaps_answer import GapPage, Played
from views.gaps_text import is_lower, rate
from views.gaps_words import district_names, signed
from views.goal_cards import target_name
from views.words import Words


def mixes_table(page: GapPage, t: Words) -> Table:
    """Each growth with what new firms must bring then, how many, and whether they find room."""
    closing = page.closing
    columns = (
        Column(t("lab.growth")),
        Column(t("lab.a_year"), "right", SHARE),
        money_column(t("lab.grown_by", year=closing.until, unit=t.money_unit), t),
        money_column(t("lab.missing", unit=t.money_unit), t),
        Column(t("lab.typical"), "right", "0"),
        Column(t("lab.fewest_most"), "right"),
        Column(t("lab.floor"), "right", COUNT),
        Column(t("lab.room")),
    )
    rows = []
    for mix in closing.mixes:
        known = mix.typical is not None
        most = t("gaps.any_number") if mix.most is None else f"{mix.most:,}"
        rows.append(
            (
                Cell(t(f"gaps.of_growth.{mix.of_growth}")),
                Cell(rate(mix.growth) if mix.growth else "0%", mix.growth),
                Cell(t.money(mix.grown_cny, unit=False), mix.grown_cny),
                Cell(t.money(mix.missing_cny, unit=False), mix.missing_cny),
                Cell(f"{mix.typical:,}" if known else t("lab.unknown"), mix.typical),
                Cell("—" if not mix.missing_cny else f"{mix.fewest:,} – {most}" if known else t("lab.unknown")),
                Cell(_floor(mix, t), mix.floor_m2),
                Cell(t(f"lab.room_{mix.room}") if mix.missing_cny else "—"),
            )
        )
    return Table(t("lab.sheet_mixes"), columns, tuple(rows), title=t("lab.mixes"))


def _floor(mix: Mix, t: Words) -> str:
    if not mix.missing_cny:
        return "—"
    return t("lab.unknown") if mix.floor_m2 is None else f"{mix.floor_m2:,.0f}"


def left_table(page: GapPage, t: Words) -> Table:
    """What is left without the largest firms, one more a row."""
    before, dataset = scale_tier(page.closing.total_cny), page.board.dataset
    columns = (
        Column(t("lab.without")),
        money_column(t("lab.its_revenue", unit=t.money_unit), t),
        money_column(t("lab.left", unit=t.money_unit), t),
        Column(t("lab.left_share"), "right", SHARE),
        Column(t("field.tier")),
    )
    rows = []
    for gone, (_, row) in enumerate(page.left.iterrows(), start=1):
        name = short_name(dataset, row[c.FIRM_ID])
        tier = t.tier_mark(row[c.TIER])
        share = float(row[c.LEFT_SHARE])
        rows.append(
            (
                Cell(name if gone == 1 else t("lab.and_without", firm=name)),
                Cell(t.money(row[c.REVENUE_CNY], unit=False), int(row[c.REVENUE_CNY])),
                Cell(t.money(row[c.WITHOUT_CNY], unit=False), int(row[c.WITHOUT_CNY])),
                Cell(t.share(share), share if share == share else None),
                Cell(f"↓ {tier}" if is_lower(row[c.TIER], before) else tier),
            )
        )
    return Table(t("lab.sheet_left"), columns, tuple(rows), title=t("lab.by_whom"))


def chance_table(page: GapPage, t: Words) -> Table:
    """Median, band and chance to have crossed by each year."""
    columns = (
        Column(t("field.year")),
        money_column(t("lab.median", unit=t.money_unit), t),
        Column(t("lab.band", unit=t.money_unit), "right"),
        Column(t("lab.crossed"), "right", SHARE),
        Column(t("lab.crossed_error"), "right", SHARE),
    )
    rows = []
    bands = page.bands
    for year, row in () if bands is None else bands.iloc[1:].iterrows():
        low, high = (t.money(row[end], unit=False) for end in (c.LOW, c.HIGH))
        rows.append(
            (
                Cell(str(year), int(str(year))),
                Cell(t.money(row[c.MEDIAN], unit=False), round(row[c.MEDIAN])),
                Cell(f"{low} – {high}"),
                Cell(t.share(row[c.CROSSED]), float(row[c.CROSSED])),
                Cell(f"± {row[c.CROSSED_ERROR]:.1%}", float(row[c.CROSSED_ERROR])),
            )
        )
    return Table(t("lab.sheet_chance"), columns, tuple(rows), title=t("lab.when"))


def clusters_table(city: Board, played: Played, beside: Played | None, t: Words) -> Table:
    """Every cluster of the city before and after, with its tiers; another scenario stands in a column of its own."""
    columns = [
        Column(t("field.subsector")),
        money_column(t("lab.baseline", year=city.year, unit=t.money_unit), t),
        money_column(t("lab.scenario_by", year=played.scenario.until, unit=t.money_unit), t),
        money_column(t("lab.change", unit=t.money_unit), t),
        Column(t("lab.tier_before")),
        Column(t("lab.tier_after")),
    ]
    if beside is not None:
        columns.insert(4, money_column(t("lab.beside_by", unit=t.money_unit), t))
    kept, table, rows = accounts_of(city), played.result.clusters, []
    for subsector_id in _in_order(city, table):
        row = table.loc[subsector_id]
        shown = kept.total(subsectors=[subsector_id])
        absent = row[c.TIER] is None and row[c.BASELINE_CNY] == 0
        cells = [
            Cell(t(f"subsector.{subsector_id}")),
            _baseline(row, shown, absent, t),
            _scenario(row, shown, absent, t),
            _change(row, t),
            Cell(_tier(row[c.BASELINE_CNY], row[c.TIER], t)),
            Cell(_tier(row[c.SCENARIO_CNY], None if absent and not row[c.CHANGE_CNY] else row[c.SCENARIO_TIER], t)),
        ]
        if beside is not None:
            other = beside.result.clusters
            at = other.loc[subsector_id] if subsector_id in other.index else row.copy().where(False, 0)
            cells.insert(4, _scenario(at, shown, absent, t))
        rows.append(tuple(cells))
    return Table(t("lab.sheet_clusters"), tuple(columns), tuple(rows), title=t("lab.clusters_after"))


def districts_table(city: Board, played: Played, t: Words) -> Table:
    """Every district before and after, over all clusters."""
    columns = (
        Column(t("field.district")),
        money_column(t("lab.baseline", year=city.year, unit=t.money_unit), t),
        money_column(t("lab.scenario_by", year=played.scenario.until, unit=t.money_unit), t),
        money_column(t("lab.change", unit=t.money_unit), t),
    )
    kept, names, table = accounts_of(city).districts(), district_names(city.dataset, t), played.result.districts
    rows = []
    for district_id in [*city.dataset.districts.index, c.UNPLACED]:
        if district_id not in table.index:
            continue
        row = table.loc[district_id]
        shown = kept.get(str(district_id))
        absent = shown is None and row[c.BASELINE_CNY] == 0
        rows.append(
            (
                Cell(names[str(district_id)]),
                _baseline(row, shown, absent, t),
                _scenario(row, shown, absent, t),
                _change(row, t),
            )
        )
    return Table(t("lab.sheet_districts"), columns, tuple(rows), title=t("lab.districts_after"), note=t("word.derived"))


def goals_table(board: Board, result: ScenarioResult, t: Words) -> Table:
    """Clusters that each target counts, before and after."""
    columns = (
        Column(t("part.target")),
        Column(t("reading.reading")),
        Column(t("part.goal"), "right", "0"),
        Column(t("lab.count_before"), "right", "0"),
        Column(t("lab.count_after"), "right", "0"),
    )
    names = {tally.target.id: target_name(tally, board, t) for tally in board.tallies}
    table = scenario_goals(board.plan, result)
    rows = []
    for (target_id, nesting), (_, row) in zip(table.index.to_flat_index(), table.iterrows(), strict=True):
        alone = _counts_alone(board, str(target_id))
        if alone and nesting == "nested":
            continue  # nothing lies above the top tier: both readings count the same
        counts = [
            Cell(t("word.withheld") if row[name] is None else str(row[name]), row[name])
            for name in (c.BASELINE, c.SCENARIO)
        ]
        reading = "—" if alone else t(f"axis.nesting.{nesting}")
        name = names.get(str(target_id), str(target_id))
        rows.append((Cell(name), Cell(reading), Cell(f"≥ {row[c.GOAL]}", row[c.GOAL]), *counts))
    return Table(t("lab.sheet_goals"), columns, tuple(rows), title=t("lab.goals_after"))


def _counts_alone(board: Board, target_id: str) -> bool:
    """Whether a target counts clusters of the largest threshold that the plan names."""
    counted = [each for each in board.plan.quantified_targets if isinstance(each, ClusterCountTarget)]
    most = max(each.cluster_threshold.value_cny for each in counted)
    return any(each.id == target_id and each.cluster_threshold.value_cny == most for each in counted)


def _in_order(city: Board, table: pd.DataFrame) -> list[str]:
    """Clusters in the order of the plan."""
    return [str(s) for s in city.clusters.index if s in table.index]


def _baseline(row: "pd.Series", shown: Amount | None, absent: bool, t: Words) -> Cell:
    if row[c.BASELINE_CNY] is None:
        return Cell(t("word.withheld"))
    if absent:
        return Cell(t("word.no_data"))
    cny = int(row[c.BASELINE_CNY])
    return Cell(t.amount(shown or _rounded(cny), unit=False), cny)


def _scenario(row: "pd.Series", shown: Amount | None, absent: bool, t: Words) -> Cell:
    """As the baseline where nothing changed."""
    if row[c.SCENARIO_CNY] is None:
        return Cell(t("word.withheld"))
    cny = int(row[c.SCENARIO_CNY])
    if not row[c.CHANGE_CNY]:
        return _baseline(row, shown, absent, t)
    return Cell(t.amount(_rounded(cny), unit=False), cny)


def _rounded(cny: int) -> Amount:
    return Amount(cny, round(cny / UNIT_CNY) * UNIT_CNY)


def _change(row: "pd.Series", t: Words) -> Cell:
    change = row[c.CHANGE_CNY]
    return Cell(signed(change, t, unit=False), None if change is None else int(change))


def _tier(cny: int | None, tier: ScaleTier | None, t: Words) -> str:
    if cny is None:
        return t("word.withheld")
    return t.tier_mark(tier)
