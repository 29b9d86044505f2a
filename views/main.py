"""The script that Streamlit runs: the frame of the app, drawn once, around the chosen page."""

from pathlib import Path

import streamlit as st

from views import data, district, frame, methods, overview, state
from views.data_versions import show_rescue
from views.error_words import sentence
from views.words import words

STATIC = Path(__file__).parent / "static"


def main() -> None:
    """Navigation, the chosen page, footer, address."""
    t = words(state.language_hint())
    st.set_page_config(page_title=t("app.title"), page_icon=str(STATIC / "icon.png"), layout="wide")
    st.logo(str(STATIC / f"logo.{t.language}.svg"), size="large")
    st.html(frame.style(state.look()))
    pages = {
        "overview": st.Page(overview.show, title=t("page.overview"), icon=":material/dashboard:", url_path="overview"),
        "district": st.Page(
            district.show, title=t("page.district"), icon=":material/location_city:", url_path="district"
        ),
        state.DATA_PAGE: st.Page(
            data.show, title=t("page.data"), icon=":material/database_upload:", url_path=state.DATA_PAGE
        ),
        state.METHODS_PAGE: st.Page(
            methods.show, title=t("page.methods"), icon=":material/function:", url_path=state.METHODS_PAGE
        ),
    }
    start = st.Page(lambda: None, title=t("app.title"), url_path="start", default=True, visibility="hidden")
    page = st.navigation([start, *pages.values()], position="top")
    if page is start:
        st.switch_page(pages["overview"], query_params=st.query_params.to_dict())
    st.session_state["pages"] = pages
    try:
        if state.selection(page.url_path).lang != t.language:
            st.rerun()  # the address took the reader back to another language than the frame was drawn in
        page.run()
    except (ValueError, OSError) as error:
        st.error(sentence(error, t), icon=":material/error:")
        if page is pages[state.DATA_PAGE] and state.viewer().keeps_data:
            show_rescue(t)  # a version that cannot be opened is left from here
    if "selection" in st.session_state:  # none was read when the data could not be opened
        state.write_address()


main()
