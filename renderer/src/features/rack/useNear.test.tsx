import { act, cleanup, screen, within } from '@testing-library/react';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { guest, host } from '../../testing/model.ts';
import { openPage } from '../../testing/open.tsx';

/** What the page observes: all of it is in sight until a test says otherwise. */
class Sight {
  static all: Sight[] = [];
  readonly root: Element | null;
  private readonly say: IntersectionObserverCallback;
  private element: Element | null = null;
  constructor(say: IntersectionObserverCallback, { root = null }: { root?: Element | null }) {
    this.say = say;
    this.root = root;
    Sight.all.push(this);
  }
  observe(element: Element): void {
    this.element = element;
    this.tell(true);
  }
  tell(isIntersecting: boolean): void {
    this.say([{ isIntersecting } as IntersectionObserverEntry], this as unknown as IntersectionObserver); // of both only that is read
  }
  disconnect(): void {
    this.element = null;
  }
  static of(element: Element): Sight | undefined {
    return Sight.all.find((one) => one.element === element);
  }
}

beforeEach(() => void vi.stubGlobal('IntersectionObserver', Sight));
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
  Sight.all = [];
});

const strip = (label: string) => screen.findByRole('region', { name: `Host ${label}` });
const away = async (label: string, isAway = true) => {
  const sight = Sight.of(await strip(label));
  act(() => sight?.tell(!isAway));
};
const blocks = async (label: string) =>
  within(await strip(label))
    .queryAllByRole('button', { name: /, running/ })
    .map((one) => one.querySelector('[aria-hidden]')?.textContent);

function open() {
  const hosts = [host('tokyo'), host('osaka')];
  return openPage({ hosts, guests: [guest('tokyo', 'mail', 'running', 4096), guest('osaka', 'files', 'running', 4096)] });
}

test('near is measured against what scrolls the rack', async () => {
  const { office } = open();
  const scroller = (await strip('tokyo')).parentElement?.parentElement?.parentElement;
  if (!scroller) throw new Error('the rack stands nowhere');
  scroller.style.overflowY = 'auto';
  office.hosts.put(host('nagoya'));
  expect(Sight.of(await strip('nagoya'))?.root).toBe(scroller);
});

test('a strip scrolled away is not drawn, but for the one that has the focus', async () => {
  const { user } = open();
  await user.click(await screen.findByRole('button', { name: /^mail, running/ }));
  await away('tokyo');
  await away('osaka');
  expect([await blocks('tokyo'), await blocks('osaka')]).toEqual([['mail'], []]);
  act(() => void window.dispatchEvent(new FocusEvent('blur')));
  expect(await blocks('tokyo')).toEqual(['mail']);
  await away('osaka', false);
  await act(async () => screen.getByRole('button', { name: /^files, running/ }).focus());
  expect([await blocks('tokyo'), await blocks('osaka')]).toEqual([[], ['files']]);
});

test('the home of what is in the hand stays, whoever has the focus; put back, it goes', async () => {
  const { user } = open();
  (await screen.findByRole('button', { name: /^mail, running/ })).focus();
  await user.keyboard(' ');
  await away('tokyo');
  act(() => (document.activeElement as HTMLElement).blur());
  expect(await blocks('tokyo')).toEqual(['mail']);
  await user.keyboard('{Escape}');
  expect(await blocks('tokyo')).toEqual([]);
});
