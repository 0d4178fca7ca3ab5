// What forms say goes to the API; what the hub tells brings the page up to date.
"use strict";

/** Puts what is new of this page in place of what is old, but nothing that somebody is about to use. */
async function refresh() {
  const answer = await fetch(location.href);
  if (answer.redirected && new URL(answer.url).pathname === "/login") return location.assign(answer.url);
  if (!answer.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const part of document.querySelectorAll("[data-live]")) {
    const other = fresh.getElementById(part.id);
    if (other && !part.contains(document.activeElement) && part.innerHTML !== other.innerHTML) {
      part.replaceWith(document.adoptNode(other));
    }
  }
}

/** The fields that say something, and the button that was pressed. */
function fields(form, button) {
  const said = {};
  for (const [name, value] of new FormData(form, button)) {
    if (value === "") continue;
    said[name] = name === "port" ? Number(value) : value;
  }
  return said;
}

/** What shows that a request is of this page, where somebody has logged in. */
function proof() {
  const token = document.querySelector("meta[name=csrf-token]");
  return token ? { "x-csrf-token": token.content } : {};
}

/** One sentence about what the API answered. */
function sentence(answer, said) {
  if (said.error) return "Not done: " + said.error;
  if (said.covers) {
    const alerts = said.covers.map((alert) => `${alert.title} – ${alert.device || "the hub"}`);
    const which = alerts.length ? ": " + alerts.slice(0, 20).join("; ") : "";
    return `It would close ${said.count} open ${said.count === 1 ? "alert" : "alerts"}${which}.`;
  }
  return answer.ok ? "Done." : "Not done: the hub says " + answer.status + ".";
}

document.addEventListener("submit", async (event) => {
  const form = event.target;
  const button = event.submitter;
  if (!form.matches("[data-form]") || !button) return;
  event.preventDefault();
  const output = form.querySelector("output");
  // The form says where the API has what it is about, the button what is to be done with it.
  const { post, delete: remove } = button.dataset;
  const address = form.dataset.form + (remove ?? post);
  const request = remove
    ? { method: "DELETE", headers: proof() }
    : { method: "POST", headers: { "content-type": "application/json", ...proof() }, body: JSON.stringify(fields(form, button)) };
  try {
    const answer = await fetch(address, request);
    const text = await answer.text();
    let said = {};
    try { said = JSON.parse(text || "{}"); } catch { said = answer.ok ? {} : { error: text }; }
    output.textContent = sentence(answer, said);
    if (answer.ok) {
      button.blur();
      await refresh();
    }
  } catch (error) {
    output.textContent = "Not done: the hub does not answer.";
  }
});

let waiting = false;
let last = 0;
const state = document.getElementById("live-state");
const events = new EventSource("/api/v1/events");
events.onopen = () => { state.textContent = ""; soon(); };
events.onerror = () => {
  state.textContent = "The hub does not answer; what is shown may be old.";
  // Or the session is over, which leads to where one logs in.
  soon();
};
events.onmessage = soon;

/** At most twice a second. */
function soon() {
  if (waiting) return;
  waiting = true;
  setTimeout(async () => {
    waiting = false;
    last = Date.now();
    try { await refresh(); } catch { /* The next event tries again. */ }
  }, Math.max(0, last + 500 - Date.now()));
}
