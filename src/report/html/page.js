"use strict";
// Filters the checks, keeps the filters in the address, opens what a link means, and copies commands.
(() => {
  const form = document.getElementById("filters");
  const status = document.getElementById("shown");
  const nothing = document.getElementById("nothing");
  const chip = document.getElementById("requirement");
  const checks = [...document.querySelectorAll(".check")].map((node) => ({
    node,
    group: node.closest(".group"),
    target: node.closest(".report").dataset.target ?? "",
    requirements: node.dataset.requirements.split(" "),
    text: null,
  }));
  const groups = [...document.querySelectorAll(".group")].map((node) => ({ node, open: node.open }));
  const rests = document.querySelectorAll(".rest");
  const reports = document.querySelectorAll(".report");
  const several = ["outcome", "level"];
  const single = ["area", "target", "q"];
  let requirement = "";

  // The filters as the address writes them: `outcome=fail,warn&level=must&area=RUN&q=text`.
  const read = () => {
    const data = new FormData(form);
    const state = new URLSearchParams();
    for (const name of several) {
      const values = data.getAll(name);
      if (values.length > 0) state.set(name, values.join(","));
    }
    for (const name of single) {
      const value = (data.get(name) ?? "").trim();
      if (value !== "") state.set(name, value);
    }
    if (requirement !== "") state.set("req", requirement);
    return state;
  };

  const write = (state) => {
    for (const name of several) {
      const wanted = (state.get(name) ?? "").split(",");
      for (const box of form.querySelectorAll(`input[name=${name}]`)) box.checked = wanted.includes(box.value);
    }
    for (const name of single) {
      const field = form.elements.namedItem(name);
      if (field !== null) field.value = state.get(name) ?? "";
    }
    requirement = state.get("req") ?? "";
  };

  const fits = (check, state) => {
    const { outcome, level, area } = check.node.dataset;
    const among = (name, value) => !state.has(name) || state.get(name).split(",").includes(value);
    if (!among("outcome", outcome) || !among("level", level) || !among("area", area)) return false;
    if (state.has("target") && state.get("target") !== check.target) return false;
    const decides = (id) => check.requirements.includes(id) || check.group.dataset.requirement === id;
    if (state.has("req") && !decides(state.get("req"))) return false;
    if (!state.has("q")) return true;
    check.text ??= `${check.group.querySelector(".says").textContent} ${check.node.textContent}`.toLowerCase();
    return state.get("q").toLowerCase().split(/\s+/).every((word) => check.text.includes(word));
  };

  const apply = (state) => {
    const active = [...state.keys()].length > 0;
    const shown = new Map();
    let count = 0;
    for (const check of checks) {
      const fit = fits(check, state);
      check.node.hidden = !fit;
      if (fit) {
        count += 1;
        shown.set(check.group, check.node);
      }
    }
    for (const { node, open } of groups) {
      node.hidden = active && !shown.has(node);
      node.open = active ? true : open;
    }
    for (const rest of rests) {
      rest.hidden = rest.querySelector(".check:not([hidden])") === null;
      rest.open = active;
    }
    for (const report of reports) report.hidden = report.querySelector(".group:not([hidden])") === null;
    if (count === 1) [...shown.values()][0].open = true;
    const number = (value) => value.toLocaleString("en").replaceAll(",", "\u202f");
    status.textContent = active
      ? `${number(count)} of ${number(checks.length)} checks`
      : `${number(checks.length)} ${checks.length === 1 ? "check" : "checks"}`;
    nothing.hidden = count > 0;
    chip.hidden = requirement === "";
    chip.textContent = `${requirement} ✕`;
    chip.setAttribute("aria-label", `Show more than ${requirement}`);
    form.querySelector("[type=reset]").hidden = !active;
  };

  const remember = (state) => {
    const hash = state.toString();
    history.replaceState(null, "", hash === "" ? location.pathname + location.search : `#${hash}`);
    apply(state);
  };

  const unfold = (node) => {
    for (let at = node; at !== null; at = at.parentElement) if (at instanceof HTMLDetailsElement) at.open = true;
  };

  // An address with `=` is a set of filters; any other names a place.
  const follow = (moved) => {
    const hash = location.hash.slice(1);
    if (hash.includes("=")) {
      const state = new URLSearchParams(hash);
      write(state);
      apply(state);
      if (moved || state.has("req")) {
        const first = groups.find(({ node }) => !node.hidden && state.has("req"))?.node;
        (first ?? document.getElementById("checks")).scrollIntoView();
        first?.querySelector("summary").focus({ preventScroll: true });
      }
      return;
    }
    const node = hash === "" ? null : document.getElementById(hash);
    if (node === null) return;
    unfold(node);
    node.scrollIntoView();
    node.querySelector("summary")?.focus({ preventScroll: true });
  };

  let waiting = 0;
  form.addEventListener("input", (event) => {
    clearTimeout(waiting);
    waiting = setTimeout(() => remember(read()), event.target.type === "search" ? 120 : 0);
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", (event) => {
    event.preventDefault();
    write(new URLSearchParams());
    remember(read());
  });
  chip.addEventListener("click", () => {
    requirement = "";
    remember(read());
    form.elements.namedItem("q").focus();
  });
  addEventListener("hashchange", () => follow(true));

  document.addEventListener("keydown", (event) => {
    const search = form.elements.namedItem("q");
    const writes = event.target.closest("input:not([type=checkbox]), select, textarea") !== null;
    if (event.key === "/" && !writes && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      search.focus();
      search.select();
    }
  });

  document.addEventListener("click", (event) => {
    const bar = event.target.closest("rect[data-to]");
    if (bar !== null) {
      event.preventDefault();
      location.hash = bar.dataset.to;
      return;
    }
    // A link to where the reader already is opens it again.
    const link = event.target.closest("a[href^='#']");
    if (link !== null && link.getAttribute("href") === location.hash) follow(true);
  });

  for (const command of document.querySelectorAll(".command")) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = "Copy";
    button.addEventListener("click", async () => {
      const code = command.querySelector("code");
      try {
        await navigator.clipboard.writeText(code.textContent);
        button.textContent = "Copied";
      } catch {
        // Without leave to write, the text is at least selected.
        getSelection().selectAllChildren(code);
      }
    });
    command.append(button);
  }

  // On paper what failed is unfolded.
  let unfolded = [];
  addEventListener("beforeprint", () => {
    const troubled = ".check.fail:not([open]), .check.error:not([open]), .check.warn:not([open])";
    unfolded = [...document.querySelectorAll(troubled)].filter((node) => !node.hidden);
    for (const node of unfolded) node.open = true;
  });
  addEventListener("afterprint", () => {
    for (const node of unfolded) node.open = false;
  });

  form.hidden = false;
  apply(new URLSearchParams());
  follow(false);
})();
