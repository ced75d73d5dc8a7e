"""Opens pages in Chromium, without a network, and does what it is asked: a line of JSON in, a line of JSON out.

    browser.py CHROMIUM
    {"page": FILE, "width": 1280, "scheme": "light", "steps": [["click", SELECTOR], ["eval", SCRIPT], …]}

Answers {"results": [of each step], "console": [messages], "requests": [addresses beyond the file], "wider": pixels that do
not fit into the width}. Steps: click, press (on a selector, a key), text, eval, axe (what axe-core finds), media (as on a
screen, or in print), pdf (its bytes), download (the text of the file that a click saves), drag (over a selector, from and to
shares of its width).
"""

import base64
import json
import pathlib
import sys

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright


def click(page, selector):
    page.click(selector)
    page.wait_for_timeout(60)


def press(page, selector, key):
    page.locator(selector).first.press(key)
    page.wait_for_timeout(60)


def text(page, selector):
    return page.locator(selector).first.inner_text()


def axe(page):
    return [{"id": v["id"], "nodes": [n["html"][:200] + " " + n.get("failureSummary", "")[:200] for n in v["nodes"][:5]]}
            for v in Axe().run(page).response["violations"]]


def download(page, selector):
    with page.expect_download() as waiting:
        page.click(selector)
    data = pathlib.Path(waiting.value.path()).read_bytes()
    return {"name": waiting.value.suggested_filename, "text": data.decode(errors="replace"),
            "start": base64.b64encode(data[:8]).decode()}


def drag(page, selector, start, end):
    box = page.locator(selector).first.bounding_box()
    y = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + start * box["width"], y)
    page.mouse.down()
    page.mouse.move(box["x"] + end * box["width"], y, steps=5)
    page.mouse.up()
    page.wait_for_timeout(60)


STEPS = {"click": click, "press": press, "text": text, "axe": axe, "download": download, "drag": drag,
         "eval": lambda page, script: page.evaluate(script),
         "media": lambda page, kind: page.emulate_media(media=kind),
         "pdf": lambda page: base64.b64encode(page.pdf()).decode()}


def visit(browser, wanted):
    context = browser.new_context(viewport={"width": wanted.get("width", 1280), "height": 800}, offline=True,
                                  color_scheme=wanted.get("scheme", "light"), accept_downloads=True)
    page, console, requests = context.new_page(), [], []
    page.on("console", lambda message: console.append(f"{message.type}: {message.text}"))
    page.on("pageerror", lambda error: console.append(f"error: {error}"))
    page.on("dialog", lambda dialog: (console.append(f"dialog: {dialog.message}"), dialog.dismiss()))
    page.on("request", lambda request: requests.append(request.url))
    address = pathlib.Path(wanted["page"]).resolve().as_uri()
    page.goto(address)
    page.wait_for_timeout(200)
    page.set_default_timeout(10000)
    try:
        results = [STEPS[name](page, *arguments) for name, *arguments in wanted.get("steps", [])]
    except Exception as error:  # the next page is another one
        results = []
        console.append(f"error: {error}")
    wider = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    context.close()
    return {"results": results, "console": console, "wider": max(0, wider),
            "requests": [u for u in requests if u.split("#")[0] != address and not u.startswith(("data:", "blob:"))]}


def main():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=sys.argv[1], args=["--no-sandbox"])
        for line in sys.stdin:
            print(json.dumps(visit(browser, json.loads(line))), flush=True)
        browser.close()


main()
