/** The list of jobs, reachable from everywhere. */

import * as jobs from "./jobs.js";
import { button, fill, h, own, problem } from "./parts.js";
import { moment, percent, t } from "./words.js";

/** How far a job is. @param {jobs.Job} one */
export function progress(one) {
  const bar = h("progress", { "aria-label": t("job.progress"), max: "1" });
  if (one.done !== null && one.done !== undefined) bar.setAttribute("value", String(one.done));
  return h("div", { class: "progress" }, bar,
    h("span", { class: "note" }, one.done ? percent(one.done) : "", " ", own(one.said ?? "")));
}

/** Buttons of a job. @param {jobs.Job} one @param {(error: unknown) => void} failed */
export function jobButtons(one, failed) {
  const act = (/** @type {() => Promise<unknown>} */ doing) => () => doing().catch(failed);
  return h("div", { class: "row" },
    one.own && jobs.goesOn(one) && button(t("job.cancel"), act(() => jobs.cancel(one.id))),
    one.own && ["cancelled", "interrupted", "failed"].includes(one.state) && button(t("job.resume"), act(() => jobs.resume(one.id))),
    one.own && one.state === "done" && button(one.shared ? t("unshare") : t("share"), act(() => jobs.share(one.id, !one.shared))),
    one.state === "done" && h("a", { class: "button", href: `/api/jobs/${one.id}/zip`, download: "" }, t("files")),
    one.own && !jobs.goesOn(one) && button(t("delete"), act(() => jobs.remove(one.id))));
}

/** @param {jobs.Job} one */
export const stateOf = (one) => h("span", { class: `state ${one.state}` }, t(`state.${one.state}`), !one.own && h("span", { class: "mark" }, t("of.others")), one.own && one.shared && h("span", { class: "mark" }, t("shared")));

/** @param {(one: jobs.Job) => void} show opens a job in its view */
export function jobsButton(show) {
  const list = h("div", { class: "jobs", id: "jobs", hidden: true, role: "dialog", "aria-label": t("jobs") });
  const label = h("button", { type: "button", class: "jobs-button", "aria-expanded": "false", "aria-controls": "jobs" });
  const wrong = h("div");
  /** @param {boolean} open */
  const toggle = (open) => {
    list.hidden = !open;
    label.setAttribute("aria-expanded", String(open));
    if (open) { draw(); jobs.refresh().catch(fail); list.querySelector("button")?.focus(); }
  };
  const fail = (/** @type {unknown} */ error) => { fill(wrong, problem(error)); };
  const draw = () => {
    const all = jobs.all();
    const going = all.filter(jobs.goesOn).length;
    fill(label, t("jobs"), going > 0 && h("span", { class: "count" }, going));
    if (list.hidden) return;
    fill(list, h("div", { class: "row between" }, h("h2", {}, t("jobs")), button("×", () => { toggle(false); label.focus(); }, { class: "plain", "aria-label": t("close") })), wrong,
      all.length ? h("ul", {}, all.map((one) => h("li", {},
        h("div", { class: "row between" }, h("button", { type: "button", class: "link", on: { click: () => { show(one); toggle(false); } } }, t(`verb.${one.verb}`), one.name && one.name !== one.verb ? [" · ", own(one.name)] : null), stateOf(one)),
        h("span", { class: "note", translate: "no" }, moment(one.began)),
        jobs.goesOn(one) && progress(one), one.state === "failed" && one.message && h("p", { class: "note", translate: "no" }, one.message), jobButtons(one, fail))))
        : h("p", { class: "note" }, t("jobs.none")));
  };
  label.addEventListener("click", () => toggle(list.hidden));
  list.addEventListener("keydown", (event) => { if (event.key === "Escape") { toggle(false); label.focus(); event.stopPropagation(); } });
  jobs.watch(draw);
  draw();
  return h("div", { class: "jobs-box" }, label, list);
}
