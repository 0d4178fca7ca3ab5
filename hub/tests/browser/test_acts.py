"""Each thing that a person can do."""

import re

from playwright.sync_api import expect

from hub import scan, talk


def names(page, table):
    return page.locator(f"#{table} tbody th").all_inner_texts()


def test_devices_are_found(hub, window):
    hub.say(talk("pump-1"), talk("pump-2"), talk("lamp-1"))
    hub.scan("lamp-2")
    page = window.go("/")
    expect(page.locator("#all tbody tr")).to_have_count(4)
    assert names(page, "bad") == ["lamp-2"]
    page.get_by_label("Device", exact=True).fill("PUMP")
    page.get_by_role("button", name="Search").click()
    expect(page.locator("#all tbody tr")).to_have_count(2)
    assert names(page, "all") == ["pump-1", "pump-2"]
    page.get_by_label("Device", exact=True).fill("")
    page.get_by_label("Group").fill("lamps")
    page.get_by_label("Order").select_option("longest silent")
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_role("heading", name="All, by longest silent")).to_be_visible()
    assert sorted(names(page, "all")) == ["lamp-1", "lamp-2"]
    page.locator("#bad").get_by_role("link", name="lamp-2").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("lamp-2")
    expect(page.get_by_role("heading", name="Port scan of one host")).to_be_visible()
    window.check()


def test_alerts_are_filtered(hub, window):
    ids = {alert["device"]: alert["id"] for alert in hub.scan("a", "b", "c")}
    hub.api(f"alerts/{ids['b']}/acknowledge", {"who": "ann"})
    hub.api(f"alerts/{ids['c']}/close", {"who": "ann"})
    page = window.go("/alerts")
    articles = page.locator("#alerts article")
    expect(articles).to_have_count(3)
    for choices, devices in [
        ({"State": "open"}, {"a", "b"}),
        ({"State": "closed"}, {"c"}),
        ({"State": "any", "At least": "High"}, set()),
        # Who closes an alert has seen it.
        ({"At least": "Medium", "Acknowledged": "yes"}, {"b", "c"}),
        ({"At least": "any", "Acknowledged": "no", "State": "open"}, {"a"}),
    ]:
        for label, choice in choices.items():
            page.get_by_label(label).select_option(choice)
        with page.expect_navigation():
            page.get_by_role("button", name="Filter").click()
        expect(articles).to_have_count(len(devices))
        found = page.locator("#alerts article a[href^='/devices/']").all_inner_texts()
        assert set(found) == devices, choices
    page.get_by_label("Acknowledged").select_option("any")
    page.get_by_label("State").select_option("any")
    page.get_by_label("Device").fill("c")
    page.get_by_role("button", name="Filter").click()
    expect(articles).to_have_count(1)
    window.check()


def test_an_alert_is_acknowledged_and_closed(hub, window):
    [alert] = hub.scan("pump")
    page = window.go("/alerts?state=open")
    page.get_by_role("link", name="Port scan").click()
    # What to know of it is there.
    for part in ["Do: ", "10.1.0.9", "Evidence", alert["explanation"]]:
        expect(page.locator("#alert")).to_contain_text(part)
    form = page.locator("form[data-form]").first
    form.get_by_label("Who you are").fill("ann")
    form.get_by_label("What you say").fill("I look into it")
    form.get_by_role("button", name="Acknowledge").click()
    expect(form.get_by_role("status")).to_have_text("Done.")
    expect(page.locator("#alert")).to_contain_text("Open, acknowledged at")
    expect(page.locator("#alert ol")).to_contain_text("by ann")
    expect(page.locator("#alert ol")).to_contain_text("I look into it")
    form.get_by_role("button", name="Close").click()
    expect(page.locator("#alert strong").first).to_contain_text("Over")
    assert hub.alerts("state=open") == []
    window.check()


def test_who_says_no_name_does_nothing(hub, window):
    [alert] = hub.scan("pump")
    page = window.go(f"/alerts/{alert['id']}")
    page.get_by_role("button", name="Acknowledge").click()
    field = page.get_by_label("Who you are").first
    assert field.evaluate("field => field.matches(':invalid') && field === document.activeElement")
    assert hub.alerts("acknowledged=false") != []
    window.check()


def test_an_exception_shows_what_it_would_cover(hub, window):
    hub.scan("a", "b")
    page = window.go("/alerts?state=open&device=a")
    page.get_by_role("link", name="Port scan").click()
    form = page.locator("form[data-form]").nth(1)
    form.get_by_label("Who you are").fill("ann")
    form.get_by_label("Why").fill("our own scanner")
    # Of any device.
    form.get_by_label("Device").fill("")
    form.get_by_role("button", name="Show what it would cover").click()
    status = form.get_by_role("status")
    expect(status).to_have_text(re.compile("would close 2 open alerts: Port scan"))
    form.get_by_label("Device").fill("a")
    form.get_by_role("button", name="Show what it would cover").click()
    expect(status).to_have_text(re.compile("would close 1 open alert: "))
    assert len(hub.alerts("state=open")) == 2
    form.get_by_role("button", name="Make it").click()
    expect(page.locator("#alert strong").first).to_contain_text("Over")
    [left] = hub.alerts("state=open")
    assert left["device"] == "b"
    # What it covers is not told again, until it is deleted.
    page.get_by_role("link", name="Exceptions").click()
    expect(page.locator("#exceptions")).to_contain_text("our own scanner")
    page.get_by_role("button", name="Delete number 1").click()
    expect(page.locator("#exceptions")).to_have_text("None.")
    assert hub.api("exceptions") == {"exceptions": []}
    window.check()


def test_what_cannot_be_is_said(hub, window):
    [alert] = hub.scan("a")
    page = window.go(f"/alerts/{alert['id']}")
    form = page.locator("form[data-form]").nth(1)
    form.get_by_label("Who you are").fill("ann")
    form.get_by_label("Why").fill("everything")
    for label in ["Rule", "Device"]:
        form.get_by_label(label).fill("")
    form.get_by_label("Peer").fill("")
    form.get_by_label("Port").fill("")
    form.get_by_role("button", name="Make it").click()
    expect(form.get_by_role("status")).to_have_text(re.compile("Not done: .*every alert"))
    assert hub.api("exceptions") == {"exceptions": []}


def test_a_person_decides_what_is_normal(hub, window):
    hub.say(talk("lamp-1"))
    page = window.go("/")
    expect(page.locator("#all tbody tr")).to_have_count(1)
    page.goto("/baselines/lamps")
    page.get_by_role("textbox", name="Class").fill("TCP 8883 out to the Internet")
    page.get_by_role("button", name="Accept it").click()
    row = page.locator("#normal tr", has_text="TCP 8883 out to the Internet")
    expect(row).to_contain_text("A person has accepted it")
    row.get_by_role("button", name="Forget").click()
    expect(row).to_have_count(0)
    page.get_by_role("textbox", name="Class").fill("anything")
    page.get_by_role("button", name="Accept it").click()
    expect(page.get_by_text(re.compile("^Not done: "))).to_be_visible()


def test_a_mud_file_is_downloaded(hub, window):
    hub.say(talk("lamp-1"), scan("lamp-1"))
    hub.alert_of("lamp-1")
    page = window.go("/devices/lamp-1")
    page.get_by_label("Address").fill("https://lamps.example/mud.json")
    with page.expect_download() as download:
        page.get_by_role("button", name="Download").click()
    assert "mud" in download.value.path().read_text()
