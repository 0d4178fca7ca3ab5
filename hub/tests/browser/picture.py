"""The README's picture: the page of the demonstration, with the alert of its bot."""

import os
import re
import subprocess
import sys

from playwright.sync_api import sync_playwright

FILE = sys.argv[1]
LARGEST = 150_000

demo = subprocess.Popen(
    [os.environ["DEFENDER"], "demo", "--stay", "--speed", "max"], stdout=subprocess.PIPE, text=True
)
try:
    said = ""
    for line in demo.stdout:
        said += line
        if "Ctrl-C ends it" in line:
            break
    page_of_alert = re.search(r"Page: (http://\S+)", said)[1]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=os.environ["CHROMIUM"], args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 900, "height": 700})
        page.goto(page_of_alert)
        page.get_by_role("heading", name="Evidence").wait_for()
        page.screenshot(path=FILE)
        browser.close()
finally:
    demo.terminate()
    demo.wait()
size = os.path.getsize(FILE)
assert size <= LARGEST, f"{FILE} has {size} bytes, at most {LARGEST} are good"
print(f"{FILE}: {size} bytes")
