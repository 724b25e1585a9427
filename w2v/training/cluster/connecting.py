"""Connecting to a Dask cluster: one that runs, or one that is started here for a training."""

from __future__ import annotations

import contextlib
import logging
import sys
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from w2v.errors import Argument, ConfigError, W2VError

if TYPE_CHECKING:
    from distributed import Client

_LOCAL = "local:"
_CONNECT_SECONDS = 10.0
# How the C library keeps memory that is freed, in workers that are started here. Dask's own setting
# gives it back at once: then a round's arrays cost a page fault for every 4,096 bytes, each time.
# Merging took three times as long as with thresholds of 256 MB (benchmarks/NOTES.md).
KEPT_MEMORY = {"MALLOC_TRIM_THRESHOLD_": "33554432", "MALLOC_MMAP_THRESHOLD_": "33554432"}
_ENVIRONMENT = "distributed.nanny.pre-spawn-environ"
# Dask looks 100 times a second at what a worker does and 50 times at its own delays, for pages that
# nobody sees here. That took 4 % of each worker's core (benchmarks/NOTES.md).
_UNWATCHED = {
    "distributed.worker.profile.enabled": False,
    "distributed.admin.tick.interval": "1s",
}
_VERSION = "__import__('w2v').__version__"


class Connection:
    """A connection to a Dask cluster.

    Parameters
    ----------
    client : Client
    is_local : bool
        Whether its workers were started for this training, on this machine.
    """

    def __init__(self, client: Client, is_local: bool = False) -> None:
        self.client, self.is_local = client, is_local
        self._closing: list[Callable[[], object]] = []

    def on_close(self, function: Callable[[], object]) -> None:
        """Let a function be called before the connection ends."""
        self._closing.append(function)

    def close(self) -> None:
        """Call what is to be called before the connection ends."""
        while self._closing:
            self._closing.pop()()

    def check_workers(self, addresses: list[str] | None = None) -> None:
        """Raise W2VError unless the workers have this version of w2v.

        Parameters
        ----------
        addresses : list of str, optional
            Of the workers; by default, all are asked.
        """
        own = sys.modules["w2v"].__version__
        # Not by a function of this module, which a worker without w2v could not unpack.
        found = self.client.run(eval, _VERSION, workers=addresses, on_error="return")
        for address, version in found.items():
            if version == own:
                continue
            if isinstance(version, ImportError):
                what = "cannot import w2v"
            elif isinstance(version, Exception):
                what = f"does not answer ({version})"
            else:
                what = f"has version {version} of w2v, and this is version {own}"
            raise W2VError(
                f"The Dask worker at {address} {what}; install the same version on all workers."
            )


def is_cluster_object(value: object) -> bool:
    """Return whether a value is a Client or a Cluster of Dask; Dask is not loaded for that."""
    distributed = sys.modules.get("distributed")
    return distributed is not None and isinstance(
        value, (distributed.Client, distributed.deploy.Cluster)
    )


def name_of(cluster: Any) -> str:
    """Return the address of the scheduler of a Client or a Cluster."""
    if getattr(cluster, "asynchronous", False):
        raise ConfigError(
            Argument("cluster"), " must not be asynchronous; give the address of its scheduler."
        )
    if getattr(cluster, "status", "running") == "closed":
        raise ConfigError(Argument("cluster"), " is closed; connect it again.")
    scheduler = getattr(cluster, "scheduler", None)
    address = getattr(scheduler, "address", None) or getattr(cluster, "scheduler_address", None)
    if not isinstance(address, str):
        raise ConfigError(Argument("cluster"), " is closed; connect it again.")
    return address


