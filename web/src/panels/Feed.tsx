/** How true the page is: the state of each way the data takes, in figures. */
import { beats } from '../app/beats';
import { desk } from '../app/desk';
import { blockAge, milliseconds, seconds } from '../app/rates';
import { open } from '../app/windows';
import { Panel } from './Panel';
import { Num } from './parts';
import { Reconnect } from './Reconnect';
import { Spark } from './Spark';
import '../styles/account.css';

export function Feed() {
  void beats.second.value;
  const { standing, figure, words, tone, act } = desk.overall.value;
  const { latency } = desk.vitals;
  return (
    <Panel
      name="feed"
      title="Feed"
      head={
        <div class="tools">
          {act === 'reconnect' && <Reconnect />}
          <button onClick={() => (open.value = 'feed')} data-testid="feed-details">
            Details
          </button>
        </div>
      }
    >
      <p class="state" data-tone={tone}>
        <b>{standing}</b> {figure}
      </p>
      <dl class="figures five">
        <Fact name="Block age" value={seconds(blockAge())} />
        <Fact name="Gateway" value={milliseconds(desk.client.roundTrip)} />
        <Fact name="To glass" value={milliseconds(latency.newest)} testId="to-glass" />
        <Fact name="Repairs" value={String(desk.log.repairs)} />
        <Fact name="Recovered" value={String(desk.log.recovered)} />
      </dl>
      <p class="words">{words}</p>
      {act === null && latency.medians.length > 1 && (
        <figure class="latency" title="From the gateway's knowledge to this page's glass, medians of five seconds">
          <Spark values={latency.medians} />
          <figcaption>To glass, 5 min, most {milliseconds(Math.max(...latency.medians))}</figcaption>
        </figure>
      )}
    </Panel>
  );
}

export function Fact({ name, value, testId }: { name: string; value: string; testId?: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        <Num text={value} exact={value} {...(testId ? { testId } : {})} />
      </dd>
    </div>
  );
}
