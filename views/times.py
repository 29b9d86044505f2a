"""Moments for a reader: in the time zone of the browser, to the minute."""

from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import streamlit as st


def moment(iso: str) -> str:
    """A moment as ``2026-03-01 14:05``; the zone is named when it is not the reader's own."""
    then = datetime.fromisoformat(iso)
    try:
        return f"{then.astimezone(ZoneInfo(st.context.timezone or '')):%Y-%m-%d %H:%M}"
    except (ZoneInfoNotFoundError, ValueError):  # no zone told, or one that this machine does not know
        return f"{then:%Y-%m-%d %H:%M} UTC"
