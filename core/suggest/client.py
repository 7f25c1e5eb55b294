"""Runs a suggester in a worker process, without a window (the window has `gui.jobs`)."""

from __future__ import annotations

import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from core.errors import SuggesterError
from core.i18n import _
from core.scheme import Scheme
from core.suggest import Proposal, Text
from core.suggest.protocol import decode_line, encode_text, hello, patience

__all__ = ["decode_line", "encode_text", "hello", "patience", "run", "worker_command"]

_ROOT = Path(__file__).resolve().parent.parent.parent
LOADING = 120  # seconds that a suggester may take to load, a large model from a slow disk
_TICK = 0.1  # seconds between two looks at whether the person cancelled


def worker_command() -> list[str]:
    """The command line of the worker process."""
    return [sys.executable, "-m", "core.suggest.worker"]


def run(
    suggester: str,
    scheme: Scheme,
    texts: Iterable[Text],
    *,
    cancelled: Callable[[], bool] | None = None,
    timeout: float = 120,
) -> Iterator[Proposal]:
    """One `Proposal` a text, in their order, each as soon as it is there.

    A worker that dies or is silent for `timeout` seconds (more for a long text, see
    `protocol.patience`) is replaced: the text that it was at gets
    a proposal with `error`, the rest is done. Loading may take longer (`LOADING`). When `cancelled`
    answers True, or the caller stops iterating, the worker is killed. Raises `SuggesterError` when
    the suggester can't run at all.
    """
    worker: _Worker | None = None
    try:
        for text in texts:
            if cancelled is not None and cancelled():
                return
            if worker is None:
                worker = _Worker(suggester, scheme, cancelled)
                # Loading takes a while: the person may have cancelled meanwhile.
                if not worker.ready or (cancelled is not None and cancelled()):
                    return
            proposal = worker.ask(text, patience(text, timeout))
            if proposal is None:
                worker.kill()
                worker = None
                if cancelled is not None and cancelled():
                    return
                proposal = Proposal(
                    text.id, suggester, error=_("The suggester stopped in this article.")
                )
            yield proposal
    finally:
        if worker is not None:
            worker.kill()


class _Worker:
    """One worker process and the thread that reads its answers (a pipe can't be waited for with a
    time limit on every system)."""

    def __init__(
        self,
        suggester: str,
        scheme: Scheme,
        cancelled: Callable[[], bool] | None,
    ) -> None:
        self._cancelled = cancelled
        self._process = subprocess.Popen(
            worker_command(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": _python_path()},
        )
        self._answers: queue.Queue[bytes] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()
        try:
            self._send(hello(suggester, scheme))
            line = self._receive(LOADING)
            self.ready = line is not None
            if line is not None:
                decode_line(line)
            elif not self._is_cancelled():
                raise SuggesterError(
                    _("The suggester {name} did not start.").format(name=suggester),
                    _("Choose another one: goldsmith suggesters"),
                )
        except BaseException:
            self.kill()
            raise

    def ask(self, text: Text, timeout: float) -> Proposal | None:
        """The worker's proposal; None when it died, hung, or the person cancelled."""
        self._send(encode_text(text))
        line = self._receive(timeout)
        return None if line is None else decode_line(line)

    def kill(self) -> None:
        """End the process, whatever it is doing."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with suppress(OSError):  # what was not sent yet went nowhere
                    pipe.close()

    def _send(self, line: bytes) -> None:
        assert self._process.stdin is not None
        with suppress(OSError):  # it died: the answer that does not come says so
            self._process.stdin.write(line)
            self._process.stdin.flush()

    def _is_cancelled(self) -> bool:
        return self._cancelled is not None and self._cancelled()

    def _receive(self, timeout: float) -> bytes | None:
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            try:
                return self._answers.get(timeout=_TICK) or None
            except queue.Empty:
                if self._is_cancelled():
                    return None
        return None

    def _read(self) -> None:
        assert self._process.stdout is not None
        with suppress(OSError, ValueError):  # closed by kill()
            for line in self._process.stdout:
                self._answers.put(line)
        self._answers.put(b"")  # the end


def _python_path() -> str:
    """The child must find this very `core`, wherever it is started."""
    rest = os.environ.get("PYTHONPATH")
    return os.pathsep.join([str(_ROOT), *([rest] if rest else [])])
