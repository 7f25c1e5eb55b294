"""The main job on a machine without a screen: project, seed article, suggestions, picture, gold."""

from __future__ import annotations

import os
from pathlib import Path

from core import workflow
from core.i18n import _, ngettext
from core.project import SUFFIX


def run(path: Path, out: Path) -> int:
    """Do it all and say where each result lies; the exit code.

    The window is the real one, drawn by Qt's offscreen platform; suggestions come from the same
    worker process.
    """
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from gui.app import application, first_project
    from gui.window import Window

    app = application()
    project = first_project(path.with_suffix(SUFFIX))
    out.mkdir(parents=True, exist_ok=True)
    print(_("Project:     {path}").format(path=project.path), flush=True)
    report = workflow.suggest(project)
    rows = project.articles()
    n = sum(row.open for row in rows)
    print(
        _("Suggestions: {n} open in {article}").format(
            n=n, article=ngettext("{n} article", "{n} articles", len(rows)).format(n=len(rows))
        ),
        flush=True,
    )
    for line in report.errors:
        print("  " + line, flush=True)
    window = Window(project)
    window.show()
    app.processEvents()
    picture = out / f"{path.stem}.png"
    window.grab().save(str(picture))
    print(_("Window:      {path}").format(path=picture), flush=True)
    for format, suffix, suggested in (("jsonl", ".jsonl", True), ("docbin", ".spacy", False)):
        target = out / f"{path.stem}{suffix}"
        target.unlink(missing_ok=True)
        workflow.export(project, target, format, include_suggestions=suggested)
        print(_("Gold:        {path}").format(path=target), flush=True)
    gold = sum(row.mentions for row in rows)
    print(
        ngettext(
            "{n} mention is gold so far; the JSONL has the suggestions too, each with a status.",
            "{n} mentions are gold so far; the JSONL has the suggestions too, each with a status.",
            gold,
        ).format(n=gold),
        flush=True,
    )
    window.close()
    return 0
