// What was said, turn by turn; with a recording, a click on a line plays it from there. textContent only.
const made = (tag, text, name) => {
  const element = document.createElement(tag);
  if (text) element.textContent = text;
  if (name) element.className = name;
  return element;
};
const STEP = 5; // seconds

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
  button(data.said.back, () => (audio.currentTime = Math.max(0, audio.currentTime - STEP)));
  button(data.said.forward, () => (audio.currentTime += STEP));
  const broken = made("p", data.said.broken, "broken");
  broken.hidden = true;
  audio.onerror = () => (broken.hidden = false);
  audio.onloadedmetadata = () => data.begin !== null && !audio.currentTime && (audio.currentTime = data.begin);
  audio.ontimeupdate = () =>
    lines.forEach(({ line, turn }) =>
      line.classList.toggle("now", !audio.paused && turn.start <= audio.currentTime && audio.currentTime < turn.end));
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

export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".root");
  const same = JSON.stringify(data);
  if (root.dataset.shown === same) return; // it may be playing
  root.dataset.shown = same;
  const list = made("ol");
  const lines = data.turns.map((turn) => ({ turn, line: spoken(turn) }));
  list.append(...lines.map(({ line }) => line));
  const sound = data.sound ? player(data, lines) : null;
  root.replaceChildren(...(sound ? [sound.box, list] : [list]));
  if (!sound) return;
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
