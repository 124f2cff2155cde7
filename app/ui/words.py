"""What was said in a contact, with the recording if there is one."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from collectaudit import contact
from collectaudit.case import Case
from ui import said, url
from ui.text import plain, say


def words_said(case: Case, about: Mapping[str, Any], category: str) -> None:
    """The words, passages of the category marked; a recording plays from five seconds before the first of them."""
    sounds = [row for row in about["recordings"] if contact.playable(case, row["sha256"])]
    st.subheader(say("event.words"), anchor=False)
    if about["recordings"] and not sounds:
        st.text(plain("event.no_player"))
    sound = f"/recording/{url.kept()['case']}/{sounds[0]['sha256']}" if sounds else ""
    if about["turns"] or sound:
        said.shown_turns(about["turns"], category, sound)
    if not about["turns"]:
        st.text(plain("event.not_transcribed" if about["recordings"] else f"event.no_words_{_kind(about)}"))


def _kind(about: Mapping[str, Any]) -> str:
    return "call" if about["channel"] in ("call", "voicemail") else "other"
