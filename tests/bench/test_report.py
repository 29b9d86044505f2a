"""The page about performance says what the kept tables say."""

import pytest

from bench import browser, delineation, features, growth, memory, pages, point_patterns, report, results, tables, tiles

MACHINE = {"machine": "a machine"}


def test_the_page_is_what_the_kept_tables_give() -> None:
    assert report.PAGE.read_text("utf-8") == report.page()


def test_every_kept_table_has_its_section() -> None:
    of_its_own = {"scale"}  # docs/scale.md
    known = {section.name for section in report.SECTIONS} | of_its_own
    assert {path.stem for path in results.FOLDER.glob("*.csv")} <= known


def test_a_target_is_met_from_its_side() -> None:
    assert results.Verdict("x", 30.0, 30.0).met
    assert not results.Verdict("x", 29.9, 30.0).met
    assert results.Verdict("x", 5.0, 5.0, at_most=True).met
    assert "MISSED" in str(results.Verdict("x", 5.1, 5.0, at_most=True))


def test_a_table_comes_back_as_it_was_kept(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    monkeypatch.setattr(results, "FOLDER", tmp_path)
    rows = [{"case": "a", "ms": 1.5, "runs": 3, **MACHINE}, {"case": "b", "note": "not run: a, b", **MACHINE}]
    results.report("x", rows, [], whole=False)
    assert results.kept("x") == []
    results.report("x", rows, [], whole=True)
    assert results.kept("x") == rows


TABLES = {
    "tables": [
        {"case": "file 1M, Parquet", "method": tables.OURS, "median_ms": 50.0, "times_jiqun": 1.0},
        {"case": "file 1M, Parquet", "method": "sjoin(within)", "median_ms": 1000.0, "times_jiqun": 20.0},
    ],
    "growth": [
        {"firms": 10_000, "job": growth.FILE_JOB, "seconds": 1.0, "peak_mb": 100},
        {"firms": 10_000_000, "job": growth.FILE_JOB, "seconds": 10.0, "peak_mb": 1000},
    ],
    "point_patterns": [
        {"firms": 100_000, "job": point_patterns.K_TRANSLATION, "seconds": 700.0, "peak_mb": 300},
        {"firms": 100_000, "job": point_patterns.DENSITY, "seconds": 50.0, "peak_mb": 200, "largest_error": 3e-7},
    ],
    "tiles": [
        {"case": "1,000,000 firms", "tile": "png", "asked": turn, "state": state, "p50_ms": p50, "p95_ms": p95}
        for turn, state, p50, p95 in [
            ("first", tiles.IDLE, 2.0, 3.0), ("again", tiles.IDLE, 1.0, 2.0),
            ("first", tiles.BUSY, 4.0, 8.0), ("again", tiles.BUSY, 2.0, 6.0), ("again", "3 busy readers", 9.0, 99.0),
        ]
    ],
    "features": [
        {"case": case, "what": features.WINDOW, "asked": turn, "p50_ms": p50, "p95_ms": 2 * p50}
        for case, turn, p50 in [
            ("bundled data", features.FIRST, 8.0), ("1,000,000 firms", features.FIRST, 96.0),
            ("1,000,000 firms", features.AGAIN, 3.0),
        ]
    ],
    "delineation": [
        {"firms": 20_000, "job": delineation.BESIDE, "seconds": 1.0, "peak_mb": 200, "rand": 0.95,
         "revenue_moved": 0.031},
        {"firms": 1_000_000, "job": delineation.POINTS, "seconds": 61.0, "cpu_s": 20.0, "peak_mb": 500,
         "places": 160_000, "cell_m": 50.0, "clusters": 30},
    ],
    "pages": [
        {"page": page, "what": what, "firms": 1_000_000, "runs": 1, "first_few_s": 1.0, "first_many_s": 2.0,
         **pages.compared([pages.Took(few, few)], [pages.Took(many, many)])}
        for page, what, few, many in [
            ("units", pages.OPENING, 0.01, 0.08), ("sites", "weights", 0.5, 1.4), ("gaps", "area", 0.2, 0.9),
        ]
    ],
    "memory": [
        {"firms": firms, "state": state, "rss_mb": 300 + own, "own_mb": own}
        for firms, state, own in [
            (0, "1 session", 100), (0, f"{memory.MANY} sessions", 118),
            (1_000_000, "1 session", 200), (1_000_000, f"{memory.MANY} sessions", 245),
        ]
    ],
    "browser": [
        {"firms": 1_000_000, "page": browser.EMPTY, "visible_s": 1.0, "times_empty": 1.0},
        {"firms": 1_000_000, "page": browser.MAP, "visible_s": 1.5, "times_empty": 1.5},
        {"firms": 1_000_000, "page": browser.OURS, "visible_s": 3.0, "times_empty": 3.0, "received_kb": 20.5,
         "heap_mb": 12.5},
        {"firms": 1_000_000, "page": "Marker", "note": "not run: minutes at this size"},
    ],
}  # fmt: skip
SAID = {
    "tables": ["20 times as fast", "| file 1M, Parquet: jiqun against sjoin(within) | at least 30 | 20 | **missed** |"],
    "growth": ["1,000 MB", "0.33 and 0.33", "| at most 4096 | 1,000 | met |"],
    "point_patterns": [
        "100,000 firms take 50 s and 200 MB",
        "at most 3.0e-07",
        "| at most 600 | 700 | **missed** |",
    ],
    "tiles": [
        "asked first: p95 with 1 busy reader against the idle median | at most 5 | 4 | met |",
        "| 6 | **missed** |",
    ],
    "features": [
        "comes in 96 ms; a client that holds the answer is told so in 3 ms",
        "| at most 10 | 12 | **missed** |",
    ],
    "delineation": [
        "at work for 20 s, and 500 MB at the peak, in 160,000 cells of 50 m",
        "0.95 or more, and 3.1 % of the revenue",
        "| at most 60 | 61 | **missed** |",
    ],
    "pages": [
        "Of 3 openings and changes of pages 2 are in one class of time with 1,000,000 firms",
        "The slowest is sites, weights, with 1.40 s; the bundled firms take 0.50 s there.",
        "| at most 3 | 4.5 | **missed** |",
        "| units | opening | 1 | 0.01 | 0.08 | 8.0 | 0.07 | same |",
    ],
    "memory": ["545 MB for 10 sessions", "5.0 MB", "2.0 MB", "| at most 600 | 545 | met |"],
    "browser": [
        "3.0 times the empty map",
        "| at most 1.3 | 1.5 | **missed** |",
        "| at most 120 | 20.5 | met |",
        "not run: minutes at this size",
    ],
}


@pytest.mark.parametrize("name", TABLES)
def test_a_section_says_what_was_measured_and_what_was_missed(name: str) -> None:
    section = next(each for each in report.SECTIONS if each.name == name)
    text = report.part(section, [row | MACHINE for row in TABLES[name]])
    for said in SAID[name]:
        assert said in text
    assert "Machine: a machine" in text


def test_a_table_that_is_not_there_says_how_to_measure_it() -> None:
    assert "`python -m bench.tiles`" in report.part(next(s for s in report.SECTIONS if s.name == "tiles"), [])
