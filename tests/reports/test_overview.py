"""The reports as people open them: in a browser, in both languages and colour schemes, on a desk and on a telephone.

Screenshots are kept in the folder that CRMMIGRATE_TEST_SCREENSHOTS names.
"""

import os
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from tests.runner import small_migration as small

from crmmigrate.messages import speak
from crmmigrate.model.schema import read_target_schema
from crmmigrate.model.table import Tables
from crmmigrate.reports.overview import NAME, write_overview
from crmmigrate.reports.run_page import write_run_page
from crmmigrate.runner.overview import RUN_PAGE, newest, overview, run_story

EVIL = "<script>window.struck=1</script>"
LANGUAGES = ("en", "zh")


@pytest.fixture(scope="module")
def migrated(tmp_path_factory):
    """A migration run to its end, with a column and a value that look like a script; its pages in both languages."""
    root = small.lay_out(tmp_path_factory.mktemp("migration"))
    book = root / "in" / "客户.csv"
    lines = book.read_text(encoding="utf-8").splitlines()
    wide = ["".join(f",列{n}" for n in range(14)), *("".join(f",值{n % 3}" for n in range(14)) for _ in lines[1:])]
    lines = [f"{line},{EVIL}{more}" for line, more in zip(lines, wide, strict=True)]
    book.write_text("\n".join(line.replace("boss3@", f"{EVIL}@") for line in lines) + "\n", encoding="utf-8")
    pipeline = small.opened(root)
    with pipeline.open_target(to_create=True) as target:
        target.create(read_target_schema(root / "schema.yaml"))
    steps = pipeline.run()
    workspace = pipeline.context.workspace
    for language in LANGUAGES:
        speak(language)
        for step in steps:
            for report in step.outcome.result.reports:
                if report.name.endswith(".html"):
                    report.write(step.outcome.run.report_path(f"{language}-{report.name}"), language)
        for manifest in newest(workspace):
            page = workspace.runs_folder / manifest.run / "reports" / RUN_PAGE
            page.parent.mkdir(exist_ok=True)
            write_run_page(page, language, run_story(workspace, manifest, page))
            (page.parent / f"{language}-{page.name}").write_bytes(page.read_bytes())
        page = workspace.folder / f"{language}-{NAME}"
        write_overview(page, language, overview(pipeline.project, workspace, page))
    return pipeline


@pytest.fixture(scope="module")
def folder(migrated):
    return migrated.context.workspace.folder


def pages(folder, language):
    """The pages that differ in what they show: of the runs, that with issues."""
    found = {path.name: path for path in sorted(folder.glob(f"**/{language}-*.html")) if RUN_PAGE not in path.name}
    found["run"] = next(folder.glob(f"runs/*-standardise-*/reports/{language}-{RUN_PAGE}"))
    return found


@pytest.fixture
def tab(browser):
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    yield context.new_page()
    context.close()


def watched(tab):
    """Return the lists of what a tab complains about and of what it asks for."""
    complaints, asked = [], []
    tab.on("console", lambda message: complaints.append(message.text))
    tab.on("pageerror", lambda error: complaints.append(str(error)))
    tab.on("request", lambda request: asked.append(unquote(request.url)))
    return complaints, asked


def kept(tab, name):
    if place := os.environ.get("CRMMIGRATE_TEST_SCREENSHOTS"):
        Path(place).mkdir(parents=True, exist_ok=True)
        tab.screenshot(path=Path(place) / f"{name}.png", full_page=True)


@pytest.mark.browser
@pytest.mark.parametrize("language", LANGUAGES)
def test_pages_are_quiet_ask_for_nothing_and_are_there_for_everybody(folder, tab, language):
    from axe_playwright_python.sync_playwright import Axe

    scheme = {"en": "light", "zh": "dark"}[language]
    complaints, asked = watched(tab)
    for name, path in pages(folder, language).items():
        tab.emulate_media(color_scheme=scheme)
        tab.goto(path.as_uri())
        assert tab.evaluate("document.documentElement.lang") == {"en": "en", "zh": "zh-CN"}[language]
        # All pages have one style: whether its colours can be told apart is asked, at some cost, of the page with all of them.
        rules = {} if name.endswith(NAME) else {"rules": {"color-contrast": {"enabled": False}}}
        found = Axe().run(tab, options={"resultTypes": ["violations"], **rules}).response["violations"]
        kept(tab, f"{path.stem}-{scheme}")
        assert [(one["id"], one["nodes"][0]["html"]) for one in found] == [], name
        tab.set_viewport_size({"width": 390, "height": 844})
        tab.emulate_media(color_scheme="light" if scheme == "dark" else "dark")
        kept(tab, f"{path.stem}-phone")
        assert tab.evaluate("document.documentElement.scrollWidth") <= 390, name
        tab.set_viewport_size({"width": 1280, "height": 900})
        assert tab.evaluate("window.struck === undefined")
    assert complaints == []
    assert {urlsplit(url).scheme for url in asked} == {"file"}
    assert len(asked) == len(pages(folder, language))


