/** Names on the map, as text of the page: no fonts to fetch, and none where two would meet. */

import { h } from "./parts.js";

/** @typedef {{text: string, at: [number, number], kind: string, weight: number, from: number}} Label */

const WIDE = { country: 8.6, water: 6.6, place: 7.2 };

/** @param {any} map @param {HTMLElement} over */
export function labels(map, over) {
  /** @type {{label: Label, element: HTMLElement, wide: number}[]} */
  let all = [];

  const put = () => {
    for (const { label, element, wide } of all) {
      if (element.hidden) continue;
      const { x, y } = map.project(label.at);
      const [dx, dy] = label.kind === "place" ? [8, -8] : [-wide / 2, -8];
      element.style.transform = `translate(${Math.round(x + dx)}px, ${Math.round(y + dy)}px)`;
    }
  };

  const choose = () => {
    const { clientWidth: width, clientHeight: height } = over;
    /** @type {number[][]} */
    const taken = [];
    for (const { label, element, wide } of all) {
      const { x, y } = map.project(label.at);
      const left = label.kind === "place" ? x - 4 : x - wide / 2;
      const box = [left - 2, y - 9, left + wide + (label.kind === "place" ? 14 : 2), y + 9];
      const fits = map.getZoom() >= label.from && box[0] > 2 && box[1] > 2 && box[2] < width - 2 && box[3] < height - 2
        && !taken.some((other) => box[0] < other[2] && box[2] > other[0] && box[1] < other[3] && box[3] > other[1]);
      element.hidden = !fits;
      if (fits) taken.push(box);
    }
    put();
  };

  map.on("move", put);
  map.on("moveend", choose);
  map.on("resize", choose);

  /** @param {Label[]} next the weightiest are placed first */
  return (next) => {
    const ordered = [...next].sort((one, other) => other.weight - one.weight);
    all = ordered.map((label) => ({
      label,
      element: h("span", { class: `name ${label.kind}`, translate: "no" }, label.text),
      wide: label.text.length * (WIDE[/** @type {keyof typeof WIDE} */ (label.kind)] ?? 6.4) + 2,
    }));
    over.replaceChildren(...all.map((one) => one.element));
    choose();
  };
}
