"""Small files of articles in the formats that are no plain text, made from their text."""

from __future__ import annotations

import io
import zipfile

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
CORE = (
    '<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/'
    'core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>{title}</dc:title>'
    "<dc:creator>{author}</dc:creator></cp:coreProperties>"
)


def zipped(members: dict[str, str | bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    """An archive of these members."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        for name, data in members.items():
            info = zipfile.ZipInfo(name)  # without the time of day: the same bytes every time
            info.compress_type = compression
            archive.writestr(info, data)
    return buffer.getvalue()


def docx(body: str, title: str = "", author: str = "", head: str = "") -> bytes:
    """A Word document whose body is this XML, in the prefix ``w``."""
    xml = (
        f'<?xml version="1.0"?>{head}<w:document xmlns:w="{W}"><w:body>{body}</w:body></w:document>'
    )
    members: dict[str, str | bytes] = {"word/document.xml": xml}
    if title or author:
        members["docProps/core.xml"] = CORE.format(title=title, author=author)
    return zipped(members)


def paragraph(text: str) -> str:
    """One paragraph of a Word document."""
    return f'<w:p><w:r><w:t xml:space="preserve">{text}</w:t></w:r></w:p>'


def pdf(*pages: str, info: str = "") -> bytes:
    """A PDF whose pages hold these lines in Helvetica."""
    objects = ["<< /Type /Catalog /Pages 2 0 R >>", ""]
    font = "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"
    objects += [font, f"<< {info} >>"]
    kids = []
    for page in pages:
        lines = "".join(
            "({}) Tj T* ".format(line.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)"))
            for line in page.split("\n")
        )
        stream = f"BT /F1 12 Tf 14 TL 50 750 Td {lines}ET"
        kids.append(f"{len(objects) + 1} 0 R")
        objects.append(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents "
            f"{len(objects) + 2} 0 R /Resources << /Font << /F1 3 0 R >> >> >>"
        )
        objects.append(f"<< /Length {len(stream)} >>\nstream\n{stream}\nendstream")
    objects[1] = f"<< /Type /Pages /Kids [{' '.join(kids)}] /Count {len(kids)} >>"
    out = "%PDF-1.4\n"
    places = []
    for n, body in enumerate(objects, start=1):
        places.append(len(out))
        out += f"{n} 0 obj\n{body}\nendobj\n"
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    out += (
        f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}trailer\n"
        f"<< /Size {len(objects) + 1} /Root 1 0 R /Info 4 0 R >>\nstartxref\n{len(out)}\n%%EOF\n"
    )
    return out.encode("cp1252")


PAGE = """<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">
<title>Talks in Cairo - SANA</title><meta property="og:site_name" content="SANA">
<meta property="og:title" content="Talks in Cairo"><meta name="author" content="Jane Doe">
<meta property="article:published_time" content="2018-12-23T10:00:00Z">
<link rel="canonical" href="https://example.org/talks"></head>
<body><nav><a href="/">Home</a><a href="/w">World</a></nav><article><h1>Talks in Cairo</h1>
<p>Syrian intelligence chief Ali Mamluk met with Khaled Fawzy in Cairo on Saturday, officials said
after the meeting.</p><p>Riyadh opposed the Russian draft, which the council discussed for three
hours on Friday night.</p></article><footer>Subscribe to our newsletter</footer></body></html>"""

RTF = (
    r"{\rtf1\ansi\ansicpg1252\deff0{\fonttbl{\f0\fswiss\fcharset0 Arial;}{\f1\fcharset204 Arial;}}"
    r"{\info{\title Talks in Cairo}{\author Jane Doe}}\f0 Caf\'e9 \u1234?x \b bold\b0 .\par "
    r"Second \f1 \'cc\'ee\'f1\'ea\'e2\'e0\f0  end\line x\tab y{\*\foo hidden} \u-10179?\u-8704?"
    r"{\pict\bin5 {{{{{} done\par}"
)

RSS = """<?xml version="1.0"?><rss version="2.0"
 xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/">
<channel><title>SANA</title><language>en-us</language><item><title>Talks &amp; more</title>
<link>https://example.org/1</link><pubDate>Sun, 23 Dec 2018 10:00:00 GMT</pubDate>
<dc:creator>Jane</dc:creator><description>Short</description>
<content:encoded><![CDATA[<p>Ali met <b>Fawzy</b>.</p><p>Then&nbsp;left.</p>]]></content:encoded>
<category>diplomacy</category></item>
<item><title>Second</title><description>&lt;p&gt;A summary.&lt;/p&gt;</description></item>
<item><title>Empty</title></item></channel></rss>"""

ATOM = """<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="fr"><title>Le Monde</title><id>f</id>
<entry><title>T</title><link rel="self" href="https://example.org/no"/>
<link href="https://example.org/yes"/><id>urn:1</id><updated>2018-12-23T10:00:00Z</updated>
<author><name>Jean</name><uri>https://example.org/jean</uri></author><content type="xhtml">
<div xmlns="http://www.w3.org/1999/xhtml"><p>A &lt; B</p><p>C</p></div></content></entry></feed>"""

NEXIS = """


                               1 of 2 DOCUMENTS


                             The New York Times

                     December 23, 2018 Sunday
                          Late Edition - Final

Talks on Syria Begin in Cairo

BYLINE: By JANE DOE and JOHN ROE

SECTION: Section A; Column 0; Foreign Desk; Pg. 1

LENGTH: 24 words

DATELINE: CAIRO

BODY:


   Syrian intelligence chief Ali Mamluk met with Khaled Fawzy in
Cairo on Saturday.

   Riyadh opposed the Russian draft.

URL: https://example.org/nyt

LOAD-DATE: December 24, 2018

LANGUAGE: ENGLISH

                   Copyright 2018 The New York Times Company
                              All Rights Reserved

                               2 of 2 DOCUMENTS

                                   Le Monde

                            23 décembre 2018

HEADLINE: Des pourparlers au Caire

LENGTH: 5 words

Ali Mamlouk est au Caire.

LANGUAGE: FRENCH
"""

NEXIS_UNI = """Talks on Syria Begin in Cairo
The Guardian (London)
December 23, 2018 Sunday 10:00 AM GMT
Copyright 2018 Guardian Newspapers Limited All Rights Reserved
Section: WORLD NEWS; Version:1
Length: 24 words
Byline: Jane Doe in Cairo
Body
Syrian intelligence chief Ali Mamluk met with Khaled Fawzy in Cairo on Saturday.
Then he left.
Riyadh opposed the Russian draft.
Load-Date: December 24, 2018
End of Document
"""

FACTIVA = """Talks on Syria Begin in Cairo
By Jane Doe
24 words
23 December 2018
16:33
Reuters News
LBA
English
(c) 2018 Reuters Limited

CAIRO, Dec 23 (Reuters) - Ali Mamluk met with Khaled Fawzy.

Riyadh opposed the Russian draft.

Document LBA0000020181223eecn00123

Second story

5 words
24 December 2018
SANA
SANAEN
English
Copyright 2018.

Nothing else happened in Damascus.

Document SANAEN0000020181224eeco0001x
"""

FACTIVA_CODED = """HD Talks on Syria Begin in Cairo
BY Jane Doe
WC 24 words
PD 23 December 2018
SN Reuters News
SC LBA
LA English
CY (c) 2018 Reuters Limited
LP
CAIRO, Dec 23 (Reuters) - Ali Mamluk met with Khaled Fawzy.
TD
IN Cairo they talked.

Riyadh opposed the Russian draft.
CO
sana : Syrian Arab News Agency
RE
syria : Syria
AN
Document LBA0000020181223eecn00123
"""
