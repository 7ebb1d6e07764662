"""The two style sheets of a mail, and inlining by premailer (recipe and traps: design §10).

The inlined one must hold plain rules only. The other (media queries, dark mode, print, hover) stays in
the head as it is. A rule that a parser would lose is refused when the templates are loaded.
"""

import logging
import re
from functools import cache
from typing import Any

from distributor.errors import TemplateError

_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_NOT_INLINED = re.compile(r"@|var\(|:(?=[a-z-]+[^;{}]*\{)")
_CURE = "Correct the style sheet."


@cache
def _cssutils() -> Any:
    """Loaded by who renders: a sender of mails needs neither it nor premailer."""
    import cssutils

    cssutils.ser.prefs.minimizeColorHash = False  # premailer's 3-digit colours (#039) are not read everywhere
    cssutils.log.setLevel(logging.CRITICAL)
    return cssutils


def inlined(html: str) -> str:
    """The document with its plain rules as style attributes; <style data-premailer="ignore"> is kept."""
    from premailer import Premailer

    _cssutils()
    document: str = Premailer(
        html,
        base_url=None,
        keep_style_tags=False,
        strip_important=False,
        remove_classes=False,
        disable_validation=True,
        allow_network=False,
        allow_loading_external_files=False,
        align_floating_images=False,
        disable_basic_attributes=["width", "height"],
        cssutils_logging_level=logging.CRITICAL,
    ).transform()
    return document


def check_inlined(css: str, *, file: str) -> None:
    """Refuse a sheet of which inlining would lose a rule or a declaration. Raises TemplateError."""
    check_braces(css, file=file)
    text = _without_comments(css)
    special = _NOT_INLINED.search(text)
    if special:
        raise TemplateError(
            "only plain rules can be inlined: no @-rule, pseudo-class or var()",
            where=f"{file}:{_line(text, special.start())}",
            cure="Move it to the style sheet for clients that read one.",
        )
    for match in re.finditer(r"[^{}]*\{([^{}]*)\}", text):
        _check_rule(match, file=file, line=_line(text, match.start(1)))


def check_braces(css: str, *, file: str) -> None:
    """Refuse unbalanced braces: a stray one eats the next rule. Raises TemplateError."""
    text = _without_comments(css)
    depth, opened = 0, 0
    for brace in re.finditer(r"[{}]", text):
        depth += 1 if brace[0] == "{" else -1
        opened = brace.start() if brace[0] == "{" else opened
        if depth < 0:
            raise TemplateError(
                "a } too many would eat the next rule",
                where=f"{file}:{_line(text, brace.start())}",
                cure="Take it out.",
            )
    if depth:
        raise TemplateError(
            "a { is not closed", where=f"{file}:{_line(text, opened)}", cure="Close it with }."
        )


def _check_rule(match: re.Match[str], *, file: str, line: int) -> None:
    """One rule in, one rule with as many declarations out."""
    written = sum(bool(declaration.strip()) for declaration in match[1].split(";"))
    sheet = _cssutils().CSSParser(raiseExceptions=False, validate=False).parseString(match[0])
    rules = [rule for rule in sheet if rule.type == rule.STYLE_RULE]
    kept = len(rules[0].style.getProperties(all=True)) if len(rules) == 1 else 0
    if len(rules) != 1 or kept != written:
        raise TemplateError(
            f"the rule “{' '.join(match[0].split())[:60]}” would lose {written - kept} of its"
            f" {written} declarations",
            where=f"{file}:{line}",
            cure=_CURE,
        )


def _without_comments(css: str) -> str:
    """The sheet with comments blanked, so that line numbers stay."""
    return _COMMENT.sub(lambda comment: re.sub(r"[^\n]", " ", comment[0]), css)


def _line(text: str, position: int) -> int:
    return text.count("\n", 0, position) + 1
