"""Proves the log from a page: begun by a button, one at a time, beside whatever else goes on.

It walks every row, which takes minutes on a large log; meanwhile the page says how far it is. What was found
last is kept while the service runs.
"""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request, Response

from distributor.errors import DistributorError
from distributor.store.views import verify
from distributor.store.views.verify import Verdict
from distributor.system import System
from distributor.web.console import Console, to
from distributor.web.office.log import PATH
from distributor.web.rules import Posted, right
from distributor.web.visit import Visit

VERIFY = f"{PATH}/verify"
_MAY = right("log verify")
_AT_ONCE = 2.0  # seconds: what is done by then is shown at once
_REST = 0.004  # seconds after some thousand rows: who answers pages and wakes stages comes first
_log = logging.getLogger(__name__)


@dataclass
class Proof:
    """The proof under way, and the last one. `whose`: `by` is an officer of this publisher, and only there
    named. `trouble`: why it came to no end."""

    system: System
    running: bool = False
    by: str = ""
    whose: str = ""
    began: datetime | None = None
    ended: datetime | None = None
    rows: int = 0
    done: int = 0
    verdict: Verdict | None = None
    trouble: str = ""
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def begin(self, *, by: str, whose: str, stopping: Callable[[], bool]) -> None:
        """Begin, unless one is under way."""
        with self._lock:
            if self.running:
                return
            self.running, self.by, self.began, self.ended = True, by, self.system.now(), None
            self.whose = whose
            self.rows, self.done, self.verdict, self.trouble = 0, 0, None, ""
        thread = threading.Thread(target=self._run, args=(stopping,), daemon=True, name="log verify")
        thread.start()
        thread.join(_AT_ONCE)

    def _run(self, stopping: Callable[[], bool]) -> None:
        def done(rows: int) -> None:
            self.done += rows
            if stopping():
                raise _StoppedError
            time.sleep(_REST)

        try:
            with self.system.store.read() as connection:
                self.rows = verify.size(connection)
                pseudonym = self.system.tokens.pseudonym
                self.verdict = verify.verify(connection, head=None, pseudonym=pseudonym, done=done)
        except _StoppedError:
            self.trouble = "the service was stopped"
        except DistributorError as error:
            self.trouble = str(error)
        except Exception:
            self.trouble = "it could not be read; the service's own log says more"
            _log.exception("the log could not be proven")
        finally:
            self.ended, self.running = self.system.now(), False


class _StoppedError(Exception):
    """The service ends."""


def router(console: Console) -> APIRouter:
    """GET and POST /office/log/verify."""
    routes = APIRouter()
    proof = Proof(console.system)

    @routes.api_route(VERIFY, methods=["GET", "HEAD"])
    def look(visit: Visit = _MAY) -> Response:
        hers = proof.whose == visit.publisher
        given: dict[str, Any] = {"proof": proof, "by": proof.by if hers else "somebody else"}
        return console.page(visit, "logverify", here="log", **given)

    @routes.post(VERIFY)
    def begin(request: Request, form: Posted, visit: Visit = _MAY) -> Response:  # noqa: ARG001
        proof.begin(by=visit.actor, whose=visit.publisher, stopping=request.app.state.stopping.is_set)
        return to(VERIFY)

    return routes
