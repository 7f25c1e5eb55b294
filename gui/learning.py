"""The learner beside the window: trained in a process of its own as articles are finished, shown in
a dialog, switched off there."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QCheckBox, QDialog, QDialogButtonBox, QTextBrowser, QVBoxLayout

from core import workflow
from core.errors import GoldsmithError
from core.i18n import _
from core.suggest.learned import Knows, Score, total
from gui.jobs import CommandJob

if TYPE_CHECKING:
    from gui.window import Window


class Learning(QObject):
    """Trains the project's learner and lets it suggest from then on.

    Signals:
        learned(bool): a training ended; whether there is a new model.
    """

    learned = Signal(bool)

    def __init__(self, window: Window) -> None:
        super().__init__(window)
        self._window = window
        self._job: CommandJob | None = None

    @property
    def on(self) -> bool:
        """Whether the learner trains and suggests in this project."""
        project = self._window.session.project
        return not project.read_only and not project.setting(workflow.LEARNER_OFF)

    def switch(self, on: bool) -> None:
        """Switch the learner on or off; the suggester under it goes on alone."""
        self._window.session.project.set_setting(workflow.LEARNER_OFF, "" if on else "1")
        self._window.suggesting.restart()

    def article_done(self) -> None:
        """Train if enough was finished since the last time."""
        done = self._window.session.project.count(only_done=True)
        knows = workflow.learner_knows(self._window.session.project)
        taught = knows.articles if knows is not None else 0
        if self.on and workflow.learner_is_due(done, taught):
            self.train()

    def train(self) -> None:
        """Start a training, unless one is going on."""
        if self._job is None:
            project = self._window.session.project
            self._job = CommandJob(["learn", str(project.path), "--json"], self)
            self._job.done.connect(lambda _said: self._ended(None))
            self._job.failed.connect(self._ended)

    def _ended(self, error: GoldsmithError | None) -> None:
        self._job = None
        if error is None:
            self._window.suggesting.restart()
        else:
            self._window.session.said.emit(error.message)
        self.learned.emit(error is None)

    def close(self) -> None:
        """Stop a training; the last model stays."""
        if self._job is not None:
            self._job.abandon()
            self._job = None

    def show(self) -> None:
        """The dialog: what the learner knows, a switch, and a button to train now."""
        self.dialog = LearnerDialog(self, self._window)
        self.dialog.open()


class LearnerDialog(QDialog):
    """What the learner knows: learning curve, scores by type, when it was last trained."""

    def __init__(self, learning: Learning, window: Window) -> None:
        super().__init__(window)
        self._learning, self._window = learning, window
        self.setWindowTitle(_("The learner"))
        self.resize(620, 560)
        self.page = QTextBrowser()
        self.page.setAccessibleName(_("What the learner knows"))
        self.switch = QCheckBox(_("Learn from finished articles, and suggest what was learned"))
        self.switch.setChecked(learning.on)
        self.switch.setEnabled(not window.session.project.read_only)
        self.switch.toggled.connect(learning.switch)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        self.train = buttons.addButton(_("Train now"), QDialogButtonBox.ButtonRole.ActionRole)
        self.train.clicked.connect(self._train)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.addWidget(self.page)
        layout.addWidget(self.switch)
        layout.addWidget(buttons)
        learning.learned.connect(self._follow)
        self._follow(True)

    def _train(self) -> None:
        self.train.setEnabled(False)
        self._learning.train()

    def _follow(self, _new: bool) -> None:
        self.train.setEnabled(not self._window.session.project.read_only)
        project = self._window.session.project
        knows = workflow.learner_knows(project)
        foreign = knows is None and workflow.learner_is_foreign(project)
        self.page.setHtml(as_html(knows, foreign=foreign))


def as_html(knows: Knows | None, *, foreign: bool = False) -> str:
    """What the learner knows, for a person.

    Args:
        foreign: a file of somebody else's learner lies beside the project.
    """
    if knows is None:
        told = _(
            "The learner beside this project was not trained by you. It is left aside, and "
            "replaced at the next training."
        )
        before = f"<p>{escape(told)}</p>" if foreign else ""
        text = _(
            "It has learned nothing yet. It is trained when {n} articles are done, in a process "
            "beside the window, and again as more are finished."
        )
        return f"{before}<p>{escape(text.format(n=workflow.FIRST))}</p>"
    head = _("Trained {at} on {n} articles, in {seconds} s, above the suggester {base}.").format(
        at=knows.at.replace("T", " ")[:16], n=knows.articles, seconds=knows.seconds, base=knows.base
    )
    note = _(
        "F1 by exact span and type, in articles that were held out. It suggests the types that it "
        "finds better than the suggester under it (bold)."
    )
    parts = [f"<p>{escape(head)}</p><p>{escape(note)}</p>"]
    for title, scores in ((_("Mentions"), knows.mentions), (_("Relations"), knows.relations)):
        parts.append(f"<h3>{escape(title)}</h3><table cellpadding='3' width='100%'>")
        names = (_("type"), _("gold"), _("learner"), _("suggester under it"))
        parts.append(
            "<tr>" + "".join(f"<th align='left'>{escape(n)}</th>" for n in names) + "</tr>"
        )
        parts += [_row(type, score) for type, score in scores.items()]
        parts += [_row(_("all"), total(scores.values())), "</table>"]
    parts.append(f"<h3>{escape(_('Learning curve'))}</h3><table cellpadding='3'>")
    for articles, mentions, relations in knows.curve[-12:]:
        bar = "█" * round(mentions * 30)
        shown = _("{n} articles").format(n=articles)
        parts.append(
            f"<tr><td>{escape(shown)}</td><td>{bar} {mentions:.2f}</td>"
            f"<td>{relations:.2f}</td></tr>"
        )
    return "".join([*parts, "</table>"])


def _row(type: str, score: Score) -> str:
    mine = f"{score.learned_f1:.2f}"
    cells = (escape(type), str(score.gold), f"<b>{mine}</b>" if score.takes_over else mine,
             f"{score.base_f1:.2f}")  # fmt: skip
    return "<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"
