"""The worlds that tests live in: the bundled set, its plan, and four towns small enough to check on paper."""

import gc
import os
import uuid
from collections.abc import Callable, Generator, Iterator
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from shapely import box

import data.postgis.shelf
import data.settings
from bench.postgis_server import Server, programs, server
from clusters.goals import Board, tally_goals
from clusters.plan import Plan, load_plan, open_plan
from data import columns as c
from data.dataset import Basis, Dataset, Status
from data.derived import DERIVED
from data.exclusive import holding
from data.firm_points import firm_points
from data.postgis.cache import FETCHED
from data.postgis.database import Database, database_of
from data.reference import load_reference, subsector_ids
from data.store import open_version
from data.synthetic import synthesize, write_register
from tests.register_files import import_register

settings.register_profile("jiqun", deadline=None)  # a shared machine may pause any example
settings.load_profile("jiqun")

CITY = "440300"  # the bundled plan's city, so that its targets can be tallied on the four towns
YI = 10**8  # 亿元
EMPTY_STORE = "empty_store"

TOWNS = {"440391": "甲镇", "440392": "乙镇", "440393": "丙镇", "440394": "丁镇"}

# firm   subsector  registered  operating   what it is there for
FIRMS = {
    "a1": ("S01", "440391", "440391"),  # registered and at work in 甲
    "a2": ("S01", "440391", "440392"),  # registered in 甲, office in 乙
    "a3": ("S02", "440391", "outside"),  # registered in 甲, office beyond the city
    "b1": ("S01", "440392", None),  # office not known: counts where it is registered
    "b2": ("S02", "440392", "440392"),  # nearly all of S02
    "n1": ("S02", None, None),  # nobody knows where
    "d1": ("S05", "440393", "440393"),  # its 2021 is from memory and never counts
}

# 亿元: 2020 and 2021. 50 and 10 stand exactly on thresholds that a strict "over" does not pass.
REVENUE = {
    "a1": (40, 60, "sourced"),
    "a2": (10, 50, "secondary"),
    "a3": (70, 80, "secondary"),
    "b1": (None, 15, "sourced"),
    "b2": (880, 950, "sourced"),
    "n1": (5, 10, "sourced"),
    "d1": (8, None, "sourced"),
}
MEMORY = ("d1", 2021, 5000)  # would lift S05 over every threshold

# indicator, scope, area, year, value, unit, status
INDICATORS = [
    ("数字经济产业增加值", "市统计局口径, 狭义", CITY, 2021, 1700.0, "亿元", "sourced"),
    ("数字经济产业增加值", "市统计局口径", CITY, 2020, 1.6, "万亿元", "secondary"),  # not read at its source
    ("数字经济产业增加值", "市统计局口径", CITY, 2022, 6.5, "%", "sourced"),  # no amount of money
    ("数字经济产业增加值", "广义", CITY, 2023, 9999.0, "亿元", "sourced"),  # another scope
    ("数字经济产业增加值", None, CITY, 2019, 8888.0, "亿元", "sourced"),  # no scope stated
    ("数字经济产业增加值", "市统计局口径", CITY, 2023, 7777.0, "亿元", "memory"),
    ("数字经济产业增加值", "市统计局口径", "440391", 2021, 300.0, "亿元", "sourced"),
]


def _observations() -> pd.DataFrame:
    rows = [
        (firm, year, amount, status)
        for firm, (first, second, status) in REVENUE.items()
        for year, amount in ((2020, first), (2021, second))
        if amount is not None
    ]
    rows.append((*MEMORY, "memory"))
    return pd.DataFrame(
        {
            c.FIRM_ID: [firm for firm, *_ in rows],
            c.YEAR: [year for _, year, *_ in rows],
            c.REVENUE_CNY: [amount * YI for _, _, amount, _ in rows],
            c.SCOPE: "合并营收",
            c.STATUS: [status for *_, status in rows],
            c.SOURCE: "made up for tests",
        }
    )


def build_four_towns() -> Dataset:
    """Four towns in a row, three subsectors, seven firms, two years."""
    firms = pd.DataFrame(
        [
            {
                c.FIRM_ID: firm,
                c.NAME: f"{firm} Ltd",
                c.SHORT_NAME: firm,
                c.SUBSECTOR_ID: subsector,
                c.REGISTERED_DISTRICT_ID: registered,
                c.OPERATING_DISTRICT_ID: operating,
            }
            for firm, (subsector, registered, operating) in FIRMS.items()
        ]
    )
    districts = gpd.GeoDataFrame(
        {
            c.DISTRICT_ID: list(TOWNS),
            c.NAME: list(TOWNS.values()),
            c.OFFICIAL_AREA_M2: 1e8,
        },
        geometry=[box(114 + i / 10, 22.5, 114.1 + i / 10, 22.6) for i in range(len(TOWNS))],
        crs="EPSG:4326",
    )
    names = (c.INDICATOR, c.SCOPE, c.AREA_ID, c.YEAR, c.VALUE, c.UNIT, c.STATUS)
    return Dataset(
        version="four-towns",
        digest="00000000",
        city_adcode=CITY,
        basis=Basis.LISTED_SAMPLE,
        firms=firms.astype(object).where(firms.notna(), None).set_index(c.FIRM_ID, drop=False).rename_axis(None),
        observations=_observations(),
        indicators=pd.DataFrame(INDICATORS, columns=list(names)).astype({c.YEAR: "Int64"}),
        parks=pd.DataFrame(),
        streets=pd.DataFrame(),
        hubs=pd.DataFrame(),
        districts=districts.set_index(c.DISTRICT_ID, drop=False).rename_axis(None),
    )


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """What collecting makes stays until the end: no search for garbage goes through it, neither meanwhile nor later.

    Streamlit collects after every run of a page, which takes half a second more for each page of a test otherwise.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()
        gc.freeze()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files with a browser go first: they take longest, and no worker shall be left alone with one at the end."""
    browsing = {item.path for item in items if "browser" in getattr(item, "fixturenames", ())}
    items.sort(key=lambda item: item.path not in browsing)


