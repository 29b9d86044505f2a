"""A firm with parts in several subsectors: money is split exactly and adds up, and whoever is counted counts once.

a2 (registered in 甲, office in 乙, 10 in 2020 and 50 in 2021) is 0.7 S01 and 0.3 S05, so 7 and 3, 35 and 15 亿元.
"""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clusters.goals import tally_goals
from clusters.growth import matched_growth
from clusters.plan import Plan
from clusters.standing import cluster_totals, coverage
from data import columns as c
from data.cube import build_cube, cube_of, cube_totals
from data.dataset import MANY_FIRMS, Dataset, Place, firms_by_year
from data.firm_points import firm_points
from data.known_firms import known_firms
from data.leading import LARGEST_IN_CELL, leading_firms
from data.matched import matched_firms
from data.observed import observed_rows
from data.parts import counted_once, firm_parts, observed_parts, under_main_subsector
from data.store import open_version
from data.thresholds import firms_over
from data.weights import write_weights
from tests.register_files import import_register

YI = 10**8
JIA, YI_TOWN = "440391", "440392"
SPLIT = "S01:0.7;S05:0.3"
SUBSECTORS = ["S01", "S02", "S05"]


def split(dataset: Dataset, **weights: str) -> Dataset:
    """The same dataset with some firms split; the main subsector is that of the largest part."""
    firms = dataset.firms.copy()
    firms[c.SUBSECTOR_WEIGHTS] = pd.Series(weights, dtype=object).reindex(firms.index).astype(object)
    return replace(dataset, firms=firms.where(firms.notna(), None))


@pytest.fixture(scope="module")
def split_towns(four_towns: Dataset) -> Dataset:
    return split(four_towns, a2=SPLIT)


