"""Hubs, and browsers in which nothing may run that is not the page's own."""

import os
import pathlib

import pytest
from playwright.sync_api import expect, sync_playwright

from hub import SOON, Hub

expect.set_options(timeout=SOON * 1000)

# Noted before anything of the page runs.
WATCH = """
window.violations = [];
document.addEventListener("securitypolicyviolation",
  (event) => window.violations.push(event.violatedDirective + " " + event.blockedURI));
"""


@pytest.fixture
def hub(tmp_path):
    hub = Hub(tmp_path)
    yield hub
    hub.kill()


@pytest.fixture(scope="session")
def chromium():
    # No sandbox: tests run as root, too, and show pages of this machine alone.
    options = ["--no-sandbox", "--host-resolver-rules=MAP *.example 127.0.0.1"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=os.environ["CHROMIUM"], args=options)
        yield browser
        browser.close()


class Window:
    """A browser of somebody's own, with what went wrong in it."""

    def __init__(self, chromium, hub, **options):
        self.hub = hub
        self.context = chromium.new_context(base_url=hub.url, **options)
        self.context.set_default_timeout(SOON * 1000)
        self.context.add_init_script(WATCH)
        self.page = self.context.new_page()
        self.wrong = []
        self.elsewhere = []
        page = self.page
        page.on("pageerror", lambda error: self.wrong.append(f"error: {error}"))
        page.on("console", lambda told: self.wrong.append(told.text) if told.type == "error" else None)
        page.on("dialog", lambda dialog: (self.wrong.append(f"dialog: {dialog.message}"), dialog.dismiss()))
        page.on("request", lambda request: self.seen(request.url))

    def seen(self, url):
        if not url.startswith(self.hub.url + "/"):
            self.elsewhere.append(url)

    def go(self, path):
        """Opens a page of the hub, which must be one."""
        answer = self.page.goto(path)
        assert answer.status == 200, f"{path}: {answer.status}"
        return self.page

    def check(self):
        """Nothing ran, and nobody else was asked for anything."""
        violations = self.page.evaluate("window.violations")
        assert (self.wrong, self.elsewhere, violations) == ([], [], []), self.page.url

    def pages(self):
        """One page of each kind that links lead to, by its address."""
        kinds, waiting = {}, ["/"]
        while waiting:
            path = waiting.pop(0)
            kind = kind_of(path)
            if kind in kinds:
                continue
            kinds[kind] = path
            self.go(path)
            waiting += self.page.eval_on_selector_all(
                "a[href^='/']", "all => all.map((link) => link.getAttribute('href'))"
            )
        return list(kinds.values())


def kind_of(path):
    """`/alerts/*?device` of `/alerts/1?device=x`."""
    path, _, query = path.partition("?")
    first, _, rest = path.strip("/").partition("/")
    names = sorted(part.split("=")[0] for part in query.split("&"))
    return first, bool(rest), tuple(names)


@pytest.fixture
def window(chromium, hub):
    window = Window(chromium, hub)
    yield window
    window.context.close()


@pytest.fixture
def windows(chromium, hub):
    """Any number of browsers."""
    opened = []

    def another(**options):
        opened.append(Window(chromium, hub, **options))
        return opened[-1]

    yield another
    for window in opened:
        window.context.close()


@pytest.fixture(scope="session")
def screens():
    """Where screenshots go, for people to look at."""
    folder = pathlib.Path(os.environ["SCREENS"])
    folder.mkdir(parents=True, exist_ok=True)
    return folder
