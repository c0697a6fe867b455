/** Where the page is: the view and what is chosen in it, all of it in the address, so that a reload comes back here. */

/** @typedef {Record<string, string>} Values */

/** @type {Set<(changed: Set<string>) => void>} */
const watchers = new Set();

/** @returns {{view: string, values: Values}} */
function read() {
  const [view, query = ""] = location.hash.slice(1).split("?");
  return { view: view || "map", values: Object.fromEntries(new URLSearchParams(query)) };
}

let now = read();

/** @param {string} key @param {string} [otherwise] */
export const get = (key, otherwise = "") => now.values[key] ?? otherwise;
export const view = () => now.view;

/**
 * Change some values; an empty one is taken out. Watchers hear which have changed.
 * @param {Record<string, string | number | null | undefined>} values
 */
export function set(values) {
  const next = { ...now.values };
  for (const [key, value] of Object.entries(values)) {
    if (value === null || value === undefined || value === "") delete next[key];
    else next[key] = String(value);
  }
  move(now.view, next, false);
}

/** @param {string} name @param {Record<string, string>} [values] */
export function go(name, values = {}) {
  move(name, { ...now.values, ...values }, name !== now.view);
}

/** @param {string} name @param {Values} values @param {boolean} step */
function move(name, values, step) {
  const query = new URLSearchParams(values).toString();
  history[step ? "pushState" : "replaceState"](null, "", `#${name}${query ? `?${query}` : ""}`);
  settle({ view: name, values });
}

/** @param {{view: string, values: Values}} next */
function settle(next) {
  const before = now;
  const changed = new Set([...Object.keys(before.values), ...Object.keys(next.values)].filter(
    (key) => before.values[key] !== next.values[key]));
  if (before.view !== next.view) changed.add("view");
  now = next;
  if (changed.size) for (const tell of [...watchers]) tell(changed);
}

/** Call back on every change; returns what stops that. @param {(changed: Set<string>) => void} tell */
export function watch(tell) {
  watchers.add(tell);
  return () => void watchers.delete(tell);
}

addEventListener("hashchange", () => settle(read()));
addEventListener("popstate", () => settle(read()));