@pytest.mark.browser
def test_pictures_are_drawn_and_filters_answer_to_the_keyboard(folder, tab):
    tab.goto((folder / f"en-{NAME}").as_uri())
    for picture in ("svg.funnel rect", "figure .stack rect", "svg.chart rect", "svg.change rect"):
        assert tab.locator(picture).first.bounding_box()["width"] > 0, picture
    form = tab.locator("#quality form.filters")
    rows = tab.locator("#quality tbody tr")
    every = rows.count()
    assert form.locator("output").inner_text() == f"{every} / {every}"
    form.locator("select").first.focus()
    tab.keyboard.press("ArrowDown")
    assert 0 < rows.filter(visible=True).count() < every
    tab.keyboard.press("Tab")
    form.locator("input").focus()
    tab.keyboard.type("no such word")
    assert rows.filter(visible=True).count() == 0
    form.locator("button").focus()
    tab.keyboard.press("Enter")
    assert rows.filter(visible=True).count() == every
    tab.locator("#issues tbody tr").first.get_by_role("link").click()
    opened_by_link = tab.locator("details[open]")
    assert opened_by_link.count() == 1
    assert opened_by_link.locator("tbody tr").count() > 0


@pytest.mark.browser
def test_what_looks_like_a_script_is_text_and_the_page_prints(folder, tab):
    tab.goto(next(path for name, path in pages(folder, "en").items() if "审计" in name).as_uri())
    assert EVIL in tab.locator("body").inner_text()
    assert tab.evaluate("document.scripts.length") == 1
    # Even a script that got into the page would not be run.
    tab.evaluate(
        "document.body.append(Object.assign(document.createElement('script'), {textContent: 'window.struck=1'}))"
    )
    assert tab.evaluate("window.struck === undefined")
    tab.goto((folder / f"zh-{NAME}").as_uri())
    printed = tab.pdf(format="A4")
    assert printed.startswith(b"%PDF")
    tab.emulate_media(media="print", color_scheme="dark")
    assert tab.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert not tab.locator("nav").is_visible()
    assert not tab.locator("form.filters").first.is_visible()
    if place := os.environ.get("CRMMIGRATE_TEST_SCREENSHOTS"):
        (Path(place) / "zh-print.pdf").write_bytes(printed)


class Links(HTMLParser):
    """Collects where links lead and what they may lead to."""

    def __init__(self):
        super().__init__()
        self.hrefs, self.ids = [], set()

    def handle_starttag(self, tag, attrs):
        named = dict(attrs)
        if "id" in named:
            assert named["id"] not in self.ids
            self.ids.add(named["id"])
        if tag == "a":
            self.hrefs.append(named["href"])


def read(path):
    links = Links()
    links.feed(path.read_text(encoding="utf-8"))
    return links


def test_every_link_leads_to_something_that_is_there(folder):
    page = folder / f"zh-{NAME}"
    found = read(page)
    beyond = set()
    for href in found.hrefs:
        path, _, anchor = href.partition("#")
        target = folder / unquote(path) if path else page
        assert target.is_file(), href
        assert target == page or folder in target.resolve().parents
        if anchor:
            assert anchor in read(target).ids, href
        beyond.add(target.suffix if path else "#")
    assert beyond == {"#", ".html", ".xlsx"}


def test_pages_are_small(folder):
    sizes = {name: path.stat().st_size for name, path in pages(folder, "zh").items()}
    assert max(sizes.values()) < 400_000, sizes


def test_figures_are_those_of_the_tables(migrated, folder):
    found = overview(migrated.project, migrated.context.workspace, folder / NAME)
    steps = {step.name: step for step in migrated.steps}
    assert {flow.object: (flow.source, flow.in_target, flow.agrees) for flow in found.flows} == {
        "user": (3, 3, True), "account": (20, 20, True), "contact": (20, 19, True),
    }  # fmt: skip
    raw, clean = (Tables(migrated.by_step[step])["account"].frame() for step in ("scope", "standardise"))
    for story in (story for story in found.columns if story.object == "account" and story.fates):
        assert sum(story.fates.values()) == raw[story.column].notna().sum()
        assert (
            story.fates["mended"] + story.fates["emptied"]
            == (raw[story.column].notna() & (raw[story.column] != clean[story.column])).sum()
        )
        assert story.filled["standardise"] == clean[story.column].notna().mean()
    noted = steps["standardise"].outcome.issues.frame()
    assert sum(one.count for one in found.noted if one.stage == "standardise") == len(noted)
    [mail] = [story for story in found.columns if story.column == "邮箱"]
    assert mail.fates["unusable"] == len(noted[(noted["column"] == "邮箱") & (noted["severity"] == "error")]) == 1
    assert mail.before == mail.after == 19 / 20


def test_what_a_run_shows_of_values_is_masked(folder, migrated):
    story = run_story(migrated.context.workspace, migrated.context.workspace.latest("standardise"), folder / NAME)
    shown = [one for rows in story.examples.values() for one in rows]
    assert any(one.before == "<…n" for one in shown)
    assert all(len(one.before) <= 3 and len(one.after) <= 3 for one in shown)


def test_a_load_taken_back_and_steps_run_again_are_said(migrated, folder):
    found = overview(migrated.project, migrated.context.workspace, folder / NAME)
    assert (found.undone, found.reworked, found.outdated) == ("", [], False)
    workspace = migrated.context.workspace
    load = workspace.latest("load")
    later = [workspace.begin("map"), workspace.begin("rollback", parent=load.run), workspace.begin("load")]
    later[1].manifest.facts = {"applied": True, "changes": 1, "error": 0}
    for run in later[:2]:
        run.end("done", 0)
    found = overview(migrated.project, workspace, folder / NAME)
    assert (found.undone, found.reworked) == ("", ["map"])
    for run in later[2:]:
        run.end("done", 0)
    assert overview(migrated.project, workspace, folder / NAME).outdated