@contextlib.contextmanager
def connected(cluster: Any, threads: int) -> Iterator[Connection | None]:
    """Connect to a cluster, and disconnect in the end; one that was started here is shut down.

    Parameters
    ----------
    cluster : str, Client, Cluster or None
        An address or "local:N"; None yields None.
    threads : int
        Threads of a cluster that is started here, in all.

    Raises
    ------
    ConfigError
        Dask is not installed, or nothing answers at the address.
    W2VError
        There are no workers, or they have no w2v, or another version.
    """
    if cluster is None:
        yield None
        return
    distributed = _load_dask(cluster)
    with contextlib.ExitStack() as stack:
        if isinstance(cluster, distributed.Client):
            connection = Connection(cluster)
        elif not isinstance(cluster, str):
            connection = Connection(stack.enter_context(distributed.Client(cluster)))
        elif cluster.startswith(_LOCAL):
            connection = Connection(_start(int(cluster[len(_LOCAL) :]), threads, stack), True)
        else:
            connection = Connection(stack.enter_context(_client(cluster, distributed)))
        if not connection.client.nthreads():
            raise W2VError(
                f"The Dask scheduler at {connection.client.scheduler.address} has no workers;"
                " start some with 'dask worker ADDRESS' and try again."
            )
        connection.check_workers()
        stack.callback(connection.close)
        yield connection


def _load_dask(cluster: object) -> Any:
    try:
        import distributed  # noqa: PLC0415  (an extra)
    except ImportError as error:
        raise ConfigError(
            Argument("cluster", cluster if isinstance(cluster, str) else ...),
            " needs Dask; install it with 'pip install w2v[dask]'.",
        ) from error
    return distributed


def _client(address: str, distributed: Any) -> Client:
    """Return a client of the scheduler at an address."""
    logger = logging.getLogger("distributed.client")
    logger.addFilter(_no_retries)
    client = distributed.Client.__new__(distributed.Client)
    try:
        with _never_open(client):
            client.__init__(address, timeout=_CONNECT_SECONDS, set_as_default=False)
    except (OSError, ValueError, TypeError) as error:
        raise ConfigError(
            Argument("cluster", address),
            f" does not answer: {str(error) or type(error).__name__}; start a scheduler with 'dask"
            " scheduler' and give the address that it prints, or train with ",
            Argument("cluster", "local:2"),
            ".",
        ) from error
    finally:
        logger.removeFilter(_no_retries)
    opened: Client = client
    return opened


@contextlib.contextmanager
def _never_open(client: Any) -> Iterator[None]:
    """Leave a client closed where it fails to connect.

    At its end Dask would wait to close it, and print a traceback.
    """
    try:
        yield
    except BaseException:
        client.status = "closed"
        raise


def _no_retries(_: logging.LogRecord) -> bool:
    """Keep the client's own reports of an address that does not answer out of the log."""
    return False


def _start(workers: int, threads: int, stack: contextlib.ExitStack) -> Client:
    """Start a cluster on this machine, and return a client of it."""
    import dask  # noqa: PLC0415  (an extra)
    from distributed import Client, LocalCluster  # noqa: PLC0415

    environment = {**dask.config.get(_ENVIRONMENT, {}), **KEPT_MEMORY}
    try:
        with _without_main(), dask.config.set({_ENVIRONMENT: environment, **_UNWATCHED}):
            cluster = LocalCluster(
                n_workers=workers,
                threads_per_worker=max(1, threads // workers),
                memory_limit=0,  # Dask would end workers that use what they were promised
                dashboard_address=":0",  # any free port
            )
    except (RuntimeError, OSError) as error:
        raise W2VError(f"{workers} processes could not be started: {error}") from error
    stack.enter_context(cluster)
    client: Client = stack.enter_context(Client(cluster, set_as_default=False))
    # Those that end last would report that the scheduler no longer answers.
    stack.callback(client.run, logging.disable, logging.CRITICAL, on_error="return")
    return client


@contextlib.contextmanager
def _without_main() -> Iterator[None]:
    """Let processes start without running the caller's script, which need not guard its main part.

    Python looks for the script in these attributes of its module.
    """
    main = sys.modules["__main__"]
    names: list[str] = [name for name in ("__file__", "__spec__") if name in vars(main)]
    hidden = {name: vars(main)[name] for name in names}
    vars(main).update(dict.fromkeys(names))
    try:
        yield
    finally:
        vars(main).update(hidden)


def scheduler_lost() -> W2VError:
    """Return the error for a scheduler that answers no more."""
    return W2VError(
        "The Dask scheduler was lost; start it again and resume from the last checkpoint, if"
        " there is one."
    )
