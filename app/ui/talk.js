// What was said, turn by turn; with a recording, a click on a line plays it from there. textContent only.
const made = (tag, text, name) => {
  const element = document.createElement(tag);
  if (text) element.textContent = text;
  if (name) element.className = name;
  return element;
};
const STEP = 5; // seconds
const SPEEDS = [0.75, 1, 1.25, 1.5];

// A list of speeds; the one chosen stays for the next recording of this page.
function speeds(said, audio) {
  const label = made("label", said.speed);
  const list = made("select");
  for (const speed of SPEEDS) {
    const one = made("option", `${speed}×`);
    one.value = speed;
    one.selected = speed === 1;
    list.append(one);
  }
  list.onchange = () => (audio.playbackRate = audio.defaultPlaybackRate = Number(list.value));
  label.append(list);
  return label;
}

// J, K, L as in every player: back, pause and on, forward. Not while somebody writes.
function keys(root, audio) {
  const step = { j: () => jump(audio, -STEP), l: () => jump(audio, STEP), k: () => (audio.paused ? audio.play() : audio.pause()) };
  return (event) => {
    const [at] = event.composedPath();
    const writing = at.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(at.tagName);
    const act = step[event.key.toLowerCase()];
    if (!act || writing || event.ctrlKey || event.metaKey || event.altKey || !root.isConnected) return;
    event.preventDefault();
    act();
  };
}

const jump = (audio, by) => (audio.currentTime = Math.max(0, audio.currentTime + by));

function player(data, lines) {
  const box = made("div", "", "player");
  const audio = made("audio");
  Object.assign(audio, { controls: true, preload: "metadata", src: data.sound });
  audio.setAttribute("aria-label", data.said.recording);
  const button = (text, act) => {
    const one = made("button", text);
    one.type = "button";
    one.onclick = act;
    box.append(one);
  };
  box.append(audio);
  if (data.begin !== null) button(data.said.flagged, () => ((audio.currentTime = data.begin), audio.play()));
  button(data.said.back, () => jump(audio, -STEP));
  button(data.said.forward, () => jump(audio, STEP));
  box.append(speeds(data.said, audio));
  const follow = made("input");
  Object.assign(follow, { type: "checkbox", checked: true });
  const label = made("label");
  label.append(follow, document.createTextNode(data.said.follow));
  box.append(label, made("span", data.said.keys, "keys"));
  const broken = made("p", data.said.broken, "broken");
  broken.hidden = true;
  audio.onerror = () => (broken.hidden = false);
  audio.onloadedmetadata = () => data.begin !== null && !audio.currentTime && (audio.currentTime = data.begin);
  let last = null; // the line that was spoken a moment ago
  audio.ontimeupdate = () => {
    const now = lines.find(({ turn }) => turn.start !== null && turn.start <= audio.currentTime && audio.currentTime < turn.end);
    lines.forEach((one) => one.line.classList.toggle("now", one === now));
    if (now && now !== last && follow.checked && !audio.paused) now.line.scrollIntoView({ block: "nearest" });
    last = now ?? last;
  };
  box.append(broken);
  return { box, audio };
}

function spoken(turn) {
  const line = made("li", "", turn.side);
  const head = made("div", "", "head");
  head.append(made("span", turn.who, "who"), made("span", turn.at, "at"));
  if (turn.note) head.append(made("span", turn.note, "note"));
  const text = made("div", "", "text");
  for (const [piece, mark] of turn.pieces) text.append(mark ? made("mark", piece, mark) : document.createTextNode(piece));
  line.append(head, text);
  return line;
}

let stop = null; // listening for keys, of the recording shown before

export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".root");
  const same = JSON.stringify(data);
  if (root.dataset.shown === same) return; // it may be playing
  stop?.();
  stop = null;
  root.dataset.shown = same;
  const list = made("ol");
  const lines = data.turns.map((turn) => ({ turn, line: spoken(turn) }));
  list.append(...lines.map(({ line }) => line));
  const sound = data.sound ? player(data, lines) : null;
  root.replaceChildren(...(sound ? [sound.box, list] : [list]));
  if (!sound) return;
  const onKey = keys(root, sound.audio);
  document.addEventListener("keydown", onKey);
  stop = () => document.removeEventListener("keydown", onKey);
  for (const { turn, line } of lines) {
    if (turn.start === null) continue;
    const from = () => ((sound.audio.currentTime = turn.start), sound.audio.play());
    const play = made("button", "▶", "play");
    play.type = "button";
    play.setAttribute("aria-label", `${data.said.line} ${turn.at}`);
    play.onclick = (event) => (event.stopPropagation(), from());
    line.firstChild.prepend(play);
    line.classList.add("link");
    line.onclick = () => String(getSelection()) || from();
  }
}
