"""The pages on which people find tables and features, built and served by their commands, and read in a browser."""

import csv
import json
import re
import shutil
import urllib.error
import urllib.request

import duckdb
import pytest
from playwright.sync_api import Page, expect, sync_playwright
from site_pages import read, run_ontime, served

from feature_store.pages.lineage import RAW, Lineage
from feature_store.pages.site import build_site
from feature_store.questions import load_questions
from feature_store.registry.catalogue import Catalogue
from feature_store.registry.compiler import compile_tables
from ontime.settings import Settings

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
PHONE = {"width": 360, "height": 740}

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def folder(first_run):
    """The pages of the whole sample."""
    done = run_ontime(first_run.copy, "docs", "build")
    assert "without" not in done, done
    return (first_run.copy / "target" / "site").resolve()


@pytest.fixture(scope="module")
def site(first_run, folder):
    with served(first_run.copy, "docs", "serve") as url:
        yield url


@pytest.fixture(scope="module")
def manifest(first_run):
    return json.loads((first_run.copy / "target" / "manifest.json").read_text())


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


@pytest.fixture
def complaints(page):
    """What a page should not do: say an error, or ask another place than its own."""
    found = []
    page.on("console", lambda message: message.type == "error" and found.append(message.text))
    page.on("pageerror", lambda error: found.append(str(error)))
    page.on("request", lambda request: re.match("file:|data:|blob:", request.url) or found.append(request.url))
    return found


def test_landing_page_shows_layers_keys_and_clock_rules(page: Page, site: str):
    page.goto(f"{site}/dbt/index.html")

    for heading in ("Where to start", "Layers", "Keys", "Clock rules"):
        expect(page.get_by_role("heading", name=heading, exact=True)).to_be_visible(timeout=PATIENCE_MS)
    expect(page.get_by_text("written by the loader, append-only")).to_be_visible()


def test_landing_page_leads_to_the_flights_with_their_grain_and_columns(page: Page, site: str):
    page.goto(f"{site}/dbt/index.html")
    page.get_by_role("link", name="fct_flights", exact=True).first.click()

    expect(page.get_by_text("One row per scheduled flight leg").first).to_be_visible(timeout=PATIENCE_MS)
    expect(page.get_by_text("departure_delay_minutes", exact=True).first).to_be_visible()
    expect(page.get_by_text("Minutes that the flight left its gate after schedule").first).to_be_visible()


def test_lineage_graph_reaches_from_raw_to_the_reports(page: Page, site: str):
    page.goto(f"{site}/dbt/index.html#!/overview?g_v=1&g_i=%2Bfct_flights%2B")

    graph = page.locator("canvas").first
    expect(graph).to_be_visible(timeout=PATIENCE_MS)
    drawn = page.evaluate(
        "() => angular.element(document.querySelector('[ng-controller], .app-content, body'))"
        ".injector().get('graph').graph.elements.filter(e => e.data && !e.data.source && e.data.display !== 'none')"
        ".map(e => e.data.name || e.data.id)"
    )
    assert {"flights", "int_flights", "fct_flights", "rpt_carrier_on_time_monthly"} <= set(drawn)


def test_each_feature_has_a_page_that_names_raw_tables_questions_and_how_to_take_it(folder, manifest):
    lineage, questions = Lineage(manifest), load_questions()
    for table in compile_tables(manifest):
        raw = {each.name for each in lineage.above(f"model.ontime.{table.name}")[RAW]}
        assert raw
        for feature in table.features:
            text = read(folder / "features" / table.short_name / f"{feature.name}.html").text
            asking = {question.name for question in questions if asks(question, table, feature)}
            wanted = {
                *raw,
                *asking,
                *table.key_names,
                table.owner,
                f"{table.short_name}:{feature.name}",
                "Computed from",
            }
            assert [each for each in wanted if each not in text] == [], feature.name
            assert re.search("newest of [1-9][0-9,]* rows holds from 201[34]-", text)
            assert re.search(r"in (< )?[0-9.]+ % of the rows|never", text)


def asks(question, table, feature):
    return any(
        feature.name in question.features[group] for group, model in question.tables.items() if model == table.name
    )


def test_links_lead_to_pages_and_to_what_dbt_knows(folder, manifest):
    known = {f"!/{key.partition('.')[0]}/{key}" for key in {**manifest["nodes"], **manifest["sources"]}}
    seen, left = set(), [folder / "index.html"]
    while left:
        path = left.pop()
        if path in seen or path.parent.name in ("dbt", "lineage"):
            continue
        seen.add(path)
        for link in read(path).links:
            target, _, anchor = link.partition("#")
            leads_to = (path.parent / target).resolve() if target else path
            assert leads_to.is_file(), f"{path}: {link}"
            assert not anchor or anchor in (known if leads_to.parent.name == "dbt" else read(leads_to).anchors), link
            left.append(leads_to)
    assert seen == {*folder.glob("features/*/*.html"), folder / "index.html"}


