"""Suggesting beside the window: which articles are asked about, and what becomes of the answers.

The suggester runs in a process of its own (`gui.jobs.SuggestWorker`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import (
    QProgressBar,
    QToolButton,
)

from core import order, workflow
from core.article import Article
from core.errors import Damaged
from core.i18n import _
from core.order import Order
from core.suggest import Proposal, Text
from core.suggest.registry import DEFAULT, folder_of, trusted
from gui import dialogs
from gui.jobs import SuggestWorker

if TYPE_CHECKING:
    from gui.window import Window

AHEAD = 5  # articles after the open one that are suggested in advance


class Suggesting(QObject):
    """The suggester of a window's project.

    Attributes:
        worker: the process that runs it.
        bar, stop: what the status line shows while many articles are asked about.
    """

    def __init__(self, window: Window) -> None:
        super().__init__(window)
        self._window = window
        self._session = window.session
        self._suggested: set[str] = set()
        self.bar = QProgressBar()
        self.bar.setMaximumWidth(180)
        self.bar.setVisible(False)
        self.stop = QToolButton()
        self.stop.setText(_("Stop"))
        self.stop.setVisible(False)
        self.stop.clicked.connect(self._stop)
        self.worker = self._new_worker(self._suggester())

    def _new_worker(self, suggester: str) -> SuggestWorker:
        worker = SuggestWorker(self._session.project.scheme, suggester, self)
        worker.proposed.connect(self._proposed)
        worker.progress.connect(self._progressed)
        worker.failed.connect(self._session.refused)
        return worker

    def use(self, name: str) -> None:
        """Suggest with another suggester from now on; it is remembered in the project."""
        self.worker.close()
        self.worker.deleteLater()
        self._session.project.set_setting("suggester", name)
        self.worker = self._new_worker(name)
        if self._session.article_id:
            self.articles([self._session.article_id])

    def _suggester(self) -> str:
        """The learner once there is one, which builds on the project's suggester."""
        project = self._session.project
        named = trusted(project.setting("suggester", DEFAULT))
        return workflow.learner_of(project) or named

    def tell(self) -> None:
        """The project names one that does not run here unasked, or brings a learner along."""
        project = self._session.project
        wish = project.setting("suggester", DEFAULT)
        if workflow.learner_is_foreign(project):
            self._session.said.emit(
                _("The learner beside this project was not trained by you: it is left aside, and "
                  "trained again as you finish articles.")
            )  # fmt: skip
        if trusted(wish) != wish:
            self._session.said.emit(
                _("This project's suggester {name} is not installed or allowed here: Review, "
                  "Choose suggester…").format(name=wish[:200])
            )  # fmt: skip

    def restart(self) -> None:
        """Suggest with what the learner knows now, also in the articles that come next."""
        self.worker.close()
        self.worker.deleteLater()
        self.worker = self._new_worker(self._suggester())
        self.articles(self._session.project.to_do_from(self._session.article_id, AHEAD + 1))

    def ahead(self) -> None:
        """Suggest in this article and the next few where no suggester was yet."""
        project = self._session.project
        if project.read_only:
            return
        waiting = project.never_suggested(self._session.article_id, AHEAD)
        if order.of(project) is Order.USEFUL:
            # The next one is chosen among those that have suggestions: some more, as given.
            first = project.next_article()
            waiting += project.never_suggested(first, AHEAD) if first else []
            waiting = list(dict.fromkeys(waiting))
        self.articles([id for id in waiting if id not in self._suggested])

    def articles(self, articles: Sequence[str]) -> None:
        """Run the suggester over articles, beside the window."""
        self._suggested.update(articles)
        self.worker.request([*self._texts(articles)])

    def all(self) -> None:
        """Run the suggester over every article that is not done, however many there are."""
        project = self._session.project
        self.worker.request_many(
            self._texts(project.article_ids(to_do=True)), project.count_to_do()
        )

    def _texts(self, articles: Iterable[str]) -> Iterator[Text]:
        """Read when they are asked for; an article may be gone by then, or be unreadable."""
        for id in articles:
            article = None
            with suppress(Damaged):
                article = self._session.project.get("article", id)
            if isinstance(article, Article) and not article.removed:
                yield Text(article.id, article.text, article.language)

    def _proposed(self, proposal: Proposal) -> None:
        if proposal.error:
            self._session.said.emit(proposal.error)
            return
        project = self._session.project
        if project.article_row(proposal.article) is None:
            return  # removed meanwhile
        had_focus, long = self._window.canvas.focused, self._session.is_long(proposal.article)
        stored = self._session.do(
            lambda: workflow.store_proposal(project, proposal, memory=not long)
        )
        if stored is not None and long and proposal.article == self._session.article_id:
            self._session.remember(proposal.article)  # others: when they are opened
        if proposal.article == self._session.article_id and not had_focus:
            first = next(iter(self._window.canvas.reading_order()), "")
            if self._session.document and first in self._session.document.suggestions:
                self._window.canvas.set_focused(first, reveal=False)

    def _progressed(self, done: int, total: int) -> None:
        running = done < total
        self.bar.setVisible(running)
        self.stop.setVisible(running)
        if running:
            self.bar.setRange(0, total)
            self.bar.setValue(done)
            self.bar.setFormat(_("Suggesting %v of %m"))

    def _stop(self) -> None:
        self.worker.cancel()
        self.bar.setVisible(False)
        self.stop.setVisible(False)

    def choose(self) -> None:
        """Let the person choose among the suggesters that are installed."""
        current = trusted(self._session.project.setting("suggester", DEFAULT))
        name = dialogs.choose_suggester(self._window, current)
        again = name != current or folder_of(name) is not None  # which may have changed
        if name and again and dialogs.may_run(self._window, name):
            self.use(name)

    def rest(self) -> None:
        """Stop, since others write to the file; afterwards any article may be asked about anew."""
        self.worker.cancel()
        self._suggested.clear()

    def close(self) -> None:
        self.worker.close()
