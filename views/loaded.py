"""What this run shows: a version of the data, a text of the plan, boards and words, each loaded once for all sessions.

They follow what the selection holds to. Data come as the reader may see them. What is shared is changed by nobody.

What is kept of a version, such as its boards, holds the version itself. So the caches of all pages are emptied when one
version more than ``MOST_VERSIONS`` is asked for: an old one is let go after a few imports, and a reader who walks
through all versions there ever were does not fill the memory.
"""

import logging
import threading
from collections import OrderedDict
from pathlib import Path

import streamlit as st

from clusters.briefing import district_briefing
from clusters.briefing_records import Briefing
from clusters.goals import Board, tally_goals
from clusters.kept_plans import keep_plan, kept_plan
from clusters.plan import Plan, load_plan, open_plan
from clusters.release import is_visible, visible_dataset
from clusters.roles import Viewer
from data.dataset import Dataset, Place
from data.reference import load_reference
from data.settings import settings
from data.store import version_before
from views import signed_in
from views.selection import Selection
from views.words import LANGUAGES, Language, Words, words

PLAN_ID = "shenzhen-digital-economy-2021-2023"

MOST_VERSIONS = 3

log = logging.getLogger(__name__)
_versions: OrderedDict[str, None] = OrderedDict()
_door = threading.Lock()


def viewer() -> Viewer:
    """Who is looking, as of now."""
    return signed_in.reader().viewer


def dataset() -> Dataset:
    """The version that the selection holds to, else the current one, as this reader may see it.

    It is shared by all sessions and changed by none.
    """
    return dataset_of(held_to("data"))


def dataset_of(version: str) -> Dataset:
    """A version of the data, or the current one for no version, as this reader may see it."""
    reader = viewer()
    if is_visible(reader):
        found = visible_dataset(reader, version=version)
    else:
        with st.spinner(words(language_hint())("data.releasing"), show_time=True):
            found = visible_dataset(reader, version=version)
    _keep_few(found.version)
    return found


def _keep_few(version: str) -> None:
    """Empty the caches when more versions are looked at than shall be held."""
    with _door:
        _versions[version] = None
        _versions.move_to_end(version)
        if len(_versions) <= MOST_VERSIONS:
            return
        _versions.clear()
        _versions[version] = None
    st.cache_resource.clear()


def plan() -> Plan:
    """The city's plan: the text that the selection holds to, else that of today."""
    return plan_of(held_to("plan")) or plan_of_today()


@st.cache_resource(show_spinner=False)
def plan_of_today() -> Plan:
    """The city's plan as it is now; a copy is kept for links that are made under it."""
    opened = open_plan(PLAN_ID, *settings().plan_folders)
    try:
        keep_plan(opened, settings().home)
    except OSError as error:
        log.warning("no copy of the plan is kept for later: %s", error)
    return opened


def plan_of(digest: str) -> Plan | None:
    """The city's plan in the text of a digest, when a copy is here."""
    return _kept_plan(digest, settings().home) if digest else None


@st.cache_resource(max_entries=8, show_spinner=False)
def _kept_plan(digest: str, home: Path) -> Plan | None:
    return kept_plan(digest, home, plan_id=PLAN_ID)


def held_to(what: str) -> str:
    """Version of the ``data`` or digest of the ``plan`` that the selection holds to; empty for that of today."""
    held: Selection | None = st.session_state.get("selection")
    return getattr(held, what) if held else ""


def other_plans() -> tuple[dict[str, Plan], list[str]]:
    """Plans beside the city's by id, and the names of files that cannot be read; a mended file is seen at once."""
    plans, broken = {}, []
    for folder in settings().plan_folders:
        for path in sorted(p for p in folder.glob("*") if p.suffix in (".yaml", ".yml")):
            try:
                found = _plan_file(str(path), path.stat().st_mtime_ns)
            except (ValueError, OSError):
                broken.append(path.name)
                continue
            if found.id != PLAN_ID:
                plans[found.id] = found
    return plans, broken


@st.cache_resource(max_entries=64, show_spinner=False)
def _plan_file(path: str, changed_ns: int) -> Plan:
    return load_plan(Path(path))


def board_of(selection: Selection, *, district_id: str = "", of_plan: Plan | None = None) -> Board:
    """Board that a selection asks for, against the city's plan or another."""
    chosen, data = of_plan or plan(), dataset()
    year = selection.year or data.default_year
    return _board(data.version, data.digest, chosen.origin.sha256, year, district_id, selection.place, chosen, data)


@st.cache_resource(max_entries=128, show_spinner=False)
def _board(
    version: str, digest: str, plan_digest: str, year: int, district_id: str, place: Place, _plan: Plan, _data: Dataset
) -> Board:
    """Board of one plan, year, area and reading; version and digests keep the entries apart."""
    return tally_goals(_plan, _data, year=year, district_id=district_id or None, place=place)


def briefing_of(selection: Selection) -> Briefing:
    """Briefing of the chosen district; what the last version changed only for whoever keeps the data."""
    data = dataset()
    compares = viewer().keeps_data and data.release is None
    year = selection.year or data.default_year
    keys = (data.version, data.digest, plan().origin.sha256, year, selection.district, selection.place, compares)
    return _briefing(*keys, plan(), data)


@st.cache_resource(max_entries=64, show_spinner=False)
def _briefing(
    version: str, digest: str, plan_digest: str, year: int, district_id: str, place: Place, compares: bool,
    _plan: Plan, _data: Dataset,
) -> Briefing:  # fmt: skip
    """Briefing of one district; version and digests keep the entries apart."""
    previous = version_before(settings().home, version, load_reference()) if compares else None
    return district_briefing(_plan, _data, district_id, year=year, place=place, previous=previous)


def language_hint() -> Language:
    """Language for what is drawn before the page is known: that of the address, else of the session."""
    asked = st.query_params.get("lang", "")
    held: Selection | None = st.session_state.get("selection")
    return asked if asked in LANGUAGES else held.lang if held else "zh"


def words_of(chosen: Selection) -> Words:
    """Words in the reader's language."""
    return words(chosen.lang, dataset().evidence)
