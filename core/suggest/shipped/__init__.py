"""The pipeline that comes along: a small transformer, its spaCy components, its suggester.

`pieces` and `features` say what the network reads (training reads the same), `network` runs it with
NumPy, `component` puts it into a spaCy pipeline, `suggester` makes proposals of what it finds.
"""
