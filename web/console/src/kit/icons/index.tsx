// The console's icons: strokes on a grid of 20, in the colour of the text around them. Decoration: names stand in words.
const PATHS = {
  home: 'M3 9.5 10 3.5l7 6V16a1 1 0 0 1-1 1h-3.5v-4.5h-5V17H4a1 1 0 0 1-1-1z',
  mail: 'M3 5.5h14v9.5H3zM3 6l7 5 7-5',
  trace: 'M4 5h7M4 9h4M4 13h3M13 9a3.5 3.5 0 1 1 0 7 3.5 3.5 0 0 1 0-7zM15.5 15l2 2',
  queue: 'M4 4.5h12v3H4zM4 10h12M4 13h12M4 16h7',
  people: 'M7.5 4a2.7 2.7 0 1 1 0 5.4 2.7 2.7 0 0 1 0-5.4zM2.5 16c0-2.7 2.2-4 5-4s5 1.3 5 4M13.5 5a2.2 2.2 0 1 1 0 4.4M14.5 12c2 .3 3.2 1.6 3.2 4',
  person: 'M10 3a3.5 3.5 0 1 1 0 7 3.5 3.5 0 0 1 0-7zM4 17c0-3 2.5-4.5 6-4.5s6 1.5 6 4.5',
  group: 'M10 3.5a2.5 2.5 0 1 1 0 5 2.5 2.5 0 0 1 0-5zM4 7a2 2 0 1 1 0 4M16 7a2 2 0 1 0 0 4M5.5 16c0-3 2-4.5 4.5-4.5s4.5 1.5 4.5 4.5',
  contact: 'M4 3.5h12v13H4zM10 6.5a1.8 1.8 0 1 1 0 3.6 1.8 1.8 0 0 1 0-3.6zM7 14c0-1.6 1.3-2.5 3-2.5s3 .9 3 2.5',
  connector: 'M3 10h4M13 10h4M7 7h6v6H7z',
  domain: 'M10 2.5a7.5 7.5 0 1 1 0 15 7.5 7.5 0 0 1 0-15zM2.5 10h15M10 2.5c2 2 3 4.5 3 7.5s-1 5.5-3 7.5c-2-2-3-4.5-3-7.5s1-5.5 3-7.5',
  limits: 'M4 16V9M8 16V5M12 16v-5M16 16V7',
  log: 'M5 3h7l3.5 3.5V17H5zM12 3v4h3.5M7.5 10h5M7.5 13h5',
  map: 'M4 5.5a1.5 1.5 0 1 1 0 3M4 12a1.5 1.5 0 1 1 0 3M16 9a1.5 1.5 0 1 0 0 3M5.5 7c4 0 5 3.5 9 3.5M5.5 13.5c4 0 5-3 9-3',
  shield: 'M10 2.5 16 5v5c0 3.5-2.5 6-6 7.5-3.5-1.5-6-4-6-7.5V5z',
  source: 'M10 3c3.5 0 6 .9 6 2.2S13.5 7.5 10 7.5 4 6.6 4 5.2 6.5 3 10 3zM4 5.2v9.6C4 16 6.5 17 10 17s6-1 6-2.2V5.2M4 10c0 1.3 2.5 2.3 6 2.3s6-1 6-2.3',
  bell: 'M5 14h10l-1.5-2V9a3.5 3.5 0 0 0-7 0v3zM8.5 16.5h3',
  certificate: 'M4 3.5h12v9H4zM7 6.5h6M7 9h4M12 12.5v4.5l2-1.3 2 1.3v-4.5',
  audit: 'M5 3h10v14H5zM7.5 7l1 1 1.5-2M7.5 12l1 1 1.5-2M12 7.5h1.5M12 12.5h1.5',
  roles: 'M7 3.5a3 3 0 1 1 0 6 3 3 0 0 1 0-6zM2 16.5c0-3 2-4.5 5-4.5M11 13.5l2 2 4-4.5',
  settings: 'M4 6h7M14 6h2M4 10h2M9 10h7M4 14h8M15 14h1M12.5 4.5v3M7.5 8.5v3M13.5 12.5v3',
  add: 'M10 4v12M4 10h12',
  search: 'M12.8 12.8 17 17M8.5 3a5.5 5.5 0 1 1 0 11 5.5 5.5 0 0 1 0-11z',
  refresh: 'M15.5 7.5A6 6 0 1 0 16 10.5M16 3.5v4h-4',
  download: 'M10 3v9M6 8.5 10 12.5l4-4M4 16.5h12',
  edit: 'M4 16l.7-3L13 4.7 15.3 7 7 15.3z',
  remove: 'M4 5.5h12M8 5.5V4h4v1.5M5.5 5.5 6.3 17h7.4l.8-11.5M8.5 8.5v5.5M11.5 8.5v5.5',
  close: 'M4.5 4.5l11 11m0-11-11 11',
  check: 'M4 10.5l4 4 8-9',
  more: 'M4.5 10h.01M10 10h.01M15.5 10h.01',
  columns: 'M3.5 4h13v12h-13zM8 4v12M12.5 4v12',
  up: 'M10 16.5V4M5 9l5-5 5 5',
  down: 'M10 3.5V16M5 11l5 5 5-5',
  left: 'M12.5 4.5 7 10l5.5 5.5',
  right: 'M7.5 4.5 13 10l-5.5 5.5',
  pause: 'M7 4v12M13 4v12',
  play: 'M6 4l10 6-10 6z',
  command: 'M3 4.5h14v11H3zM6 8l2.5 2L6 12M10 12.5h4',
  copy: 'M7 7h9v9H7zM13 7V4H4v9h3',
  clock: 'M10 2.5a7.5 7.5 0 1 1 0 15 7.5 7.5 0 0 1 0-15zM10 6v4.5l3 1.5',
  sun: 'M10 6.5a3.5 3.5 0 1 1 0 7 3.5 3.5 0 0 1 0-7zM10 2v1.5M10 16.5V18M2 10h1.5M16.5 10H18M4.3 4.3l1 1M14.7 14.7l1 1M4.3 15.7l1-1M14.7 5.3l1-1',
  menu: 'M3 5.5h14M3 10h14M3 14.5h14',
  link: 'M8.5 11.5l3-3M9 6.5l2-2a3 3 0 0 1 4.5 4.5l-2 2M11 13.5l-2 2A3 3 0 0 1 4.5 11l2-2',
  warning: 'M10 3 18 17H2zM10 8v4.5M10 14.7v.01',
  info: 'M10 2.5a7.5 7.5 0 1 1 0 15 7.5 7.5 0 0 1 0-15zM10 9v5M10 6.2v.01',
  filter: 'M3 4.5h14l-5.5 6V16l-3-1.5v-4z',
  save: 'M4 4h10l2.5 2.5V16H4zM7 4v4h6V4M7 16v-5h6v5',
  live: 'M10 8.5a1.5 1.5 0 1 1 0 3 1.5 1.5 0 0 1 0-3zM6.5 6.5a5 5 0 0 0 0 7M13.5 6.5a5 5 0 0 1 0 7M4 4a8.5 8.5 0 0 0 0 12M16 4a8.5 8.5 0 0 1 0 12',
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name, size = 20 }: { name: IconName; size?: number }) {
  return (
    <svg viewBox="0 0 20 20" width={size} height={size} fill="none" stroke="currentColor" strokeWidth={1.4} strokeLinecap="round" strokeLinejoin="round" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}
