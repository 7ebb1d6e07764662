"""Tables of one look, that fold at 80 columns, and the words that follow what was shown."""

from collections.abc import Iterable, Sequence

from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from distributor.cli.moments import clean

_LONG = 500  # lines


def table(out: Console, columns: Sequence[str], lines: Iterable[Sequence[object]]) -> None:
    """Print a table; a long one line by line as it is, for folding takes a millisecond each."""
    cells = [[clean(cell) for cell in line] for line in lines]
    if len(cells) > _LONG:
        out.out(_undrawn(columns, cells), highlight=False)
    else:
        out.print(drawn_table(columns, cells))


def _undrawn(columns: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    titles = [column.lstrip(">") for column in columns]
    widths = [max(map(cell_len, column)) for column in zip(titles, *lines, strict=True)]
    rule = ["─" * width for width in widths]
    return "\n".join(_padded(line, columns, widths) for line in (titles, rule, *lines))


def _padded(line: Sequence[str], columns: Sequence[str], widths: Sequence[int]) -> str:
    gaps = [" " * (width - cell_len(cell)) for cell, width in zip(line, widths, strict=True)]
    cells = zip(columns, line, gaps, strict=True)
    return "   ".join(gap + cell if name[:1] == ">" else cell + gap for name, cell, gap in cells).rstrip()


def drawn_table(columns: Sequence[str], lines: Iterable[Sequence[object]]) -> Table:
    """A table with a heading; columns named ">…" are numbers, set right."""
    drawn = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for column in columns:
        number = column.startswith(">")
        drawn.add_column(column.lstrip(">"), justify="right" if number else "left", overflow="fold")
    for line in lines:
        drawn.add_row(*(Text(clean(cell)) for cell in line))
    return drawn


def facts(out: Console, pairs: Iterable[tuple[str, object]]) -> None:
    """Names and values, one a line; empty values are left out."""
    drawn = Table(box=None, show_header=False, pad_edge=False)
    drawn.add_column(style="dim", no_wrap=True)
    drawn.add_column(overflow="fold")
    for name, value in pairs:
        if value not in (None, "", [], ()):
            drawn.add_row(name, Text(clean(value)))
    out.print(drawn)


def heading(out: Console, text: str) -> None:
    out.print(Text(clean(text), style="bold"))


def warnings(out: Console, lines: Iterable[str]) -> None:
    for line in lines:
        out.print(Text(f"! {clean(line)}", style="yellow"))


def hint(out: Console, text: str) -> None:
    """What to do next; commands in it are never broken over two lines."""
    out.print(Text(text, style="dim"), soft_wrap=True)
