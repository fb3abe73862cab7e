// A pool's section of the page. What the program tells is shown as text and never as markup.

import {Chart} from './chart.js';
import {clock, count, counted, duration, share, short, whole} from './words.js';

/** What a row of samples has, in this order. */
export const COLUMNS =
    ['time', 'queued', 'busy', 'workers', 'rate', 'refused', 'half', 'most', 'oldest'];

const KEPT = 300;
const RECENT = 10; // samples
const ROW_SECONDS = 30;

const CHARTS = [
  {
    title: 'Queue',
    lines: [{label: 'queued', column: 'queued', color: '--blue', fill: true}],
    format: count, axis: short, least: 4, whole: true,
  },
  {
    title: 'Wait in the queue',
    lines: [
      {label: 'half', column: 'half', color: '--blue'},
      {label: '99 %', column: 'most', color: '--orange'},
      {label: 'oldest now', column: 'oldest', color: '--faint', dash: [4, 4]},
    ],
    format: duration, axis: duration, least: 0.01,
  },
  {
    title: 'Workers',
    lines: [
      {label: 'busy', column: 'busy', color: '--green', fill: true},
      {label: 'there', column: 'workers', color: '--faint', dash: [4, 4]},
    ],
    format: count, axis: short, least: 2, whole: true,
  },
  {
    title: 'Tasks per second',
    lines: [
      {label: 'refused', column: 'refused', color: '--red'},
      {label: 'ended', column: 'rate', color: '--blue', fill: true},
    ],
    format: count, axis: short, least: 4, whole: true,
  },
];

const OUTCOMES = {
  completed: '--green', failed: '--red', cancelled: '--orange', aborted: '--violet',
};

const TABLE = [
  ['Until', (rows) => clock(rows[rows.length - 1].time)],
  ['Most queued', (rows) => count(Math.max(...rows.map((row) => row.queued)))],
  ['Longest wait of 99 %', (rows) => longest(rows.map((row) => row.most))],
  ['Most busy', (rows) => count(Math.max(...rows.map((row) => row.busy)))],
  ['Ended per second', (rows) => count(mean(rows.map((row) => row.rate)))],
  ['Refused per second', (rows) => count(mean(rows.map((row) => row.refused)))],
];

function longest(millis) {
  const measured = millis.filter((value) => value != null);
  return measured.length === 0 ? '–' : duration(Math.max(...measured));
}

