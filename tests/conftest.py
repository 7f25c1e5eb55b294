"""What all tests share: the seed article and projects in a temporary folder."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as in the worker; tests run side by side

from core import edits, scheme
from core.annotation import Document, Fragment, Suggestion, new_id
from core.article import Article
from core.project import Project

# A busy machine is no fault; and what a property test does to its fixtures, it undoes itself.
PATIENT = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
settings.register_profile("patient", deadline=None, suppress_health_check=PATIENT)
settings.load_profile("patient")

ROOT = Path(__file__).resolve().parent.parent
SEED = next((ROOT / "seeds").glob("*.txt"))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--renew-golden", action="store_true", help="take the images of the canvas as they are now"
    )


@pytest.fixture(autouse=True)
def own_settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """No test reads or writes the settings of whoever runs it; nor does one that takes back what it
    patched itself."""
    place = tmp_path_factory.mktemp("settings")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CONFIG_HOME", str(place))
        yield place


@pytest.fixture
def seed_text() -> str:
    """The text of the seed article."""
    return SEED.read_text(encoding="utf-8")


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    """An empty project in the ``news`` scheme, annotated by "ann"."""
    with Project.create(tmp_path / "test.goldsmith", scheme.load("news"), "ann") as project:
        yield project


class Desk:
    """An article in a project, with words for spans: what tests are written in."""

    def __init__(self, project: Project, text: str, id: str = "a-test") -> None:
        self.project = project
        self.text = text
        self.id = id
        title = text.strip().split("\n")[0]
        edits.add_documents(project, [Document(Article(id, text, title=title))])

    def span(self, words: str, nth: int = 0) -> Fragment:
        """Where the nth occurrence of `words` stands."""
        at = -1
        for _ in range(nth + 1):
            at = self.text.index(words, at + 1)
        return Fragment(at, at + len(words))

    def mark(self, words: str, type: str, nth: int = 0) -> str:
        """Make gold; the mention's id."""
        return edits.add_mention(self.project, self.id, [self.span(words, nth)], type).focus

    def suggest(self, *items: Suggestion, source: str = "test") -> None:
        """Store suggestions."""
        edits.store_suggestions(self.project, self.id, source, items)

    def mention(self, words: str, type: str, nth: int = 0, source: str = "test") -> Suggestion:
        """A mention suggestion, not stored yet."""
        return Suggestion(
            new_id("m"), self.id, type, (self.span(words, nth),), source=source, score=0.5
        )

    def relation(
        self, type: str, head: Suggestion | str, tail: Suggestion | str, source: str = "test"
    ) -> Suggestion:
        """A relation suggestion, not stored yet."""
        ends = [e if isinstance(e, str) else e.id for e in (head, tail)]
        return Suggestion(
            new_id("r"), self.id, type, head=ends[0], tail=ends[1], source=source, score=0.5
        )

    @property
    def document(self) -> Document:
        """The article as the file has it now."""
        return self.project.document(self.id)


@pytest.fixture
def desk(project: Project) -> Desk:
    """A short article to work on."""
    text = (
        "Talks in Cairo\n\nSyrian intelligence chief Ali Mamluk met with Khaled Fawzy in Cairo.\n"
        "Riyadh opposed the Russian draft. Mamluk leads the bureau."
    )
    return Desk(project, text)
