"""What no settings file should be, and may be all the same."""

from __future__ import annotations

from random import Random

RUBBISH: dict[str, bytes] = {
    "empty": b"",
    "not UTF-8": b"\xff\xfe\x00\x01name = 1",
    "NUL": b'[scheme]\nname = "a\x00b"\n',
    "binary": Random(1).randbytes(5_000),
    "a project": b"SQLite format 3\x00" + bytes(4_000),
    "deep arrays": b"a = " + b"[" * 20_000,
    "deep and closed": b"a = " + b"[" * 3_000 + b"]" * 3_000,
    "deep tables": b"[" + b".".join([b"a"] * 20_000) + b"]\n",
    "deep JSON": b"[" * 20_000,
    "long number": b"a = " + b"9" * 50_000,
    "large": b"# x\n" * 1_000_000,
    "many tables": b"".join(b"[t%d]\n" % n for n in range(3_000)),
    "wrong kinds": b'keys = 1\nscheme = []\nentity = "x"\nrelation = 2020-01-01\n',
    "keys that are none": b"[keys]\naccept = 1\n",
    "keys in keys": b'[keys]\naccept = [["A"]]\n',
    "words for keys": b'[keys]\naccept = ["<b>A</b>", "' + b"x" * 3_000 + b'"]\n',
    "a list": b"[1, 2]",
    "a file": b'{"/": "x", "a": 1, "b": null}',
}
