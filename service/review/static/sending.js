// Requests of the pages' scripts, with the token that every form has.

const token = document.querySelector("meta[name=csrf-token]")?.content;

export function post(address, fields, options = {}) {
  return fetch(address, {
    method: "POST",
    headers: { Accept: "application/json, text/html;q=0.9", "X-CSRFToken": token },
    body: new URLSearchParams(fields),
    ...options,
  });
}

/** The text of an answer; null where there is none now, it was refused, or nobody waits for it any more. */
export async function ask(address, fields, signal) {
  try {
    const answer = await post(address, fields, { signal });
    return answer.ok ? await answer.text() : null;
  } catch {
    return null;
  }
}
