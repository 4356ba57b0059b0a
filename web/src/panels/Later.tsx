/** A part of the page whose script comes after the connection is there: the shell, the book and the tape wait for nothing. */
import { useSignal } from '@preact/signals';
import type { ComponentType } from 'preact';
import { useEffect } from 'preact/hooks';
import { desk } from '../app/desk';
import { Fence } from './Panel';

const waitAtMost = 1_500;

/** Once the gateway has greeted us, or it takes long. */
export const connected = new Promise<void>((done) => {
  desk.listen((news) => {
    if (news.kind === 'connected') done();
  });
  setTimeout(done, waitAtMost);
});

interface LaterProps {
  load: () => Promise<ComponentType>;
  /** What keeps its place until then. */
  class: string;
  /** What its script waits for. */
  first?: Promise<void>;
}

export function Later({ load, class: name, first = connected }: LaterProps) {
  const loaded = useSignal<{ Part: ComponentType } | null>(null);
  const failed = useSignal(false);
  const fetchPart = (): void => {
    failed.value = false;
    first
      .then(load)
      .then((Part) => (loaded.value = { Part }))
      .catch(() => (failed.value = true));
  };
  useEffect(fetchPart, []);
  const Part = loaded.value?.Part;
  if (Part) {
    return (
      <Fence name={name} class={name}>
        <Part />
      </Fence>
    );
  }
  return (
    <section class={name} aria-busy="true">
      {failed.value && (
        <div class="failure" role="alert">
          <p>This part of the page could not be loaded.</p>
          <button onClick={fetchPart}>Try again</button>
        </div>
      )}
    </section>
  );
}
