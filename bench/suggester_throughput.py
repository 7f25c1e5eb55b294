"""Words per second of the shipped pipeline alone and of the suggester made of it, in one run.

    python bench/suggester_throughput.py FILE.jsonl [REPEATS]

FILE holds a corpus as JSON lines. The suggester does all that a person gets: names, rules, places,
relations, scores. Both run in this process on the same texts in turn; printed are both rates and
their ratio, which is what counts (0.8 is the least that we want).
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as in the worker

import spacy

from core import scheme
from core.suggest import Text
from core.suggest.shipped.suggester import PIPELINE, Shipped


def main(path: Path, repeats: int) -> None:
    texts = [json.loads(line)["text"] for line in path.read_text(encoding="utf-8").splitlines()]
    words = sum(len(text.split()) for text in texts)
    news = scheme.load("news")
    suggester = Shipped()
    nlp = spacy.load(PIPELINE)
    articles = [Text(str(i), text, "en") for i, text in enumerate(texts)]
    ways: dict[str, Callable[[], object]] = {
        "pipeline": lambda: [nlp(text) for text in texts],
        "suggester": lambda: list(suggester.suggest(articles, news)),
    }
    spent = dict.fromkeys(ways, 0.0)
    for way in ways.values():
        way()  # loads, and warms the cache of word pieces
    for _time in range(repeats):
        for name, way in ways.items():
            began = time.process_time()
            way()
            spent[name] += time.process_time() - began
    for name in ways:
        print(f"{name:10} {words * repeats / spent[name]:8,.0f} words a second of one core")
    print(f"ratio      {spent['pipeline'] / spent['suggester']:8.2f}")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 3)
