"""The reading canvas: an article with its gold, its suggestions and its relations.

`text` and `index` know no Qt; `layout` says where the text is, `scene` and `overlay` where what is
said about it is, `page` holds them together; `paint` draws these shapes and `hit` finds them;
`view` scrolls, `mouse` and `widget` are what a person touches.
"""

from gui.canvas.widget import Canvas

__all__ = ["Canvas"]
