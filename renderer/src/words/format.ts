/** Languages of the program. */
export type Language = 'ja' | 'en';

/** Numbers, sizes and times in a language's own form. */
export interface Format {
  language: Language;
  number(value: number, digits?: number): string;
  /** MiB as it is read: 768 MiB, 2 GiB, 1.5 TiB. */
  memory(mib: number): string;
  bytes(bytes: number): string;
  rate(bytesPerS: number): string;
  percent(value: number): string;
  /** Milliseconds as "0.8 s", "12 s", "3 min". */
  duration(ms: number): string;
  /** How long ago, in one unit. */
  ago(ms: number): string;
  dateTime(at: number): string;
  time(at: number): string;
  list(items: readonly string[]): string;
}

const K = 1024;

/** The forms of one language. */
export function createFormat(language: Language): Format {
  const locale = language === 'ja' ? 'ja-JP' : 'en-GB';
  const digitsOf = (digits: number) => new Intl.NumberFormat(locale, { maximumFractionDigits: digits });
  const formats = [0, 1, 2].map(digitsOf);
  const number = (value: number, digits = 0) => (formats[digits] ?? digitsOf(digits)).format(value);
  const short = (value: number) => number(value, value < 10 ? 1 : 0);
  const dateTime = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' });
  const time = new Intl.DateTimeFormat(locale, { timeStyle: 'medium' });
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: 'always', style: 'short' });
  const list = new Intl.ListFormat(locale, { style: 'short' });
  const unit = (value: number, name: string) =>
    new Intl.NumberFormat(locale, { style: 'unit', unit: name, maximumFractionDigits: value < 10 ? 1 : 0 });
  const bytes = (value: number) => {
    if (value < K) return `${number(value)} B`;
    if (value < K * K) return `${short(value / K)} KiB`;
    if (value < K * K * K) return `${short(value / K / K)} MiB`;
    return `${short(value / K / K / K)} GiB`;
  };
  return {
    language,
    number,
    memory(mib) {
      if (mib < K) return `${number(mib)} MiB`;
      if (mib < K * K) return `${number(mib / K, mib % K === 0 ? 0 : 1)} GiB`;
      return `${number(mib / K / K, 1)} TiB`;
    },
    bytes,
    rate: (value) => `${bytes(value)}/s`,
    percent: (value) => `${number(value)}${language === 'ja' ? '%' : ' %'}`,
    duration(ms) {
      const s = ms / 1000;
      if (s < 90) return unit(s, 'second').format(s);
      if (s < 5400) return unit(99, 'minute').format(s / 60);
      return unit(s / 3600, 'hour').format(s / 3600);
    },
    ago(ms) {
      const s = Math.max(0, Math.round(ms / 1000));
      if (s < 90) return relative.format(-s, 'second');
      if (s < 5400) return relative.format(-Math.round(s / 60), 'minute');
      if (s < 129_600) return relative.format(-Math.round(s / 3600), 'hour');
      return relative.format(-Math.round(s / 86_400), 'day');
    },
    dateTime: (at) => dateTime.format(at),
    time: (at) => time.format(at),
    list: (items) => list.format(items),
  };
}
