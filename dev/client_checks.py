"""What the real clients make of a file; run by the Python of dev/clients.py, JSON on stdout.

python dev/client_checks.py graphml FILE
python dev/client_checks.py json-ld FILE
python dev/client_checks.py label-studio FOLDER
python dev/client_checks.py huggingface JSONL FOLDER     (writes FOLDER with our writer first)
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any


def graphml(path: Path) -> Any:
    """Nodes and edges as networkx reads them."""
    import networkx

    graph = networkx.read_graphml(path, force_multigraph=True)
    return {
        "directed": graph.is_directed(),
        "nodes": dict(graph.nodes(data=True)),
        "edges": [[a, b, data] for a, b, data in graph.edges(data=True)],
    }


def json_ld(path: Path) -> Any:
    """Triples as rdflib reads them."""
    import rdflib

    graph = rdflib.Graph().parse(path, format="json-ld")
    return sorted([str(s), str(p), str(o)] for s, p, o in graph)


def label_studio(folder: Path) -> Any:
    """Whether Label Studio takes each annotation and prediction, and a wrong annotation; and its
    JSON_MIN of them."""
    from label_studio_sdk.converter import Converter
    from label_studio_sdk.label_interface import LabelInterface

    interface = LabelInterface((folder / "config.xml").read_text(encoding="utf-8"))
    interface.validate()
    tasks = json.loads((folder / "tasks.json").read_text(encoding="utf-8"))
    annotations = [a for task in tasks for a in task["annotations"]]
    predictions = [p for task in tasks for p in task.get("predictions", [])]
    wrong = json.loads(json.dumps(annotations[0]))
    wrong["result"][0]["value"]["labels"] = ["no such label"]
    small = folder.parent / "json_min"
    converter = Converter((folder / "config.xml").read_text(encoding="utf-8"), str(folder))
    # The server numbers what it imports, and the converter reads what the server exports.
    numbered = folder.parent / "numbered.json"
    for n, task in enumerate(tasks, start=1):
        task["id"] = n
        task["annotations"][0] |= {"id": n, "completed_by": 1}
    numbered.write_text(json.dumps(tasks), encoding="utf-8")
    converter.convert(str(numbered), str(small), "JSON_MIN", is_dir=False)
    return {
        "accepted": [interface.validate_annotation(a) for a in annotations],
        "predictions": [interface.validate_prediction(p) for p in predictions],
        "wrong": interface.validate_annotation(wrong),
        "labels": [
            [[label["start"], label["end"], label["text"], label["labels"]]
             for label in task.get("label", [])]
            for task in json.loads((small / "result.json").read_text(encoding="utf-8"))
        ],
    }  # fmt: skip


def huggingface(jsonl: Path, folder: Path) -> Any:
    """Write with our writer, twice; load with `datasets`."""
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
    import datasets

    from core import scheme
    from core.formats import Report
    from core.formats.huggingface import HuggingFace
    from core.formats.jsonl import Jsonl

    files = []
    for out in (folder, folder.with_name(folder.name + "-again")):
        documents = Jsonl().read(jsonl, Report())
        report = HuggingFace().write(documents, scheme.load("news"), out)
        files.append([path.read_bytes() for path in report.files])
    rows = datasets.load_dataset(str(folder), split="train", cache_dir=str(folder.parent / "cache"))
    return {"same bytes": files[0] == files[1], "rows": rows.to_list(), "lost": report.lines(),
            "card": (folder / "README.md").read_text(encoding="utf-8")}  # fmt: skip


CHECKS = {
    "graphml": graphml, "json-ld": json_ld, "label-studio": label_studio,
    "huggingface": huggingface,
}  # fmt: skip

if __name__ == "__main__":
    name, *places = sys.argv[1:]
    print(json.dumps(CHECKS[name](*map(Path, places))))
