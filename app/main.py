"""The dashboard: which pages there are, and what stands around each of them."""

import streamlit as st

from ui import frame, nav
from ui.text import say

frame.begin()
st.set_page_config(page_title=say("app.name"), layout="wide")
chosen = st.navigation(nav.pages(frame.way()))
frame.header()
frame.run(chosen)
