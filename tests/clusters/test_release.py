"""What each kind of reader gets of a version: figures that are right or withheld, and nothing of what is hidden."""

import pickle
from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from clusters.accounts import accounts
from clusters.errors import UnknownRole
from clusters.goals import tally_goals
from clusters.plan import Plan
from clusters.release import release, safety_rule
from clusters.released_cells import released_cells, released_cube
from clusters.released_firms import GRID_M
from clusters.roles import Role, Viewer, read_viewer, serve_to_others, viewer_without_sign_in
from clusters.suppression_rules import SafetyRule
from data import columns as c
from data.cube import cube_of, cube_totals
from data.dataset import Basis, Dataset, firms_by_year
from data.derived import save_table
from data.errors import BadSetting
from data.firm_points import firm_points
from data.known_firms import known_firms
from data.leading import leading_revenue
from data.observed import observed_rows
from data.settings import settings
from data.store import open_version
from data.synthetic import synthesize, write_register
from data.workspace import versions_folder
from geo.crs import to_metric
from tests.register_files import import_register

PUBLIC, INVESTOR, OWN = Viewer(Role.PUBLIC), Viewer(Role.INVESTOR), Viewer(Role.GOVERNMENT, "440305")
FIRMS, FREE = 800, 40  # firms of the register, and those of public record among them


