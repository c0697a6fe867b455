/** The legend of what is painted. */

import { h } from "./parts.js";
import { BOUNDS, colours, widthOf } from "./paint.js";
import { amount, percent, t, tonnes } from "./words.js";

/** @param {string} colour @param {number} height @param {string} [style] */
const stroke = (colour, height, style = "") => h("span", { class: `stroke ${style}`, style: { "--stroke": colour, "--thick": `${Math.max(height, 1)}px` } });
/** @param {Node} mark @param {string} words */
const entry = (mark, words) => h("li", {}, mark, h("span", {}, words));

/** @param {import("./paint.js").Picture | null} picture @param {boolean} open whether there is room for all of it */
export function legend(picture, open) {
  const now = colours();
  const note = h("p", { class: "note" }, t("map.outlines"));
  if (!picture) return [note];
  const steps = (/** @type {number[]} */ shares) => shares.map((share) => round(picture.most * share)).filter((kt, i, all) => kt > 0 && all.indexOf(kt) === i);
  if (picture.legend === "flows") {
    return [h("details", { open }, h("summary", {}, t("legend")),
      h("div", { class: "keys" },
        h("div", {}, h("h3", {}, t("legend.use")), h("ul", {}, now.bins.map((colour, i) => entry(stroke(colour, 9),
          i === 4 ? t("legend.above", { share: percent(1) }) : t("legend.to", { share: percent(BOUNDS[i]) }))), entry(stroke(now.unknown, 9), t("legend.unknown")))),
        h("div", {}, h("h3", {}, t("legend.load")), h("ul", {}, steps([1, 0.25, 0.05]).map((kt) => entry(stroke(now.unknown, widthOf(kt, picture.most)), tonnes(kt)))),
          h("h3", {}, t("legend.drawn")), h("ul", {}, entry(stroke(now.ink, 3), t("family.rail")), entry(stroke(now.ink, 5, "double"), t("family.road")), entry(stroke(now.ink, 3, "sea"), t("family.sea")), entry(stroke(now.ink, 3, "pipe"), t("family.pipeline")), entry(stroke(now.unused, 1), t("legend.unused"))))), note)];
  }
  if (picture.legend === "changes") {
    return [h("details", { open }, h("summary", {}, t("legend")), h("ul", {},
      entry(stroke(now.more, 6), t("legend.more")), entry(stroke(now.less, 6, "less"), t("legend.less")), entry(stroke(now.unused, 1), t("legend.same")),
      steps([1, 0.1]).map((kt) => entry(stroke(now.unknown, widthOf(kt, picture.most)), tonnes(kt)))), note)];
  }
  if (picture.legend === "ranks") {
    return [h("details", { open }, h("summary", {}, t("legend")), h("h3", {}, t("legend.loss")), h("ul", {},
      [[3, 0.3], [2, 0.1], [1, 0.02]].map(([bin, share]) => entry(stroke(now.bins[bin], 8), t("legend.over", { value: amount(picture.most * share, "musd_y") }))), entry(stroke(now.bins[0], 8), t("legend.below"))), note)];
  }
  return [h("details", { open }, h("summary", {}, t("legend")), h("ul", {}, entry(stroke(now.built, 5), t("legend.built")), entry(stroke(now.unused, 1), t("legend.rest"))), note)];
}

/** A round number near. @param {number} x */
function round(x) {
  if (!(x > 0)) return 0;
  const unit = 10 ** Math.floor(Math.log10(x));
  return Math.round(x / unit) * unit;
}
