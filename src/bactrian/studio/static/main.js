/** The page: head with tabs, the map that all views share, and the view that is open. Views are loaded when opened. */

import { fetched, to } from "./api.js";
import { jobsButton } from "./panel.js";
import * as jobs from "./jobs.js";
import { makeMap } from "./map.js";
import { button, choice, fill, h, own, problem, waiting } from "./parts.js";
import { isDark } from "./paint.js";
import * as runs from "./run.js";
import { count, isEmpty, scenario, take } from "./scenario.js";
import * as state from "./state.js";
import { LANGUAGES, language, preferred, speak, t, word, year } from "./words.js";

const VIEWS = ["map", "scenario", "plan", "stress", "share", "brief", "data"];

/** @typedef {{told: any, map: ReturnType<typeof makeMap>, side: HTMLElement, facts: HTMLElement, stage: HTMLElement, cases: any[], reload: () => Promise<void>}} Desk */

/** @type {Desk} */
let desk;
/** @type {(() => void) | void} */
let close;
let opening = 0;

const side = h("section", { class: "side" });
const facts = h("section", { class: "facts" });
const stage = h("section", { class: "stage" });
const panel = h("div", { id: "panel", role: "tabpanel", tabindex: "-1" }, side, facts, stage);
const head = h("header", { class: "head" });
const main = h("main", { id: "main" }, panel);

/** @param {string} theme */
function dress(theme) {
  if (theme) document.documentElement.dataset.theme = theme;
  else delete document.documentElement.dataset.theme;
}

const current = () => (VIEWS.includes(state.view()) ? state.view() : "map");

/** Tabs that arrow keys move between. */
function tabs() {
  const list = VIEWS.map((name) => h("button", {
    type: "button", role: "tab", id: `tab-${name}`, "aria-controls": "panel", on: { click: () => state.go(name) },
  }, t(`tab.${name}`)));
  return h("div", { class: "tabs", role: "tablist", "aria-label": t("tabs"), on: {
    keydown: (/** @type {KeyboardEvent} */ event) => {
      const at = list.indexOf(/** @type {any} */ (document.activeElement));
      const next = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: list.length - 1 }[event.key];
      if (at < 0 || next === undefined) return;
      event.preventDefault();
      const to_ = list[(next + list.length) % list.length];
      to_.focus();
      to_.click();
    },
  } }, list);
}

function markTab() {
  for (const name of VIEWS) {
    const tab = document.getElementById(`tab-${name}`);
    tab?.setAttribute("aria-selected", String(name === current()));
    tab?.setAttribute("tabindex", name === current() ? "0" : "-1");
  }
  panel.setAttribute("aria-labelledby", `tab-${current()}`);
  document.title = `${t(`tab.${current()}`)} · Bactrian`;
}

/** What is looked at: the case as it stands, or a scenario, and in which year. */
function chip() {
  const box = h("div", { class: "chip" });
  const draw = () => {
    const one = scenario();
    const plain = isEmpty(one);
    box.classList.toggle("on", !plain);
    fill(box, h("button", { type: "button", class: "plain", on: { click: () => state.go("scenario") }, title: t("chip.open") },
      plain ? t("chip.base") : [one.name ? own(one.name) : t("chip.unnamed"), h("span", { class: "count" }, t("changes", { n: count(one) }))],
      h("span", { class: "year", translate: "no" }, year(runs.chosenYear()))),
    !plain && button("×", () => take(null), { class: "plain", "aria-label": t("chip.clear"), title: t("chip.clear") }));
  };
  draw();
  state.watch(draw);
  return box;
}

