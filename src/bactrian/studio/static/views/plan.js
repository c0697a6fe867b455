/** Plan: which projects to build, within a budget, and what they bring. */

import { fetched, to } from "../api.js";
import * as jobs from "../jobs.js";
import { choice, field, figures, fill, folded, h, own, picture, table, tick } from "../parts.js";
import { built } from "../paint.js";
import { linkName } from "../map.js";
import * as state from "../state.js";
import { amount, language, percent, signed, t, three, word, year } from "../words.js";
import { backdrop, certificate, onScenario, pages, settings, showJob, starter } from "./work.js";

const MOST = 20;

/** A number with limits. @param {any} kept @param {string} key @param {Record<string, any>} attributes */
export function number(kept, key, attributes) {
  const input = h("input", { type: "number", value: kept.now[key], ...attributes });
  input.addEventListener("change", () => { if (input.value === "" || input.checkValidity()) kept.put({ [key]: input.value === "" ? null : Number(input.value) }); });
  return input;
}

/** Ids of the rows that projects change. @param {any} told @param {string[]} ids */
async function rowsOf(told, ids) {
  const { rows } = await fetched(to("/api/tables/effects", { case: told.id }));
  const wanted = new Set(ids);
  return new Set(rows.filter((/** @type {any} */ one) => wanted.has(one.cause)).flatMap((/** @type {any} */ one) => String(one.rows).split(/\s+/)));
}

