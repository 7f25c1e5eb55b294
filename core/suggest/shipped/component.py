"""The spaCy component ``goldsmith_reader``: names into ``doc.ents``, noun phrases of reports into
``doc.spans["reports"]``, vectors of words into ``doc.tensor``.

    nlp = spacy.load("resources/models/goldsmith_news")
    doc = nlp("Minister Jane Roe met Acme Corp. in Oslo.")

``doc.spans["names"]`` holds what ``doc.ents`` does; the scores are in the ``attrs`` of both groups.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from spacy.language import Language
from spacy.tokens import Doc, SpanGroup

from core import scheme as schemes
from core.article import Span
from core.suggest.shipped import decode
from core.suggest.shipped.consistency import agreed
from core.suggest.shipped.features import WINDOW, rule_tags, sentence_ends, windows
from core.suggest.shipped.labels import NAMES, REPORTS, bio
from core.suggest.shipped.network import Array, Network

FACTORY = "goldsmith_reader"
HEADS = ("names", "reports", "wiki")
_FILE = "network.npz"
_TAGS = {"names": bio(NAMES), "reports": bio(REPORTS)}


class Reader:
    """Runs the network on documents.

    Attributes:
        network: None until it is loaded.
        window: the most word pieces that are read together.
        heads: which heads were trained: names, reports (with their relations), wiki (relations).
    """

    def __init__(self, window: int = WINDOW, heads: Sequence[str] = HEADS) -> None:
        self.network: Network | None = None
        self.window = window
        self.heads = tuple(heads)
        self._news = schemes.load("news")

    def __call__(self, doc: Doc) -> Doc:
        words, vectors, ends = self.read(doc)
        for key, tags in _TAGS.items():
            if key not in self.heads:
                continue
            log_p = self._tags(key, vectors)
            found = decode.trimmed(decode.spans(log_p, tags, ends), [doc[i].text for i in words])
            if key == "names":
                texts = [doc[words[t.first] : words[t.last - 1] + 1].text for t in found]
                found = agreed(found, texts)
            group = [doc[words[t.first] : words[t.last - 1] + 1] for t in found]
            for span, tagged in zip(group, found, strict=True):
                span.label_ = tagged.label
            attrs = {"scores": np.array([t.score for t in found], dtype=np.float32)}
            doc.spans[key] = SpanGroup(doc, name=key, spans=group, attrs=attrs)
        doc.set_ents(list(doc.spans.get("names", [])))
        return doc

    def read(self, doc: Doc) -> tuple[list[int], Array, list[int]]:
        """The tokens that are words, the vectors of those words, where sentences end among them.

        ``doc.tensor`` gets the vectors, (tokens, width), zero for white space.
        """
        if self.network is None:
            raise ValueError("the component goldsmith_reader has no weights")
        words = [t.i for t in doc if not t.is_space]
        spans = [Span(doc[i].idx, doc[i].idx + len(doc[i])) for i in words]
        ends = sentence_ends(doc.text, spans)
        rules = rule_tags(doc.text, spans, self._news)
        texts = [doc[i].text for i in words]
        vectors = np.zeros((len(words), self.network.width), dtype=np.float32)
        cut = windows(texts, ends, rules, self.network.pieces, self.window)
        for window, x in self.network.encode(list(cut)):
            vectors[window.first : window.last] = x
        tensor: Array = np.zeros((len(doc), self.network.width), dtype=np.float32)
        tensor[words] = vectors
        doc.tensor = tensor
        return words, vectors, ends

    def _tags(self, head: str, vectors: Array) -> Array:
        assert self.network is not None
        return self.network.tags(head, vectors)

    def to_bytes(self, *, exclude: Any = ()) -> bytes:
        """The weights."""
        return b"" if self.network is None else self.network.to_bytes()

    def from_bytes(self, data: bytes, *, exclude: Any = ()) -> Reader:
        """Raises `ValueError` when the weights are not of this version."""
        self.network = Network.from_bytes(data) if data else None
        return self

    def to_disk(self, path: str | Path, *, exclude: Any = ()) -> None:
        """Write the weights into the folder `path`."""
        Path(path).mkdir(parents=True, exist_ok=True)
        (Path(path) / _FILE).write_bytes(self.to_bytes())

    def from_disk(self, path: str | Path, *, exclude: Any = ()) -> Reader:
        """See `from_bytes`."""
        return self.from_bytes((Path(path) / _FILE).read_bytes())


@Language.factory(
    FACTORY,
    assigns=["doc.ents", "doc.spans", "doc.tensor"],
    default_config={"window": WINDOW, "heads": list(HEADS)},
)
def make_reader(nlp: Language, name: str, window: int, heads: list[str]) -> Reader:
    """The component, without weights until it is loaded from disk."""
    return Reader(window, heads)
