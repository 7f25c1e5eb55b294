"""The worker process: loads one suggester and answers texts, a line each (`core.suggest.protocol`).

Run as ``python -m core.suggest.worker``. It ends when its standard input does, so it never outlives
the window. Nothing but answers is ever on its standard output.
"""

from __future__ import annotations

import os
import sys
import traceback
from typing import BinaryIO

from core.errors import GoldsmithError
from core.i18n import _
from core.scheme import Scheme
from core.suggest import Proposal, Suggester, Text, protocol, registry

# Threads of matrix products wait for each other more than they compute where other programs run
# too, and the window and the person need a core. NumPy reads these when it is loaded.
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def main() -> int:
    """Answer until the input ends; the exit code."""
    for name in THREADS:
        os.environ.setdefault(name, "1")
    answers = _private_output()
    line = sys.stdin.buffer.readline()
    if not line:
        return 0
    try:
        wanted, scheme = protocol.decode_hello(line)
        suggester = registry.find(wanted)
        # Loading is lazy in most suggesters: an empty text makes it happen, and fail, now.
        for _proposal in suggester.suggest([Text("", "")], scheme):
            pass
    except GoldsmithError as error:
        _say(answers, protocol.fatal(error.message, error.hint))
        return 1
    except Exception as error:  # noqa: BLE001  (a plug-in may raise anything)
        traceback.print_exc()
        _say(
            answers,
            protocol.fatal(
                _("The suggester could not be loaded: {error}.").format(error=error),
                _("Choose another one, or reinstall it."),
            ),
        )
        return 1
    _say(answers, protocol.ready())
    for line in sys.stdin.buffer:
        if line.strip():
            _say(answers, protocol.encode_proposal(_answer(suggester, scheme, line)))
    return 0


def _answer(suggester: Suggester, scheme: Scheme, line: bytes) -> Proposal:
    text = protocol.decode_text(line)
    try:
        for proposal in suggester.suggest([text], scheme):
            return proposal
        error = _("The suggester said nothing about this article.")
    except MemoryError:
        error = _("There is not enough memory for this article.")
    except Exception as fault:  # noqa: BLE001  (one article must not end the run)
        traceback.print_exc()
        error = _("The suggester failed on this article: {error}.").format(error=fault)
    return Proposal(text.id, suggester.name, error=error)


def _private_output() -> BinaryIO:
    """The real standard output; what anything else prints goes to standard error from now on."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return answers


def _say(answers: BinaryIO, line: bytes) -> None:
    answers.write(line)
    answers.flush()


if __name__ == "__main__":
    sys.exit(main())