/** @param {any} desk */
export function show(desk) {
  const { told, side, facts, map } = desk;
  const kept = settings("plan", { budget: 8, first: 2026, last: 2040, discount: 5, carbon: 0, scenario: "", frontier: false, robust: false, within: 2, time_limit: 200, build: [], never: [] });
  const { now } = kept;
  const name = (/** @type {string} */ id) => told.names.projects[id] ?? id;
  const money = h("output", { translate: "no" });
  const budget = h("input", { type: "range", min: 0, max: MOST, step: 0.25, value: now.budget, "aria-label": t("budget") });
  const say = () => { money.textContent = Number(budget.value) >= MOST ? t("no.limit") : amount(Number(budget.value), "bnusd"); budget.setAttribute("aria-valuetext", money.textContent); };
  budget.addEventListener("input", () => { say(); kept.put({ budget: Number(budget.value) }); });
  say();
  const candidates = told.projects.filter((/** @type {any} */ one) => one.candidate ?? !["completed", "under_construction"].includes(one.status));
  const pin = (/** @type {any} */ one) => choice([["", t("pin.free")], ["build", t("pin.build")], ["never", t("pin.never")]].map(([key, label]) => [key, label]),
    now.build.includes(one.id) ? "build" : now.never.includes(one.id) ? "never" : "", (value) => kept.put({
      build: [...now.build.filter((/** @type {string} */ id) => id !== one.id), ...(value === "build" ? [one.id] : [])],
      never: [...now.never.filter((/** @type {string} */ id) => id !== one.id), ...(value === "never" ? [one.id] : [])],
    }), { "aria-label": t("pin.of", { name: name(one.id) }) });
  const drawProjects = () => fill(projects, table(t("projects"), [
    { label: t("project"), head: true, cell: (one) => [name(one.id), h("span", { class: "note" }, ` ${one.id} · ${amount(one.capex_musd, "musd")}`)] },
    { label: t("decision"), cell: pin },
  ], candidates));
  const projects = h("div", { class: "projects" });
  drawProjects();
  fill(side, h("h2", {}, t("plan.ask")),
    h("div", { class: "dial set" }, h("span", {}, t("budget")), money, budget),
    h("div", { class: "grid" }, field(t("year.first"), number(kept, "first", { min: 2020, max: 2060 })), field(t("year.last"), number(kept, "last", { min: 2021, max: 2060 })),
      field(t("discount"), number(kept, "discount", { min: 0, max: 30, step: 0.5 })), field(t("dial.carbon.short"), number(kept, "carbon", { min: 0, max: 1000, step: 5 }))),
    onScenario(),
    starter(desk, "plan", t("plan.start"), () => ({ verb: "plan", settings: {
      budget: now.budget >= MOST ? "" : `${now.budget} bn USD`, years: `${now.first}-${now.last}`, discount: (now.discount ?? 5) / 100, carbon: now.carbon || null,
      build: now.build, never: now.never, scenario: now.scenario, frontier: now.frontier, robust: now.robust, within: (now.within ?? 2) / 100, time_limit: now.time_limit,
    } })),
    folded(t("options"), false, field(t("future"), choice([["", t("as.is")], ...told.futures.map((/** @type {string} */ id) => [id, told.names.scenarios[id] ?? id])], now.scenario, (value) => kept.put({ scenario: value }))),
      tick(t("frontier.ask"), now.frontier, (on) => kept.put({ frontier: on })), tick(t("robust.ask"), now.robust, (on) => kept.put({ robust: on })),
      h("div", { class: "grid" }, field(t("within"), number(kept, "within", { min: 0, max: 50, step: 0.5 })), field(t("time.limit"), number(kept, "time_limit", { min: 5, max: 3600 })))),
    h("h3", {}, t("projects")), projects);

  /** @param {any} result @param {jobs.Job} one */
  const render = async (result, one) => {
    const chosen = result.projects.map((/** @type {any} */ each) => each.id);
    const called = (/** @type {string[]} */ ids) => ids.map((id) => name(id)).join(", ");
    stopFlows();
    void rowsOf(told, chosen).then((rows) => map?.paint(built(told, rows), (/** @type {string} */ id) => linkName(told, id)));
    const pinned = (/** @type {string} */ id, /** @type {string} */ key, /** @type {string} */ label) => h("button", { type: "button", class: "link", on: { click: () => {
      kept.put({ build: now.build.filter((/** @type {string} */ each) => each !== id), never: now.never.filter((/** @type {string} */ each) => each !== id) });
      kept.put({ [key]: [...now[key], id] });
      drawProjects();
    } } }, label);
    const { appraisal, alternatives } = result;
    return [
      figures([[t("npv"), amount(result.value_musd, "musd")], [t("bcr"), three(appraisal.ratio)], [t("irr"), percent(appraisal.internal_rate)], [t("capex"), amount(appraisal.spent_musd, "musd")], [t("projects"), String(chosen.length)]]),
      certificate(result), result.ended === "time limit" && h("p", { class: "notice" }, t("plan.timed")),
      pages("plan.part", [
        ["projects", t("portfolio"), () => [table(t("portfolio"), [
          { label: t("project"), head: true, by: (row) => row.name, cell: (row) => [name(row.id), h("span", { class: "note" }, ` ${row.id}`)] },
          { label: t("opens"), figure: true, by: (row) => row.opens, cell: (row) => [year(row.opens), h("span", { class: "note" }, ` (${year(row.start)}–${year(row.works_end)})`)] },
          { label: `${t("capex")}, ${t("unit.musd")}`, figure: true, by: (row) => row.capex_musd, cell: (row) => three(row.capex_musd) },
          { label: `${t("put.in")}, ${t("unit.musd")}`, note: t("put.in.note"), figure: true, by: (row) => row.put_in_musd, cell: (row) => signed(row.put_in_musd) },
          { label: `${t("take.out")}, ${t("unit.musd")}`, note: t("take.out.note"), figure: true, by: (row) => row.take_out_musd, cell: (row) => signed(row.take_out_musd) },
          { label: t("bcr"), figure: true, by: (row) => row.ratio, cell: (row) => three(row.ratio) },
          { label: t("replan"), cell: (row) => pinned(row.id, "never", t("pin.never")) },
        ], result.projects), h("p", { class: "note" }, t("put.in.words")), h("ul", {}, (result.in_words ?? []).map((/** @type {string} */ line) => h("li", { class: "note", translate: "no", lang: "en" }, line))),
        h("h3", {}, t("not.chosen")), table(t("not.chosen"), [
          { label: t("project"), head: true, cell: (row) => [name(row.id), h("span", { class: "note" }, ` ${row.id}`)] }, { label: `${t("capex")}, ${t("unit.musd")}`, figure: true, by: (row) => row.capex_musd, cell: (row) => three(row.capex_musd) },
          { label: `${t("would.lose")}, ${t("unit.musd")}`, note: t("would.lose.note"), figure: true, by: (row) => result.value_musd - row.best_with_musd, cell: (row) => (row.best_with_musd === null || row.best_with_musd === undefined ? "–" : three(result.value_musd - row.best_with_musd)) },
          { label: t("replan"), cell: (row) => pinned(row.id, "build", t("pin.build")) },
        ], result.not_chosen, { most: 12 }), folded(t("not.open"), false, table(t("not.open"), [{ label: t("project"), head: true, cell: (row) => [name(row.id), h("span", { class: "note" }, ` ${row.id}`)] }, { label: t("why"), cell: (row) => word("why", row.why) }], result.left_out ?? []))]],
        ["programme", t("programme"), () => picture(to(`/api/jobs/${one.id}/picture/programme`, { language: language() }), t("programme.alt"))],
        ["alternatives", t("alternatives"), () => [h("p", {}, t("alternatives.words", { within: percent(alternatives.within) })),
          h("dl", { class: "stack" }, [["always", alternatives.always], ["sometimes", alternatives.sometimes], ["never", alternatives.never]].map(([key, ids]) => h("div", {}, h("dt", { class: "label" }, t(`alternatives.${key}`)), h("dd", {}, own(called(ids) || "–"))))),
          table(t("alternatives"), [{ label: t("with"), head: true, cell: (row) => row.more.join(" ") || "–" }, { label: t("without"), cell: (row) => row.less.join(" ") || "–" }, { label: `${t("npv")}, ${t("unit.musd")}`, figure: true, cell: (row) => three(row.value_musd) }, { label: t("less.by"), figure: true, cell: (row) => percent(1 - row.value_musd / result.value_musd) }], alternatives.programmes, { most: 15 })]],
        ["countries", t("countries"), () => table(t("countries"), [
          { label: t("country"), head: true, cell: (row) => told.names.countries[row.country] ?? row.name }, { label: t("shippers"), figure: true, by: (row) => row.gain, cell: (row) => signed(row.gain) }, { label: t("forgone"), figure: true, by: (row) => row.forgone, cell: (row) => three(row.forgone) }, { label: t("costs"), figure: true, by: (row) => row.cost, cell: (row) => three(row.cost) }, { label: `${t("net")}, ${t("unit.musd")}`, figure: true, by: (row) => row.net, cell: (row) => h("span", { class: row.net < 0 ? "loss" : "gain" }, signed(row.net)) }], result.countries)],
        ...(result.frontier ? [/** @type {[string, string, () => any]} */ (["frontier", t("frontier"), () => picture(to(`/api/jobs/${one.id}/picture/frontier`, { language: language() }), t("frontier.alt"))])] : []),
        ...(result.robust ? [/** @type {[string, string, () => any]} */ (["robust", t("robust"), () => robust(result.robust)])] : []),
      ])];
  };
  const robust = (/** @type {any} */ found) => table(t("robust"), [
    { label: t("programme"), head: true, cell: (row) => row.name ?? row.programme ?? "–" }, { label: t("expected"), figure: true, cell: (row) => three(row.expected_musd ?? row.expected) }, { label: t("regret"), figure: true, cell: (row) => three(row.regret_musd ?? row.regret) }], found.programmes ?? []);
  const stopFlows = backdrop(desk);
  const stop = showJob(facts, "plan", ["plan"], render, { head: t("plan.none"), rest: t("plan.none.more") });
  return () => { stop(); stopFlows(); };
}
