/** The map: one for all views, which paint pictures on it. It shows what the table beside it tells in words. */

import { fetched } from "./api.js";
import { labels } from "./labels.js";
import { legend } from "./legend.js";
import { fill, h, nothing } from "./parts.js";
import { colours } from "./paint.js";
import { t, tonnes, word } from "./words.js";

const DASHES = /** @type {Record<string, number[] | null>} */ ({ unused: null, solid: null, double: null, sea: [2.4, 0.9], pipe: [0.8, 0.6], less: [1.1, 0.7] });
const still = () => matchMedia("(prefers-reduced-motion: reduce)").matches;
const empty = () => ({ type: "FeatureCollection", features: [] });

/** @param {any} features */
const collection = (features) => ({ type: "FeatureCollection", features });

/** Middle of the largest part of a country, and its size. @param {any} geometry */
function middle(geometry) {
  let best = { size: 0, at: [0, 0] };
  for (const [ring] of geometry.coordinates) {
    let [size, x, y] = [0, 0, 0];
    for (let i = 0; i < ring.length - 1; i++) {
      const cross = ring[i][0] * ring[i + 1][1] - ring[i + 1][0] * ring[i][1];
      size += cross / 2;
      x += (ring[i][0] + ring[i + 1][0]) * cross;
      y += (ring[i][1] + ring[i + 1][1]) * cross;
    }
    if (Math.abs(size) > best.size) best = { size: Math.abs(size), at: [x / (6 * size), y / (6 * size)] };
  }
  return best;
}

/** The box in which most of what lies at `points` is. @param {number[][]} points @param {number} [cut] */
export function boxOf(points, cut = 0) {
  /** @param {number} axis */
  const sorted = (axis) => points.map((one) => one[axis]).sort((a, b) => a - b);
  const [x, y] = [sorted(0), sorted(1)];
  const k = Math.floor(points.length * cut);
  return [[x[k], y[k]], [x[x.length - 1 - k], y[y.length - 1 - k]]];
}

/**
 * Make the map in `stage`. `choose` is called with a row of links, or with a place.
 * @param {HTMLElement} stage @param {(kind: "link" | "place", id: string) => void} choose
 */
