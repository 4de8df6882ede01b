// The pages to look at, made from JSON reports.

import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const root = join(new URL(".", import.meta.url).pathname, "../..");
const { PAGES, ARP_CONFORMANCE } = process.env;

export const samples = ["conformant", "every-outcome", "hostile", "not-judged", "partial", "published-form"];
export const sample = (name) => JSON.parse(readFileSync(join(root, `fixtures/reports/${name}.json`)));
export const real = () => JSON.parse(readFileSync(join(root, "reports/jarvis-0.3.8/run-gateway.json")));
export const written = () => JSON.parse(readFileSync(join(PAGES, "run.json")));

// The address of a page that the program itself wrote.
export const ready = (name) => pathToFileURL(join(PAGES, `${name}.html`)).href;

// Makes the page of a report and gives its address.
export const page = (name, report) => {
  const json = join(PAGES, `${name}.json`);
  writeFileSync(json, JSON.stringify(report));
  // It ends as the run had ended, so that only a wrong use of it is an error.
  const { status, stderr } = spawnSync(ARP_CONFORMANCE, ["report", json, "--html", join(PAGES, `${name}.html`), "--quiet"]);
  if (status === null || status === 2) throw new Error(`no page of ${name}: ${stderr}`);
  return ready(name);
};

// Tries to become markup, script, or the end of whatever it stands in.
export const PLANTED =
  `</pre></script></style>"'><img src=x onerror=planted=1><script>planted=1</script><svg onload=planted=1>&lt;b&gt;`;

// The report with the planted text behind every text that a target has a say in.
export const planted = (report) => {
  const free = new Set(["url", "service_name", "service_version", "message", "title", "says", "expected", "actual", "body",
    "hint", "reproduce", "failure", "data", "what", "next", "scenario", "step"]);
  const walk = (value, name) => {
    if (typeof value === "string") return free.has(name) || name === "header" ? value + PLANTED : value;
    if (Array.isArray(value)) return value.map((item) => walk(item, name));
    if (value === null || typeof value !== "object") return value;
    const member = ([key, held]) =>
      name === "headers" ? [key + PLANTED, walk(held, "header")] : [key, walk(held, key)];
    return Object.fromEntries(Object.entries(value).map(member));
  };
  return walk(report, "");
};

// The report with a few checks of every outcome, and what they judged.
export const short = (report) => {
  const few = (outcome) => report.results.filter((check) => check.outcome === outcome).slice(0, 4);
  const results = ["fail", "warn", "skip", "info", "pass"].flatMap(few);
  const judged = new Set(results.flatMap(({ exchanges }) => exchanges.slice(0, 4)));
  return { ...report, results, exchanges: report.exchanges.filter(({ id }) => judged.has(id)) };
};

// The report with its checks and exchanges repeated until there are `count` checks.
export const grown = (report, count) => {
  const { results, exchanges } = report;
  const times = Math.ceil(count / results.length);
  const repeat = (list, change) => Array.from({ length: times }, (_, n) => list.map((item) => change(item, n))).flat();
  const shift = (n) => n * 100_000;
  return {
    ...report,
    results: repeat(results, (check, n) => ({
      ...check,
      id: `${check.id} ${n}`,
      exchanges: check.exchanges.map((id) => id + shift(n)),
    })).slice(0, count),
    exchanges: repeat(exchanges, (exchange, n) => ({ ...exchange, id: exchange.id + shift(n) })),
  };
};
