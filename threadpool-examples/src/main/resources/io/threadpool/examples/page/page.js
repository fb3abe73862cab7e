// Keeps the page as the program is: one stream of events, and a section for each pool.

import {PoolSection, stackText} from './pool.js';
import {counted, duration} from './words.js';

const RETRY_MILLIS = 3000;
const byId = (id) => document.getElementById(id);
const sections = new Map();
let ended = false;

function tell(state, words) {
  const connection = byId('connection');
  if (connection.textContent !== words) { // Or a screen reader might say it again.
    connection.dataset.state = state;
    connection.textContent = words;
  }
}

function show(event, samples) {
  for (const state of event.pools) {
    const section = sections.get(state.id);
    if (section === undefined) {
      const added = new PoolSection(byId('pools'), state, samples[state.id] ?? [state.now], askStack);
      sections.set(state.id, added);
    } else {
      section.update(state);
    }
  }
  for (const [id, section] of sections) {
    if (!event.kept.includes(id)) {
      section.remove();
      sections.delete(id);
    }
  }
  byId('none').hidden = sections.size > 0;
  byId('unlisted').hidden = event.unlisted === 0;
  byId('unlisted').textContent = `And ${counted(event.unlisted, 'more pool')}.`;
  draw();
}

/** Nobody sees a page in the background, which then only keeps count. */
function draw() {
  if (!document.hidden) {
    sections.forEach((section) => section.draw());
  }
}

/** All that is known, at the beginning and each time the stream has come back: perhaps from another program. */
function begin(event) {
  sections.forEach((section) => section.remove());
  sections.clear();
  ended = false;
  byId('program').textContent = `${event.program}, process ${event.pid}`;
  document.title = `Worker pools of ${event.program}`;
  show(event, event.samples);
  tell('live', 'live');
}

function listen() {
  const events = new EventSource('events');
  events.addEventListener('history', (event) => begin(JSON.parse(event.data)));
  events.addEventListener('tick', (event) => show(JSON.parse(event.data), {}));
  events.addEventListener('end', () => {
    ended = true;
    tell('ended', 'the program has ended');
  });
  events.addEventListener('error', () => {
    if (!ended) {
      tell('lost', 'lost, trying again');
    }
    if (events.readyState === EventSource.CLOSED) { // It tries no more, so we do.
      setTimeout(listen, RETRY_MILLIS);
    }
  });
}

// The dialog with a worker's stack.

let asked = 0; // times

async function askStack(pool, worker) {
  const turn = ++asked;
  byId('stack-title').textContent = worker;
  byId('stack-again').onclick = () => askStack(pool, worker);
  let told;
  try {
    const answer = await fetch(`stack?${new URLSearchParams({pool, worker})}`);
    const bodies = answer.ok ? await answer.json() : [];
    told = bodies.length === 0 ? ['It runs nothing now.'] : bodies.flatMap(describe);
  } catch (gone) {
    told = ['The program does not answer.'];
  }
  if (turn !== asked) { // Another one has been asked for meanwhile.
    return;
  }
  byId('stack-text').replaceChildren(...told);
  if (!byId('stack').open) {
    byId('stack').showModal();
  }
}

function describe(body) {
  const title = document.createElement('p');
  title.textContent = body.task === '' ? 'A task' : body.task;
  title.append(`, running for ${duration(body.age)}`);
  const stack = document.createElement('pre');
  stack.tabIndex = 0; // So that the keys can scroll it.
  stack.textContent = stackText(body.stack);
  return [title, stack];
}

byId('stack-close').addEventListener('click', () => byId('stack').close());
document.addEventListener('visibilitychange', draw);
listen();
