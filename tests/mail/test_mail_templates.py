"""A broken template is refused when it is loaded or checked, with file, line and cure."""

from pathlib import Path

import harbour
import pytest

from distributor.errors import TemplateError
from distributor.mail import fields
from distributor.mail.render import Renderer
from distributor.resources import shipped

OURS = shipped("templates") / "email"


def own(folder: Path, name: str, text: str) -> Path:
    """The office's own copy of one template."""
    (folder / "email").mkdir(exist_ok=True)
    (folder / "email" / name).write_text(text, encoding="utf-8")
    return folder


def changed(folder: Path, name: str, old: str, new: str) -> Path:
    source = (OURS / name).read_text(encoding="utf-8")
    assert old in source
    return own(folder, name, source.replace(old, new, 1))


def test_the_shipped_templates_pass_what_an_offices_own_must(tmp_path: Path) -> None:
    """Word for word as shipped they are not checked again at every start; each with a line more, they are."""
    for file in OURS.glob("*.j2"):
        own(tmp_path, file.name, file.read_text(encoding="utf-8") + "\n")
    Renderer([tmp_path]).check()


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("{% if page.test %}", "end of template"),  # syntax: never closed
        ("{{ page.test }", "unexpected '}'"),  # syntax
        ("{{ page.headlin|shouted }}", "shouted"),  # an unknown filter
        ("{{ headline }}", "“headline” is unknown"),  # an unknown name
        ("{% if false %}{{ headline }}{% endif %}", "“headline” is unknown"),  # where nothing runs
        ("{{ page.headlin }}", "headlin"),  # an unknown attribute
        ("{{ fields.salary }}", "no field “salary”"),  # an unknown field
        ("{% if fields.name %}x{% endif %}", "may only be printed"),  # branching
        ("{% if 'x' == fields.name %}x{% endif %}", "may only be printed"),  # comparing
        ("{% for c in fields.name %}x{% endfor %}", "may only be printed"),  # looping
        ("{{ fields.name|upper }}", "may only be printed"),  # filtering
        ("{{ fields.name ~ '!' }}", "may only be printed"),  # joining
        ("{% set n = fields.name %}{{ n }}", "may only be printed"),  # hiding it
        ("{{ fields.name if page.test }}", "may only be printed"),
        ("{% set f = fields %}", "only be used as fields.NAME"),
        ("{{ fields['name'] }}", "only be used as fields.NAME"),
        ("{{ page.__class__.__mro__ }}", "unsafe"),  # out of the sandbox
        ("{{ 1 / 0 }}", "division by zero"),
        ("{% include 'email/none.j2' %}", "none.j2"),
    ],
)
def test_what_is_wrong_in_a_template_is_named_with_its_line(tmp_path: Path, line: str, what: str) -> None:
    source = (OURS / "release.txt.j2").read_text(encoding="utf-8")
    folder = own(tmp_path, "release.txt.j2", f"first\nsecond\n{line}\n{source}")
    with pytest.raises(TemplateError) as refusal:
        Renderer([folder]).check()
    assert what in str(refusal.value)
    assert str(tmp_path / "email" / "release.txt.j2") in refusal.value.where
    assert refusal.value.cure
    if "end of template" not in what:
        assert refusal.value.where.endswith(":3")


def test_faults_in_fields_are_found_at_load_even_where_nothing_runs(tmp_path: Path) -> None:
    folder = changed(
        tmp_path,
        "blocks.html.j2",
        "{% macro quote(shown) %}",
        "{% macro quote(shown) %}{% if fields.name %}{% endif %}",
    )
    with pytest.raises(TemplateError, match=r"blocks\.html\.j2:\d+: fields\.name differs by recipient"):
        Renderer([folder])


