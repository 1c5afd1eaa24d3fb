// Follows a document until it is drafted or has failed: asks for its state, and loads the page anew when it changes.

const main = document.querySelector("main[data-poll]");
const SECOND = 1000;
const SLOWEST = 10 * SECOND;

async function follow(wait) {
  await new Promise((done) => setTimeout(done, wait));
  try {
    const answer = await fetch(main.dataset.poll, { headers: { Accept: "application/json" } });
    if (answer.status === 401) return;
    if (answer.ok && (await answer.json()).state !== main.dataset.state) return location.reload();
  } catch {
    // No answer now; the next one may come.
  }
  follow(Math.min(wait * 1.2, SLOWEST));
}

follow(SECOND);
