"""What a person at a shell relies on: messages on stderr, data on stdout, exit codes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest
import typer.main

from core import cli, edits, workflow
from core.cli import COMMANDS, main
from core.cli.app import SUFFIX, app
from core.project import SUFFIX as PROJECT_SUFFIX
from core.project import Project
from tests.conftest import ROOT, Desk

PAGE = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to work in, and a project ``p`` in it."""
    monkeypatch.chdir(tmp_path)
    assert main(["init", "p"]) == 0
    return tmp_path


def test_every_command_and_option_is_documented() -> None:
    group = typer.main.get_command(app)
    assert sorted(group.commands) == sorted(COMMANDS)  # type: ignore[attr-defined]
    for name, command in group.commands.items():  # type: ignore[attr-defined]
        if command.hidden:
            continue
        assert f"## goldsmith {name}\n" in PAGE
        assert command.help in PAGE
        for param in command.params:
            for word in param.opts if param.param_type_name == "option" else [param.metavar]:
                assert f"`{word}`" in PAGE, (name, word)
        assert "\b" in command.epilog, f"{name} --help has no example"


def test_every_command_has_help(capsys: pytest.CaptureFixture[str]) -> None:
    for name in COMMANDS:
        assert main([name, "--help"]) == 0
        out = capsys.readouterr().out
        assert f"goldsmith {name}" in out
    assert main(["--help"]) == 0
    out = capsys.readouterr().out
    assert all(
        f"  {name}  " in out
        for name in COMMANDS
        if name not in ("docs", "preview", "step", "sound", "recover")
    )


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    from core import __version__

    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"goldsmith {__version__}\n"