@pytest.mark.parametrize(
    ("css", "what"),
    [
        ("p { color: #111111; } }\nh1 { color: #222222; }", "too many"),  # eats the next rule
        ("p { color: #111111;", "not closed"),
        ("p { color: #111111; colour }", "would lose 1 of its 2"),  # a declaration without a value
        ("p { font-size 17px; color: #111111; }", "would lose"),  # a colon forgotten
        ("> p { color: #111111; }", "would lose"),  # a selector that is none
        ("a:hover { color: #111111; }", "only plain rules"),
        ("@media print { p { color: #111111; } }", "only plain rules"),
        ("p { color: var(--ink); }", "only plain rules"),
    ],
)
def test_a_rule_that_inlining_would_lose_is_refused_at_load(tmp_path: Path, css: str, what: str) -> None:
    folder = own(tmp_path, "inlined.css.j2", f"/* }} */\n\n{css}\n")
    with pytest.raises(TemplateError, match=what) as refusal:
        Renderer([folder])
    assert refusal.value.where == f"{tmp_path / 'email' / 'inlined.css.j2'}:3"


def test_a_stray_brace_in_the_kept_sheet_is_refused_too(tmp_path: Path) -> None:
    with pytest.raises(TemplateError, match="too many"):
        Renderer([own(tmp_path, "clients.css.j2", "p { color: #111111 !important; } }")])


@pytest.mark.parametrize("name", ["release.html.j2", "release.txt.j2"])
@pytest.mark.parametrize("field", ["{{ fields.reason }}", "{{ fields.token }}"])
def test_a_mail_must_say_why_it_comes_and_how_to_leave(tmp_path: Path, name: str, field: str) -> None:
    with pytest.raises(TemplateError, match="lacks"):
        Renderer([changed(tmp_path, name, field, "")]).check()


def test_the_doctype_must_be_in_capitals(tmp_path: Path) -> None:
    folder = changed(tmp_path, "release.html.j2", "<!DOCTYPE html>", "<!doctype html>")
    with pytest.raises(TemplateError, match="DOCTYPE"):
        Renderer([folder]).check()


def test_a_field_lost_by_inlining_is_noticed(tmp_path: Path) -> None:
    folder = changed(
        tmp_path, "release.html.j2", "</title>", "</title><style>p { color: {{ fields.name }} }</style>"
    )
    with pytest.raises(TemplateError, match="name"):
        Renderer([folder]).check()


def test_a_template_that_is_not_utf8(tmp_path: Path) -> None:
    folder = own(tmp_path, "release.txt.j2", "")
    (folder / "email" / "release.txt.j2").write_bytes(b"\xff\xfe")
    with pytest.raises(TemplateError, match="UTF-8"):
        Renderer([folder])


def test_the_offices_own_brand_is_enough_to_change_the_colours(tmp_path: Path) -> None:
    folder = changed(tmp_path, "brand.j2", "#16436e", "#0b6e4f")
    html = Renderer([folder]).render(harbour.letter()).html
    assert "#0b6e4f" in html
    assert "#16436e" not in html


def test_a_folder_that_is_not_there_means_ours(tmp_path: Path) -> None:
    assert Renderer([tmp_path / "none"]).render(harbour.letter()) == Renderer([]).render(harbour.letter())


@pytest.mark.parametrize(
    "misuse",
    [
        bool,
        str,
        len,
        iter,
        hash,
        lambda f: f == "x",
        lambda f: f + "x",
        lambda f: f"{f}",
        lambda f: f[0],
        lambda f: "x" in f,
    ],
)
def test_a_field_object_refuses_everything(misuse) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(fields.FieldMisuse, match=r"fields\.name may only be printed"):
        misuse(fields.field_set("seed").name)


def test_no_text_can_pose_as_a_field() -> None:
    """Planted bug: a sentinel that does not depend on the letter can be written into a headline."""
    first = Renderer([]).render(harbour.letter())
    marks = fields.field_set(repr(harbour.letter()))
    forged = harbour.letter(reference=marks.token.sentinel)
    assert marks.token.sentinel in Renderer([]).render(forged).text
    assert first.template.count(b"\0token:text\0") == Renderer([]).render(forged).template.count(
        b"\0token:text\0"
    )
