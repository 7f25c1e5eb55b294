"""The string-match recommender that other annotation tools ship, to compare with.

Every string that was marked before, in this article or an earlier one, is suggested wherever it
stands again as whole tokens, under the type that it had most often. It knows no relations, and of
a rejection only that it is not repeated at the same place.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from core import edits
from core.annotation import Change, Fragment, Image, Mention, Suggestion, new_id
from core.article import tokens
from core.project import Project
from core.transaction import Edit

SOURCE = "strings"


class StringMatch:
    """A project's companion that remembers strings and their types."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._types: dict[tuple[str, ...], Counter[str]] = {}
        self._longest = 0

    def complete(self, edit: Edit) -> None:
        """Learn what the edit marked and suggest it in the rest of its article."""
        articles = {i.article for i in edit.images if self._learn(i)}
        for article in articles:
            for item in self._matches(article):
                edit.put(item)

    def follow(self, images: Sequence[Image]) -> None:
        """It reads the article anew at each edit."""

    def forget(self) -> None:
        """It remembers nothing of the file but what it learned."""

    def open(self, article: str) -> Change:
        """Suggest in an article what earlier ones taught."""
        return edits.store_suggestions(self._project, article, SOURCE, self._matches(article))

    def _learn(self, image: Image) -> bool:
        learned = False
        for value, sign in ((image.before, -1), (image.after, +1)):
            if isinstance(value, Mention) and len(value.fragments) == 1:
                text = self._project.article(value.article).text[value.start : value.end]
                words = tuple(text[s:e] for s, e in tokens(text))
                self._types.setdefault(words, Counter())[value.type] += sign
                self._longest = max(self._longest, len(words))
                learned = True
        return learned

    def _matches(self, article: str) -> list[Suggestion]:
        text = self._project.article(article).text
        spans = tokens(text)
        words = [text[s:e] for s, e in spans]
        taken = [(m.start, m.end) for m in self._project.mentions_of_article(article)]
        decided = set()
        for item in self._project.suggestions(article, ("open", "accepted", "rejected")):
            if not item.is_relation and item.state == "open":
                taken.append((item.start, item.end))
            elif not item.is_relation:
                decided.add((item.fragments, item.type))
        found: list[Suggestion] = []
        at = 0
        while at < len(words):
            step = 1
            for n in range(min(self._longest, len(words) - at), 0, -1):
                counts = self._types.get(tuple(words[at : at + n]))
                type, best = counts.most_common(1)[0] if counts else ("", 0)
                start, end = spans[at].start, spans[at + n - 1].end
                if best > 0 and not any(s < end and start < e for s, e in taken):
                    parts = (Fragment(start, end),)
                    if (parts, type) not in decided:
                        found.append(
                            Suggestion(new_id("m"), article, type, parts, source=SOURCE, score=0.5)
                        )
                    step = n
                    break
            at += step
        return found
