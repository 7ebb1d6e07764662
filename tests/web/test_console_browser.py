"""All pages in a real browser, served by a real server: widths, colours, the keyboard, no scripts, axe-core.

One browser on one worker, and one office for all of the console.

Planted once by hand and caught: a style that the Content-Security-Policy's hash does not allow; a label
without its field (axe).
"""

from collections.abc import Iterator
from contextlib import closing
from itertools import product

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from distributor.model.contact import Standing
from distributor.office import invite
from distributor.store import contacts
from distributor.system import System
from tests.house import House, tick
from tests.web.conftest import Office
from tests.web.desk import PASSWORD, officer
from tests.web.serving import served
from tests.world import PUBLISHER

pytestmark = pytest.mark.xdist_group("web browser")

READERS = [f"r{n}@example.org" for n in range(5)]
RELEASE = "/office/releases/2030-0043"
PAGES = [
    "/office",
    "/office/releases",
    RELEASE,
    *(
        f"{RELEASE}/{page}"
        for page in ("audience", "preview?find=early&look=phone", "hold", "embargo", "withdraw")
    ),
    *(f"/office/releases/2030-0042/{page}" for page in ("correct", "doubt", "unreached")),
    "/office/copy",
    "/office/releases/2030-0044/approve",
    "/office/new",
    "/office/new/2030-0043",
    "/office/account",
    "/office/lists?find=r",
    "/office/lists/trade",
    *(f"/office/contacts/1{page}" for page in ("", "/edit", "/grant")),
    *(f"/office/list-changes/{page}" for page in ("import", "facts")),
    "/office/silence",
    *(f"/office/log{page}" for page in ("", "/events", "/mails/1", "/releases/2030-0042", "/verify")),
]


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """A release that goes out, one whose advance copy is next; Ada, who may do everything."""
    here = House(tmp_path_factory.mktemp("house"))
    here.configure()
    here.furnish(trade=READERS, agencies=["early@example.com"])
    with closing(here), here.system() as built:
        here.release(built)
        here.document((here.folder / "release.md").read_text().replace("0042", "0043"), name="next.md")
        here.add(built, name="next.md", embargo="2030-03-05 12:00 UTC", advance=("agencies=-2h",))
        here.approve(built, "2030-0043")
        tick(built)
        here.document((here.folder / "release.md").read_text().replace("0042", "0044"), name="third.md")
        here.add(built, name="third.md")
        officer(built)
        yield built


@pytest.fixture(scope="module")
def address(house: System) -> Iterator[str]:
    with served(house) as address:
        yield address


@pytest.fixture(scope="module")
def signed_in(browser: Browser, address: str) -> list[dict]:
    """Ada's cookies."""
    with browser.new_context() as context:
        sign_in(context.new_page(), address)
        return context.cookies()


def sign_in(page: Page, address: str) -> None:
    page.goto(f"{address}/office/account")
    page.get_by_label("Name").fill("ada")
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Your account").wait_for()


def look(browser: Browser, cookies: list[dict], **how: object) -> BrowserContext:
    context = browser.new_context(**how)
    context.add_cookies(cookies)
    return context


VIOLATIONS = {"resultTypes": ["violations"]}
COLOURS = VIOLATIONS | {"runOnly": ["color-contrast"]}  # the rest is the same in both schemes


def test_pages_fit_and_axe_finds_nothing(browser: Browser, address: str, signed_in: list[dict]) -> None:
    """Each page light on a phone, then dark on a desk."""
    with look(browser, signed_in, bypass_csp=False) as context:
        page = context.new_page()
        complaints: list[str] = []
        page.on("console", lambda message: complaints.append(message.text))
        for path in PAGES:
            page.goto(address + path)
            page.evaluate(Axe().axe_script)
            for width, scheme, rules in ((375, "light", VIOLATIONS), (1280, "dark", COLOURS)):
                page.set_viewport_size({"width": width, "height": 800})
                page.emulate_media(color_scheme=scheme)
                assert page.evaluate("document.documentElement.scrollWidth") <= width, path
                found = page.evaluate("rules => axe.run(rules)", rules)["violations"]
                assert [(one["id"], one["nodes"][0]["html"]) for one in found] == [], (path, scheme)
        assert complaints == []


def test_the_first_officer_begins_and_sets_up_everything_by_keyboard(
    browser: Browser, house: System, address: str
) -> None:
    here = {"now": house.now(), "publisher_id": house.publisher.id}
    officer(house, "bea")
    link = invite.invite(house.store, actor="test", name="bea", **here)
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(f"{address}/office/join/{link.token}")
        page.get_by_label("Password").focus()
        for _ in range(2):
            page.keyboard.type(PASSWORD)
            page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        page.get_by_role("heading", name="Today").wait_for()
        assert page.get_by_role("link", name="Show how far it is now").is_visible()
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
        page.get_by_role("button", name="Sign out").press("Enter")
        page.get_by_role("heading", name="Sign in").wait_for()
        page.goto(f"{address}/office")
        assert page.get_by_role("heading", name="Sign in").is_visible()


def test_progress_moves_by_itself(
    browser: Browser, house: System, address: str, signed_in: list[dict]
) -> None:
    with look(browser, signed_in) as context:
        page = context.new_page()
        page.goto(f"{address}/office")
        card = page.locator("[data-mailout]")
        assert "2030-0042" in card.inner_text()
        assert card.locator('[data-group="still trying"]').inner_text() == "6"
        with house.store.write() as connection:
            connection.exec_driver_sql("UPDATE delivery SET state = 'sent' WHERE address LIKE 'r%'")
        card.locator('[data-group="accepted"]', has_text="5").wait_for()
        assert card.locator("progress").evaluate("bar => bar.value") == 5
        assert "in " in page.locator("[data-until]").first.inner_text()
        assert page.get_by_text("2030-0043").first.is_visible()


PASTE = """(area) => {
    const told = new DataTransfer();
    told.setData("text/html", "<p>Fees<o:p></o:p> fall</p><ul><li>by half</li></ul><script>evil()</script>");
    told.setData("text/plain", "not this");
    area.dispatchEvent(new ClipboardEvent("paste", {clipboardData: told, bubbles: true, cancelable: true}));
}"""


def test_rich_text_is_pasted_as_paragraphs(browser: Browser, address: str, signed_in: list[dict]) -> None:
    with look(browser, signed_in) as context:
        page = context.new_page()
        page.goto(f"{address}/office/new")
        area = page.get_by_label("Text", exact=False).first
        area.focus()
        area.evaluate(PASTE)
        expect(area).to_have_value("Fees fall\n\n• by half")  # a function to wait for, the policy forbids
        page.get_by_role("button", name="Read it").press("Enter")
        page.get_by_role("heading", name="en: Fees fall").wait_for()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_public_pages_fit_and_are_styled(office: Office, browser: Browser) -> None:
    with served(office.system) as address, browser.new_context() as context:
        page = context.new_page()
        complaints: list[str] = []
        page.on("console", lambda message: complaints.append(message.text))
        for path in ("/", f"/u/{office.token(0)}", "/nowhere"):
            page.goto(address + path)
            for width, scheme in product((375, 1280), ("light", "dark")):
                page.set_viewport_size({"width": width, "height": 800})
                page.emulate_media(color_scheme=scheme)
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
