"""One language at a time: the text files mirror each other, and no page shows a word of the other language.

Names, addresses and sources keep the language of their file; they are taken out of the text before it is searched.
"""

import html
import re
import string
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from typing import Any

import pandas as pd
import pytest
from google.protobuf.message import Message
from playwright.sync_api import expect
from streamlit.testing.v1 import AppTest

from data import columns as c
from data.dataset import Dataset
from tests.views.conftest import Reader, component_arguments, read_cards
from tests.views.test_pages import district, overview
from views.words import Language, words

Visit = Callable[..., Reader]
HAN = re.compile(r"[\u3400-\u9fff]+")
LATIN = re.compile(r"[A-Za-z]{4,}")
# names that have no other form, the switch to the other language, and the marks of listed firms
NAMES = {"jiqun", "english", "shenzhen"}
OWN_COLUMNS = {
    "firms": (c.NAME, c.SHORT_NAME, c.ADDRESS, c.SOURCE),
    "parks": (c.NAME, c.OPERATOR, c.FOCUS, c.AREA_TEXT, c.SOURCE),
    "streets": (c.NAME, c.SOURCE),
    "districts": (c.AREA_SOURCE,),
    "observations": (c.SOURCE,),
    "indicators": (c.SCOPE, c.SOURCE, c.NOTE),
}
# what Streamlit says to assistive technology, and icons, which are words only in the markup
ASIDE = '[data-testid="stIconMaterial"], [role="img"], [data-live-announcer], a[href="#stMain"], style, script'
SEEN = """aside => {
  const hidden = [...document.querySelectorAll(aside)].filter(e => e.style.display !== 'none');
  const before = hidden.map(e => e.style.display);
  hidden.forEach(e => { e.style.display = 'none'; });
  const hinted = [...document.querySelectorAll('[title]:not(iframe), input:placeholder-shown')];
  const hints = hinted.map(e => e.title || e.placeholder);
  const text = document.body.innerText;
  hidden.forEach((e, i) => { e.style.display = before[i]; });
  return text + '\\n' + hints.join('\\n');
}"""
ON_MAP = """() => {
  const named = [...document.querySelectorAll('[title], [aria-label]')];
  const hints = named.flatMap(e => [e.title, e.getAttribute('aria-label') || '']);
  return [document.body.innerText, ...hints].join('\\n');
}"""


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def test_both_files_hold_the_same_keys_and_placeholders() -> None:
    zh, en = words("zh"), words("en")
    assert zh.keys == en.keys
    assert {key: placeholders(text) for key, text in zh.table.items()} == {
        key: placeholders(text) for key, text in en.table.items()
    }
    for one in (zh, en):
        assert [key for key, text in one.table.items() if not text.strip()] == []


def test_english_words_hold_no_chinese_and_chinese_words_are_chinese() -> None:
    assert {key: text for key, text in words("en").table.items() if HAN.search(text)} == {}
    english = {key: text for key, text in words("zh").table.items() if not HAN.search(text) and LATIN.search(text)}
    assert english == {}


@lru_cache(maxsize=2)
def _data_strings(dataset: Dataset, all_columns: bool) -> tuple[str, ...]:
    found: set[str] = set()
    for name, columns in OWN_COLUMNS.items():
        table: pd.DataFrame = getattr(dataset, name)
        for column in table.columns if all_columns else columns:
            if pd.api.types.is_object_dtype(table[column]) or pd.api.types.is_string_dtype(table[column]):
                found |= {" ".join(text.split()) for text in table[column].dropna() if isinstance(text, str)}
    return tuple(sorted(found - {""}, key=len, reverse=True))


def without_data(text: str, dataset: Dataset, *, all_columns: bool) -> str:
    """Text without the strings of the data, the longest taken out first."""
    text = " ".join(text.split())
    for known in _data_strings(dataset, all_columns):
        if known in text:
            text = text.replace(known, " ")
    return text


def left_in_english(text: str, dataset: Dataset) -> set[str]:
    """Chinese words that no table of ours accounts for."""
    return set(HAN.findall(without_data(text, dataset, all_columns=False))) - {"中文"}


def left_in_chinese(text: str, dataset: Dataset) -> set[str]:
    """Latin words that neither the data nor the Chinese words account for."""
    allowed = NAMES | {w.lower() for value in words("zh").table.values() for w in LATIN.findall(value)}
    text = re.sub(r"data:image\S+|https?:\S+", " ", text)  # before data are taken out, which break an address
    rest = without_data(text, dataset, all_columns=True)
    return {word for word in LATIN.findall(rest) if word.lower() not in allowed}


