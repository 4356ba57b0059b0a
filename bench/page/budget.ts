/** The figures that were measured, beside what they may be. */

export interface Figure {
  name: string;
  value: number;
  unit: string;
  /** At most this; null: told, not judged. */
  budget: number | null;
  /** The budget is a least, not a most. */
  least?: boolean;
}

export function figure(
  name: string,
  value: number,
  unit: string,
  budget: number | null = null,
): Figure {
  return { name, value, unit, budget };
}

const holds = ({ value, budget, least }: Figure): boolean =>
  budget === null || (least ? value >= budget : value <= budget);

const number = (value: number): string =>
  value.toLocaleString("en-GB", {
    maximumFractionDigits:
      Math.abs(value) < 10 ? 3 : Math.abs(value) < 100 ? 1 : 0,
  });

/** Prints a table; returns whether all budgets hold. */
export function tell(title: string, figures: readonly Figure[]): boolean {
  console.log(`\n${title}\n`);
  console.log("| figure | measured | budget | |\n| --- | ---: | ---: | --- |");
  for (const one of figures) {
    const budget =
      one.budget === null
        ? ""
        : `${one.least ? "≥" : "≤"} ${number(one.budget)} ${one.unit}`;
    const verdict = one.budget === null ? "" : holds(one) ? "ok" : "MISS";
    console.log(
      `| ${one.name} | ${number(one.value)} ${one.unit} | ${budget} | ${verdict} |`,
    );
  }
  return figures.every(holds);
}

/** The value that a share of all are at or below. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return (
    sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ??
    Number.NaN
  );
}
