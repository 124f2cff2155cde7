"""What a click in one of our own tables leads to: an address that the browser names."""

from typing import Any

import pytest
from appkit import APP

pytest.importorskip("streamlit")


@pytest.mark.parametrize(
    ("href", "left"),
    [
        ("/event?case=a&finding=b", [("screens/event.py", {"case": ["a"], "finding": ["b"]})]),
        ("/findings?rule=a&rule=b", [("screens/findings.py", {"rule": ["a", "b"]})]),
        ("/about", [("screens/about.py", {})]),
        ("/nowhere?case=a", []),
        ("/../main?x=1", []),
        ("http://198.51.100.7/event?case=a", []),
        ("None", []),
        ("", []),
    ],
)
def test_only_pages_of_ours_are_led_to(monkeypatch: pytest.MonkeyPatch, href: str, left: list[Any]) -> None:
    monkeypatch.syspath_prepend(APP)
    from ui import url

    went: list[Any] = []
    monkeypatch.setattr("streamlit.switch_page", lambda page, query_params: went.append((page, query_params)))
    url.leave(href)
    assert went == left