function mean(values) {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function cell(row, text, type = '') {
  const added = row.insertCell();
  added.textContent = text;
  added.className = type;
  return added;
}

function header(row, text, scope) {
  const added = document.createElement('th');
  added.scope = scope;
  added.textContent = text;
  row.append(added);
  return added;
}

export class PoolSection {
  #root;
  #parts = {};
  #columns = Object.fromEntries(COLUMNS.map((column) => [column, []]));
  #charts;
  #rows = new Map();
  #askStack;
  #fresh = false;
  state;

  /**
   * @param parent where to
   * @param state how the pool is
   * @param samples rows of what it was
   * @param askStack called with the pool's number and a worker's name
   */
  constructor(parent, state, samples, askStack) {
    this.#askStack = askStack;
    const template = document.getElementById('pool-template');
    this.#root = template.content.firstElementChild.cloneNode(true);
    for (const part of this.#root.querySelectorAll('[data-part]')) {
      this.#parts[part.dataset.part] = part;
    }
    this.#name(state);
    parent.append(this.#root);
    this.#charts = CHARTS.map((chart) => new Chart(this.#parts.charts, chart, `pool-${state.id}`));
    this.#parts.figures.addEventListener('toggle', () => this.#table());
    samples.forEach((row) => this.#add(row));
    this.#show(state);
  }

  /** Gives what stands in the section its name, for who does not see where it stands. */
  #name(state) {
    const id = (part) => {
      this.#parts[part].id = `pool-${state.id}-${part}`;
      return this.#parts[part].id;
    };
    this.#parts.title.textContent = state.name;
    this.#root.dataset.pool = state.id;
    this.#root.setAttribute('aria-labelledby', id('title'));
    this.#parts.running.setAttribute('aria-labelledby', `${id('running-title')} ${this.#parts.title.id}`);
    this.#parts.outcomes.setAttribute('aria-labelledby', `${id('outcomes-title')} ${this.#parts.title.id}`);
  }

  /** Takes what a later look has found. */
  update(state) {
    this.#add(state.now);
    this.#show(state);
  }

  /** Draws, if there is something new. */
  draw() {
    if (this.#fresh) {
      this.#charts.forEach((chart) => chart.show(this.#columns));
      this.#fresh = false;
    }
  }

  remove() {
    this.#charts.forEach((chart) => chart.close());
    this.#root.remove();
  }

  #add(row) {
    COLUMNS.forEach((column, place) => {
      const values = this.#columns[column];
      values.push(row[place]);
      if (values.length > KEPT) {
        values.shift();
      }
    });
    this.#fresh = true;
  }

  #show(state) {
    this.state = state;
    const now = Object.fromEntries(COLUMNS.map((column, place) => [column, state.now[place]]));
    const ended = state.phase === 'ended';
    this.#badge(state, now);
    this.#parts.busy.textContent = count(now.busy);
    this.#parts.workers.textContent = ended ? 'all workers have left' :
        `of ${counted(now.workers, 'worker')}` + (now.workers === state.size ? '' : `, ${count(state.size)} allowed`);
    this.#parts.queued.textContent = count(now.queued);
    this.#parts.oldest.textContent = now.oldest == null ? '' : `oldest ${duration(now.oldest)}`;
    this.#latencies('waits', state.waits);
    this.#latencies('runs', state.runs);
    this.#parts.rate.textContent = count(ended ? 0 : now.rate);
    this.#parts.rejected.textContent = count(state.rejected);
    this.#running(state);
    this.#outcomes(state);
    this.#report(state);
  }

  /** Of a sample of all tasks so far. */
  #latencies(part, told) {
    const measured = told.count > 0;
    this.#parts[part].textContent = measured ? duration(told.p50) : '–';
    this.#parts[`${part}-most`].textContent = measured ? `99 % within ${duration(told.p99)}` : 'none measured yet';
  }

  #badge(state, now) {
    const refuses = this.#columns.refused.slice(-RECENT).some((refused) => refused > 0);
    let told = 'idle';
    if (state.phase === 'ended') {
      told = 'ended';
    } else if (state.report?.stuck.length > 0) {
      told = 'stuck';
    } else if (state.phase === 'shutdown') {
      told = 'shutting down';
    } else if (refuses) {
      told = 'refusing';
    } else if (now.queued > 0 && now.busy >= now.workers) {
      told = 'tasks wait';
    } else if (now.busy > 0 || now.rate > 0) {
      told = 'busy';
    }
    this.#parts.badge.textContent = told;
    this.#parts.badge.dataset.state = told;
  }

  /** Rows stay where they are while their worker runs something, so that the focus does, too. */
  #running(state) {
    const body = this.#parts.running.tBodies[0];
    const left = new Map(this.#rows);
    const order = new Intl.Collator('en', {numeric: true});
    const seen = new Map();
    const tasks = [...state.running].sort((one, other) => order.compare(one.worker, other.worker));
    tasks.forEach((task, place) => {
      const level = seen.get(task.worker) ?? 0; // One that another runs inline has the same worker.
      seen.set(task.worker, level + 1);
      const key = `${level} ${task.worker}`;
      const row = this.#rows.get(key) ?? this.#newRow(key, task);
      left.delete(key);
      row.cells[1].textContent = whole(task.age);
      row.cells[2].textContent = withoutPackage(task.task);
      if (body.rows[place] !== row) {
        body.insertBefore(row, body.rows[place] ?? null);
      }
    });
    left.forEach((row, key) => {
      row.remove();
      this.#rows.delete(key);
    });
    this.#parts.running.hidden = tasks.length === 0;
    this.#parts.nothing.hidden = tasks.length > 0;
    this.#parts.more.hidden = state.unlisted === 0;
    this.#parts.more.textContent = `And ${counted(state.unlisted, 'younger task')}.`;
  }

  #newRow(key, task) {
    const row = document.createElement('tr');
    header(row, task.worker, 'row');
    cell(row, '', 'number');
    cell(row, '', 'code');
    const button = document.createElement('button');
    button.type = 'button';
    button.textContent = 'Stack';
    button.setAttribute('aria-label', `Stack of ${task.worker}`);
    button.addEventListener('click', () => this.#askStack(this.state.id, task.worker));
    cell(row, '').append(button);
    this.#rows.set(key, row);
    return row;
  }

  #outcomes(state) {
    const body = this.#parts.outcomes.tBodies[0];
    const ended = Object.values(state.outcomes).reduce((sum, number) => sum + number, 0);
    if (body.rows.length === 0) {
      Object.entries(OUTCOMES).forEach(([outcome, color]) => {
        const row = body.insertRow();
        const name = header(row, '', 'row');
        const swatch = document.createElement('span');
        swatch.className = 'swatch';
        swatch.style.background = `var(${color})`;
        name.append(swatch, outcome);
        cell(row, '', 'number');
        cell(row, '', 'number');
        const part = document.createElement('span');
        part.style.background = `var(${color})`;
        this.#parts.bar.append(part);
      });
    }
    Object.keys(OUTCOMES).forEach((outcome, place) => {
      const number = state.outcomes[outcome];
      body.rows[place].cells[1].textContent = count(number);
      body.rows[place].cells[2].textContent = share(number, ended);
      this.#parts.bar.children[place].style.flexGrow = number;
    });
  }

  #report(state) {
    const report = state.report;
    if (report === undefined || !this.#parts.report.hidden) {
      return;
    }
    this.#parts.report.hidden = false;
    this.#parts.verdict.textContent = verdict(state);
    [
      `The shutdown took ${whole(report.elapsed)}.`,
      `At most ${counted(report.workers, 'worker')} at a time.`,
      report.rejected > 0 ? `${counted(report.rejected, 'submission')} refused.` : 'Nothing was refused.',
      report.openStages > 0 ? `${counted(report.openStages, 'stage')} left open.` : '',
    ].filter((fact) => fact !== '').forEach((fact) => {
      const item = document.createElement('li');
      item.textContent = fact;
      this.#parts.facts.append(item);
    });
    report.stuck.forEach((stuck) => {
      const details = document.createElement('details');
      const summary = document.createElement('summary');
      summary.textContent = `${stuck.worker} is stuck, for ${duration(stuck.age)} by then`;
      const stack = document.createElement('pre');
      stack.textContent = stackText(stuck.stack);
      details.append(summary, stack);
      this.#parts.stuck.append(details);
    });
  }

  /** The last minutes in rows of half a minute, as they were when it was opened. */
  #table() {
    if (!this.#parts.figures.open) {
      return;
    }
    const table = this.#parts.figures.querySelector('table');
    table.caption.textContent =
        `${this.state.name} until ${clock(this.#columns.time[this.#columns.time.length - 1])}`;
    table.tHead.rows[0].replaceChildren();
    TABLE.forEach(([title]) => header(table.tHead.rows[0], title, 'col'));
    table.tBodies[0].replaceChildren();
    for (let end = this.#columns.time.length; end > 0; end -= ROW_SECONDS) {
      const rows = [];
      for (let place = Math.max(0, end - ROW_SECONDS); place < end; place++) {
        rows.push(Object.fromEntries(COLUMNS.map((column) => [column, this.#columns[column][place]])));
      }
      const row = table.tBodies[0].insertRow();
      TABLE.forEach(([, told], place) =>
          place === 0 ? header(row, told(rows), 'row') : cell(row, told(rows), 'number'));
    }
  }
}

/** What became of the tasks, in a sentence. */
function verdict(state) {
  const {completed, ...others} = state.outcomes;
  const accepted = state.report.accepted;
  if (accepted === 0) {
    return 'It was given nothing to do.';
  }
  if (completed === accepted) {
    return accepted === 1 ? 'The one accepted task completed.' : `All ${count(accepted)} accepted tasks completed.`;
  }
  const rest = Object.entries(others).filter(([, number]) => number > 0)
      .map(([outcome, number]) => `${count(number)} ${outcome}`);
  return `Of ${counted(accepted, 'accepted task')} ${count(completed)} completed; ${rest.join(', ')}.`;
}

/** Of a class and its method, without where the class is: the stack has that. */
function withoutPackage(name) {
  return name.replace(/^([a-z_][a-z_0-9]*\.)+(?=[A-Z])/, '');
}

/** The lines of a stack. */
export function stackText(lines) {
  return lines.length === 0 ? 'It has left its worker.' : lines.map((line) => `at ${line}`).join('\n');
}