def texts_of(value: Any) -> Iterator[str]:
    """Every string inside of what a page sends: records, lists and mappings are opened."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Message):
        for _, inner in value.ListFields():
            yield from texts_of(inner)
    elif hasattr(value, "items"):
        for inner in value.values():
            yield from texts_of(inner)
    elif isinstance(value, Iterable) and not isinstance(value, bytes):
        for inner in value:
            yield from texts_of(inner)


def sent(page: AppTest) -> str:
    """Everything a page sends to the browser: words, hints, options, tables, the scripts of the map."""
    parts: list[str] = []
    for element in _elements(page.main):
        if element.type == "component_instance":
            arguments = component_arguments(element.proto)
            parts += [html.unescape(_unicode(text)) for text in texts_of(arguments)]
        else:
            parts += [
                html.unescape(text)
                for text in texts_of(element.proto)
                if not text.startswith(("data:", "{", "<script"))
            ]
            parts += [_unicode(text) for text in texts_of(element.proto) if text.startswith("{")]
    for table in (*page.dataframe, *page.table):
        parts += [str(text) for text in (*table.value.columns, *table.value.to_numpy().ravel())]
    return "\n".join(part for part in parts if not part.startswith("data:"))


def _elements(block: Any) -> Iterator[Any]:
    for child in block.children.values():
        yield child
        if hasattr(child, "children"):
            yield from _elements(child)


def _unicode(text: str) -> str:
    return re.sub(r"\\u([0-9a-fA-F]{4})", lambda m: chr(int(m[1], 16)), text)


@pytest.mark.parametrize("area", ["", "440303", "440305", "440306", "440307-DP", "441521-SS"])
def test_nothing_that_an_english_page_sends_is_chinese(area: str, dataset: Dataset) -> None:
    page = district(area, "en") if area else overview("en")
    assert not page.exception
    assert left_in_english(sent(page), dataset) == set()


@pytest.mark.parametrize("query", [{"year": "2023", "focus": "cluster:S07"}, {"subsectors": "S01", "tier": "CNY_1E11"}])
def test_no_choice_brings_chinese_onto_an_english_page(query: dict[str, str], dataset: Dataset) -> None:
    assert left_in_english(sent(overview("en", **query)), dataset) == set()


def test_the_search_for_words_finds_words(dataset: Dataset) -> None:
    address = dataset.firms[c.ADDRESS].dropna().iloc[0]
    assert left_in_english(f"Address {address} 营收", dataset) == {"营收"}
    assert left_in_chinese("营收 Revenue OpenStreetMap", dataset) == {"Revenue"}
    assert "营收" in sent(overview("zh"))


@pytest.mark.parametrize("path", ["overview", "district"])
def test_no_word_of_the_other_language_is_seen(visit: Visit, dataset: Dataset, language: Language, path: str) -> None:
    t = words(language)
    query = {"district": "440305"} if path == "district" else {"focus": "district:440305"}
    reader = visit(path, lang=language, **query)
    texts = [reader.page.title(), reader.page.evaluate(SEEN, ASIDE)]
    for popover in reader.page.get_by_test_id("stPopover").all():
        popover.get_by_role("button").first.click()
        body = reader.page.get_by_test_id("stPopoverBody")
        expect(body).to_be_visible()
        texts.append(reader.page.evaluate(SEEN, ASIDE))
        reader.page.keyboard.press("Escape")
        expect(body).to_have_count(0)
    for expander in reader.page.get_by_test_id("stExpander").all():
        expander.locator("summary").click()
        expect(expander.get_by_test_id("stExpanderDetails")).to_be_visible()
    texts.append(reader.page.evaluate(SEEN, ASIDE))
    texts += [
        cell
        for key in ("matrix", "clusters", "firms", "parks")
        if reader.key(key).count()
        for row in reader.cells(key)
        for cell in row
    ]
    texts += [text for card in read_cards(reader.frame).values() for text in card]
    texts.append(reader.frame.evaluate(ON_MAP))
    text = "\n".join(texts)
    assert t("notice.sketch") in text
    assert t("field.official_area") in text
    assert (left_in_english if language == "en" else left_in_chinese)(text, dataset) == set()
