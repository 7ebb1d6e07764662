"""No route of the console without a rule: the router is asked, not a list.

Planted once by hand and caught: a route without `right`.
"""

import shutil
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from distributor.model.officer import Role
from distributor.policy import rights
from distributor.store.database import open_store
from distributor.system import System
from distributor.web import visit
from distributor.web.rules import posted
from tests.web.conftest import peopled
from tests.web.desk import Desk, officer
from tests.web.routes import calls, routes, verb

pytestmark = pytest.mark.xdist_group("console rights")

#: Without a session, and nothing else: signing in, and accepting an invitation.
OPEN = {"/office/sign-in", "/office/join/{token}"}


def test_every_route_asks_the_table(built: System) -> None:
    found = {route.path: verb(route) for route in routes(built)}
    assert {path for path, asked in found.items() if asked is None} == OPEN
    assert [asked for asked in found.values() if asked is not None and not rights.known(asked)] == []
    assert {path for path in found if visit.is_open(path.replace("{token}", "x"))} == OPEN


def test_every_change_asks_for_a_form_of_ours(built: System) -> None:
    for route in routes(built):
        changes = not route.methods <= {"GET", "HEAD"}
        assert (posted in calls(route)) == changes, route.path


def login(role: Role) -> str:
    return role.value.replace(" ", ".")


@pytest.fixture(scope="module")
def office(
    built: System, tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path
) -> Iterator[System]:
    """With one officer for each role, called like it. What their forms name is not there: nothing changes."""
    file = shutil.copy(sqlite_template, tmp_path_factory.mktemp("rights") / "distributor.db")
    with closing(open_store(f"sqlite:///{file}")) as store:
        whole = peopled(replace(built, store=store)).system
        for role in Role:
            officer(whole, login(role), [role])
        yield whole


@pytest.mark.parametrize("role", Role)
def test_roles_open_what_the_table_says(office: System, role: Role) -> None:
    """Every route × this role: refused where the table refuses. (What is let through may be no page.)

    Of those that name an object this is asked for each that there can be: `test_console_objects`.
    """
    desk = Desk(office)
    desk.sign_in(login(role))
    for route in routes(office):
        asked, path = verb(route), route.path
        if asked is None or route.param_convertors or path.endswith(("/progress", "/sign-out")):
            continue
        for method in route.methods - {"HEAD"}:
            answer = desk.request(method, path, data={"form": desk._form} if method == "POST" else None)
            refused = answer.status_code == 403 and "may not do this" in answer.text
            assert refused == (not rights.may([role], asked)), (method, path)
