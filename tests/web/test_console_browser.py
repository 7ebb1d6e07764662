"""All pages in a real browser, served by a real server: widths, colours, the keyboard, no scripts, axe-core.

One browser on one worker, and one office for all of the console.

Planted once by hand and caught: a style that the Content-Security-Policy's hash does not allow; a label
without its field (axe).
"""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from email import message_from_bytes
from email.policy import default
from itertools import product
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from distributor.model.contact import Standing
from distributor.model.officer import Role
from distributor.office import invite, lists
from distributor.store import contacts, runs
from distributor.system import System
from distributor.web.office.lists import keeper_of
from tests.house import HEADLINE, REFERENCE, House, tick
from tests.twohouses import two
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
        arguments = ["--no-sandbox", "--disable-gpu"]
        browser = playwright.chromium.launch(executable_path=chromium, args=arguments)
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


def sign_in(page: Page, address: str, name: str = "ada") -> None:
    page.goto(f"{address}/office/account")
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Your account").wait_for()


def look(browser: Browser, cookies: list[dict], **how: object) -> BrowserContext:
    context = browser.new_context(**how)
    context.add_cookies(cookies)
    return context


#: The preview's frame is a sandbox without scripts: axe cannot look into it, and would complain of that.
VIOLATIONS = {"resultTypes": ["violations"], "iframes": False}
COLOURS = VIOLATIONS | {"runOnly": ["color-contrast"]}  # the rest is the same in both schemes


def test_pages_fit_and_axe_finds_nothing(
    browser: Browser, house: System, address: str, signed_in: list[dict]
) -> None:
    """Each page light on a phone, then dark on a desk."""
    with look(browser, signed_in, bypass_csp=False) as context:
        context.add_init_script(Axe().axe_script)
        page = context.new_page()
        complaints: list[str] = []
        page.on("console", lambda message: complaints.append(message.text))
        for path in (*PAGES, listchange(house)):
            page.goto(address + path)
            fits(page)
        page.goto(f"{address}{RELEASE}/audience")
        page.get_by_label("Add people to this release").fill(f"{READERS[0]}, new@example.org, nobody")
        page.get_by_role("button", name="Look whom we know").click()
        page.get_by_role("heading", name="The others").wait_for()
        fits(page)
        assert complaints == []


def fits(page: Page) -> None:
    for width, scheme, rules in ((375, "light", VIOLATIONS), (1280, "dark", COLOURS)):
        page.set_viewport_size({"width": width, "height": 800})
        page.emulate_media(color_scheme=scheme)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, page.url
        found = page.evaluate("rules => axe.run(rules)", rules)["violations"]
        assert [(one["id"], one["nodes"][0]["html"]) for one in found] == [], (page.url, scheme)


def listchange(house: System) -> str:
    """The page of a change that waits: some come, many go, a row is refused."""
    said = {"actor": "ada", "now": house.now(), "what": "import into trade"}
    after = {"trade.csv": b"email,name\nr0@example.org,Ray\nnew@example.org,New\nnobody,No\n"}
    return f"/office/list-changes/{lists.propose(keeper_of(house), after=after, **said)}"


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


def work(built: System) -> None:
    """The stages, and a worker run that sends what is open."""
    tick(built)
    with runs.started(built.store, now=built.now()) as run:
        asyncio.run(built.sender(run=run, mailer=built.mailer()).drain())
    tick(built)


def sent(here: House, built: System) -> list[tuple[str, str]]:
    """Do what is due, and tell what has gone: (address, subject). A browser has this thread's loop."""
    with ThreadPoolExecutor(1) as elsewhere:
        elsewhere.submit(work, built).result()
    mails = [message_from_bytes(file.read_bytes(), policy=default) for file in here.folder.rglob("*.eml")]
    return sorted((str(mail["To"]), str(mail["Subject"])) for mail in mails)


def press(page: Page, *names: str) -> None:
    """One after the other: links and buttons, by their words."""
    for name in names:
        page.get_by_role("button", name=name).or_(page.get_by_role("link", name=name)).first.click()


def heading(page: Page, words: str) -> None:
    page.get_by_role("heading", name=words).first.wait_for()


TEXT = "The harbour opens\n\nQuillhaven, 4 March 2030\n\nIt takes every vessel from today.\n\nENDS"


