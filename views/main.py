"""The script that Streamlit runs: the frame of the app, drawn once, around the chosen page."""

from pathlib import Path

import streamlit as st

from views import (
    compare,
    data,
    district,
    focused,
    frame,
    gaps,
    links,
    loaded,
    methods,
    overview,
    signed_in,
    sites,
    start,
    state,
    tour,
    units,
)
from views.data_versions import show_rescue
from views.error_words import sentence
from views.link_versions import show_link_versions
from views.sign_in_line import must_sign_in, show_door, show_standing
from views.words import words

STATIC = Path(__file__).parent / "static"
FIRST = "start"
UNLISTED = (FIRST, "units")  # reached by the logo, a door or a link
# every page by the last part of its address, in the order of the navigation
PAGES = {
    FIRST: (start.show, "home"),
    "overview": (overview.show, "dashboard"),
    "district": (district.show, "location_city"),
    "compare": (compare.show, "compare_arrows"),
    "sites": (sites.show, "add_location_alt"),
    "gaps": (gaps.show, "stacked_line_chart"),
    state.DATA_PAGE: (data.show, "database_upload"),
    state.METHODS_PAGE: (methods.show, "function"),
    "units": (units.show, "assignment_ind"),
}


def main() -> None:
    """Navigation, the chosen page, footer, address."""
    t = words(loaded.language_hint())
    st.set_page_config(page_title=t("app.title"), page_icon=str(STATIC / "icon.png"), layout="wide")
    st.logo(str(STATIC / f"logo.{t.language}.svg"), size="large")
    st.html(frame.style(state.look()))
    pages = {
        name: st.Page(
            show,
            title=t(f"page.{name}"),
            icon=f":material/{icon}:",
            url_path=name,
            default=name == FIRST,
            visibility="hidden" if name in UNLISTED else "visible",
        )
        for name, (show, icon) in PAGES.items()
    }
    page = st.navigation(list(pages.values()), position="top")
    signed_in.settle()
    if must_sign_in(signed_in.reader()):
        show_door(t)
        frame.tell_language(t)
        return
    name = next(name for name, each in pages.items() if each is page)
    st.session_state["pages"] = pages
    try:
        if state.selection(name).lang != t.language:
            st.rerun()  # the address took the reader back to another language than the frame was drawn in
        if focused.was_sought():
            links.go("overview", job="", method="")
        signed_in.note_opened(name, loaded.dataset().version)
        show_standing(t)
        show_link_versions(words(state.current().lang))
        tour.welcome(name, first=FIRST)
        page.run()
        if problem := signed_in.take_problem():
            raise problem
    except (ValueError, OSError) as error:
        st.error(sentence(error, t), icon=":material/error:")
        if page is pages[state.DATA_PAGE] and loaded.viewer().keeps_data:
            show_rescue(t)  # a version that cannot be opened is left from here
    frame.tell_language(t)
    if "selection" in st.session_state:  # none was read when the data could not be opened
        links.write_address()
        tour.show_tour(t)


main()
