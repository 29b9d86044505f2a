"""Serves the peers' pages with the libraries that their authors link to."""

from pathlib import Path

import streamlit as st

from bench.libraries import routes

app = st.App(Path(__file__).with_name("peers.py"), routes=routes())
