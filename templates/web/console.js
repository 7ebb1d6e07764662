// Only comfort: countdowns that count and progress that moves. Every page works without it.
"use strict";

const units = [[86400, "day"], [3600, "hour"], [60, "minute"], [1, "second"]];

function about(seconds) {
  const [size, unit] = units.find(([size]) => seconds >= 2 * size) || units[3];
  return `${Math.round(seconds / size)} ${unit}s`;
}

function exact(seconds) {
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  return parts.map((part) => String(part).padStart(2, "0")).join(":");
}

// The server's clock counts, not this machine's.
const clock = document.querySelector("meta[name=now]");
const ahead = clock ? Date.parse(clock.content) - Date.now() : 0;

function count() {
  for (const one of document.querySelectorAll("[data-until]")) {
    const left = Math.round((Date.parse(one.dataset.until) - Date.now() - ahead) / 1000);
    one.textContent = left <= 0 ? `${about(-left)} ago` : left < 86400 ? `in ${exact(left)}` : `in ${about(left)}`;
  }
}

function show(told) {
  const shown = document.querySelectorAll("[data-mailout]");
  if (told.mailouts.length !== shown.length) return location.reload();
  for (const mailout of told.mailouts) {
    const card = document.querySelector(`[data-mailout="${mailout.id}"]`);
    if (!card) return location.reload();
    const bar = card.querySelector("progress");
    bar.max = mailout.total || 1;
    bar.value = mailout.done;
    for (const [group, number] of Object.entries(mailout.groups)) {
      card.querySelector(`[data-group="${group}"]`).textContent = number.toLocaleString("en");
    }
  }
}

const live = document.querySelector("[data-live]");
if (live) {
  new EventSource(live.dataset.live).onmessage = (event) => show(JSON.parse(event.data));
  for (const one of document.querySelectorAll("[data-refresh]")) one.hidden = true;
}
if (document.querySelector("[data-until]")) {
  count();
  setInterval(count, 1000);
}

// Rich text: its paragraphs come back from the server. Without this a browser pastes plain text.
async function paste(event) {
  const html = event.clipboardData.getData("text/html");
  if (!html) return;
  event.preventDefault();
  const area = event.target;
  const form = new FormData();
  form.append("form", area.form.elements.form.value);
  form.append("html", html);
  let text = event.clipboardData.getData("text/plain");
  try {
    const answer = await fetch(area.dataset.pasted, { method: "POST", body: form, redirect: "error" });
    if (answer.ok) text = await answer.text();
  } catch (error) {
    console.warn(error); // what the browser has is pasted then
  }
  area.focus();
  if (!document.execCommand("insertText", false, text)) area.setRangeText(text, area.selectionStart, area.selectionEnd, "end");
}

for (const area of document.querySelectorAll("[data-pasted]")) area.addEventListener("paste", paste);

if (document.querySelector("[data-reload]")) setTimeout(() => location.reload(), 2000);