@pytest.fixture(scope="session", autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """An empty workspace, so that no test sees what lies in the one of whoever runs it."""
    folder = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JIQUN_HOME", str(folder))
        yield folder


@pytest.fixture(scope="session")
def postgis_is_there() -> None:
    """PostgreSQL with PostGIS can be started; without it the test is skipped, but never in CI."""
    if programs() is None:
        told = "no PostgreSQL with PostGIS is installed: sh tests/postgis.sh"
        pytest.fail(told) if os.environ.get("CI") == "true" else pytest.skip(told)


@pytest.fixture(scope="session")
def postgis_server(postgis_is_there: None) -> Iterator[Server]:
    """A real server with an empty store in a database that others are copied from."""
    with server() as made:
        made.run("ALTER SYSTEM SET fsync = off")  # nobody pulls the plug here, and each test waits for its database
        made.run("SELECT pg_reload_conf()")
        made.run(f"CREATE DATABASE {EMPTY_STORE}")
        empty = Database(made.url(EMPTY_STORE))
        empty.make()
        empty.close()
        yield made


@pytest.fixture
def postgis(postgis_server: Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Versions are kept in a database of this test's own: its address. Copies are made from rows, never left over."""
    name = f"t{uuid.uuid4().hex}"
    postgis_server.run(f"CREATE DATABASE {name} TEMPLATE {EMPTY_STORE}")
    url = postgis_server.url(name)
    monkeypatch.setattr(data.postgis.shelf.cache, "put", _only_when_fetched(data.postgis.shelf.cache.put))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JIQUN_STORE", url)
        data.settings.settings.cache_clear()
        yield url
    data.settings.settings.cache_clear()
    database_of(url).close()
    postgis_server.run(f"DROP DATABASE {name} WITH (FORCE)")


def _only_when_fetched(put: Callable[[Path, Path], None]) -> Callable[[Path, Path], None]:
    return lambda made, copy: put(made, copy) if made.name.startswith(FETCHED) else None


@pytest.fixture(params=["embedded", "postgis"])
def either_store(request: pytest.FixtureRequest) -> None:
    """The test holds wherever versions are kept."""
    if request.param == "postgis":
        request.getfixturevalue("postgis")


@pytest.fixture(scope="session")
def dataset() -> Dataset:
    """The bundled set."""
    return load_reference()


@pytest.fixture(scope="session")
def plan() -> Plan:
    """The bundled plan."""
    return open_plan("shenzhen-digital-economy-2021-2023")


@pytest.fixture(scope="session")
def board(plan: Plan, dataset: Dataset) -> Board:
    """The bundled plan on the bundled set in its default year."""
    return tally_goals(plan, dataset)


@pytest.fixture(scope="session")
def four_towns() -> Dataset:
    """Four towns as a sample of listed firms; ``replace(four_towns, basis=Basis.REGISTER)`` makes them a register."""
    return build_four_towns()


@pytest.fixture(scope="session")
def many_firms_home(dataset: Dataset, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace whose version 1 is a made-up register with more firms than a page may walk over; nobody writes it."""
    own = tmp_path_factory.getbasetemp()
    home = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "many_firms"  # one for all workers of a run
    home.mkdir(exist_ok=True)
    made = home.with_suffix(".made")
    with holding(home.with_suffix(".lock"), patience_s=300):
        if not made.exists():
            write_register(synthesize(20_000, 1, dataset), home / "register.parquet")
            import_register(home / "register.parquet", home, dataset)
            made.touch()
    return home


@pytest.fixture(scope="session")
def many_firms(many_firms_home: Path, dataset: Dataset) -> Dataset:
    """That register."""
    return open_version(many_firms_home, "1", dataset)


# Texts that some format or reader takes for something else: a formula, a number, a date, nothing, markup, an escape.
TRICKY = [
    "NA", "null", "nan", "None", "TRUE", "#N/A", "1e5", "000032", "007", "9007199254740993", "12:30", "2021-03-04",
    "=1+1", '=HYPERLINK("http://x","y")', "+1", "-1", "@SUM(A1)", "＝1", "＋x", "－2", "＠q", "'=1", "''+1", "'quoted'",
    "{}", "[1]", '{"a":1}', "a,b", "a;b", 'say "x"', '""', "a\nb", "\\", "a\\n", "_x000D_", "_x0041_x0042_", "&amp;",
    "<b>", "深桑达Ａ", "𠮷野家", "العربية", "नमस्ते", "e\u0301", "👨‍👩‍👧", "x\ufeff", "a\u2028b",
]  # fmt: skip
LETTERS = st.characters(exclude_categories=["Cc", "Cs"], include_characters="\n", exclude_characters="\ufffe\uffff")


def clean_texts() -> st.SearchStrategy[str]:
    """Texts as an import leaves them: of any script, without control characters but line feeds, no blanks around."""
    syntax = st.text("'\"=+-@＝\n,;\\\\_x0&<>{}[] a中", max_size=8)
    return st.one_of(st.sampled_from(TRICKY), st.text(LETTERS, max_size=12), syntax).map(str.strip).filter(bool)


@st.composite
def _registers(draw: st.DrawFn, districts: list[str], subsectors: list[str]) -> pd.DataFrame:
    texts, some_text = clean_texts(), st.none() | clean_texts()
    ids = draw(st.lists(texts | st.from_regex(r"0[0-9]{5}", fullmatch=True), min_size=1, max_size=6, unique=True))
    money = st.none() | st.integers(-9 * 10**15, 9 * 10**15)
    place = st.none() | st.tuples(st.floats(113.75, 114.62), st.floats(22.45, 22.86))
    rows = [
        {
            c.FIRM_ID: firm_id,
            c.NAME: draw(texts),
            **{name: draw(some_text) for name in (c.SHORT_NAME, c.ADDRESS, c.OFFICE_NOTE, c.NOTES, c.SOURCE)},
            c.SUBSECTOR_ID: draw(st.sampled_from(subsectors)),
            c.REGISTERED_DISTRICT_ID: draw(st.sampled_from(districts)),
            c.OPERATING_DISTRICT_ID: draw(st.sampled_from([None, c.OUTSIDE, *districts])),
            **dict(zip((c.LON, c.LAT), draw(place) or (None, None), strict=True)),
            c.CONFIDENTIALITY: draw(st.sampled_from(["public_record", "statistical"])),
            c.STATUS: draw(st.sampled_from([s.value for s in Status])),
            c.YEAR: 2023,
            **{c.of_year(c.REVENUE_CNY, year): draw(money) for year in (2019, 2022)},
            c.REVENUE_CNY: draw(st.integers(0, 9 * 10**15) if number == 0 else money),
        }
        for number, firm_id in enumerate(ids)
    ]
    register = pd.DataFrame(rows, dtype=object)
    whole = [name for name in register if name == c.YEAR or name.startswith("revenue_")]
    text = [name for name in register if name not in (*whole, c.LON, c.LAT)]
    return register.astype(dict.fromkeys(whole, "Int64") | {c.LON: float, c.LAT: float} | dict.fromkeys(text, "str"))


@pytest.fixture(scope="session")
def registers(dataset: Dataset) -> st.SearchStrategy[pd.DataFrame]:
    """Random registers that ``read_register`` takes and that say everything it would otherwise fill in, but names."""
    return _registers(list(map(str, dataset.districts.index)), list(subsector_ids()))


class Sealed(Dataset):
    """A dataset whose rows nobody may touch any more."""

    @property
    def firms(self) -> pd.DataFrame:  # type: ignore[override]
        raise AssertionError("a walk over the firms")

    @property
    def observations(self) -> pd.DataFrame:  # type: ignore[override]
        raise AssertionError("a walk over the observations")


@pytest.fixture(scope="session")
def sealed(many_firms: Dataset) -> Dataset:
    """The register with its small tables built and its rows out of reach."""
    dataset = replace(many_firms)
    for derived in DERIVED.values():
        derived(dataset)
    assert dataset.has_many_firms
    assert dataset.default_year
    firm_points(dataset)
    object.__setattr__(dataset, "__class__", Sealed)  # the same object, so that its tables are still its own
    return dataset


PLAN_HEAD = """\
schema: cluster-plan/0.1
plan:
  id: {plan_id}
  title: 示例方案
  city: {{name: 深圳市, adcode: "440300"}}
  period: {{start: 2021, end: 2023, base_year_assumed: 2020}}
  extends: shenzhen-digital-economy-2021-2023
targets:
"""


@pytest.fixture
def write_plan(tmp_path: Path) -> Callable[..., Plan]:
    """Make a small plan from lines of targets (and of ambiguities) as they stand in a plan file."""

    def write(targets: list[str], ambiguities: list[str] | None = None, plan_id: str = "example") -> Plan:
        text = PLAN_HEAD.format(plan_id=plan_id) + "".join(f"  - {line}\n" for line in targets)
        if ambiguities:
            text += "ambiguities:\n" + "".join(f"  - {line}\n" for line in ambiguities)
        path = tmp_path / f"{plan_id}.yaml"
        path.write_text(text, "utf-8")
        return load_plan(path)

    return write
