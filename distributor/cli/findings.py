"""What `check` finds, a line each, and what it looks at: the configuration and what is made out of it."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Any

from distributor.config import Config
from distributor.errors import DistributorError

if TYPE_CHECKING:
    from distributor.model.publisher import Publisher
    from distributor.store.database import Store

#: Hosts that may be spoken to unencrypted.
LOCAL = ("localhost", "127.0.0.1", "::1")


class Status(StrEnum):
    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of `check`."""

    name: str
    status: Status
    detail: str
    cure: str = ""

    def document(self) -> dict[str, Any]:
        return asdict(self)


def refusal(name: str, error: DistributorError | OSError) -> Finding:
    """The finding that an error is."""
    if isinstance(error, OSError):
        cure = "Check that path, and that this user may read and write there."
        return Finding(name, Status.FAIL, f"{error.filename}: {error.strerror or error}", cure)
    where = f"{error.where}: " if error.where else ""
    return Finding(name, Status.FAIL, f"{where}{error.what}", error.cure)


class Subject:
    """What is looked at. Its parts are made one by one, so that one broken part does not hide the others."""

    def __init__(self, config: Config) -> None:
        self.config = config

    @cached_property
    def publishers(self) -> "Sequence[tuple[Publisher, str]]":
        """Each with what stands before its findings: nothing where there is one."""
        from distributor.parts import publishers_of

        found = publishers_of(self.config)
        return [(one, f"{one.id}: " if len(found) > 1 else "") for one in found]

    def section(self, publisher: str) -> str:
        """Where this publisher is set up."""
        return "[publisher]" if publisher == self.config.publisher.id else f"[publishers.{publisher}]"

    @cached_property
    def store(self) -> "Store":
        from distributor.store.database import open_store

        return open_store(self.config.database_url)

    def close(self) -> None:
        if "store" in self.__dict__:
            self.store.close()
