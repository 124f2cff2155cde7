"""The filter of findings, as an address holds it."""

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from collectaudit.listing import FACETS, ORDERS, Wanted


def wanted() -> Wanted:
    """The filter of this address."""
    return of({name: st.query_params.get_all(name) for name in st.query_params})


def of(query: Mapping[str, Any]) -> Wanted:
    """The filter of an address: name → values."""

    def one(name: str) -> str:
        values: Sequence[str] = query.get(name, ())
        return str(values[0]) if values else ""

    return Wanted({facet: query.get(facet, ()) for facet in FACETS}, one("search"), one("order") or ORDERS[0])
