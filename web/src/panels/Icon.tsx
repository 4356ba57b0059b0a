/** The few pictures of the page, as lines that take the colour of their text; a font may lack what it is asked for. */
const paths = {
  pause: 'M6 4v12M14 4v12',
  play: 'M6 4l10 6-10 6z',
  settings: 'M3 6h7m4 0h3M3 14h3m4 0h7M10 4v4M10 12v4M14 4v4M6 12v4',
  search: 'M9 4a5 5 0 1 0 0 10A5 5 0 0 0 9 4M13 13l4 4',
  market: 'M3 16V9M8 16V4M13 16v-6M18 16V7',
  account: 'M10 10a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7M3 17c1-4 4-5 7-5s6 1 7 5',
  orders: 'M3 5h14M3 10h14M3 15h9',
  feed: 'M2 11h4l2-6 4 11 2-5h4',
  lock: 'M5 9h10v8H5zM7 9V6a3 3 0 0 1 6 0v3',
  more: 'M4 10h.01M10 10h.01M16 10h.01',
} as const;

export function Icon({ name }: { name: keyof typeof paths }) {
  return (
    <svg class="icon-lines" viewBox="0 0 20 20" aria-hidden="true">
      <path d={paths[name]} />
    </svg>
  );
}
