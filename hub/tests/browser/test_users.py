"""People elsewhere: over TLS, with a name and a password."""

import re
import subprocess

import pytest
from playwright.sync_api import expect

from hub import DEFENDER, Hub, scan

PASSWORD = "a long password"


@pytest.fixture
def hub(tmp_path):
    """A hub that is open to other machines, with two users."""

    def defender(*arguments, **options):
        command = [DEFENDER, "hub", *arguments, "--data", tmp_path / "data"]
        subprocess.run(command, check=True, capture_output=True, text=True, **options)

    defender("init", "127.0.0.1")
    tls = tmp_path / "data" / "tls"
    files = f"[web]\ncertificate = '{tls}/hub.pem'\nkey = '{tls}/hub.key'\n"
    hub = Hub(tmp_path, web="0.0.0.0:0", more=files)
    for name, role in [("ann", "operator"), ("rob", "reader")]:
        defender("user", "add", name, "--role", role, input=PASSWORD + "\n")
    yield hub
    hub.kill()


@pytest.fixture
def stranger(hub, windows):
    """Somebody who is led to the place where one logs in."""
    hub.say(scan("pump"))
    window = windows(ignore_https_errors=True)
    page = window.go("/alerts?state=open")
    expect(page).to_have_url(re.compile("/login"))
    return window


def log_in(page, name, password=PASSWORD):
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Log in").click()


def test_an_operator_logs_in_acts_under_their_name_and_logs_out(stranger):
    page = stranger.page
    log_in(page, "ann")
    # Where they wanted to go.
    expect(page).to_have_url(re.compile(r"/alerts\?state=open$"))
    page.get_by_role("link", name="Port scan").click()
    page.locator("form[data-form]").first.get_by_role("button", name="Acknowledge").click()
    expect(page.locator("#alert ol")).to_contain_text("by ann")
    cookies = {cookie["name"]: cookie for cookie in stranger.context.cookies()}
    [session] = [cookie for name, cookie in cookies.items() if name.startswith("__Host-")]
    assert session["secure"] and session["httpOnly"] and session["sameSite"] == "Strict"
    page.get_by_role("button", name="Log out").click()
    expect(page).to_have_url(re.compile("/login$"))
    page.goto("/alerts")
    expect(page).to_have_url(re.compile("/login"))
    # A cookie that is kept is worth nothing any more.
    stranger.context.add_cookies([session])
    page.goto("/alerts")
    expect(page).to_have_url(re.compile("/login"))
    stranger.check()


def test_a_reader_looks_and_changes_nothing(stranger):
    page = stranger.page
    log_in(page, "rob")
    page.get_by_role("link", name="Port scan").click()
    expect(page.locator("#alert")).to_contain_text("10.1.0.9")
    expect(page.get_by_role("button", name="Acknowledge")).to_have_count(0)
    stranger.check()
    # Nor in any other way.
    answer = page.evaluate(
        """async () => {
            const id = location.pathname.split("/").pop();
            const csrf = document.querySelector("meta[name=csrf-token]").content;
            const headers = { "content-type": "application/json", "x-csrf-token": csrf };
            const answer = await fetch(`/api/v1/alerts/${id}/close`, { method: "POST", headers, body: "{}" });
            return [answer.status, await answer.text()];
        }"""
    )
    assert answer[0] == 403 and "rob may look" in answer[1], answer


def test_guessing_is_refused(stranger):
    page = stranger.page
    for _ in range(10):
        log_in(page, "ann", "a wrong password")
        expect(page.get_by_role("alert")).to_contain_text("is wrong")
    log_in(page, "ann")
    expect(page.get_by_role("alert")).to_contain_text("too often")
