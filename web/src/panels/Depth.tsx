/** How much lies in the book up to each price: steps on a canvas, zoomed by wheel and keys. */
import { useEffect, useRef } from 'preact/hooks';
import { lookOf, faded } from '../charts/look';
import { desk } from '../app/desk';
import { looks } from '../app/settings';
import { middle, pixels } from '../format/decimal';
import { compact, narrowPrice } from '../format/number';
import type { Level } from '../state/book';
import { setText } from './rows';
import { useBeat } from './parts';

interface Step {
  price: string;
  at: number;
  total: number;
  cost: number;
}

/** Cumulated for the pixel; what is read as a number comes from the book's own rows. */
function cumulate(levels: readonly Level[]): Step[] {
  let total = 0;
  let cost = 0;
  return levels.map(([price, size]) => {
    const at = pixels(price);
    total += pixels(size);
    cost += at * pixels(size);
    return { price, at, total, cost };
  });
}

export function Depth() {
  const canvas = useRef<HTMLCanvasElement>(null);
  const hint = useRef<HTMLParagraphElement>(null);
  const zoom = useRef<number | null>(null);
  const pointer = useRef<number | null>(null);
  const paint = (): void => draw(canvas.current, hint.current, zoom, pointer.current);
  useBeat('market', paint);
  useEffect(() => {
    const sized = new ResizeObserver(paint);
    sized.observe(canvas.current!);
    const stops = [looks.subscribe(paint), desk.market.subscribe(() => (zoom.current = null))];
    return () => {
      sized.disconnect();
      for (const stop of stops) stop();
    };
  }, []);
  const scale = (factor: number): void => {
    if (zoom.current !== null) zoom.current *= factor;
    paint();
  };
  return (
    <div class="depth">
      <canvas
        ref={canvas}
        data-testid="depth"
        tabIndex={0}
        role="img"
        aria-label="Depth of the book around the middle. Plus and minus zoom; the book beside it has the numbers."
        onWheel={(event) => {
          event.preventDefault();
          scale(Math.exp(event.deltaY / 1000));
        }}
        onPointerMove={(event) => {
          pointer.current = event.offsetX;
          paint();
        }}
        onPointerLeave={() => {
          pointer.current = null;
          paint();
        }}
        onKeyDown={(event) => {
          if (event.key !== '+' && event.key !== '-' && event.key !== '=') return;
          event.preventDefault();
          event.stopPropagation();
          scale(event.key === '-' ? 1.25 : 0.8);
        }}
      />
      <p class="depth-hint" ref={hint} aria-hidden="true" />
    </div>
  );
}

/** The nearer of 1.5 % of the middle and half way to the farthest level. */
function firstZoom(mid: number, bids: Step[], asks: Step[]): number {
  const farthest = Math.max(mid - (bids.at(-1)?.at ?? mid), (asks.at(-1)?.at ?? mid) - mid);
  return Math.max(mid * 1e-6, Math.min(mid * 0.015, farthest / 2));
}

function draw(
  canvas: HTMLCanvasElement | null,
  hint: HTMLElement | null,
  zoom: { current: number | null },
  pointer: number | null,
): void {
  const topic = desk.book;
  const pen = canvas?.getContext('2d');
  if (!canvas || !hint || !pen || !topic) return;
  const [bid] = topic.store.bids;
  const [ask] = topic.store.asks;
  const ratio = devicePixelRatio;
  const { clientWidth: width, clientHeight: height } = canvas;
  if (canvas.width !== width * ratio || canvas.height !== height * ratio) {
    canvas.width = width * ratio;
    canvas.height = height * ratio;
  }
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  pen.clearRect(0, 0, width, height);
  if (!bid || !ask) return;
  const look = lookOf(canvas);
  const mid = pixels(middle(bid[0], ask[0]));
  const bids = cumulate(topic.store.bids);
  const asks = cumulate(topic.store.asks);
  const reach = (zoom.current ??= firstZoom(mid, bids, asks));
  const foot = height - 22;
  const x = (price: number): number => width / 2 + ((price - mid) / reach) * (width / 2) * 0.96;
  const seen = (step: Step): boolean => Math.abs(step.at - mid) <= reach * 1.04;
  const most = Math.max(...[...bids.filter(seen), ...asks.filter(seen)].map((step) => step.total), Number.MIN_VALUE);
  const y = (total: number): number => foot - (total / most) * foot * 0.95;

  const side = (steps: Step[], colour: string, edge: number): void => {
    pen.beginPath();
    pen.moveTo(x(steps[0]?.at ?? mid), foot);
    let before = foot;
    for (const step of steps) {
      pen.lineTo(x(step.at), before);
      before = y(step.total);
      pen.lineTo(x(step.at), before);
    }
    pen.lineTo(edge, before);
    pen.lineTo(edge, foot);
    pen.closePath();
    pen.fillStyle = faded(colour, '33');
    pen.fill();
    pen.strokeStyle = colour;
    pen.lineWidth = 1.5;
    pen.stroke();
  };
  side(bids, look.up, -2);
  side(asks, look.down, width + 2);

  const shade = (from: number, to: number): void => {
    if (to <= from) return;
    pen.fillStyle = faded(look.muted, '22');
    pen.fillRect(from, 0, to - from, foot);
  };
  const known = topic.knownTo;
  if (known?.bid) shade(0, x(pixels(known.bid)));
  if (known?.ask) shade(x(pixels(known.ask)), width);

  const tick = desk.marketOf(desk.market.peek())?.tickSize;
  pen.fillStyle = look.muted;
  pen.font = '11px system-ui, sans-serif';
  pen.textAlign = 'center';
  for (const share of [-0.75, -0.5, -0.25, 0, 0.25, 0.5, 0.75]) {
    const price = mid + share * reach;
    pen.fillText(
      narrowPrice(price.toFixed(Math.min(20, (tick?.split('.')[1] ?? '').length)), tick),
      x(price),
      height - 6,
    );
  }
  pen.textAlign = 'right';
  pen.fillText(compact(most.toFixed(2)), width - 6, y(most) + 12);

  if (pointer === null) {
    setText(hint, '\u00a0');
    return;
  }
  const price = mid + ((pointer - width / 2) / (width / 2) / 0.96) * reach;
  const steps = price < mid ? bids : asks;
  const step = steps.filter((one) => (price < mid ? one.at >= price : one.at <= price)).at(-1) ?? steps[0]!;
  pen.strokeStyle = look.muted;
  pen.setLineDash([3, 3]);
  pen.beginPath();
  pen.moveTo(pointer, 0);
  pen.lineTo(pointer, foot);
  pen.stroke();
  pen.setLineDash([]);
  const away = ((step.at - mid) / mid) * 100;
  const words = `${price < mid ? 'Bids' : 'Asks'} to ${narrowPrice(step.price, tick)} (${away.toFixed(2)} %): ${compact(step.total.toFixed(4))}, $${compact(step.cost.toFixed(2))}`;
  setText(hint, words);
}
