"""The network in PyTorch, for training only: a BERT encoder with further inputs and four heads."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from core.suggest.shipped.features import RULE_TAGS, SHAPES
from core.suggest.shipped.labels import ENDS, NAMES, REPORT_RELATIONS, REPORTS, WIKI_RELATIONS, bio

DISTANCES = 16


@dataclass(frozen=True)
class Size:
    """The measures of the encoder."""

    width: int = 384
    inner: int = 1536
    heads: int = 12
    layers: int = 5
    vocabulary: int = 30522
    positions: int = 512
    pair: int = 128


class Layer(nn.Module):
    def __init__(self, size: Size, dropout: float) -> None:
        super().__init__()
        w = size.width
        self.heads = size.heads
        self.qkv = nn.Linear(w, 3 * w)
        self.out = nn.Linear(w, w)
        self.norm1 = nn.LayerNorm(w, eps=1e-12)
        self.up = nn.Linear(w, size.inner)
        self.down = nn.Linear(size.inner, w)
        self.norm2 = nn.LayerNorm(w, eps=1e-12)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        b, n, w = x.shape
        q, k, v = self.qkv(x).view(b, n, 3, self.heads, w // self.heads).permute(2, 0, 3, 1, 4)
        y = functional.scaled_dot_product_attention(q, k, v, attn_mask=mask)
        y = self.out(y.transpose(1, 2).reshape(b, n, w))
        x = self.norm1(x + self.dropout(y))
        y = self.down(functional.gelu(self.up(x), approximate="tanh"))
        return self.norm2(x + self.dropout(y))


class Pairs(nn.Module):
    """Relations of ordered pairs of mentions, from what the encoder says of both and between."""

    def __init__(self, size: Size, labels: int, dropout: float) -> None:
        super().__init__()
        self.head_end = nn.Embedding(len(ENDS), size.pair)
        self.tail_end = nn.Embedding(len(ENDS), size.pair)
        self.distance = nn.Embedding(DISTANCES, size.pair)
        self.head = nn.Linear(size.width, size.pair)
        self.tail = nn.Linear(size.width, size.pair)
        self.between = nn.Linear(size.width, size.pair)
        self.hidden = nn.Linear(size.pair, size.pair)
        self.out = nn.Linear(size.pair, labels)
        self.dropout = nn.Dropout(dropout)

    def forward(self, h: Tensor, t: Tensor, m: Tensor, he: Tensor, te: Tensor, d: Tensor) -> Tensor:
        x = self.head(h) + self.tail(t) + self.between(m)
        x = functional.relu(x + self.head_end(he) + self.tail_end(te) + self.distance(d))
        x = functional.relu(self.hidden(self.dropout(x)))
        return self.out(self.dropout(x))


class Reader(nn.Module):
    def __init__(self, size: Size, dropout: float) -> None:
        super().__init__()
        self.size = size
        self.words = nn.Embedding(size.vocabulary, size.width)
        self.positions = nn.Embedding(size.positions, size.width)
        self.shapes = nn.Embedding(len(SHAPES), size.width)
        self.rules = nn.Embedding(len(RULE_TAGS), size.width)
        self.norm = nn.LayerNorm(size.width, eps=1e-12)
        self.dropout = nn.Dropout(dropout)
        self.layers = nn.ModuleList(Layer(size, dropout) for _ in range(size.layers))
        self.names = nn.Linear(size.width, len(bio(NAMES)))
        self.reports = nn.Linear(size.width, len(bio(REPORTS)))
        self.report_pairs = Pairs(size, len(REPORT_RELATIONS), dropout)
        self.wiki_pairs = Pairs(size, len(WIKI_RELATIONS), dropout)
        nn.init.normal_(self.shapes.weight, std=0.01)
        nn.init.normal_(self.rules.weight, std=0.01)

    def forward(self, pieces: Tensor, shapes: Tensor, rules: Tensor, lengths: Tensor) -> Tensor:
        n = pieces.shape[1]
        x = self.words(pieces) + self.positions.weight[:n] + self.shapes(shapes) + self.rules(rules)
        x = self.dropout(self.norm(x))
        mask = (torch.arange(n)[None] < lengths[:, None])[:, None, None, :]
        for layer in self.layers:
            x = layer(x, mask)
        return x


def load_bert(reader: Reader, state: dict[str, Tensor]) -> None:
    """Fill the encoder with the weights of a BERT model of the same width."""
    state = {k.removeprefix("bert."): v for k, v in state.items()}
    with torch.no_grad():
        reader.words.weight.copy_(state["embeddings.word_embeddings.weight"])
        reader.positions.weight.copy_(
            state["embeddings.position_embeddings.weight"]
            + state["embeddings.token_type_embeddings.weight"][0]
        )
        reader.norm.weight.copy_(state["embeddings.LayerNorm.weight"])
        reader.norm.bias.copy_(state["embeddings.LayerNorm.bias"])
        for i, layer in enumerate(reader.layers):
            at = f"encoder.layer.{i}."
            for kind in ("weight", "bias"):
                parts = [state[f"{at}attention.self.{p}.{kind}"] for p in ("query", "key", "value")]
                getattr(layer.qkv, kind).copy_(torch.cat(parts))
                for ours, theirs in (
                    ("out", "attention.output.dense"), ("norm1", "attention.output.LayerNorm"),
                    ("up", "intermediate.dense"), ("down", "output.dense"),
                    ("norm2", "output.LayerNorm"),
                ):  # fmt: skip
                    getattr(getattr(layer, ours), kind).copy_(state[f"{at}{theirs}.{kind}"])
