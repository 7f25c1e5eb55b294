"""The tables and views of a project file, one migration a version ever shipped.

Migrations are append-only: a version that was shipped is never edited. `VERSION` is the file's
``user_version`` after the last one.
"""

from __future__ import annotations

import re
import sqlite3
from functools import cache

from sqlite_utils import Migrations
from sqlite_utils.db import Database

APPLICATION_ID = 0x474F4C44  # "GOLD"
VERSION = 5

migrations = Migrations("goldsmith")


@cache
def reference(version: int = VERSION) -> dict[tuple[str, str], str]:
    """(type, name) to SQL of everything that a version makes, as ``sqlite_master`` has it."""
    db = Database(sqlite3.connect(":memory:", isolation_level=None))
    after = [m.name for m in migrations.pending(db)][version:]
    migrations.apply(db, stop_before=after[:1])
    made = {
        (type, name): sql
        for type, name, sql in db.execute("SELECT type, name, sql FROM sqlite_master")
        if sql is not None
    }
    db.close()
    return made


@migrations()
def v1(db: Database) -> None:
    """Articles, gold, suggestions, journal."""
    for statement in _V1.split(";\n\n"):
        db.execute(statement)
    db.execute("PRAGMA user_version = 1")


@migrations()
def v2(db: Database) -> None:
    """Words of titles and texts, and the indexes that let a list of a million articles page."""
    # A connection that trusts no schema (`core.opening`) refuses tables that call a function, even
    # json_valid; taking a CHECK away needs no rewriting of rows (sqlite.org/lang_altertable.html).
    db.execute("PRAGMA writable_schema = ON")
    for name, sql in db.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table'"):
        lighter = re.sub(r" CHECK \(json_valid\(\w+\)\)", "", sql)
        if lighter != sql:
            db.execute("UPDATE sqlite_master SET sql = ? WHERE name = ?", [lighter, name])
    ((schema,),) = db.execute("PRAGMA schema_version").fetchall()
    db.execute(f"PRAGMA schema_version = {schema + 1}")
    db.execute("PRAGMA writable_schema = OFF")
    for statement in _V2.split(";\n\n"):
        db.execute(statement)
    db.execute("PRAGMA user_version = 2")


@migrations()
def v3(db: Database) -> None:
    """The journal in parts, so that no edit is too large for memory; near-duplicates."""
    for statement in _V3.split(";\n\n"):
        db.execute(statement)
    ((top,),) = db.execute("SELECT coalesce(max(position), 0) FROM articles").fetchall()
    db.execute("INSERT INTO settings VALUES ('words', ?)", [str(top)])
    db.execute("PRAGMA user_version = 3")


@migrations()
def v4(db: Database) -> None:
    """The project's memory: what decisions add up to (`core.tally`), and what was vetoed."""
    for statement in _V4.split(";\n\n"):
        db.execute(statement)
    db.execute("PRAGMA user_version = 4")


@migrations()
def v5(db: Database) -> None:
    """How useful each article would be next (`core.turns`)."""
    for statement in _V5.split(";\n\n"):
        db.execute(statement)
    db.execute("PRAGMA user_version = 5")


