"""Readable by everybody: axe, dark and light, keyboard, any width."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from hub import talk

WIDTHS = [360, 768, 1280]


@pytest.fixture
def fleet(hub):
    hub.say(*(talk(f"pump-{number}") for number in range(30)))
    hub.say(talk("lamp-1"))
    hub.scan("lamp-2", "a-device-with-a-name-that-is-" + "very-" * 16 + "long")
    hub.api("exceptions", {"who": "ann", "reason": "our own scanner", "device": "scanner-7"})
    hub.api("baselines/default/accept", {"class": "TCP 8883 out to the Internet"})
    return hub


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_violation(fleet, windows, scheme):
    window = windows(color_scheme=scheme)
    axe = Axe()
    found = []
    for path in window.pages():
        page = window.go(path)
        for result in axe.run(page).response["violations"]:
            found += [f"{path}: {result['id']}: {node['html']}" for node in result["nodes"]]
    assert found == []
    window.check()


@pytest.mark.parametrize("width", WIDTHS)
def test_every_width_shows_all(fleet, windows, screens, width):
    scheme = "dark" if width == 768 else "light"
    window = windows(color_scheme=scheme, viewport={"width": width, "height": 900})
    for number, path in enumerate(window.pages()):
        page = window.go(path)
        name = re.sub(r"\W+", "-", path.split("?")[0].strip("/"))[:20] or "fleet"
        page.screenshot(path=screens / f"{width}-{number:02}-{name}.png", full_page=True)
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width, f"{path} is {wide} wide"


def test_everything_is_reached_by_keyboard(fleet, window):
    page = window.go("/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="To the content")).to_be_focused()
    page.keyboard.press("Enter")
    # The counts of open alerts come first, as links.
    search = page.get_by_label("Device", exact=True)
    for _ in range(5):
        page.keyboard.press("Tab")
        if search.evaluate("field => field === document.activeElement"):
            break
    expect(search).to_be_focused()
    page.keyboard.type("lamp-2")
    page.keyboard.press("Enter")
    expect(page.locator("#all tbody tr")).to_have_count(1)
    window.go("/alerts?state=open&device=lamp-2")
    page.get_by_role("link", name="Port scan").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="What happened")).to_be_visible()
    who = page.get_by_label("Who you are").first
    who.focus()
    page.keyboard.type("ann")
    for _ in range(2):
        page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Acknowledge")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#alert")).to_contain_text("acknowledged at")
    # Whatever has the focus shows it.
    outline = page.evaluate(
        """() => { const button = document.querySelector("button"); button.focus({ focusVisible: true });
          return getComputedStyle(button).outlineStyle; }"""
    )
    assert outline != "none"
    window.check()


def test_without_scripts_everything_can_be_read(fleet, windows):
    window = windows(java_script_enabled=False)
    page = window.page
    page.goto("/alerts?state=open&device=lamp-2")
    page.get_by_role("link", name="Port scan").click()
    expect(page.locator("#alert")).to_contain_text("Do: ")
