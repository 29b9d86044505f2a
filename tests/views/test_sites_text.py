"""A ranking of parks told in words and as a document: every reason, nothing that is missing as a zero."""

import json
import re

import numpy as np
import pytest

from clusters.site_records import SiteRequest
from clusters.siting import SiteRanking, rank_sites
from data import columns as c
from data.dataset import Dataset
from views.sites_json import sites_document
from views.sites_text import reason_text, sites_text
from views.words import LANGUAGES, Language, words

HAN = re.compile(r"[\u3400-\u9fff]+")


@pytest.fixture(scope="module")
def ranking(dataset: Dataset) -> SiteRanking:
    request = SiteRequest("S01", min_area_m2=1_000, hubs_within_m=(("metro", 8_000.0),))
    return rank_sites(dataset, request, rng=np.random.default_rng(0), draws=100)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_park_is_told_with_every_reason(ranking: SiteRanking, dataset: Dataset, lang: Language) -> None:
    t = words(lang)
    said = sites_text(ranking, dataset, t, top=5)
    assert "{" not in said
    assert "nan" not in said.lower().replace("nanshan", "")
    assert "<NA>" not in said
    for park in ranking.sites.index[:5]:
        assert ranking.sites.loc[park, c.NAME] in said
    for park in ranking.sites.index:
        for reason in ranking.reasons(park):
            assert reason_text(reason, t)
    assert t("site.missing.no_figure") in said
    assert t("site.condition.area") in said


def test_english_lines_hold_chinese_only_in_names(ranking: SiteRanking, dataset: Dataset) -> None:
    said = sites_text(ranking, dataset, words("en"), top=60)
    names = [*dataset.parks[c.NAME], *dataset.hubs[c.NAME], *dataset.parks[c.FOCUS].dropna()]
    for name in sorted(names, key=len, reverse=True):
        said = said.replace(name, "")
    assert HAN.findall(said) == []


def test_the_document_says_null_where_nothing_is_known(ranking: SiteRanking, dataset: Dataset) -> None:
    document = json.loads(json.dumps(sites_document(ranking, dataset, words("zh")), allow_nan=False))
    assert document["straight_line"] is True
    assert document["draws"] == 100
    off = {each["id"]: each["off"] for each in document["criteria"]}
    assert (off["rent"], off["near_metro"]) == ("no_figure", None)
    assert sum(each["weight"] for each in document["criteria"]) == pytest.approx(1)
    assert len(document["sites"]) + len(document["excluded"]) == len(dataset.parks)
    first, last = document["sites"][0], document["sites"][-1]
    assert first["score_rank"] == 1
    assert first["unchecked"] == ["area"]
    assert (last["score_rank"], last["score"]) == (None, None)
    for site in document["sites"]:
        for reason in site["reasons"]:
            assert (reason["value"] is None) == (reason["missing"] is not None)
        if site["score"] is not None:
            total = sum(reason["contribution"] or 0 for reason in site["reasons"])
            assert total == pytest.approx(site["low_score"])
