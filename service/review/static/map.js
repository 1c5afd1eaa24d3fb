// The map of approved events: country outlines, a mark for each place, and the records of the place that is chosen.
// The list beside it is the server's HTML, so that it is the same without this script.

const { L, topojson } = window;
const box = document.querySelector("#map");
const FURTHEST_IN = 9;
// Marks that would stand nearer to each other than this, in pixels, are one.
const APART = { x: 60, y: 30 };
const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
const moves = { animate: !calm };

// A mark is a link, so that it has its place in the order of Tab, opens with Enter, and tells its address.
const LinkIcon = L.DivIcon.extend({
  createIcon() {
    const link = document.createElement("a");
    link.append(this.options.html);
    this._setIconStyles(link, "icon");
    return link;
  },
});

const map = L.map(box, {
  crs: L.CRS.EPSG4326, maxZoom: FURTHEST_IN, zoomSnap: 0.25, attributionControl: false,
  maxBounds: [[-90, -200], [90, 200]], maxBoundsViscosity: 1, renderer: L.svg({ padding: 1 }),
  zoomAnimation: !calm, fadeAnimation: !calm, markerZoomAnimation: !calm, inertia: !calm,
});
const marks = L.layerGroup().addTo(map);
let there = document.querySelector("#there");
const opened = location.href;

const json = async (address) => (await fetch(address)).json();
const [outlines, found] = await Promise.all([json(box.dataset.outlines), json(box.dataset.places)]);
const countries = topojson.feature(outlines, outlines.objects.countries);
for (const { geometry } of countries.features) unwind(geometry);
L.geoJSON(countries, { className: "land", interactive: false }).addTo(map);
const places = found.features.map(({ id, geometry, properties }) =>
  ({ id, at: L.latLng(geometry.coordinates[1], geometry.coordinates[0]), ...properties }));
map.on("zoomend", draw);
showAll();
mark();
addEventListener("popstate", () => show(location.href));
// Who went back before the outlines had come was not heard.
if (location.href !== opened) show(location.href);
document.querySelector("main").addEventListener("click", follow);
box.dataset.ready = "";

function showAll() {
  if (places.length) map.fitBounds(boundsOf(places).pad(0.15), { maxZoom: 4, animate: false });
  else map.fitBounds([[-56, -170], [78, 180]], { animate: false });
}

function boundsOf(some) {
  return L.latLngBounds(some.map(({ at }) => at));
}

// A ring that crosses the 180th meridian goes on beyond it, where it would else jump to the other side of the map.
function unwind({ type, coordinates }) {
  for (const ring of type === "Polygon" ? coordinates : coordinates.flat()) {
    for (let i = 1; i < ring.length; i++) ring[i][0] -= 360 * Math.round((ring[i][0] - ring[i - 1][0]) / 360);
  }
}

// The largest place first: it takes in those that its mark would cover, until nothing more can be told apart.
function groups() {
  const made = [];
  for (const place of places) {
    const point = map.project(place.at);
    const near = map.getZoom() < FURTHEST_IN && made.find((group) =>
      Math.abs(group.point.x - point.x) < APART.x && Math.abs(group.point.y - point.y) < APART.y);
    if (near) near.places.push(place);
    else made.push({ point, places: [place] });
  }
  return made;
}

function draw() {
  const focused = document.activeElement?.closest?.(".spot")?.getAttribute("href");
  marks.clearLayers();
  for (const group of groups()) marks.addLayer(markOf(group.places));
  mark();
  if (focused) (markAt(focused) ?? box).focus({ preventScroll: true });
}

function markAt(href) {
  return [...box.querySelectorAll(".spot")].find((one) => one.getAttribute("href") === href);
}

function markOf(group) {
  const [place] = group;
  const more = group.length - 1;
  const names = more ? `${place.name} and ${more} more ${more === 1 ? "place" : "places"}` : place.name;
  const icon = new LinkIcon({ className: `spot${more ? " spot--many" : ""}`, html: face(group), iconSize: null });
  const made = L.marker(place.at, { icon, keyboard: false, riseOnHover: true });
  made.bindTooltip(inWords(names), { direction: "top", offset: [0, -14] });
  made.on("add", () => {
    const link = made.getElement();
    link.href = place.url;
    link.draggable = false;
    link.dataset.ids = JSON.stringify(group.map(({ id }) => id));
    const total = sum(group.map((one) => one.total));
    link.setAttribute("aria-label", `${names}, ${total} ${total === 1 ? "record" : "records"}`);
  });
  return made;
}

function face(group) {
  const shown = document.createElement("span");
  const families = new Set(group.flatMap((place) => Object.keys(place.families)));
  for (const family of families) shown.append(glyph(family));
  shown.append(String(sum(group.map((place) => place.total))));
  return shown;
}

function glyph(family) {
  const known = document.querySelector(`#i-${CSS.escape(family)}`) ? family : "family";
  const template = document.createElement("template");
  template.innerHTML = '<svg class="i" aria-hidden="true"><use/></svg>';
  const drawn = template.content.firstChild;
  drawn.classList.add(`fam-${family}`);
  drawn.firstChild.setAttribute("href", `#i-${known}`);
  return drawn;
}

// An element, since Leaflet takes a string for HTML.
function inWords(text) {
  const told = document.createElement("bdi");
  told.textContent = text;
  return told;
}

function sum(numbers) {
  return numbers.reduce((all, one) => all + one, 0);
}

function follow(event) {
  const link = event.target.closest("a.spot, a[data-place]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  event.preventDefault();
  const ids = link.dataset.ids ? JSON.parse(link.dataset.ids) : [];
  if (ids.length > 1) comeApart(places.filter(({ id }) => ids.includes(id)));
  else choose(link.href);
}

function comeApart(group) {
  const bounds = boundsOf(group).pad(0.3);
  const zoom = Math.max(map.getBoundsZoom(bounds), map.getZoom() + 1);
  map.setView(bounds.getCenter(), Math.min(zoom, FURTHEST_IN), moves);
}

async function choose(address) {
  history.pushState(null, "", address);
  await show(address);
}

async function show(address) {
  const answer = await fetch(address);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.querySelector("#there");
  if (!fresh) return location.assign(address);
  there.replaceWith(fresh);
  there = fresh;
  there.querySelector("h2").focus({ preventScroll: true });
  mark();
  const place = places.find(({ id }) => id === there.dataset.at);
  if (place && !map.getBounds().pad(-0.05).contains(place.at)) map.panTo(place.at, moves);
}

function mark() {
  for (const link of box.querySelectorAll(".spot")) {
    if (JSON.parse(link.dataset.ids).includes(there.dataset.at)) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
}
