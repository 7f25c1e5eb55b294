"""Writes the small project that is kept for each version of the file that was ever shipped.

    python -m tests.versions     writes tests/data/versions/vN.goldsmith for the present version

Run it once when a migration is added, and never again for that version: what is kept must be what
that version wrote.
"""

from __future__ import annotations

from pathlib import Path

from core import edits, scheme
from core.annotation import Document
from core.article import Article
from core.project import Project
from core.schema import VERSION
from tests.conftest import Desk

FOLDER = Path(__file__).parent / "data" / "versions"
TEXT = (
    "Talks in Cairo\n\nSyrian intelligence chief Ali Mamluk met with Khaled Fawzy in Cairo.\n"
    "Riyadh opposed the Russian draft. Mamluk leads the bureau."
)


def path_of(version: int) -> Path:
    """Where the file of a version lies."""
    return FOLDER / f"v{version}.goldsmith"


def write(path: Path) -> None:
    """A project with some of everything: gold, suggestions, entities, notes, undone edits."""
    with Project.create(path, scheme.load("re3d"), "ann") as project:
        desk = Desk(project, TEXT)
        who, whom = desk.mention("Ali Mamluk", "Person"), desk.mention("Khaled Fawzy", "Person")
        place = desk.mention("Cairo", "Location", 1)
        desk.suggest(who, whom, place)
        edits.accept(project, [who.id, whom.id])
        again = desk.mark("Mamluk", "Person", 1)
        edits.same_entity(project, who.id, again)
        edits.set_note(project, again, "the same man")
        city = desk.mark("Riyadh", "Location")
        edits.relabel(project, city, "Organisation")
        edits.undo(project)
        edits.reject(project, [place.id])
        edits.add_documents(project, [Document(Article("a-second", "More text.", title="More"))])
        edits.remove_articles(project, ["a-second"])
        edits.set_state(project, [desk.id], "done")


if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    write(path_of(VERSION))
