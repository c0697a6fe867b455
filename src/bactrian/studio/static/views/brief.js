/** Brief: a page for people, made of results, in which every figure is looked up. */

import { fetched } from "../api.js";
import * as jobs from "../jobs.js";
import { choice, field, fill, h, nothing, own, tick } from "../parts.js";
import * as runs from "../run.js";
import * as state from "../state.js";
import { LANGUAGES, language, moment, t, year } from "../words.js";
import { settings, showJob, starter } from "./work.js";

/** @param {any} desk */
export function show(desk) {
  const { side, facts } = desk;
  const kept = settings("brief", { results: [], kind: "", language: [language()], pdf: true, run: true });
  const { now } = kept;
  /** @type {import("../run.js").Run | undefined} */
  let run;
  const list = h("div", { class: "choices" });
  const drawList = () => {
    const done = jobs.all().filter((one) => one.state === "done" && ["plan", "stress", "share"].includes(one.verb));
    fill(list,
      tick([t("brief.run"), " ", h("span", { class: "note", translate: "no" }, run ? `${run.name ?? ""} ${year(run.year)}` : "…")], now.run, (on) => kept.put({ run: on })),
      done.map((one) => tick([t(`verb.${one.verb}`), " ", h("span", { class: "note" }, own(`${one.name} · ${moment(one.began)}`))], now.results.includes(one.id), (on) => kept.put({ results: on ? [...now.results, one.id] : now.results.filter((/** @type {string} */ id) => id !== one.id) }))),
      !done.length && h("p", { class: "note" }, t("brief.more")));
  };
  const chosen = () => now.results.map((/** @type {string} */ id) => jobs.job(id)).filter(Boolean);
  const kindNow = () => now.kind || (chosen().some((/** @type {jobs.Job} */ one) => one.verb === "plan") ? "news" : "technical");
  drawList();
  fill(side, h("h2", {}, t("brief.ask")), h("h3", {}, t("brief.results")), list,
    field(t("kind"), choice([["", t("kind.fits")], ["news", t("kind.news")], ["policy", t("kind.policy")], ["technical", t("kind.technical")]], now.kind, (value) => kept.put({ kind: value })), t("kind.note")),
    h("fieldset", { class: "plain" }, h("legend", { class: "label" }, t("languages")), Object.entries(LANGUAGES).map(([code, name]) => tick(name, now.language.includes(code), (on) => kept.put({ language: on ? [...now.language, code] : now.language.filter((/** @type {string} */ one) => one !== code) }), { translate: "no", lang: code }))),
    tick(t("brief.pdf"), now.pdf, (on) => kept.put({ pdf: on })),
    starter(desk, "brief", t("brief.start"), () => ({ verb: "brief", settings: {
      results: [...(now.run && run ? [run.key] : []), ...now.results.filter((/** @type {string} */ id) => jobs.job(id))], kind: kindNow(), language: now.language.length ? now.language : [language()], pdf: now.pdf,
    } })));

  /** @param {any} result @param {jobs.Job} one */
  const render = (result, one) => {
    const sheets = one.files.filter((name) => name.endsWith(".html") && !name.startsWith("index"));
    const at = (/** @type {string} */ name) => `/api/jobs/${one.id}/files/${encodeURIComponent(name)}`;
    const frame = h("iframe", { class: "sheet", sandbox: "", title: t("brief.preview") });
    const codeOf = (/** @type {string} */ name) => Object.keys(LANGUAGES).find((code) => new RegExp(`[._-]${code}\\.html$`).test(name)) ?? "en";
    const first = sheets.find((name) => name === state.get("sheet")) ?? sheets.find((name) => codeOf(name) === language()) ?? sheets[0];
    if (first) frame.src = at(first);
    const kinds = /** @type {[string, RegExp][]} */ ([["HTML", /\.html$/], ["PDF", /\.pdf$/], ["Markdown", /\.md$/], ["ninjs", /\.ninjs\.json$/]]);
    return [
      h("div", { class: "row between" },
        sheets.length > 1 ? choice(sheets.map((name) => [name, `${LANGUAGES[/** @type {keyof typeof LANGUAGES} */ (codeOf(name))]} · ${name}`]), first, (name) => { frame.src = at(name); state.set({ sheet: name }); }, { "aria-label": t("brief.sheet"), class: "which" }) : own(first ?? ""),
        h("div", { class: "row" }, kinds.flatMap(([label, like]) => one.files.filter((name) => like.test(name) && !name.startsWith("index")).map((name) => h("a", { class: "button", href: at(name), download: name, title: name, translate: "no" }, label, one.files.filter((other) => like.test(other) && !other.startsWith("index")).length > 1 ? ` ${codeOf(name.replace(/(\.ninjs)?\.\w+$/, ".html"))}` : ""))))),
      first ? frame : nothing(t("brief.empty"))];
  };
  const stop = showJob(facts, "brief", ["brief"], render, { head: t("brief.none"), rest: t("brief.none.more") }, (one) => fetched(`/api/jobs/${one.id}/result`).catch(() => null));
  const stops = [stop, runs.watch((shown) => { run = shown.state === "done" ? shown.run : run; drawList(); }), jobs.watch(() => { if (!list.contains(document.activeElement)) drawList(); })];
  return () => stops.forEach((one) => one());
}
