"""An existing Dask cluster as the place where a batch's passes are done (docs/cluster.md).

A pass whose worker dies is done again by another; what cannot get better by waiting ends the batch: a scheduler that is gone, no
worker for some minutes, no pass done for an hour. What was done by then is kept.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from concurrent.futures.process import BrokenProcessPool
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

from simulator.answers.batch import OtherEngine, settle_pass
from simulator.parameters.errors import InputError

if TYPE_CHECKING:
    from distributed import Client
    from distributed import Future as Remote

SECONDS = 10                   # to reach the scheduler, and for its answers
LOOPBACK = ("127.0.0.1", "localhost", "[::1]", "::1")
LOOKS = 1.0                    # seconds from one look at the cluster to the next
LOGGERS = ("distributed", "distributed.client", "distributed.core", "distributed.comm", "tornado", "asyncio")


class ClusterLost(OSError):
    """The cluster does nothing any more, for the reason that is the text."""


class Patience(NamedTuple):
    """How long a batch waits for a cluster, in seconds: without any worker, and without any pass coming to its end.

    Dask's configuration sets them, by `fundsim:` in its files or by DASK_FUNDSIM__NO_WORKERS_TIMEOUT=2h and
    DASK_FUNDSIM__NO_PROGRESS_TIMEOUT=2h in the environment.
    """

    workers: float = 300.0
    progress: float = 3600.0

    @classmethod
    def configured(cls) -> Patience:
        """As Dask's configuration has it. InputError for what is no time."""
        import dask
        from dask.utils import parse_timedelta
        found = []
        for key, usual in (("no-workers-timeout", cls().workers), ("no-progress-timeout", cls().progress)):
            value = dask.config.get(f"fundsim.{key}", usual)
            try:
                found.append(float(parse_timedelta(value)))
            except (ValueError, KeyError, TypeError) as error:
                raise InputError(f"Dask's setting fundsim.{key}:", value=value,
                                 expected="a time such as 300, 20min or 2h") from error
        return cls(*found)


@contextlib.contextmanager
def pool_of(scheduler: str | None) -> Iterator[Executor | None]:
    """The executor of a scheduler, by address (tcp://host:port, tls://host:port) or by the file that it wrote; None without one.

    What goes over the wire is code to run, so an address must be TLS or of this machine. InputError if it is not, or cannot be
    reached in time. Futures end with ClusterLost where waiting is no use.
    """
    if scheduler is None:
        yield None
        return
    try:
        from distributed import Client
    except ImportError as error:
        raise InputError("--scheduler needs Dask:", value="distributed", expected="pip install distributed") from error
    address = _address(scheduler)
    patience = Patience.configured()
    with _quiet():
        try:
            client = Client(address, timeout=SECONDS, set_as_default=False)
        except (OSError, ValueError) as error:
            raise InputError("no scheduler answers at", value=scheduler, expected="a running Dask scheduler",
                             next_step="start one with: dask scheduler --host 127.0.0.1") from error
        pool = ClusterPool(client, scheduler, patience)
        try:
            pool.check()
            yield pool
        finally:
            pool.shutdown()


def _address(scheduler: str) -> str:
    """Where a scheduler answers: as asked, if that is TLS or on this machine, or as its file says. InputError if neither."""
    expected, file = "tls://host:port, or tcp://127.0.0.1:port on this machine", Path(scheduler)
    if "://" in scheduler:
        address = scheduler
    elif file.is_file():
        try:
            address = str(json.loads(file.read_text(encoding="utf-8"))["address"])
        except (ValueError, KeyError, TypeError) as error:
            raise InputError("not a scheduler file:", value=scheduler, expected='a file with {"address": "tls://host:port"}',
                             next_step="dask scheduler --scheduler-file writes one") from error
    else:
        raise InputError("--scheduler:", value=scheduler, expected="an address such as tcp://127.0.0.1:8786, or a scheduler file")
    try:
        parts = urlsplit(address)
        told = parts.scheme in ("tcp", "tls") and parts.hostname is not None and parts.port is not None
    except ValueError:                                     # a port that is no number
        told = False
    if not told or (parts.scheme == "tcp" and "://" in scheduler and parts.hostname not in LOOPBACK):
        raise InputError("--scheduler:", value=address, expected=expected)
    if parts.scheme == "tls":
        from distributed.security import Security
        if Security().get_connection_args("client")["ssl_context"] is None:
            raise InputError("--scheduler:", value=address, expected="certificates in Dask's configuration",
                             next_step="set distributed.comm.tls.ca-file and .client.cert (docs.dask.org, TLS/SSL)")
    return address


