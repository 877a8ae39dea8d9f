// The contract's calls over the server shell's socket, as the page speaks them.
import { WebSocket } from 'ws';

/** Enters with the token and opens the calls' port. */
export async function openCalls(address) {
  const { origin } = new URL(address);
  const entered = await fetch(address, { redirect: 'manual' });
  const cookie = (entered.headers.get('set-cookie') ?? '').split(';')[0];
  const socket = new WebSocket(`${origin.replace('http', 'ws')}/port/calls`, { headers: { cookie, origin } });
  await new Promise((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('error', reject);
  });
  const waiting = new Map();
  let next = 1;
  socket.on('message', (data) => {
    const answer = JSON.parse(data.toString());
    const one = waiting.get(answer.id);
    if ('item' in answer) one?.item?.(answer.item);
    else if (answer.ok) one?.done?.(answer.value);
    else one?.failed?.(Object.assign(new Error(JSON.stringify(answer.problem)), { problem: answer.problem }));
  });
  const ask = (kind, name, input, one) => {
    const id = next++;
    waiting.set(id, one);
    socket.send(JSON.stringify({ ask: kind, id, name, input }));
  };
  return {
    call: (name, input) => new Promise((done, failed) => ask('call', name, input, { done, failed })),
    feed: (name, input, item) => ask('feed', name, input, { item }),
    close: () => socket.terminate(),
  };
}
