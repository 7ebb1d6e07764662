"""The merge fields as a template meets them: a closed list that may only be printed.

`Field` objects refuse everything but being printed, so no filter, comparison or loop can make one
recipient's mail differ from another's in more than the value. Printed, a field leaves a sentinel, which
`merge.body` turns into a hole after inlining.
"""

import hashlib
import re
from dataclasses import dataclass
from typing import NoReturn

from markupsafe import Markup

NAMES = ("name", "address", "reason", "token")


class FieldMisuse(TypeError):
    """A template did more with a field than print it."""


class Field:
    """One merge field. `sentinel` stands for it while rendering."""

    __slots__ = ("name", "sentinel")

    def __init__(self, *, name: str, sentinel: str) -> None:
        self.name, self.sentinel = name, sentinel

    def _refuse(self, *_: object) -> NoReturn:
        raise FieldMisuse(f"fields.{self.name} may only be printed, as {{{{ fields.{self.name} }}}}")

    __bool__ = __len__ = __iter__ = __contains__ = __getitem__ = __call__ = _refuse
    __str__ = __html__ = __format__ = __hash__ = _refuse
    __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = _refuse
    __add__ = __radd__ = __mod__ = __rmod__ = __mul__ = __rmul__ = _refuse


@dataclass(frozen=True, slots=True, eq=False)
class FieldSet:
    """What templates get as `fields`."""

    name: Field
    address: Field
    reason: Field
    token: Field
    pattern: re.Pattern[str]

    @property
    def all(self) -> tuple[Field, ...]:
        return self.name, self.address, self.reason, self.token


def field_set(seed: str) -> FieldSet:
    """The fields for one rendering. Sentinels depend on `seed` (the letter), so no text can hold them.

    They are letters and digits only: autoescape, lxml and quoted-printable leave them as they are.
    """
    stem = f"zq{hashlib.sha256(seed.encode('utf-8', 'surrogatepass')).hexdigest()[:16]}"
    made = {name: Field(name=name, sentinel=f"{stem}{name}qz") for name in NAMES}
    return FieldSet(**made, pattern=re.compile(f"{stem}({'|'.join(NAMES)})qz"))


def printed(value: object) -> object:
    """Jinja's finalize: the one place where a field becomes text."""
    if not isinstance(value, Field):
        return value
    return Markup(value.sentinel)  # noqa: S704 - letters and digits that we made
