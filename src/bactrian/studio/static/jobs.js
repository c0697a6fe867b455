/** Long work: the list of jobs, and progress as the server sends it. Both survive a reload, as the server keeps them. */

import { fetched, send } from "./api.js";

/** @typedef {{id: string, verb: string, name: string, state: string, said: string, done: number | null, command: string,
 *   began: string, ended: string | null, own: boolean, shared: boolean, files: string[], message: string, case?: string, settings?: any}} Job */

/** @type {Map<string, Job>} */
const jobs = new Map();
/** @type {Map<string, EventSource>} */
const streams = new Map();
/** @type {Set<() => void>} */
const watchers = new Set();

export const all = () => [...jobs.values()].sort((one, other) => (other.began ?? "").localeCompare(one.began ?? ""));
/** @param {string} id */
export const job = (id) => jobs.get(id);
/** @param {Job} one */
export const goesOn = (one) => one.state === "running" || one.state === "waiting";

/** @param {() => void} act */
export function watch(act) {
  watchers.add(act);
  return () => void watchers.delete(act);
}

const tell = () => { for (const act of [...watchers]) act(); };

/** @param {Job} one */
function take(one) {
  jobs.set(one.id, one);
  if (goesOn(one)) follow(one.id);
  else {
    streams.get(one.id)?.close();
    streams.delete(one.id);
  }
  tell();
}

/** @param {string} id */
function follow(id) {
  if (streams.has(id)) return;
  const stream = new EventSource(`/api/jobs/${id}/events`);
  streams.set(id, stream);
  stream.addEventListener("message", (event) => take(JSON.parse(event.data)));
  stream.addEventListener("error", async () => {
    if (stream.readyState !== EventSource.CLOSED) return; // it tries again by itself
    streams.delete(id);
    take(await fetched(`/api/jobs/${id}`));
  });
}

export async function refresh() {
  const told = await fetched("/api/jobs");
  jobs.clear();
  for (const one of told) take(one);
  tell();
}

/** @param {string} verb @param {string} of id of a case @param {any} scenario @param {Record<string, any>} settings */
export async function start(verb, of, scenario, settings) {
  const kept = Object.fromEntries(Object.entries(settings).filter(([, value]) =>
    !(value === null || value === undefined || value === "" || value === false || (Array.isArray(value) && !value.length))));
  const made = await send("/api/jobs", { verb, case: of, scenario, settings: kept });
  take(made);
  return /** @type {Job} */ (made);
}

/** @param {string} id */
export const cancel = async (id) => take(await send(`/api/jobs/${id}/cancel`));
/** @param {string} id */
export const resume = async (id) => take(await send(`/api/jobs/${id}/resume`));
/** @param {string} id @param {boolean} shared */
export const share = async (id, shared) => take(await send(`/api/jobs/${id}/share`, { shared }));
/** @param {string} id */
export async function remove(id) {
  await send(`/api/jobs/${id}`, undefined, "DELETE");
  streams.get(id)?.close();
  streams.delete(id);
  jobs.delete(id);
  tell();
}

/** @type {Map<string, Promise<any>>} */
const results = new Map();
/** The result of a job that is done. @param {string} id */
export function result(id) {
  if (!results.has(id)) {
    const answer = fetched(`/api/jobs/${id}/result`);
    results.set(id, answer);
    answer.catch(() => results.delete(id));
  }
  return /** @type {Promise<any>} */ (results.get(id));
}
