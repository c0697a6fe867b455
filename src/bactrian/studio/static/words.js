/** Words in the language of the reader, and figures as that language writes them. */

export const LANGUAGES = { en: "English", de: "Deutsch", ru: "Русский" };

/** @type {Record<string, string>} */
let words = {};
let code = "en";

export const language = () => code;

/** @param {string} wanted */
export async function speak(wanted) {
  code = wanted in LANGUAGES ? wanted : "en";
  const answer = await fetch(`/static/words/${code}.json`);
  words = await answer.json();
  document.documentElement.lang = code;
  localStorage.setItem("language", code);
}

/** The language that was chosen before, or that of the browser. */
export function preferred() {
  const kept = localStorage.getItem("language");
  return kept ?? navigator.languages.map((one) => one.slice(0, 2)).find((one) => one in LANGUAGES) ?? "en";
}

/** @param {string} key @param {Record<string, string | number>} [values] */
export function t(key, values = {}) {
  const text = words[key];
  if (text === undefined) return key;
  return text.replace(/\{(\w+)\}/g, (_, name) => String(values[name] ?? ""));
}

/** The word for a key, or the key itself where there is none: for words that come from a case.
 * @param {string} kind @param {string} key */
export const word = (kind, key) => words[`${kind}.${key}`] ?? String(key).replaceAll("_", " ");

/** @type {Map<string, Intl.NumberFormat>} */
const formats = new Map();

/** @param {number} value @param {Intl.NumberFormatOptions} options */
function written(value, options) {
  const key = code + JSON.stringify(options);
  if (!formats.has(key)) formats.set(key, new Intl.NumberFormat(code, options));
  return /** @type {Intl.NumberFormat} */ (formats.get(key)).format(value === 0 ? 0 : value);
}

/** Three significant digits. @param {number | null | undefined} value */
export function three(value) {
  if (value === null || value === undefined || Number.isNaN(value)) return "–";
  if (Math.abs(value) < 1e-6) return "0";
  return written(value, { maximumSignificantDigits: 3 });
}

/** With a sign, for changes. @param {number | null | undefined} value */
export function signed(value) {
  if (value === null || value === undefined || Number.isNaN(value)) return "–";
  if (Math.abs(value) < 1e-6) return "0";
  return written(value, { maximumSignificantDigits: 3, signDisplay: "always" });
}

/** @param {number | null | undefined} value share of one */
export function percent(value) {
  if (value === null || value === undefined || Number.isNaN(value)) return "–";
  return written(value, { style: "percent", maximumSignificantDigits: Math.abs(value) < 1 ? 2 : 3 });
}

/** @param {number | null | undefined} value @param {string} unit a key of the words */
export const amount = (value, unit) => `${three(value)}\u00a0${word("unit", unit)}`;

/** Tonnes a year, in thousands or millions. @param {number | null | undefined} kt */
export function tonnes(kt) {
  if (kt === null || kt === undefined) return "–";
  return Math.abs(kt) >= 1000 ? amount(kt / 1000, "Mt") : amount(kt, "kt");
}

/** A whole number without grouping, such as a year. @param {number | string} value */
export const year = (value) => String(Math.round(Number(value)));

/** @param {string} iso */
export function moment(iso) {
  const when = new Date(iso);
  if (Number.isNaN(when.getTime())) return "";
  return new Intl.DateTimeFormat(code, { dateStyle: "medium", timeStyle: "short" }).format(when);
}

/** Order of letters in the language. @param {string} one @param {string} other */
export const inOrder = (one, other) => one.localeCompare(other, code);
