/** Scenario: dials and closures, and what they change beside the base, as tables and as a map. */

import { fetched, send, upload } from "../api.js";
import { button, chooseFile, choice, commandBox, field, figures, fill, folded, h, nothing, own, problem, save, table, tick, waiting } from "../parts.js";
import { changes, flows } from "../paint.js";
import { linkName, linkWords, rowName } from "../map.js";
import * as runs from "../run.js";
import { change, count, DIALS, isEmpty, NEVER, position, scenario, sent, setCell, take, tariff, turn } from "../scenario.js";
import * as state from "../state.js";
import { amount, inOrder, percent, signed, t, three, tonnes, word, year } from "../words.js";

/** A slider with its words, that can be put back. @param {string} label @param {{min: number, max: number, step: number, value: number, rest: number, words: (value: number) => string, act: (value: number | null) => void, note?: string, own?: boolean}} options */
function slider(label, options) {
  const input = h("input", { type: "range", min: options.min, max: options.max, step: options.step, "aria-label": label });
  input.value = String(options.value);
  const output = h("output", { translate: "no" });
  const back = button(t("dial.back"), () => { input.value = String(options.rest); draw(); options.act(null); }, { "aria-label": `${t("dial.back")}: ${label}` });
  const dial = h("div", { class: "dial" }, h("span", { translate: options.own ? "no" : null }, label), h("span", { class: "end" }, back, output), input, options.note && h("span", { class: "note" }, options.note));
  const draw = () => {
    const value = Number(input.value);
    output.textContent = options.words(value);
    input.setAttribute("aria-valuetext", output.textContent);
    back.hidden = Math.abs(value - options.rest) < options.step / 2;
    dial.classList.toggle("set", !back.hidden);
  };
  input.addEventListener("input", () => { draw(); options.act(Math.abs(Number(input.value) - options.rest) < options.step / 2 ? null : Number(input.value)); });
  draw();
  return dial;
}

const points = (/** @type {number} */ value) => `${signed(value)} ${word("unit", "points")}`;
const more = (/** @type {number} */ value) => (value === 0 ? t("dial.base") : `${signed(value)} %`);

