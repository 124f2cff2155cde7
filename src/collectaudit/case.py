"""A case: one folder with the originals, what was read from them, the runs, the log, and what people wrote."""

import os
import re
import secrets
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from zoneinfo import ZoneInfo

import duckdb

from . import drawers, runs
from .errors import IntegrityError, WrongUse
from .evidence import files, publishing, store
from .evidence.lock import hold
from .evidence.log import Entry, Log, read_chain
from .evidence.store import Original, Store

SCHEMA = 1
_LOG, _LOCK = "log", "lock"
_FOLDERS = (store.ORIGINALS, store.LEDGER, store.RUNS, store.MAPS, _LOG, store.TMP)
_OURS = {*_FOLDERS, _LOCK}  # what a case may hold before its case.json is written
_RESERVED = ("schema", "id", "created", "maps", "current")
