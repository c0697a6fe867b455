/** Colours and widths of the map, with the bounds that `bactrian.draw.style` has, and as light on a dark ground. */

export const BOUNDS = [0.25, 0.5, 0.75, 1, Infinity];

const LIGHT = {
  water: "#d3e5ef", land: "#f6f2e9", border: "#c3b7a2", bins: ["#f9b27c", "#ee6a5a", "#b93778", "#6a1f80", "#150e37"],
  unused: "#b4b4ae", unknown: "#8c8c8c", ink: "#23282d", paper: "#ffffff", chosen: "#0b4f6c", more: "#1664a5", less: "#c2500b", built: "#b93778",
};
const DARK = {
  water: "#10202b", land: "#1c2228", border: "#3d464f", bins: ["#8a4a9c", "#c94a7b", "#f0705c", "#fbb37e", "#fcfdbf"],
  unused: "#59626a", unknown: "#8c949b", ink: "#e7ebee", paper: "#12171b", chosen: "#8fd3f2", more: "#6fb7f0", less: "#f39a55", built: "#f06fae",
};

export const isDark = () => (document.documentElement.dataset.theme
  ? document.documentElement.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches);
export const colours = () => (isDark() ? DARK : LIGHT);

/** @param {number | null | undefined} use */
export function colourOf(use) {
  if (use === null || use === undefined || Number.isNaN(use)) return colours().unknown;
  return colours().bins[BOUNDS.findIndex((bound) => use <= bound + 1e-9)];
}

const WIDEST = 11;
/** Pixels, as the square root of what flows. @param {number} kt @param {number} most */
export const widthOf = (kt, most) => (most > 0 ? Math.max(WIDEST * Math.sqrt(Math.abs(kt) / most), 1) : 1);

/** @typedef {{id: string, width: number, colour: string, style: string, order: number}} Stroke */
/** @typedef {{strokes: Map<string, Stroke>, dots: Map<string, {colour: string, size: number}>, legend: string, most: number}} Picture */

const STYLES = /** @type {Record<string, string>} */ ({ rail: "solid", road: "double", sea: "sea", pipeline: "pipe" });

/** What each link carries, and how full it is. @param {any} told the case @param {any[]} links @param {any[]} resources @param {number} [scale]
 * @returns {Picture} */
export function flows(told, links, resources, scale) {
  const by = new Map(links.map((one) => [one.link, one]));
  const most = scale ?? links.reduce((top, one) => Math.max(top, one.kt ?? 0), 0);
  const strokes = new Map();
  for (const link of told.links) {
    const one = by.get(link.id);
    const kt = one?.kt ?? 0;
    strokes.set(link.id, kt > 0.05
      ? { id: link.id, width: widthOf(kt, most), colour: colourOf(one.utilisation), style: STYLES[link.family], order: kt }
      : { id: link.id, width: 0.8, colour: colours().unused, style: "unused", order: 0 });
  }
  const worst = new Map();
  for (const one of resources) if (one.table === "terminals") worst.set(one.row, one.utilisation);
  const dots = new Map();
  for (const place of told.places) {
    const uses = place.terminals.map((/** @type {any} */ one) => worst.get(one.id)).filter((/** @type {any} */ use) => use > 0);
    if (uses.length) dots.set(place.id, { colour: colourOf(Math.max(...uses)), size: Math.max(...uses) > 0.75 ? 5 : 4 });
  }
  return { strokes, dots, legend: "flows", most };
}

/** Gains and losses: blue and whole, or orange and broken. @param {any} told @param {any[]} links @returns {Picture} */
export function changes(told, links) {
  const most = links.reduce((top, one) => Math.max(top, Math.abs(one.change_kt ?? 0)), 0);
  const strokes = new Map(told.links.map((/** @type {any} */ link) => [link.id, { id: link.id, width: 0.8, colour: colours().unused, style: "unused", order: 0 }]));
  for (const one of links) {
    const by = one.change_kt ?? 0;
    if (Math.abs(by) < Math.max(most * 0.003, 0.05)) continue;
    strokes.set(one.link, { id: one.link, width: Math.max(widthOf(by, most), 1.6), colour: by > 0 ? colours().more : colours().less, style: by > 0 ? "solid" : "less", order: Math.abs(by) });
  }
  return { strokes, dots: new Map(), legend: "changes", most };
}

/** Cost of losing each link or terminal. @param {any} told @param {any[]} rows @returns {Picture} */
export function ranks(told, rows) {
  const most = rows.reduce((top, one) => Math.max(top, one.cost_musd ?? 0), 0);
  const strokes = new Map(told.links.map((/** @type {any} */ link) => [link.id, { id: link.id, width: 0.8, colour: colours().unused, style: "unused", order: 0 }]));
  const dots = new Map();
  const home = new Map(told.places.flatMap((/** @type {any} */ place) => place.terminals.map((/** @type {any} */ one) => [one.id, place.id])));
  for (const one of rows) {
    const share = most > 0 ? Math.max(one.cost_musd, 0) / most : 0;
    if (share < 0.002) continue;
    const colour = colours().bins[share > 0.3 ? 3 : share > 0.1 ? 2 : share > 0.02 ? 1 : 0];
    if (strokes.has(one.row)) strokes.set(one.row, { id: one.row, width: Math.max(10 * Math.sqrt(share), 2), colour, style: "solid", order: share });
    const place = home.get(one.row);
    if (place) dots.set(place, { colour, size: Math.max(13 * Math.sqrt(share), 3.5, dots.get(place)?.size ?? 0) });
  }
  return { strokes, dots, legend: "ranks", most };
}

/** Rows that projects change. @param {any} told @param {Set<string>} rows ids of links, terminals or places @returns {Picture} */
export function built(told, rows) {
  const strokes = new Map(told.links.map((/** @type {any} */ link) => [link.id, rows.has(link.id)
    ? { id: link.id, width: 4.5, colour: colours().built, style: "solid", order: 1 }
    : { id: link.id, width: 0.9, colour: colours().unused, style: "unused", order: 0 }]));
  const dots = new Map();
  for (const place of told.places) {
    if (rows.has(place.id) || place.terminals.some((/** @type {any} */ one) => rows.has(one.id))) dots.set(place.id, { colour: colours().built, size: 6 });
  }
  return { strokes, dots, legend: "built", most: 0 };
}
