"""Somebody in an officer's place while a page is made that several of them get.

She has the roles and the publishers that count, and in the place of a name and a form words that nobody can
guess: no text of a release holds them, and each is replaced by the officer's own before the page goes out.
"""

import secrets
from dataclasses import replace

from markupsafe import escape

from distributor.model.officer import Officer
from distributor.web.visit import Visit


class StandIn:
    """The words are new with each service."""

    def __init__(self) -> None:
        self._name, self._form = secrets.token_hex(16), secrets.token_hex(16)

    def of(self, visit: Visit) -> Visit:
        """A visit with her roles, and nothing else of her."""
        officer = visit.officer and self._officer(visit.officer)
        return replace(visit, officer=officer, session="", form=self._form)

    def replaced(self, html: str, visit: Visit) -> str:
        """The page as hers."""
        name = (visit.officer.display or visit.officer.name) if visit.officer else ""
        return html.replace(self._name, str(escape(name))).replace(self._form, visit.form)

    def _officer(self, hers: Officer) -> Officer:
        return Officer(self._name, "", "", hers.roles, hers.created_at, "")