_V1 = """
CREATE TABLE settings (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;

CREATE TABLE annotators (
    name TEXT PRIMARY KEY,
    added TEXT NOT NULL
) STRICT;

CREATE TABLE articles (
    id TEXT PRIMARY KEY,
    position INTEGER NOT NULL,
    title TEXT NOT NULL,
    outlet TEXT NOT NULL,
    author TEXT NOT NULL,
    url TEXT NOT NULL,
    published TEXT NOT NULL,
    language TEXT NOT NULL,
    licence TEXT NOT NULL,
    source TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('new', 'done')),
    meta TEXT NOT NULL CHECK (json_valid(meta)),
    removed INTEGER NOT NULL CHECK (removed IN (0, 1)),
    sha256 TEXT NOT NULL,
    characters INTEGER NOT NULL,
    text TEXT NOT NULL
) STRICT;

CREATE UNIQUE INDEX articles_text ON articles (sha256) WHERE removed = 0;

CREATE INDEX articles_position ON articles (position);

CREATE TABLE entities (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    type TEXT NOT NULL,
    kb_id TEXT NOT NULL
) STRICT;

CREATE TABLE mentions (
    id TEXT PRIMARY KEY,
    article TEXT NOT NULL REFERENCES articles (id) DEFERRABLE INITIALLY DEFERRED,
    type TEXT NOT NULL CHECK (type <> ''),
    entity TEXT REFERENCES entities (id) DEFERRABLE INITIALLY DEFERRED,
    annotator TEXT REFERENCES annotators (name) ON UPDATE CASCADE,
    source TEXT NOT NULL,
    score REAL
) STRICT;

CREATE INDEX mentions_article ON mentions (article);

CREATE INDEX mentions_entity ON mentions (entity);

CREATE TABLE fragments (
    mention TEXT NOT NULL REFERENCES mentions (id) ON DELETE CASCADE,
    n INTEGER NOT NULL,
    start INTEGER NOT NULL CHECK (start >= 0),
    "end" INTEGER NOT NULL CHECK ("end" > start),
    PRIMARY KEY (mention, n)
) STRICT, WITHOUT ROWID;

CREATE INDEX fragments_start ON fragments (start);

CREATE TABLE relations (
    id TEXT PRIMARY KEY,
    article TEXT NOT NULL REFERENCES articles (id) DEFERRABLE INITIALLY DEFERRED,
    type TEXT NOT NULL CHECK (type <> ''),
    head TEXT NOT NULL REFERENCES mentions (id) DEFERRABLE INITIALLY DEFERRED,
    tail TEXT NOT NULL REFERENCES mentions (id) DEFERRABLE INITIALLY DEFERRED,
    evidence TEXT NOT NULL CHECK (json_valid(evidence)),
    annotator TEXT REFERENCES annotators (name) ON UPDATE CASCADE,
    source TEXT NOT NULL,
    score REAL
) STRICT;

CREATE INDEX relations_article ON relations (article);

CREATE INDEX relations_head ON relations (head);

CREATE INDEX relations_tail ON relations (tail);

CREATE TABLE attributes (
    item TEXT NOT NULL,
    name TEXT NOT NULL,
    value TEXT NOT NULL CHECK (json_valid(value)),
    PRIMARY KEY (item, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE notes (
    item TEXT PRIMARY KEY,
    text TEXT NOT NULL
) STRICT;

CREATE TABLE suggestions (
    id TEXT PRIMARY KEY,
    article TEXT NOT NULL REFERENCES articles (id) DEFERRABLE INITIALLY DEFERRED,
    type TEXT NOT NULL CHECK (type <> ''),
    fragments TEXT NOT NULL CHECK (json_valid(fragments)),
    head TEXT NOT NULL,
    tail TEXT NOT NULL,
    evidence TEXT NOT NULL CHECK (json_valid(evidence)),
    attributes TEXT NOT NULL CHECK (json_valid(attributes)),
    source TEXT NOT NULL,
    score REAL NOT NULL,
    why TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('open', 'accepted', 'rejected'))
) STRICT;

CREATE INDEX suggestions_article ON suggestions (article, state);

CREATE INDEX suggestions_head ON suggestions (head) WHERE head <> '';

CREATE INDEX suggestions_tail ON suggestions (tail) WHERE tail <> '';

CREATE TABLE journal (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    at TEXT NOT NULL,
    annotator TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('do', 'undo', 'redo', 'system')),
    target INTEGER REFERENCES journal (seq),
    article TEXT NOT NULL,
    label TEXT NOT NULL,
    images TEXT NOT NULL CHECK (json_valid(images))
) STRICT;

CREATE TRIGGER journal_is_append_only_1 BEFORE UPDATE ON journal
BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;

CREATE TRIGGER journal_is_append_only_2 BEFORE DELETE ON journal
BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;

CREATE VIEW gold_mentions AS
SELECT
    a.title AS article,
    (SELECT group_concat(part, ' … ') FROM (
        SELECT substr(a.text, f.start + 1, f."end" - f.start) AS part
        FROM fragments f WHERE f.mention = m.id ORDER BY f.n)) AS text,
    m.type AS type,
    (SELECT min(f.start) FROM fragments f WHERE f.mention = m.id) AS start,
    (SELECT max(f."end") FROM fragments f WHERE f.mention = m.id) AS "end",
    (SELECT count(*) FROM fragments f WHERE f.mention = m.id) AS fragments,
    e.name AS entity,
    e.kb_id AS kb_id,
    n.text AS note,
    m.annotator AS annotator,
    m.source AS source,
    a.state AS article_state,
    a.outlet AS outlet,
    a.published AS published,
    m.id AS mention_id,
    a.id AS article_id
FROM mentions m
JOIN articles a ON a.id = m.article AND a.removed = 0
LEFT JOIN entities e ON e.id = m.entity
LEFT JOIN notes n ON n.item = m.id
ORDER BY a.position, start, "end" DESC;

CREATE VIEW gold_relations AS
SELECT
    h.article AS article,
    h.text AS head,
    h.type AS head_type,
    r.type AS relation,
    t.text AS tail,
    t.type AS tail_type,
    (SELECT group_concat(substr(a.text, json_extract(p.value, '$[0]') + 1,
            json_extract(p.value, '$[1]') - json_extract(p.value, '$[0]')), ' … ')
        FROM json_each(r.evidence) p) AS evidence,
    n.text AS note,
    r.annotator AS annotator,
    r.source AS source,
    a.state AS article_state,
    r.id AS relation_id,
    r.head AS head_id,
    r.tail AS tail_id,
    a.id AS article_id
FROM relations r
JOIN articles a ON a.id = r.article AND a.removed = 0
JOIN gold_mentions h ON h.mention_id = r.head
JOIN gold_mentions t ON t.mention_id = r.tail
LEFT JOIN notes n ON n.item = r.id
ORDER BY a.position, h.start
"""

