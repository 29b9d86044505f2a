"""Every term has one definition in both languages, is found, and leads to its method."""

from collections import Counter

import pytest

from clusters.measures import MEASURES
from data.dataset import Dataset
from tests.views.opened import app_page
from tests.views.test_languages import left_in_english, sent
from tests.views.test_pages import html
from views.glossary import BY_ADDRESS, TERMS, TERMS_SECTION, Topic, terms_of
from views.selection import METHODS
from views.words import Language, words

NO_TERMS = {"lead", "one", "formula", "topic"}
ASKED = {
    "cluster", "tier_1e11", "tier_1e10", "subsector", "location_quotient", "scope", "coverage", "sample", "derived",
    "responsible", "first_named", "approval", "withheld", "datum", "wgs84", "gcj02", "bd09", "herfindahl", "krugman",
    "shift_share", "weights", "consistency_ratio",
}  # fmt: skip
LONGEST = {"zh": 90, "en": 210}


def test_terms_and_their_words_are_the_same_set(language: Language) -> None:
    t = words(language)
    worded = {key.split(".")[1] for key in t.keys if key.startswith("term.")} - NO_TERMS
    assert worded == {term.id for term in TERMS}
    assert worded >= ASKED
    names = Counter(t(f"term.{term.id}.name") for term in TERMS)
    assert [name for name, times in names.items() if times > 1] == []
    long = {term.id: len(said) for term in TERMS if len(said := t(f"term.{term.id}.text")) > LONGEST[language]}
    assert long == {}, "one plain definition"


def test_every_term_is_listed_once_and_its_method_exists() -> None:
    assert [term for topic in Topic for term in terms_of(topic)] == list(TERMS)
    assert len(BY_ADDRESS) == len(TERMS)
    measures = {measure.id for measure in MEASURES}
    assert [term.id for term in TERMS if term.method and term.method not in measures] == []
    assert set(METHODS) >= {TERMS_SECTION, *BY_ADDRESS}
    assert not set(BY_ADDRESS) & measures


def test_the_page_has_all_terms_and_opens_the_one_in_the_address(language: Language, dataset: Dataset) -> None:
    t = words(language)
    page = app_page("methods", lang=language, measure="term:krugman").run()
    assert not page.exception
    assert page.query_params["measure"] in ("term:krugman", ["term:krugman"])
    for term in TERMS:
        assert f"<dt>{t(f'term.{term.id}.name')}".replace("&", "&amp;") in html(page)
    assert any(f"### {t('term.krugman.name')}" == line.value for line in page.markdown)
    assert any("measure=krugman_index" in line.value for line in page.markdown)
    if language == "en":
        assert left_in_english(sent(page), dataset) == set()
    box = page.selectbox(key="find_measure")
    assert box.value == "term:krugman"
    box.set_value("term:derived").run()
    assert page.query_params["measure"] in ("term:derived", ["term:derived"])
    assert any(f"### {t('term.derived.name')}" == line.value for line in page.markdown)


@pytest.mark.parametrize("asked", ["term:nonsense", "term:", "terms"])
def test_an_unknown_term_opens_the_guide_and_the_section_its_list(asked: str) -> None:
    page = app_page("methods", measure=asked).run()
    assert not page.exception
    assert ('<dl class="jq-terms">' in html(page)) == (asked == TERMS_SECTION)