def test_a_release_from_pasting_to_withdrawal(browser: Browser, tmp_path: Path) -> None:
    """Paste, mend, audience, approve, advance copy, move, lift, correct, withdraw; a reader who may not."""
    here = House(tmp_path)
    here.configure()
    here.furnish(trade=["ada@example.org"], agencies=["early@example.com"])
    (tmp_path / "lists" / "rest.toml").write_text('title = "Rest"\ntopics = []\n')
    (tmp_path / "lists" / "rest.csv").write_text("email\ncem@example.org\n")
    with closing(here), here.system() as built, served(built) as address, browser.new_context() as context:
        here.sync(built)
        officer(built)
        officer(built, "rea", [Role.READER])
        page = context.new_page()
        sign_in(page, address)
        press(page, "Releases", "Bring a release in")
        page.locator("#text-0").fill(TEXT)
        page.locator("#topics").fill("harbours")
        press(page, "Read it")
        page.get_by_role("alert").wait_for()
        page.locator("#topics").fill("trade/ports")
        page.locator("#embargo").fill("2030-03-04 15:00 UTC")
        page.locator("#advance").fill("agencies=-4h")
        press(page, "Read it", "Keep it as a draft", "Who gets it, and why")
        page.locator("#addresses").fill("Bcc: Cem <cem@example.org>; nobody")
        press(page, "Look whom we know")
        heading(page, "1 to add")
        press(page, "Add them")
        page.get_by_text("added by ada").wait_for()
        press(page, "Approve it", "Approve what is shown")
        heading(page, "The harbour opens")
        assert sent(here, built) == []
        here.clock.move(hours=2)
        early = ("early@example.com", "EMBARGOED until Mon 4 Mar 16:00 Brussels: The harbour opens")
        assert sent(here, built) == [early]
        press(page, "Move the embargo")
        page.get_by_text("1 have the text or may have it").wait_for()
        page.locator("#when").fill("2030-03-04 16:00 UTC")
        press(page, "Move the embargo")
        heading(page, "The harbour opens")
        press(page, "Lift the embargo now")
        heading(page, "Lift the embargo now")
        press(page, "Lift the embargo now")
        heading(page, "The harbour opens")
        others = ["ada@example.org", "cem@example.org"]
        found = sent(here, built)
        assert [one for one in found if one[0] in others] == [(one, "The harbour opens") for one in others]
        press(page, "Correct")
        area = page.locator("#text-0")
        area.fill(area.input_value().replace("every vessel", "most vessels"))
        press(page, "Read it")
        page.get_by_text("To 3 as a correction").wait_for()
        press(page, "Correct it now")
        heading(page, "The harbour opens")
        assert [one for one, subject in sent(here, built) if subject.startswith("CORRECTION")] == [
            "ada@example.org", "cem@example.org", "early@example.com"
        ]  # fmt: skip
        press(page, "Withdraw")
        heading(page, "Withdraw:")
        press(page, "Withdraw")
        heading(page, "The harbour opens")
        assert len([one for one in sent(here, built) if one[1].startswith("WITHDRAWN")]) == 3
        press(page, "Sign out")
        sign_in(page, address, "rea")
        press(page, "Releases", "The harbour opens")
        heading(page, "The harbour opens")
        assert page.get_by_role("link", name="Correct").count() == 0
        page.goto(f"{address}/office/releases/2030-0001/correct")
        page.get_by_text("may not do this").wait_for()


BCC = '"Example, Cem" <cem@example.org>; ada@example.org, ADA@example.org; who@example.org, nobody'
NAMED = ("1 get it already", "1 stand there more than once", "1 unknown", "1 no address")


def test_a_bcc_line_is_sorted_and_four_eyes_see_it(browser: Browser, tmp_path: Path) -> None:
    """Ada pastes the line, adds whom it leaves, leaves one out, and approves; not twice. Bea completes it."""
    here = House(tmp_path)
    here.configure(extra="[approval]\nfour_eyes = true\n")
    here.furnish(trade=["ada@example.org", "bea@example.com"])
    (tmp_path / "lists" / "rest.toml").write_text('title = "Rest"\ntopics = []\n')
    (tmp_path / "lists" / "rest.csv").write_text("email\ncem@example.org\n")
    with closing(here), here.system() as built, served(built) as address:
        here.sync(built)
        here.add(built)
        pages = [browser.new_context(java_script_enabled=name == "ada").new_page() for name in ("ada", "bea")]
        for name, page in zip(("ada", "bea"), pages, strict=True):
            officer(built, name)
            sign_in(page, address, name)
            page.goto(f"{address}/office/releases/{REFERENCE}/audience")
        ada, bea = pages
        ada.locator("#addresses").fill(BCC)
        press(ada, "Look whom we know")
        heading(ada, "1 to add")
        for words in NAMED:
            assert ada.get_by_text(words).is_visible(), words
        press(ada, "Add them")
        ada.get_by_text("added by ada").wait_for()
        press(ada, "Leave out bea@example.com")
        heading(ada, "2 who get it")
        press(ada, "Approve it", "Approve what is shown")
        heading(ada, HEADLINE)
        ada.goto(f"{address}/office/releases/{REFERENCE}/approve")
        press(ada, "Approve what is shown")
        ada.get_by_text("ada has agreed to it already").wait_for()
        assert sent(here, built) == []
        bea.goto(f"{address}/office/releases/{REFERENCE}/approve")
        press(bea, "Approve what is shown")
        heading(bea, HEADLINE)
        assert [one for one, _ in sent(here, built)] == ["ada@example.org", "cem@example.org"]
        for page in pages:
            page.context.close()


def test_an_officer_of_two_publishers_switches_by_keyboard(browser: Browser, tmp_path: Path) -> None:
    """Without scripts; the head fits a phone, and axe finds nothing in it."""
    with two(tmp_path) as found, served(found.whole) as address:
        for side in (found.press, found.green):
            officer(side.system, "cleo")
        with browser.new_context(java_script_enabled=False) as context:
            page = context.new_page()
            sign_in(page, address, "cleo")
            whom = page.get_by_label("Publisher")
            assert whom.evaluate("one => one.selectedOptions[0].textContent") == "Quillhaven Press Office"
            whom.focus()
            page.keyboard.type("Zyz")
            page.keyboard.press("Tab")
            page.keyboard.press("Enter")
            heading(page, "Today")
            assert whom.evaluate("one => one.value") == "green"
            page.goto(f"{address}/office/lists")
            assert page.get_by_text("zyzzyva trade").first.is_visible()
            assert page.get_by_text("quokka").count() == 0
            cookies = context.cookies()
        with look(browser, cookies) as context:
            context.add_init_script(Axe().axe_script)
            page = context.new_page()
            page.goto(f"{address}/office/lists")
            fits(page)


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
