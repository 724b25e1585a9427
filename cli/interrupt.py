"""Ctrl-C, SIGTERM, a closed terminal: a first signal ends the work in order, a second at once."""

import contextlib
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from types import FrameType
from typing import NoReturn

# The signals, with their usual handlers and the words for the message.
_HANDLED = {
    signal.SIGINT: (signal.default_int_handler, "Interrupted"),
    signal.SIGTERM: (signal.SIG_DFL, "Terminated"),
}
if hasattr(signal, "SIGHUP"):  # not on Windows; nohup ignores it, and then it stays ignored
    _HANDLED[signal.SIGHUP] = (signal.SIG_DFL, "The terminal was closed")
_PATIENCE = 0.8  # seconds that the work has to end in order
_SHOW_CURSOR = "\x1b[?25h\n"  # a progress bar hides it


@dataclass
class Interruption:
    """The state of an interruption.

    Attributes
    ----------
    outcome : str
        What remains of the work, such as "nothing was written".
    number : int
        The number of the signal.
    raised : bool
        Whether the work was interrupted.
    reported : bool
        Whether the message was printed.
    """

    outcome: str = ""
    number: int = signal.SIGINT
    raised: bool = False
    reported: bool = False

    @property
    def message(self) -> str:
        """The sentence for the user."""
        _, word = _HANDLED[signal.Signals(self.number)]
        return f"{word}; {self.outcome}." if self.outcome else f"{word}."

    @property
    def exit_code(self) -> int:
        """130 for Ctrl-C, 143 for SIGTERM, 129 for SIGHUP, as a shell reports them."""
        return 128 + self.number


state = Interruption()
_reporting = threading.Lock()


def install() -> None:
    """Take over the signals. One that is ignored, as Ctrl-C is in the background, stays ignored.

    A signal handler of Python waits until the main thread runs Python code again, which may take
    seconds in compiled code or in a slow write. So a thread watches for signals too.
    """
    ours = [number for number, (old, _) in _HANDLED.items() if signal.getsignal(number) is old]
    if not ours:
        return
    received, sent = socket.socketpair()
    sent.setblocking(False)
    signal.set_wakeup_fd(sent.fileno(), warn_on_full_buffer=False)
    for number in ours:
        signal.signal(number, _interrupt_once)
    threading.Thread(target=_watch, args=(received, sent), daemon=True).start()
    sys.unraisablehook = _report_unless_interrupted


def finish() -> None:
    """Ignore signals once the work is done, so that none interrupts Python's exit."""
    for number in _HANDLED:
        if signal.getsignal(number) is _interrupt_once:
            signal.signal(number, signal.SIG_IGN)


def report(write: Callable[[str], object], patience: float = -1) -> None:
    """Pass the message to `write`, unless another thread has printed it or does so now.

    The caller waits for that thread: one that ended the process meanwhile would lose the message.
    With a `patience` in seconds it waits no longer than that, as the other's write may never end.
    """
    if not _reporting.acquire(timeout=patience):
        return
    try:
        if not state.reported:
            write(state.message)
            state.reported = True
    finally:
        _reporting.release()


def _report_unless_interrupted(unraisable: "sys.UnraisableHookArgs") -> None:
    """Report an error that cannot be raised. Skip an interrupt: `_watch` ends the process then."""
    if not isinstance(unraisable.exc_value, KeyboardInterrupt):
        sys.__unraisablehook__(unraisable)


def _interrupt_once(number: int, frame: FrameType | None) -> None:
    # A second exception could hit the code that cleans up after the first.
    if not state.raised:
        state.number = number
        state.raised = True
        raise KeyboardInterrupt


def _watch(received: socket.socket, sent: socket.socket) -> None:
    """Wait for the first signal, then for the second or the end of patience; end the process."""
    (number,) = received.recv(1)
    if not state.raised:  # the main thread cannot answer yet
        state.number = number
    received.settimeout(_PATIENCE)
    with contextlib.suppress(TimeoutError):
        received.recv(1)
    exit_at_once()


def exit_at_once() -> NoReturn:
    """Remove temporary files, print the message unless it was printed, and end the process."""
    state.raised = True  # the main thread may now fail because its file is gone
    _remove_temporaries()
    with contextlib.suppress(OSError):
        report(_write_at_once, _PATIENCE)
    _remove_temporaries()  # the main thread may have opened its file meanwhile, which makes it anew
    os._exit(state.exit_code)


def _remove_temporaries() -> None:
    temporaries = sys.modules.get("w2v.temporaries")  # an import would delay install()
    if temporaries is not None:
        temporaries.remove_temporaries()


def _write_at_once(message: str) -> None:
    text = (_SHOW_CURSOR if os.isatty(2) else "") + message + "\n"
    os.write(2, text.encode())
