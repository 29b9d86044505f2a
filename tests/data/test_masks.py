"""Masks that somebody brings: read behind walls, in the right datum, named by what they hold, and kept once."""

import json
import os
import threading
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely

from data import masks
from data.dataset import Dataset
from data.errors import RefusedFile, UnusableMask
from data.masks import AT_ONCE, DIGEST, LIMITS, MOST_KEPT, Mask, keep_mask, kept_mask, read_mask
from data.readers import Limits
from geo.datum import wgs84_to_gcj02
from geo.errors import UnusableDatum
from views.error_words import sentence
from views.words import words

SQUARES = [shapely.box(114.0, 22.55, 114.05, 22.6), shapely.box(114.04, 22.58, 114.1, 22.62)]  # they overlap
BOW = shapely.Polygon([(114.0, 22.5), (114.1, 22.6), (114.1, 22.5), (114.0, 22.6)])  # it crosses itself


def layer(shapes: list[Any], crs: str | None = "EPSG:4326") -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame({"名称": [f"{n}" for n in range(len(shapes))]}, geometry=shapes, crs=crs)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "生态控制线.geojson"
    layer([*SQUARES, shapely.Point(114, 22.5)]).to_file(path, engine="pyogrio")
    return path


def test_polygons_are_taken_as_drawn_and_points_are_counted_out(file: Path, dataset: Dataset) -> None:
    mask = read_mask(file, areas=dataset.districts, told_datum="wgs84")
    assert (mask.name, mask.datum, mask.left_out) == ("生态控制线.geojson", "wgs84", 1)
    assert shapely.equals_exact(shapely.normalize(mask.polygons), shapely.normalize(SQUARES), 1e-6).all()
    assert DIGEST.fullmatch(mask.digest)
    assert mask.areas.crs == "EPSG:4326"


