// What a reader relies on in the HTML report, tried in a browser.

import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { chromium } from "playwright-core";

import { PLANTED, grown, page as make, planted, ready, real, sample, samples, short, written } from "./pages.js";

const axe = createRequire(import.meta.url).resolve("axe-core/axe.min.js");
const { CHROMIUM, SCREENSHOTS } = process.env;
let browser;

before(async () => {
  browser = await chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox"] });
});
after(() => browser.close());

// Opens an address, does something there, and fails on any error of the page and any request but for the page itself.
const open = async (address, look, options = {}) => {
  const context = await browser.newContext({ viewport: { width: 1360, height: 900 }, reducedMotion: "reduce", ...options });
  const page = await context.newPage();
  const wrong = [];
  page.on("console", (message) => wrong.push(`console: ${message.text()}`));
  page.on("pageerror", (error) => wrong.push(`error: ${error.message}`));
  page.on("request", (request) => {
    const url = request.url().split("#")[0];
    if (url !== address.split("#")[0] && !url.startsWith("data:")) wrong.push(`request: ${url}`);
  });
  await page.goto(address);
  await look(page);
  assert.deepEqual(wrong, []);
  await context.close();
};

const visible = (page, selector) =>
  page.$$eval(selector, (nodes) => nodes.filter((node) => node.closest("[hidden]") === null).length);
const outcomes = (page) =>
  page.$$eval(".check:not([hidden])", (nodes) => [...new Set(nodes.map((node) => node.dataset.outcome))].sort());
// What the page says is shown, once it says so.
const told = async (page, text) => page.waitForFunction((wanted) => shown.textContent === wanted, text);
const wide = (page) => page.evaluate(() => document.scrollingElement.scrollWidth - innerWidth);

test("every sample opens from a file without errors", async () => {
  for (const name of samples) {
    await open(make(name, sample(name)), async (page) => {
      const report = sample(name);
      assert.equal(await page.textContent("h1"), report.verdict);
      assert.equal(await visible(page, ".check"), report.results.length);
      assert.equal(await page.$$eval(".cell[href]", (cells) => cells.length), report.requirements.length);
    });
  }
});

test("filters by outcome, level, area and text narrow the checks, and the address keeps them", async () => {
  const report = real();
  const address = make("real", report);
  const count = (fits) => report.results.filter(fits).length;
  await open(address, async (page) => {
    await told(page, `${report.results.length} checks`);

    const failed = count((check) => check.outcome === "fail");
    await page.check("input[value=fail]", { force: true });
    await told(page, `${failed} of ${report.results.length} checks`);
    assert.equal(await visible(page, ".check"), failed);
    assert.deepEqual(await outcomes(page), ["fail"]);
    assert.equal(new URL(page.url()).hash, "#outcome=fail");

    await page.check("input[value=warn]", { force: true });
    await page.check("input[value=should]", { force: true });
    const warned = count((check) => check.outcome === "warn");
    await told(page, `${warned} of ${report.results.length} checks`);

    await page.selectOption("#area", "REQUEST");
    const inArea = count((check) => check.outcome === "warn" && check.requirements[0].startsWith("REQUEST-"));
    await told(page, `${inArea} of ${report.results.length} checks`);

    await page.reload();
    await told(page, `${inArea} of ${report.results.length} checks`);
    assert.equal(await page.inputValue("#area"), "REQUEST");

    await page.click("[type=reset]");
    await told(page, `${report.results.length} checks`);
    assert.equal(new URL(page.url()).hash, "");

    await page.keyboard.press("/");
    await page.keyboard.type("NDJSON-8 unknown-run");
    const found = count((check) => check.id.includes("unknown-run") && check.requirements.includes("NDJSON-8"));
    await told(page, `${found} of ${report.results.length} checks`);

    await page.fill("#q", "no check says this");
    await told(page, `0 of ${report.results.length} checks`);
    assert.ok(await page.isVisible("#nothing"));
    assert.equal(await visible(page, ".group"), 0);
  });
});

test("a cell of the picture shows its requirement", async () => {
  const report = real();
  await open(make("real", report), async (page) => {
    await page.focus(".cell[href='#req=HEALTH-1']");
    await page.keyboard.press("Enter");
    const own = report.results.filter((check) => check.requirements.includes("HEALTH-1"));
    await told(page, `${own.length} of ${report.results.length} checks`);
    assert.equal(await page.textContent(".group:not([hidden]) .name"), "HEALTH-1 must");
    await page.click("#requirement");
    await told(page, `${report.results.length} checks`);
  });
});

