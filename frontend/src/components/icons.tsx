/** The icons, drawn on a grid of 24 in the colour of the text beside them. Decoration: the words carry the meaning. */

import type { ReactNode } from 'react';

const SHAPES = {
  overview: <path d="M4 4h7v9H4zM13 4h7v5h-7zM13 11h7v9h-7zM4 15h7v5H4z" />,
  devices: <path d="M7 7h10v10H7zM9 3v4M15 3v4M9 17v4M15 17v4M3 9h4M3 15h4M17 9h4M17 15h4" />,
  connections: (
    <path d="M9 15l6-6M10.5 6.5l1.8-1.8a4 4 0 0 1 5.7 5.7l-1.8 1.8M13.5 17.5l-1.8 1.8A4 4 0 0 1 6 13.6l1.8-1.8" />
  ),
  topics: <path d="M5 4v14a2 2 0 0 0 2 2h3M5 9h5M10 7h9v4h-9zM10 18h9v4h-9z" transform="translate(0 -1)" />,
  logs: <path d="M5 6h.01M5 12h.01M5 18h.01M9 6h11M9 12h11M9 18h7" />,
  parsers: (
    <path d="M9 4H8a2 2 0 0 0-2 2v4l-2 2 2 2v4a2 2 0 0 0 2 2h1M15 4h1a2 2 0 0 1 2 2v4l2 2-2 2v4a2 2 0 0 1-2 2h-1" />
  ),
  notices: <path d="M6 16V10.500a6 6 0 0 1 12 0V16l1.5 2h-15zM10 20.500h4" />,
  system: <path d="M3 12h4l3-8 4 16 3-8h4" />,
  settings: <path d="M4 7h9M17 7h3M15 5v4M4 17h3M11 17h9M9 15v4M4 12h13" />,
  help: <path d="M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM9.5 9.5a2.5 2.5 0 1 1 3.6 2.2c-.7.4-1.1.9-1.1 1.8M12 16.5v.01" />,
  sun: (
    <path d="M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM12 2v2M12 20v2M2 12h2M20 12h2M5 5l1.4 1.4M17.6 17.6L19 19M19 5l-1.4 1.4M6.4 17.6L5 19" />
  ),
  moon: <path d="M20 14.5A8.5 8.5 0 0 1 9.5 4a8.5 8.5 0 1 0 10.5 10.5z" />,
  screen: <path d="M4 5h16v11H4zM9 20h6M12 16v4" />,
  exit: <path d="M14 4H6a1 1 0 0 0-1 1v14a1 1 0 0 0 1 1h8M10 12h10M17 8.5l3.5 3.5-3.5 3.5" />,
  more: <path d="M5 12h.01M12 12h.01M19 12h.01" strokeWidth={3} />,
  search: <path d="M11 4a7 7 0 1 0 0 14 7 7 0 0 0 0-14zM16 16l4.5 4.5" />,
  refresh: <path d="M4 12a8 8 0 0 1 13.7-5.6L20 8.5M20 4v4.5h-4.5M20 12a8 8 0 0 1-13.7 5.6L4 15.5M4 20v-4.5h4.5" />,
  copy: <path d="M9 9h11v11H9zM5 15H4V4h11v1" />,
  check: <path d="M5 12.5l4.5 4.5L19 7.5" />,
  alert: <path d="M12 4L2.8 19.5h18.4zM12 10v4.5M12 17v.01" />,
  shield: <path d="M12 3l7.5 3v5.5c0 4.5-3 8-7.5 9.5-4.5-1.5-7.5-5-7.5-9.500V6z" />,
  play: <path d="M7 4.500v15l12-7.500z" />,
  pause: <path d="M8 5v14M16 5v14" strokeWidth={2.5} />,
  radar: <path d="M12 12l5-5M12 3a9 9 0 1 0 9 9M12 7.500a4.5 4.5 0 1 0 4.5 4.5" />,
  down: <path d="M6 9l6 6 6-6" />,
  up: <path d="M6 15l6-6 6 6" />,
  right: <path d="M9 6l6 6-6 6" />,
  left: <path d="M15 6l-6 6 6 6" />,
  close: <path d="M6 6l12 12M18 6L6 18" />,
  clock: <path d="M12 3.500a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17zM12 7.500V12l3 2" />,
  broken: (
    <path d="M10 6.500l2-2a4 4 0 0 1 5.7 5.700l-1.5 1.500M14 17.500l-2 2a4 4 0 0 1-5.7-5.700l1.5-1.500M4 4l16 16" />
  ),
  plus: <path d="M12 5v14M5 12h14" />,
  download: <path d="M12 4v11M7.5 10.500L12 15l4.5-4.500M5 20h14" />,
  columns: <path d="M4 5h16v14H4zM10 5v14M15 5v14" />,
  filter: <path d="M4 6h16M7 12h10M10 18h4" />,
  cards: <path d="M4 4h7v7H4zM13 4h7v7h-7zM4 13h7v7H4zM13 13h7v7h-7z" />,
  rows: <path d="M4 6h16M4 12h16M4 18h16" />,
  admin: <path d="M12 4a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM4.5 20a7.5 7.5 0 0 1 15 0" />,
  pin: <path d="M9 3h6l-1 7 4 4H6l4-4zM12 14v7" />,
  lock: <path d="M6 11h12v9H6zM8.5 11V8a3.5 3.5 0 0 1 7 0v3" />,
} satisfies Record<string, ReactNode>;

export type IconName = keyof typeof SHAPES;

export function Icon({ name, size = 18 }: { name: IconName; size?: number }) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      strokeWidth={1.75}
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      focusable="false"
      style={{ flex: 'none', display: 'block' }}
    >
      {SHAPES[name]}
    </svg>
  );
}
