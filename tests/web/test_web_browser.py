"""The pages in a real browser, served by a real server: narrow and wide, light and dark, one click to leave.

Planted once by hand and caught: a style that the Content-Security-Policy's hash does not allow.
"""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from distributor.model.contact import Standing
from distributor.store import contacts
from tests.web.conftest import Office
from tests.web.serving import served
from tests.world import PUBLISHER

pytestmark = pytest.mark.xdist_group("web browser")


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [375, 1280])
def test_pages_fit_and_are_styled(office: Office, browser: Browser, scheme: str, width: int) -> None:
    with (
        served(office.system) as address,
        browser.new_context(
            color_scheme=scheme, viewport={"width": width, "height": 800}, java_script_enabled=True
        ) as context,
    ):
        page = context.new_page()
        complaints: list[str] = []
        page.on("console", lambda message: complaints.append(message.text))
        for path in ("/", f"/u/{office.token(0)}", "/nowhere"):
            page.goto(address + path)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, path
            ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
            assert ground == {"light": "rgb(238, 241, 244)", "dark": "rgb(18, 21, 24)"}[scheme], path
        assert [text for text in complaints if "404" not in text] == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_one_click_leaves(office: Office, browser: Browser) -> None:
    with served(office.system) as address, browser.new_context() as context:
        page = context.new_page()
        page.goto(f"{address}/u/{office.token(0)}")
        page.get_by_role("button", name="Unsubscribe").click()
        page.get_by_text("You are unsubscribed").wait_for()
        assert context.cookies() == []
    with office.system.store.read() as connection:
        ada = contacts.find(connection, publisher_id=PUBLISHER, address_key="ada@example.org")
    assert ada is not None
    assert ada.standing is Standing.UNSUBSCRIBED
