// Document text is untrusted: it reaches the page through textContent only.
"use strict";

const STATUS = {
  answered: "Answered.",
  refused: "No answer: the documents do not seem to hold it.",
  needs_human: "A person has to decide this.",
  degraded: "No usable answer came from the model. The baseline took over.",
  budget_exceeded: "Stopped: the question would cost more than the budget allows.",
  failed: "This did not work.",
};

const at = (id) => document.getElementById(id);
let running = null;

at("ask").addEventListener("submit", async (event) => {
  event.preventDefault();
  running?.abort();
  const request = new AbortController();
  running = request;
  clear();
  at("status").textContent = "Searching the documents…";
  try {
    await ask(at("question").value, request.signal);
  } catch (error) {
    if (request.signal.aborted) return;
    fail(error instanceof TypeError ? "The server cannot be reached. Is it still running?" : error.message);
  }
});

async function ask(question, signal) {
  const response = await fetch("/ask", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ question }),
    signal,
  });
  if (response.status === 422) throw new Error("A question has 1 to 2,000 characters.");
  if (!response.ok) throw new Error(`The server answered with error ${response.status}.`);
  let finished = false;
  for await (const line of lines(response.body)) {
    const part = JSON.parse(line);
    if ("written" in part) progress(part.written);
    if ("text" in part) addText(part.text);
    if ("error" in part) fail([part.error.message, part.error.hint].filter(Boolean).join(" "));
    if ("result" in part) show(part.result);
    finished = "error" in part || "result" in part;
  }
  if (!finished) throw new Error("The answer stopped before it was complete. The server's terminal says why.");
}

async function* lines(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const parts = (rest + value).split("\n");
    rest = parts.pop();
    yield* parts;
  }
}

function clear() {
  for (const id of ["answer", "citations", "error", "facts", "progress"]) at(id).replaceChildren();
  at("reply").hidden = true;
  at("sources").hidden = true;
}

// Screen readers announce #status: it changes with the phase, not with the count.
function progress(written) {
  if (!at("progress").textContent) {
    at("status").textContent = "The model is writing. Nothing is shown before its quotes are checked.";
  }
  at("progress").textContent = `Characters so far: ${written}`;
}

function fail(message) {
  at("status").textContent = "";
  at("progress").textContent = "";
  at("error").textContent = message;
}

function addText(text) {
  at("reply").hidden = false;
  at("answer").append(text);
}

function show(result) {
  at("status").textContent = STATUS[result.status] ?? result.status;
  at("progress").textContent = "";
  if (result.answer && at("answer").textContent.trim() !== result.answer.trim()) {
    at("answer").replaceChildren();
    addText(result.answer);
  }
  at("facts").textContent = result.message;
  at("citations").append(...result.citations.map(citation));
  at("sources").hidden = result.citations.length === 0;
}

function citation(cited) {
  const item = document.createElement("li");
  const link = document.createElement("a");
  link.href = `/passages/${encodeURIComponent(cited.chunk_id)}`;
  link.target = "_blank";
  link.rel = "noopener";
  link.textContent = `${cited.source} (opens in a new tab)`;
  const quote = document.createElement("blockquote");
  quote.textContent = cited.quote;
  item.append(link, quote);
  return item;
}
