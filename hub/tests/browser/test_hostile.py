"""Nothing that devices or people write runs, and no page of somebody else gets in."""

import functools
import http.server
import threading
import urllib.parse

import pytest
from playwright.sync_api import expect

from hub import scan, talk

HOSTILE = [
    "<script>document.title='ran'</script>",
    "\"><img src=x onerror=\"document.title='ran'\">",
    "'--></title></textarea><svg onload=document.title='ran'>",
    "javascript:document.title='ran'",
    "\u202egnp.exe\u0007\u200b{{7*7}}${7*7}",
]


def test_nothing_hostile_runs_on_any_page(hub, window):
    for name in HOSTILE:
        hub.say(scan(name), talk(name))
        alert = hub.alert_of(name)
        path = urllib.parse.quote(alert["id"], safe="")
        said = {"who": name[:100], "comment": name}
        hub.api(f"alerts/{path}/acknowledge", said)
        hub.api("exceptions", {"who": name[:100], "reason": name, "device": "nobody"})
    paths = window.pages()
    assert len(paths) > 6, paths
    for name in HOSTILE:
        quoted = urllib.parse.quote(name, safe="")
        paths += [f"/devices/{quoted}", f"/?search={quoted}&group={quoted}", f"/alerts?device={quoted}"]
        paths.append("/alerts/" + urllib.parse.quote(hub.alert_of(name)["id"], safe=""))
    for path in paths:
        page = window.go(path)
        assert page.title() != "ran", path
        assert page.locator("script").count() == 1, path
        assert page.locator("img, svg[onload], style").count() == 0, path
        links = page.eval_on_selector_all("a", "all => all.map((link) => link.protocol)")
        assert set(links) <= {"http:"}, path
        window.check()
    # What a person does with such a device is done, and said as it is.
    alert = hub.alert_of(HOSTILE[0])
    page = window.go("/alerts/" + urllib.parse.quote(alert["id"], safe=""))
    form = page.locator("form[data-form]").nth(1)
    form.get_by_label("Who you are").fill(HOSTILE[1][:100])
    form.get_by_label("Why").fill(HOSTILE[2])
    form.get_by_role("button", name="Show what it would cover").click()
    expect(form.get_by_role("status")).to_contain_text("<script>")
    form.get_by_role("button", name="Make it").click()
    expect(page.locator("#alert strong").first).to_contain_text("Over")
    window.check()


def test_a_script_that_gets_in_all_the_same_does_not_run(hub, window):
    page = window.go("/")
    page.evaluate(
        """() => {
          const script = document.createElement("script");
          script.textContent = "document.title = 'ran'";
          document.body.append(script);
          document.body.insertAdjacentHTML("beforeend", "<b onclick=\\"document.title='ran'\\">x</b>");
          document.querySelector("b").click();
        }"""
    )
    page.wait_for_function("window.violations.length >= 2")
    assert page.title() != "ran"
    with pytest.raises(AssertionError):
        window.check()


def test_a_foreign_host_is_refused(hub, window):
    port = hub.web.rsplit(":", 1)[1]
    for path in ["/", "/alerts", "/api/v1/alerts", "/page.js"]:
        answer = window.page.goto(f"http://hub.example:{port}{path}")
        assert answer.status == 403
        assert "not this machine's own" in answer.text()


FOREIGN = """<!doctype html><title>Foreign</title>
<form method="post" enctype="text/plain"><input name='{"who":"eve","comment":"' value='"}'></form>"""


@pytest.fixture
def foreign(tmp_path):
    """A page of somebody else, on this machine, too."""
    folder = tmp_path / "foreign"
    folder.mkdir()
    (folder / "index.html").write_text(FOREIGN)

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    handler = functools.partial(Quiet, directory=folder)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()


def test_a_foreign_page_reads_and_does_nothing(hub, window, foreign):
    [alert] = hub.scan("pump")
    page = window.page
    target = f"{hub.url}/api/v1/alerts/{alert['id']}/close"
    for request in [
        f"fetch({hub.url + '/api/v1/alerts'!r}).then((answer) => answer.text())",
        f"new Promise((done, fail) => {{ const events = new EventSource({hub.url + '/api/v1/events'!r});"
        " events.onmessage = done; events.onerror = () => fail('refused'); })",
        f"fetch({target!r}, {{ method: 'POST', headers: {{ 'content-type': 'application/json' }},"
        """ body: '{"who":"eve"}' })""",
    ]:
        page.goto(foreign)
        assert page.evaluate(f"() => {request}.then(() => 'done', () => 'refused')") == "refused"
    # Without an answer that is to be read, a browser asks nobody before it sends.
    sent = f"fetch({target!r}, {{ method: 'POST', mode: 'no-cors', body: '{{\"who\":\"eve\"}}' }})"
    page.evaluate(f"() => {sent}.then(() => 'sent')")
    page.goto(foreign)
    with page.expect_navigation() as navigation:
        page.evaluate(f"() => {{ const form = document.forms[0]; form.action = {target!r}; form.submit(); }}")
    assert navigation.value.status == 403
    page.goto(foreign)
    page.evaluate(
        f"""() => new Promise((done) => {{ const frame = document.createElement("iframe");
          frame.src = {hub.url + "/"!r}; frame.onload = done; document.body.append(frame); }})"""
    )
    assert page.frames[-1].url.startswith("chrome-error:"), "it is in a frame"
    assert hub.alerts("state=open")[0]["id"] == alert["id"]
