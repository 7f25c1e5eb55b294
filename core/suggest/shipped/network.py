"""The network of the shipped pipeline, run with NumPy: an encoder of a few transformer layers, two
heads that tag words, two that relate pairs of mentions.

Weights are stored small (8 bits a weight, 4 bits in the table of word pieces, a scale a row) and
computed with as float32.
"""

from __future__ import annotations

import io
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np

from core.suggest.shipped.features import RULE_TAGS, SHAPES, Window
from core.suggest.shipped.labels import ENDS, NAMES, REPORTS, bio
from core.suggest.shipped.pieces import WordPieces

Array: TypeAlias = np.ndarray[Any, np.dtype[Any]]
_BATCH = 1024  # pieces that are computed with at a time
_EPSILON = 1e-12


class Network:
    """The encoder and its heads.

    Attributes:
        pieces: the vocabulary.
        width: of the vectors.
    """

    def __init__(self, pieces: WordPieces, weights: Mapping[str, Array]) -> None:
        """Raises `ValueError` when the weights are not those of this version of the code."""
        self.pieces = pieces
        self._stored = dict(weights)
        w = {k: _full(k, weights) for k in _names(weights)}
        self._w = w
        self._table = _Table(weights["words.q"], weights["words.s"])
        self.width = int(w["positions"].shape[1])
        self._heads = int(weights["heads"][0])
        self._layers = 1 + max(int(k.split(".")[1]) for k in w if k.startswith("layers."))
        expected = {
            "shapes": len(SHAPES), "rules": len(RULE_TAGS), "names.weight": len(bio(NAMES)),
            "reports.weight": len(bio(REPORTS)), "report_pairs.head_end": len(ENDS),
        }  # fmt: skip
        for name, rows in expected.items():
            if w[name].shape[0] != rows:
                raise ValueError(f"{name} has {w[name].shape[0]} rows, not {rows}")

    # -- reading

    def encode(self, windows: Sequence[Window]) -> Iterator[tuple[Window, Array]]:
        """Each window with the vectors of its words, (last - first, width), in any order."""
        order = sorted(windows, key=lambda w: len(w.pieces))
        batch: list[Window] = []
        for window in order:
            if batch and (len(window.pieces) + 2) * (len(batch) + 1) > _BATCH:
                yield from self._encode(batch)
                batch = []
            batch.append(window)
        if batch:
            yield from self._encode(batch)

    def _encode(self, batch: Sequence[Window]) -> Iterator[tuple[Window, Array]]:
        w = self._w
        n = max(len(window.pieces) for window in batch) + 2
        ids = np.zeros((len(batch), n), dtype=np.intp)
        shapes, rules = ids.copy(), ids.copy()
        mask = np.full((len(batch), 1, 1, n), -1e9, dtype=np.float32)
        for i, window in enumerate(batch):
            k = len(window.pieces)
            ids[i, 0], ids[i, k + 1] = self.pieces.start, self.pieces.end
            ids[i, 1 : k + 1] = window.pieces
            shapes[i, 1 : k + 1] = window.shapes
            rules[i, 1 : k + 1] = window.rules
            mask[i, ..., : k + 2] = 0
        x = self._table[ids] + w["positions"][:n] + w["shapes"][shapes] + w["rules"][rules]
        x = _norm(x, w["norm.weight"], w["norm.bias"])
        for layer in range(self._layers):
            x = self._layer(f"layers.{layer}.", x, mask)
        for i, window in enumerate(batch):
            yield window, x[i, 1 + np.asarray(window.heads, dtype=np.intp)]

    def _layer(self, at: str, x: Array, mask: Array) -> Array:
        w = self._w
        b, n, width = x.shape
        size = width // self._heads
        flat = x.reshape(b * n, width)
        qkv = flat @ w[at + "qkv.weight"].T + w[at + "qkv.bias"]
        q, k, v = qkv.reshape(b, n, 3, self._heads, size).transpose(2, 0, 3, 1, 4)
        scores = q @ k.transpose(0, 1, 3, 2)
        scores *= 1 / math.sqrt(size)
        scores += mask
        y = (_softmax(scores) @ v).transpose(0, 2, 1, 3).reshape(b * n, width)
        y = y @ w[at + "out.weight"].T + w[at + "out.bias"]
        flat = _norm(flat + y, w[at + "norm1.weight"], w[at + "norm1.bias"])
        y = _gelu(flat @ w[at + "up.weight"].T + w[at + "up.bias"])
        y = y @ w[at + "down.weight"].T + w[at + "down.bias"]
        return _norm(flat + y, w[at + "norm2.weight"], w[at + "norm2.bias"]).reshape(b, n, width)

    # -- heads

    def tags(self, head: str, vectors: Array) -> Array:
        """(words, tags) log probabilities of the head "names" or "reports"."""
        x = vectors @ self._w[f"{head}.weight"].T + self._w[f"{head}.bias"]
        return _log_softmax(x)

    def relations(self, head: str, vectors: Array, spans: Array, pairs: Array) -> Array:
        """(pairs, labels) probabilities of the head "report_pairs" or "wiki_pairs".

        vectors: (words, width). spans: (mentions, 3): first word, last word exclusive, index in
        `ENDS`. pairs: (pairs, 2): head and tail as indices of spans.
        """
        w = self._w
        total = np.zeros((len(vectors) + 1, self.width), dtype=np.float32)
        np.cumsum(vectors, axis=0, out=total[1:])

        def mean(first: Array, last: Array) -> Array:
            n = np.maximum(last - first, 1)[:, None]
            return np.asarray((total[last] - total[first]) / n)

        h, t = spans[pairs[:, 0]], spans[pairs[:, 1]]
        left = np.minimum(h[:, 1], t[:, 1])
        right = np.maximum(np.maximum(h[:, 0], t[:, 0]), left)
        distance = np.array([bucket(int(a), int(b)) for a, b in zip(h[:, 0], t[:, 0], strict=True)])
        x = (
            mean(h[:, 0], h[:, 1]) @ w[f"{head}.head.weight"].T
            + mean(t[:, 0], t[:, 1]) @ w[f"{head}.tail.weight"].T
            + mean(left, right) @ w[f"{head}.between.weight"].T
            + sum(w[f"{head}.{part}.bias"] for part in ("head", "tail", "between"))
            + w[f"{head}.head_end"][h[:, 2]]
            + w[f"{head}.tail_end"][t[:, 2]]
            + w[f"{head}.distance"][distance]
        )
        x = np.maximum(x, 0) @ w[f"{head}.hidden.weight"].T + w[f"{head}.hidden.bias"]
        x = np.maximum(x, 0) @ w[f"{head}.out.weight"].T + w[f"{head}.out.bias"]
        return np.asarray(np.exp(_log_softmax(x)))

    # -- storage

    def to_bytes(self) -> bytes:
        """Everything, as `from_bytes` reads it."""
        out = io.BytesIO()
        vocabulary = np.frombuffer("\n".join(self.pieces.vocabulary).encode(), dtype=np.uint8)
        arrays: dict[str, Any] = {"vocabulary": vocabulary, **self._stored}
        np.savez_compressed(out, **arrays)
        return out.getvalue()

    @classmethod
    def from_bytes(cls, data: bytes) -> Network:
        """Raises `ValueError` or `KeyError` when `data` is something else."""
        with np.load(io.BytesIO(data), allow_pickle=False) as file:
            weights = {name: file[name] for name in file.files}
        vocabulary = weights.pop("vocabulary").tobytes().decode().split("\n")
        return cls(WordPieces(vocabulary), weights)


