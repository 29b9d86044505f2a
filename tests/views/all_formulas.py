"""A page with the formulas of all measures, for a browser to draw: ``streamlit run tests/views/all_formulas.py``."""

import sys
from pathlib import Path

import streamlit as st

sys.path.insert(0, str(Path(__file__).parents[2]))
from clusters.measures import MEASURES

for each in MEASURES:
    with st.container(key=each.id):
        for formula in each.docs.formulas:
            st.latex(formula)
st.caption("all")
