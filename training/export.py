"""Writes a trained network as a spaCy pipeline.

python -m training.export TRAINED.pt FOLDER
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import spacy
import torch

from core.suggest.shipped import component  # noqa: F401  (registers the factory)
from core.suggest.shipped.network import Network, small, smaller
from core.suggest.shipped.pieces import WordPieces
from training.train import base_model

NAME = "goldsmith_news"


def useful(piece: str) -> bool:
    """Pieces in Latin script, digits, punctuation and the marks; the others are no English."""
    if piece.startswith("["):
        return piece in ("[UNK]", "[CLS]", "[SEP]", "[PAD]")
    return all(ord(c) < 0x250 or 0x2000 <= ord(c) < 0x2070 or c in "€£₹₽" for c in piece)


def network(trained: Path, vocabulary: list[str]) -> Network:
    state = torch.load(trained, weights_only=False)["state"]
    kept = [i for i, piece in enumerate(vocabulary) if useful(piece)]
    weights: dict[str, np.ndarray] = {"heads": np.array([12])}
    for name, tensor in state.items():
        array = tensor.float().numpy()
        if name == "words.weight":
            weights["words.q"], weights["words.s"] = smaller(array[kept])
        elif name in ("positions.weight", "shapes.weight", "rules.weight"):
            limit = 160 if name.startswith("positions") else None
            weights[name.removesuffix(".weight")] = array[:limit].astype(np.float16)
        elif "_end." in name or ".distance." in name:
            weights[name.removesuffix(".weight")] = array.astype(np.float16)
        elif array.ndim == 2 and array.size > 10_000:
            weights[name + ".q"], weights[name + ".s"] = small(array)
        else:
            weights[name] = array.astype(np.float16 if array.ndim == 2 else np.float32)
    return Network(WordPieces([vocabulary[i] for i in kept]), weights)


def main() -> None:
    trained, folder = map(Path, sys.argv[1:])
    vocabulary = (base_model() / "vocab.txt").read_text(encoding="utf-8").splitlines()
    nlp = spacy.blank("en")
    nlp.meta["name"] = NAME
    nlp.meta["version"] = "1.0.0"
    nlp.meta["license"] = "CC BY-SA 4.0"
    nlp.meta["description"] = "Names, noun phrases of reports, and relations in English news"
    heads = torch.load(trained, weights_only=False).get("heads", ["names", "wiki"])
    reader = nlp.add_pipe("goldsmith_reader", config={"heads": heads})
    reader.network = network(trained, vocabulary)
    folder.parent.mkdir(parents=True, exist_ok=True)
    nlp.to_disk(folder)
    size = sum(f.stat().st_size for f in folder.rglob("*") if f.is_file())
    print(f"{folder}: {size / 1e6:.2f} MB, {len(reader.network.pieces.vocabulary)} pieces")


if __name__ == "__main__":
    main()
