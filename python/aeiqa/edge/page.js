"use strict";
const MOST = 600;
const past = [];
const find = (id) => document.getElementById(id);
const percent = (share) => (share === null ? "–" : `${(100 * share).toFixed(1)} %`);

function rows(id, content) {
  find(id).replaceChildren(...content.map((cells) => {
    const row = document.createElement("tr");
    cells.forEach((text, column) => {
      const cell = document.createElement(column === 0 ? "th" : "td");
      if (column === 0) cell.scope = "row";
      cell.textContent = text;
      row.append(cell);
    });
    return row;
  }));
}

function shape(name, attributes, text = "") {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.textContent = text;
  return made;
}

function draw(limit) {
  const top = Math.max(2 * limit, ...past.map((point) => point.high));
  const x = (i) => 70 + (525 * i) / Math.max(past.length - 1, 1);
  const y = (share) => 150 - (140 * share) / top;
  const at = (name) => past.map((point, i) => `${x(i).toFixed(1)},${y(point[name]).toFixed(1)}`);
  find("chart").replaceChildren(
    shape("polygon", { class: "band", points: [...at("high"), ...at("low").reverse()].join(" ") }),
    shape("polyline", { class: "line", points: at("error").join(" ") }),
    shape("line", { class: "limit", x1: 70, x2: 595, y1: y(limit), y2: y(limit) }),
    shape("text", { x: 0, y: y(limit) + 6 }, percent(limit)),
    shape("text", { x: 0, y: 158 }, "0 %"),
  );
}

function show(status) {
  const { predicted_error: predicted, images, receiver } = status;
  const on = Object.values(status.alarms).filter((alarm) => alarm.active).length;
  const state = on ? `${on} alarm${on > 1 ? "s" : ""}` : "in order";
  if (find("state").textContent !== state) find("state").textContent = state;
  find("error").textContent = percent(predicted.error);
  find("interval").textContent = predicted.error === null ? "" : `95 %: ${percent(predicted.low)} to ${percent(predicted.high)}`;
  find("limit").textContent = `of the latest ${predicted.images} images; limit ${percent(status.limit)}`;
  find("alarms").replaceChildren(...Object.entries(status.alarms).map(([name, alarm]) => {
    const item = document.createElement("li");
    item.className = alarm.active ? "on" : "";
    item.textContent = alarm.active ? `⚠ ${name}: ${alarm.text}` : `✓ ${name}: in order`;
    return item;
  }));
  rows("images", Object.entries(images).map(([name, count]) => [name.replaceAll("_", " "), count]));
  rows("modes", Object.entries(status.predicted_error_by_modulation).map(([name, part]) => [name, part.images, percent(part.error)]));
  const number = (value, unit) => (value === null ? "–" : `${value.toFixed(1)} ${unit}`);
  rows("receiver", [
    ["SNR", number(receiver.snr_db, "dB")],
    ["mean level", number(receiver.level_db, "dB")],
    ["frames right", receiver.payloads_ok],
    ["frames damaged", receiver.payloads_bad],
    ["frames lost", receiver.frames_lost],
  ]);
  if (predicted.error !== null) {
    past.push(predicted);
    if (past.length > MOST) past.shift();
    draw(status.limit);
  }
}

async function look() {
  try {
    const reply = await fetch("/status");
    if (!reply.ok) throw new Error(reply.statusText);
    show(await reply.json());
  } catch {
    find("state").textContent = "no connection to the edge";
  }
  setTimeout(look, 1000);
}

look();
