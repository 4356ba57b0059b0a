import { direction } from '../format/number';

const width = 80;
const height = 20;

/** A line of a few values without axes: the figure beside it says where it stands. */
export function Spark({ values, tone = '' }: { values: readonly number[]; tone?: ReturnType<typeof direction> }) {
  if (values.length < 2) return <svg class="spark" viewBox={`0 0 ${width} ${height}`} aria-hidden="true" />;
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const x = (at: number) => ((at / (values.length - 1)) * width).toFixed(1);
  const y = (value: number) => (height - 2 - ((value - low) / (high - low || 1)) * (height - 4)).toFixed(1);
  const line = values.map((value, at) => `${x(at)},${y(value)}`).join(' ');
  return (
    <svg
      class="spark"
      viewBox={`0 0 ${width} ${height}`}
      preserveAspectRatio="none"
      aria-hidden="true"
      data-tone={tone}
    >
      <polyline points={line} fill="none" vector-effect="non-scaling-stroke" />
    </svg>
  );
}