export function makeMap(stage, choose) {
  const canvas = h("div", { class: "canvas" });
  const over = h("div", { class: "names", "aria-hidden": "true" });
  const tip = h("div", { class: "tip", hidden: true, translate: "no", "aria-hidden": "true" });
  const key = h("div", { class: "key" });
  fill(stage, canvas, over, tip, key);
  /** @type {any} */
  const maplibre = /** @type {any} */ (window).maplibregl;
  let map;
  try {
    map = new maplibre.Map({
      container: canvas, style: { version: 8, sources: {}, layers: [] }, center: [58, 42], zoom: 3.4, minZoom: 1.2, maxZoom: 10,
      attributionControl: false, dragRotate: false, pitchWithRotate: false, touchPitch: false, fadeDuration: 0, maxPitch: 0,
      locale: { "NavigationControl.ZoomIn": t("map.in"), "NavigationControl.ZoomOut": t("map.out"), "Map.Title": t("tab.map") },
    });
  } catch {
    fill(stage, nothing(t("map.none"), t("map.none.more")));
    return null;
  }
  map.touchZoomRotate.disableRotation();
  map.keyboard.disableRotation();
  map.addControl(new maplibre.NavigationControl({ showCompass: false }), "top-right");
  const name = labels(map, over);
  /** @type {any} */
  let told = null;
  /** @type {any} */
  let ground = null;
  /** @type {import("./paint.js").Picture | null} */
  let shown = null;
  let hover = (/** @type {string} */ _id) => "";
  let chosen = "";
  /** @type {Record<string, string>} */
  let outlines = {};

  const ready = new Promise((done) => map.once("load", done)).then(() => {
    map.addSource("ground", { type: "geojson", data: empty(), tolerance: 0.5 });
    map.addSource("links", { type: "geojson", data: empty() });
    map.addSource("places", { type: "geojson", data: empty() });
    map.addLayer({ id: "water", type: "background" });
    map.addLayer({ id: "land", type: "fill", source: "ground", filter: ["==", ["get", "kind"], "country"] });
    map.addLayer({ id: "lake", type: "fill", source: "ground", filter: ["==", ["get", "kind"], "lake"] });
    map.addLayer({ id: "border", type: "line", source: "ground", filter: ["==", ["get", "kind"], "country"], paint: { "line-width": 0.7 } });
    map.addLayer({ id: "chosen", type: "line", source: "links", filter: ["==", ["get", "id"], ""], layout: { "line-cap": "round" }, paint: { "line-width": ["+", ["get", "width"], 9], "line-opacity": 0.35 } });
    for (const [style, dash] of Object.entries(DASHES)) {
      map.addLayer({
        id: `line-${style}`, type: "line", source: "links", filter: ["==", ["get", "style"], style],
        layout: { "line-sort-key": ["get", "order"], "line-cap": dash ? "butt" : "round", "line-join": "round" },
        paint: { "line-width": ["get", "width"], "line-color": ["get", "colour"], ...(dash ? { "line-dasharray": dash } : {}) },
      });
    }
    map.addLayer({ id: "line-inside", type: "line", source: "links", filter: ["all", ["==", ["get", "style"], "double"], [">", ["get", "width"], 2.6]], paint: { "line-width": ["*", ["get", "width"], 0.34] } });
    map.addLayer({ id: "hit", type: "line", source: "links", paint: { "line-width": ["+", ["get", "width"], 10], "line-opacity": 0 } });
    map.addLayer({ id: "dots", type: "circle", source: "places", layout: { "circle-sort-key": ["get", "size"] }, paint: { "circle-radius": ["get", "size"], "circle-color": ["get", "colour"], "circle-stroke-width": 1.2 } });
    dress();
  });

  const dress = () => {
    const now = colours();
    map.setPaintProperty("water", "background-color", now.water);
    map.setPaintProperty("land", "fill-color", now.land);
    map.setPaintProperty("lake", "fill-color", now.water);
    map.setPaintProperty("border", "line-color", now.border);
    map.setPaintProperty("line-inside", "line-color", now.paper);
    map.setPaintProperty("chosen", "line-color", now.chosen);
    map.setPaintProperty("dots", "circle-stroke-color", now.ink);
  };

  const redraw = () => {
    if (!told) return;
    const now = colours();
    map.getSource("links").setData(collection(told.links.map((/** @type {any} */ link) => {
      const stroke = shown?.strokes.get(link.id) ?? { width: 1, colour: now.unused, style: "unused", order: 0 };
      return { type: "Feature", geometry: { type: "LineString", coordinates: link.line }, properties: { ...stroke, id: link.id } };
    })));
    const used = new Set(told.links.filter((/** @type {any} */ one) => (shown?.strokes.get(one.id)?.order ?? 0) > 0).flatMap((/** @type {any} */ one) => [one.from, one.to]));
    map.getSource("places").setData(collection(told.places.map((/** @type {any} */ place) => {
      const dot = shown?.dots.get(place.id);
      return { type: "Feature", geometry: { type: "Point", coordinates: [place.lon, place.lat] }, properties: { id: place.id, colour: dot?.colour ?? now.paper, size: dot?.size ?? (used.has(place.id) || !shown ? 2.6 : 1.8) } };
    })));
  };

  const called = () => {
    if (!told) return;
    const weight = new Map();
    for (const link of told.links) {
      const order = shown?.legend === "flows" ? shown.strokes.get(link.id)?.order ?? 0 : 1;
      for (const end of [link.from, link.to]) weight.set(end, (weight.get(end) ?? 0) + order);
    }
    const most = Math.max(...weight.values(), 1);
    const base = (ground?.features ?? []).flatMap((/** @type {any} */ one) => {
      const { kind, name: text } = one.properties;
      if (!text) return [];
      if (kind === "water") return [{ text: word("water", text), at: one.geometry.coordinates[0], kind: "water", weight: 0.4, from: 3 }];
      if (kind !== "country") return [];
      one.middle ??= middle(one.geometry);
      return one.middle.size > 1.5 ? [{ text: outlines[text] ?? text, at: one.middle.at, kind: "country", weight: 0.2 + one.middle.size / 1e5, from: one.middle.size > 15 ? 2.2 : 4.2 }] : [];
    });
    const places = told.places.map((/** @type {any} */ place) => ({
      text: told.names.places[place.id] ?? place.id, at: [place.lon, place.lat], kind: "place",
      weight: (weight.get(place.id) ?? 0) / most + (shown?.dots.get(place.id)?.size ?? 0) / 20 + (place.terminals.length ? 0.25 : 0), from: (weight.get(place.id) ?? 0) > most / 8 ? 2.6 : 3.6,
    }));
    name([...places, ...base]);
  };

  /** @param {any} event @param {string[]} layers */
  const under = (event, layers) => map.queryRenderedFeatures([[event.point.x - 3, event.point.y - 3], [event.point.x + 3, event.point.y + 3]], { layers })[0]?.properties.id;
  map.on("mousemove", (/** @type {any} */ event) => {
    if (!told || !map.getLayer("hit")) return;
    const place = under(event, ["dots"]);
    const link = place ? "" : under(event, ["hit"]);
    map.getCanvas().style.cursor = place || link ? "pointer" : "";
    tip.hidden = !(place || link);
    if (tip.hidden) return;
    tip.textContent = place ? told.names.places[place] ?? place : hover(link);
    const left = event.point.x > stage.clientWidth - 260;
    tip.style.transform = `translate(${event.point.x + (left ? -14 : 14)}px, ${event.point.y + 12}px)${left ? " translateX(-100%)" : ""}`;
  });
  map.on("mouseout", () => { tip.hidden = true; });
  map.on("click", (/** @type {any} */ event) => {
    const place = under(event, ["dots"]);
    const link = under(event, ["hit"]);
    if (place) choose("place", place);
    else if (link) choose("link", link);
  });
  new ResizeObserver(() => map.resize()).observe(stage);

  return {
    ready,
    /** @param {any} one a case */
    async show(one) {
      const first = told?.id !== one.id;
      told = one;
      await ready;
      redraw();
      called();
      if (first) this.home(false);
      if (!ground) {
        ground = await fetched("/api/ground");
        map.getSource("ground").setData(ground);
        called();
      }
    },
    /** @param {boolean} [slow] */
    home(slow = true) {
      if (told?.places.length) map.fitBounds(boxOf(told.links.flatMap((/** @type {any} */ one) => [one.line[0], one.line.at(-1)]), 0.14), { padding: 24, duration: slow && !still() ? 400 : 0 });
    },
    /** @param {string[]} ids of links */
    fit(ids) {
      const points = told.links.filter((/** @type {any} */ one) => ids.includes(one.id)).flatMap((/** @type {any} */ one) => one.line);
      if (points.length) map.fitBounds(boxOf(points), { padding: 60, maxZoom: 6.5, duration: still() ? 0 : 400 });
    },
    /** @param {import("./paint.js").Picture | null} picture @param {(id: string) => string} [words] */
    async paint(picture, words) {
      shown = picture;
      hover = words ?? ((id) => id);
      await ready;
      dress();
      redraw();
      called();
      fill(key, legend(picture, stage.clientWidth > 640 && stage.clientHeight > 520));
      stage.dataset.shows = picture?.legend ?? "";
    },
    /** @param {string} id of a link */
    async mark(id) {
      chosen = id;
      await ready;
      map.setFilter("chosen", ["==", ["get", "id"], chosen]);
    },
    /** Whether a place or the ends of a link are in sight. @param {string[]} ids */
    async reveal(ids) {
      await ready;
      const bounds = map.getBounds();
      const points = told.links.filter((/** @type {any} */ one) => ids.includes(one.id)).flatMap((/** @type {any} */ one) => [one.line[0], one.line.at(-1)]);
      if (points.length && !points.every((/** @type {any} */ one) => bounds.contains(one))) this.fit(ids);
    },
    /** @param {Record<string, string>} names of outlines by their English ones */
    rename(names) {
      outlines = names;
      called();
    },
    resize: () => map.resize(),
    map,
  };
}

/** What a link is called. @param {any} told @param {string} id */
export function linkName(told, id) {
  const link = told.links.find((/** @type {any} */ one) => one.id === id);
  if (!link) return id;
  const name = (/** @type {string} */ place) => told.names.places[place] ?? place;
  return `${name(link.from)} – ${name(link.to)}, ${told.names.modes[link.mode] ?? link.mode}`;
}

/** What a row of any table of the network is called. @param {any} told @param {string} row */
export function rowName(told, row) {
  for (const place of told.places) {
    const terminal = place.terminals.find((/** @type {any} */ one) => one.id === row);
    if (terminal) return `${told.names.places[place.id] ?? place.id}, ${word("handling", terminal.handling)}`;
  }
  return linkName(told, row);
}

/** @param {any} told @param {any} link with kt and utilisation @param {(value: number) => string} percent */
export const linkWords = (told, link, percent) => `${linkName(told, link.link)}: ${tonnes(link.kt)}${link.utilisation > 0 ? `, ${percent(link.utilisation)}` : ""}`;
