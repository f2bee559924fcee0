"""The docs site, served by dbt and read in a browser."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
from dbt_project import ROOT
from playwright.sync_api import Page, expect, sync_playwright

CHROMIUM = shutil.which("chromium")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
)
PATIENCE_MS = 60_000

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def site(sample_warehouse):
    port = free_port()
    folders = (
        f"--project-dir={ROOT}",
        f"--profiles-dir={ROOT}",
        f"--target-path={sample_warehouse.data_dir / 'target'}",
        "--log-level-file=none",
    )
    server = subprocess.Popen(
        [
            Path(sys.executable).parent / "dbt",
            *("docs", "serve", "--no-browser", "--host=127.0.0.1", f"--port={port}"),
            *folders,
        ],
        env={**os.environ, "ONTIME_DATA_DIR": str(sample_warehouse.data_dir)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    url = f"http://127.0.0.1:{port}"
    try:
        wait_for(url, server)
        yield url
    finally:
        server.terminate()
        server.wait(timeout=20)


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield running
        running.close()


@pytest.fixture
def page(browser):
    opened = browser.new_page(viewport={"width": 1400, "height": 1000})
    opened.set_default_timeout(PATIENCE_MS)
    yield opened
    opened.close()


def test_landing_page_shows_layers_keys_and_clock_rules(page: Page, site: str):
    page.goto(site)

    for heading in ("Where to start", "Layers", "Keys", "Clock rules"):
        expect(page.get_by_role("heading", name=heading, exact=True)).to_be_visible(timeout=PATIENCE_MS)
    expect(page.get_by_text("written by the loader, append-only")).to_be_visible()


def test_landing_page_leads_to_the_flights_with_their_grain_and_columns(page: Page, site: str):
    page.goto(site)
    page.get_by_role("link", name="fct_flights", exact=True).first.click()

    expect(page.get_by_text("One row per scheduled flight leg").first).to_be_visible(timeout=PATIENCE_MS)
    expect(page.get_by_text("departure_delay_minutes", exact=True).first).to_be_visible()
    expect(page.get_by_text("Minutes that the flight left its gate after schedule").first).to_be_visible()


def test_lineage_graph_reaches_from_raw_to_the_reports(page: Page, site: str):
    page.goto(f"{site}/#!/overview?g_v=1&g_i=%2Bfct_flights%2B")

    graph = page.locator("canvas").first
    expect(graph).to_be_visible(timeout=PATIENCE_MS)
    drawn = page.evaluate(
        "() => angular.element(document.querySelector('[ng-controller], .app-content, body'))"
        ".injector().get('graph').graph.elements.filter(e => e.data && !e.data.source && e.data.display !== 'none')"
        ".map(e => e.data.name || e.data.id)"
    )
    assert {"flights", "int_flights", "fct_flights", "rpt_carrier_on_time_monthly"} <= set(drawn)


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


def wait_for(url: str, server: subprocess.Popen, seconds: float = 120) -> None:
    give_up_at = time.monotonic() + seconds
    while True:
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except OSError:
            assert server.poll() is None, server.stdout.read()
            assert time.monotonic() < give_up_at, f"{url} does not answer"
            time.sleep(0.3)