def test_the_suffix_may_be_left_out(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert SUFFIX == PROJECT_SUFFIX
    assert (here / "p.goldsmith").exists()
    (here / "p").mkdir()  # a folder of the same name is no project
    for name in ("p", "p.goldsmith"):
        assert main(["stats", name]) == 0
    assert main(["init", "p"]) == 1
    assert "exists already" in capsys.readouterr().err


def test_add_on_a_missing_project_says_to_init(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["add", "q", "x.txt"]) == 1
    said = capsys.readouterr()
    assert "goldsmith init" in said.err
    assert said.out == ""
    assert not (here / "q.goldsmith").exists()


def test_the_scheme_can_be_chosen(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["init", "r", "--scheme", "re3d"]) == 0
    assert main(["stats", "r", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["scheme"] == "re3d"
    assert main(["init", "s", "--scheme", "none"]) == 1
    assert not (here / "s.goldsmith").exists()


def test_the_encoding_can_be_named(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = "The café’s owner – who else?"
    Path("a.txt").write_bytes(text.encode("cp1252"))
    assert main(["add", "p", "a.txt"]) == 1
    assert "--encoding" in capsys.readouterr().err
    assert main(["add", "p", "a.txt", "--encoding", "cp1252"]) == 0
    with Project.open("p.goldsmith", read_only=True) as project:
        assert project.article(project.articles()[0].id).text == text


def test_bad_files_are_named_one_by_one(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("a.txt").write_bytes(b"\x00")
    Path("b.jsonl").write_text('{"goldsmith": 9, "text": "x"}')
    Path("c.txt").write_text("Fine.")
    assert main(["add", "p", "a.txt", "b.jsonl", "c.txt"]) == 1
    err = capsys.readouterr().err
    assert "a.txt: " in err
    assert "b.jsonl: line 1: it was made by a newer Goldsmith" in err
    assert err.endswith("Nothing was added.\n")


def test_data_is_on_stdout_and_the_rest_on_stderr(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("c.txt").write_text("President Barack Obama visited Cairo.")
    main(["add", "p", "c.txt"])
    main(["suggest", "p"])
    main(["export", "p", "x.jsonl"])
    assert capsys.readouterr().out == ""
    with Project.open("p.goldsmith") as project:
        document = next(project.documents(states=("open",)))
        edits.accept(project, list(document.suggestions))
    capsys.readouterr()
    assert main(["stats", "p", "--json"]) == 0
    said = capsys.readouterr()
    assert said.err == ""
    data = json.loads(said.out)
    assert sum(data["mentions"].values()) > 0
    assert data["suggestions"]["goldsmith"]["accepted"] == sum(
        sum(data[kind].values()) for kind in ("mentions", "relations")
    )
    assert main(["stats", "p"]) == 0
    assert "PERSON" in capsys.readouterr().out
    for command in ("formats", "suggesters"):
        assert main([command]) == 0
        assert capsys.readouterr().out


def test_check_tells_kinds_apart(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "p"]) == 0
    items = [
        {"id": f"m{n}", "type": "Person", "start": n, "end": n + 1, "source": "x"}
        for n in range(25)
    ]
    line = {"goldsmith": 1, "id": "a-1", "text": "x" * 30, "state": "done", "mentions": items}
    Path("x.jsonl").write_text(json.dumps(line))
    assert main(["add", "p", "x.jsonl"]) == 0
    capsys.readouterr()
    assert main(["check", "p"]) == 1
    said = capsys.readouterr()
    assert "(25)" in said.out
    assert "and 5 more (--all)" in said.out
    assert "25 errors, 0 warnings." in said.err
    assert main(["check", "p", "--all"]) == 1
    assert capsys.readouterr().out.count("“x” Person") == 25
    assert main(["check", "p", "--json"]) == 1
    data = json.loads(capsys.readouterr().out)
    assert data["errors"] == len(data["findings"]) == 25
    assert data["findings"][0]["check"] == "unknown-type"


def test_warnings_alone_are_no_failure(here: Path) -> None:
    with Project.open("p.goldsmith") as project:
        Desk(project, "Nothing here.", "a-1")
        edits.set_state(project, ["a-1"], "done")
    assert main(["check", "p"]) == 0


def test_a_project_in_use_is_3_and_reading_is_not_locked_out(here: Path) -> None:
    Path("c.txt").write_text("Fine.")
    with Project.open("p.goldsmith"):
        assert main(["add", "p", "c.txt"]) == 3
        assert main(["export", "p", "x.jsonl"]) == 0
        assert main(["check", "p"]) == 0


def test_an_article_that_fails_is_said(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    report = workflow.SuggestReport(done=1, errors=("Some title: it hung.",))
    monkeypatch.setattr(workflow, "suggest", lambda *a, **k: report)
    assert main(["suggest", "p"]) == 1
    assert "Some title: it hung." in capsys.readouterr().err


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (KeyboardInterrupt(), 130, "Stopped"),
        (RuntimeError("what now"), 4, "RuntimeError: what now"),
    ],
)
def test_no_traceback_gets_out(
    error: BaseException,
    code: int,
    said: str,
    here: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def fail(*args: object, **options: object) -> None:
        raise error

    monkeypatch.delenv("GOLDSMITH_DEBUG", raising=False)
    monkeypatch.setattr(workflow, "export", fail)
    assert main(["export", "p", "x.jsonl"]) == code
    err = capsys.readouterr().err
    assert said in err
    assert "Traceback" not in err


@pytest.mark.parametrize("arguments", [["nope"], ["add"], ["stats", "p", "--nope"]])
def test_wrong_use_is_2(arguments: list[str], here: Path) -> None:
    assert main(arguments) == 2


def _heed_ctrl_c() -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_leaves_nothing_half(number: signal.Signals, here: Path) -> None:
    os.mkfifo("slow.jsonl")  # the command waits for its end until the signal comes
    command = [sys.executable, "-m", "core", "add", "p", "slow.jsonl"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    # What a shell starts in the background has SIGINT ignored, and hands that on to us.
    child = subprocess.Popen(
        command, env=environment, stderr=subprocess.PIPE, text=True,
        preexec_fn=_heed_ctrl_c,  # noqa: PLW1509  (no thread is running)
    )  # fmt: skip
    try:
        with Path("slow.jsonl").open("w") as pipe:  # opens once the command reads
            pipe.write('{"goldsmith": 1, ')
            pipe.flush()
            # A signal just before a read begins is seen only when the read ends, so a person
            # presses Ctrl+C again.
            for _ in range(3):
                child.send_signal(number)
                with suppress(subprocess.TimeoutExpired):
                    child.wait(timeout=8)
                    break
            _out, err = child.communicate(timeout=8)
    finally:
        child.kill()
        child.wait()
    assert child.returncode == 130
    assert "Stopped" in err
    assert "Traceback" not in err
    assert sorted(p.name for p in here.iterdir()) == ["p.goldsmith", "slow.jsonl"]
    with Project.open("p.goldsmith") as project:
        assert project.articles() == []


def test_output_is_utf8_whatever_the_console_speaks(here: Path) -> None:
    with Project.open("p.goldsmith") as project:
        desk = Desk(project, "Ali Mamluk met Fawzy.", "a-1")
        desk.mark("Ali Mamluk", "PERSON")
        edits.set_state(project, ["a-1"], "done")
        desk.mark("Mamluk met", "PERSON")
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "ascii"}
    run = subprocess.run(
        [sys.executable, "-m", "core", "check", "p"], env=environment, capture_output=True
    )
    assert run.returncode == 0, run.stderr
    assert "“Ali Mamluk” PERSON × “Mamluk met” PERSON" in run.stdout.decode("utf-8")


def test_a_reader_that_has_seen_enough_is_no_error(here: Path) -> None:
    command = f"{sys.executable} -m core formats | true; echo ${{PIPESTATUS[0]}}"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    run = subprocess.run(["bash", "-c", command], env=environment, capture_output=True, text=True)
    assert run.stderr == ""
    assert run.stdout == "0\n"


def test_help_waits_for_no_library() -> None:
    code = (
        "import sys; from core.cli import main; main(['--help']);"
        "print([m for m in ('spacy', 'sqlite_utils', 'core.project') if m in sys.modules])"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert run.stdout.endswith("[]\n")


def test_main_is_what_the_window_program_hands_over_to() -> None:
    assert cli.main is main
    assert all(isinstance(name, str) and "." not in name for name in COMMANDS)


def test_training_says_what_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from core.workflow import training

    arguments = ["train", str(tmp_path), "--to", str(tmp_path / "made")]
    assert main(arguments) == 1
    assert "no corpus" in capsys.readouterr().err
    (tmp_path / "some.jsonl").write_text("{}\n", encoding="utf-8")
    monkeypatch.setattr(training, "find_spec", lambda name: None if name == "torch" else name)
    assert main(arguments) == 1
    assert "requirements.txt" in capsys.readouterr().err
    monkeypatch.setattr(training, "find_spec", lambda name: name)
    assert main([*arguments, "--steps", "nothing-like-it"]) == 1  # spaCy itself refuses it
    assert "failed" in capsys.readouterr().err


def test_a_name_with_a_dot_may_leave_its_ending_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["init", str(tmp_path / "rep.2024.goldsmith")]) == 0
    assert main(["stats", str(tmp_path / "rep.2024")]) == 0
    assert main(["stats", str(tmp_path / "rep.2025")]) == 1
    assert "rep.2025" in capsys.readouterr().err
