"""What every command does. Each method below is one line of the table in `gui.commands`.

Thin: it looks at what is focused or selected, calls one function of `core.edits` through the
session, and says where to look next.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from core import edits, order, recall
from core.annotation import (
    Suggestion,
)
from core.errors import ConstraintError
from core.i18n import _, ngettext
from core.order import Order
from gui import choosing
from gui.canvas.page import RelationMode
from gui.commands import Menu, Scope, command, keys_page
from gui.drafts import NOTE
from gui.steps import Steps, is_relation

if TYPE_CHECKING:
    pass

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
    "menu_bar": lambda a: not a.window.menuBar().isNativeMenuBar(),
}


class Actions(Steps):
    """The commands of one window. `applies` says whether one of them would do anything now."""

    def applies(self, needs: str) -> bool:
        """Whether what a command `needs` (a key of `NEEDS`) is there."""
        return NEEDS[needs](self)

    # -- file

    @command(
        "New project…", Menu.FILE, "Ctrl+N", scope=Scope.WINDOW, needs="always",
        help="Create a project file with a scheme of your choice.",
    )  # fmt: skip
    def new_project(self) -> None:
        self.window.files.new_project()

    @command(
        "Scheme from files…", Menu.FILE, scope=Scope.WINDOW, needs="always",
        help="Make a scheme of the types that annotated files hold; keep it, or start a project.",
    )  # fmt: skip
    def scheme_from_files(self) -> None:
        self.window.files.scheme_from_files()

    @command(
        "Open project…", Menu.FILE, "Ctrl+O", scope=Scope.WINDOW, needs="always",
        help="Open another project file.",
    )  # fmt: skip
    def open_project(self) -> None:
        self.window.files.open_project()

    @command(
        "Add articles…", Menu.FILE, "Ctrl+I", scope=Scope.WINDOW, needs="writable", toolbar=True,
        help="Add text files, or everything in a folder, to the project.",
    )  # fmt: skip
    def add_articles(self) -> None:
        self.window.files.add_articles()

    @command(
        "Add a folder…", Menu.FILE, scope=Scope.WINDOW, needs="writable",
        help="Add all articles in a folder and the folders in it.",
    )  # fmt: skip
    def add_folder(self) -> None:
        self.window.files.add_folder()

    @command(
        "Export gold…", Menu.FILE, "Ctrl+E", scope=Scope.WINDOW, needs="always", toolbar=True,
        help="Write the gold to files, in any of the formats that Goldsmith knows.",
    )  # fmt: skip
    def export(self) -> None:
        self.window.files.export()

    @command(
        "Remove article", Menu.FILE, scope=Scope.WINDOW, needs="article",
        help="Take the open article out of the project, with its gold; undo brings it back.",
    )  # fmt: skip
    def remove_article(self) -> None:
        id = self.session.article_id
        title = self.session.document.article.title if self.session.document else ""
        if self.session.do(lambda: edits.remove_articles(self.session.project, [id])):
            self.session.said.emit(
                _("“{title}” was removed; undo brings it back.").format(title=title)
            )

    @command(
        "Near-duplicates…", Menu.FILE, scope=Scope.WINDOW, needs="always",
        help="List articles that share much of their text; open one, or take one out.",
    )  # fmt: skip
    def show_duplicates(self) -> None:
        self.window.files.show_duplicates()

    @command(
        "Save a copy…", Menu.FILE, "Ctrl+Shift+S", scope=Scope.WINDOW, needs="always",
        help="Write the whole project to another place, as it is now; work goes on here.",
    )  # fmt: skip
    def save_copy(self) -> None:
        self.window.files.save_copy()

    @command(
        "Restore a copy…", Menu.FILE, scope=Scope.WINDOW, needs="writable",
        help="Go back to a copy that was made on opening or in an hour of work.",
    )  # fmt: skip
    def restore_backup(self) -> None:
        self.window.files.restore_backup()

    @command(
        "Check this project…", Menu.FILE, scope=Scope.WINDOW, needs="always",
        help="See whether the file is sound; where it is damaged, restore a copy, or recover what "
        "can be read.",
    )  # fmt: skip
    def check_project(self) -> None:
        self.window.files.check_project()

    @command(
        "Quit", Menu.FILE, "Ctrl+Q", scope=Scope.WINDOW, needs="always",
        help="Close the window. Everything is saved already.",
    )  # fmt: skip
    def quit(self) -> None:
        self.window.close()

    # -- edit

    @command(
        "Undo", Menu.EDIT, "Ctrl+Z", scope=Scope.WINDOW, needs="undo", toolbar=True,
        repeats=True,
        help="Take the last edit back; as often as you like, also after a restart.",
    )  # fmt: skip
    def undo(self) -> None:
        self._show(self.window.undoing.step("undo", held=self.window.held))

    @command(
        "Redo", Menu.EDIT, "Ctrl+Shift+Z", "Ctrl+Y", scope=Scope.WINDOW, needs="redo",
        toolbar=True, repeats=True,
        help="Make the edit that was undone last again.",
    )  # fmt: skip
    def redo(self) -> None:
        self._show(self.window.undoing.step("redo", held=self.window.held))

    @command(
        "Undo back to…", Menu.EDIT, "Ctrl+Alt+Z", scope=Scope.WINDOW, needs="undo",
        help="Show the last edits, and take back all down to the one that you pick.",
    )  # fmt: skip
    def undo_history(self) -> None:
        steps = self.session.project.undo_steps()
        choices = choosing.undo_choices(steps)
        title = _("Undo all down to and with:")
        self.window.pick(choices, self.window.anchor(), self._undo_steps, title=title)

    @command(
        "Find", Menu.EDIT, "Ctrl+F", scope=Scope.WINDOW,
        help="Find words in the open article; Enter goes to the next place.",
    )  # fmt: skip
    def find(self) -> None:
        self.window.find_bar.open()

    # -- review

    @command(
        "Next suggestion", Menu.REVIEW, "Tab",
        repeats=True,
        help="Go to the next open suggestion; when none is left, to the next gold.",
    )  # fmt: skip
    def next_suggestion(self) -> None:
        self._step(+1)

    @command(
        "Previous suggestion", Menu.REVIEW, "Shift+Tab",
        repeats=True,
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
            if self.at_once:
                self.mark_selection()
            else:
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
        "Never suggested…", Menu.REVIEW, "Ctrl+Shift+N", scope=Scope.WINDOW, needs="writable",
        help="List what is never suggested; what you pick may be suggested again.",
    )  # fmt: skip
    def vetoes(self) -> None:
        choices = choosing.veto_choices(self.session.project)
        if not choices:
            self.session.said.emit(_("Nothing is barred from being suggested."))
            return
        self.window.pick(
            choices, self.window.anchor(), self._allow, title=_("Never suggested; pick to allow:")
        )

    @command(
        "Accept all in sentence", Menu.REVIEW, "Shift+Return",
        help="Make every suggestion in this sentence gold, as one undo step.",
    )  # fmt: skip
    def accept_sentence(self) -> None:
        self._accept_all(self._in_sentence())

    @command(
        "Accept all in article", Menu.REVIEW, "Ctrl+Shift+Return", scope=Scope.WINDOW,
        help="Make every open suggestion of this article gold, as one undo step.",
    )  # fmt: skip
    def accept_article(self) -> None:
        self._accept_all(self._open())

    @command(
        "Accept all, article done", Menu.REVIEW, "F9", scope=Scope.WINDOW,
        help="Make every open suggestion of this article gold, say that it is done and open the "
        "next one; one undo step.",
    )  # fmt: skip
    def accept_and_finish(self) -> None:
        id, items = self.session.article_id, [s.id for s in self._open()]
        project = self.session.project
        if not items:
            self.article_done()
        elif self._do(lambda: edits.accept_and_finish(project, id, items), many=len(items)):
            self._go_on()

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
        "Reject all in sentence", Menu.REVIEW, "Alt+Shift+Backspace",
        help="Reject every suggestion in this sentence that is still open, as one undo step.",
    )  # fmt: skip
    def reject_sentence(self) -> None:
        self._reject_all(self._in_sentence())

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
        left = len(self._open())
        if self._do(lambda: edits.set_state(self.session.project, [id], "done")):
            told = ngettext(
                "Done; {n} suggestion was left open in it.",
                "Done; {n} suggestions were left open in it.",
                left,
            )
            self._go_on(told.format(n=left) if left else "")

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
        self.window.suggesting.articles([self.session.article_id])

    @command(
        "Suggest in all articles", Menu.REVIEW, scope=Scope.WINDOW, needs="writable",
        help="Run the suggester over every article that is not done.",
    )  # fmt: skip
    def suggest_all(self) -> None:
        self.window.suggesting.all()

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
        "The learner…", Menu.REVIEW, scope=Scope.WINDOW, needs="always",
        help="See what was learned from finished articles, train now, or switch the learner off.",
    )  # fmt: skip
    def learner(self) -> None:
        self.window.learning.show()

    @command(
        "Choose suggester…", Menu.REVIEW, scope=Scope.WINDOW, needs="always",
        help="Use the built-in rules or any installed spaCy pipeline.",
    )  # fmt: skip
    def choose_suggester(self) -> None:
        self.window.suggesting.choose()

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
            self._hint(
                self.relate_to,
                self.session.project.scheme.relates,
                _("Type the letters on the target; Esc leaves."),
                _("The scheme relates {type} to nothing that is in sight."),
            )

    @command(
        "Same entity…", Menu.ANNOTATE, "G", needs="mention",
        help="Say that the focused mention and another of its type, chosen by its letters, are the "
        "same.",
    )  # fmt: skip
    def same_entity(self) -> None:
        self._hint(
            self.unite_with,
            lambda one, other: one == other,
            _("Type the letters on another {type}, as an entity is of one type; Esc leaves."),
            _("No other {type} is in sight, and an entity is of one type."),
        )

    @command(
        "Not the same entity", Menu.ANNOTATE, "-", needs="mention",
        help="Take the focused mention out of its entity. Right after a type went to all mentions "
        "of an entity: give it to this one alone.",
    )  # fmt: skip
    def not_same_entity(self) -> None:
        self.part_from_entity()

    @command(
        "Flip relation", Menu.ANNOTATE, "X", needs="relation",
        help="Turn the focused relation round.",
    )  # fmt: skip
    def flip(self) -> None:
        self.flip_focused()

    @command("Start one word left", Menu.ANNOTATE, "[", needs="mention",
             repeats=True,
             help="Move the start of the focused mention one token to the left.")  # fmt: skip
    def start_left(self) -> None:
        self._move_boundary("start", -1)

    @command("Start one word right", Menu.ANNOTATE, "]", needs="mention",
             repeats=True,
             help="Move the start of the focused mention one token to the right.")  # fmt: skip
    def start_right(self) -> None:
        self._move_boundary("start", +1)

    @command("End one word left", Menu.ANNOTATE, "{", needs="mention",
             repeats=True,
             help="Move the end of the focused mention one token to the left.")  # fmt: skip
    def end_left(self) -> None:
        self._move_boundary("end", -1)

    @command("End one word right", Menu.ANNOTATE, "}", needs="mention",
             repeats=True,
             help="Move the end of the focused mention one token to the right.")  # fmt: skip
    def end_right(self) -> None:
        self._move_boundary("end", +1)

    @command(
        "Mark at once, or with a list", Menu.ANNOTATE, "F4", scope=Scope.WINDOW, needs="always",
        help="At once: words that are selected become a mention, and two mentions that are joined "
        "a relation, of the likeliest type; a type's key changes it. Else a list opens each time.",
    )  # fmt: skip
    def mark_at_once(self) -> None:
        self.window.use_at_once(not self.at_once)
        self.session.said.emit(
            _("Marks at once, as what is likeliest; a type's key changes it.")
            if self.at_once
            else _("A list of types opens each time.")
        )

    @command(
        "Keep selection, add another part", Menu.ANNOTATE, "+",
        help="For a mention in several parts: keep what is selected and select a further part.",
    )  # fmt: skip
    def hold_selection(self) -> None:
        if self.canvas.hold_selection():
            how = _(
                "This part is held. Select the next one: drag over it, or go there and use {key}."
            )
            self.session.said.emit(how.format(key=self.keymap.first("select_right")))

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
            self.session.unsaved_notes.get(item.id)
            or ("" if isinstance(item, Suggestion) else item.note),
            self._note_writer(item.id),
            draft=(item.id, NOTE),
        )

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

    @command(
        "Order of articles", Menu.GO, "Ctrl+Shift+O", scope=Scope.WINDOW, needs="writable",
        help="Change between the articles as given and the most useful first: unsure suggestions, "
        "new names, short texts. It is kept in the project.",
    )  # fmt: skip
    def article_order(self) -> None:
        panel = self.window.articles
        panel.use_order(
            Order.GIVEN if order.of(self.session.project) is Order.USEFUL else Order.USEFUL
        )

    @command("Menus", Menu.GO, "F10", scope=Scope.WINDOW, needs="menu_bar",
             help="Put the keyboard into the menus; Esc comes back.")  # fmt: skip
    def menus(self) -> None:
        self.window.to_menus()

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
        self.window.folding.open("articles")
        self.window.articles.list.setFocus()

    @command(
        "Filter suggestions", Menu.GO, "F8", scope=Scope.WINDOW, needs="always",
        help="Narrow the list of open suggestions by words, type or score; Esc comes back.",
    )  # fmt: skip
    def filter_suggestions(self) -> None:
        self.window.folding.open("inspector")
        self.window.inspector.queue.filter.setFocus()
        self.window.inspector.queue.filter.selectAll()

    # -- view

    @command("Larger text", Menu.VIEW, "Ctrl++", "Ctrl+=", scope=Scope.WINDOW, needs="always",
             repeats=True,
             help="Make the text larger.")  # fmt: skip
    def zoom_in(self) -> None:
        self.window.zoom(+1)

    @command("Smaller text", Menu.VIEW, "Ctrl+-", scope=Scope.WINDOW, needs="always",
             repeats=True,
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
        self.window.use_relation_mode(modes[(at + 1) % len(modes)])
        self.session.said.emit(_("Relations: {mode}").format(mode=_(self.canvas.relation_mode)))

    @command("Light or dark", Menu.VIEW, "Ctrl+D", scope=Scope.WINDOW, needs="always",
             help="Change between the light and the dark theme.")  # fmt: skip
    def theme(self) -> None:
        self.window.switch_theme()

    @command("Key hints", Menu.VIEW, "Ctrl+K", scope=Scope.WINDOW, needs="always",
             help="Show or hide the line of keys below the text.")  # fmt: skip
    def key_hints(self) -> None:
        self.window.toggle_legend()

    @command(
        "Article list beside the text", Menu.VIEW, "F2", scope=Scope.WINDOW, needs="always",
        help="Fold the list of articles, or bring it back. In a narrow window it gives way by "
        "itself, after the inspector, and comes back when there is room.",
    )  # fmt: skip
    def show_articles(self) -> None:
        self.window.folding.toggle("articles")

    @command(
        "Inspector beside the text", Menu.VIEW, "F3", scope=Scope.WINDOW, needs="always",
        help="Fold the panel with details and suggestions, or bring it back. In a narrow window it "
        "gives way by itself, and comes back when there is room.",
    )  # fmt: skip
    def show_inspector(self) -> None:
        self.window.folding.toggle("inspector")

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

    def _go_on(self, said: str = "") -> None:
        """An article is done: the learner may learn from it, and the next one opens."""
        self.window.learning.article_done()
        self.window.articles.open_next_undone(said)

    # -- the same by mouse

    def accept_item(self, id: str) -> None:
        """Accept one suggestion that was pointed at."""
        self.canvas.set_focused(id)
        self.accept()


if __name__ == "__main__":
    sys.stdout.write(keys_page())
