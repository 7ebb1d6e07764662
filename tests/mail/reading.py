"""How the tests of this room read a rendered mail: as a person would, and as a mail client."""

import email
import email.policy
import re

import harbour
import lxml.html

from distributor.mail import merge
from distributor.mail.render import Rendered


def words(text: str) -> str:
    return " ".join(text.split())


def visible(html: str) -> str:
    """The text of a document as read: no head, no preheader; image descriptions count."""
    page = lxml.html.document_fromstring(html)
    page.head.getparent().remove(page.head)
    for hidden in page.xpath("//div[@class='preheader'] | //comment()"):
        hidden.drop_tree()
    for image in page.iter("img"):
        image.tail = f"[Image: {image.get('alt')}] {image.tail or ''}"
    for element in page.iter("p", "td", "th", "li", "h1", "h2", "br"):
        element.tail = f" {element.tail or ''}"
    return words(page.text_content())


def passages(html: str) -> list[str]:
    """Every stretch of text between two line ends of the document."""
    page = lxml.html.document_fromstring(html)
    kinds = "p", "li", "h1", "h2", "th"
    cells = [*page.iter(*kinds), *page.xpath("//table[@class='figures']//td | //td[@class='card sender']")]
    return [words(line) for cell in cells for line in cell.text_content().split("\n") if line.strip()]


def undecorated(text: str) -> str:
    """A text part without what it has instead of layout: rules, columns, bullets, the numbers of links."""
    columns = re.sub(r"(?<=\S) {2,}(?=\S)", "\n\n", text)
    decoration = r"^ *([-=]+ ?)+$|^###$|^\[\d+\] \S+$|^- | \[\d+\]|^\d\. "
    return re.sub(decoration, "", columns, flags=re.MULTILINE)


def links(html: str) -> set[str]:
    page = lxml.html.document_fromstring(html)
    return {a.get("href") for a in page.iter("a")} | {image.get("src") for image in page.iter("img")}


def headers(rendered: Rendered) -> email.message.EmailMessage:
    content = merge.load(rendered.template).build(harbour.FIELDS)
    return email.message_from_bytes(content, policy=email.policy.default)  # type: ignore[return-value]
