// The plain page: what REST says now, kept fresh by the WebSocket. Every foreign word goes through textContent.

const RELOAD_PAUSE_MS = 1000; // new devices in a burst are fetched once
const RETRY_MS = 5000; // after the server refused
const LONGEST_WAIT_S = 30; // between two attempts to reconnect

const sites = new Map(); // id → {site, connection, role, card parts}
const gateways = new Map();
const dataloggers = new Map();
const sensors = new Map();
const $ = (id) => document.getElementById(id);

let offset = 0; // the server's clock minus ours, ms
let nextReconcile = null;
let period = 30;
let heardAt = null; // of the last frame, by our clock
let trouble = ""; // why what is shown may be old
let cut = 0; // rows that the lists held beyond what was asked for

const now = () => Date.now() + offset;

// ------------------------------------------------------------------ words

function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children.filter((child) => child !== null));
  return node;
}

function span(seconds) {
  const s = Math.max(0, Math.round(seconds));
  if (s < 90) return `${s} s`;
  if (s < 5400) return `${Math.round(s / 60)} min`;
  return s < 129600 ? `${Math.round(s / 3600)} h` : `${Math.round(s / 86400)} days`;
}

const clock = (ms) => new Date(ms).toLocaleTimeString();
const ago = (iso) => `${span((now() - Date.parse(iso)) / 1000)} ago`;
const until = (iso) => (Date.parse(iso) - now()) / 1000;
const plain = new Intl.NumberFormat("en", { maximumSignificantDigits: 5, useGrouping: false });

function number(value) {
  const size = Math.abs(value);
  const words = size !== 0 && (size >= 1e7 || size < 1e-4) ? value.toExponential(3) : plain.format(value);
  return words.replace("-", "−");
}

const PRESENCE = { online: ["good", "Online"], offline: ["bad", "Offline"], unknown: ["none", "Unknown"] };
const REASONS = { silent: "fell silent", declared: "said so itself", gateway: "its gateway is offline" };

function describe(connection) {
  const { status, is_active: wanted } = connection;
  const since = `for ${span((now() - Date.parse(connection.status_since)) / 1000)}`;
  const open = status === "connected";
  if (wanted === open || (wanted && connection.status !== "disconnected")) {
    if (open) return ["good", `Connected ${since}`];
    if (!wanted) return ["none", `Switched off ${since}`];
    const attempt = connection.mqtt_retry_count ? `, attempt ${connection.mqtt_retry_count}` : "";
    const retry = connection.mqtt_next_retry && until(connection.mqtt_next_retry) > 0
      ? `, next try in ${span(until(connection.mqtt_next_retry))}` : "";
    return [status === "error" ? "bad" : "wait", `${status === "error" ? "Not connected" : "Connecting"}${attempt}${retry}`];
  }
  const what = wanted ? "Starting" : "Stopping";
  const left = nextReconcile ? until(nextReconcile) + 2 : 0;
  return ["wait", left > 0 ? `${what}: applies within ${span(left)}` : `${what}: waiting for the listener`];
}

function example(site, connection) {
  const payload = { serial_number_gateway: `${site.slug}-gateway_1`, timestamp: new Date(now()).toISOString(), dataloggers: [
    { serial_number_datalogger: "first", devices: [{ type: "adaq", serial_number_device: "MAS8AT00", data: [{ type: "ch1", value: [1.342] }] }] }] };
  const broker = connection ? `-h ${connection.broker_host} -p ${connection.broker_port}` : "-h BROKER";
  return `mosquitto_pub ${broker} -q 1 -t '${site.slug}/gateway/1/dataloggers/telemetry' -m '${JSON.stringify(payload)}'`;
}

// ------------------------------------------------------------------ what is shown

function showDevice(device, extra = null) {
  const [kind, word] = PRESENCE[device.status] ?? ["none", device.status];
  const reason = device.status === "offline" ? REASONS[device.offline_reason] : null;
  device.word.className = `word ${kind}`;
  device.word.textContent = reason ? `${word}, ${reason}` : word;
  device.seen.textContent = device.last_seen_at ? `last seen ${ago(device.last_seen_at)}` : "never seen";
  if (device.last_seen_at) device.seen.title = new Date(device.last_seen_at).toLocaleString();
  extra?.classList.toggle("stale", device.status !== "online");
}

