/** Share: who gains and who pays when countries build together, under each rule, and who would walk away. */

import { to } from "../api.js";
import * as jobs from "../jobs.js";
import { choice, field, figures, fill, folded, h, own, picture, table, tick } from "../parts.js";
import { amount, inOrder, language, percent, signed, t, three, word, year } from "../words.js";
import { number } from "./plan.js";
import { certificate, onScenario, pages, settings, showJob, starter } from "./work.js";
import * as state from "../state.js";

const RULES = ["nucleolus", "shapley", "prenucleolus", "least-core", "tau", "gately", "separable-costs", "equal", "equal-surplus", "proportional"];

/** @param {any} desk */
export function show(desk) {
  const { told, side, facts } = desk;
  const kept = settings("share", { players: [], money: {}, rule: "", plan: "", first: 2026, last: 2040, discount: 5 });
  const { now } = kept;
  const countries = told.names.countries;
  const withProjects = [...new Set(told.projects.flatMap((/** @type {any} */ one) => one.countries))];
  const by = (/** @type {string} */ one, /** @type {string} */ other) => inOrder(countries[one] ?? one, countries[other] ?? other);
  const name = (/** @type {string} */ id) => countries[id] ?? id;
  const form = h("div", { class: "stack" });
  const drawForm = () => {
    const player = (/** @type {string} */ id) => tick(name(id), now.players.includes(id), (on) => { kept.put({ players: on ? [...now.players, id] : now.players.filter((/** @type {string} */ one) => one !== id) }); drawMoney(); }, { translate: "no" });
    const plans = jobs.all().filter((one) => one.verb === "plan" && one.state === "done");
    const money = h("div", { class: "grid" });
    const drawMoney = () => fill(money, now.players.map((/** @type {string} */ id) => {
      const input = h("input", { type: "number", min: 0, step: 0.1, value: now.money[id] ?? "" });
      input.addEventListener("change", () => { const next = { ...now.money }; if (input.value) next[id] = Number(input.value); else delete next[id]; kept.put({ money: next }); });
      return field(`${name(id)}, ${t("unit.bnusd")}`, input);
    }));
    drawMoney();
    fill(form,
      field(t("of.plan"), choice([["", t("of.all")], ...plans.map((one) => /** @type {[string, string]} */ ([one.id, `${one.name} · ${one.id.slice(0, 6)}`]))], now.plan, (value) => { kept.put({ plan: value }); drawForm(); })),
      !now.plan && h("div", { class: "grid" }, field(t("year.first"), number(kept, "first", { min: 2020, max: 2060 })), field(t("year.last"), number(kept, "last", { min: 2021, max: 2060 })), field(t("discount"), number(kept, "discount", { min: 0, max: 30, step: 0.5 }))),
      field(t("rule"), choice([["", t("rule.all")], ...RULES.map((one) => /** @type {[string, string]} */ ([one, t(`rule.${one}`)]))], now.rule, (value) => kept.put({ rule: value }))),
      onScenario(),
      starter(desk, "share", t("share.start"), () => ({ verb: "share", settings: {
        players: now.players.join(" "), plan: now.plan, rule: now.rule, money: Object.entries(now.money).filter(([id]) => now.players.includes(id)).map(([id, sum]) => `${id}: ${sum} bn USD`),
        ...(now.plan ? {} : { years: `${now.first}-${now.last}`, discount: (now.discount ?? 5) / 100 }),
      } })),
      h("h3", {}, t("players")), h("p", { class: "note" }, t("players.note")),
      h("div", { class: "choices" }, h("p", { class: "group" }, t("players.with")), withProjects.sort(by).map(player), h("p", { class: "group" }, t("players.rest")), Object.keys(countries).filter((id) => !withProjects.includes(id)).sort(by).map(player)),
      folded(t("money"), Object.keys(now.money).length > 0, h("p", { class: "note" }, t("money.note")), money));
  };
  drawForm();
  fill(side, h("h2", {}, t("share.ask")), form);

  /** @param {any} result @param {jobs.Job} one */
  const render = (result, one) => {
    const players = result.players.map((/** @type {any} */ each) => each.id);
    const called = Object.fromEntries(result.players.map((/** @type {any} */ each) => [each.id, countries[each.id] ?? each.name]));
    const group = (/** @type {string[]} */ ids) => ids.map((id) => called[id] ?? id).join(", ");
    const { game } = result;
    const rules = game.allocations;
    const wanted = rules.find((/** @type {any} */ each) => each.rule === result.provenance.rule) ?? rules[0];
    const cells = (/** @type {(rule: any, id: string) => any} */ of) => players.map((/** @type {string} */ id) => ({ label: called[id], figure: true, cell: (/** @type {any} */ rule) => of(rule, id) }));
    const rule = { label: t("rule"), head: true, cell: (/** @type {any} */ each) => word("rule", each.rule) };
    return [
      figures([[t("together"), amount(result.value_musd, "musd")], [t("projects"), String(result.programme.length)], [t("core"), game.core.empty ? t("core.empty") : t("core.there")], [t("outsiders"), amount(result.outside_musd, "musd")]]),
      certificate(result),
      h("p", {}, game.core.empty ? t("core.empty.words") : t("core.there.words")),
      pages("share.part", [
        ["allocation", t("allocation"), () => [
          picture(one.settings?.plan ? to(`/api/jobs/${one.id}/picture/shares`, { language: language() }) : `/api/jobs/${one.id}/files/share.svg`, t("shares.alt")),
          h("h3", {}, t("gets", { unit: t("unit.musd") })), table(t("allocation"), [rule, ...cells((each, id) => signed(each.shares[id])),
            { label: t("leavers"), cell: (each) => ((each.leavers ?? []).length ? (each.leavers ?? []).map((/** @type {any} */ who) => `${group(who.players ?? who)}${who.gain_musd ?? who.excess ? ` (${signed(who.gain_musd ?? who.excess)})` : ""}`).join("; ") : t("nobody")) }], rules)]],
        ["transfers", t("transfers"), () => [
          h("h3", {}, t("transfers.each", { unit: t("unit.musd") })), h("p", { class: "note" }, t("transfers.note")),
          table(t("transfers"), [rule, ...cells((each, id) => signed(each.transfers?.[id]))], rules),
          h("h3", {}, t("payments", { rule: word("rule", wanted.rule) })), (wanted.payments ?? []).length ? table(t("transfers"), [{ label: t("from"), head: true, cell: (row) => called[row.from] ?? row.from }, { label: t("to"), cell: (row) => called[row.to] ?? row.to }, { label: t("unit.musd"), figure: true, cell: (row) => three(row.musd) }], wanted.payments) : h("p", { class: "note" }, t("payments.none"))]],
        ["before", t("accounts"), () => table(t("accounts"), [{ label: t("player"), head: true, cell: (row) => called[row.player] ?? row.player },
          { label: t("shippers"), figure: true, cell: (row) => signed(row.shippers) }, { label: t("carriers"), figure: true, cell: (row) => signed(row.carriers) }, { label: t("costs"), figure: true, cell: (row) => three(row.capital + row.operating - row.residual) }, { label: `${t("net")}, ${t("unit.musd")}`, figure: true, cell: (row) => h("span", { class: row.net < 0 ? "loss" : "gain" }, signed(row.net)) }], result.accounts)],
        ["programme", t("programme"), () => [result.programme.length ? table(t("programme"), [{ label: t("project"), head: true, cell: (row) => [told.names.projects[row.id] ?? row.name, h("span", { class: "note" }, ` ${row.id}`)] }, { label: t("land.of"), cell: (row) => row.hosts.map(name).join(", ") }, { label: t("opens"), figure: true, cell: (row) => year(row.opens) }, { label: `${t("capex")}, ${t("unit.musd")}`, figure: true, cell: (row) => three(row.capex_musd) }], result.programme) : h("p", {}, t("programme.none")),
          result.left_out?.length > 0 && [h("h3", {}, t("left.out")), h("p", { class: "note" }, own(result.left_out.map((/** @type {any} */ row) => told.names.projects[row.id] ?? row.id).join(", ")))]]],
        ["coalitions", t("coalitions"), () => table(t("coalitions"), [{ label: t("players"), head: true, cell: (row) => group(row.players) }, { label: `${t("worth.of")}, ${t("unit.musd")}`, figure: true, by: (row) => row.value_musd, cell: (row) => three(row.value_musd) }, { label: t("builds"), cell: (row) => row.projects.map((/** @type {any} */ each) => each.id ?? each).join(" ") || "–" }], result.coalitions, { sorted: 1 })],
      ])];
  };
  let plans = "";
  const stop = showJob(facts, "share", ["share"], render, { head: t("share.none"), rest: t("share.none.more") });
  const stopPlans = jobs.watch(() => {
    const next = jobs.all().filter((one) => one.verb === "plan" && one.state === "done").map((one) => one.id).join();
    if (next !== plans && !form.contains(document.activeElement)) { plans = next; drawForm(); }
  });
  return () => { stop(); stopPlans(); };
}
