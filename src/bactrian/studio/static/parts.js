/** The few things every view is built from. Text goes in as text alone: names may come from anybody. */

import { Refusal } from "./api.js";
import { t } from "./words.js";

/** @typedef {Node | string | number | null | undefined | false | Child[]} Child */

const AS_PROPERTY = new Set(["value", "checked", "disabled", "hidden", "selected", "open", "indeterminate"]);

/**
 * An element. `on` holds listeners, `style` custom properties; what is false or null is left out.
 * @param {string} tag @param {Record<string, any>} [attributes] @param {...Child} children
 * @returns {any}
 */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "on") for (const [event, act] of Object.entries(value)) element.addEventListener(event, act);
    else if (name === "style") for (const [key, one] of Object.entries(value)) element.style.setProperty(key, String(one));
    else if (AS_PROPERTY.has(name)) /** @type {any} */ (element)[name] = value;
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  fill(element, ...children);
  return element;
}

/** Put children in place of what an element holds. @param {Element} element @param {...Child} children */
export function fill(element, ...children) {
  const flat = /** @type {any[]} */ (children).flat(Infinity).filter((one) => one !== null && one !== undefined && one !== false);
  element.replaceChildren(...flat.map((one) => (one instanceof Node ? one : String(one))));
  return element;
}

/** What comes from a case or a result: not ours to translate. @param {Child} text @param {string} [tag] */
export const own = (text, tag = "span") => h(tag, { translate: "no" }, text);

/** @param {string} label @param {() => unknown} act @param {Record<string, any>} [attributes] */
export function button(label, act, attributes = {}) {
  const made = h("button", { type: "button", ...attributes }, label);
  made.addEventListener("click", async () => {
    if (made.getAttribute("aria-disabled") === "true") return;
    const doing = act();
    if (!(doing instanceof Promise)) return;
    made.setAttribute("aria-disabled", "true");
    try {
      await doing;
    } finally {
      made.removeAttribute("aria-disabled");
    }
  });
  return made;
}

/** A label above a control. @param {string} label @param {HTMLElement} control @param {Child} [note] */
export const field = (label, control, note) => h("label", { class: "field" }, h("span", { class: "label" }, label), control, note && h("span", { class: "note" }, note));

/**
 * @param {[string, string][]} options value and words @param {string} value
 * @param {(value: string) => void} act @param {Record<string, any>} [attributes]
 */
export function choice(options, value, act, attributes = {}) {
  const made = h("select", attributes, options.map(([key, words]) => h("option", { value: key, selected: key === value, translate: key ? "no" : null }, words)));
  made.addEventListener("change", () => act(made.value));
  return made;
}

/** @param {string} label @param {boolean} on @param {(on: boolean) => void} act @param {Record<string, any>} [attributes] */
export function tick(label, on, act, attributes = {}) {
  const box = h("input", { type: "checkbox", checked: on });
  box.addEventListener("change", () => act(box.checked));
  return h("label", { class: "tick" }, box, h("span", attributes, label));
}

/** Something folded away. @param {string} label @param {boolean} open @param {...Child} children */
export const folded = (label, open, ...children) => h("details", { open }, h("summary", {}, label), h("div", { class: "stack" }, children));

/**
 * @typedef {object} Column
 * @property {string} label
 * @property {(row: any) => Child} cell
 * @property {boolean} [figure] numbers stand to the right
 * @property {boolean} [head] names the row
 * @property {(row: any) => any} [by] what to sort by
 * @property {string} [note] a longer word for the label
 */

/**
 * A table; columns with `by` can be sorted. Cells are not for translation.
 * @param {string} caption @param {Column[]} columns @param {any[]} rows
 * @param {{most?: number, row?: (row: any) => Record<string, any>, sorted?: number, shown?: boolean}} [options]
 */
