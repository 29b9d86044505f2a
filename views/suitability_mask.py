"""The mask of a map of squares: brought, looked up by the digest in the address, used as banned or as allowed land.

Whoever keeps the city's data keeps a mask in the workspace, so that a link opens it again for whoever has the link: 64
bits of what the file holds, which nobody guesses. Any other reader may be anybody, and must not fill the disk: theirs
stays in the session, a few of them, and the page says that the link will not carry it.
"""

from pathlib import Path
from tempfile import TemporaryDirectory

import streamlit as st

from data.errors import DataError
from data.mapping_files import DATUMS
from data.masks import MOST_BYTES, Mask, keep_mask, kept_mask, read_mask
from data.settings import settings
from geo.errors import GeoError
from views import loaded, state
from views.error_words import sentence
from views.suitability_choices import MASK_MEANS, MaskMeans
from views.words import Words, plain

HELD, MOST_HELD = "masks", 3
SUFFIXES = ["geojson", "json", "zip", "gpkg", "kml", "kmz", "fgb", "parquet"]


def mask_of(digest: str) -> Mask | None:
    """The mask of an address: of this session, or kept in the workspace."""
    if not digest:
        return None
    held: dict[str, Mask] = st.session_state.get(HELD, {})
    try:
        return held.get(digest) or _kept(digest, str(settings().home))
    except LookupError:
        return None


@st.cache_resource(max_entries=4, show_spinner=False)
def _kept(digest: str, home: str) -> Mask:
    """A kept mask; that there is none is an error, for it may be brought later and must not be remembered."""
    mask = kept_mask(digest, Path(home))
    if mask is None:
        raise LookupError(digest)
    return mask


def choose_mask(mask: Mask | None, asked: str, means: MaskMeans, t: Words) -> None:
    """Bring a mask, say what it means, or take it away.

    Parameters
    ----------
    mask : Mask or None
        The one in use.
    asked : str
        Digest in the address.
    means : 'banned' or 'allowed'
    t : Words
    """
    if asked and mask is None:
        st.warning(t("suitability.mask_gone"), icon=":material/layers_clear:")
    if mask is not None:
        line = st.container(horizontal=True, vertical_alignment="center", gap="small")
        facts = t("suitability.mask_facts", name=mask.name, n=f"{len(mask.polygons):,}", datum=t(f"datum.{mask.datum}"))
        line.markdown(f":material/layers: {plain(facts)}", width="content")
        line.segmented_control(
            t("suitability.mask_means"),
            MASK_MEANS,
            format_func=lambda one: t(f"suitability.means_{one}"),
            required=True,
            label_visibility="collapsed",
            key=state.bound("mask_means", means),
            on_change=state.changed_on,
            args=("sites", "mask_means", "mask_means"),
        )
        line.button(t("suitability.mask_remove"), icon=":material/close:", type="tertiary", key="mask_remove",
                    on_click=_removed)  # fmt: skip
        if mask.left_out:
            st.caption(t("suitability.mask_left_out", n=f"{mask.left_out:,}"))
        if not loaded.viewer().keeps_data:
            st.caption(t("suitability.mask_in_session"))
    with st.expander(t("suitability.mask_bring"), icon=":material/add_location_alt:"):
        st.caption(t("suitability.mask_lead"))
        datum = st.selectbox(
            t("data.datum"),
            [None, *DATUMS],
            format_func=lambda d: t("data.datum_by_evidence") if d is None else t(f"datum.{d}"),
            help=t("data.datum_help"),
            key="mask_datum",
        )
        upload = st.file_uploader(
            t("suitability.mask_drop", mb=MOST_BYTES >> 20), SUFFIXES, max_upload_size=MOST_BYTES >> 20, key="mask_file"
        )
        pressed = st.button(t("suitability.mask_use"), disabled=upload is None, key="mask_use")
    if pressed and upload is not None:
        bring(upload.getbuffer(), upload.name, datum, t)


def bring(content: "bytes | memoryview", name: str, datum: str | None, t: Words) -> None:
    """Read a file as a mask and use it; what is wrong with it is one sentence."""
    areas = loaded.dataset().districts
    with st.spinner(t("suitability.mask_reading"), show_time=True), TemporaryDirectory() as folder:
        path = Path(folder) / "mask"
        path.write_bytes(content)
        try:
            mask = read_mask(path, areas=areas, name=name, told_datum=datum)
        except (DataError, GeoError, OSError) as error:
            st.error(plain(sentence(error, t)), icon=":material/error:")
            return
    held: dict[str, Mask] = st.session_state.setdefault(HELD, {})
    held[mask.digest] = mask
    for oldest in list(held)[:-MOST_HELD]:
        del held[oldest]
    if loaded.viewer().keeps_data:
        try:
            keep_mask(mask, settings().home)
        except OSError as error:
            st.session_state["mask_unkept"] = sentence(error, t)
    state.choose_on("sites", mask=mask.digest, square="")
    st.rerun()


def _removed() -> None:
    state.choose_on("sites", mask="", mask_means=MASK_MEANS[0])