/** @param {any} desk */
export function show(desk) {
  const { told, map, side, facts, stage } = desk;
  const dials = h("div");
  const keep = h("div", { class: "stack" });
  const wrong = h("div", { role: "status" });
  fill(side, dials, keep);

  const drawDials = () => {
    const draft = scenario();
    const modes = told.modes.map((/** @type {any} */ one) => one.id);
    const dial = (/** @type {any} */ one, /** @type {string} */ label, foreign = false) => slider(label, {
      own: foreign,
      min: one.least, max: one.most, step: one.by, value: position(one), rest: 0, words: one.add ? points : more, act: (value) => turn(one, value ?? 0),
    });
    const carbon = Number(state.get("carbon", "0"));
    const on = Object.keys(draft.causes ?? {});
    const causes = (/** @type {string[]} */ ids, /** @type {Record<string, string>} */ names) => ids.map((id) => [id, names[id] ?? id]).sort((a, b) => inOrder(a[1], b[1])).map(([id, name]) =>
      tick(name, on.includes(id), (checked) => change((one) => {
        const all = (one.causes ??= {});
        if (checked) all[id] = 1;
        else delete all[id];
      }), { translate: "no" }));
    const shut = Object.entries(draft.cells ?? {}).flatMap(([of, rows]) => Object.entries(rows).filter(([, row]) => row?.opens === NEVER).map(([row]) => ({ of, row })));
    const edited = Object.entries(draft.cells ?? {}).flatMap(([of, rows]) => Object.entries(rows).flatMap(([row, cells]) => Object.entries(cells ?? {}).filter(([column, value]) => !(column === "opens" && value === NEVER)).map(([column, value]) => ({ of, row, column, value }))));
    fill(dials, h("h2", {}, t("dials")),
      slider(t("year"), { min: Math.max(told.years[0], told.base_year), max: told.years[1], step: 1, value: runs.chosenYear(), rest: 2030, words: year, act: (value) => state.set({ year: value ?? 2030 }) }),
      told.level_m !== null && slider(t("dial.level"), {
        min: -32, max: -26, step: 0.1, value: draft.level_m ?? told.level_m, rest: told.level_m, words: (value) => amount(value, "m"),
        note: t("dial.level.note", { level: amount(told.level_m, "m") }),
        act: (value) => change((one) => { if (value === null) delete one.level_m; else one.level_m = Math.round(value * 100) / 100; }),
      }),
      dial(DIALS[0], t("dial.border")),
      ...["rail", "road"].filter((mode) => modes.includes(mode)).map((mode) => dial(tariff(mode), t("dial.tariff", { mode: told.names.modes[mode] ?? mode }))),
      dial(DIALS[1], t("dial.growth")), dial(DIALS[2], t("dial.worth")),
      slider(t("dial.carbon"), { min: 0, max: 200, step: 5, value: carbon, rest: 0, words: (value) => amount(value, "usd_t"), act: (value) => state.set({ carbon: value ?? "" }) }),
      folded(t("dial.tariffs"), modes.some((/** @type {string} */ mode) => !["rail", "road"].includes(mode) && position(tariff(mode)) !== 0),
        modes.filter((/** @type {string} */ mode) => !["rail", "road"].includes(mode)).map((/** @type {string} */ mode) => dial(tariff(mode), told.names.modes[mode] ?? mode, true))),
      h("h3", {}, t("closures")),
      shut.length > 0 && h("ul", {}, shut.map(({ of, row }) => h("li", { class: "row between" }, own(rowName(told, row)), button(t("reopen"), () => setCell(of, row, "opens", undefined), { class: "quiet" })))),
      h("p", { class: "note" }, t("closures.note")),
      folded(t("events.in"), on.some((id) => told.names.events[id]), h("div", { class: "choices" }, causes(told.events.map((/** @type {any} */ one) => one.id), told.names.events))),
      folded(t("futures"), on.some((id) => told.names.scenarios[id]), h("div", { class: "choices" }, causes(told.futures, told.names.scenarios))),
      folded(t("projects.built"), on.some((id) => told.names.projects[id]), h("div", { class: "choices" }, causes(told.projects.map((/** @type {any} */ one) => one.id), told.names.projects))),
      edited.length > 0 && [h("h3", {}, t("edited")), h("ul", {}, edited.map(({ of, row, column, value }) => h("li", { class: "row between" }, own(`${of} · ${row} · ${column} = ${value}`), button(t("undo"), () => setCell(of, row, column, undefined), { class: "quiet" }))))]);
  };

  /** @type {any[]} */
  let saved = [];
  const fail = (/** @type {unknown} */ error) => { fill(wrong, problem(error)); };
  const act = (/** @type {() => Promise<unknown>} */ doing, /** @type {string} */ [said] = [""]) => async () => {
    try {
      fill(wrong);
      await doing();
      if (said) fill(wrong, h("p", { class: "note" }, said));
      await list();
    } catch (error) { fail(error); }
  };
  const list = async () => {
    try { saved = await fetched("/api/scenarios"); } catch (error) { fail(error); }
    drawKept();
  };
  const drawKept = () => {
    const draft = scenario();
    const id = state.get("saved");
    const mine = saved.find((one) => one.id === id && one.own);
    const name = h("input", { value: draft.name, maxlength: 120, placeholder: t("scenario.name") });
    name.addEventListener("input", () => change((one) => { one.name = name.value.trim(); }));
    const whole = () => ({ ...sent(told.name) ?? { format: "bactrian-scenario-1", name: "", case: told.name }, name: scenario().name || t("chip.unnamed") });
    fill(keep, h("h3", {}, t("keep")), field(t("name"), name),
      h("div", { class: "row" },
        mine && button(t("save"), act(() => send(`/api/scenarios/${id}`, { scenario: whole() }, "PUT"), [t("saved")])),
        button(mine ? t("save.new") : t("save"), act(async () => { const made = await send("/api/scenarios", { scenario: whole() }); state.set({ saved: made.id }); }, [t("saved")]), { class: mine ? null : "strong" }),
        button(t("as.file"), () => save(`${(scenario().name || "scenario").replace(/[^\p{L}\p{N}]+/gu, "-").toLowerCase()}.json`, `${JSON.stringify(whole(), null, 1)}\n`)),
        chooseFile(t("upload"), ".json,application/json", (file) => act(async () => { const made = await upload("/api/scenarios/upload", file); take(made.scenario); state.set({ saved: made.id }); })()),
        !isEmpty(draft, true) && button(t("clear"), () => { take(null); state.set({ saved: null, carbon: null }); })),
      wrong,
      saved.length > 0 && h("ul", { class: "stack" }, saved.map((one) => h("li", {},
        h("div", { class: "row between" }, h("button", { type: "button", class: "link", "aria-current": one.id === id ? "true" : null, on: { click: () => { take(one.scenario); state.set({ saved: one.id }); } } }, own(one.name)),
          h("span", { class: "state" }, one.own ? (one.shared ? t("shared") : "") : t("of.others"))),
        h("div", { class: "row" }, one.own && button(one.shared ? t("unshare") : t("share"), act(() => send(`/api/scenarios/${one.id}/share`, { shared: !one.shared })), { class: "quiet" }),
          h("a", { class: "note", href: `/api/scenarios/${one.id}/case?year=${runs.chosenYear()}`, download: "" }, t("as.case")),
          one.own && button(t("delete"), act(async () => { await send(`/api/scenarios/${one.id}`, undefined, "DELETE"); if (state.get("saved") === one.id) state.set({ saved: null }); }), { class: "quiet" }))))));
  };

  const over = h("div", { class: "switch over", role: "group", "aria-label": t("map.shows") });
  stage.append(over);
  /** @type {any} */
  let compared = null;
  /** @type {any} */
  let shown = { state: "waiting" };
  /** @type {any} */
  let base = null;
  const paint = async () => {
    const mode = state.get("shows", "change");
    fill(over, [["change", t("shows.change")], ["base", t("shows.base")], ["scenario", t("shows.scenario")]].map(([key, label]) => h("button", { type: "button", "aria-pressed": String(key === mode), on: { click: () => state.set({ shows: key === "change" ? "" : key }) } }, label)));
    if (!base || !shown.run) return;
    const most = Math.max(...base.links.map((/** @type {any} */ one) => one.kt), ...shown.run.links.map((/** @type {any} */ one) => one.kt));
    if (mode === "change" && compared) {
      const rows = (compared?.links ?? []).map((/** @type {any} */ one) => ({ ...one, change_kt: one.kt_change ?? one.change_kt }));
      const by = new Map(rows.map((/** @type {any} */ one) => [one.link, one]));
      await map?.paint(changes(told, rows), (/** @type {string} */ id) => `${linkName(told, id)}: ${t("change")} ${signed(by.get(id)?.change_kt ?? 0)} ${word("unit", "kt")}`);
    } else {
      const run = mode === "scenario" ? shown.run : base;
      const by = new Map(run.links.map((/** @type {any} */ one) => [one.link, one]));
      await map?.paint(flows(told, run.links, run.resources, most), (/** @type {string} */ id) => linkWords(told, by.get(id) ?? { link: id, kt: 0 }, percent));
    }
  };

  let turns = 0;
  const draw = async () => {
    const mine = ++turns;
    facts.classList.toggle("stale", shown.state === "waiting" && Boolean(compared));
    if (shown.state === "failed") { facts.classList.remove("stale"); fill(facts, problem(shown.error, () => runs.refresh(0))); return; }
    if (shown.state === "waiting" && !compared) { fill(facts, waiting(t("run.waiting"))); return; }
    if (shown.state === "waiting") return;
    const { run } = shown;
    try {
      base = await runs.base();
      compared = base.key === run.key ? null : await runs.compare(run.key, base.key);
    } catch (error) {
      if (mine === turns) fill(facts, problem(error, () => void draw()));
      return;
    }
    if (mine !== turns) return;
    facts.classList.remove("stale");
    await paint();
    const command = h("div", {}, h("h3", {}, t("command")), commandBox(run.command), h("p", { class: "row" }, h("a", { class: "button", href: `/api/runs/${run.key}/files`, download: "" }, t("run.files"))));
    if (!compared) {
      fill(facts, nothing(t("scenario.none"), t("scenario.none.more")), command);
      return;
    }
    const kind = (/** @type {any} */ one) => one.figure ?? one.what;
    const arrow = (/** @type {number} */ value) => h("span", { class: Math.abs(value) < 1e-6 ? null : value > 0 ? "gain" : "loss" }, signed(value));
    const roads = compared.corridors.map((/** @type {any} */ one) => ({ ...one, change: one.kt_change ?? one.change_kt, was: one.kt_base ?? one.base_kt, is: one.kt_other ?? one.other_kt })).filter((/** @type {any} */ one) => Math.abs(one.change) > 0.5 || one.was > 0.5).sort((/** @type {any} */ a, /** @type {any} */ b) => Math.abs(b.change) - Math.abs(a.change));
    const ways = (compared.links ?? []).map((/** @type {any} */ one) => ({ link: one.link, was: one.kt_base ?? one.base_kt, is: one.kt_other ?? one.other_kt, change: one.kt_change ?? one.change_kt })).filter((/** @type {any} */ one) => Math.abs(one.change) > 0.5).sort((/** @type {any} */ a, /** @type {any} */ b) => Math.abs(b.change) - Math.abs(a.change));
    const lands = (compared.countries ?? []).filter((/** @type {any} */ one) => Math.abs(one.net ?? 0) > 0.05).sort((/** @type {any} */ a, /** @type {any} */ b) => b.net - a.net);
    const sides = (/** @type {any} */ part) => [
      { label: t("base"), figure: true, cell: (/** @type {any} */ one) => three(one.was) }, { label: t("tab.scenario"), figure: true, cell: (/** @type {any} */ one) => three(one.is) },
      { label: t("change"), figure: true, by: (/** @type {any} */ one) => one.change, cell: (/** @type {any} */ one) => arrow(one.change) }, ...part];
    fill(facts, h("h2", {}, t("beside", { year: year(run.year) })),
      h("p", { class: `certificate ${run.summary.certificate.holds ? "" : "fails"}` }, run.summary.certificate.holds ? t("certificate.holds") : t("certificate.fails"), shown.seconds ? ` · ${t("took", { s: three(shown.seconds) })}` : ""),
      table(t("totals"), [
        { label: t("totals"), head: true, cell: (one) => word("figure", kind(one)) + (word("figure.unit", one.unit) ? `, ${word("figure.unit", one.unit)}` : "") },
        { label: t("base"), figure: true, cell: (one) => three(one.base) }, { label: t("tab.scenario"), figure: true, cell: (one) => three(one.other) }, { label: t("change"), figure: true, cell: (one) => arrow(one.change) },
      ], compared.totals ?? compared.total),
      h("h3", {}, t("corridors.kt")), table(t("corridors.kt"), [{ label: t("corridor"), head: true, cell: (one) => told.names.corridors[one.corridor] ?? one.corridor }, ...sides([])], roads, { most: 10 }),
      h("h3", {}, t("links.change")), table(t("links.change"), [{ label: t("map.link"), head: true, cell: (one) => h("button", { type: "button", class: "link", on: { click: () => { void map?.mark(one.link); map?.fit([one.link]); } } }, linkName(told, one.link)) }, ...sides([])], ways, { most: 8 }),
      lands.length > 0 && [h("h3", {}, t("countries.gain")), table(t("countries.gain"), [
        { label: t("country"), head: true, cell: (one) => told.names.countries[one.country] ?? one.country },
        { label: t("shippers"), figure: true, cell: (one) => signed(one.shippers) }, { label: t("carriers"), figure: true, cell: (one) => signed(one.carriers) }, { label: t("net"), figure: true, by: (one) => one.net, cell: (one) => arrow(one.net) }], lands, { most: 10 })],
      command);
  };

  drawDials();
  drawKept();
  void list();
  void paint();
  const stops = [
    runs.watch((next) => { shown = next; void draw(); }),
    state.watch((changed) => {
      if (changed.has("shows")) void paint();
      if (changed.has("row") && state.get("row")) state.go("map");
      if (changed.has("scenario") || changed.has("saved")) {
        if (changed.has("saved") || !keep.contains(document.activeElement)) drawKept();
        if (!side.contains(document.activeElement) || document.activeElement?.tagName !== "INPUT" || changed.has("saved")) drawDials();
      }
    }),
  ];
  return () => { stops.forEach((stop) => stop()); over.remove(); facts.classList.remove("stale"); };
}
