"""Every state of the page of the data, in both languages, over workers that run a stand-in of the pipeline."""

import os
import re
import shutil
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from data import jobs as jobs_module
from data.dataset import Dataset
from data.importing import Told
from data.job_files import jobs_folder
from data.jobs import AT_WORK, JobState, cancel_job, check_of, job, jobs, start_job
from data.mapping_files import AS_PROPOSED
from data.reference import load_reference
from data.settings import settings
from data.sources import sources
from data.store import current_version, list_versions
from data.units import UNITS
from tests.views.opened import app_page
from tests.views.test_how_to_read import unexplained
from tests.views.test_languages import left_in_chinese, left_in_english, sent
from views.data_evidence import datum_written
from views.data_points import moved_m
from views.words import LANGUAGES, Language, words

PATIENCE_S, LOOK_S = 60.0, 0.02
STAND_IN = (sys.executable, "-m", "tests.data.fake_pipeline")
NAME = "名录 *2022* [x](y).csv"
HOSTILE = "<script>alert(1)</script> **粗** $x$ :red[y]"
CSV = (
    "企业名称,统一社会信用代码,经度,纬度,2022年营收(万元),2021年营收\n"
    "甲公司,91440300MA5D000001,113.9358,22.5305,1200,12\n"
    f'"{HOSTILE}",91440300MA5D000002,113.9460,22.5400,约12,900\n'
).encode("gb18030")

pytestmark = pytest.mark.skipif(os.name != "posix", reason="the gate of the stand-in is a FIFO")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A workspace of one's own, whose workers run the stand-in."""
    monkeypatch.setenv("JIQUN_HOME", str(tmp_path))
    monkeypatch.setattr(jobs_module, "WORKER", STAND_IN)
    os.mkfifo(tmp_path / "gate")
    settings.cache_clear()
    st.cache_resource.clear()
    yield tmp_path
    for left in jobs(tmp_path):
        cancel_job(tmp_path, left.id)
    monkeypatch.undo()
    settings.cache_clear()
    st.cache_resource.clear()


def data_page(language: Language = "zh", **query: str) -> AppTest:
    return app_page("data", **({"lang": language} | query)).run()


def rested(home: Path, job_id: str) -> None:
    """Wait until a job is neither waiting nor at work: another process tells, so look again and again."""
    deadline = time.monotonic() + PATIENCE_S
    while (now := job(home, job_id)) and now.state in AT_WORK:
        assert time.monotonic() < deadline, now
        time.sleep(LOOK_S)


def ended(home: Path, given: bytes = CSV) -> str:
    """A job whose worker has come to its end."""
    job_id = start_job(home, given, NAME, Told())
    rested(home, job_id)
    return job_id


