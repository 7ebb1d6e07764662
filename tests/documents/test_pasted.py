"""Rich text to paragraphs: what Outlook, Word and browsers put on the clipboard."""

import pytest

from distributor.documents.pasted import paragraphs
from distributor.errors import DocumentError

WORD = """<html xmlns:o="urn:schemas-microsoft-com:office:office"><head><title>x</title>
<style>p.MsoNormal {mso-style-parent:"";}</style><!--[if gte mso 9]><xml><o:x/></xml><![endif]--></head>
<body lang=EN-GB><!--StartFragment--><h1>Mooring fees
fall<o:p></o:p></h1><p class=MsoNormal><b>Quillhaven,&nbsp;4&nbsp;March</b> – The
harbour <a href="https://www.example.org/fees">lowers its fees</a>.<o:p></o:p></p>
<p class=MsoNormal><o:p>&nbsp;</o:p></p>
<p class=MsoListParagraph style='text-indent:-18.0pt'><![if !supportLists]><span
style='font-family:Symbol'><span style='mso-list:Ignore'>·<span style='font:7.0pt
"Times New Roman"'>&nbsp;&nbsp;&nbsp;&nbsp; </span></span></span><![endif]>One
point</p><p class=MsoListParagraph><span>·<span>&nbsp;&nbsp; </span></span>Another</p>
<p class=MsoNormal>Press: <a href="mailto:press@example.org">press@example.org</a><br>+32 2 555 01 23</p>
<!--EndFragment--></body></html>"""
READ = """Mooring fees fall

Quillhaven, 4 March – The harbour lowers its fees (https://www.example.org/fees).

• One point
• Another

Press: press@example.org
+32 2 555 01 23"""


def test_a_text_from_word() -> None:
    assert paragraphs(WORD) == READ


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("", ""),
        ("just words", "just words"),
        ("<div>One</div><div><br></div><div>Two</div>", "One\n\nTwo"),  # Outlook on the web
        ("<ul><li>a<ul><li>b</li></ul></li><li><p>c</p></li></ul>", "• a\n  • b\n• c"),
        ("<ol><li>a</li><li>b</li></ol><p>after</p>", "1. a\n2. b\n\nafter"),
        ("<p>1.&nbsp;&nbsp; a</p><p>2.&nbsp;&nbsp; b</p>", "1. a\n2. b"),  # Word's numbers
        ("<p>1. May is a day</p>", "1. May is a day"),
        ("<p>– said he</p>", "– said he"),
        (
            "<table><tr><th>Year</th><th>Fees</th></tr><tr><td><p>2029</p></td><td>12<br>EUR</td></tr></table><p>x",
            "Year\tFees\n2029\t12 EUR\n\nx",
        ),
        ('<a href="javascript:evil()">here</a>', "here"),
        ('<a href="https://www.example.org/">www.example.org</a>', "www.example.org"),
        ("<script>evil()</script><style>p {}</style><img src=x onerror=evil()>", ""),
        ("&lt;script&gt; stays a word", "<script> stays a word"),
        ("<p>one<p>two<blockquote>three", "one\n\ntwo\n\nthree"),  # nothing is closed
    ],
)
def test_structure_is_kept_and_nothing_else(html: str, text: str) -> None:
    assert paragraphs(html) == text


@pytest.mark.parametrize(
    "html", ["<div>" * 9000, "<ul><li>" * 9000, "<b></i>" * 9000, "<b><p>" * 9000, "<TABLE><td>" * 9000]
)
def test_what_is_nested_deeper_than_any_text_is_refused(html: str) -> None:
    """Reading it would take the square of its depth: a page of such tags a minute."""
    with pytest.raises(DocumentError, match="nested too deep"):
        paragraphs(html)


def test_a_long_text_is_not_a_deep_one() -> None:
    """Elements that end by themselves, and those that are ended, count no further."""
    assert paragraphs("<p>a<br>b" * 2000).count("a") == 2000
    assert paragraphs("<ul>" + "<li>a" * 2000 + "</ul>").count("•") == 2000
    assert paragraphs("<div><span>a</span></div>" * 2000).count("a") == 2000