# `core.store` keeps the index of words up to date: a trigger can't, since a file that came by mail
# may have triggers of its own and is opened with ``trusted_schema`` off.
_V2 = """
CREATE VIRTUAL TABLE words USING fts5 (
    title, text,
    content = 'articles', content_rowid = 'position', columnsize = 0,
    tokenize = "unicode61 remove_diacritics 2"
);

INSERT INTO words (words) VALUES ('rebuild');

CREATE INDEX articles_shown ON articles (position) WHERE removed = 0;

CREATE INDEX articles_todo ON articles (position) WHERE removed = 0 AND state <> 'done';

CREATE INDEX journal_steps ON journal (seq, kind, target) WHERE kind <> 'system'
"""

# An edit of many values has its images in several rows; the last of them are in the journal itself.
# What two texts share is found by a few hashes of each (`core.sketch`); `sketched` numbers the
# articles that were looked at, so that the index is small.
_V3 = """
CREATE TABLE journal_parts (
    seq INTEGER NOT NULL REFERENCES journal (seq) DEFERRABLE INITIALLY DEFERRED,
    n INTEGER NOT NULL,
    images TEXT NOT NULL,
    PRIMARY KEY (seq, n)
) STRICT;

CREATE TRIGGER journal_parts_are_append_only_1 BEFORE UPDATE ON journal_parts
BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;

CREATE TRIGGER journal_parts_are_append_only_2 BEFORE DELETE ON journal_parts
BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;

CREATE TABLE sketched (
    n INTEGER PRIMARY KEY,
    article TEXT NOT NULL UNIQUE REFERENCES articles (id)
) STRICT;

CREATE TABLE sketches (
    hash INTEGER NOT NULL,
    n INTEGER NOT NULL REFERENCES sketched (n),
    PRIMARY KEY (hash, n)
) STRICT, WITHOUT ROWID;

CREATE TABLE near_duplicates (
    article TEXT NOT NULL REFERENCES articles (id),
    other TEXT NOT NULL REFERENCES articles (id),
    shared REAL NOT NULL CHECK (shared BETWEEN 0 AND 1),
    PRIMARY KEY (article, other)
) STRICT, WITHOUT ROWID;

CREATE INDEX near_duplicates_other ON near_duplicates (other)
"""

_V4 = """
CREATE TABLE memory (
    kind TEXT NOT NULL,
    key TEXT NOT NULL,
    type TEXT NOT NULL,
    yes INTEGER NOT NULL,
    no INTEGER NOT NULL,
    PRIMARY KEY (kind, key, type)
) STRICT, WITHOUT ROWID;

CREATE TABLE vetoes (
    id TEXT PRIMARY KEY,
    article TEXT NOT NULL,
    type TEXT NOT NULL,
    words TEXT NOT NULL
) STRICT;

CREATE INDEX vetoes_words ON vetoes (words);

INSERT INTO memory
SELECT 'name', trim(replace(replace(substr(a.text, f.start + 1, f."end" - f.start),
    char(10), ' '), '  ', ' ')) AS name, m.type, count(*), 0
FROM mentions m
JOIN fragments f ON f.mention = m.id
JOIN articles a ON a.id = m.article AND a.removed = 0
WHERE NOT EXISTS (SELECT 1 FROM fragments g WHERE g.mention = m.id AND g.n = 1)
GROUP BY name, m.type
"""

_V5 = """
CREATE TABLE turns (
    article TEXT PRIMARY KEY,
    position INTEGER NOT NULL,
    value REAL NOT NULL,
    unsure REAL NOT NULL,
    new REAL NOT NULL,
    suggestions INTEGER NOT NULL,
    characters INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX turns_value ON turns (value DESC, position)
"""