def bucket(head: int, tail: int) -> int:
    """The distance of two mentions in words, signed, on a rough scale."""
    d = tail - head
    size = min(7, int(math.log2(abs(d) + 1) * 1.4))
    return size + (8 if d < 0 else 0)


def small(array: Array) -> tuple[Array, Array]:
    """A matrix in 8 bits a weight, and the scale of each row."""
    scale = np.abs(array).max(axis=1, keepdims=True) / 127 + 1e-12
    return np.round(array / scale).astype(np.int8), scale.astype(np.float32)


def smaller(array: Array, groups: int = 4) -> tuple[Array, Array]:
    """A table in 4 bits a weight, two in a byte, and the scales of each row's groups."""
    rows, width = array.shape
    parts = array.reshape(rows, groups, width // groups)
    scale = (np.abs(parts).max(axis=2, keepdims=True) / 7 + 1e-12).astype(np.float16)
    q = (np.clip(np.round(parts / scale.astype(np.float32)), -7, 7) + 8).astype(np.uint8)
    q = q.reshape(rows, width)
    return (q[:, 0::2] << 4) | q[:, 1::2], scale[:, :, 0]


class _Table:
    """Rows stored by `smaller`, made float32 when they are asked for."""

    def __init__(self, q: Array, scale: Array) -> None:
        self._q = q
        self._scale = scale.astype(np.float32)

    def __getitem__(self, ids: Array) -> Array:
        q = self._q[ids]
        x = np.empty((*q.shape[:-1], q.shape[-1] * 2), dtype=np.float32)
        x[..., 0::2] = (q >> 4).astype(np.float32) - 8
        x[..., 1::2] = (q & 15).astype(np.float32) - 8
        scale = self._scale[ids]
        groups = scale.shape[-1]
        shape = x.shape
        x = x.reshape(*shape[:-1], groups, shape[-1] // groups)
        x *= scale[..., None]
        return np.asarray(x.reshape(shape))


def _names(weights: Mapping[str, Array]) -> Iterator[str]:
    for name in weights:
        if name not in ("words.q", "words.s", "heads") and not name.endswith(".s"):
            yield name.removesuffix(".q")


def _full(name: str, weights: Mapping[str, Array]) -> Array:
    if name in weights:
        return np.ascontiguousarray(weights[name], dtype=np.float32)
    return np.asarray(
        weights[name + ".q"].astype(np.float32) * weights[name + ".s"].astype(np.float32)
    )


def _norm(x: Array, weight: Array, bias: Array) -> Array:
    x = x - x.mean(axis=-1, keepdims=True)
    x *= 1 / np.sqrt(np.square(x).mean(axis=-1, keepdims=True) + _EPSILON)
    x *= weight
    x += bias
    return np.asarray(x)


def _gelu(x: Array) -> Array:
    inner = x * x
    inner *= 0.044715
    inner += 1
    inner *= x
    inner *= math.sqrt(2 / math.pi)
    np.tanh(inner, out=inner)
    inner += 1
    inner *= x
    inner *= 0.5
    return inner


def _softmax(x: Array) -> Array:
    x -= x.max(axis=-1, keepdims=True)
    np.exp(x, out=x)
    x /= x.sum(axis=-1, keepdims=True)
    return x


def _log_softmax(x: Array) -> Array:
    x = x - x.max(axis=-1, keepdims=True)
    return np.asarray(x - np.log(np.exp(x).sum(axis=-1, keepdims=True)))