function deviceParts(device) {
  device.word = el("span", { class: "word" });
  device.seen = el("time");
  return el("p", { class: "seen" }, device.word, device.seen);
}

function showValue(sensor) {
  const values = sensor.latest_values ?? [];
  const named = values.length > 1;
  sensor.box.replaceChildren(...values.map((value, index) => el("span", {},
    ...(named ? [el("i", {}, sensor.components[index] ?? "")] : []), number(value))));
  if (!values.length) sensor.box.append("–");
  if (sensor.unit) sensor.box.append(el("i", {}, sensor.unit));
  if (sensor.latest_quality && sensor.latest_quality !== "good") sensor.box.append(el("b", {}, sensor.latest_quality));
  sensor.box.title = sensor.latest_time ? `device time ${new Date(sensor.latest_time).toLocaleString()}` : "";
}

function dataloggerRow(datalogger) {
  const own = [...sensors.values()].filter((sensor) => sensor.datalogger_id === datalogger.id);
  datalogger.values = el("dl", { class: "values" }, ...own.map((sensor) => {
    sensor.box = el("dd");
    showValue(sensor);
    return el("div", sensor.components.length > 1 ? { class: "wide" } : {}, el("dt", {}, sensor.key), sensor.box);
  }));
  const name = el("h3", {}, datalogger.serial, datalogger.kind ? el("small", {}, datalogger.kind) : null);
  const row = el("article", { class: "device" }, el("div", {}, name, deviceParts(datalogger)), datalogger.values);
  showDevice(datalogger, datalogger.values);
  return row;
}

function gatewayRow(gateway) {
  const row = el("div", { class: "gateway" }, el("h3", {}, gateway.serial), deviceParts(gateway));
  showDevice(gateway);
  return row;
}

function siteCard(entry) {
  const { site, connection } = entry;
  const about = [site.site_type, site.location, site.is_active ? "" : "hidden"].filter(Boolean).join(" · ");
  entry.broker = el("p", { class: "broker" });
  entry.refused = el("p", { class: "refused", role: "alert" });
  entry.button = el("button", { type: "button" });
  entry.button.addEventListener("click", () => toggle(entry));
  const card = el("section", { class: "site", "aria-label": site.name }, el("header", {},
    el("h2", {}, site.name, el("small", {}, about)), entry.broker, el("div", { class: "switch" }, entry.button), entry.refused));
  showConnection(entry);
  const own = (devices) => [...devices.values()].filter((device) => device.site_id === site.id);
  const direct = own(dataloggers).filter((datalogger) => !gateways.has(datalogger.gateway_id));
  card.append(...direct.map(dataloggerRow));
  for (const gateway of own(gateways)) {
    card.append(gatewayRow(gateway), ...own(dataloggers).filter((one) => one.gateway_id === gateway.id).map(dataloggerRow));
  }
  if (!own(dataloggers).length && !own(gateways).length) {
    card.append(el("div", { class: "empty" }, el("p", {}, "Nothing has arrived here yet. Devices appear with their first message; send one:"),
      el("pre", {}, example(site, connection))));
  }
  return card;
}

function showConnection(entry) {
  const { site, connection, role } = entry;
  entry.button.hidden = !connection || role === "viewer";
  if (!connection) return entry.broker.replaceChildren("No connection to a broker. Add one in the admin.");
  const [kind, words] = describe(connection);
  const where = `${connection.broker_host}:${connection.broker_port}${connection.use_tls ? ", TLS" : ""}`;
  const trouble = connection.status === "connected" || !connection.is_active ? "" : connection.last_error;
  entry.broker.replaceChildren(el("span", { class: `word ${kind}` }, words), ` · ${where}`,
    trouble ? el("span", { class: "trouble" }, ` · ${trouble}`) : "");
  entry.button.textContent = connection.is_active ? "Stop" : "Start";
  entry.button.setAttribute("aria-label", `${entry.button.textContent} ${site.name}`);
}