test("a failure unfolds to its findings, with the offending place marked", async () => {
  await open(`${ready("run")}#req=HEALTH-1`, async (page) => {
    const failed = page.locator(".check.fail:not([hidden])").first();
    await failed.locator("> summary").focus();
    assert.ok(!(await failed.locator("mark").first().isVisible()));
    await page.keyboard.press("Enter");
    assert.ok(await failed.locator(".findings").isVisible());
    assert.equal(await failed.locator("mark").first().textContent(), '"checks": null');
    assert.match(await failed.locator(".note").first().textContent(), /^expected /);
    assert.match(await failed.locator(".command code").first().textContent(), /^curl /);
    assert.match(await failed.locator(".message pre").last().textContent(), /content-type: application\/json\n[^]*\n {2}"status": "ok"/);
  });
});

test("what is missing is marked where it should be, headers and members", async () => {
  for (const [requirement, missing] of [["ERROR-3", "no header allow"], ["RUN-2", 'no member "state"']]) {
    await open(`${ready("run")}#req=${requirement}`, async (page) => {
      const failed = page.locator(".check:is(.fail, .warn):not([hidden])").first();
      await failed.locator("> summary").click();
      assert.equal(await failed.locator(".absent mark").first().textContent(), missing);
    });
  }
});

test("a stream is a table of events with the offending one marked", async () => {
  await open(`${ready("run")}#req=NDJSON-5`, async (page) => {
    const failed = page.locator(".check.warn:not([hidden])").first();
    await failed.locator("> summary").click();
    assert.ok((await failed.locator(".events tbody tr").count()) > 1);
    assert.match(await failed.locator(".events tr.marked mark").textContent(), /^"seq": \d+/);
  });
});

test("the timeline tells which scenario sent what and when, and a bar opens its request", async () => {
  const report = written();
  await open(ready("run"), async (page) => {
    const suites = new Set(report.exchanges.map(({ scenario }) => scenario?.split("[")[0].split("/").slice(0, -1).join("/")));
    assert.equal(await page.locator(".lane").count(), suites.size);
    assert.equal(await page.locator("rect[data-to]").count(), report.exchanges.length);
    assert.match(await page.locator(".lane > summary svg").nth(1).getAttribute("aria-label"), /: \d+ requests? of \d+ scenarios?, /);

    const name = await page.locator("rect.bad").first().getAttribute("data-to");
    await page.locator("rect.bad").first().click();
    const request = page.locator(`#${name}`);
    await request.locator(".message").first().waitFor();
    assert.ok(await request.locator(".note").first().isVisible());
    const exchange = report.exchanges.find(({ id }) => name === `x${id}`);
    assert.match(await request.locator(".about").textContent(), new RegExp(`step ${exchange.step}, sent at `));
  });
});

test("what a target planted stays text", async () => {
  for (const report of [sample("every-outcome"), sample("hostile"), written()]) {
    await open(make("planted", planted(report)), async (page) => {
      await page.$$eval("details", (nodes) => nodes.forEach((node) => { node.open = true; }));
      assert.equal(await page.evaluate(() => typeof planted), "undefined");
      const made = await page.evaluate(() => [document.scripts.length, document.images.length,
        document.styleSheets.length, document.querySelectorAll("[onload], [onerror], iframe, object, embed").length]);
      assert.deepEqual(made, [1, 0, 1, 0]);
      assert.ok((await page.textContent(".facts")).includes(PLANTED));
      assert.ok((await page.textContent(".check")).includes(PLANTED));
      assert.ok((await page.textContent(".exchange pre")).includes(PLANTED));
      const hidden = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]/;
      assert.doesNotMatch(await page.evaluate(() => document.body.textContent), hidden);
    });
  }
});

test("without its script the page is whole", async () => {
  await open(ready("run"), async (page) => {
    assert.equal(await page.isVisible("#filters"), false);
    assert.ok(await page.isVisible("text=Non-conformant"));
    await page.click(".cell[href='#req=HEALTH-1']");
    const failed = page.locator(".check.fail").first();
    await failed.locator("> summary").click();
    assert.ok(await failed.locator("mark").first().isVisible());
  }, { javaScriptEnabled: false });
});

