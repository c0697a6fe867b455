/** Talk to the server. Whatever goes wrong is a `Refusal`, with what the server says about it. */

/** @typedef {{table: string, row: number, column: string, rule: string, remedy: string, id: string}} Finding */

export class Refusal extends Error {
  /** @param {number} status @param {string} message @param {Finding[]} findings */
  constructor(status, message, findings = []) {
    super(message);
    this.status = status;
    this.findings = findings;
  }
}

/** @param {string} address @param {RequestInit} [options] */
async function ask(address, options = {}) {
  let answer;
  try {
    answer = await fetch(address, options);
  } catch (error) {
    if (options.signal?.aborted) throw error;
    throw new Refusal(0, "");
  }
  if (!answer.ok) {
    const told = await answer.json().catch(() => ({}));
    const message = typeof told.message === "string" ? told.message : typeof told.detail === "string" ? told.detail : "";
    throw new Refusal(answer.status, message, Array.isArray(told.findings) ? told.findings : []);
  }
  return answer;
}

/** @param {string} address @param {AbortSignal} [signal] */
export async function fetched(address, signal) {
  return (await ask(address, { signal })).json();
}

/** @param {string} address */
export async function text(address) {
  return (await ask(address)).text();
}

/** @param {string} address @param {unknown} [body] @param {string} [method] @param {AbortSignal} [signal] */
export async function send(address, body, method = "POST", signal) {
  const answer = await ask(address, {
    method, signal,
    headers: { "Content-Type": "application/json", "X-Bactrian": "1" },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const told = await answer.text();
  return told ? JSON.parse(told) : null;
}

/** @param {string} address @param {File} file */
export async function upload(address, file) {
  const body = new FormData();
  body.append("file", file);
  return (await ask(address, { method: "POST", headers: { "X-Bactrian": "1" }, body })).json();
}

/** An address with a query of what is not empty. @param {string} path @param {Record<string, unknown>} values */
export function to(path, values = {}) {
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(values)) {
    if (value !== undefined && value !== null && value !== "") query.set(key, String(value));
  }
  return query.size ? `${path}?${query}` : path;
}
