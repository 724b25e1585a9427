"""Ctrl-C: once ends the work in order and within a second; twice ends the process at once."""

import contextlib
import os
import signal
import socket
import sys
import threading
from dataclasses import dataclass
from types import FrameType
from typing import NoReturn

EXIT_CODE = 130  # 128 + SIGINT, as a shell reports it
_PATIENCE = 0.8  # seconds that the work has to end in order
_SHOW_CURSOR = "\x1b[?25h\n"  # a progress bar hides it


@dataclass
class Interruption:
    """What there is to say about an interruption, and what has happened of it.

    message: the sentence for the user. raised, told: whether work was interrupted, and he knows.
    """

    message: str = "Interrupted."
    raised: bool = False
    told: bool = False


state = Interruption()


def install() -> None:
    """Take over SIGINT; where it is ignored, as in a job in the background, leave it so.

    A signal handler of Python waits until the main thread runs Python code again, which may take
    seconds in compiled code or in a slow write. So a thread watches for signals too.
    """
    if signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        return
    received, sent = socket.socketpair()
    sent.setblocking(False)
    signal.set_wakeup_fd(sent.fileno(), warn_on_full_buffer=False)
    signal.signal(signal.SIGINT, _interrupt_once)
    threading.Thread(target=_watch, args=(received, sent), daemon=True).start()


def _interrupt_once(number: int, frame: FrameType | None) -> None:
    # A second exception could hit the code that cleans up after the first.
    if not state.raised:
        state.raised = True
        raise KeyboardInterrupt


def _watch(received: socket.socket, sent: socket.socket) -> None:
    """Wait for the first signal, then for the second or the end of patience; end the process."""
    received.recv(1)
    received.settimeout(_PATIENCE)
    with contextlib.suppress(TimeoutError):
        received.recv(1)
    exit_at_once()


def exit_at_once() -> NoReturn:
    """End the process, leaving no temporary file and no user without the message."""
    files = sys.modules.get("w2v.files")  # imported here it would delay install()
    if files is not None:
        files.remove_temporaries()
    if not state.told:
        text = (_SHOW_CURSOR if os.isatty(2) else "") + state.message + "\n"
        with contextlib.suppress(OSError):
            os.write(2, text.encode())
    os._exit(EXIT_CODE)