class ClusterPool(Executor):
    """Does what is submitted on the workers of a Dask client, and looks after them.

    A future ends as if the work had been done here, with BrokenProcessPool where it has ended several workers, with OtherEngine
    where a worker cannot even read it, and with ClusterLost where no more can be hoped for.
    """

    def __init__(self, client: Client, name: str, patience: Patience) -> None:
        self.client, self.name, self.patience = client, name, patience
        self.lost: ClusterLost | None = None
        self._waiting: dict[Future, Remote] = {}
        self._loop: asyncio.AbstractEventLoop = client.loop.asyncio_loop       # type: ignore[union-attr]
        self._moved = self._loop.time()                    # when the first pass was begun, or the last came to its end
        self._watch = asyncio.run_coroutine_threadsafe(self._look_after(), self._loop)

    def submit(self, fn: Callable, /, *args: Any, **kwargs: Any) -> Future:
        """Have a worker do it. ClusterLost if there is nothing left to do it."""
        if self.lost:
            raise self.lost
        done: Future = Future()
        remote = self.client.submit(fn, *args, **kwargs, pure=False)
        self._moved = self._loop.time() if not self._waiting else self._moved
        self._waiting[done] = remote
        asyncio.run_coroutine_threadsafe(self._follow(done, remote), self._loop)
        return done

    def check(self) -> None:
        """Have every worker that is there load the engine. InputError where one cannot."""
        async def load() -> dict[str, object]:
            return await self.client.run(import_module, settle_pass.__module__, on_error="return")

        loading = asyncio.run_coroutine_threadsafe(asyncio.wait_for(load(), self.patience.workers), self._loop)
        try:
            found = loading.result()
        except (OSError, TimeoutError) as error:
            raise ClusterLost(f"the workers of {self.name} do not answer; repeat the command when they do") from error
        for address, loaded in found.items():
            if isinstance(loaded, Exception) and not isinstance(loaded, OSError):          # which is one that has just died
                raise InputError(f"the worker {address} cannot load fundsim:", value=loaded, expected="the engine that is here",
                                 next_step="install the same version there")

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Let go of what is not done, and of the cluster, which goes on without us."""
        self._watch.cancel()
        with contextlib.suppress(Exception):               # a scheduler that is gone cannot be told
            self.client.close(timeout=1 if self.lost else SECONDS)

    async def _follow(self, done: Future, remote: Remote) -> None:
        """Take what a worker has left when it is there, or why there is nothing."""
        from distributed import KilledWorker
        found = await remote._result(raiseit=False)
        self._moved = self._loop.time()
        if self._waiting.pop(done, None) is None:          # given up meanwhile
            return
        if remote.status == "finished":
            done.set_result(found)
            return
        error = found[1] if remote.status == "error" else None
        if error is None:
            self._give_up(f"the scheduler {self.name} is gone")
            done.set_exception(self.lost)
        elif isinstance(error, KilledWorker):
            done.set_exception(BrokenProcessPool(f"it ended {error.allowed_failures + 1} workers"))
        elif isinstance(error, InputError | OtherEngine | OSError | MemoryError):
            done.set_exception(error)
        else:                                              # it has no fundsim, or one that has other names
            done.set_exception(OtherEngine(f"{type(error).__name__}: {error}"))

    async def _look_after(self) -> None:
        """End what is waited for when there has been no worker, no answer or no progress for too long."""
        now = self._loop.time
        seen = now()                                       # when there was a worker, or nothing to do
        while not self.lost:
            await asyncio.sleep(LOOKS)
            workers: dict | None = None
            with contextlib.suppress(OSError, asyncio.TimeoutError):
                workers = await asyncio.wait_for(self.client.nthreads(), SECONDS)
            if workers or not self._waiting:
                seen = now()
            if now() - seen > self.patience.workers:
                self._give_up(f"{self.name} has had no worker" if workers == {} else f"{self.name} has not answered",
                              self.patience.workers, "no-workers-timeout")
            elif self._waiting and now() - self._moved > self.patience.progress:
                self._give_up(f"on {self.name} no pass has come to its end", self.patience.progress, "no-progress-timeout")

    def _give_up(self, reason: str, seconds: float = 0.0, setting: str = "") -> None:
        """End all that is waited for, once."""
        if self.lost:
            return
        waited = f" for {seconds:g} s (Dask's setting fundsim.{setting})" if setting else ""
        self.lost = ClusterLost(f"{reason}{waited}; what is done is kept: repeat the command when the cluster is there again")
        waiting, self._waiting = self._waiting, {}
        for done in waiting:
            done.set_exception(self.lost)


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Within the block Dask says nothing on standard error: what matters ends as an exception."""
    loggers = [logging.getLogger(name) for name in LOGGERS]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)