def totals(dataset: Dataset, by: str, **choices: object) -> dict[str, tuple[int, int]]:
    """Whole 亿元 and firms of each group in 2021."""
    found = cube_totals(cube_of(dataset), [by], year=2021, **choices)  # type: ignore[arg-type]
    assert (found[c.TOTAL_CNY] % YI == 0).all()
    return {str(key): (int(row[c.TOTAL_CNY]) // YI, int(row[c.FIRMS])) for key, row in found.iterrows()}


# ---------------------------------------------------------------- by hand


def test_each_subsector_gets_its_part_and_counts_the_firm(split_towns: Dataset, four_towns: Dataset) -> None:
    assert totals(four_towns, c.SUBSECTOR_ID) == {"S01": (125, 3), "S02": (1040, 3)}
    assert totals(split_towns, c.SUBSECTOR_ID) == {"S01": (110, 3), "S02": (1040, 3), "S05": (15, 1)}


def test_districts_stay_as_they_were_and_count_the_firm_once(split_towns: Dataset, four_towns: Dataset) -> None:
    for place in ("registered", "operating"):
        assert totals(split_towns, c.DISTRICT_ID, place=place) == totals(four_towns, c.DISTRICT_ID, place=place)


def test_a_choice_of_subsectors_counts_the_firm_once(split_towns: Dataset) -> None:
    """甲 has a1 with 60 and a2 with 35 in S01, a3 with 80 in S02, and the 15 of a2 in S05."""
    assert totals(split_towns, c.DISTRICT_ID, subsectors=["S01", "S05"], district_id=JIA) == {JIA: (110, 2)}
    assert totals(split_towns, c.DISTRICT_ID, subsectors=["S05"], district_id=JIA) == {JIA: (15, 1)}
    assert totals(split_towns, c.DISTRICT_ID, subsectors=["S02", "S05"], district_id=JIA) == {JIA: (95, 2)}


def test_the_largest_of_a_cluster_is_the_largest_part(split_towns: Dataset) -> None:
    found = cluster_totals(cube_of(split_towns), year=2021)
    assert found.loc["S05", c.TOP_FIRM_ID] == "a2"
    assert found.loc["S05", c.TOP1_SHARE] == 1.0
    assert found.loc["S01", c.TOP_FIRM_ID] == "a1"
    only_b1_and_a2 = cube_totals(
        cube_of(split_towns), [c.SUBSECTOR_ID], year=2021, place="operating", district_id=YI_TOWN
    )
    assert int(only_b1_and_a2.loc["S01", c.TOP1_CNY]) == 35 * YI


def test_what_coverage_tells_of_the_city_is_as_it_was(split_towns: Dataset, four_towns: Dataset) -> None:
    for place in ("registered", "operating"):
        for district in (None, JIA, YI_TOWN):
            told = coverage(split_towns, year=2021, place=place, district_id=district)
            assert told == coverage(four_towns, year=2021, place=place, district_id=district)
    assert firms_by_year(split_towns).equals(firms_by_year(four_towns))


def test_a_firm_passes_a_threshold_whole(split_towns: Dataset, four_towns: Dataset) -> None:
    """40 亿元 is more than each part of a2 and less than all of it."""
    counts = firms_over(split_towns, 40 * YI, strictly=True)
    assert counts == firms_over(four_towns, 40 * YI, strictly=True)
    assert counts["registered", 2021, 2021][JIA] == 3


def test_goals_that_count_firms_stay_and_clusters_follow_the_parts(
    split_towns: Dataset, four_towns: Dataset, plan: Plan
) -> None:
    now, before = (tally_goals(plan, each, year=2021) for each in (split_towns, four_towns))
    for target in ("T9", "T10"):
        assert now.tally(target).actual == before.tally(target).actual
    assert int(now.clusters.loc["S05", c.TOTAL_CNY]) == 15 * YI
    assert now.clusters.loc["S05", c.KNOWN_FIRMS] == 2  # d1 is one of S05 too, without a usable year
    assert before.clusters.loc["S05", c.KNOWN_FIRMS] == 1
    assert now.clusters[c.TOTAL_CNY].sum() == before.clusters[c.TOTAL_CNY].sum()


def test_growth_is_of_parts_and_its_firms_count_once_over_subsectors(split_towns: Dataset) -> None:
    matched = matched_firms(split_towns)
    here = matched[matched[c.PLACE] == "registered"]
    by_subsector = matched_growth(here, base_year=2020, year=2021, by=[c.SUBSECTOR_ID])
    assert by_subsector.loc["S05", [c.MATCHED_FIRMS, c.BASE_CNY, c.MATCHED_CNY]].tolist() == [1, 3 * YI, 15 * YI]
    assert by_subsector.loc["S01", [c.MATCHED_FIRMS, c.BASE_CNY, c.MATCHED_CNY]].tolist() == [2, 47 * YI, 95 * YI]
    by_district = matched_growth(here, base_year=2020, year=2021, by=[c.DISTRICT_ID])
    assert by_district.loc[JIA, [c.MATCHED_FIRMS, c.BASE_CNY, c.MATCHED_CNY]].tolist() == [3, 120 * YI, 190 * YI]


def test_known_firms_count_in_each_subsector_or_once_or_under_the_main_one(split_towns: Dataset) -> None:
    known = known_firms(split_towns)
    known = known[(known[c.PLACE] == "registered") & (known[c.DISTRICT_ID] == JIA)]

    def counts(cells: pd.DataFrame) -> dict[str, int]:
        found = cells.groupby(c.SUBSECTOR_ID)[c.KNOWN_FIRMS].sum()
        return {str(s): int(n) for s, n in found.items() if n}

    assert counts(known) == {"S01": 2, "S02": 1, "S05": 1}
    assert counts(counted_once(known)) == {"S01": 2, "S02": 1}
    assert counts(counted_once(known[known[c.SUBSECTOR_ID] != "S01"])) == {"S02": 1, "S05": 1}
    assert counts(under_main_subsector(known)) == {"S01": 2, "S02": 1}


def test_a_point_stands_under_the_main_subsector(split_towns: Dataset) -> None:
    placed = split_towns.firms.assign(**{c.LON: np.linspace(114.01, 114.39, 7), c.LAT: 22.55})
    points = firm_points(replace(split_towns, firms=placed))
    kept = [points.pyramid.kept(points.choose(subsectors=[subsector])) for subsector in ("S01", "S05")]
    assert [int(one.sum()) for one in kept if one is not None] == [3, 1]


def test_nobody_split_nothing_is_copied_and_nothing_carries_a_spread(four_towns: Dataset) -> None:
    for same in (four_towns, split(four_towns)):
        parts = firm_parts(same.firms)
        assert parts.firms is same.firms
        assert parts.spread is None
        assert c.SPREAD not in build_cube(same)
        pd.testing.assert_frame_equal(build_cube(same), build_cube(four_towns))
        cells = known_firms(same)
        assert counted_once(cells) is cells
        assert under_main_subsector(cells) is cells


# ---------------------------------------------------------------- properties

PARTS = st.dictionaries(st.sampled_from(SUBSECTORS), st.integers(1, 9), min_size=1, max_size=3)
FIRM = st.tuples(PARTS, st.sampled_from([JIA, YI_TOWN, None]), st.sampled_from([JIA, "440393", "outside", None]))
SEEN = st.tuples(st.integers(0, 5), st.sampled_from([2020, 2021]), st.integers(-5, 5) | st.integers(0, 10**16))


def made_up(
    four_towns: Dataset, firms: list[tuple[dict[str, int], str | None, str | None]], seen: list[tuple[int, int, int]]
) -> Dataset:
    rows = []
    for i, (raw, registered, operating) in enumerate(firms):
        shares = np.diff(np.round(np.cumsum([0, *raw.values()]) / sum(raw.values()) * 10_000)).astype(int)
        parts = dict(zip(raw, shares.tolist(), strict=True))
        main = max(sorted(parts), key=lambda s, parts=parts: parts[s])  # type: ignore[misc]
        rows.append((f"f{i}", main, write_weights(parts), registered, operating))
    columns = [c.FIRM_ID, c.SUBSECTOR_ID, c.SUBSECTOR_WEIGHTS, c.REGISTERED_DISTRICT_ID, c.OPERATING_DISTRICT_ID]
    table = pd.DataFrame(rows, columns=columns, dtype=object).set_index(c.FIRM_ID, drop=False).rename_axis(None)
    observations = pd.DataFrame([(f"f{i}", year, amount) for i, year, amount in seen],
                                columns=[c.FIRM_ID, c.YEAR, c.REVENUE_CNY])  # fmt: skip
    return replace(
        four_towns, firms=table, observations=observations.assign(**{c.STATUS: "sourced", c.SOURCE: "made up"})
    )


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=15)
@given(st.lists(FIRM, min_size=6, max_size=6), st.lists(SEEN, min_size=1, max_size=15))
def test_parts_add_up_to_the_whole(
    four_towns: Dataset, firms: list[tuple[dict[str, int], str | None, str | None]], seen: list[tuple[int, int, int]]
) -> None:
    """Every district, subset of subsectors and year: the money of the firms left whole, and each firm counted once."""
    made = made_up(four_towns, firms, seen)
    cube = build_cube(made)
    whole = build_cube(replace(made, firms=made.firms.drop(columns=c.SUBSECTOR_WEIGHTS)))
    assert cube[c.TOTAL_CNY].sum() == whole[c.TOTAL_CNY].sum() == 2 * made.observations[c.REVENUE_CNY].sum()
    for place in ("registered", "operating"):
        for year in made.years:
            found, expected = (cube_totals(each, [c.DISTRICT_ID], year=year, place=place) for each in (cube, whole))
            assert found[c.TOTAL_CNY].to_dict() == expected[c.TOTAL_CNY].to_dict()
            assert found[c.FIRMS].to_dict() == expected[c.FIRMS].to_dict()
            for chosen in (["S01"], ["S01", "S02"], ["S02", "S05"], SUBSECTORS):
                some = cube_totals(cube, [c.YEAR], year=year, place=place, subsectors=chosen)
                assert int(some[c.FIRMS].sum()) == len(counted_by_hand(made, chosen, year, place))
        told, before = (coverage(replace(made, firms=each), year=made.years[0], place=place)
                        for each in (made.firms, made.firms.drop(columns=c.SUBSECTOR_WEIGHTS)))  # fmt: skip
        assert told == before


def counted_by_hand(dataset: Dataset, subsectors: list[str], year: int, place: Place) -> set[str]:
    """Firms inside the city with a part in one of the subsectors and an observation of the year, row by row."""
    found = set()
    for firm, row in dataset.firms.iterrows():
        text = row[c.SUBSECTOR_WEIGHTS]
        held = [part.partition(":")[0] for part in text.split(";")] if isinstance(text, str) else [row[c.SUBSECTOR_ID]]
        moved_out = place == "operating" and row[c.OPERATING_DISTRICT_ID] == c.OUTSIDE
        seen = (dataset.observations[c.FIRM_ID] == firm) & (dataset.observations[c.YEAR] == year)
        if set(held) & set(subsectors) and seen.any() and not moved_out:
            found.add(str(firm))
    return found


def test_every_observation_is_split_in_place(split_towns: Dataset) -> None:
    parts = firm_parts(split_towns.firms)
    observed, whole = observed_parts(split_towns, parts), observed_rows(split_towns)
    back = pd.Series(observed.revenue).groupby(observed.row).sum()
    assert back.index.tolist() == whole.row.tolist()
    assert back.tolist() == whole.revenue.tolist()
    assert (parts.firm[observed.firm][np.isin(observed.row, whole.row)] >= 0).all()


# ---------------------------------------------------------------- a register of many firms


@pytest.fixture(scope="module")
def many_split(many_firms: Dataset) -> Dataset:
    """A third of a large register is split in two or three."""
    firms, rng = many_firms.firms.copy(), np.random.default_rng(7)
    rows = np.flatnonzero(rng.random(len(firms)) < 0.3)
    texts = np.full(len(firms), None, object)
    main = firms[c.SUBSECTOR_ID].to_numpy(object).copy()
    for row in rows:
        first, second, third = rng.choice(12, 3, replace=False) + 1
        text = f"S{first:02d}", f"S{second:02d}", f"S{third:02d}"
        parts = {text[0]: 5001, text[1]: 3000, text[2]: 1999} if row % 2 else {text[0]: 6000, text[1]: 4000}
        texts[row], main[row] = write_weights(parts), text[0]
    weights = pd.Categorical(texts)
    return replace(
        many_firms, firms=firms.assign(**{c.SUBSECTOR_WEIGHTS: weights, c.SUBSECTOR_ID: pd.Categorical(main)})
    )


def test_of_many_firms_each_largest_part_leads(many_split: Dataset) -> None:
    assert len(many_split.firms) > MANY_FIRMS
    leading, cube = leading_firms(many_split), cube_of(many_split)
    assert len(leading) < len(many_split.firms)
    for year in many_split.years:
        cells = cube_totals(cube, [c.DISTRICT_ID, c.SUBSECTOR_ID], year=year)
        assert set(cells[c.TOP_FIRM_ID]) <= set(leading.index)
    parts = firm_parts(many_split.firms)
    observed = observed_parts(many_split, parts)
    now = observed.year == many_split.default_year
    rows = pd.DataFrame({"firm": parts.firms.index[observed.firm[now]], "revenue": observed.revenue[now],
                         "subsector": parts.firms[c.SUBSECTOR_ID].to_numpy(object)[observed.firm[now]]})  # fmt: skip
    largest = rows.sort_values("revenue", ascending=False).groupby("subsector").head(LARGEST_IN_CELL)
    assert set(largest["firm"]) <= set(leading.index)


def test_a_version_keeps_the_weights(many_split: Dataset, dataset: Dataset, tmp_path: Path) -> None:
    firms = many_split.firms.head(200)
    table = pa.table(
        {
            **{str(name): pa.array(firms[name].astype(object), from_pandas=True) for name in
               (c.FIRM_ID, c.NAME, c.SUBSECTOR_ID, c.SUBSECTOR_WEIGHTS)},
            c.LON: pa.array(firms[c.LON].to_numpy(float)), c.LAT: pa.array(firms[c.LAT].to_numpy(float)),
            c.YEAR: pa.array([2021] * len(firms)), c.REVENUE_CNY: pa.array(range(1, len(firms) + 1)),
        }
    )  # fmt: skip
    pq.write_table(table, tmp_path / "register.parquet")
    record = import_register(tmp_path / "register.parquet", tmp_path / "home", dataset)
    kept = open_version(tmp_path / "home", record.id, dataset)
    expected = firms[c.SUBSECTOR_WEIGHTS].astype(object)
    found = kept.firms.loc[firms.index, c.SUBSECTOR_WEIGHTS]
    assert found.dropna().to_dict() == expected.dropna().to_dict()
    assert cube_totals(cube_of(kept), [c.SUBSECTOR_ID], year=2021)[c.TOTAL_CNY].sum() == sum(range(1, len(firms) + 1))
