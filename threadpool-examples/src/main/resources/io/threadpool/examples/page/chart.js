// A chart of the last minutes, its key, and what it shows in words.

export const SPAN = 300; // seconds
const LEAST_SPAN = 60; // As long as no more is known.
const HEIGHT = 130;
const FONT = '11px system-ui, sans-serif';

const dark = matchMedia('(prefers-color-scheme: dark)');

function color(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

function element(parent, name, type) {
  const added = document.createElement(name);
  added.className = type;
  parent.append(added);
  return added;
}

/** How an age is told at the axis; the first one with its unit. */
function told(age, place) {
  const [count, unit] = age < 60 ? [age, ' s'] : [age / 60, ' min'];
  return age === 0 ? 'now' : `−${count}${place === 0 ? unit : ''}`;
}

export class Chart {
  #plot;
  #figure;
  #resizes = new ResizeObserver(() => this.#fit());
  #redraw = () => this.#plot.redraw();
  #values;
  #lines;
  #format;
  #title;
  #end = 0;
  #span = LEAST_SPAN;

  /**
   * @param parent where to
   * @param chart its title, its lines (each with label, column and color), the format of a value, the format
   *     of one at the axis, the least top of the axis, and whether values are whole
   * @param group the charts that show one cursor
   */
  constructor(parent, chart, group) {
    this.#title = chart.title;
    this.#lines = chart.lines;
    this.#format = chart.format;
    const figure = element(parent, 'figure', 'chart');
    const caption = element(figure, 'figcaption', '');
    element(caption, 'h3', '').textContent = chart.title;
    const key = element(caption, 'ul', 'key');
    this.#values = chart.lines.map((line) => {
      const item = element(key, 'li', '');
      element(item, 'span', 'swatch').style.background = `var(${line.color})`;
      item.append(`${line.label} `);
      return element(item, 'b', '');
    });
    this.#figure = element(figure, 'div', 'plot');
    this.#figure.setAttribute('role', 'img');
    this.#plot = new uPlot(this.#options(chart, group), [[]], this.#figure);
    this.#resizes.observe(this.#figure);
    dark.addEventListener('change', this.#redraw);
  }

  #options(chart, group) {
    const axis = {stroke: () => color('--faint'), font: FONT, ticks: {show: false}};
    return {
      width: this.#figure.clientWidth || 300,
      height: HEIGHT,
      legend: {show: false},
      padding: [8, 12, 0, 0],
      cursor: {drag: {x: false, y: false}, y: false, sync: {key: group}, points: {size: 7}},
      scales: {
        x: {range: () => [this.#end - this.#span, this.#end]},
        y: {range: (plot, least, most) => [0, Math.max(chart.least, 1.1 * (most ?? 0))]},
      },
      axes: [
        {
          ...axis,
          size: 22,
          grid: {show: false},
          splits: () => this.#ages().map((age) => this.#end - age),
          values: () => this.#ages().map(told),
        },
        {
          ...axis,
          size: 46,
          space: 32,
          grid: {stroke: () => color('--grid'), width: 1},
          incrs: chart.whole ? [1, 2, 5].flatMap((n) => [...Array(12).keys()].map((e) => n * 10 ** e)).sort((a, b) => a - b) : undefined,
          values: (plot, splits) => splits.map(chart.axis),
        },
      ],
      series: [
        {},
        ...chart.lines.map((line) => ({
          stroke: () => color(line.color),
          fill: line.fill ? () => color(line.color) + '22' : undefined,
          dash: line.dash,
          width: 1.5,
          points: {show: false},
        })),
      ],
      hooks: {setCursor: [() => this.#tell()]},
    };
  }

  /** Which are named below, in seconds, the oldest first. */
  #ages() {
    const step = this.#span > LEAST_SPAN ? 60 : 15;
    return [4, 3, 2, 1, 0].map((n) => n * step).filter((age) => age < this.#span);
  }

  #fit() {
    const width = this.#figure.clientWidth;
    if (width > 0 && width !== this.#plot.width) {
      this.#plot.setSize({width, height: HEIGHT});
    }
  }

  /** Shows these columns, of which that of the time comes first, in milliseconds. */
  show(columns) {
    const times = columns.time.map((millis) => millis / 1000);
    this.#end = times[times.length - 1];
    this.#span = Math.min(Math.max(LEAST_SPAN, 60 * Math.ceil((this.#end - times[0]) / 60)), SPAN);
    this.#plot.setData([times, ...this.#lines.map((line) => columns[line.column])]);
    this.#figure.setAttribute('aria-label', this.#words());
    this.#tell();
  }

  /** The values under the cursor, or else the last ones, in the key. */
  #tell() {
    const data = this.#plot?.data;
    if (data === undefined || data.length < 2) {
      return;
    }
    const place = this.#plot.cursor.idx ?? data[0].length - 1;
    this.#values.forEach((value, line) => {
      const told = data[line + 1][place];
      value.textContent = told == null ? '–' : this.#format(told);
    });
  }

  #words() {
    const told = this.#lines.map((line, number) => {
      const values = this.#plot.data[number + 1].filter((value) => value != null);
      if (values.length === 0) {
        return `${line.label}: nothing yet`;
      }
      const [now, least, most] =
          [values[values.length - 1], Math.min(...values), Math.max(...values)].map(this.#format);
      return `${line.label}: now ${now}, lowest ${least}, highest ${most}`;
    });
    return `${this.#title}, the last five minutes. ${told.join('; ')}.`;
  }

  close() {
    this.#resizes.disconnect();
    dark.removeEventListener('change', this.#redraw);
    this.#plot.destroy();
  }
}