@pytest.fixture(scope="module")
def kept_job(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A workspace with a job that is checked, and its id; each test has a copy, since every worker costs a start."""
    kept = tmp_path_factory.mktemp("checked")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(jobs_module, "WORKER", STAND_IN)
        return kept, ended(kept)


@pytest.fixture
def checked(home: Path, kept_job: tuple[Path, str]) -> str:
    """A job of this test's own workspace that is checked and has an open question."""
    kept, job_id = kept_job
    shutil.copytree(jobs_folder(kept), jobs_folder(home))
    return job_id


def job_of(page: AppTest) -> str:
    asked = page.query_params["job"]
    return asked if isinstance(asked, str) else asked[0]


def everything(page: AppTest) -> str:
    assert not page.exception
    return re.sub(r"\\(.)", r"\1", "\n".join([*(m.value for m in page.markdown), *(c.value for c in page.caption)]))


def boxes(page: AppTest) -> list[str]:
    assert not page.exception
    return [re.sub(r"\\(.)", r"\1", one.value) for one in (*page.info, *page.success, *page.warning, *page.error)]


def disabled(page: AppTest, key: str) -> bool:
    return page.button(key=key).disabled


def foreign(page: AppTest, language: Language, dataset: Dataset) -> set[str]:
    """Words of the other language that neither the file, nor its name, nor a source brought."""
    text = sent(page)
    own = [NAME, HOSTILE, *re.findall(r'[^,"\n]+', CSV.decode("gb18030"))]
    own += [unit for units in UNITS.values() for unit in units]  # options, which the browser never shows as they are
    own += [str(part) for s in sources() for part in (s.title, s.publisher, s.licence, s.date, s.covers, s.lacks)]
    for one in sorted(filter(None, own), key=len, reverse=True):
        text = text.replace(one, " ").replace(re.sub(r"([\\`*_{}\[\]()#+\-.!|<>~$:&^=@])", r"\\\1", one), " ")
    left = left_in_english(text, dataset) if language == "en" else left_in_chinese(text, dataset)
    return {word for word in left if not re.match(r"jiqun|xlsx|geojson|toml|material", word)}


def test_the_door_asks_for_a_file_and_offers_templates(home: Path, language: Language) -> None:
    t = words(language)
    page = data_page(language)
    assert not boxes(page)
    assert disabled(page, "start_check")
    assert len(page.get("download_button")) == 12
    assert t("data.versions") in everything(page)
    assert "job" not in page.query_params
    if language == "en":
        assert foreign(page, language, load_reference()) == set()


def test_a_file_is_dropped_checked_answered_confirmed_and_taken_back(home: Path) -> None:
    """One job, looked at in both languages wherever it rests."""
    page = data_page()
    page.file_uploader(key="upload").set_value((NAME, CSV, "text/csv")).run()
    page.button(key="start_check").click().run()
    job_id = job_of(page)
    rested(home, job_id)
    for language in LANGUAGES:
        t, page = words(language), data_page(language, job=job_id)
        assert NAME in everything(page), "a name is text"
        assert {m.label: m.value for m in page.metric} == {
            t("data.read"): t("data.rows", n="2"),
            t("data.accepted"): t("data.rows", n="0"),
            t("data.repaired"): t("data.rows", n="1"),
            t("data.refused"): t("data.rows", n="1"),
        }
        assert disabled(page, "confirm"), "a question is open"
        if language == "en":
            assert foreign(page, language, load_reference()) == set()
        (answer,) = [box for box in page.selectbox if box.key and box.key.startswith("answer-")]
        answer.set_value("万元").run()
        assert disabled(page, "confirm"), "what was told is not what was checked"

    page.button(key="recheck").click().run()
    rested(home, job_id)
    told = job(home, job_id)
    assert told is not None
    assert told.told.mapping is not None
    assert [(c.heading, c.column, c.unit) for c in told.told.mapping.columns] == [("2021年营收", AS_PROPOSED, "万元")]
    for language in LANGUAGES:
        page = data_page(language, job=job_id)
        assert not [box for box in page.selectbox if box.key and box.key.startswith("answer-")]
        assert not disabled(page, "confirm")

    page.radio(key="merge").set_value(True).run()
    page.button(key="confirm").click().run()
    rested(home, job_id)
    done = job(home, job_id)
    assert done is not None
    assert (done.state, done.told.merge) == (JobState.DONE, True)
    assert current_version(home) == "1"
    for language in LANGUAGES:
        t, page = words(language), data_page(language, job=job_id)
        assert t("data.live", id="1") in boxes(page)
        page.button(key="undo_import").click().run()
        assert current_version(home) == "0"
        assert t("data.not_live", id="1", current="0") in boxes(page)
        page.button(key="use_again").click().run()
        assert t("data.live", id="1") in boxes(page)
        assert current_version(home) == "1"
        page.button(key="another").click().run()
        assert "job" not in page.query_params
    assert [record.id for record in list_versions(home, load_reference())] == ["0", "1"]


def test_a_job_at_work_says_its_stage_and_can_be_cancelled(home: Path) -> None:
    one, two = (start_job(home, b"hold", f"{n}.csv", Told()) for n in "12")
    deadline = time.monotonic() + PATIENCE_S
    while (now := job(home, one)) and now.rows != 3:
        assert time.monotonic() < deadline
        time.sleep(LOOK_S)
    for language in LANGUAGES:
        t, page = words(language), data_page(language, job=one)
        said = t("data.stage_of", stage=t("stage.reading"), n=1, of=6) + t("data.rows_of", n="3", of="10")
        assert said in sent(page)
        assert t("data.ahead", n=1) in sent(data_page(language, job=two))
    page.button(key="cancel").click().run()
    assert t("data.cancelled") in boxes(page)
    assert words("zh")("data.cancelled") in boxes(data_page("zh", job=one))
    page.button(key="another").click().run()
    assert "job" not in page.query_params


@pytest.mark.parametrize(("given", "key"), [(b"crash", "WorkerFailed"), (b"kill", "WorkerDied")])
def test_what_went_wrong_is_a_sentence_and_can_be_tried_again(home: Path, given: bytes, key: str) -> None:
    job_id = ended(home, given)
    for language in LANGUAGES:
        page = data_page(language, job=job_id)
        (said,) = boxes(page)
        assert said.split("{")[0][:12] == words(language)(f"error.{key}", log="").split("{")[0][:12]
        assert "Traceback" not in said
    page.button(key="restart").click().run()
    rested(home, job_id)
    again = job(home, job_id)
    assert again is not None
    assert (again.state, again.run) == (JobState.FAILED, 2)


@pytest.mark.parametrize("asked", ["0123456789abcdef", "../../etc/passwd", "<b>"])
def test_a_link_to_nothing_opens_the_door(home: Path, asked: str) -> None:
    page = data_page(job=asked)
    assert boxes(page) == ([words("zh")("data.no_job")] if asked.isalnum() else [])
    assert disabled(page, "start_check")


def test_a_lost_link_is_found_among_the_recent_files(checked: str) -> None:
    page = data_page()
    page.button(key=f"open-{checked}").click().run()
    assert job_of(page) == checked
    assert page.button(key="confirm")


def test_another_reading_of_the_coordinates_is_checked_before_it_counts(home: Path, checked: str) -> None:
    page = data_page(job=checked)
    (datum,) = [box for box in page.selectbox if box.key and box.key.startswith("datum-")]
    datum.set_value("bd09").run()
    assert disabled(page, "confirm")
    assert not disabled(page, "recheck")
    page.button(key="recheck").click().run()
    rested(home, checked)
    document = check_of(home, checked)
    assert document is not None
    assert (document["datum"]["datum"], document["datum"]["verdict"]) == ("bd09", "declared")


@pytest.mark.parametrize(
    ("written", "taken"),
    [("epsg:4547", "EPSG:4547"), (" GCJ02 ", "gcj02"), ("EPSG:1", None), ("Mars <b>", None), ("", None)],
)
def test_a_written_datum_is_a_code_or_nothing(written: str, taken: str | None) -> None:
    assert datum_written(written) == taken


def test_two_versions_are_compared(home: Path, checked: str, dataset: Dataset) -> None:
    jobs_module.confirm_job(home, checked, Told())
    rested(home, checked)
    for language in LANGUAGES:
        t, page = words(language), data_page(language, job=checked)
        counts = t("data.counts", what=t("data.of_firms"), added="60", gone=f"{len(dataset.firms)}", changed="0")
        assert counts in everything(page)
        page.button(key="compare").click().run()
        assert everything(page).count(counts) == 2


def test_a_version_that_cannot_be_opened_is_left_from_this_page(home: Path, language: Language) -> None:
    (home / "versions").mkdir()
    (home / "versions" / "current").write_text("7")
    page = data_page(language)
    assert not page.exception
    assert len(page.error) == 1
    page.button(key="use").click().run()
    assert current_version(home) == "0"
    assert not page.error
    assert disabled(page, "start_check")


def test_a_found_firm_is_shown_where_there_is_a_map(home: Path) -> None:
    page = data_page()
    page.selectbox(key="search").set_value("firm:00700.HK").run()
    assert page.session_state["page"] == "overview"
    assert page.session_state["selection"].focus.id == "00700.HK"


def test_moves_are_metres_and_unknown_where_a_point_is_not_kept() -> None:
    points = [
        {"before": [114.0, 22.5], "after": [114.0, 22.501]},
        {"before": [114.0, 22.5], "after": None},
        {"before": [505_000.0, 2_490_000.0], "after": [114.0, 22.5]},
    ]
    moved = moved_m(points)
    assert moved[0] == pytest.approx(110.7, abs=0.5)  # a thousandth of a degree of latitude
    assert moved[1] != moved[1]
    assert moved[2] != moved[2]
    assert len(moved_m([])) == 0


def test_every_table_and_map_of_a_check_says_how_to_read_it(checked: str, language: Language) -> None:
    page = data_page(language, job=checked)
    assert not page.exception
    keys, missing, seen = unexplained(page)
    assert missing == []
    assert seen >= 4
    assert keys == {"read_evidence", "read_findings", "read_points", "read_versions"}
