"""When something goes wrong that nobody foresaw, and when an edit can't be saved.

An unexpected exception never ends the window: what was open is rolled back, the article is read
again, and a report is offered that can be copied. A disk that takes no edit is told above the text
until it does again, with the way out beside it: a copy elsewhere.
"""

from __future__ import annotations

import platform
import sqlite3
import sys
import threading
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import Qt, qVersion
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from core import __version__
from core.errors import GoldsmithError
from core.i18n import _, ngettext

_OFTEN = 3  # times that the same is put right
_APART = 10.0  # seconds after which it is another time
_ROOT = Path(__file__).resolve().parent.parent


def report(error: BaseException, *, with_message: bool = False) -> str:
    """What a developer needs to know: versions, and where it happened. No text of an article is in
    it; what the error itself says may quote one, so it is there only `with_message`."""
    lines = [
        f"Goldsmith {__version__}, Python {platform.python_version()}, Qt {qVersion()}, "
        f"SQLite {sqlite3.sqlite_version}, {platform.system()} {platform.release()}",
    ]
    chain: BaseException | None = error
    seen: set[int] = set()
    while chain is not None and id(chain) not in seen:
        seen.add(id(chain))
        lines.append("")
        lines += [
            f"  {_short(frame.filename)}:{frame.lineno} {frame.name}"
            for frame in traceback.extract_tb(chain.__traceback__)
        ]
        kind = f"{type(chain).__module__}.{type(chain).__name__}".removeprefix("builtins.")
        lines.append(f"{kind}: {chain}" if with_message else kind)
        chain = chain.__cause__ or chain.__context__
    return "\n".join(lines)


def _short(name: str) -> str:
    """A file's name without the folders of this person's computer."""
    path = Path(name)
    with suppress(ValueError):
        return path.relative_to(_ROOT).as_posix()
    return "/".join(path.parts[-2:])


class Keeper:
    """Stands between an exception that nobody caught and the end of the window."""

    def __init__(self) -> None:
        self._dialog: Unexpected | None = None
        self._busy = False
        self._same: tuple[object, ...] = ()  # what came last, and where
        self._times = 0
        self._last = 0.0

    def install(self) -> None:
        """From now on every uncaught exception of this process comes here."""
        sys.excepthook = self.caught
        threading.excepthook = lambda args: (
            None if args.exc_value is None else self._in_thread(args.exc_value)
        )

    def caught(
        self, kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        """Put things right, then tell the person. It must never raise."""
        if issubclass(kind, KeyboardInterrupt):
            QApplication.closeAllWindows()
            return
        sys.__excepthook__(kind, error, trace)  # for whoever started us from a terminal
        if self._busy:  # while telling of another
            return
        self._busy = True
        try:
            again = self._comes_again(error, trace)
            if again and isinstance(error, GoldsmithError):
                return
            for window in QApplication.topLevelWidgets():
                recover = getattr(window, "recover", None)
                if recover is not None and not again:
                    recover()
            self._tell(error.with_traceback(trace))
        except Exception as second:  # noqa: BLE001
            sys.__excepthook__(type(second), second, second.__traceback__)
        finally:
            self._busy = False

    def _comes_again(self, error: BaseException, trace: TracebackType | None) -> bool:
        """Whether the same came several times just now. What is raised while painting is raised
        again by what puts it right, which paints again."""
        places = traceback.extract_tb(trace)
        same = (type(error), *((p.filename, p.lineno) for p in places[-1:]))
        now = time.monotonic()
        fresh = same != self._same or now - self._last > _APART
        self._times = 1 if fresh else self._times + 1
        self._same, self._last = same, now
        return self._times > _OFTEN

    def _in_thread(self, error: BaseException) -> None:
        sys.__excepthook__(type(error), error, error.__traceback__)

    def _tell(self, error: BaseException) -> None:
        if isinstance(error, GoldsmithError):
            # It was meant for a person, but nobody on the way showed it.
            from gui.dialogs import show_message

            parent = QApplication.activeWindow()
            if parent is not None:
                show_message(parent, _("Goldsmith"), str(error))
                return
        if self._dialog is None:
            self._dialog = Unexpected(QApplication.activeWindow())
            self._dialog.finished.connect(self._closed)
            self._dialog.show()
        self._dialog.add(error)

    def _closed(self) -> None:
        self._dialog = None


class Unexpected(QDialog):
    """Says that something unexpected happened, and offers a report of it. The window goes on."""

    def __init__(self, parent: QWidget | None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setObjectName("unexpected")
        self.setWindowTitle(_("Something unexpected happened"))
        self.resize(640, 420)
        self._errors: list[BaseException] = []
        self.what = QLabel()
        self.what.setWordWrap(True)
        self.what.setTextFormat(Qt.TextFormat.PlainText)
        self.text = QPlainTextEdit()
        self.text.setReadOnly(True)
        self.text.setAccessibleName(_("Report"))
        self.message = QCheckBox(
            _("Add what the error says (it may quote the article or name files)")
        )
        self.message.toggled.connect(self._fill)
        self.copy = QPushButton(_("Copy report"))
        self.copy.clicked.connect(self._copy)
        close = QPushButton(_("Go on working"))
        close.setDefault(True)
        close.clicked.connect(self.accept)
        buttons = QHBoxLayout()
        buttons.addWidget(self.copy)
        buttons.addStretch(1)
        buttons.addWidget(close)
        layout = QVBoxLayout(self)
        layout.addWidget(self.what)
        layout.addWidget(self.text, 1)
        layout.addWidget(self.message)
        layout.addLayout(buttons)

    def add(self, error: BaseException) -> None:
        """One more; the report is about the first, which is likely the cause of the others."""
        self._errors.append(error)
        n = len(self._errors)
        text = _(
            "What you did last may not have been done; if so, it was taken back whole. Everything "
            "before is saved, and you can go on. A report helps us to mend it; no article is in it."
        )
        if n > 1:
            text += " " + ngettext("({n} time)", "({n} times)", n).format(n=n)
        self.what.setText(text)
        self._fill()

    def _fill(self) -> None:
        self.text.setPlainText(
            report(self._errors[0], with_message=self.message.isChecked()) if self._errors else ""
        )

    def _copy(self) -> None:
        QApplication.clipboard().setText(self.text.toPlainText())
        self.copy.setText(_("Copied"))


class TroubleBar(QFrame):
    """Above the text while edits can't be saved, or something can't be read: what is wrong, and the
    way out."""

    def __init__(self, save_copy: Callable[[], None]) -> None:
        super().__init__()
        self.setObjectName("banner")
        self.text = QLabel()
        self.text.setWordWrap(True)
        self.text.setTextFormat(Qt.TextFormat.PlainText)
        self.save = QPushButton(_("Save a copy…"))
        self.save.clicked.connect(save_copy)
        layout = QHBoxLayout(self)
        layout.addWidget(self.text, 1)
        layout.addWidget(self.save)
        self.hide()

    def tell(self, error: GoldsmithError) -> None:
        """Show it until an edit is saved again."""
        self.text.setText(f"{error.message}\n{error.hint}".strip())
        self.show()
