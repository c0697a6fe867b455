/** Data: the tables of the case, what the check finds, and cells edited as a scenario. */

import { fetched, send, to, upload } from "../api.js";
import { button, chooseFile, choice, field, fill, findings, h, nothing, own, problem, save, waiting } from "../parts.js";
import * as runs from "../run.js";
import { isEmpty, scenario, sent, setCell } from "../scenario.js";
import * as state from "../state.js";
import { percent, t, word } from "../words.js";

const MOST = 80;

/** @param {any} desk */
export function show(desk) {
  const { told, side, facts } = desk;
  const found = h("div", { "aria-live": "polite" });
  const about = h("div", { class: "stack" });
  const moving = h("div", { class: "stack" });
  const names = Object.keys(told.quality);
  const of = () => (names.includes(state.get("table")) ? state.get("table") : names.includes("links") ? "links" : names[0]);
  /** @type {any} */
  let held = null;
  let most = MOST;
  let byHand = false; // a cell puts itself right; to draw all anew would lose the click that ended it

  const drawSide = () => {
    const marks = told.quality[of()] ?? {};
    const total = Object.values(marks).reduce((sum, n) => sum + n, 0);
    const draft = scenario();
    const search = h("input", { type: "search", value: state.get("cell"), placeholder: t("search") });
    search.addEventListener("input", () => { most = MOST; state.set({ cell: search.value }); });
    fill(side, h("h2", {}, t("tab.data")),
      field(t("table"), choice(names.map((name) => [name, name]), of(), (name) => state.set({ table: name, cell: null, at: null }))), field(t("search"), search),
      h("p", { class: "note" }, Object.entries(marks).filter(([, n]) => n > 0).map(([mark, n]) => `${word("quality", mark)} ${percent(n / total)}`).join(" · ")),
      about, h("h3", {}, t("check")), found, h("h3", {}, t("case")), moving);
    fill(moving, h("p", { class: "note" }, isEmpty(draft) ? t("export.base") : t("export.scenario")),
      h("div", { class: "row" }, button(t("export"), exportCase), chooseFile(t("case.upload"), ".zip,application/zip", async (file) => {
        try {
          const made = await upload("/api/cases", file);
          state.set({ case: made.id, scenario: null, table: null, row: null });
          await desk.reload();
        } catch (error) { moving.append(problem(error)); }
      })), h("p", { class: "note" }, t("case.upload.note")));
  };

  const exportCase = async () => {
    try {
      const one = { ...(sent(told.name) ?? { format: "bactrian-scenario-1", case: told.name }), name: scenario().name || t("chip.unnamed") };
      const id = state.get("saved") || (await send("/api/scenarios", { scenario: one })).id;
      if (state.get("saved")) await send(`/api/scenarios/${id}`, { scenario: one }, "PUT");
      else state.set({ saved: id });
      h("a", { href: `/api/scenarios/${id}/case?year=${runs.chosenYear()}`, download: "" }).click();
    } catch (error) { moving.append(problem(error)); }
  };

  let checks = 0;
  const check = async () => {
    const mine = ++checks;
    fill(found, waiting(t("checking")));
    try {
      const answer = await send("/api/check", { case: told.id, scenario: sent(told.name), year: runs.chosenYear() });
      if (mine !== checks) return;
      fill(found, answer.findings.length ? h("div", { class: "problem" }, h("strong", {}, t("check.found", { n: answer.findings.length })), findings(answer.findings)) : h("p", { class: "note" }, t("check.none"), " ", answer.changes ? t("check.changes", { n: answer.changes }) : ""));
    } catch (error) { if (mine === checks) fill(found, problem(error)); }
  };

  const tell = async (/** @type {any} */ column, /** @type {string} */ row) => {
    const facts_ = [[t("column"), column.column], [t("meaning"), column.description], [t("unit"), column.unit], [t("rule.cell"), [column.rule, column.required === "yes" ? t("required") : ""].filter(Boolean).join(" · ")], [t("refers"), column.refers], [t("default"), column.default]].filter(([, value]) => value);
    const line = h("p", { class: "note" }, t("loading"));
    fill(about, h("h3", {}, own(row || column.column)), h("dl", { class: "stack" }, facts_.map(([name, value]) => h("div", {}, h("dt", { class: "label" }, name), h("dd", {}, own(value))))), row && [h("p", { class: "label" }, t("source")), line]);
    if (!row) return;
    try {
      const source = await fetched(to(`/api/tables/${of()}/${encodeURIComponent(row)}/source`, { case: told.id }));
      fill(line, own(source.title), " ", own(source.address), source.quality && h("span", { class: "mark" }, word("quality", source.quality)));
    } catch (error) { fill(line, problem(error)); }
  };

  /** A cell that turns into an input. @param {any} column @param {any} row @param {string} id */
  const cell = (column, row, id) => {
    const now = scenario().cells?.[of()]?.[id];
    const edited = now && column.column in now;
    const value = edited ? String(now[column.column] ?? "") : row[column.column];
    const box = h("td", { class: `cell ${edited ? "changed" : ""} ${["number", "integer"].includes(column.type) ? "figure" : ""}`, translate: "no" });
    const shown = h("button", { type: "button", "aria-label": t("edit", { column: column.column, row: id, value: value || t("empty") }), title: value.length > 40 ? value : null }, value || "\u00a0");
    shown.addEventListener("click", () => {
      void tell(column, id);
      const input = h("input", { value, "aria-label": t("edit", { column: column.column, row: id, value }) });
      let ended = false;
      const end = (/** @type {boolean} */ keep, /** @type {boolean} */ back) => {
        if (ended) return;
        ended = true;
        if (keep && input.value !== value) {
          const number = ["number", "integer"].includes(column.type) && input.value.trim() !== "" && Number.isFinite(Number(input.value)) ? Number(input.value) : input.value;
          byHand = true;
          setCell(of(), id, column.column, input.value === row[column.column] ? undefined : number);
          byHand = false;
        }
        const next = cell(column, row, id);
        box.replaceWith(next);
        if (back) next.querySelector("button")?.focus();
      };
      input.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
        if (event.key === "Enter") { event.preventDefault(); end(true, true); } // or the cell would open again
        if (event.key === "Escape") { event.stopPropagation(); end(false, true); }
      });
      input.addEventListener("blur", () => end(true, false));
      fill(box, input);
      input.focus();
    });
    fill(box, shown, edited && [h("span", { class: "old" }, row[column.column] || t("empty")), button(t("undo"), () => { setCell(of(), id, column.column, undefined); box.replaceWith(cell(column, row, id)); }, { class: "quiet" })]);
    return box;
  };

  const drawTable = () => {
    if (!held) return;
    const { columns, rows } = held;
    const wanted = state.get("cell").toLocaleLowerCase();
    const key = columns[0].column;
    const some = rows.filter((/** @type {any} */ row) => !wanted || Object.values(row).some((value) => String(value).toLocaleLowerCase().includes(wanted)));
    const head = h("tr", {}, columns.map((/** @type {any} */ one) => h("th", { scope: "col", class: ["number", "integer"].includes(one.type) ? "figure" : null, translate: "no", title: one.description }, h("button", { type: "button", class: "link", on: { click: () => tell(one, "") } }, one.column), one.unit && h("span", { class: "note" }, ` ${one.unit}`))));
    fill(facts, h("div", { class: "row between" }, h("h2", {}, own(of())), h("p", { class: "note" }, t("rows.of", { n: some.length, all: rows.length })), h("p", { class: "note" }, t("edit.how"))),
      some.length ? h("div", { class: "grid-table", tabindex: "0", role: "region", "aria-label": t("table.named", { name: of() }) },
        h("table", {}, h("caption", { class: "unseen" }, t("table.named", { name: of() })), h("thead", {}, head), h("tbody", {}, some.slice(0, most).map((/** @type {any} */ row) => h("tr", {}, h("th", { scope: "row", translate: "no" }, h("button", { type: "button", class: "link", on: { click: () => tell(columns[0], row[key]) } }, row[key])), columns.slice(1).map((/** @type {any} */ one) => cell(one, row, row[key]))))))) : nothing(t("search.none")),
      some.length > most && button(t("table.more", { n: some.length - most }), () => { most += 400; drawTable(); }));
  };

  let turn = 0;
  const load = async () => {
    const mine = ++turn;
    fill(facts, waiting(t("loading")));
    fill(about, h("p", { class: "note" }, t("data.about")));
    try {
      const next = await fetched(to(`/api/tables/${of()}`, { case: told.id }));
      if (mine !== turn) return;
      held = next;
      drawTable();
    } catch (error) { if (mine === turn) fill(facts, problem(error, () => void load())); }
  };
  drawSide();
  void load();
  void check();
  return state.watch((changed) => {
    if (changed.has("table")) { most = MOST; drawSide(); void load(); void check(); }
    if (changed.has("cell")) drawTable();
    if (changed.has("scenario")) { void check(); fill(moving.querySelector("p") ?? moving, isEmpty(scenario()) ? t("export.base") : t("export.scenario")); if (!byHand && !facts.contains(document.activeElement)) drawTable(); }
  });
}
