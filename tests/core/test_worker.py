"""The worker process: streams, survives crashes and hangs, is gone when nobody wants it."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import scheme
from core.annotation import Fragment
from core.errors import SuggesterError
from core.suggest import Proposal, ProposedMention, ProposedRelation, Text, client, protocol

NEWS = scheme.load("news")

# A plug-in of the kind that the worker must survive: what it does, the text says.
PLUGIN = """
import os, sys, time
from core.annotation import Fragment
from core.suggest import ProposedMention, Proposal


class Odd:
    name = "odd"

    def suggest(self, texts, scheme):
        for text in texts:
            print("a library that prints")
            os.write(1, b"so does C\\n")
            if text.text == "die":
                os._exit(3)
            if text.text == "hang":
                time.sleep(3600)
            if text.text == "fail":
                raise ZeroDivisionError("on this one")
            if text.text == "silent":
                return
            mention = ProposedMention((Fragment(0, len(text.text)),), "ORG", 0.5, str(os.getpid()))
            yield Proposal(text.id, self.name, (mention,) if text.text else ())


class Broken:
    name = "broken"

    def suggest(self, texts, scheme):
        raise RuntimeError("no weights")
        yield
"""


@pytest.fixture
def plugin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installed distribution with the suggesters ``odd`` and ``broken``."""
    (tmp_path / "odd_plugin.py").write_text(PLUGIN, encoding="utf-8")
    info = tmp_path / "odd_plugin-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: odd-plugin\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(
        "[goldsmith.suggesters]\nodd = odd_plugin:Odd\nbroken = odd_plugin:Broken\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    return tmp_path


def texts(*contents: str) -> list[Text]:
    return [Text(f"a-{i}", content, "en") for i, content in enumerate(contents)]


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def run(*contents: str, timeout: float = 60) -> list[Proposal]:
    return list(client.run("odd", NEWS, texts(*contents), timeout=timeout))


@pytest.mark.usefixtures("plugin")
def test_every_text_is_answered_in_order_by_one_process() -> None:
    proposals = run("one", "two", "")
    assert [p.article for p in proposals] == ["a-0", "a-1", "a-2"]
    assert not any(p.error for p in proposals)
    assert proposals[0].mentions[0].fragments == (Fragment(0, 3),)
    assert proposals[0].mentions[0].why == proposals[1].mentions[0].why  # the process id


@pytest.mark.usefixtures("plugin")
@pytest.mark.parametrize("fault", ["die", "fail", "silent"])
def test_a_fault_on_one_text_costs_that_text_only(fault: str) -> None:
    before, at, after = run("one", fault, "two")
    assert (bool(before.mentions), bool(after.mentions)) == (True, True)
    assert at.article == "a-1"
    assert at.error
    assert at.mentions == ()


@pytest.mark.usefixtures("plugin")
def test_a_hang_on_one_text_costs_that_text_only() -> None:
    at, after = run("hang", "two", timeout=10)  # in which a process starts, too
    assert at.error
    assert after.mentions


@pytest.mark.usefixtures("plugin")
def test_what_fails_everywhere_raises() -> None:
    with pytest.raises(SuggesterError, match="no weights"):
        list(client.run("broken", NEWS, texts("one")))


def test_an_unknown_suggester_is_told_with_what_there_is() -> None:
    with pytest.raises(SuggesterError, match="rules"):
        list(client.run("nonesuch", NEWS, texts("one")))


@pytest.mark.usefixtures("plugin")
def test_the_worker_is_killed_when_the_caller_stops() -> None:
    stream = client.run("odd", NEWS, texts("one", "hang"))
    pid = int(next(iter(stream)).mentions[0].why)
    assert alive(pid)
    assert isinstance(stream, Iterator)
    stream.close()  # type: ignore[attr-defined]
    assert not alive(pid)


@pytest.mark.usefixtures("plugin")
def test_cancelling_ends_a_text_that_is_at_work() -> None:
    done: list[Proposal] = []
    stream = client.run("odd", NEWS, texts("one", "hang", "two"), cancelled=lambda: bool(done))
    done += stream
    assert [p.article for p in done] == ["a-0"]
    assert not alive(int(done[0].mentions[0].why))


@pytest.mark.usefixtures("plugin")
def test_cancelling_before_the_start_is_no_error() -> None:
    answers = iter([False, True])
    assert not list(client.run("odd", NEWS, texts("one"), cancelled=lambda: next(answers, True)))


def worker(lines: bytes) -> tuple[int, list[dict[str, object]]]:
    """Exit code and answers of a worker that is given `lines` and then nothing more."""
    done = subprocess.run(
        client.worker_command(),
        input=lines,
        capture_output=True,
        timeout=60,
        cwd=Path(__file__).resolve().parents[2],
    )
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.usefixtures("plugin")
def test_the_worker_ends_with_its_input_and_says_nothing_but_answers() -> None:
    lines = client.hello("odd", NEWS) + client.encode_text(Text("a-1", "one\u2028\ntwo 🇺🇦"))
    code, answers = worker(lines)
    assert code == 0
    assert answers[0] == {"ready": True}
    assert [a.get("article") for a in answers[1:]] == ["a-1"]
    assert worker(b"") == (0, [])


def test_the_worker_refuses_a_wrong_first_line() -> None:
    for line in (b"no json\n", b'{"suggester": "rules", "scheme": "[scheme"}\n', b"{}\n"):
        code, (answer,) = worker(line)
        assert code == 1
        assert answer["fatal"]


def test_the_rules_run_in_the_worker(seed_text: str) -> None:
    (proposal,) = client.run("rules", NEWS, [Text("a-1", seed_text, "en")])
    assert proposal.source == "rules"
    assert proposal.mentions


# -- the protocol

fragments = st.lists(
    st.tuples(st.integers(0, 99), st.integers(0, 99)).map(lambda p: Fragment(*p)), max_size=3
).map(tuple)
scores = st.floats(0, 1)
proposals = st.builds(
    Proposal,
    st.text(),
    st.text(),
    st.lists(st.builds(ProposedMention, fragments, st.text(), scores, st.text())).map(tuple),
    st.lists(
        st.builds(
            ProposedRelation,
            st.text(),
            st.integers(0, 9),
            st.integers(0, 9),
            scores,
            fragments,
            st.text(),
        )
    ).map(tuple),
    st.text(),
)
any_text = st.text(st.characters(), max_size=30)  # lone surrogates too


@given(proposals)
def test_proposals_survive_the_wire(proposal: Proposal) -> None:
    line = protocol.encode_proposal(proposal)
    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1
    assert protocol.decode_line(line) == proposal


@given(st.builds(Text, any_text, any_text, any_text))
def test_texts_survive_the_wire(text: Text) -> None:
    assert protocol.decode_text(protocol.encode_text(text)) == text


def test_hello_survives_the_wire() -> None:
    assert protocol.decode_hello(protocol.hello("rules", NEWS)) == ("rules", NEWS)


def test_what_is_no_answer_is_said() -> None:
    assert protocol.decode_line(protocol.ready()) is None
    with pytest.raises(SuggesterError, match=r"no weights here\. Get them"):
        protocol.decode_line(protocol.fatal("no weights here.", "Get them."))
    for line in (b"hello\n", b"[]\n", b"3\n", b"{}\n", b'{"article": 1}\n', b"\xff\n"):
        with pytest.raises(SuggesterError, match="no proposal"):
            protocol.decode_line(line)