function showSummary() {
  const devices = [...gateways.values(), ...dataloggers.values()];
  const count = (status) => devices.filter((device) => device.status === status).length;
  const parts = [`${sites.size} ${sites.size === 1 ? "site" : "sites"}`, `${devices.length} devices`, `${count("online")} online`];
  for (const status of ["offline", "unknown"]) if (count(status)) parts.push(`${count(status)} ${status}`);
  $("summary").textContent = parts.join(" · ") + (cut ? ` · ${cut} more are not shown here` : "");
}

function showReconcile() {
  if (!nextReconcile) return;
  const left = until(nextReconcile);
  $("reconcile").textContent = left > 0 ? `next check in ${span(left)}, every ${period} s` : "next check due";
  const late = -left > 1.5 * period && socket?.readyState === WebSocket.OPEN;
  showAlarm(late ? `No reconcile for ${span(period - left)}: starting and stopping has no effect, and nothing below may be live. Start a listener: python manage.py run_mqtt` : trouble);
}

function showAlarm(words) {
  $("alarm").hidden = !words;
  $("alarm").textContent = words;
}

function tick() {
  showReconcile();
  for (const entry of sites.values()) if (entry.broker) showConnection(entry);
  for (const device of gateways.values()) if (device.word) showDevice(device);
  for (const device of dataloggers.values()) if (device.word) showDevice(device, device.values);
}

// ------------------------------------------------------------------ REST

async function ask(path, options = {}) {
  const response = await fetch(path, { headers: { Accept: "application/json" }, ...options });
  if (response.status === 401) location.assign(`/login/?next=${encodeURIComponent(location.pathname)}`);
  const body = await response.json();
  if (!response.ok) throw new Error(body.error?.message ?? `The server answered ${response.status}.`);
  return body;
}

let loading = null;
let again = false;

function load() {
  again = again || loading !== null;
  loading ??= fetchAll().catch(failed).finally(() => {
    loading = null;
    if (again) { again = false; load(); }
  });
}

function failed(error) {
  // Where the server cannot be reached at all, the quiet line above says so, and the socket's return loads again.
  trouble = error instanceof TypeError ? "" : `What is shown may be old: ${error.message} Trying again.`;
  showAlarm(trouble);
  if (trouble || socket?.readyState === WebSocket.OPEN) setTimeout(load, RETRY_MS);
}

async function fetchAll() {
  const paths = ["sites/", "mqtt/connection-status/", "gateways/", "dataloggers/", "sensors/"];
  const [found, links, boxes, loggers, measured] = await Promise.all(paths.map((path) => ask(`/api/v1/${path}?limit=1000`)));
  const roles = new Map([...sites.values()].map((entry) => [entry.site.id, entry.role]));
  const byId = (map, items) => { map.clear(); for (const item of items) map.set(item.id, item); };
  const ofSite = new Map(links.items.map((connection) => [connection.site_id, connection]));
  byId(gateways, boxes.items);
  byId(dataloggers, loggers.items);
  byId(sensors, measured.items);
  sites.clear();
  for (const site of found.items) sites.set(site.id, { site, connection: ofSite.get(site.id), role: roles.get(site.id) ?? granted.get(site.id) ?? "viewer" });
  cut = boxes.count + loggers.count - boxes.items.length - loggers.items.length;
  if (links.items.length) reconciled(links.items[0].next_reconcile_at, links.items[0].reconcile_period_s);
  const empty = el("div", { class: "empty" }, el("p", {}, "No sites yet. Add a site and its connection in the admin; then send a first message:"),
    el("pre", {}, example({ slug: "my_site" }, null)));
  $("sites").replaceChildren(...(sites.size ? [...sites.values()].map(siteCard) : [empty]));
  $("sites").setAttribute("aria-busy", "false");
  trouble = "";
  showAlarm("");
  showSummary();
  showReconcile();
}

