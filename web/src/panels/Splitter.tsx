import { settings } from '../app/settings';

const lowest = 160;
const highest = 600;

/** Between market and tables: dragged by the pointer, moved by arrow keys, closed by Enter. */
export function Splitter() {
  const height = (): number => Number(settings.bottomHeight.value) || 0;
  const set = (value: number): void => {
    settings.bottomHeight.value = String(
      value < lowest / 2 ? 36 : Math.round(Math.max(lowest, Math.min(highest, value))),
    );
  };
  const drag = (event: PointerEvent): void => {
    const handle = event.currentTarget as HTMLElement;
    const [from, before] = [event.clientY, height()];
    handle.setPointerCapture(event.pointerId);
    const move = (moved: PointerEvent): void => set(before + from - moved.clientY);
    const end = (): void => {
      handle.removeEventListener('pointermove', move);
      handle.removeEventListener('pointerup', end);
      handle.removeEventListener('pointercancel', end);
    };
    handle.addEventListener('pointermove', move);
    handle.addEventListener('pointerup', end);
    handle.addEventListener('pointercancel', end);
  };
  const press = (event: KeyboardEvent): void => {
    const steps: Record<string, number> = { ArrowUp: 24, ArrowDown: -24, Home: -1000, End: 1000 };
    if (event.key === 'Enter') set(height() > lowest / 2 ? 0 : 276);
    else if (event.key in steps) set(height() + steps[event.key]!);
    else return;
    event.preventDefault();
  };
  return (
    <div
      class="splitter"
      role="separator"
      tabIndex={0}
      aria-orientation="horizontal"
      aria-label="Height of the tables; Enter closes them"
      aria-valuenow={height()}
      aria-valuemin={36}
      aria-valuemax={highest}
      data-testid="splitter"
      onPointerDown={drag}
      onKeyDown={press}
    />
  );
}
