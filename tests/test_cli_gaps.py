"""What closes a gap, from a terminal: one document, or lines for a reader, in both languages."""

import json
import re
import sys
from typing import Any

import numpy as np
import pytest

import cli
from clusters.dependence import without_largest
from clusters.gaps import close_gap
from clusters.plan import Plan
from clusters.release import release
from clusters.roles import Role, Viewer
from data import columns as c
from data.dataset import Dataset
from tests.conftest import build_four_towns
from views.gaps_json import GapAnswer, gap_document
from views.gaps_text import gap_text
from views.words import LANGUAGES, words

HAN = re.compile(r"[\u4e00-\u9fff]")


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Any:
    def call(*asked: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["cli.py", "gaps", *asked])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        out = capfd.readouterr()
        return int(ended.value.code or 0), out.out, out.err

    return call


def test_the_document_holds_the_gap_and_what_it_rests_on(said: Any) -> None:
    code, out, err = said("--subsector", "S01", "--year", "2021", "--json")
    found = json.loads(out)
    assert (code, err) == (0, "")
    assert found["total_cny"] + found["gap_cny"] == found["target_cny"] == 10**10
    assert (found["until"], found["basis"], found["withheld"]) == (2023, "listed_sample", False)
    assert [mix["of_growth"] for mix in found["mixes"]] == ["none", "middle"]
    assert found["mixes"][0]["fewest"] <= found["mixes"][0]["typical"] <= found["mixes"][0]["most"]
    assert found["assumptions"]["room"] == {"parks": 66, "known": 0, "vacant_m2": None}
    assert found["assumptions"]["growth"]["too_few_firms"] is True
    assert len(found["without_largest"]) == 3
    assert 0 <= found["outlook"]["crossed"]["2023"] <= 1
    assert said("--subsector", "S01", "--year", "2021", "--json")[1] == out


def test_a_district_is_derived_and_assumptions_may_be_stated(said: Any) -> None:
    stated = ("--growth", "0.1", "--firm-cny", "1000000000", "--target-cny", "20000000000", "--until", "2025")
    found = json.loads(said("--subsector", "云计算", "--district", "福田区", "--json", *stated)[1])
    assert (found["area_id"], found["label"]) == ("440304", "参考分解，非官方指标")
    assert [mix["of_growth"] for mix in found["mixes"]] == ["stated"]
    assert found["assumptions"]["growth"] is None
    (mix,) = found["mixes"]
    assert mix["typical"] == -(-(20_000_000_000 - mix["grown_cny"]) // 10**9)


def test_without_json_it_is_lines_for_a_reader(said: Any) -> None:
    code, out, _ = said("--subsector", "S01")
    assert code == 0
    for part in (
        "差 13.4 亿元",
        "须新企业 2 家（1 至 6 家）",
        "金蝶国际",
        "能否容纳未知",
        "只作参考",
        "非计划完成情况",
    ):
        assert part in out
    english = said("--subsector", "S12", "--lang", "en")[1]
    assert "smallest mixes" in english
    assert not HAN.search(english.split("Dependence")[0])


@pytest.mark.parametrize("asked", [["--subsector", "S99"], ["--subsector", "S01", "--until", "2020"], [],
                                   ["--subsector", "S01", "--place", "moon"]])  # fmt: skip
def test_bad_input_ends_in_one_sentence(said: Any, asked: list[str]) -> None:
    code, out, err = said(*asked)
    assert (code, out, len(err.splitlines())) == (2, "", 1)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_year_too_early_is_told_in_the_readers_language(said: Any, language: str) -> None:
    told = said("--subsector", "S01", "--until", "2000", "--lang", language)[2]
    assert "2000" in told
    assert "2021" in told
    assert bool(HAN.search(told)) == (language == "zh")


def answer(dataset: Dataset, plan: Plan, subsector_id: str, district_id: str | None = None, **more: Any) -> GapAnswer:
    asked: dict[str, Any] = {"subsector_id": subsector_id, "district_id": district_id}
    closing = close_gap(dataset, until=2023, rng=np.random.default_rng(1), draws=999, year=2021, **asked, **more)
    return GapAnswer(plan, dataset, subsector_id, district_id, closing, without_largest(dataset, year=2021, **asked))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_state_of_an_answer_has_its_words(language: str, plan: Plan) -> None:
    """Top tier, reached, from nothing, stated, room enough, short and unknown, withheld, free firms only."""
    t, towns = words(language), build_four_towns()  # type: ignore[arg-type]
    towns.districts[c.NAME_EN] = towns.districts[c.NAME]
    parks = towns.firms.head(1).assign(**{c.DISTRICT_ID: "440391", c.VACANT_M2: 20_000.0})
    object.__setattr__(towns, "parks", parks)
    status = np.where(towns.firms.index.isin(["a3", "b2"]), "statistical", "public_record")
    object.__setattr__(towns, "firms", towns.firms.assign(**{c.CONFIDENTIALITY: status}))
    seen = release(towns, Viewer(Role.INVESTOR))
    answers = {
        "top": answer(towns, plan, "S02"),
        "reached": answer(towns, plan, "S01", target_cny=1),
        "nothing": answer(towns, plan, "S07"),
        "enough": answer(towns, plan, "S01", "440391", floor_m2_per_firm=1.0, growth=0.0, firm_cny=10**9),
        "short": answer(towns, plan, "S01", "440391", floor_m2_per_firm=10**9),
        "withheld": answer(seen, plan, "S02"),
        "free": answer(seen, plan, "S01"),
    }
    told = {name: gap_text(each, t) for name, each in answers.items()}
    for name, key in (("top", "top"), ("enough", "room.enough"), ("short", "room.short"), ("withheld", "withheld"),
                      ("free", "free_only"), ("nothing", "growth_none"), ("enough", "growth_stated")):  # fmt: skip
        assert t(f"gaps.{key}") in told[name]
    for each in answers.values():
        document = gap_document(each, t)
        assert json.loads(json.dumps(document, allow_nan=False)) == document
    assert gap_document(answers["withheld"], t)["total_cny"] is None