function drawHead() {
  const theme = localStorage.getItem("theme") ?? "";
  fill(head,
    h("a", { class: "skip", href: "#main", on: { click: (/** @type {Event} */ event) => { event.preventDefault(); panel.focus(); } } }, t("skip")),
    h("h1", { class: "brand", translate: "no" }, "Bactrian"),
    desk && (desk.cases.length > 1
      ? choice(desk.cases.map((one) => [one.id, one.name]), desk.told.id, (id) => { state.set({ case: id, row: null, scenario: null, commodity: null, corridor: null }); void loadCase(); }, { "aria-label": t("case"), class: "case" })
      : null),
    tabs(), desk && chip(),
    h("div", { class: "tools" },
      jobsButton((one) => state.go(one.verb === "critical" ? "stress" : one.verb, { [one.verb === "critical" ? "stress" : one.verb]: one.id })),
      choice(/** @type {any} */ (Object.entries(LANGUAGES)), language(), async (code) => { await speak(code); await start(); }, { "aria-label": t("language"), class: "language" }),
      choice([["", t("theme.auto")], ["light", t("theme.light")], ["dark", t("theme.dark")]], theme, (chosen) => {
        localStorage.setItem("theme", chosen);
        dress(chosen);
        void open();
      }, { "aria-label": t("theme"), class: "theme" })));
  markTab();
}

async function open() {
  const mine = ++opening;
  if (close) close();
  close = undefined;
  const name = current();
  markTab();
  panel.dataset.view = name;
  delete panel.dataset.facts;
  fill(side, waiting(t("loading")));
  fill(facts);
  try {
    const room = await import(`./views/${name}.js`);
    if (mine !== opening) return;
    fill(side);
    side.scrollTop = facts.scrollTop = 0;
    side.setAttribute("aria-label", t(`side.${name}`));
    facts.setAttribute("aria-label", t(`facts.${name}`));
    close = await room.show(desk);
    desk.map?.resize();
  } catch (error) {
    if (mine === opening) fill(side, problem(error, () => void open()));
  }
}

/** Rows that views choose are shown by the view of the map. @param {"link" | "place"} kind @param {string} id */
function choose(kind, id) {
  state.go(current() === "scenario" ? "scenario" : "map", { row: `${kind}:${id}` });
}

async function loadCase() {
  const cases = await fetched("/api/cases");
  const wanted = state.get("case");
  const one = cases.find((/** @type {any} */ each) => each.id === wanted) ?? cases[0];
  const told = await fetched(to("/api/case", { case: one.id, language: language() }));
  for (const project of told.projects) if (typeof project.countries === "string") project.countries = project.countries.split(/\s+/).filter(Boolean);
  for (const mode of told.modes) if (told.names.modes[mode.id] === mode.id || t(`mode.${mode.id}`) !== `mode.${mode.id}`) told.names.modes[mode.id] = word("mode", mode.id);
  desk = { ...desk, told: { ...told, id: one.id }, cases };
  runs.begin({ id: one.id, name: told.name, base_year: told.base_year });
  drawHead();
  const drawn = desk.map?.show(desk.told);
  drawn?.then(nameOutlines).catch(console.error);
  await open();
}

/** Outlines are named in English; the case knows its countries in the language of the reader. */
async function nameOutlines() {
  if (language() === "en") return;
  const { told, map } = desk;
  const plain = await fetched(to("/api/case", { case: told.id, language: "en" }));
  const outlines = Object.fromEntries(Object.entries(plain.names.countries).map(([id, name]) => [name, told.names.countries[id]]));
  map?.rename(outlines);
}

async function start() {
  dress(localStorage.getItem("theme") ?? "");
  stage.setAttribute("aria-label", t("map.label"));
  drawHead();
  const before = desk?.map;
  before?.map.remove();
  try {
    desk = { told: null, cases: [], map: makeMap(stage, choose), side, facts, stage, reload: loadCase };
    jobs.refresh().catch(() => {});
    await loadCase();
  } catch (error) {
    fill(side, problem(error, () => void start()));
  }
}

state.watch((changed) => {
  if (changed.has("view")) void open();
});
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { if (desk?.told) void open(); });
addEventListener("keydown", (event) => {
  if (event.key === "Escape" && state.get("row")) state.set({ row: null });
});

await speak(preferred());
document.body.append(head, main, h("div", { id: "said", class: "unseen", role: "status", "aria-live": "polite" }));
document.documentElement.dataset.dark = String(isDark());
await start();
