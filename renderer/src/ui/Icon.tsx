const paths = {
  rack: 'M3 4h18v5H3zM3 10.5h18v5H3zM3 17h18v3.5H3zM6 6.5h.01M6 13h.01M10 6.5h8M10 13h5',
  guests: 'M4 6h16M4 12h16M4 18h16M9 3v18',
  plans: 'M4 6.5h2v2H4zM4 15.5h2v2H4zM10 7.5h10M10 16.5h10M5 10v4',
  up: 'M6 14.5l6-6 6 6',
  history: 'M12 7v5l3.5 2M4 12a8 8 0 1 0 2.6-5.9M4 4v3.5h3.5',
  doctor: 'M9 3.5h6v5.5h5.5v6H15v5.5H9V15H3.5V9H9zM9.5 12h5',
  settings: 'M4 7h10M18 7h2M4 17h3M11 17h9M16 5v4M9 15v4',
  search: 'M10.5 17a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13zM15.5 15.5 20 20',
  plus: 'M12 5v14M5 12h14',
  close: 'M6 6l12 12M18 6 6 18',
  more: 'M6 12h.01M12 12h.01M18 12h.01',
  start: 'M8 5.5v13l10-6.5z',
  shutdown: 'M12 4v8M7.5 7a7 7 0 1 0 9 0',
  reboot: 'M19 12a7 7 0 1 1-2.2-5.1M19 4v4h-4',
  pause: 'M9 6v12M15 6v12',
  resume: 'M7 6v12M11 6.5v11l8-5.5z',
  move: 'M4 8h13M14 5l3 3-3 3M20 16H7M10 13l-3 3 3 3',
  compare: 'M4 5h6v14H4zM14 5h6v14h-6zM10 9h4M10 15h4',
  console: 'M3.5 5h17v14h-17zM7 10l3 2.5L7 15M12.5 15.5H17',
  force: 'M13 3 6 13.5h5L10 21l8-11h-5.5z',
  trash: 'M5 7h14M9.5 7V4.5h5V7M7 7l1 13h8l1-13',
  edit: 'M5 19h3.5L19 8.5 15.5 5 5 15.5z',
  link: 'M10 14a4 4 0 0 0 5.7 0l2.8-2.8a4 4 0 0 0-5.7-5.7l-1.4 1.4M14 10a4 4 0 0 0-5.7 0l-2.8 2.8a4 4 0 0 0 5.7 5.7l1.4-1.4',
  check: 'M5 12.5l4.5 4.5L19 7',
  warn: 'M12 4 3 19.5h18zM12 10v4.5M12 17h.01',
  bad: 'M12 20a8 8 0 1 0 0-16 8 8 0 0 0 0 16zM8.5 8.5l7 7M15.5 8.5l-7 7',
  info: 'M12 20a8 8 0 1 0 0-16 8 8 0 0 0 0 16zM12 11v5M12 8h.01',
  down: 'M6 9.5l6 6 6-6',
  config: 'M6 3.5h8l4 4v13H6zM14 3.5v4h4M9 12h6M9 16h6',
  key: 'M8.5 16.5a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM12.5 12.5H21v3M17.5 12.5v2.5',
} as const;

export type IconName = keyof typeof paths;

/** A line drawing of 16 px; says nothing by itself. */
export function Icon({ name, size = 16 }: { name: IconName; size?: number }) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      strokeWidth={name === 'more' ? 2.6 : 1.7}
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      <path d={paths[name]} />
    </svg>
  );
}
