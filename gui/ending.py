"""The end from outside: logging out, SIGTERM, a terminal that is closed, Ctrl+C in it.

What stands in a field and was not left yet is saved first; then the windows close as if a person
had closed them, so that no lock and no child process is left behind.
"""

from __future__ import annotations

import signal
import socket
from contextlib import suppress

from PySide6.QtCore import QObject, QSocketNotifier
from PySide6.QtWidgets import QApplication

_ENDS = ("SIGTERM", "SIGHUP", "SIGINT", "SIGBREAK")  # those that this system has


class Ending(QObject):
    """Listens from its making on, as long as the application lives.

    Attributes:
        started: there is a window; before, it is a box at most that asks something.
    """

    def __init__(self, app: QApplication) -> None:
        super().__init__(app)
        self.started = False
        app.commitDataRequest.connect(lambda _manager: self.keep())
        # While Qt waits no Python runs, and so no handler: the signal's number comes by a socket.
        self._reader, self._writer = socket.socketpair()
        for end in (self._reader, self._writer):
            end.setblocking(False)
        signal.set_wakeup_fd(self._writer.fileno(), warn_on_full_buffer=False)
        for name in _ENDS:
            if hasattr(signal, name):
                signal.signal(getattr(signal, name), lambda _number, _frame: None)
        self._notifier = QSocketNotifier(self._reader.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._told)

    @staticmethod
    def keep() -> bool:
        """Save what is being typed in any window; whether the disk took all of it."""
        kept = True
        for window in QApplication.topLevelWidgets():
            keep = getattr(window, "keep_typed", None)
            if keep is not None:
                kept = keep() and kept
        return kept

    def _told(self) -> None:
        with suppress(BlockingIOError):
            self._reader.recv(64)
        if not self.started:
            QApplication.exit(0)  # of the box: to quit has no effect as long as only that is there
        elif self.keep():
            QApplication.quit()
        else:  # the window asks before anything is lost, which quitting would not wait for
            QApplication.closeAllWindows()
