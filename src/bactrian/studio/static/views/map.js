/** Map: what moves where, how full it is, and all that is known of a link or a port. */

import { folded, button, choice, field, figures, fill, h, nothing, own, problem, table, waiting } from "../parts.js";
import { flows } from "../paint.js";
import { linkName, linkWords, rowName } from "../map.js";
import * as runs from "../run.js";
import { isShut, NEVER, setCell } from "../scenario.js";
import * as state from "../state.js";
import { amount, inOrder, percent, t, three, tonnes, word, year } from "../words.js";

/** @param {Record<string, string>} names @param {string[]} ids @returns {[string, string][]} */
const options = (names, ids) => ids.map((id) => /** @type {[string, string]} */ ([id, names[id] ?? id])).sort((a, b) => inOrder(a[1], b[1]));

/** @param {any} desk */
export function show(desk) {
  const { told, map, side, facts } = desk;
  const totals = h("div", { class: "totals", "aria-live": "polite" });
  const twin = h("div", { class: "twin" });
  const search = h("input", { type: "search", placeholder: t("search"), "aria-label": t("map.search"), value: state.get("find") });
  search.addEventListener("input", () => { state.set({ find: search.value }); });
  const tabs = h("div", { class: "switch", role: "group", "aria-label": t("map.twin") });
  const years = h("input", { type: "number", min: told.years[0], max: told.years[1], step: 1, value: runs.chosenYear() });
  years.addEventListener("change", () => { if (years.value && years.checkValidity()) state.set({ year: years.value }); });
  fill(side, h("h2", { class: "unseen" }, t("tab.map")),
    h("div", { class: "grid" },
      field(t("commodity"), choice([["", t("all")], ...options(told.names.commodities, told.commodities.map((/** @type {any} */ one) => one.id))], state.get("commodity"), (value) => state.set({ commodity: value }))),
      field(t("year"), years),
      field(t("corridor"), choice([["", t("all")], ...options(told.names.corridors, told.corridors)], state.get("corridor"), (value) => state.set({ corridor: value }), { class: "wide" }))),
    totals, h("div", { class: "row between" }, tabs, search), twin);

  /** @type {any} */
  let shown = { state: "waiting" };
  /** @type {any[]} */
  let links = [];
  let turn = 0;

  const rows = () => {
    const ports = state.get("twin") === "ports";
    fill(tabs, [["links", t("map.links")], ["ports", t("map.ports")]].map(([key, label]) =>
      h("button", { type: "button", "aria-pressed": String((key === "ports") === ports), on: { click: () => state.set({ twin: key === "ports" ? "ports" : "" }) } }, label)));
    if (!shown.run) return;
    const wanted = state.get("find").toLocaleLowerCase();
    const chosen = state.get("row").replace(/^\w+:/, "");
    const found = (ports
      ? shown.run.resources.filter((/** @type {any} */ one) => one.table === "terminals").map((/** @type {any} */ one) => ({ row: one.row, name: rowName(told, one.row), kt: one.load_kt, use: one.utilisation, kind: "row" }))
      : links.map((one) => ({ row: one.link, name: linkName(told, one.link), kt: one.kt, use: one.utilisation, kind: "link" })))
      .filter((/** @type {any} */ one) => (one.kt > 0.05 || wanted) && one.name.toLocaleLowerCase().includes(wanted))
      .sort((/** @type {any} */ a, /** @type {any} */ b) => b.kt - a.kt);
    fill(twin, found.length ? table(ports ? t("map.ports") : t("map.links"), [
      { label: ports ? t("map.port") : t("map.link"), head: true, by: (one) => one.name, cell: (one) => h("button", { type: "button", class: "link", on: { click: () => state.set({ row: `${one.kind}:${one.row}` }) } }, one.name) },
      { label: t("load"), figure: true, by: (one) => one.kt, cell: (one) => tonnes(one.kt) },
      { label: t("use"), figure: true, by: (one) => one.use, cell: (one) => percent(one.use) },
    ], found, { row: (one) => ({ "aria-current": one.row === chosen ? "true" : null }) }) : nothing(t("map.empty")));
  };

  const draw = async () => {
    const mine = ++turn;
    if (shown.state === "failed") {
      fill(totals, problem(shown.error, () => runs.refresh(0)));
      fill(twin);
      return;
    }
    totals.classList.toggle("stale", shown.state === "waiting");
    if (!shown.run) { fill(totals, waiting(t("run.waiting"))); return; }
    const { run } = shown;
    const [commodity, corridor] = [state.get("commodity"), state.get("corridor")];
    try {
      links = commodity || corridor ? await runs.linksOf(run.key, commodity, corridor) : run.links;
    } catch (error) {
      if (mine === turn) fill(totals, problem(error));
      return;
    }
    if (mine !== turn) return;
    const way = run.summary.corridors.find((/** @type {any} */ one) => one.corridor === corridor);
    const { demand, carbon, certificate } = run.summary;
    fill(totals, figures(way ? [
      [t("carried"), tonnes(way.kt), percent(way.share)], [t("time"), amount(way.time_h / 24, "days")], [t("price"), amount(way.usd, "usd_t")],
    ] : [
      [t("carried"), tonnes(demand.carried_kt), demand.stranded_kt > 0.5 ? t("stranded", { kt: tonnes(demand.stranded_kt) }) : ""],
      [t("co2e"), amount(carbon.wtw_t / 1e6, "Mt")],
      [t("fullest"), percent(Math.max(...run.resources.map((/** @type {any} */ one) => one.utilisation ?? 0)))],
    ]), h("p", { class: `certificate ${certificate.holds ? "" : "fails"}` }, certificate.holds ? t("certificate.holds") : t("certificate.fails"), shown.state === "waiting" ? ` · ${t("run.again")}` : ""));
    const by = new Map(links.map((one) => [one.link, one]));
    await map?.paint(flows(told, links, run.resources), (/** @type {string} */ id) => linkWords(told, by.get(id) ?? { link: id, kt: 0 }, percent));
    desk.stage.dataset.key = run.key;
    rows();
  };

  const details = async () => {
    const [kind, id] = state.get("row").split(/:(.*)/);
    if (!id) {
      delete facts.parentElement.dataset.facts;
      fill(facts);
      void map?.mark("");
      map?.resize();
      return;
    }
    facts.parentElement.dataset.facts = "open";
    map?.resize();
    void map?.mark(kind === "link" ? id : "");
    if (kind === "link") void map?.reveal([id]);
    const top = (/** @type {string} */ name, /** @type {any} */ note) => h("div", { class: "row between top" }, h("div", {}, own(h("h2", {}, name)), h("p", { class: "note" }, note)), button("×", () => state.set({ row: null }), { class: "plain", "aria-label": t("close"), title: t("close.esc") }));
    if (kind === "place") {
      const place = told.places.find((/** @type {any} */ one) => one.id === id);
      if (!place) { state.set({ row: null }); return; }
      const used = new Map((shown.run?.resources ?? []).map((/** @type {any} */ one) => [one.row, one]));
      const near = told.links.filter((/** @type {any} */ one) => one.from === id || one.to === id);
      fill(facts, top(told.names.places[id] ?? id, own(told.names.countries[place.country] ?? place.country)),
        h("h3", {}, t("place.terminals")), place.terminals.length ? table(t("place.terminals"), [
          { label: t("handling"), head: true, cell: (one) => h("button", { type: "button", class: "link", on: { click: () => state.set({ row: `row:${one.id}` }) } }, word("handling", one.handling)) },
          { label: t("load"), figure: true, cell: (one) => tonnes(used.get(one.id)?.load_kt) }, { label: t("use"), figure: true, cell: (one) => percent(used.get(one.id)?.utilisation) },
        ], place.terminals) : h("p", { class: "note" }, t("place.none")),
        h("h3", {}, t("place.links")), table(t("place.links"), [
          { label: t("map.link"), head: true, cell: (one) => h("button", { type: "button", class: "link", on: { click: () => state.set({ row: `link:${one.id}` }) } }, linkName(told, one.id)) },
          { label: t("load"), figure: true, cell: (one) => tonnes(links.find((each) => each.link === one.id)?.kt ?? 0) },
        ], near));
      return;
    }
    const name = rowName(told, id);
    fill(facts, top(name, ""), waiting(t("loading")));
    if (!shown.run) return;
    try {
      const { key } = shown.run;
      const found = await runs.through(key, id);
      if (state.get("row") !== `${kind}:${id}` || shown.run?.key !== key) return;
      const { resource, users, cells, source, table: of } = found;
      const shut = isShut(of, id);
      const zone = (/** @type {string} */ key) => told.names.zones[key] ?? key;
      const load = resource?.load_kt ?? users.reduce((/** @type {number} */ sum, /** @type {any} */ one) => sum + one.kt, 0);
      const says = /^https?:\/\//.test(source?.address ?? "") ? h("a", { href: source.address, target: "_blank", rel: "noreferrer noopener" }, source.address) : source?.address;
      fill(facts, top(name, own(id)),
        h("div", { class: "row" }, shut ? button(t("reopen"), () => setCell(of, id, "opens", undefined)) : button(t("shut"), () => setCell(of, id, "opens", NEVER), { class: "strong" }),
          kind === "link" && button(t("map.zoom"), () => map?.fit([id]))),
        shut && h("p", { class: "notice" }, t("is.shut")),
        figures([[t("load"), tonnes(load)],
          [t("capacity"), resource?.capacity_kt ? tonnes(resource.capacity_kt) : t("no.limit")], [t("use"), resource ? percent(resource.utilisation) : "–"],
          [t("wait"), resource ? amount(resource.wait_h, "h") : "–"], [t("worth"), resource ? amount(resource.worth_usd_per_t, "usd_t") : "–"]]),
        h("h3", {}, t("users")), users.length ? table(t("users"), [
          { label: t("trade"), head: true, by: (one) => zone(one.origin), cell: (one) => [`${zone(one.origin)} → ${zone(one.destination)}`, h("span", { class: "note block" }, told.names.commodities[one.commodity] ?? one.commodity)] },
          { label: t("unit.kt"), figure: true, by: (one) => one.kt, cell: (one) => three(one.kt) },
          { label: t("part"), note: t("part.note"), figure: true, by: (one) => one.share, cell: (one) => percent(one.share) },
        ], [...users].sort((a, b) => b.kt - a.kt), { most: 12 }) : h("p", { class: "note" }, t("users.none")),
        h("h3", {}, t("source")), h("p", {}, own(source?.title ?? "–")), h("p", { class: "note" }, own(says), source?.quality && h("span", { class: "mark" }, word("quality", source.quality))),
        folded(t("cells"), false, table(t("cells"), [
          { label: t("column"), head: true, cell: (one) => one.column }, { label: t("value"), cell: (one) => [one.value, one.unit ? ` ${one.unit}` : ""] },
        ], cells)));
    } catch (error) {
      fill(facts, top(name, own(id)), problem(error, () => void details()));
    }
  };

  const stops = [
    runs.watch((next) => { const again = next.run?.key !== shown.run?.key; shown = next; void draw(); if (again) void details(); }),
    state.watch((changed) => {
      if (changed.has("commodity") || changed.has("corridor")) void draw();
      if (changed.has("row")) { void details(); rows(); }
      if (changed.has("find") || changed.has("twin")) rows();
      if (changed.has("year")) years.value = year(runs.chosenYear());
    }),
  ];
  if (!state.get("row")) void details();
  return () => stops.forEach((stop) => stop());
}
