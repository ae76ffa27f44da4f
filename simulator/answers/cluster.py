"""An existing Dask cluster as the place where a batch's passes are done (docs/cluster.md)."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from concurrent.futures import Executor
from pathlib import Path
from urllib.parse import urlsplit

from simulator.parameters.errors import InputError

SECONDS = 10                   # to reach the scheduler
LOOPBACK = ("127.0.0.1", "localhost", "[::1]", "::1")


@contextlib.contextmanager
def pool_of(scheduler: str | None) -> Iterator[Executor | None]:
    """The executor of a scheduler, by address (tcp://host:port, tls://host:port) or by the file that it wrote; None without one.

    What goes over the wire is code to run, so an address must be TLS or of this machine. InputError if it is not, or cannot be
    reached in time.
    """
    if scheduler is None:
        yield None
        return
    try:
        from distributed import Client
    except ImportError as error:
        raise InputError("--scheduler needs Dask:", value="distributed", expected="pip install distributed") from error
    file = Path(scheduler)
    if "://" in scheduler:
        parts = urlsplit(scheduler)
        if parts.scheme not in ("tcp", "tls") or (parts.scheme == "tcp" and parts.hostname not in LOOPBACK):
            raise InputError("--scheduler:", value=scheduler, expected="tls://host:port, or tcp://127.0.0.1:port on this machine")
        where = {"address": scheduler}
    elif file.is_file():
        where = {"scheduler_file": str(file)}
    else:
        raise InputError("--scheduler:", value=scheduler, expected="an address such as tcp://127.0.0.1:8786, or a scheduler file")
    try:
        client = Client(**where, timeout=SECONDS)
    except (OSError, ValueError, TypeError, KeyError, AssertionError) as error:       # what Dask says of other files, of no TLS
        tls = scheduler.startswith("tls:")
        needed = "its certificates in Dask's configuration" if tls else "dask scheduler --host 127.0.0.1"
        raise InputError("no scheduler answers at", value=scheduler, expected="a running Dask scheduler, or its file",
                         next_step=f"start one, with {needed}") from error
    with client:
        yield client.get_executor(retries=2)