async function toggle(entry) {
  const { site, connection } = entry;
  const verb = connection.is_active ? "stop" : "start";
  if (verb === "stop" && !confirm(`Stop ${site.name}? Its devices will read unknown until it is started again.`)) return;
  entry.button.disabled = true;
  try {
    const csrf = document.querySelector("[name=csrfmiddlewaretoken]").value;
    const wish = await ask(`/api/v1/mqtt/site/${site.id}/${verb}/`, { method: "POST", headers: { "X-CSRFToken": csrf } });
    Object.assign(connection, { is_active: wish.is_active, status: wish.status });
    reconciled(wish.next_reconcile_at, wish.reconcile_period_s);
    entry.refused.textContent = wish.listener_alive ? "" : "No listener is alive: this applies when one starts.";
  } catch (error) {
    entry.refused.textContent = `${verb === "stop" ? "Not stopped" : "Not started"}: ${error.message}`;
  }
  entry.button.disabled = false;
  showConnection(entry);
}

function reconciled(next, every) {
  nextReconcile = next;
  period = every ?? period;
}

// ------------------------------------------------------------------ the socket

const granted = new Map(); // site id → role
let reload = null;

function loadSoon() {
  reload ??= setTimeout(() => { reload = null; load(); }, RELOAD_PAUSE_MS);
}

function patch(devices, changes, each = () => {}) {
  for (const change of changes) {
    const device = devices.get(change.id);
    if (!device?.word) { loadSoon(); continue; }
    Object.assign(device, { status: change.status, last_seen_at: change.last_seen_at ?? device.last_seen_at, offline_reason: change.reason ?? "" });
    each(change);
    showDevice(device, device.values);
  }
  showSummary();
}

function measured(change) {
  for (const news of change.sensors) {
    const sensor = sensors.get(news.id);
    if (!sensor?.box) { loadSoon(); continue; }
    Object.assign(sensor, { unit: news.unit, components: news.components, latest_values: news.values, latest_time: news.time, latest_quality: news.quality });
    showValue(sensor);
  }
}

function presence({ data }) {
  patch(gateways, data.gateways);
  patch(dataloggers, data.dataloggers);
}

const ON = {
  connection_established({ data }) {
    offset = Date.parse(data.server_time) - Date.now();
    granted.clear();
    for (const site of data.sites) granted.set(site.id, site.role);
    for (const entry of sites.values()) entry.role = granted.get(entry.site.id);
    reconciled(data.next_reconcile_at, data.reconcile_period_s);
    load();
  },
  datalogger_update: ({ data }) => patch(dataloggers, data.dataloggers, measured),
  gateway_update: ({ data }) => patch(gateways, data.gateways),
  sensor_offline: presence,
  sensor_online: presence,
  reconcile_tick: ({ data }) => reconciled(data.next_at),
  lagging: loadSoon,
  mqtt_status({ site_id, data }) {
    const entry = sites.get(site_id);
    if (!entry?.connection) return loadSoon();
    const before = entry.connection.status;
    Object.assign(entry.connection, { is_active: data.is_active, status: data.status, status_since: data.since,
      mqtt_retry_count: data.attempt, mqtt_next_retry: data.next_retry_at, last_error: data.last_error });
    if (data.next_reconcile_at) reconciled(data.next_reconcile_at);
    showConnection(entry);
    if (before !== data.status) $("spoken").textContent = `${entry.site.name}: ${data.status}`;
  },
};

let attempts = 0;
let timer = null;
let socket = null;

function listen() {
  clearTimeout(timer);
  timer = null;
  socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/ws/mqtt/status/`);
  socket.onmessage = (message) => {
    const frame = JSON.parse(message.data);
    attempts = 0;
    heardAt = Date.now();
    $("link").textContent = "Live";
    $("link").dataset.state = "live";
    ON[frame.type]?.(frame);
  };
  socket.onclose = () => {
    $("link").textContent = heardAt ? `Reconnecting. Values as of ${clock(heardAt)}` : "Not live yet: reconnecting";
    $("link").dataset.state = "waiting";
    attempts += 1;
    if (attempts % 3 === 1) load(); // also finds out when the sign-in has ended
    timer = setTimeout(listen, Math.min(LONGEST_WAIT_S, 2 ** Math.min(attempts, 5)) * (500 + 500 * Math.random()));
  };
}

function hurry() {
  if (timer !== null && !document.hidden) listen();
}

addEventListener("online", hurry);
document.addEventListener("visibilitychange", hurry);
setInterval(tick, 1000);
listen();
