"""What premailer made of the style sheets, and that people can read the colours."""

import re

import lxml.html

from distributor.mail.render import Rendered
from distributor.resources import shipped


def test_plain_rules_are_inlined(advance: Rendered) -> None:
    page = lxml.html.document_fromstring(advance.html)
    for path, expected in [
        ("//h1", "font-size:31px; line-height:39px; mso-line-height-rule:exactly"),
        ("//p[@class='lead']", "font-size:18px; line-height:29px"),
        ("//td[@class='further']//h2", "color:#16436e"),  # the more specific rule won
        ("//td[@class='embargo']", "background-color:#9c1c1c"),
    ]:
        assert expected in page.xpath(path)[0].get("style")
    for element in page.xpath("//p | //li | //h1 | //h2 | //a"):
        assert element.get("style")
    assert page.xpath("//td[@class='embargo']")[0].get("bgcolor") == "#9c1c1c"


def test_body_type_is_large_enough(advance: Rendered) -> None:
    page = lxml.html.document_fromstring(advance.html)
    for paragraph in page.xpath("//td[@class='main']//p[not(@class)] | //li"):
        assert "font-size:17px; line-height:27px; mso-line-height-rule:exactly" in paragraph.get("style")


def test_one_sheet_stays_and_every_declaration_of_it_is_important(advance: Rendered) -> None:
    sheets = re.findall(r"<style[^>]*>(.*?)</style>", advance.html.split("<![endif]-->", 1)[1], re.DOTALL)
    assert len(sheets) == 1
    css = re.sub(r"/\*.*?\*/", "", sheets[0], flags=re.DOTALL)
    for needed in (
        "prefers-color-scheme: dark",
        "@media print",
        "max-width: 480px",
        "[data-ogsc]",
        "[data-ogsb]",
    ):
        assert needed in css
    declarations = [
        one.strip() for inner in re.findall(r"\{([^{}]*)\}", css) for one in inner.split(";") if one.strip()
    ]
    assert declarations
    assert all(declaration.endswith(" !important") for declaration in declarations)


def test_colours_have_six_digits_and_no_css_that_mail_lacks(advance: Rendered) -> None:
    css = " ".join(re.findall(r"<style.*?</style>|style=[\"'].*?[\"']", advance.html, flags=re.DOTALL))
    for forbidden in ("var(", "rgb(", "flex", "grid", "rem;", "url(", "@import", "data:"):
        assert forbidden not in css
    assert not lxml.html.document_fromstring(advance.html).xpath("//script | //form | //link | //iframe")
    assert not re.search(r"#[0-9a-f]{3}\b(?![0-9a-f])", advance.html.replace("&#", ""))


def test_contrast_is_at_least_4_5_in_both_modes(advance: Rendered) -> None:
    colours = dict(re.findall(r'set (\w+) = "(#[0-9a-f]{6})"', _brand()))
    pairs = [
        *(("ink", "card"), ("quiet", "card"), ("accent", "card"), ("ink", "soft"), ("accent", "soft")),
        *(("quiet", "ground"), ("embargo_ink", "embargo"), ("embargo_ink", "embargo_dark")),
        *(
            (f"{ink}_dark", f"{ground}_dark")
            for ink in ("ink", "quiet", "accent")
            for ground in ("card", "soft", "ground")
        ),
    ]
    for ink, ground in pairs:
        assert _contrast(colours[ink], colours[ground]) >= 4.5, (ink, ground)


def _brand() -> str:
    return (shipped("templates") / "email" / "brand.j2").read_text(encoding="utf-8")


def _contrast(one: str, other: str) -> float:
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    """WCAG 2.2, relative luminance."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
