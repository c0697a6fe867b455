/** Stress: what events cost, by hand or over thousands of futures, and what would be missed most. */

import { to } from "../api.js";
import * as jobs from "../jobs.js";
import { choice, field, figures, fill, folded, h, picture, table, tick } from "../parts.js";
import { ranks } from "../paint.js";
import { linkName, rowName } from "../map.js";
import * as state from "../state.js";
import { amount, inOrder, language, percent, signed, t, three, tonnes, year } from "../words.js";
import { number } from "./plan.js";
import { backdrop, certificate, onScenario, settings, showJob, starter } from "./work.js";

/** @param {any} desk */
export function show(desk) {
  const { told, side, facts, map } = desk;
  const kept = settings("stress", { way: "draws", event: [], days: 365, draws: 1000, seed: 7, sea: false, year: 2030, demand_spread: 1, top: 10, project: [], hand_days: 90 });
  const { now } = kept;
  const event = (/** @type {string} */ id) => (id.startsWith("closed:") ? t("closed", { what: told.names.corridors[id.slice(7)] ?? told.names.places[id.slice(7)] ?? told.names.countries[id.slice(7)] ?? id.slice(7) }) : told.names.events[id] ?? id);
  const form = h("div", { class: "stack" });
  const drawForm = () => {
    const ticked = (/** @type {string} */ id) => tick(event(id), now.event.includes(id), (on) => kept.put({ event: on ? [...now.event, id] : now.event.filter((/** @type {string} */ one) => one !== id) }), { translate: "no" });
    const rows = told.events.filter((/** @type {any} */ one) => now.way === "hand" || one.chance_per_year > 0).map((/** @type {any} */ one) => one.id).sort((/** @type {string} */ a, /** @type {string} */ b) => inOrder(event(a), event(b)));
    const events = h("div", { class: "choices" }, now.way === "hand" && [h("p", { class: "group" }, t("closures")), told.corridors.map((/** @type {string} */ id) => ticked(`closed:${id}`)), h("p", { class: "group" }, t("events.in"))], rows.map(ticked));
    const projects = folded(t("protection"), now.project.length > 0, h("p", { class: "note" }, t("protection.note")), h("div", { class: "choices" }, told.projects.map((/** @type {any} */ one) => tick(told.names.projects[one.id] ?? one.id, now.project.includes(one.id), (on) => kept.put({ project: on ? [...now.project, one.id] : now.project.filter((/** @type {string} */ each) => each !== one.id) }), { translate: "no" }))));
    const years = field(t("year"), number(kept, "year", { min: told.years[0], max: told.years[1] }));
    fill(form,
      h("div", { class: "switch", role: "group", "aria-label": t("stress.way") }, [["draws", t("way.draws")], ["hand", t("way.hand")], ["critical", t("way.critical")]].map(([key, label]) => h("button", { type: "button", "aria-pressed": String(now.way === key), on: { click: () => { kept.put({ way: key, event: [] }); drawForm(); form.querySelector('[aria-pressed="true"]')?.focus(); } } }, label))),
      h("p", { class: "note" }, t(`way.${now.way}.note`)),
      now.way === "draws" && h("div", { class: "grid" }, field(t("draws"), number(kept, "draws", { min: 10, max: 100000 })), field(t("seed"), number(kept, "seed", { min: 0 })), field(t("days.drawn"), number(kept, "days", { min: 1, max: 3650 })), years),
      now.way === "hand" && h("div", { class: "grid" }, field(t("days.last"), number(kept, "hand_days", { min: 1, max: 3650 })), years),
      now.way === "critical" && h("div", { class: "grid" }, field(t("top"), number(kept, "top", { min: 1, max: 100 })), years),
      now.way === "draws" && tick(t("sea.ask"), now.sea, (on) => kept.put({ sea: on })),
      onScenario(),
      starter(desk, "stress", t(`stress.start.${now.way}`), () => {
        if (now.way === "critical") return { verb: "critical", settings: { top: now.top, year: now.year, project: now.project } };
        const both = { event: now.event, year: now.year, project: now.project };
        return { verb: "stress", settings: now.way === "hand" ? { ...both, days: now.hand_days } : { ...both, days: now.days, draws: now.draws, seed: now.seed, sea: now.sea, demand_spread: now.demand_spread === 1 ? null : now.demand_spread } };
      }),
      now.way !== "critical" && [h("h3", {}, now.way === "hand" ? t("events.which") : t("events.among")), now.way === "draws" && h("p", { class: "note" }, t("events.all")), events],
      projects,
      now.way === "draws" && folded(t("options"), false, field(t("demand.spread"), number(kept, "demand_spread", { min: 1, max: 3, step: 0.05 }))));
  };
  drawForm();
  fill(side, h("h2", {}, t("stress.ask")), form);
  const between = (/** @type {any} */ one) => `${three(one.low)} … ${three(one.high)}`;
  const country = { label: t("country"), head: true, cell: (/** @type {any} */ one) => told.names.countries[one.country] ?? one.name };

  const ensemble = (/** @type {any} */ result, /** @type {jobs.Job} */ one) => [
    figures([[t("expected.year"), amount(result.expected_musd.mean, "musd"), between(result.expected_musd)],
      [t("worst", { share: percent(result.worst.share) }), amount(result.worst.cost_musd, "musd")], [t("stranded.short"), tonnes(result.stranded_kt.mean)], [t("draws"), three(result.provenance.draws)]]),
    certificate(result),
    picture(to(`/api/jobs/${one.id}/picture/exceedance`, { language: language() }), t("exceedance.alt")),
    h("h3", {}, t("tails")), table(t("tails"), [
      { label: t("chance"), head: true, cell: (row) => percent(row.chance) }, { label: `${t("cost.least")}, ${t("unit.musd")}`, figure: true, cell: (row) => three(row.cost_musd) }, { label: t("interval"), figure: true, cell: between }], result.tails),
    h("h3", {}, t("by.event")), table(t("by.event"), [
      { label: t("event"), head: true, by: (row) => event(row.event), cell: (row) => event(row.event) }, { label: t("in.draws"), figure: true, by: (row) => row.share, cell: (row) => percent(row.share) },
      { label: t("unit.days"), figure: true, by: (row) => row.days, cell: (row) => three(row.days) }, { label: `${t("cost.with")}, ${t("unit.musd")}`, figure: true, by: (row) => row.with_musd, cell: (row) => three(row.with_musd) }, { label: `${t("cost.without")}, ${t("unit.musd")}`, figure: true, by: (row) => row.without_musd, cell: (row) => three(row.without_musd) }], result.events, { most: 12 }),
    h("h3", {}, t("by.country")), table(t("by.country"), [country, { label: `${t("cost")}, ${t("unit.musd")}`, figure: true, by: (row) => row.cost_musd, cell: (row) => signed(row.cost_musd) }, { label: t("interval"), figure: true, cell: between }], result.countries, { most: 12 })];

  const course = (/** @type {any} */ result) => [
    figures([[t("cost"), amount(result.cost_musd, "musd")], [t("waiting.short"), tonnes(result.waiting_kt)], [t("stranded.short"), tonnes(result.stranded_kt)], [t("given.up"), tonnes(result.forgone_kt)], [t("co2e"), amount(result.co2e_kt, "kt")]]),
    certificate(result),
    h("h3", {}, t("before.after")), table(t("before.after"), [
      { label: t("corridor"), head: true, cell: (row) => told.names.corridors[row.corridor] ?? row.corridor },
      { label: `${t("before")}, ${t("unit.kt")}`, figure: true, by: (row) => row.kt_before, cell: (row) => three(row.kt_before) }, { label: `${t("during")}, ${t("unit.kt")}`, figure: true, by: (row) => row.kt_after, cell: (row) => three(row.kt_after) },
      { label: t("change"), figure: true, by: (row) => Math.abs(row.kt_after - row.kt_before), cell: (row) => h("span", { class: row.kt_after < row.kt_before ? "loss" : "gain" }, signed(row.kt_after - row.kt_before)) },
      { label: t("days.before"), figure: true, cell: (row) => three(row.days_before) }, { label: t("days.during"), figure: true, cell: (row) => three(row.days_after) }], [...result.corridors].sort((a, b) => Math.abs(b.kt_after - b.kt_before) - Math.abs(a.kt_after - a.kt_before)), { most: 12 }),
    h("h3", {}, t("spans")), table(t("spans"), [{ label: t("days.from"), head: true, cell: (row) => three(row.begins) }, { label: t("days.to"), figure: true, cell: (row) => three(row.ends) }, { label: t("carried"), figure: true, cell: (row) => percent(row.share) }, { label: t("backlog"), figure: true, cell: (row) => tonnes(row.backlog_kt) }], result.spans),
    h("h3", {}, t("by.country")), table(t("by.country"), [country, { label: `${t("cost")}, ${t("unit.musd")}`, figure: true, by: (row) => row.cost_musd, cell: (row) => signed(row.cost_musd) }], result.countries, { most: 12 })];

  const critical = (/** @type {any} */ result) => {
    void map?.paint(ranks(told, result.rows), (/** @type {string} */ id) => { const row = result.rows.find((/** @type {any} */ one) => one.row === id); return `${linkName(told, id)}${row ? `: ${amount(row.cost_musd, "musd_y")}` : ""}`; });
    return [h("p", {}, t("critical.words", { n: result.rows.length, year: year(result.provenance.year) })), certificate(result),
      table(t("critical"), [
        { label: t("critical.what"), head: true, cell: (row) => h("button", { type: "button", class: "link", on: { click: () => { void map?.mark(row.row); map?.fit([row.row]); } } }, rowName(told, row.row)) },
        { label: `${t("cost")}, ${t("unit.musd_y")}`, figure: true, by: (row) => row.cost_musd, cell: (row) => three(row.cost_musd) }, { label: t("load"), figure: true, by: (row) => row.kt, cell: (row) => tonnes(row.kt) }, { label: t("stranded.short"), figure: true, by: (row) => row.stranded_kt, cell: (row) => tonnes(row.stranded_kt) }], result.rows, { most: 20 }),
      h("h3", {}, t("critical.countries")), table(t("critical.countries"), [{ ...country, cell: (row) => told.names.countries[row.country] ?? row.name }, { label: `${t("cost")}, ${t("unit.musd_y")}`, figure: true, by: (row) => row.cost_musd, cell: (row) => three(row.cost_musd) }, { label: t("transit"), figure: true, cell: (row) => tonnes(row.transit_kt) }], result.countries, { most: 12 })];
  };
  let stopFlows = backdrop(desk);
  const stop = showJob(facts, "stress", ["stress", "critical"], (result, one) => { stopFlows(); if (one.verb !== "critical") stopFlows = backdrop(desk); return one.verb === "critical" ? critical(result) : result.result === "course" ? course(result) : ensemble(result, one); }, { head: t("stress.none"), rest: t("stress.none.more") });
  return () => { stop(); stopFlows(); };
}
