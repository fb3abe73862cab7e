// How numbers are told.

const plain = new Intl.NumberFormat('en', {maximumFractionDigits: 1});
const compact = new Intl.NumberFormat('en', {notation: 'compact', maximumFractionDigits: 1});

/** A count, in full as long as that is short. */
export function count(number) {
  return Math.abs(number) < 100_000 ? plain.format(number) : compact.format(number);
}

/** A count in as few letters as an axis has room for. */
export function short(number) {
  return compact.format(number);
}

/** A count and its noun, "1 task" or "2 tasks". */
export function counted(number, noun) {
  return `${count(number)} ${noun}${number === 1 ? '' : 's'}`;
}

/** A time, of which the milliseconds are given, in its two largest units at most. */
export function duration(millis) {
  if (millis < 0.001) {
    return '0';
  }
  if (millis < 1) {
    return `${plain.format(Math.round(millis * 1000))} µs`;
  }
  if (millis < 1000) {
    return `${plain.format(millis < 10 ? millis : Math.round(millis))} ms`;
  }
  const seconds = millis / 1000;
  if (seconds < 60) {
    return `${plain.format(seconds)} s`;
  }
  if (seconds < 3600) {
    return `${Math.floor(seconds / 60)} min ${Math.floor(seconds % 60)} s`;
  }
  return `${count(Math.floor(seconds / 3600))} h ${Math.floor((seconds / 60) % 60)} min`;
}

/** A time of which only whole milliseconds are known. */
export function whole(millis) {
  return millis < 1 ? '< 1 ms' : duration(millis);
}

/** A part of a whole. */
export function share(part, whole) {
  if (whole === 0 || part === 0) {
    return '';
  }
  const percent = (100 * part) / whole;
  return percent < 0.1 ? '< 0.1 %' : `${plain.format(percent)} %`;
}

/** A time of the day. */
export function clock(millis) {
  return new Date(millis).toLocaleTimeString('en-GB');
}
