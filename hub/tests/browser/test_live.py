"""What is shown is what is: live, for several at once, over a hub that dies."""

import time

from playwright.sync_api import expect

from hub import scan


def test_an_alert_is_there_within_a_second_of_its_report(hub, window):
    page = window.go("/alerts?state=open")
    expect(page.locator("#alerts")).to_have_text("None.")
    began = time.monotonic()
    # Up to a quarter of it passes until the hub looks whether the file has grown.
    hub.say(scan("pump"))
    expect(page.locator("#alerts article").first).to_contain_text("pump")
    took = time.monotonic() - began
    assert took < 1, took
    window.check()


def test_two_people_see_what_the_other_does(hub, windows):
    [alert] = hub.scan("pump")
    ann, bob = windows(), windows()
    path = f"/alerts/{alert['id']}"
    ann.go(path)
    bob.go("/alerts?state=open")
    expect(bob.page.locator("#alerts article")).to_have_count(1)
    form = ann.page.locator("form[data-form]").first
    form.get_by_label("Who you are").fill("ann")
    form.get_by_role("button", name="Close").click()
    expect(bob.page.locator("#alerts")).to_have_text("None.")
    for window in [ann, bob]:
        window.check()


def test_what_somebody_writes_stays_while_the_page_changes(hub, window):
    [alert] = hub.scan("pump")
    page = window.go(f"/alerts/{alert['id']}")
    form = page.locator("form[data-form]").first
    field = form.get_by_label("What you say")
    field.fill("half a sent")
    hub.api(f"alerts/{alert['id']}/acknowledge", {"who": "bob"})
    expect(page.locator("#alert")).to_contain_text("by bob")
    expect(field).to_be_focused()
    field.press_sequentially("ence")
    expect(field).to_have_value("half a sentence")
    window.check()


def test_a_page_recovers_when_its_hub_was_killed(hub, window):
    hub.scan("pump")
    page = window.go("/alerts?state=open")
    articles = page.locator("#alerts article")
    expect(articles).to_have_count(1)
    hub.kill()
    state = page.get_by_text("The hub does not answer; what is shown may be old.")
    expect(state).to_be_visible()
    hub.say(scan("lamp-1"))
    hub.start()
    expect(state).to_be_hidden()
    expect(articles).to_have_count(2)
    # What the browser says of the connection is no fault of the page.
    window.wrong = [line for line in window.wrong if "ERR_" not in line]
    window.check()
