"""What a careful annotator marks in the seed article, by the guidelines in news.toml."""

from __future__ import annotations

Span = tuple[int, int]
Fact = tuple[Span, str, Span]

# (text, type, which occurrence of the text).
MENTIONS = [
    ("Syrian", "NORP", 0), ("intelligence chief", "TITLE", 0), ("Egypt", "GPE", 0),
    ("Syrian", "NORP", 1), ("intelligence chief", "TITLE", 1), ("Ali Mamluk", "PERSON", 0),
    ("Egypt", "GPE", 1), ("Monday", "DATE", 0), ("Damascus", "GPE", 0), ("Cairo", "GPE", 0),
    ("Syria", "GPE", 2), ("SANA", "ORG", 0), ("SANA", "ORG", 1), ("Mamluk", "PERSON", 1),
    ("Egyptian", "NORP", 0), ("head of general intelligence", "TITLE", 0),
    ("general intelligence", "ORG", 0), ("Khaled Fawzy", "PERSON", 0), ("one-day", "DATE", 0),
    ("Syrian", "NORP", 2), ("Egyptian", "NORP", 1), ("SANA", "ORG", 2), ("Syrian", "NORP", 3),
    ("Damascus", "GPE", 1), ("Mamluk", "PERSON", 2), ("Egyptian", "NORP", 2), ("Cairo", "GPE", 1),
    ("Egypt", "GPE", 5), ("Saudi Arabia", "GPE", 0), ("Cairo", "GPE", 2), ("Russian", "NORP", 0),
    ("Russian draft resolution", "LAW", 0), ("Syria", "GPE", 5), ("Riyadh", "GPE", 0),
    ("Russian", "NORP", 1), ("Russian draft", "LAW", 1), ("Cairo", "GPE", 3),
    ("six-year", "DATE", 0), ("Syrian", "NORP", 4), ("Riyadh", "GPE", 1),
    ("Bashar al-Assad", "PERSON", 0), ("Mamluk", "PERSON", 3),
    ("head of national security", "TITLE", 0), ("2012", "DATE", 0), ("Damascus", "GPE", 2),
    ("four", "CARDINAL", 0), ("President", "TITLE", 0), ("Bashar al-Assad", "PERSON", 1),
    ("EU", "ORG", 0), ("Mamluk", "PERSON", 4), ("May 2015", "DATE", 0), ("Assad", "PERSON", 2),
    ("Iranian", "NORP", 0),
    ("Iranian parliament's national security and foreign policy committee", "ORG", 0),
    ("Alaedin Boroujerdi", "PERSON", 0), ("Syria", "GPE", 7), ("early 2011", "DATE", 0),
    ("Assad", "PERSON", 3),
    ("Arab Spring", "EVENT", 0), ("more than a quarter of a million", "CARDINAL", 0),
    ("more than 10 million", "CARDINAL", 0), ("UN", "ORG", 0),
    ("Syrian Center for Policy Research", "ORG", 0), ("Beirut", "GPE", 0),
    ("five-year", "DATE", 0), ("more than 470,000", "CARDINAL", 0),
]  # fmt: skip
# (head, relation, tail), each end as above.
RELATIONS = [
    (("Ali Mamluk", 0), "visited", ("Egypt", 1)),
    (("Mamluk", 1), "met_with", ("Khaled Fawzy", 0)),
    (("Khaled Fawzy", 0), "citizen_of", ("Egyptian", 0)),
    (("Khaled Fawzy", 0), "leads", ("general intelligence", 0)),
    (("Cairo", 2), "represents", ("Egypt", 5)),
    (("Cairo", 2), "supports", ("Russian draft resolution", 0)),
    (("Riyadh", 0), "opposes", ("Russian draft", 1)),
    (("Riyadh", 1), "opposes", ("Bashar al-Assad", 0)),
    (("Riyadh", 0), "represents", ("Saudi Arabia", 0)),
    (("EU", 0), "sanctions", ("Mamluk", 3)),
    (("Mamluk", 3), "appointed", ("head of national security", 0)),
    (("Assad", 2), "met_with", ("Alaedin Boroujerdi", 0)),
    (
        ("Alaedin Boroujerdi", 0),
        "leads",
        ("Iranian parliament's national security and foreign policy committee", 0),
    ),
    (("more than a quarter of a million", 0), "attributed_to", ("UN", 0)),
    (("more than 10 million", 0), "attributed_to", ("UN", 0)),
    (("Syrian Center for Policy Research", 0), "based_in", ("Beirut", 0)),
    (("more than 470,000", 0), "attributed_to", ("Syrian Center for Policy Research", 0)),
]


def span(text: str, words: str, nth: int) -> Span:
    """Where the nth occurrence of `words` stands."""
    at = -1
    for _ in range(nth + 1):
        at = text.index(words, at + 1)
    return at, at + len(words)


def mentions(text: str) -> set[tuple[str, Span]]:
    """The gold mentions of the article's `text`: (type, where)."""
    return {(type, span(text, words, nth)) for words, type, nth in MENTIONS}


def facts(text: str) -> set[Fact]:
    """The gold relations: (where the head stands, relation, where the tail does)."""
    return {(span(text, *head), type, span(text, *tail)) for head, type, tail in RELATIONS}