@pytest.fixture(scope="module")
def register(dataset: Dataset, tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    """A register of made-up firms in two years, some of public record, some of one group, some in two subsectors."""
    home = tmp_path_factory.mktemp("release")
    firms = synthesize(FIRMS, 5, dataset).drop(columns=[c.of_year(c.REVENUE_CNY, year) for year in (2019, 2020, 2021)])
    for name in (c.REVENUE_CNY, c.of_year(c.REVENUE_CNY, 2022)):  # no two firms of the same revenue by chance
        firms[name] += np.arange(1, FIRMS + 1) % 1000
    firms[c.CONFIDENTIALITY] = np.where(np.arange(FIRMS) < FREE, "public_record", "statistical")
    firms[c.HOLDING_ID] = np.where(np.arange(FIRMS) % 7 == 0, "集团一", None)
    firms[c.SUBSECTOR_WEIGHTS] = None
    firms.loc[firms[c.SUBSECTOR_ID] == "S01", c.SUBSECTOR_WEIGHTS] = "S01:0.7;S05:0.3"
    firms[c.OPERATING_DISTRICT_ID] = np.where(np.arange(FIRMS) % 9 == 0, "440304", None)
    firms[c.ADDRESS] = [f"某路{n}号" for n in range(FIRMS)]
    write_register(firms, home / "register.parquet")
    opened = open_version(home, import_register(home / "register.parquet", home, dataset).id, dataset)
    return replace(opened, basis=Basis.REGISTER)


def _secrets(dataset: Dataset, viewer: Viewer) -> set[int]:
    """Every revenue of a firm whose figures this reader may not see, and every withheld total."""
    hidden = viewer.hidden_firms(dataset.firms)
    observed = observed_rows(dataset)
    amounts = set(observed.revenue[hidden[observed.firm]].tolist())
    seen = release(dataset, viewer)
    by = [c.DISTRICT_ID, c.SUBSECTOR_ID, c.YEAR]
    truth, told = (cube_totals(cube_of(each), by)[c.TOTAL_CNY] for each in (dataset, seen))
    withheld = set(truth[told.reindex(truth.index).isna()].tolist())
    return (amounts | withheld) - set(observed.revenue[~hidden[observed.firm]].tolist()) - {0}


def _numbers(thing: object) -> Iterator[np.ndarray]:
    """Every number in the tables that hang on a dataset."""
    tables = [value for value in vars(thing).values() if isinstance(value, pd.DataFrame)]
    tables += [derived(thing) for derived in (cube_of, firms_by_year, known_firms, leading_revenue)]
    for table in tables:
        for _, column in table.items():
            yield pd.to_numeric(column, errors="coerce").to_numpy(np.float64, na_value=np.nan)
    yield from (values.astype(np.float64) for values in firm_points(thing).pyramid.values.values())


@pytest.mark.parametrize("viewer", [PUBLIC, INVESTOR, OWN], ids=str)
def test_no_hidden_figure_is_in_any_table(register: Dataset, viewer: Viewer) -> None:
    secrets, seen = _secrets(register, viewer), release(register, viewer)
    assert len(secrets) > 300
    held = {int(number) for numbers in _numbers(seen) for number in numbers[np.isfinite(numbers)]}
    assert not held & secrets
    whole = {int(number) for numbers in _numbers(register) for number in numbers[np.isfinite(numbers)]}
    assert len(whole & secrets) > 300  # the search would have found them


@pytest.mark.parametrize("viewer", [PUBLIC, OWN], ids=str)
def test_every_sum_is_the_true_one_or_withheld(register: Dataset, viewer: Viewer) -> None:
    keys = (c.DISTRICT_ID, c.SUBSECTOR_ID)
    truth, told = cube_of(register), cube_of(release(register, viewer))
    lacking = 0
    filters = product([[], [keys[0]], [keys[1]], [*keys]], [(), ("S01",), ("S02", "S05")], [None, "440305"])
    for by, subsectors, district in filters:
        asked = {"subsectors": subsectors, "district_id": district}
        right, seen = (cube_totals(cube, [*by, c.YEAR], **asked) for cube in (truth, told))
        assert seen[c.FIRMS].equals(right[c.FIRMS].astype(seen[c.FIRMS].dtype))
        known = seen[c.TOTAL_CNY].notna()
        assert (seen.loc[known, c.TOTAL_CNY] == right.loc[known, c.TOTAL_CNY]).all()
        lacking += int((~known).sum())
    assert lacking > 50


def test_most_of_the_money_is_released(register: Dataset) -> None:
    """A release that withheld everything would be safe and of no use."""
    told = cube_of(release(register, PUBLIC))
    cells = cube_totals(told, [c.DISTRICT_ID, c.SUBSECTOR_ID, c.YEAR])[c.TOTAL_CNY]
    whole = cube_totals(told, [c.YEAR])[c.TOTAL_CNY]
    assert whole.notna().all()
    assert cells.sum() > 0.2 * whole.sum()
    assert cube_totals(told, [c.SUBSECTOR_ID, c.YEAR])[c.TOTAL_CNY].notna().mean() > 0.6


def test_who_sees_everything_gets_the_version_itself(register: Dataset, dataset: Dataset) -> None:
    assert release(register, Viewer()) is register
    assert release(dataset, PUBLIC) is dataset  # listed firms are of public record
    seen = release(register, PUBLIC)
    assert seen is release(register, PUBLIC)
    assert seen.digest not in (register.digest, release(register, INVESTOR).digest)
    assert seen.release is not None
    assert seen.release.firms == FIRMS - FREE


def test_a_districts_government_sees_its_own_firms(register: Dataset) -> None:
    seen = release(register, OWN)
    own = register.firms[c.REGISTERED_DISTRICT_ID] == OWN.district_id
    free = own | (register.firms[c.CONFIDENTIALITY] == "public_record")
    assert set(seen.observations[c.FIRM_ID]) == set(register.firms.index[free])
    totals = cube_totals(cube_of(seen), [c.SUBSECTOR_ID, c.YEAR], district_id=OWN.district_id)
    assert totals[c.TOTAL_CNY].notna().all()
    assert totals[c.TOP_FIRM_ID].notna().all()


def test_a_districts_government_sees_what_everybody_sees_and_its_own_row(register: Dataset) -> None:
    """Two tables with different cells withheld would let each be read through the other."""
    everybody, own = (cube_of(release(register, viewer)) for viewer in (PUBLIC, OWN))
    for by in ([c.SUBSECTOR_ID], [c.DISTRICT_ID], [c.DISTRICT_ID, c.SUBSECTOR_ID], []):
        told, seen = (cube_totals(cube, [*by, c.YEAR])[c.TOTAL_CNY] for cube in (everybody, own))
        assert (seen[told.notna()] == told[told.notna()]).all()
        if c.DISTRICT_ID in by:
            elsewhere = seen.index.get_level_values(c.DISTRICT_ID) != OWN.district_id
            assert seen[elsewhere].equals(told[elsewhere])
            assert seen[~elsewhere].notna().all()


def test_the_public_sees_no_name_and_no_exact_place(register: Dataset) -> None:
    seen = release(register, PUBLIC)
    marks = seen.firms[seen.firms[c.CONFIDENTIALITY] != "public_record"]
    hidden = register.firms[register.firms[c.CONFIDENTIALITY] != "public_record"]
    assert len(marks) == len(hidden)
    assert marks[[c.NAME, c.SHORT_NAME, c.ADDRESS, c.HOLDING_ID, c.SUBSECTOR_WEIGHTS]].isna().all(axis=None)
    assert not set(marks.index) & set(register.firms.index)
    text = pickle.dumps(seen).decode("latin-1").encode("latin-1").decode("utf-8", "ignore")
    assert not any(name in text for name in hidden[c.NAME])
    counts = [frame.groupby([c.REGISTERED_DISTRICT_ID, c.SUBSECTOR_ID]).size() for frame in (marks, hidden)]
    assert counts[0].equals(counts[1])
    squares = marks[marks[c.LOCATION_PRECISION] == "grid"]
    x, y = to_metric(squares[c.LON].to_numpy(float), squares[c.LAT].to_numpy(float), crs=4547)
    assert np.allclose(np.stack([x, y]) % GRID_M, GRID_M / 2, atol=1e-3)
    own_x, own_y = to_metric(hidden[c.LON].to_numpy(float), hidden[c.LAT].to_numpy(float), crs=4547)
    corners = {(int(a // GRID_M), int(b // GRID_M)) for a, b in zip(own_x, own_y, strict=True)}
    assert {(int(a // GRID_M), int(b // GRID_M)) for a, b in zip(x, y, strict=True)} <= corners


def test_an_investor_sees_names_and_places_but_no_figure(register: Dataset) -> None:
    seen = release(register, INVESTOR)
    assert seen.firms[[c.NAME, c.LON, c.LAT]].equals(register.firms[[c.NAME, c.LON, c.LAT]])
    hidden = INVESTOR.hidden_firms(seen.firms)
    assert seen.firms.loc[hidden, c.SUBSECTOR_WEIGHTS].isna().all()
    assert not set(seen.observations[c.FIRM_ID]) & set(seen.firms.index[hidden])


def test_a_mark_is_drawn_in_the_years_of_its_firm(register: Dataset) -> None:
    points, seen = firm_points(register), firm_points(release(register, PUBLIC))
    for year in register.years:
        counts = [each.pyramid.cells(12, each.choose(year=year)).counts.sum() for each in (points, seen)]
        assert counts[0] == counts[1]


def test_goals_of_withheld_figures_are_undetermined(register: Dataset, plan: Plan) -> None:
    board = tally_goals(plan, release(register, PUBLIC))
    counted = [t for t in board.tallies if t.target.kind == "firm_count"]
    assert counted
    assert {(t.actual, t.met, t.chosen.why) for t in counted} == {(None, None, "withheld")}
    whole = tally_goals(plan, register).clusters[c.TOTAL_CNY]
    told = board.clusters[c.TOTAL_CNY]
    assert (told.dropna() == whole[told.notna()]).all()


def test_many_firms_are_released_in_the_same_way(dataset: Dataset, tmp_path: Path) -> None:
    firms = synthesize(6_000, 1, dataset).drop(columns=[c.of_year(c.REVENUE_CNY, year) for year in range(2019, 2023)])
    large = firms[c.REVENUE_CNY] >= 10**9  # such firms are listed, as a rule
    firms[c.CONFIDENTIALITY] = np.where(large, "public_record", "statistical")
    write_register(firms, tmp_path / "register.parquet")
    many = open_version(tmp_path, import_register(tmp_path / "register.parquet", tmp_path, dataset).id, dataset)
    seen = release(many, PUBLIC)
    assert seen.has_many_firms
    assert len(seen.firms) == len(many.firms)
    assert set(seen.observations[c.FIRM_ID]) == set(many.firms.index[PUBLIC.hidden_firms(many.firms) == 0])
    assert firm_points(seen).pyramid.years == firm_points(many).pyramid.years
    right, told = (cube_totals(cube_of(each), [c.SUBSECTOR_ID, c.YEAR]) for each in (many, seen))
    assert (told[c.TOTAL_CNY] == right[c.TOTAL_CNY]).mean() > 0.9
    cells = cube_totals(cube_of(seen), [c.SUBSECTOR_ID, c.DISTRICT_ID, c.YEAR])[c.TOTAL_CNY]
    assert cells.notna().mean() > 0.5


def test_free_firms_alone_may_be_split(four_towns: Dataset) -> None:
    """The largest part of a firm is no sum, and a firm of two subsectors counts once, whoever else is hidden."""
    firms = four_towns.firms.assign(**{c.CONFIDENTIALITY: "public_record", c.SUBSECTOR_WEIGHTS: None})
    firms.loc["a1", c.SUBSECTOR_WEIGHTS] = "S01:0.6;S05:0.4"
    firms.loc["d1", c.CONFIDENTIALITY] = "statistical"
    whole = replace(four_towns, firms=firms)
    free, hidden = (replace(whole, firms=firms[mine]) for mine in (firms.index != "d1", firms.index == "d1"))
    told = released_cube(free, hidden, released_cells(hidden))
    for by in ([c.SUBSECTOR_ID, c.YEAR], [c.DISTRICT_ID, c.YEAR], [c.YEAR]):
        right, seen = (cube_totals(cube, by) for cube in (cube_of(free), told))
        both = seen.index[seen[c.TOP_FIRM_ID].notna()]
        assert len(both)
        assert (seen.loc[both, c.TOP1_CNY] == right.loc[both, c.TOP1_CNY]).all()
        assert (seen.loc[both, c.FIRMS] == right.loc[both, c.FIRMS]).all()


def test_shown_shares_are_the_true_ones(register: Dataset) -> None:
    """Also where one district alone is withheld, whose share must not be dealt out to the others."""
    whole, own = (accounts(each, year=2023) for each in (register, release(register, OWN)))
    compared = 0
    for subsector in [f"S{n:02d}" for n in range(1, 13)]:
        true, shown = whole.shares([subsector]), own.shares([subsector]).drop(c.NOT_RELEASED, errors="ignore")
        assert (shown - true.reindex(shown.index)).abs().max() <= 0.0011 or shown.empty
        compared += len(shown)
    assert compared > 5


def test_the_table_of_the_same_firms_is_found_again(
    register: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An import of parks makes another version of the same firms; another search could withhold other cells."""
    monkeypatch.setenv("JIQUN_HOME", str(tmp_path))
    settings.cache_clear()
    try:
        for version in ("1", "2"):
            (versions_folder(tmp_path) / version).mkdir(parents=True)
            release(replace(register, version=version), PUBLIC)
        first, second = sorted(versions_folder(tmp_path).glob("*/released-*.parquet"))
        assert (first.name, first.read_bytes()) == (second.name, second.read_bytes())
        table = pd.read_parquet(first)
        marked = table.assign(**{c.TOTAL_CNY: 7})
        save_table(marked, second, digest=register.firms_stamp)
        again = release(replace(register, version="2"), PUBLIC)
        assert set(cube_of(again)[c.TOTAL_CNY]) != set(cube_of(release(register, PUBLIC))[c.TOTAL_CNY])
        assert not list(tmp_path.rglob("*.part"))
    finally:
        settings.cache_clear()


def test_another_server_shows_what_the_public_sees() -> None:
    assert viewer_without_sign_in() == Viewer(Role.GOVERNMENT)
    serve_to_others(True)
    try:
        assert viewer_without_sign_in() == Viewer(Role.PUBLIC)
    finally:
        serve_to_others(False)


def test_the_role_without_sign_in(monkeypatch: pytest.MonkeyPatch) -> None:
    def role(**settings_: str) -> Viewer:
        settings.cache_clear()
        for name in ("ROLE", "HOST"):
            monkeypatch.delenv(f"JIQUN_{name}", raising=False)
        for name, value in settings_.items():
            monkeypatch.setenv(f"JIQUN_{name.upper()}", value)
        return viewer_without_sign_in()

    assert role() == Viewer(Role.GOVERNMENT)
    assert role(host="0.0.0.0") == Viewer(Role.PUBLIC)  # noqa: S104
    assert role(host="0.0.0.0", role="government:440305") == OWN  # noqa: S104
    with pytest.raises(UnknownRole):
        role(role="mayor")
    monkeypatch.undo()
    settings.cache_clear()


def test_a_further_rule_by_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    assert safety_rule().dominance is None
    monkeypatch.setenv("JIQUN_DOMINANCE", "2:90")
    settings.cache_clear()
    assert safety_rule() == SafetyRule(dominance=(2, 90.0))
    monkeypatch.setenv("JIQUN_DOMINANCE", "2:900")
    settings.cache_clear()
    with pytest.raises(BadSetting):
        safety_rule()
    monkeypatch.undo()
    settings.cache_clear()


@pytest.mark.parametrize("text", ["", "public:440305", "government:", "PUBLIC"])
def test_other_words_are_no_role(text: str) -> None:
    with pytest.raises(UnknownRole):
        read_viewer(text)
