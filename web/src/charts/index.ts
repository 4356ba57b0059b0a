/** Everything that needs the chart library, loaded as one file beside the page. */
export { drawFunding, type RatePoint } from './fundingChart';
export { PriceChart, type AccountLine, type ChartState, type FillMark } from './priceChart';
