"""Serves the empty map with the app's own libraries."""

from pathlib import Path

import streamlit as st

from api.libraries import library_route

app = st.App(Path(__file__).with_name("empty.py"), routes=[library_route()])