export function table(caption, columns, rows, options = {}) {
  const body = h("tbody");
  let most = options.most ?? 60;
  let by = options.sorted ?? -1;
  let down = true;
  const heads = columns.map((column, i) => {
    const inside = column.by ? h("button", { type: "button", class: "sort", on: { click: () => { down = by === i ? !down : true; by = i; draw(); } } }, column.label) : column.label;
    return h("th", { scope: "col", class: column.figure ? "figure" : null, title: column.note }, inside);
  });
  const more = button("", () => { most = Infinity; draw(); }, { class: "quiet" });
  const foot = h("p", { class: "more" }, more);
  const draw = () => {
    const key = columns[by]?.by;
    const order = key ? [...rows].sort((a, b) => {
      const [x, y] = [key(a), key(b)];
      const less = typeof x === "string" ? String(y).localeCompare(x) : (Number(y ?? -Infinity) - Number(x ?? -Infinity)) || 0;
      return down ? less : -less;
    }) : rows;
    heads.forEach((head, i) => {
      if (i === by) head.setAttribute("aria-sort", down ? "descending" : "ascending");
      else head.removeAttribute("aria-sort");
    });
    fill(body, order.slice(0, most).map((row) => h("tr", options.row?.(row) ?? {}, columns.map((column) =>
      h(column.head ? "th" : "td", { scope: column.head ? "row" : null, class: column.figure ? "figure" : null, translate: "no" }, column.cell(row))))));
    more.textContent = t("table.more", { n: rows.length - most });
    foot.hidden = rows.length <= most;
  };
  draw();
  return h("div", { class: "table", tabindex: "0", role: "region", "aria-label": caption },
    h("table", {}, h("caption", { class: options.shown ? null : "unseen" }, caption), h("thead", {}, h("tr", {}, heads)), body), foot);
}

/** Figures with their names, large. @param {[string, Child, Child?][]} rows name, figure, note */
export const figures = (rows) => h("dl", { class: "figures" }, rows.map(([name, value, note]) =>
  h("div", {}, h("dt", {}, name), h("dd", {}, own(value), note && h("span", { class: "note", translate: "no" }, note)))));

/** What the server would not do, where it belongs, with the remedy. @param {unknown} error @param {() => void} [again] */
export function problem(error, again) {
  const told = error instanceof Refusal ? error : null;
  if (!told) console.error(error);
  const head = !told ? t("error.page") : told.status === 0 ? t("error.offline") : told.findings.length ? t("error.findings") : told.message ? t("error.refused") : t("error.server");
  return h("div", { class: "problem", role: "alert" },
    h("strong", {}, head),
    told?.message && h("p", { translate: "no", lang: "en" }, told.message),
    told && told.findings.length > 0 && findings(told.findings),
    again && button(t("again"), again));
}

/** @param {import("./api.js").Finding[]} found */
export const findings = (found) => h("ul", { class: "findings" }, found.slice(0, 50).map((one) => h("li", { translate: "no", lang: "en" },
  h("span", { class: "where" }, [one.table, one.id || (one.row ? `#${one.row}` : ""), one.column].filter(Boolean).join(" · ")),
  h("span", {}, one.rule), one.remedy && h("span", { class: "note" }, one.remedy))), found.length > 50 && h("li", {}, `+ ${found.length - 50}`));

/** @param {string} head @param {Child} [rest] */
export const nothing = (head, rest) => h("div", { class: "nothing" }, h("p", { class: "lead" }, head), rest && h("p", {}, rest));

/** @param {string} words */
export const waiting = (words) => h("div", { class: "waiting", role: "status" }, h("span", { class: "spin", "aria-hidden": "true" }), h("span", {}, words));

/** The command that gives the same. @param {string} command */
export function commandBox(command) {
  const copied = h("span", { role: "status", class: "note" });
  return h("div", { class: "command" }, h("code", { translate: "no", tabindex: "0" }, command), button(t("copy"), async () => {
    try {
      await navigator.clipboard.writeText(command);
      copied.textContent = t("copied");
    } catch {
      copied.textContent = t("copy.failed");
    }
  }), copied);
}

/** A picture the server draws; `words` says what it shows. @param {string} address @param {string} words */
export const picture = (address, words) => h("figure", { class: "picture" }, h("img", { src: address, alt: words, loading: "lazy" }));

/** A download of what a view holds. @param {string} name @param {string} content */
export function save(name, content) {
  const link = h("a", { href: URL.createObjectURL(new Blob([content], { type: "application/json" })), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

/** @param {string} label @param {string} accept @param {(file: File) => unknown} act */
export function chooseFile(label, accept, act) {
  const input = h("input", { type: "file", accept, class: "unseen", tabindex: "-1", "aria-hidden": "true" });
  input.addEventListener("change", async () => {
    const file = input.files?.[0];
    input.value = "";
    if (file) await act(file);
  });
  return h("span", {}, input, button(label, () => input.click()));
}
