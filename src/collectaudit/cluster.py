"""One function over many items on Ray: the same map as in pool.py, on the machines of a cluster or on this one alone.

The only file that imports Ray. Core tasks only: Ray Data stalled in trials on a machine with two processors.
"""

import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stdout, suppress
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from secrets import token_hex
from typing import Any, TypeVar

from .errors import MissingPart, WrongUse
from .evidence.lock import Held, hold
from .pool import ONE_THREAD, TRIES, Ended, Share

T = TypeVar("T")
R = TypeVar("R")
ADDRESS = "RAY_ADDRESS"
HOME = "/tmp"  # noqa: S108 — for a Ray of our own, 0700: the names of its sockets must be short
_PREFIX = "collectaudit-ray-"
_AHEAD = 2  # tasks handed out for each that runs, so that no processor waits for the next
_STORE_BYTES = 80 << 20  # answers are small; Ray takes no less
_NOWHERE = "http://127.0.0.1:9"
# What Ray has to find when it is loaded: no reports to its makers, and no question to the network which cloud this is,
# which it asks even then; every port on the loopback address, where Ray would listen on all; and a token, as others on
# this machine could give it work to do otherwise.
_PRIVATE = {
    "RAY_USAGE_STATS_ENABLED": "0", "RAY_USAGE_STATS_REPORT_URL": _NOWHERE,
    "http_proxy": _NOWHERE, "https_proxy": _NOWHERE, "no_proxy": "127.0.0.1,localhost",
    "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0", "RAY_AUTH_MODE": "token",
}  # fmt: skip


@contextmanager
def sharing(jobs: int | None) -> Iterator[Share]:
    """What does the same as pool.share, as long as the block runs. With RAY_ADDRESS in the cluster at that address,
    where `jobs` is how many tasks run at once (None: as many as it has processors for); without it in a Ray of our own
    with `jobs` processors.
    """
    with _connected(jobs) as ray:
        yield partial(_share, ray)


def _share(
    ray: Any, work: Callable[[T], R], items: Sequence[T], jobs: int | None, *, gpu: bool = False
) -> Iterator[tuple[int, R | Ended]]:
    there = ray.cluster_resources()
    task = ray.remote(num_cpus=1, num_gpus=int(gpu and "GPU" in there), max_retries=TRIES - 1)(work)
    room = jobs or int(there.get("CPU", 1)) * _AHEAD
    todo, running = iter(enumerate(items)), dict[Any, int]()
    while True:
        running |= {task.remote(item): n for n, item in islice(todo, room - len(running))}
        if not running:
            return
        done, _ = ray.wait(list(running))
        for answer in done:
            yield running.pop(answer), _answer(ray, answer)


def _answer(ray: Any, answer: Any) -> Any:
    """What a task said; of one that said nothing, whether it failed or its workers were killed."""
    try:
        return ray.get(answer)
    except ray.exceptions.RayTaskError:
        return Ended(failed=True)
    except ray.exceptions.RayError:
        return Ended(failed=False)


@contextmanager
def _connected(jobs: int | None) -> Iterator[Any]:
    """Ray, with a cluster or with one of our own that ends with the block."""
    with _cluster() if os.environ.get(ADDRESS) else _own(jobs) as ray, redirect_stdout(sys.stderr):
        try:  # what Ray says of a worker that died must not stand among our data
            yield ray
        finally:
            ray.shutdown()


@contextmanager
def _cluster() -> Iterator[Any]:
    """Ray, connected to the cluster at the address in the environment."""
    ray = import_module("ray")
    try:
        ray.init(log_to_driver=False, logging_level="ERROR")
    except (ConnectionError, RuntimeError, ValueError) as error:
        fix = "Start the cluster, or take RAY_ADDRESS away to use this machine alone."
        raise WrongUse("no Ray answers at the address in RAY_ADDRESS", fix) from error
    yield ray


@contextmanager
def _own(jobs: int | None) -> Iterator[Any]:
    """Ray, started on this machine alone; what it wrote goes away with the block."""
    _sweep()
    home = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=HOME))
    try:
        with hold(home / "lock", "batch"), _environment({**_PRIVATE, **ONE_THREAD, "RAY_AUTH_TOKEN": token_hex(32)}):
            ray = import_module("ray")
            ray.init(
                address="local", num_cpus=jobs, include_dashboard=False, log_to_driver=False, logging_level="ERROR",
                object_store_memory=_STORE_BYTES, _temp_dir=str(home),
            )  # fmt: skip
            yield ray
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _sweep() -> None:
    """Remove what a Ray of ours left whose program was killed: its logs may say more than they should."""
    for lock in Path(HOME).glob(f"{_PREFIX}*/lock"):
        with suppress(Held, OSError):
            with hold(lock, "batch"):
                pass
            shutil.rmtree(lock.parent, ignore_errors=True)


def check() -> None:
    """Raises MissingPart if Ray is not installed."""
    if find_spec("ray") is None:
        raise MissingPart("a cluster needs the extra ray", "Install it with: pip install 'collectaudit[ray]'")


@contextmanager
def _environment(given: Mapping[str, str]) -> Iterator[None]:
    """The variables of the environment, for what is started in the block."""
    before = {name: os.environ.get(name) for name in given}
    os.environ |= given
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
