/** The scenario at hand: what the reader asks of the case. It stands in the address as the file would hold it. */

import { get, set } from "./state.js";

/** @typedef {{table: string, column: string, where?: Record<string, string>, multiply?: number, add?: number, set?: any}} Step */
/** @typedef {{format: string, name: string, case?: string, case_hash?: string, level_m?: number,
 *   causes?: Record<string, number>, steps?: Step[], cells?: Record<string, Record<string, Record<string, any> | null>>}} Scenario */

const FORMAT = "bactrian-scenario-1";
export const NEVER = 2500;

/** @typedef {{id: string, table: string, columns: string[], where?: Record<string, string>, add?: boolean,
 *   least: number, most: number, by: number, unit: string}} Dial */

/** @param {string} mode @returns {Dial} */
export const tariff = (mode) => ({ id: `tariff.${mode}`, table: "links", columns: ["usd_per_t", "usd_per_teu"], where: { mode }, least: -50, most: 100, by: 5, unit: "percent" });

/** @type {Dial[]} */
export const DIALS = [
  { id: "border", table: "terminals", columns: ["time_h", "spread_h"], where: { handling: "border" }, least: -90, most: 200, by: 10, unit: "percent" },
  { id: "growth", table: "zones", columns: ["gdp_growth_percent"], add: true, least: -3, most: 3, by: 0.5, unit: "points" },
  { id: "worth", table: "commodities", columns: ["value_of_time_usd_per_t_h"], least: -75, most: 200, by: 25, unit: "percent" },
];

/** @returns {Scenario} */
export function scenario() {
  try {
    const told = JSON.parse(get("scenario", "null"));
    if (told && typeof told === "object") return told;
  } catch { /* an address somebody wrote by hand */ }
  return { format: FORMAT, name: "" };
}

/** @param {Scenario | null} next */
export function take(next) {
  set({ scenario: next && !isEmpty(next, true) ? JSON.stringify(next) : null });
}

/** Change a copy of the scenario. @param {(draft: Scenario) => void} how */
export function change(how) {
  const draft = structuredClone(scenario());
  how(draft);
  for (const key of /** @type {const} */ (["causes", "steps", "cells"])) {
    const part = draft[key];
    if (part && Object.keys(part).length === 0) delete draft[key];
  }
  take(draft);
}

/** @param {Scenario} one @param {boolean} [name] whether a name alone counts */
export const isEmpty = (one, name = false) => !(name && one.name) && one.level_m === undefined && !one.causes && !one.steps && !one.cells;

/** The scenario as it is sent, or null where nothing is asked. @param {string} caseName */
export function sent(caseName) {
  const one = scenario();
  return isEmpty(one) ? null : { ...one, format: FORMAT, name: one.name || "scenario", case: one.case ?? caseName };
}

/** @param {Step} step @param {Dial} dial */
const belongs = (step, dial) => step.table === dial.table && dial.columns.includes(step.column)
  && JSON.stringify(step.where ?? {}) === JSON.stringify(dial.where ?? {})
  && (dial.add ? step.add : step.multiply) !== undefined;

/** Where a dial stands: percent more or less, or points. @param {Dial} dial */
export function position(dial) {
  const step = (scenario().steps ?? []).find((one) => belongs(one, dial));
  if (!step) return 0;
  return dial.add ? Number(step.add) : Math.round((Number(step.multiply) - 1) * 1000) / 10;
}

/** @param {Dial} dial @param {number} value */
export function turn(dial, value) {
  change((draft) => {
    const others = (draft.steps ?? []).filter((one) => !belongs(one, dial));
    const where = dial.where ? { where: dial.where } : {};
    const made = value === 0 ? [] : dial.columns.map((column) => ({
      table: dial.table, column, ...where, ...(dial.add ? { add: value } : { multiply: Math.round((1 + value / 100) * 1000) / 1000 }),
    }));
    draft.steps = [...others, ...made];
  });
}

/** @param {string} table @param {string} row @param {string} column @param {any} value undefined takes it back */
export function setCell(table, row, column, value) {
  change((draft) => {
    const cells = (draft.cells ??= {});
    const rows = (cells[table] ??= {});
    const row_ = { ...(rows[row] ?? {}) };
    if (value === undefined) delete row_[column];
    else row_[column] = value;
    if (Object.keys(row_).length) rows[row] = row_;
    else delete rows[row];
    if (!Object.keys(rows).length) delete cells[table];
  });
}

/** @param {string} table @param {string} row */
export const isShut = (table, row) => scenario().cells?.[table]?.[row]?.opens === NEVER;

/** How many things the scenario changes, as a reader counts them. @param {Scenario} one */
export function count(one) {
  const steps = new Set((one.steps ?? []).map((step) => JSON.stringify([step.table, step.where, step.table === "links" || step.table === "terminals" ? "" : step.column])));
  const cells = Object.values(one.cells ?? {}).reduce((sum, rows) => sum + Object.keys(rows).length, 0);
  return (one.level_m !== undefined ? 1 : 0) + Object.keys(one.causes ?? {}).length + steps.size + cells;
}
