"""The report page in a real browser: no request, no script, no overflow, readable in light and dark."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.charts._payloads import PAYLOADS
from tests.charts._values import finished, fresh, iteration, record

from walras.charts import ReportView, render_report
from walras.core import NOTICE

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
VIEWS = {"finished": finished(), "fresh": fresh()}

CONTRAST = """() => {
  const linear = x => x <= .03928 ? x/12.92 : ((x+.055)/1.055)**2.4;
  const light = c => { const v = c.map(x => linear(x / 255));
    return .2126*v[0] + .7152*v[1] + .0722*v[2] };
  const parse = text => text.match(/[\\d.]+/g).map(Number);
  const behind = e => { for (; e; e = e.parentElement) { const c = parse(getComputedStyle(e).backgroundColor);
    if (c.length < 4 || c[3] > 0) return c.slice(0, 3) } return [255, 255, 255] };
  const poor = [];
  for (const e of document.querySelectorAll('body *')) {
    if (![...e.childNodes].some(n => n.nodeType === 3 && n.data.trim())
      || !e.getClientRects().length) continue;
    const style = getComputedStyle(e), svg = e.closest('svg');
    const front = parse(svg ? style.fill : style.color).slice(0, 3), back = behind(svg || e);
    const [a, b] = [light(front), light(back)].sort((x, y) => y - x);
    if ((a + .05) / (b + .05) < 4.5) poor.push(e.textContent.slice(0, 40) + ' ' + (a + .05) / (b + .05));
  }
  return poor;
}"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Return Debian's Chromium; without it these tests are skipped, in CI they fail."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        _absent("Playwright is not installed")
    if not CHROMIUM.exists():
        _absent(f"{CHROMIUM} is not installed: apt-get install -y chromium")
    with sync_playwright() as play:
        chromium = play.chromium.launch(executable_path=str(CHROMIUM), args=list(FLAGS))
        yield chromium
        chromium.close()


def _absent(why: str) -> None:
    if os.environ.get("WALRAS_CI") == "1":
        pytest.fail(why)
    pytest.skip(why)


def open_page(browser: Any, tmp_path: Path, view: ReportView, **options: Any) -> tuple[Any, list[str]]:
    """Open a report from a file; return the page and every request but the file itself."""
    file = tmp_path / "report.html"
    file.write_text(render_report(view), encoding="utf-8")
    context = browser.new_context(**options)
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: asked.append(message.text))
    page.goto(file.as_uri())
    return page, [url for url in asked if url != file.as_uri()]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1200])
@pytest.mark.parametrize("name", VIEWS)
def test_page_fits_and_is_readable(browser: Any, tmp_path: Path, name: str, width: int, scheme: str) -> None:
    """No sideways scrolling, no request, no console message, contrast AA for every text."""
    page, asked = open_page(
        browser, tmp_path, VIEWS[name], viewport={"width": width, "height": 800}, color_scheme=scheme
    )
    assert asked == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate(CONTRAST) == []
    assert page.locator("p.notice").inner_text() == NOTICE


def test_skip_link_is_first_and_reaches_the_report(browser: Any, tmp_path: Path) -> None:
    """Tab, Enter: the keyboard stands in the main part."""
    page, _ = open_page(browser, tmp_path, VIEWS["fresh"])
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def test_payloads_stay_text(browser: Any, tmp_path: Path) -> None:
    """All payloads on one page run nothing and ask for nothing."""
    rows = tuple(iteration(k, reasoning=text, observation=text) for k, text in enumerate(PAYLOADS))
    name = "".join(PAYLOADS)
    view = ReportView(record=record(name=name, note=name, tags=tuple(PAYLOADS)), iterations=rows)
    page, asked = open_page(browser, tmp_path, view, viewport={"width": 390, "height": 800})
    page.wait_for_timeout(200)
    assert asked == []
    assert page.evaluate("window.__xss") is None
    assert page.evaluate("document.querySelectorAll('script,img,iframe,form,base').length") == 0
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_print_is_light_and_shows_everything(browser: Any, tmp_path: Path) -> None:
    """On paper the long table is not cut by its box, and the sheet is white for dark readers too."""
    page, _ = open_page(browser, tmp_path, VIEWS["finished"], color_scheme="dark")
    page.emulate_media(media="print", color_scheme="dark")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    box = "document.querySelector('.tall')"
    assert page.evaluate(f"{box}.scrollHeight <= {box}.clientHeight + 2")
    assert page.pdf(prefer_css_page_size=True).startswith(b"%PDF")