test("several targets are one page, and a filter can name one of them", async () => {
  const reports = [sample("conformant"), sample("every-outcome")];
  reports[1].target.url = "http://127.0.0.1:8082";
  const all = reports.flatMap(({ results }) => results).length;
  await open(make("set", { format: "arp-conformance-set/1", reports }), async (page) => {
    assert.equal(await page.textContent("h1"), "2 targets");
    await told(page, `${all} checks`);
    await page.selectOption("#target", "2");
    await told(page, `${reports[1].results.length} of ${all} checks`);
    assert.equal(await visible(page, ".report"), 1);
    await page.click(".cell[href='#target=1&req=HEALTH-1']");
    await told(page, `1 of ${all} checks`);
    assert.equal(await page.inputValue("#target"), "1");
  });
});

test("two thousand checks are no burden", async () => {
  const report = grown(real(), 2_000);
  await open(make("grown", report), async (page) => {
    await told(page, "2,000 checks".replace(",", "\u202f"));
    await page.fill("#q", "checks/0/message");
    await page.waitForFunction(() => shown.textContent.includes(" of 2\u202f000 checks"));
    assert.ok((await visible(page, ".check")) > 0);
    const nodes = await page.evaluate(() => document.querySelectorAll("*").length);
    assert.ok(nodes < 150_000, `${nodes} elements`);
  });
});

test("nothing is wider than a narrow screen", async () => {
  const narrow = { viewport: { width: 360, height: 740 } };
  for (const address of [`${ready("run")}#req=NDJSON-5`, `${ready("run")}#req=RUN-2`, make("real", real())]) {
    await open(address, async (page) => {
      await page.$$eval(".check:not([hidden]):is(.fail, .warn), .lane", (nodes) => nodes.forEach((node) => { node.open = true; }));
      assert.ok((await wide(page)) <= 0, `${address}: ${await wide(page)} pixels too wide`);
    }, narrow);
  }
});

test("on paper what failed is unfolded, and folded again after", async () => {
  await open(ready("run"), async (page) => {
    const folded = () => page.locator(".check.fail:not([open])").count();
    const all = await folded();
    await page.evaluate(() => dispatchEvent(new Event("beforeprint")));
    assert.equal(await folded(), 0);
    await page.evaluate(() => dispatchEvent(new Event("afterprint")));
    assert.equal(await folded(), all);
    await page.emulateMedia({ media: "print" });
    assert.equal(await page.isVisible("#filters"), false);
  });
});

test("accessibility rules hold, light and dark", async () => {
  const addresses = [make("every-outcome", sample("every-outcome")), make("short", short(written()))];
  for (const colorScheme of ["light", "dark"]) {
    for (const address of addresses) {
      await open(address, async (page) => {
        await page.$$eval(".check:is(.fail, .warn):not([hidden]), .lane", (nodes) => nodes.slice(0, 12).forEach((node) => { node.open = true; }));
        await page.addScriptTag({ path: axe });
        const { violations } = await page.evaluate(() => globalThis.axe.run());
        const said = violations.flatMap(({ id, nodes }) => nodes.slice(0, 3).map((node) => `${id}: ${node.html} ${node.failureSummary}`));
        assert.deepEqual(said, []);
        // axe is a script that the page itself would not allow.
      }, { colorScheme, bypassCSP: true });
    }
  }
});

test("pictures for the documentation", { skip: !SCREENSHOTS }, async () => {
  mkdirSync(SCREENSHOTS, { recursive: true });
  const address = make("real", real());
  const picture = (page, name) => page.screenshot({ path: join(SCREENSHOTS, `html-${name}.png`) });
  await open(address, (page) => picture(page, "light"), { viewport: { width: 1280, height: 860 } });
  await open(`${address}#req=HEALTH-1`, async (page) => {
    await page.locator(".check.fail:not([hidden]) > summary").first().click();
    await page.evaluate(() => document.getElementById("checks").scrollIntoView());
    await picture(page, "dark");
  }, { viewport: { width: 1280, height: 1000 }, colorScheme: "dark" });
  await open(address, (page) => picture(page, "narrow"), { viewport: { width: 390, height: 1400 } });
  await open(ready("run"), async (page) => {
    await page.evaluate(() => document.querySelector(".timeline").scrollIntoView());
    await picture(page, "timeline");
  }, { viewport: { width: 1280, height: 800 } });
});