def test_a_feature_is_found_and_reached_by_keyboard_from_disk(page: Page, complaints, folder):
    page.goto((folder / "index.html").as_uri())
    page.get_by_label("Words of its name").press_sequentially("VFR ceiling")
    expect(page.get_by_role("status")).to_have_text("1 found")
    for key in ("Tab", "Tab", "Tab", "Enter"):
        page.keyboard.press(key)

    expect(page.get_by_role("heading", name="flight_category", exact=True)).to_be_visible()
    expect(page.locator("#shell")).to_contain_text("ontime features get")
    page.get_by_text("Columns as they were loaded").click()
    expect(page.get_by_text("skyc1", exact=True).first).to_be_visible()
    assert complaints == []


def test_pages_fit_a_phone(page: Page, complaints, folder):
    page.set_viewport_size(PHONE)
    for path in ("index.html", "features/origin_weather/index.html", "features/origin_weather/flight_category.html"):
        page.goto((folder / path).as_uri())
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], path
    assert complaints == []


def test_lineage_of_columns_is_drawn_without_asking_anybody(page: Page, complaints, folder):
    page.goto((folder / "lineage" / "index.html").as_uri())
    expect(page.get_by_text("models", exact=True).first).to_be_visible(timeout=PATIENCE_MS)
    assert complaints == []


def test_what_a_page_says_to_run_gives_the_features_in_force(first_run, folder, tmp_path):
    rows = tmp_path / "rows.csv"
    with rows.open("w") as stream:
        csv.writer(stream).writerows(
            [("origin_airport_code", "scheduled_at"), ("JFK", "2013-02-08T12:00"), ("LGA", "2013-07-01T00:30")]
        )
    said = read(folder / "features" / "origin_departures" / "departures_3h.html").snippets["shell"]
    words = said.replace("rows.csv", str(rows)).replace("found.parquet", str(tmp_path / "found.parquet")).split()
    run_ontime(first_run.copy, *words[1:])

    with duckdb.connect(str(first_run.copy / "data" / "ontime.duckdb"), read_only=True) as connection:
        in_force = connection.execute(
            "select (select arg_max(departures_3h, known_at) from features.feat_origin_departures f"
            " where f.origin_airport_code = r.origin_airport_code and known_at <= r.scheduled_at)"
            f" from read_csv('{rows}') r order by origin_airport_code"
        ).fetchall()
        found = connection.execute(
            f"select origin__departures_3h from '{tmp_path / 'found.parquet'}' order by origin_airport_code"
        ).fetchall()
    assert found == in_force
    assert all(count > 0 for (count,) in found)


def test_pages_say_what_is_not_known_where_nothing_was_built(manifest, tmp_path, monkeypatch):
    (tmp_path / "manifest.json").write_text(json.dumps(manifest))
    monkeypatch.setenv("DBT_TARGET_PATH", str(tmp_path))
    told = []
    build_site(Settings(data_dir=tmp_path / "data"), told.append)

    assert re.fullmatch("without the lineage of columns: .*catalog.json does not exist: .*", told[0])
    assert re.fullmatch("without freshness and null shares .*: build it first with dbt build", told[1])
    feature = read(tmp_path / "site" / "features" / "origin_weather" / "flight_category.html").text
    assert "not known: nothing was built" in feature
    assert "raw_asos.observations" in feature
    assert not (tmp_path / "site" / "lineage").exists()


def test_a_port_that_is_taken_is_told_of_in_a_line(first_run, site):
    port = site.rpartition(":")[2]
    said = run_ontime(first_run.copy, "docs", "serve", "--port", port, status=1)
    assert (
        said
        == f"error: port {port} of 127.0.0.1 is not to be had (Address already in use): choose another with --port\n"
    )


@pytest.fixture(scope="module")
def feast_pages(first_run):
    run_ontime(first_run.copy, "features", "apply")
    with served(first_run.copy, "features", "ui") as url:
        yield url
    assert list((first_run.copy / "data" / "scratch").glob("ui-*/")) == []


def test_feasts_pages_show_the_registry_and_ask_nobody_else(page: Page, feast_pages, manifest):
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{feast_pages}/p/ontime/feature-view/origin_departures")

    expect(page.get_by_text("mean_departure_delay_minutes_24h").first).to_be_visible(timeout=PATIENCE_MS)
    assert [url for url in asked if not url.startswith((feast_pages, "data:"))] == []
    with urllib.request.urlopen(f"{feast_pages}/api/v1/feature_views?project=ontime") as answer:
        views = {view["spec"]["name"] for view in json.load(answer)["featureViews"]}
    assert views == {table.short_name for table in Catalogue(compile_tables(manifest)).tables}


@pytest.mark.parametrize(("method", "host", "status"), [("DELETE", None, 405), ("GET", "elsewhere.example", 400)])
def test_feasts_pages_cannot_be_used_to_change_the_registry(feast_pages, method, host, status):
    asked = urllib.request.Request(f"{feast_pages}/api/v1/entities/tail_number?project=ontime", method=method)
    if host:
        asked.add_header("Host", host)
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(asked)
    assert refused.value.code == status
    with urllib.request.urlopen(f"{feast_pages}/api/v1/entities/tail_number?project=ontime") as answer:
        assert answer.status == 200
