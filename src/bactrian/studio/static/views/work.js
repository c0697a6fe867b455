/** What views of long work share: settings kept in the address, the job of the view, its progress and its result. */

import * as jobs from "../jobs.js";
import { button, choice, commandBox, fill, h, nothing, own, problem, waiting } from "../parts.js";
import { linkWords } from "../map.js";
import { flows } from "../paint.js";
import { jobButtons, progress, stateOf } from "../panel.js";
import { sent, scenario, isEmpty } from "../scenario.js";
import * as runs from "../run.js";
import * as state from "../state.js";
import { moment, percent, t } from "../words.js";

/** Settings of a view, in the address under its name. @param {string} name @param {Record<string, any>} otherwise */
export function settings(name, otherwise) {
  const key = `${name}.with`;
  /** @type {Record<string, any>} */
  let now = { ...otherwise };
  try { now = { ...otherwise, ...JSON.parse(state.get(key, "{}")) }; } catch { /* an address somebody wrote by hand */ }
  return {
    now,
    /** @param {Record<string, any>} values */
    put(values) {
      Object.assign(now, values);
      const kept = Object.entries(now).filter(([one, value]) => JSON.stringify(value) !== JSON.stringify(otherwise[one]));
      state.set({ [key]: kept.length ? JSON.stringify(Object.fromEntries(kept)) : null });
    },
  };
}

/** A note that says which scenario the work is done on. */
export const onScenario = () => (isEmpty(scenario()) ? h("p", { class: "note" }, t("on.base")) : h("p", { class: "notice" }, t("on.scenario"), " ", own(scenario().name || t("chip.unnamed"))));

/** A button that starts work. @param {any} desk @param {string} name of the view @param {string} label
 * @param {() => {verb: string, settings: Record<string, any>}} ask */
export function starter(desk, name, label, ask) {
  const wrong = h("div");
  return h("div", { class: "stack" }, button(label, async () => {
    fill(wrong);
    try {
      const { verb, settings: wanted } = ask();
      const made = await jobs.start(verb, desk.told.id, verb === "brief" ? null : sent(desk.told.name), wanted);
      state.set({ [name]: made.id });
    } catch (error) { fill(wrong, problem(error)); }
  }, { class: "strong" }), wrong);
}

/**
 * Show the job of a view in `root`: what it is at, or `render` with its result. Returns what stops that.
 * @param {HTMLElement} root @param {string} name of the view @param {string[]} verbs
 * @param {(result: any, job: jobs.Job) => any} render @param {{head: string, rest: string}} empty
 * @param {(job: jobs.Job) => Promise<any>} [fetch] gets the result
 */
export function showJob(root, name, verbs, render, empty, fetch = (one) => jobs.result(one.id)) {
  const bar = h("div", { class: "row between" });
  const status = h("div", { "aria-live": "polite" });
  const body = h("div", { class: "result" });
  fill(root, bar, status, body);
  let seen = "";
  const fail = (/** @type {unknown} */ error) => { fill(status, problem(error)); };

  const draw = async () => {
    const all = jobs.all().filter((one) => verbs.includes(one.verb));
    const wanted = state.get(name);
    const one = wanted ? jobs.job(wanted) : all[0];
    if (wanted && !one && all.length) { state.set({ [name]: null }); return; }
    const options = all.map((each) => /** @type {[string, string]} */ ([each.id, `${t(`verb.${each.verb}`)}${each.name && each.name !== each.verb ? ` · ${each.name}` : ""} · ${moment(each.began)}${each.own ? "" : ` · ${t("of.others")}`}`]));
    fill(bar, all.length > 0 && one && choice(options, one.id, (id) => state.set({ [name]: id }), { "aria-label": t("which.result"), class: "which" }), one && stateOf(one));
    if (!one) {
      seen = "";
      fill(status, nothing(empty.head, empty.rest));
      fill(body);
      return;
    }
    const mark = `${one.id} ${one.state}`;
    if (jobs.goesOn(one)) {
      fill(status, h("div", { class: "stack" }, progress(one), jobButtons(one, fail), h("p", { class: "note" }, t("job.leave"))));
      if (seen !== mark) fill(body);
      seen = mark;
      return;
    }
    if (seen === mark) return;
    seen = mark;
    if (one.state !== "done") {
      fill(status, h("div", { class: "stack" }, one.message ? h("div", { class: "problem" }, h("strong", {}, t(`state.${one.state}`)), h("p", { translate: "no", lang: "en" }, one.message)) : nothing(t(`ended.${one.state}`), t("ended.more")), jobButtons(one, fail), commandBox(one.command)));
      fill(body);
      return;
    }
    fill(status, waiting(t("loading")));
    try {
      const result = await fetch(one);
      if (seen !== mark) return;
      fill(status);
      fill(body, await render(result, one), h("h3", {}, t("command")), commandBox(one.command), h("div", { class: "row" }, jobButtons(one, fail)));
      root.dataset.result = one.id;
    } catch (error) {
      seen = "";
      fill(status, problem(error, () => void draw()));
    }
  };
  const stops = [jobs.watch(() => void draw()), state.watch((changed) => { if (changed.has(name)) void draw(); })];
  jobs.refresh().catch(fail);
  void draw();
  return () => { stops.forEach((stop) => stop()); delete root.dataset.result; };
}

/** Parts of a result, one at a time. @param {string} key in the address @param {[string, string, () => any][]} parts key, label, content */
export function pages(key, parts) {
  const bar = h("div", { class: "pages", role: "group", "aria-label": t("parts") });
  const body = h("div", { class: "stack" });
  const draw = () => {
    const now = parts.find(([one]) => one === state.get(key)) ?? parts[0];
    fill(bar, parts.map(([one, label]) => h("button", { type: "button", "aria-pressed": String(one === now[0]), on: { click: () => { state.set({ [key]: one === parts[0][0] ? null : one }); draw(); } } }, label)));
    fill(body, now[2]());
  };
  draw();
  return h("div", { class: "stack" }, bar, body);
}

/** Paint how goods move, until a result has something else to show; returns what stops that. @param {any} desk */
export function backdrop(desk) {
  const stop = runs.watch(({ run }) => {
    if (!run) return;
    const by = new Map(run.links.map((one) => [one.link, one]));
    void desk.map?.paint(flows(desk.told, run.links, run.resources), (/** @type {string} */ id) => linkWords(desk.told, by.get(id) ?? { link: id, kt: 0 }, percent));
  });
  return stop;
}

/** What the certificate of a result says. @param {any} result */
export const certificate = (result) => h("p", { class: `certificate ${result.certificate?.holds ? "" : "fails"}` }, result.certificate?.holds ? t("certificate.holds") : t("certificate.fails"));
