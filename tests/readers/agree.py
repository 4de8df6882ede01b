"""Holds what readers see in the reports of each run against its JSON report.

    agree.py FOLDER SCHEMA

FOLDER has a folder for each run, SCHEMA is the published JSON Schema of SARIF 2.1.0.
"""

import html.parser
import json
import pathlib
import re
import sys

import cmarkgfm
import jsonschema
import junitparser

# The elements that a summary is made of; whatever else shows up came from a target.
ELEMENTS = set(
    "h2 p strong blockquote table thead tbody tr th td details summary b i pre code sub".split()
)


def counts_of_junitparser(path):
    read = junitparser.JUnitXml.fromfile(str(path))
    cases = [case for suite in read for case in suite]
    kinds = {"failures": 0, "errors": 0, "skipped": 0, "passed": 0}
    names = {junitparser.Failure: "failures", junitparser.Error: "errors", junitparser.Skipped: "skipped"}
    for case in cases:
        kinds[names[type(case.result[0])] if case.result else "passed"] += 1
    said = (read.tests, read.failures, read.errors, read.skipped)
    assert said == (len(cases), kinds["failures"], kinds["errors"], kinds["skipped"]), f"{said}, counted {kinds}"
    return kinds


def counts_of_viewer(path):
    lines = [line for line in path.read_text().splitlines() if re.match(r"\d+ \w+(, \d+ \w+)*$", line)]
    counts = {kind: int(count) for count, kind in re.findall(r"(\d+) (\w+)", lines[-1])}
    singular = {"failures": "failure", "errors": "error"}
    return {
        kind: counts.get(kind, counts.get(singular.get(kind), 0))
        for kind in ("failures", "errors", "skipped", "passed")
    }


def outcomes(report, *names):
    return sum(result["outcome"] in names for result in report["results"])


def check_junit(run, report, code, strict):
    seen = counts_of_junitparser(run / "junit.xml")
    viewed = counts_of_viewer(run / "viewer.txt")
    assert viewed == seen, f"xunit-viewer sees {viewed}, junitparser {seen}"
    assert seen["passed"] == outcomes(report, "pass", "info"), seen
    assert seen["failures"] == outcomes(report, "fail", *(["warn"] if strict else [])), seen
    assert (seen["failures"] + seen["errors"] > 0) == (code in (1, 3)), f"{seen}, exit code {code}"
    # Where nothing could be judged, one case stands for the run.
    more = sum(seen.values()) - len(report["results"])
    assert more == 0 or (more == 1 and code == 3), f"{more} more cases than checks"
    return seen


def check_sarif(run, report, schema):
    document = json.loads((run / "report.sarif").read_text())
    jsonschema.validators.validator_for(schema)(schema).validate(document)
    results = document["runs"][0]["results"]
    assert len(results) == outcomes(report, "fail", "warn"), f"{len(results)} results"


def check_markdown(run, report):
    page = cmarkgfm.github_flavored_markdown_to_html(
        (run / "summary.md").read_text(), options=cmarkgfm.cmark.Options.CMARK_OPT_UNSAFE
    )
    seen = []
    reader = html.parser.HTMLParser()
    reader.handle_starttag = lambda tag, attributes: seen.append(tag)
    reader.feed(page)
    assert set(seen) <= ELEMENTS, set(seen) - ELEMENTS
    assert seen[0] == "h2" and report["verdict"] in page.splitlines()[0], page.splitlines()[0]


def main(folder, schema):
    schema = json.loads(pathlib.Path(schema).read_text())
    runs = sorted(path for path in pathlib.Path(folder).iterdir() if path.is_dir())
    for run in runs:
        report = json.loads((run / "report.json").read_text())
        code = int((run / "code").read_text())
        seen = check_junit(run, report, code, "strict" in run.name)
        check_sarif(run, report, schema)
        check_markdown(run, report)
        print(f"{run.name}: exit code {code}, {report['verdict']}, {seen}")
    codes = {int((run / "code").read_text()) for run in runs}
    assert codes == {0, 1, 3}, f"the runs ended with {codes}"


main(*sys.argv[1:])
