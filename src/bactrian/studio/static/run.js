/** The run at hand, of the scenario and the year in the address, and the base beside it. What is overtaken is dropped. */

import { fetched, send, to } from "./api.js";
import { sent } from "./scenario.js";
import { get, watch as watchState } from "./state.js";

/** @typedef {{key: string, name: string, command: string, year: number, summary: any, links: any[], resources: any[]}} Run */
/** @typedef {{state: "waiting" | "done" | "failed", run?: Run, error?: unknown, seconds?: number}} Shown */

const REST = 250; // ms that a slider must be at rest

/** @type {Shown} */
let shown = { state: "waiting" };
/** @type {Set<(shown: Shown) => void>} */
const watchers = new Set();
/** @type {Map<string, Promise<Run>>} */
const kept = new Map();
/** @type {AbortController | undefined} */
let asking;
let turn = 0;
let timer = 0;
/** @type {{id: string, name: string, base_year: number}} */
let of = { id: "", name: "", base_year: 0 };

/** @param {any} one the case runs are of */
export function begin(one) {
  of = one;
  kept.clear();
  refresh(0);
}

export const chosenYear = () => Number(get("year", "2030"));
const carbon = () => Number(get("carbon", "0"));

/** @param {any} scenario @param {AbortSignal} [signal] @returns {Promise<Run>} */
function run(scenario, signal) {
  const asked = { case: of.id, scenario, year: chosenYear(), carbon_usd_per_t: scenario || carbon() ? carbon() : 0 };
  const key = JSON.stringify(asked);
  const before = kept.get(key);
  if (before) return before;
  const answer = send("/api/runs", asked, "POST", signal);
  kept.set(key, answer);
  answer.catch(() => kept.delete(key));
  if (kept.size > 12) kept.delete(/** @type {string} */ (kept.keys().next().value));
  return answer;
}

/** The run of the case as it stands, in the same year. */
export function base() {
  const asked = { case: of.id, scenario: null, year: chosenYear(), carbon_usd_per_t: 0 };
  const key = JSON.stringify(asked);
  if (!kept.has(key)) {
    const answer = send("/api/runs", asked);
    kept.set(key, answer);
    answer.catch(() => kept.delete(key));
  }
  return /** @type {Promise<Run>} */ (kept.get(key));
}

/** Ask anew once the sliders have come to rest. @param {number} [rest] */
export function refresh(rest = REST) {
  clearTimeout(timer);
  timer = window.setTimeout(find, rest);
}

async function find() {
  const mine = ++turn;
  asking?.abort();
  asking = new AbortController();
  tell({ state: "waiting", run: shown.run });
  const began = performance.now();
  try {
    const found = await run(sent(of.name), asking.signal);
    if (mine === turn) tell({ state: "done", run: found, seconds: (performance.now() - began) / 1000 });
  } catch (error) {
    if (mine === turn) tell({ state: "failed", error });
  }
}

/** @param {Shown} next */
function tell(next) {
  shown = next;
  document.documentElement.dataset.run = next.state;
  for (const one of [...watchers]) one(shown);
}

/** Hear of the run now and whenever it changes; returns what stops that. @param {(shown: Shown) => void} act */
export function watch(act) {
  watchers.add(act);
  act(shown);
  return () => void watchers.delete(act);
}

watchState((changed) => {
  if (of.id && ["scenario", "year", "carbon"].some((key) => changed.has(key))) refresh();
});

/** @param {string} key @param {string} commodity @param {string} corridor */
export const linksOf = (key, commodity, corridor) => fetched(to(`/api/runs/${key}/links`, { commodity, corridor }));
/** @param {string} key @param {string} row */
export const through = (key, row) => fetched(`/api/runs/${key}/through/${encodeURIComponent(row)}`);
/** @param {string} key @param {string} other */
export const compare = (key, other) => fetched(`/api/runs/${key}/compare/${other}`);