def test_only_so_many_files_are_read_at_the_same_time(
    file: Path, dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    now, most, all_come = [0], [0], threading.Barrier(AT_ONCE)

    def reading(*args: Any, **named: Any) -> None:
        now[0] += 1
        most[0] = max(most[0], now[0])
        all_come.wait(60)  # as many as may are at it; one more would be counted by then
        now[0] -= 1
        raise RefusedFile("mask", "empty")

    monkeypatch.setattr(masks, "read_file", reading)
    with ThreadPoolExecutor(4 * AT_ONCE) as pool:
        asked = [pool.submit(read_mask, file, areas=dataset.districts) for _ in range(4 * AT_ONCE)]
    assert {type(each.exception()) for each in asked} == {RefusedFile}
    assert most == [AT_ONCE]


@pytest.mark.parametrize("suffix", [".gpkg", ".kml", ".zip"])
def test_every_format_of_layers_gives_the_same_mask(suffix: str, file: Path, tmp_path: Path, dataset: Dataset) -> None:
    other = tmp_path / f"mask{suffix}"
    if suffix == ".zip":
        layer(SQUARES).rename(columns={"名称": "name"}).to_file(tmp_path / "m.shp", engine="pyogrio")
        with zipfile.ZipFile(other, "w") as packed:
            for part in tmp_path.glob("m.*"):
                packed.write(part, part.name)
    else:
        layer(SQUARES).to_file(other, engine="pyogrio", driver={".gpkg": "GPKG", ".kml": "KML"}[suffix])
    digests = {read_mask(one, areas=dataset.districts, told_datum="wgs84").digest for one in (file, other)}
    assert len(digests) == 1


def test_a_layer_in_metres_is_brought_to_degrees(tmp_path: Path, dataset: Dataset) -> None:
    layer(SQUARES).to_crs("EPSG:4547").to_file(tmp_path / "m.gpkg", engine="pyogrio")
    mask = read_mask(tmp_path / "m.gpkg", areas=dataset.districts, told_datum="EPSG:4547")
    assert shapely.area(mask.polygons).sum() == pytest.approx(shapely.area(SQUARES).sum(), rel=1e-4)


@pytest.mark.parametrize("datum", ["wgs84", "gcj02"])
def test_outlines_that_share_edges_with_districts_show_their_datum(
    datum: str, tmp_path: Path, dataset: Dataset
) -> None:
    outlines = dataset.districts.geometry.iloc[:4].to_numpy()
    drawn = outlines
    if datum == "gcj02":
        drawn = shapely.transform(outlines, lambda xy: np.column_stack(wgs84_to_gcj02(xy[:, 0], xy[:, 1])))
    layer(list(drawn)).to_file(tmp_path / "m.geojson", engine="pyogrio")
    mask = read_mask(tmp_path / "m.geojson", areas=dataset.districts)
    assert mask.datum == datum
    assert shapely.symmetric_difference(mask.polygons, outlines).tolist() is not None
    assert shapely.area(shapely.symmetric_difference(mask.polygons, outlines)).max() < 1e-4


def test_outlines_that_share_none_are_asked_about_and_nothing_is_guessed(file: Path, dataset: Dataset) -> None:
    with pytest.raises(UnusableMask) as asked:
        read_mask(file, areas=dataset.districts)
    assert asked.value.reason == "datum"
    with pytest.raises(UnusableDatum):
        read_mask(file, areas=dataset.districts, told_datum="moon")


@pytest.mark.parametrize(
    ("shapes", "reason"),
    [
        ([shapely.Point(114, 22.5)], "no_polygons"),
        ([shapely.LineString([(114, 22.5), (114.1, 22.6)])], "no_polygons"),
        ([shapely.box(116, 39, 117, 40)], "elsewhere"),
    ],
)
def test_what_is_no_mask_of_the_city_is_refused_in_one_sentence(
    shapes: list[Any], reason: str, tmp_path: Path, dataset: Dataset
) -> None:
    layer(shapes).to_file(tmp_path / "m.geojson", engine="pyogrio")
    with pytest.raises(UnusableMask) as refused:
        read_mask(tmp_path / "m.geojson", areas=dataset.districts, told_datum="wgs84", name="我的.geojson")
    assert refused.value.reason == reason
    for language in ("zh", "en"):
        said = sentence(refused.value, words(language))  # type: ignore[arg-type]
        assert "我的.geojson" in said
        assert said != str(refused.value)


def test_a_table_without_shapes_and_rubbish_are_refused(tmp_path: Path, dataset: Dataset) -> None:
    (tmp_path / "m.csv").write_text("a,b\n1,2\n")
    with pytest.raises(UnusableMask, match="holds no polygon"):
        read_mask(tmp_path / "m.csv", areas=dataset.districts)
    (tmp_path / "m.geojson").write_bytes(b'{"type":"FeatureCollection","features":[{')
    with pytest.raises(RefusedFile):
        read_mask(tmp_path / "m.geojson", areas=dataset.districts)


def test_limits_hold(file: Path, dataset: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    assert LIMITS.upload_bytes < Limits().upload_bytes
    with pytest.raises(RefusedFile) as refused:
        read_mask(file, areas=dataset.districts, told_datum="wgs84", limits=Limits(features=1))
    assert refused.value.reason == "too_many_features"
    monkeypatch.setattr("data.masks.MOST_VERTICES", 9)
    with pytest.raises(UnusableMask) as detailed:
        read_mask(file, areas=dataset.districts, told_datum="wgs84")
    assert detailed.value.reason == "too_detailed"


def test_an_outline_that_crosses_itself_stays_as_it_is(tmp_path: Path, dataset: Dataset) -> None:
    feature = {"type": "Feature", "properties": {}, "geometry": shapely.geometry.mapping(BOW)}
    (tmp_path / "m.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    mask = read_mask(tmp_path / "m.geojson", areas=dataset.districts, told_datum="wgs84")
    assert not shapely.is_valid(mask.polygons).any()
    assert DIGEST.fullmatch(mask.digest)


# ---------------------------------------------------------------- kept


def test_a_kept_mask_comes_back_the_same_and_twice_is_one_file(tmp_path: Path) -> None:
    mask = Mask("红线“甲”.geojson", "gcj02", np.array([*SQUARES, BOW]), 2)
    keep_mask(mask, tmp_path)
    keep_mask(Mask("别名.kml", "wgs84", np.array([BOW, *SQUARES])), tmp_path)
    assert [path.name for path in (tmp_path / "masks").iterdir()] == [f"{mask.digest}.geojson"]
    again = kept_mask(mask.digest, tmp_path)
    assert again is not None
    assert (again.name, again.datum, again.left_out, again.digest) == (mask.name, "gcj02", 2, mask.digest)


def test_a_changed_a_damaged_or_a_strange_one_is_none(tmp_path: Path) -> None:
    mask = Mask("a", "wgs84", np.array(SQUARES))
    assert kept_mask(mask.digest, tmp_path) is None
    keep_mask(mask, tmp_path)
    path = tmp_path / "masks" / f"{mask.digest}.geojson"
    good = path.read_text("utf-8")
    path.write_text(good.replace("114.05", "114.06"), "utf-8")
    assert kept_mask(mask.digest, tmp_path) is None
    path.write_text(good[:50], "utf-8")
    assert kept_mask(mask.digest, tmp_path) is None
    for strange in ("", "../../etc/passwd", "0" * 15, mask.digest.upper()):
        assert kept_mask(strange, tmp_path) is None


def test_of_very_many_the_ones_that_nobody_asked_for_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("data.masks.MOST_KEPT", 2)
    assert MOST_KEPT > 2
    masks = [Mask("a", "wgs84", np.array([shapely.box(114 + n, 22, 115 + n, 23)])) for n in range(3)]
    for age, mask in zip((300, 200), masks, strict=False):
        keep_mask(mask, tmp_path)
        path = tmp_path / "masks" / f"{mask.digest}.geojson"
        os.utime(path, (path.stat().st_atime, path.stat().st_mtime - age))
    assert kept_mask(masks[0].digest, tmp_path) is not None  # asked for: now the youngest
    keep_mask(masks[2], tmp_path)
    assert [kept_mask(mask.digest, tmp_path) is not None for mask in masks] == [True, False, True]
