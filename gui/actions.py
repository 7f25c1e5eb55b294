"""What every command does. Each method below is one line of the table in `gui.commands`.

Thin: it looks at what is focused or selected, calls one function of `core.edits` through the
session, and says where to look next.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint

from core import edits, recall
from core.annotation import (
    Change,
    Fragment,
    Fragments,
    Item,
    Mention,
    Relation,
    Suggestion,
    covered_text,
)
from core.article import sentences, span_at, tokens
from core.errors import ConstraintError
from core.i18n import _
from core.scheme import AttributeType
from gui import choosing
from gui.canvas.page import RelationMode
from gui.canvas.selection import Unit
from gui.canvas.widget import Canvas
from gui.commands import Menu, Scope, command, keys_page
from gui.keymap import Keys
from gui.picker import Choice
from gui.session import Session

if TYPE_CHECKING:
    from gui.window import Window

NEEDS: dict[str, Callable[[Actions], bool]] = {
    "always": lambda a: True,
    "writable": lambda a: not a.session.project.read_only,
    "article": lambda a: a.session.document is not None,
    "focus": lambda a: a.focused is not None,
    "mention": lambda a: a.focused is not None and not is_relation(a.focused),
    "relation": lambda a: a.focused is not None and is_relation(a.focused),
    "suggestion": lambda a: isinstance(a.focused, Suggestion),
    "undo": lambda a: a.session.next_undo() is not None,
    "redo": lambda a: a.session.next_redo() is not None,
}


def is_relation(item: Item) -> bool:
    """Whether it is a relation, gold or suggested."""
    return isinstance(item, Relation) or (isinstance(item, Suggestion) and item.is_relation)


class Actions:
    """The commands of one window. `applies` says whether one of them would do anything now."""

    def __init__(self, window: Window) -> None:
        self.window = window
        self.session: Session = window.session
        self.canvas: Canvas = window.canvas
        self.keymap: Keys = window.keymap

    def applies(self, needs: str) -> bool:
        """Whether what a command `needs` (a key of `NEEDS`) is there."""
        return NEEDS[needs](self)

    @property
    def focused(self) -> Item | None:
        """The mention, relation or suggestion that keys act on."""
        return self.session.item(self.canvas.focused)

    # -- file

    @command(
        "New project…", Menu.FILE, "Ctrl+N", scope=Scope.WINDOW, needs="always",
        help="Create a project file with a scheme of your choice.",
    )  # fmt: skip
    def new_project(self) -> None:
        self.window.new_project()

    @command(
        "Open project…", Menu.FILE, "Ctrl+O", scope=Scope.WINDOW, needs="always",
        help="Open another project file.",
    )  # fmt: skip
    def open_project(self) -> None:
        self.window.open_project()

    @command(
        "Add articles…", Menu.FILE, "Ctrl+I", scope=Scope.WINDOW, needs="writable", toolbar=True,
        help="Add text files, or everything in a folder, to the project.",
    )  # fmt: skip
    def add_articles(self) -> None:
        self.window.add_articles()

    @command(
        "Add a folder…", Menu.FILE, scope=Scope.WINDOW, needs="writable",
        help="Add all articles in a folder and the folders in it.",
    )  # fmt: skip
    def add_folder(self) -> None:
        self.window.add_folder()

    @command(
        "Export gold…", Menu.FILE, "Ctrl+E", scope=Scope.WINDOW, needs="always", toolbar=True,
        help="Write the gold to a file: Goldsmith JSONL or spaCy DocBin.",
    )  # fmt: skip
    def export(self) -> None:
        self.window.export()

    @command(
        "Remove article", Menu.FILE, scope=Scope.WINDOW, needs="article",
        help="Take the open article out of the project, with its gold; undo brings it back.",
    )  # fmt: skip
    def remove_article(self) -> None:
        id = self.session.article_id
        self.session.do(lambda: edits.remove_articles(self.session.project, [id]))

    @command(
        "Save a copy…", Menu.FILE, "Ctrl+Shift+S", scope=Scope.WINDOW, needs="always",
        help="Write the whole project to another place, as it is now; work goes on here.",
    )  # fmt: skip
    def save_copy(self) -> None:
        self.window.save_copy()

    @command(
        "Quit", Menu.FILE, "Ctrl+Q", scope=Scope.WINDOW, needs="always",
        help="Close the window. Everything is saved already.",
    )  # fmt: skip
    def quit(self) -> None:
        self.window.close()

    # -- edit

    @command(
        "Undo", Menu.EDIT, "Ctrl+Z", scope=Scope.WINDOW, needs="undo", toolbar=True,
        help="Take the last edit back; as often as you like, also after a restart.",
    )  # fmt: skip
    def undo(self) -> None:
        self._show(self.session.undo())

    @command(
        "Redo", Menu.EDIT, "Ctrl+Shift+Z", "Ctrl+Y", scope=Scope.WINDOW, needs="redo",
        toolbar=True, help="Make the edit that was undone last again.",
    )  # fmt: skip
    def redo(self) -> None:
        self._show(self.session.redo())

    @command(
        "Undo back to…", Menu.EDIT, "Ctrl+Alt+Z", scope=Scope.WINDOW, needs="undo",
        help="Show the last edits, and take back all down to the one that you pick.",
    )  # fmt: skip
    def undo_history(self) -> None:
        steps = self.session.project.undo_steps()
        choices = choosing.undo_choices(steps)
        title = _("Undo all down to and with:")
        self.window.pick(choices, self.window.anchor(), self._undo_steps, title=title)

    def _undo_steps(self, steps: str) -> None:
        change = None
        for _n in range(int(steps)):
            change = self.session.undo() or change
        self._show(change)

    @command(
        "Find", Menu.EDIT, "Ctrl+F", scope=Scope.WINDOW,
        help="Find words in the open article; Enter goes to the next place.",
    )  # fmt: skip
    def find(self) -> None:
        self.window.find_bar.open()

    # -- review

    @command(
        "Next suggestion", Menu.REVIEW, "Tab",
        help="Go to the next open suggestion; when none is left, to the next gold.",
    )  # fmt: skip
    def next_suggestion(self) -> None:
        self._step(+1)

    @command(
        "Previous suggestion", Menu.REVIEW, "Shift+Tab",
        help="Go back to the suggestion before; when none is left, to the gold before.",
    )  # fmt: skip
    def previous_suggestion(self) -> None:
        self._step(-1)

    @command(
        "Accept", Menu.REVIEW, "Return",
        help="Make the focused suggestion gold and go to the next; with a selection, label it.",
    )  # fmt: skip
    def accept(self) -> None:
        item = self.focused
        if self.canvas.selection and item is None:
            self.label()
        elif isinstance(item, Suggestion):
            if self._do(lambda: edits.accept(self.session.project, [item.id])):
                # In the order as it is now: accepting may have suggested the name elsewhere.
                self._focus(self._still_open(self._following(item.id)))
        else:
            self._step(+1)

    @command(
        "Reject or delete", Menu.REVIEW, "Backspace", "Delete", needs="focus",
        help="Reject the focused suggestion and go to the next; delete focused gold.",
    )  # fmt: skip
    def reject(self) -> None:
        self.reject_item(self.canvas.focused)

    @command(
        "Never suggest this here", Menu.REVIEW, "Ctrl+Backspace", needs="suggestion",
        help="Reject the focused suggestion, and never suggest these words as this type again in "
        "this article.",
    )  # fmt: skip
    def never_here(self) -> None:
        self._never(in_project=False)

    @command(
        "Never suggest this in the project", Menu.REVIEW, "Alt+Backspace", needs="suggestion",
        help="Reject the focused suggestion, and never suggest these words as this type again in "
        "any article.",
    )  # fmt: skip
    def never_in_project(self) -> None:
        self._never(in_project=True)

    @command(
        "Accept all in sentence", Menu.REVIEW, "Shift+Return",
        help="Make every suggestion in this sentence gold, as one undo step.",
    )  # fmt: skip
    def accept_sentence(self) -> None:
        assert self.session.document
        text = self.session.document.article.text
        item = self.focused
        at = self._position(item) if item else self.canvas.caret
        spans = sentences(text)
        index = span_at(spans, at)
        if index < 0:
            return
        start, end = spans[index]
        self._accept_all([s for s in self._open() if start <= self._position(s) < end])

    @command(
        "Accept all in article", Menu.REVIEW, "Ctrl+Shift+Return", scope=Scope.WINDOW,
        help="Make every open suggestion of this article gold, as one undo step.",
    )  # fmt: skip
    def accept_article(self) -> None:
        self._accept_all(self._open())

    @command(
        "Accept all of this type", Menu.REVIEW, "Alt+Return", needs="suggestion",
        help="Make every suggestion of the focused one's type in the article gold, as one undo "
        "step.",
    )  # fmt: skip
    def accept_type(self) -> None:
        type = self.focused.type if self.focused else ""
        self._accept_all([s for s in self._open() if s.type == type])

    @command(
        "Accept all with these words", Menu.REVIEW, "Alt+Shift+Return", needs="suggestion",
        help="Make every suggestion of the article that has the same words and type gold, as one "
        "undo step.",
    )  # fmt: skip
    def accept_words(self) -> None:
        self._accept_all(self._like_focused())

    @command(
        "Accept all above a score…", Menu.REVIEW, "Ctrl+Alt+Return",
        help="Pick a score; every suggestion of the article with it or a higher one becomes gold, "
        "as one undo step.",
    )  # fmt: skip
    def accept_above(self) -> None:
        items = self._open()
        choices = choosing.score_choices(items)
        if not choices:
            self.session.said.emit(_("There is no open suggestion with a score of 0.5 or more."))
            return
        self.window.pick(
            choices,
            self.window.anchor(),
            lambda score: self._accept_all([s for s in items if s.score >= float(score)]),
            title=_("Accept with a score of"),
        )

    @command(
        "Reject all with these words", Menu.REVIEW, "Shift+Backspace", needs="suggestion",
        help="Reject every suggestion of the article that has the same words and type, as one "
        "undo step.",
    )  # fmt: skip
    def reject_words(self) -> None:
        self._reject_all(self._like_focused())

    @command(
        "Reject all in article", Menu.REVIEW, "Ctrl+Shift+Backspace", scope=Scope.WINDOW,
        help="Reject every suggestion of this article that is still open, as one undo step.",
    )  # fmt: skip
    def reject_article(self) -> None:
        self._reject_all(self._open())

    @command(
        "Article done", Menu.REVIEW, "Ctrl+Return", scope=Scope.WINDOW, toolbar=True,
        help="Say that every gold fact of this article is marked, and open the next one.",
    )  # fmt: skip
    def article_done(self) -> None:
        id = self.session.article_id
        if self._do(lambda: edits.set_state(self.session.project, [id], "done")):
            self.window.articles.open_next_undone()

    @command(
        "Article not done", Menu.REVIEW, scope=Scope.WINDOW,
        help="Say that this article needs work again.",
    )  # fmt: skip
    def article_not_done(self) -> None:
        id = self.session.article_id
        self._do(lambda: edits.set_state(self.session.project, [id], "new"))

    @command(
        "Suggest again", Menu.REVIEW, "Ctrl+G", scope=Scope.WINDOW, needs="article",
        help="Run the suggester over this article again; what you decided stays decided.",
    )  # fmt: skip
    def suggest(self) -> None:
        self.window.suggest([self.session.article_id])

    @command(
        "Suggest in all articles", Menu.REVIEW, scope=Scope.WINDOW, needs="writable",
        help="Run the suggester over every article that is not done.",
    )  # fmt: skip
    def suggest_all(self) -> None:
        rows = self.session.project.articles()
        self.window.suggest([row.id for row in rows if row.state != "done"])

    @command(
        "Suggest this name everywhere", Menu.REVIEW, "Ctrl+M", scope=Scope.WINDOW, needs="mention",
        help="Suggest the focused gold name, as it is labelled, in every article that is not done.",
    )  # fmt: skip
    def suggest_name(self) -> None:
        id, project = self.canvas.focused, self.session.project
        change = self._do(lambda: recall.everywhere(project, id), focus=id)
        if change is not None and not change.images:
            self.session.said.emit(_("This name stands nowhere else that is not decided."))

    @command(
        "Choose suggester…", Menu.REVIEW, scope=Scope.WINDOW, needs="always",
        help="Use the built-in rules or any installed spaCy pipeline.",
    )  # fmt: skip
    def choose_suggester(self) -> None:
        self.window.choose_suggester()

    # -- annotate

    @command(
        "Label…", Menu.ANNOTATE, "Space",
        help="Pick the type of the selection, or another type for what is focused.",
    )  # fmt: skip
    def label(self) -> None:
        self.pick_type(self.window.anchor())

    @command(
        "Relate…", Menu.ANNOTATE, "R",
        help="Relate the focused mention: type the letters on the target, then the relation's key.",
    )  # fmt: skip
    def relate(self) -> None:
        item = self.focused
        if item is not None and is_relation(item):
            self.pick_relation_type(self.window.anchor())
        else:
            self._hint(self.relate_to)

    @command(
        "Same entity…", Menu.ANNOTATE, "G", needs="mention",
        help="Say that the focused mention and another, chosen by its letters, are the same.",
    )  # fmt: skip
    def same_entity(self) -> None:
        self._hint(self.unite_with)

    @command(
        "Flip relation", Menu.ANNOTATE, "X", needs="relation",
        help="Turn the focused relation round.",
    )  # fmt: skip
    def flip(self) -> None:
        id = self.canvas.focused
        self._do(lambda: edits.flip(self.session.project, id), focus=id)

    @command("Start one word left", Menu.ANNOTATE, "[", needs="mention",
             help="Move the start of the focused mention one token to the left.")  # fmt: skip
    def start_left(self) -> None:
        self._move_boundary("start", -1)

    @command("Start one word right", Menu.ANNOTATE, "]", needs="mention",
             help="Move the start of the focused mention one token to the right.")  # fmt: skip
    def start_right(self) -> None:
        self._move_boundary("start", +1)

    @command("End one word left", Menu.ANNOTATE, "{", needs="mention",
             help="Move the end of the focused mention one token to the left.")  # fmt: skip
    def end_left(self) -> None:
        self._move_boundary("end", -1)

    @command("End one word right", Menu.ANNOTATE, "}", needs="mention",
             help="Move the end of the focused mention one token to the right.")  # fmt: skip
    def end_right(self) -> None:
        self._move_boundary("end", +1)

    @command(
        "Keep selection, add another part", Menu.ANNOTATE, "+",
        help="For a mention in several parts: keep what is selected and select a further part.",
    )  # fmt: skip
    def hold_selection(self) -> None:
        self.canvas.hold_selection()

    @command(
        "Attribute…", Menu.ANNOTATE, "=", needs="focus",
        help="Set an attribute of the focused mention or relation: pick it, then its value.",
    )  # fmt: skip
    def attribute(self) -> None:
        item, scheme = self.focused, self.session.project.scheme
        if item is None:
            return
        found = choosing.attributes_of(scheme, item.type)
        if not found:
            self.session.refused.emit(
                ConstraintError(
                    _("The scheme has no attribute for {type}.").format(type=item.type),
                    _("Write a note instead, or add one to the scheme's file."),
                )
            )
        elif len(found) == 1:
            self._pick_value(item, found[0])
        else:
            by_name = {a.name: a for a in found}
            self.window.pick(
                choosing.attribute_choices(found, item),
                self.window.anchor(),
                lambda name: self._pick_value(item, by_name[name]),
                title=self.session.text_of(item),
            )

    def _pick_value(self, item: Item, attribute: AttributeType) -> None:
        name = attribute.name
        if attribute.values:
            self.window.pick(
                choosing.value_choices(attribute, item),
                self.window.anchor(),
                lambda value: self.set_attribute(item.id, name, value),
                title=f"{self.session.text_of(item)}: {name}",
            )
        else:
            now = item.attributes.get(name)
            self.window.write(
                f"{self.session.text_of(item)}: {name}",
                "" if now is None else str(now),
                lambda value: self.set_attribute(item.id, name, value or choosing.NONE),
                one_line=True,
            )

    @command(
        "Note", Menu.ANNOTATE, "Ctrl+T", scope=Scope.WINDOW, needs="focus",
        help="Write a note on the focused mention or relation, in place.",
    )  # fmt: skip
    def note(self) -> None:
        item = self.focused
        if item is None:
            return
        self.window.write(
            _("Note on {what}").format(what=self.session.text_of(item)),
            "" if isinstance(item, Suggestion) else item.note,
            self._note_writer(item.id),
        )

    def _note_writer(self, id: str) -> Callable[[str], None]:
        def then(text: str) -> None:
            self._do(lambda: edits.set_note(self.session.project, id, text), focus=id)

        return then

    # -- go

    @command("Next word", Menu.GO, "Right", help="Move the caret by one token.")
    def word_right(self) -> None:
        self._move("token", +1)

    @command("Previous word", Menu.GO, "Left", help="Move the caret back by one token.")
    def word_left(self) -> None:
        self._move("token", -1)

    @command("Line down", Menu.GO, "Down", help="Move the caret to the next line.")
    def line_down(self) -> None:
        self._move("line", +1)

    @command("Line up", Menu.GO, "Up", help="Move the caret to the line before.")
    def line_up(self) -> None:
        self._move("line", -1)

    @command("Next paragraph", Menu.GO, "Ctrl+Down", help="Move the caret to the next paragraph.")
    def paragraph_down(self) -> None:
        self._move("paragraph", +1)

    @command("Previous paragraph", Menu.GO, "Ctrl+Up", help="Move the caret a paragraph back.")
    def paragraph_up(self) -> None:
        self._move("paragraph", -1)

    @command("Next sentence", Menu.GO, "Ctrl+Right", help="Move the caret to the next sentence.")
    def sentence_right(self) -> None:
        self._move("sentence", +1)

    @command("Previous sentence", Menu.GO, "Ctrl+Left", help="Move the caret a sentence back.")
    def sentence_left(self) -> None:
        self._move("sentence", -1)

    @command("Start of article", Menu.GO, "Home", help="Move the caret to the start of the text.")
    def to_start(self) -> None:
        self._move("document", -1)

    @command("End of article", Menu.GO, "End", help="Move the caret to the end of the text.")
    def to_end(self) -> None:
        self._move("document", +1)

    @command("Select a word more", Menu.GO, "Shift+Right",
             help="Extend the selection by one token.")  # fmt: skip
    def select_right(self) -> None:
        self._move("token", +1, extend=True)

    @command("Select back by a word", Menu.GO, "Shift+Left",
             help="Extend or shrink the selection to the left by one token.")  # fmt: skip
    def select_left(self) -> None:
        self._move("token", -1, extend=True)

    @command("Select a character more", Menu.GO, "Alt+Shift+Right",
             help="Extend the selection by one character, inside a token.")  # fmt: skip
    def select_char_right(self) -> None:
        self._move("char", +1, extend=True)

    @command("Select back by a character", Menu.GO, "Alt+Shift+Left",
             help="Extend or shrink the selection to the left by one character.")  # fmt: skip
    def select_char_left(self) -> None:
        self._move("char", -1, extend=True)

    @command("Select a line more", Menu.GO, "Shift+Down", help="Extend the selection by a line.")
    def select_down(self) -> None:
        self._move("line", +1, extend=True)

    @command("Select back by a line", Menu.GO, "Shift+Up",
             help="Extend or shrink the selection upwards by a line.")  # fmt: skip
    def select_up(self) -> None:
        self._move("line", -1, extend=True)

    @command("Leave", Menu.GO, "Esc", help="Let go of the selection and of what is focused.")
    def leave(self) -> None:
        self.canvas.clear_selection()
        self.canvas.set_focused("")

    @command("Next article", Menu.GO, "Ctrl+PgDown", scope=Scope.WINDOW, needs="always",
             help="Open the next article of the list.")  # fmt: skip
    def next_article(self) -> None:
        self.window.articles.step(+1)

    @command("Previous article", Menu.GO, "Ctrl+PgUp", scope=Scope.WINDOW, needs="always",
             help="Open the article before this one in the list.")  # fmt: skip
    def previous_article(self) -> None:
        self.window.articles.step(-1)

    @command("Next pane", Menu.GO, "F6", scope=Scope.WINDOW, needs="always",
             help="Move the keyboard on: text, inspector, suggestions, article list.")  # fmt: skip
    def next_pane(self) -> None:
        self.window.step_pane(+1)

    @command("Previous pane", Menu.GO, "Shift+F6", scope=Scope.WINDOW, needs="always",
             help="Move the keyboard back to the pane before.")  # fmt: skip
    def previous_pane(self) -> None:
        self.window.step_pane(-1)

    @command(
        "Article list", Menu.GO, "F7", scope=Scope.WINDOW, needs="always",
        help="Put the keyboard into the article list; Esc comes back to the text.",
    )  # fmt: skip
    def to_articles(self) -> None:
        self.window.articles.list.setFocus()

    @command(
        "Filter suggestions", Menu.GO, "F8", scope=Scope.WINDOW, needs="always",
        help="Narrow the list of open suggestions by words, type or score; Esc comes back.",
    )  # fmt: skip
    def filter_suggestions(self) -> None:
        self.window.inspector.queue.filter.setFocus()
        self.window.inspector.queue.filter.selectAll()

    # -- view

    @command("Larger text", Menu.VIEW, "Ctrl++", "Ctrl+=", scope=Scope.WINDOW, needs="always",
             help="Make the text larger.")  # fmt: skip
    def zoom_in(self) -> None:
        self.window.zoom(+1)

    @command("Smaller text", Menu.VIEW, "Ctrl+-", scope=Scope.WINDOW, needs="always",
             help="Make the text smaller.")  # fmt: skip
    def zoom_out(self) -> None:
        self.window.zoom(-1)

    @command(
        "Relations: focused, all, none", Menu.VIEW, "Ctrl+L", scope=Scope.WINDOW, needs="always",
        help="Show arcs of what is focused, of everything, or none.",
    )  # fmt: skip
    def relation_mode(self) -> None:
        modes: tuple[RelationMode, ...] = ("focused", "all", "none")
        at = modes.index(self.canvas.relation_mode)
        self.canvas.relation_mode = modes[(at + 1) % len(modes)]
        self.session.said.emit(_("Relations: {mode}").format(mode=_(self.canvas.relation_mode)))

    @command("Light or dark", Menu.VIEW, "Ctrl+D", scope=Scope.WINDOW, needs="always",
             help="Change between the light and the dark theme.")  # fmt: skip
    def theme(self) -> None:
        self.window.switch_theme()

    @command("Key hints", Menu.VIEW, "Ctrl+K", scope=Scope.WINDOW, needs="always",
             help="Show or hide the line of keys below the text.")  # fmt: skip
    def key_hints(self) -> None:
        self.window.toggle_legend()

    # -- help

    @command("Commands…", Menu.HELP, "Ctrl+P", scope=Scope.WINDOW, needs="always",
             help="Find any command by typing a part of its name.")  # fmt: skip
    def palette(self) -> None:
        self.window.show_palette()

    @command("Keys", Menu.HELP, "F1", scope=Scope.WINDOW, needs="always",
             help="Show every key on one sheet.")  # fmt: skip
    def keys(self) -> None:
        self.window.show_keys()

    @command("Change keys…", Menu.HELP, scope=Scope.WINDOW, needs="always",
             help="Give commands other keys; a key that is taken is refused.")  # fmt: skip
    def change_keys(self) -> None:
        self.window.change_keys()

    @command("About Goldsmith", Menu.HELP, scope=Scope.WINDOW, needs="always",
             help="Version and licence.")  # fmt: skip
    def about(self) -> None:
        self.window.show_about()

    # -- the same by mouse: the canvas and the panels call these with an id or a place

    def accept_item(self, id: str) -> None:
        """Accept one suggestion that was pointed at."""
        self.canvas.set_focused(id)
        self.accept()

    def reject_item(self, id: str) -> None:
        """Reject a suggestion, or delete gold."""
        item = self.session.item(id)
        project = self.session.project
        if isinstance(item, Suggestion):
            after = self._following(id)
            if self._do(lambda: edits.reject(project, [id])):
                self._focus(self._still_open(after))
        elif item is not None:
            self._do(lambda: edits.delete(project, [id]))

    def set_type(self, type: str) -> None:
        """Mark the selection as `type`, or give what is focused that type."""
        project, item = self.session.project, self.focused
        if self.canvas.selection:
            parts = self.canvas.selection
            article = self.session.article_id
            change = self._do(lambda: edits.add_mention(project, article, parts, type))
            if change:
                self.canvas.clear_selection()
                self._focus(change.focus)
        elif item is not None and is_relation(item) == (type in project.scheme.relation_types):
            change = self._do(lambda: edits.relabel(project, item.id, type))
            if change is not None:
                after = self._following(item.id) if isinstance(item, Suggestion) else ()
                self._focus(self._still_open(after) or item.id)

    def set_boundaries(self, id: str, parts: Fragments) -> None:
        """Give a mention other boundaries."""
        self._do(lambda: edits.set_fragments(self.session.project, id, parts), focus=id)

    def pick_type(self, at: QPoint) -> None:
        """Let the person pick the type of the selection or of the focused mention or relation."""
        item = self.focused
        if item is not None and is_relation(item) and not self.canvas.selection:
            self.pick_relation_type(at)
            return
        if not self.canvas.selection and item is None:
            self._select_word()
            if not self.canvas.selection:
                return
        document = self.session.document
        if document is None:
            return
        if self.canvas.selection or item is None or isinstance(item, Relation):
            item, parts = None, self.canvas.selection
        else:
            parts = item.fragments
        scheme = self.session.project.scheme
        choices = choosing.type_choices(scheme, document, parts, item)
        words = " ".join(covered_text(document.article.text, parts).split())
        self.window.pick(choices, at, self.set_type, title=words)

    def pick_relation_type(self, at: QPoint) -> None:
        """Let the person pick another type for the focused relation."""
        item = self.focused
        if isinstance(item, Relation | Suggestion) and item.head:
            now = "" if isinstance(item, Suggestion) else item.type
            choices = self._relation_choices(item.head, item.tail, now)
            title = self._ends(item.head, item.tail)
            self.window.pick(choices, at, self.set_type, flip=self.flip, title=title)

    def pick_relation(self, head: str, tail: str, at: QPoint) -> None:
        """Let the person pick how `head` relates to `tail`, then relate them.

        Where the scheme admits relations only the other way round, those are offered.
        """
        choices = self._relation_choices(head, tail)
        if not choices and (turned := self._relation_choices(tail, head)):
            choices, head, tail = turned, tail, head
        self.window.pick(
            choices,
            at,
            lambda type: self._relate(type, head, tail),
            flip=lambda: self._pick_turned(tail, head, at),
            title=self._ends(head, tail),
        )
        self.canvas.preview_relation(head, tail)

    def _pick_turned(self, head: str, tail: str, at: QPoint) -> None:
        if self._relation_choices(head, tail):
            self.pick_relation(head, tail, at)
        else:
            self.pick_relation(tail, head, at)
            self.session.said.emit(_("The scheme admits no relation the other way round."))

    def _ends(self, head: str, tail: str) -> str:
        document = self.session.document
        ends = [document.end_of(id) if document else None for id in (head, tail)]
        first, second = (self.session.text_of(end) for end in ends)
        return f"{first}  →  {second}"

    def relate_to(self, target: str) -> None:
        """The target of `relate` was chosen."""
        self.pick_relation(self.canvas.focused, target, self.window.anchor(target))

    def unite_with(self, target: str) -> None:
        """The target of `same_entity` was chosen."""
        first = self.canvas.focused
        self._do(lambda: edits.same_entity(self.session.project, first, target), focus=first)

    # -- helpers

    def _never(self, *, in_project: bool) -> None:
        id, project = self.canvas.focused, self.session.project
        after = self._following(id)
        if self._do(lambda: recall.never(project, id, in_project=in_project)):
            self._focus(self._still_open(after))

    def _do(self, edit: Callable[[], Change | None], focus: str = "") -> Change | None:
        change = self.session.do(edit)
        if change is not None:
            self.session.said.emit(change.label[:1].upper() + change.label[1:])
            if focus:
                self._focus(focus)
        return change

    def _show(self, change: Change | None) -> None:
        """Bring what undo or redo changed into view."""
        if change is None:
            return
        for image in change.images:
            if self.session.item(image.id) is not None:
                self._focus(image.id)
                return
        self._focus("")

    def _focus(self, id: str) -> None:
        self.canvas.set_focused(id)

    def _open(self) -> list[Suggestion]:
        """The open suggestions of the article in reading order."""
        document = self.session.document
        if document is None:
            return []
        order = self.canvas.reading_order()
        return [s for id in order if (s := document.suggestions.get(id)) is not None]

    def _accept_all(self, items: Sequence[Suggestion]) -> None:
        if not items:
            self.session.said.emit(_("There is no open suggestion here."))
            return
        ids = [s.id for s in items]
        after = self._following(ids[-1])
        if self._do(lambda: edits.accept(self.session.project, ids)):
            self._focus(self._still_open(after))

    def _like_focused(self) -> list[Suggestion]:
        """The open suggestions with the words and the type of the focused one."""
        item, words = self.focused, self.session.text_of(self.focused)
        if item is None:
            return []
        return [s for s in self._open() if s.type == item.type and self.session.text_of(s) == words]

    def _reject_all(self, items: Sequence[Suggestion]) -> None:
        if not items:
            self.session.said.emit(_("There is no open suggestion here."))
            return
        ids = [s.id for s in items]
        after = self._following(ids[-1])
        if self._do(lambda: edits.reject(self.session.project, ids)):
            self._focus(self._still_open(after))

    def accept_these(self, ids: Sequence[str]) -> None:
        """Accept the suggestions that a list shows, as one step."""
        wanted = set(ids)
        self._accept_all([s for s in self._open() if s.id in wanted])

    def set_attribute(self, id: str, name: str, value: str) -> None:
        """Give an attribute a value, `choosing.NONE` to take it away."""
        project = self.session.project
        new = None if value == choosing.NONE else value
        self._do(lambda: edits.set_attribute(project, id, name, new), focus=id)

    def _relate(self, type: str, head: str, tail: str) -> None:
        project = self.session.project
        change = self._do(lambda: edits.add_relation(project, type, head, tail))
        if change:
            self._focus(head)

    def _relation_choices(self, head: str, tail: str, now: str = "") -> list[Choice]:
        """The relations that the scheme admits from head to tail, likeliest first."""
        document, project = self.session.document, self.session.project
        if document is None:
            return []
        habits = project.relation_habits()
        return choosing.relation_choices(project.scheme, document, head, tail, habits, now)

    def _hint(self, then: Callable[[str], None]) -> None:
        """Put letters on every mention in sight but the focused one."""
        source = self.canvas.focused
        if self.focused is None:
            self.session.refused.emit(
                ConstraintError(
                    _("Nothing is focused."), _("Go to a mention first: Tab or arrows.")
                )
            )
            return
        document = self.session.document
        assert document is not None
        targets = [
            *document.mentions,
            *(s.id for s in document.suggestions.values() if s.fragments),
        ]
        self.window.hint([t for t in targets if t != source], then)

    def _position(self, item: Item) -> int:
        """Where it stands in the text; a relation stands where the later of its ends does."""
        document = self.session.document
        assert document is not None
        if isinstance(item, Mention) or (isinstance(item, Suggestion) and not item.is_relation):
            return item.start
        ends = [document.end_of(item.head), document.end_of(item.tail)]
        return max((end.start for end in ends if end is not None), default=0)

    def _following(self, id: str) -> tuple[str, ...]:
        """The reading order after `id`, going round."""
        order = self.canvas.reading_order()
        if id not in order:
            return order
        at = order.index(id)
        return order[at + 1 :] + order[:at]

    def _still_open(self, order: Sequence[str]) -> str:
        """The first of `order` that is still an open suggestion."""
        document = self.session.document
        return next((id for id in order if document and id in document.suggestions), "")

    def _step(self, direction: int) -> None:
        """Focus the next open suggestion from here; if there is none at all, the next gold."""
        document = self.session.document
        order = list(self.canvas.reading_order())
        if document is None or not order:
            return
        if not any(id in document.suggestions for id in order):
            wanted = order
        else:
            wanted = [id for id in order if id in document.suggestions]
        here = self.canvas.focused
        if here in order:
            ring = (
                self._following(here) if direction > 0 else tuple(reversed(self._following(here)))
            )
        else:
            at = self.canvas.caret
            later = [id for id in order if self._position_of(id) >= at]
            earlier = [id for id in order if self._position_of(id) < at]
            ring = tuple(later + earlier) if direction > 0 else tuple((later + earlier)[::-1])
        keep = set(wanted)
        target = next((id for id in ring if id in keep), "")
        if target:
            self.canvas.clear_selection()
            self._focus(target)

    def _position_of(self, id: str) -> int:
        item = self.session.item(id)
        return self._position(item) if item is not None else 0

    def _move(self, unit: Unit, direction: int, extend: bool = False) -> None:
        self.canvas.move_caret(unit, direction, extend)
        if not extend:
            self._focus_at_caret()

    def _focus_at_caret(self) -> None:
        """Focus the innermost mention under the caret, so that keys act on what is read."""
        here = self.canvas.mentions_at(self.canvas.caret)
        self.canvas.set_focused(here[0] if here else "", reveal=False, place_caret=False)

    def _select_word(self) -> None:
        """Select the token at the caret."""
        document = self.session.document
        if document is None:
            return
        spans = tokens(document.article.text)
        index = span_at(spans, self.canvas.caret)
        if index >= 0:
            self.canvas.select((Fragment(*spans[index]),))

    def _move_boundary(self, side: str, direction: int) -> None:
        item = self.focused
        document = self.session.document
        if document is None or item is None or is_relation(item) or isinstance(item, Relation):
            return
        parts = moved_boundary(document.article.text, item.fragments, side, direction)
        if parts == item.fragments:
            self.session.said.emit(_("The boundary can't go further."))
        else:
            self.set_boundaries(item.id, parts)


def moved_boundary(text: str, parts: Fragments, side: str, direction: int) -> Fragments:
    """`parts` with their ``start`` or ``end`` moved by one token (+1: right, -1: left).

    A boundary inside a token moves to that token's edge. The mention keeps at least one token of
    its first or last fragment, and does not run over its neighbour fragment.
    """
    at = 0 if side == "start" else -1
    first, last = parts[at]
    # Tokens near the boundary are enough; a whole long article need not be tokenised.
    low, high = max(0, first - 400), min(len(text), last + 400)
    spans = [(s + low, e + low) for s, e in tokens(text[low:high])]
    if side == "start":
        edges = [s for s, _e in spans if s < last]
        new = _neighbour(edges, first, direction)
        first = first if new is None else new
    else:
        edges = [e for _s, e in spans if e > first]
        new = _neighbour(edges, last, direction)
        last = last if new is None else new
    changed = list(parts)
    changed[at] = Fragment(first, last)
    apart = all(a.end < b.start for a, b in pairwise(changed))
    return tuple(changed) if apart else parts


def _neighbour(edges: list[int], here: int, direction: int) -> int | None:
    if direction > 0:
        return next((e for e in edges if e > here), None)
    return next((e for e in reversed(edges) if e < here), None)


if __name__ == "__main__":
    sys.stdout.write(keys_page())
