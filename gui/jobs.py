"""Work beside the window, in processes of its own: suggesting and exporting.

The window never waits for a model: texts go to the worker of `core.suggest` one at a time over its
standard input, proposals come back as signals. Nothing is polled and nothing is forked.
"""

from __future__ import annotations

import json
import sys
from collections import deque
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

from PySide6.QtCore import QCoreApplication, QObject, QProcess, QProcessEnvironment, QTimer, Signal

from core.cli.say import EVENTS
from core.errors import FormatError, GoldsmithError, SuggesterError
from core.i18n import _
from core.scheme import Scheme
from core.suggest import Proposal, Text
from core.suggest.client import decode_line, encode_text, hello, patience, worker_command

TIMEOUT = 120_000  # ms for an article of the usual length, after which the worker counts as hung
_ROOT = Path(__file__).resolve().parent.parent


class SuggestWorker(QObject):
    """The worker process, kept warm between articles so that a model is loaded once.

    Signals:
        proposed(Proposal): one article is done; with `error` where it could not be.
        progress(int, int): how many of how many requested articles are done; equal at the end.
        failed(GoldsmithError): the suggester can't run at all; the queue is empty.
    """

    proposed = Signal(object)
    progress = Signal(int, int)
    failed = Signal(object)

    def __init__(self, scheme: Scheme, suggester: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.suggester = suggester
        self._scheme = scheme
        self._queue: deque[Text] = deque()
        self._many: Iterator[Text] | None = None  # behind the queue, not read yet
        self._at_work: Text | None = None
        self._ready = False
        self._done = self._total = 0
        self._buffer = b""
        self._process: QProcess | None = None
        self._clock = QTimer(self)
        self._clock.setSingleShot(True)
        self._clock.timeout.connect(self._hung)

    @property
    def busy(self) -> bool:
        """Whether something is still to come."""
        return self._at_work is not None or bool(self._queue) or self._many is not None

    def request(self, texts: Sequence[Text]) -> None:
        """Queue texts; those that are waiting already are not queued twice."""
        waiting = {t.id for t in self._queue} | ({self._at_work.id} if self._at_work else set())
        new = [t for t in texts if t.id not in waiting]
        if not self.busy:
            self._done = self._total = 0
        self._queue.extend(new)
        self._total += len(new)
        if new:
            self.progress.emit(self._done, self._total)
            self._next()

    def request_many(self, texts: Iterator[Text], count: int) -> None:
        """Do about `count` texts after what is queued; each is read when its turn comes."""
        if not self.busy:
            self._done = self._total = 0
        self._total += count
        self._many = texts if self._many is None else chain(self._many, texts)
        if count:
            self.progress.emit(self._done, self._total)
        self._next()

    def cancel(self) -> None:
        """Drop what is queued and stop the process; what came back already is kept."""
        self._queue.clear()
        self._many = None
        self._at_work = None
        self._stop()
        self._done = self._total = 0
        self.progress.emit(0, 0)

    close = cancel

    def _next(self) -> None:
        if self._many is not None and not self._queue and self._at_work is None:
            text = next(self._many, None)
            if text is None:  # fewer than were counted: some are gone
                self._many = None
                self._total = self._done
                self.progress.emit(self._done, self._total)
            else:
                self._queue.append(text)
        if not self._queue:
            return
        if self._process is None:
            self._start()
        elif self._ready and self._at_work is None:
            self._at_work = self._queue.popleft()
            self._process.write(encode_text(self._at_work))
            self._clock.start(round(patience(self._at_work, TIMEOUT / 1000) * 1000))

    def _start(self) -> None:
        process = QProcess(self)
        environment = QProcessEnvironment.systemEnvironment()
        environment.insert("PYTHONIOENCODING", "utf-8")
        process.setProcessEnvironment(environment)
        process.setWorkingDirectory(str(_ROOT))
        process.readyReadStandardOutput.connect(self._read)
        process.readyReadStandardError.connect(process.readAllStandardError)
        process.finished.connect(self._ended)
        process.errorOccurred.connect(self._error)
        self._process, self._ready, self._buffer = process, False, b""
        program, *arguments = worker_command()
        process.start(program, arguments)
        process.write(hello(self.suggester, self._scheme))
        self._clock.start(TIMEOUT)

    def _stop(self) -> None:
        self._clock.stop()
        process, self._process, self._ready = self._process, None, False
        if process is not None:
            # `_ended` must not take this for a crash.
            process.finished.disconnect(self._ended)
            process.errorOccurred.disconnect(self._error)
            process.readyReadStandardOutput.disconnect(self._read)
            _end(process)

    def _read(self) -> None:
        if self._process is None:
            return
        self._buffer += self._process.readAllStandardOutput().data()
        *lines, self._buffer = self._buffer.split(b"\n")
        for line in lines:
            if line.strip():
                self._answer(line)

    def _answer(self, line: bytes) -> None:
        try:
            answer = decode_line(line)
        except GoldsmithError as error:  # it could not load: no use in trying again
            self._queue.clear()
            self._many = None
            self._at_work = None
            self._stop()
            self.failed.emit(error)
            return
        if isinstance(answer, Proposal):
            self._finish(answer)
        else:
            self._ready = True
            self._next()

    def _finish(self, proposal: Proposal) -> None:
        self._clock.stop()
        self._at_work = None
        self._done += 1
        self.proposed.emit(proposal)
        self.progress.emit(self._done, self._total)
        self._next()

    def _ended(self) -> None:
        self._lost(_("The suggester stopped in the middle of this article."))

    def _hung(self) -> None:
        self._lost(_("The suggester did not answer in time."))

    def _lost(self, why: str) -> None:
        """The process died or hangs: this article is skipped, the rest is done by a new one."""
        was_ready, text = self._ready, self._at_work
        self._stop()
        if not was_ready:
            self._queue.clear()
            self._many = None
            self._at_work = None
            self.failed.emit(
                SuggesterError(
                    _("The suggester {name} did not start.").format(name=self.suggester),
                    _("Choose another suggester in the Review menu."),
                )
            )
        elif text is not None:
            self._finish(Proposal(text.id, self.suggester, error=why))

    def _error(self, error: QProcess.ProcessError) -> None:
        if error is QProcess.ProcessError.FailedToStart:
            self._lost("")


def _end(process: QProcess) -> None:
    """Kill a process, and let go of it once it is gone: on a machine that is very busy, or when a
    disk does not answer, that takes a while, which nobody should have to wait for."""
    process.kill()
    if process.waitForFinished(2000) or process.state() is QProcess.ProcessState.NotRunning:
        process.deleteLater()
    else:
        process.setParent(QCoreApplication.instance())  # it outlives the window
        process.finished.connect(process.deleteLater)


class CommandJob(QObject):
    """One run of the command line in a child process: an import, an export, a preview.

    Signals:
        progress(int, int, str): how much of how much is done, and with what.
        done(dict): what it reported, when it ended well (also where parts were refused).
        failed(GoldsmithError): what it said was wrong.
        cancelled(): it was stopped, and left nothing behind.
    """

    progress = Signal(int, int, str)
    done = Signal(object)  # of a dict, Qt would sort the keys
    failed = Signal(object)
    cancelled = Signal()

    def __init__(self, arguments: Sequence[str], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._buffer = b""
        self._report: dict[str, Any] = {}
        self._error: GoldsmithError | None = None
        self._stopped = False
        self._process = QProcess(self)
        self._process.setWorkingDirectory(str(_ROOT))
        environment = QProcessEnvironment.systemEnvironment()
        environment.insert(EVENTS, "1")
        self._process.setProcessEnvironment(environment)
        self._process.readyReadStandardOutput.connect(self._read)
        self._process.finished.connect(self._ended)
        self._process.errorOccurred.connect(self._broken)
        self._process.start(sys.executable, ["-m", "core", *arguments])

    def cancel(self) -> None:
        """Stop it; what is not finished leaves nothing behind."""
        self._stopped = True
        self._process.terminate()

    def abandon(self) -> None:
        """Stop it at once, and tell nobody."""
        self._process.finished.disconnect(self._ended)
        self._process.errorOccurred.disconnect(self._broken)
        _end(self._process)
        self.deleteLater()

    def _read(self) -> None:
        self._buffer += bytes(self._process.readAllStandardOutput().data())
        *lines, self._buffer = self._buffer.split(b"\n")
        for line in lines:
            if line.startswith(b"{"):
                self._hear(json.loads(line))

    def _hear(self, data: dict[str, Any]) -> None:
        if "done" in data:
            self.progress.emit(data["done"], data["total"], data["what"])
        elif "error" in data:
            self._error = FormatError(data["error"], data["hint"])
        else:
            self._report = data

    def _ended(self, code: int, status: QProcess.ExitStatus) -> None:
        self._read()
        err = bytes(self._process.readAllStandardError().data()).decode("utf-8", "replace").strip()
        if self._report:
            self.done.emit(self._report)
        elif self._stopped:
            self.cancelled.emit()
        elif self._error is not None:
            self.failed.emit(self._error)
        else:
            self.failed.emit(FormatError(err or _("It was stopped.")))

    def _broken(self, error: QProcess.ProcessError) -> None:
        if error is QProcess.ProcessError.FailedToStart:
            self.failed.emit(FormatError(_("The command could not be started.")))
